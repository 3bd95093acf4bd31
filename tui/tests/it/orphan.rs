//! A program that is killed outright leaves no machine behind, and its folder only for a moment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::desktop::{built, data_home, on_a_desktop};
use crate::program::Environment;

/// A clone's QEMU, where both cores are busy with something else.
const START_LIMIT: Duration = Duration::from_secs(60);
/// From the owner's death to the death of all it started.
const END_LIMIT: Duration = Duration::from_secs(2);
const LIST_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(5);

/// Kills the program it holds, so that a test that fails leaves none behind either.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The command lines of all processes that name the clone of this folder.
fn naming(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("a list of processes").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    // With what follows it, or `desk-1-1` would be found in `desk-1-10` too.
    let name = folder.file_name().expect("a clone's folder has its name").to_string_lossy();
    let name = format!("-name {name} ");
    lines.filter(|line| line.contains(&name)).collect()
}

/// Looks until `what` is seen; whether it was, within the limit.
fn seen(limit: Duration, mut what: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if what() {
            return true;
        }
        if started.elapsed() > limit {
            return false;
        }
        thread::sleep(POLL);
    }
}

/// Clones are named after the process that owns them.
fn clone_of(owner: u32) -> Option<PathBuf> {
    let clones = fs::read_dir(data_home().join("deskbound/clones")).ok()?.flatten();
    let mut clones = clones.map(|clone| clone.path());
    let prefix = format!("desk-{owner}-");
    clones.find(|path| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with(&prefix)))
}

#[test]
fn a_killed_program_takes_its_machine_with_it() {
    let environment = Environment::new();
    built(&environment);
    let mut command = environment.command(&["vm", "run", "--", "sleep", "600"]);
    command.env("XDG_DATA_HOME", data_home()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut program = Killed(command.spawn().expect("the program starts"));
    let mut folder = None;
    let is_running = || {
        folder = clone_of(program.0.id());
        let lines = folder.as_deref().map(naming).unwrap_or_default();
        lines.iter().any(|line| line.contains("qemu-system"))
    };
    assert!(seen(START_LIMIT, is_running), "no machine on {folder:?}");
    let folder = folder.expect("the machine runs on it");
    program.0.kill().expect("it can be killed");
    assert!(seen(END_LIMIT, || naming(&folder).is_empty()), "{:?}", naming(&folder));
    // Before it is waited for: nothing that ends here may hang on that.
    program.0.wait().expect("it can be waited for");
    let listed = on_a_desktop(&environment, &["vm", "list"], LIST_LIMIT);
    assert_eq!(listed.code, Some(0), "{}{}", listed.stdout, listed.stderr);
    assert!(!folder.exists(), "{}", folder.display());
}
