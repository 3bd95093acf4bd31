//! Starts applications of the user's own session, outside the confinement.
//!
//! What is started by a confined process inherits its cage for ever, and applications in the user's
//! session are the user's: they keep the user's own rights. So before `main` puts the confinement
//! on it starts this program once more, as a launcher. Over a socket pair it takes the name of an
//! application and files to open with it, or one file or address to open with what the session has
//! for it; nothing else: no command, no environment, no other program than those which the system's
//! desktop entries name.
//!
//! ```text
//!   main ── spawn ──▶ launcher ── desktop entry ──▶ application
//!    │ confine          ▲
//!    └──▶ run ── name, files (one datagram) ──┘ answers: started, or why not
//! ```

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbound_vm::{DesktopEntry, Start, open_with};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair, sockopt,
};
use serde::{Deserialize, Serialize};

use crate::action::Openable;

/// Longest request, and longest answer.
const MESSAGE_BYTES: usize = 16 << 10;
/// Files of one request.
const FILES_MAX: usize = 32;
/// For the launcher to read a desktop entry and to fork.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Request {
    Start { application: String, files: Vec<PathBuf> },
    Open { target: Openable },
}

#[derive(Debug, Serialize, Deserialize)]
enum Answer {
    Started,
    Refused { reason: String },
}

/// The confined side.
#[derive(Clone, Debug)]
pub struct Launcher {
    socket: Arc<Mutex<OwnedFd>>,
}

impl Launcher {
    /// Starts `program` with the words that make it a launcher. To be called before the confinement
    /// is on, and before there is a second thread.
    pub fn spawn(program: &Path, words: &[&str]) -> io::Result<Self> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        sockopt::set_socket_timeout(&ours, sockopt::Timeout::Recv, Some(ANSWER_LIMIT))?;
        let mut command = Command::new(program);
        command.args(words).stdin(Stdio::from(theirs)).stdout(Stdio::null());
        // It ends when its socket does, and nobody waits for it.
        command.spawn().map(drop)?;
        Ok(Self::over(ours))
    }

    fn over(socket: OwnedFd) -> Self {
        Self { socket: Arc::new(Mutex::new(socket)) }
    }

    /// Starts an application, by its desktop-id or by the name of its program.
    ///
    /// # Errors
    /// With the launcher's own reason.
    pub fn start(&self, application: &str, files: &[PathBuf]) -> io::Result<()> {
        self.ask(&Request::Start { application: application.to_owned(), files: files.to_vec() })
    }

    /// Opens a file or an address with what the session has for it.
    ///
    /// # Errors
    /// With the launcher's own reason.
    pub fn open(&self, target: &Openable) -> io::Result<()> {
        self.ask(&Request::Open { target: target.clone() })
    }

    fn ask(&self, request: &Request) -> io::Result<()> {
        let request = serde_json::to_vec(request).map_err(io::Error::other)?;
        // One request at a time: an answer does not say whose it is.
        let socket = self.socket.lock().unwrap_or_else(PoisonError::into_inner);
        send(&*socket, &request, SendFlags::NOSIGNAL)?;
        let mut answer = vec![0; MESSAGE_BYTES];
        let (length, _) = recv(&*socket, answer.as_mut_slice(), RecvFlags::empty())?;
        match serde_json::from_slice(&answer[..length]) {
            Ok(Answer::Started) => Ok(()),
            Ok(Answer::Refused { reason }) => Err(io::Error::other(reason)),
            Err(_) if length == 0 => Err(io::Error::other("the launcher has ended")),
            Err(error) => Err(io::Error::other(error)),
        }
    }
}

/// The unconfined side: serves until the other one has ended.
pub fn serve(socket: &OwnedFd) -> io::Result<()> {
    let mut request = vec![0; MESSAGE_BYTES];
    loop {
        let (length, _) = recv(socket, request.as_mut_slice(), RecvFlags::empty())?;
        if length == 0 {
            return Ok(());
        }
        let answer = match serde_json::from_slice(&request[..length]) {
            Ok(request) => match done(&request) {
                Ok(()) => Answer::Started,
                Err(reason) => Answer::Refused { reason },
            },
            Err(error) => Answer::Refused { reason: error.to_string() },
        };
        let answer = serde_json::to_vec(&answer).map_err(io::Error::other)?;
        send(socket, &answer, SendFlags::NOSIGNAL)?;
    }
}

