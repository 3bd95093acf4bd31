//! A program that is killed outright leaves no machine behind, and its folder only for a moment.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::desktop::{built, data_home, on_a_desktop};
use crate::program::{Environment, finish};

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

fn processes() -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("a list of processes").flatten();
    let lines = processes.filter_map(|process| fs::read(process.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).collect()
}

/// The processes that have a file of this folder open: a machine is given its files open.
fn holding(folder: &Path) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("a list of processes").flatten();
    let has_one = |process: &fs::DirEntry| {
        let files = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
        { files }.any(|file| fs::read_link(file.path()).is_ok_and(|to| to.starts_with(folder)))
    };
    let held = processes.filter(has_one);
    held.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

/// The command lines of all processes that name the clone of this folder.
fn naming(folder: &Path) -> Vec<String> {
    let lines = processes().into_iter();
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

/// What would change of a file if somebody had written it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: PathBuf,
    bytes: u64,
    modified: (i64, i64),
    /// Where its content is worth the time.
    sha256: Option<String>,
}

/// How closely files are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Lengths and times.
    Passing,
    /// Every byte.
    Whole,
}

/// Every file of this folder.
fn look(folder: &Path, how: Look) -> Vec<Seen> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, about) = (entry.path(), entry.metadata().expect("it is there"));
        // What is being built has no name yet.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if about.is_dir() {
            found.extend(look(&path, how));
            continue;
        }
        let sha256 = (how == Look::Whole).then(|| sha256(&path));
        let modified = (about.mtime(), about.mtime_nsec());
        found.push(Seen { path, bytes: about.len(), modified, sha256 });
    }
    found.sort();
    found
}

fn sha256(path: &Path) -> String {
    let said = Command::new("sha256sum").arg(path).output().expect("it runs");
    assert!(said.status.success(), "{path:?}");
    String::from_utf8_lossy(&said.stdout).split(' ').next().expect("a sum").to_owned()
}

fn images_and_templates(how: Look) -> Vec<Seen> {
    let store = data_home().join("deskbound");
    ["images", "templates"].iter().flat_map(|folder| look(&store.join(folder), how)).collect()
}

/// What the program is at when it is killed.
#[derive(Clone, Copy, Debug)]
enum At {
    Start,
    Checkpoint,
    Build,
    Settle,
}

/// An instant before a limit, another one for each trial.
fn instant(trial: u32, limit_ms: u64) -> Duration {
    Duration::from_millis(u64::from(trial + 1) * 7919 % limit_ms)
}

fn spawn(environment: &Environment, data: &Path, words: &[&str]) -> Killed {
    let mut command = environment.command(words);
    command.env("XDG_DATA_HOME", data).stdout(Stdio::null()).stderr(Stdio::null());
    Killed(command.spawn().expect("the program starts"))
}

/// Kills a program that starts a desktop and runs a command in it: from before the first file is made
/// to long after the desktop runs.
fn kill_at_start(environment: &Environment, trial: u32) -> Killed {
    let words = ["vm", "run", "--", "sleep", "600"];
    let mut program = spawn(environment, &data_home(), &words);
    thread::sleep(instant(trial, 1511));
    program.0.kill().expect("it can be killed");
    program
}

/// Kills a program that takes a checkpoint for another one.
fn kill_at_checkpoint(environment: &Environment, trial: u32) -> Killed {
    let mut owner = spawn(environment, &data_home(), &["vm", "start"]);
    let name = format!("desk-{}-1", owner.0.id());
    let socket = data_home().join("deskbound/clones").join(&name).join("owner");
    assert!(seen(START_LIMIT, || socket.exists()), "{name} does not come up");
    let _asking = spawn(environment, &data_home(), &["vm", "checkpoint", &name, "c"]);
    thread::sleep(instant(trial, 307));
    owner.0.kill().expect("it can be killed");
    owner
}

