//! Starting applications by their desktop entries, and files by what the session has for them.

use std::{
    env, io,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    thread,
};

use deskbound_guest::{
    Answer,
    entry::{DesktopEntry, Start, open_with},
};

use crate::job::refused;

pub(super) fn open(target: &str) -> Answer {
    match open_with(target, |start| spawn(command(start))) {
        Ok(child) => started(child),
        Err(error) => refused(&error.to_string()),
    }
}

pub(super) fn launch(desktop_id: &str, targets: &[String]) -> Answer {
    let start = DesktopEntry::of_id(desktop_id).and_then(|entry| entry.start(targets));
    let start = match start {
        Ok(start) => start,
        Err(error) => return refused(&error.to_string()),
    };
    match spawn(command(&start)) {
        Ok(child) => started(child),
        Err(error) => refused(&format!("`{}` does not start: {error}", start.argv[0])),
    }
}

fn command(start: &Start) -> Command {
    let mut command = Command::new(&start.argv[0]);
    command.args(&start.argv[1..]);
    let folder = start.folder.as_ref().map(Into::into);
    if let Some(folder) = folder.or_else(|| env::var_os("HOME")) {
        command.current_dir(folder);
    }
    command
}

fn started(mut child: Child) -> Answer {
    let pid = child.id();
    thread::spawn(move || child.wait());
    Answer::Started { pid }
}

fn spawn(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn()
}