fn done(request: &Request) -> Result<(), String> {
    match request {
        Request::Start { application, files } => start(application, files),
        Request::Open { target } => open(target),
    }
}

fn open(target: &Openable) -> Result<(), String> {
    if let Openable::File { path } = target {
        there(Path::new(path))?;
    }
    open_with(target.as_str(), spawn).map_err(|error| error.to_string())
}

/// The path of a file that is there.
fn there(path: &Path) -> Result<String, String> {
    match path.is_absolute() && path.exists() {
        true => Ok(path.to_string_lossy().into_owned()),
        false => Err(format!("there is no file {}", path.display())),
    }
}

fn start(name: &str, files: &[PathBuf]) -> Result<(), String> {
    let entry = DesktopEntry::of_id(name).or_else(|_| DesktopEntry::of_program(name));
    if files.len() > FILES_MAX {
        return Err(format!("more than {FILES_MAX} files"));
    }
    let files = files.iter().map(|file| there(file)).collect::<Result<Vec<_>, _>>()?;
    let start = entry.and_then(|entry| entry.start(&files)).map_err(|error| error.to_string())?;
    spawn(&start).map_err(|error| format!("`{}` does not start: {error}", start.argv[0]))
}

fn spawn(start: &Start) -> io::Result<()> {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(&start.argv[0]);
    command.args(&start.argv[1..]).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::null()).process_group(0);
    // As from a menu: not where the program that asks was started.
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_dir());
    if let Some(folder) = start.folder.as_ref().or(home.as_ref()) {
        command.current_dir(folder);
    }
    let mut child = command.spawn()?;
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A launcher in a thread of this process; its entries lie in the folder that is given.
    fn launcher() -> (Launcher, std::thread::JoinHandle<io::Result<()>>) {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
                .unwrap();
        let serving = std::thread::spawn(move || serve(&theirs));
        (Launcher::over(ours), serving)
    }

    #[test]
    fn only_applications_and_files_are_taken() {
        let (launcher, serving) = launcher();
        let refused = |application: &str, files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            launcher.start(application, &files).unwrap_err().to_string()
        };
        assert_eq!(refused("no-such-thing", &[]), "no application is called `no-such-thing`");
        assert_eq!(refused("/bin/sh", &[]), "no application is called `/bin/sh`");
        assert_eq!(refused("sh", &[]), "no application is called `sh`");
        assert_eq!(refused("sh", &["-c"]), "there is no file -c");
        assert_eq!(refused("sh", &["/nowhere"]), "there is no file /nowhere");
        let nowhere = "/nowhere".parse().unwrap();
        let error = launcher.open(&nowhere).unwrap_err().to_string();
        assert_eq!(error, "there is no file /nowhere");
        let raw = |request: &str| {
            let socket = launcher.socket.lock().unwrap();
            send(&*socket, request.as_bytes(), SendFlags::NOSIGNAL).unwrap();
            let mut answer = [0; 256];
            let (length, _) = recv(&*socket, &mut answer[..], RecvFlags::empty()).unwrap();
            String::from_utf8_lossy(&answer[..length]).into_owned()
        };
        for (request, part) in [
            (r#"{"argv":[]}"#, "unknown variant"),
            (r#"{"start":{"application":"sh","files":[],"argv":[]}}"#, "unknown field"),
            (r#"{"open":{"target":"--launch"}}"#, "no absolute path"),
            (r#"{"open":{"target":"javascript://a"}}"#, "are not opened"),
            (r#"{"open":{"target":"/a.desktop"}}"#, "would start a program"),
        ] {
            let answer = raw(request);
            assert!(answer.contains(part), "{answer}");
        }
        drop(launcher);
        serving.join().unwrap().unwrap();
    }

    #[test]
    fn files_that_are_there_pass() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a");
        fs::write(&file, "").unwrap();
        let (launcher, _serving) = launcher();
        let error = launcher.start("no-such-thing", &[file]).unwrap_err();
        assert_eq!(error.to_string(), "no application is called `no-such-thing`");
    }
}