/// Kills a program that builds an image in a store of its own, and looks whether all that it started
/// ends and all that it made goes.
fn kill_at_build(environment: &Environment, trial: u32) {
    let data = tempfile::tempdir().expect("a folder");
    let mut program = spawn(environment, data.path(), &["vm", "build"]);
    thread::sleep(instant(trial, 6007));
    program.0.kill().expect("it can be killed");
    let path = data.path().to_string_lossy().into_owned();
    let left = || processes().into_iter().filter(|line| line.contains(&path)).collect::<Vec<_>>();
    assert!(seen(END_LIMIT, || left().is_empty()), "trial {trial}: {:?}", left());
    let mut list = environment.command(&["vm", "list"]);
    list.env("XDG_DATA_HOME", data.path());
    assert_eq!(finish(list).code, Some(0));
    let images = fs::read_dir(data.path().join("deskbound/images")).expect("a store");
    let names: Vec<_> = images.flatten().map(|image| image.file_name()).collect();
    assert!(names.is_empty(), "trial {trial}: {names:?}");
}

/// Kills a program that makes a template, in a store of its own with the user's image in it, and
/// looks whether its machine ends and all that it made goes.
fn kill_at_settling(environment: &Environment, trial: u32) {
    let theirs = data_home().join("deskbound");
    // On the same disk, for its files have two names then.
    let data = tempfile::tempdir_in(&theirs).expect("a folder");
    let own = data.path().join("deskbound");
    for image in fs::read_dir(theirs.join("images")).expect("a store").flatten() {
        let to = own.join("images").join(image.file_name());
        fs::create_dir_all(&to).expect("made");
        for file in fs::read_dir(image.path()).expect("an image").flatten() {
            fs::hard_link(file.path(), to.join(file.file_name())).expect("linked");
        }
    }
    let mut program = spawn(environment, data.path(), &["vm", "settle"]);
    thread::sleep(instant(trial, 20_011));
    program.0.kill().expect("it can be killed");
    let path = data.path().to_string_lossy().into_owned();
    let is_its = || processes().into_iter().filter(|line| line.contains(&path)).collect::<Vec<_>>();
    let left = || is_its().into_iter().chain(holding(data.path())).collect::<Vec<_>>();
    assert!(seen(END_LIMIT, || left().is_empty()), "trial {trial}: {:?}", left());
    let mut list = environment.command(&["vm", "list"]);
    list.env("XDG_DATA_HOME", data.path());
    assert_eq!(finish(list).code, Some(0));
    let templates = fs::read_dir(own.join("templates")).expect("a store");
    let names: Vec<_> = templates.flatten().map(|template| template.file_name()).collect();
    assert!(names.is_empty(), "trial {trial}: {names:?}");
}

/// Kills the program at whatever it does, each time at another instant.
fn kill_at_some_instants(trials: u32, how: Look) {
    let environment = Environment::new();
    built(&environment);
    let before = images_and_templates(how);
    for trial in 0..trials {
        let at = [At::Start, At::Checkpoint, At::Build, At::Settle][trial as usize % 4];
        let mut program = match at {
            At::Start => kill_at_start(&environment, trial),
            At::Checkpoint => kill_at_checkpoint(&environment, trial),
            At::Build => {
                kill_at_build(&environment, trial);
                continue;
            }
            At::Settle => {
                kill_at_settling(&environment, trial);
                continue;
            }
        };
        let name = format!("-name desk-{}-", program.0.id());
        let left = || processes().into_iter().filter(|line| line.contains(&name)).count();
        assert!(seen(END_LIMIT, || left() == 0), "trial {trial}, {at:?}: a machine lives on");
        let listed = on_a_desktop(&environment, &["vm", "list"], LIST_LIMIT);
        assert_eq!(listed.code, Some(0), "{}{}", listed.stdout, listed.stderr);
        assert_eq!(clone_of(program.0.id()), None, "trial {trial}, {at:?}");
        program.0.wait().expect("it can be waited for");
    }
    // Another test may finish a template of its own in the meantime.
    let after = images_and_templates(how);
    let changed: Vec<_> = before.iter().filter(|file| !after.contains(file)).collect();
    assert!(changed.is_empty(), "an image or a template was written: {changed:?}");
}

#[test]
fn whenever_it_is_killed_nothing_is_left() {
    kill_at_some_instants(4, Look::Passing);
}

#[test]
#[ignore = "long: fifty kills"]
fn long_whenever_it_is_killed_nothing_is_left() {
    kill_at_some_instants(50, Look::Whole);
}
