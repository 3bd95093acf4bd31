//! Desktops that stand: forked, started from what was kept, and ended by their lifetime.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desktop::data_home;
use crate::driving::Desk;

/// A desktop to come up or to end, where both cores are busy with something else.
const LIMIT: Duration = Duration::from_secs(120);
const NOTE: &str = "/home/desk/note.txt";

/// A process that holds a desktop and tells what becomes of it; killed with the test.
struct Told {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Told {
    fn start(desk: &Desk, words: &[&str]) -> Self {
        let mut command = desk.environment.command(&[&["vm"], words, &["--json"]].concat());
        command.env("XDG_DATA_HOME", data_home()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program starts");
        let lines = BufReader::new(process.stdout.take().expect("it is piped"));
        Self { process, lines }
    }

    /// The next event, which is of this kind.
    fn next(&mut self, event: &str) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("it is told");
        let told: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"));
        assert_eq!(told["event"], event, "{told}");
        assert!(told["accel"].is_string() && told["network"].is_array(), "{told}");
        told
    }

    fn started(&mut self) -> String {
        self.next("started")["desktop"].as_str().expect("a name").to_owned()
    }

    fn ended(mut self) {
        assert_eq!(self.next("ended")["why"], "time");
        assert!(self.process.wait().expect("it ends").success());
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_desktop_is_forked_kept_started_again_and_forgotten() {
    let desk = Desk::start();
    let name = desk.name();
    let kept = format!("kept-by-a-test-{}", std::process::id());
    let write = |of: &str, what: &str| {
        desk.done(&["run", of, "--", "sh", "-c", &format!("printf {what} > {NOTE}; sync")]);
    };
    let read = |of: &str| desk.done(&["run", of, "--", "cat", NOTE]);
    write(name, "one");
    desk.done(&["checkpoint", name, "one", "--keep", &kept]);
    write(name, "two");
    // From a checkpoint of before, and from how it is now.
    let mut before = Told::start(&desk, &["fork", name, "one"]);
    let mut now = Told::start(&desk, &["fork", name, "--for", "90m"]);
    let (before_name, now_name) = (before.started(), now.started());
    assert_eq!((read(&before_name), read(&now_name)), ("one".to_owned(), "two".to_owned()));
    write(&before_name, "three");
    assert_eq!(read(name), "two");
    drop((before, now));

    let mut again = Told::start(&desk, &["start", "--from", &kept]);
    assert_eq!(read(&again.started()), "one");
    drop(again);
    let listed: Value = serde_json::from_str(&desk.done(&["list", "--json"])).expect("JSON");
    let all = listed["kept"].as_array().expect("a list");
    let told = all.iter().find(|told| told["name"] == *kept).expect("it is kept");
    assert_eq!((&told["recipe"], &told["state"]), (&"minimal".into(), &"ready".into()), "{told}");
    assert!(told["accel"].is_string() && told["network"].is_array(), "{told}");
    let line = desk.done(&["list"]);
    assert!(
        line.lines().any(|line| line.starts_with(&*kept) && line.contains("ready, ")),
        "{line}"
    );
    deskbound_vm::Store::at(data_home().join("deskbound"))
        .and_then(|store| deskbound_vm::Checkpoint::forget(&store, &kept))
        .expect("removed");
    let gone = desk.vm(&["start", "--from", &kept]);
    assert_eq!(gone.code, Some(3), "{}", gone.stderr);
    assert!(gone.stderr.contains("there is no checkpoint"), "{}", gone.stderr);
}

#[test]
fn a_lifetime_ends_a_desktop_and_a_pause_costs_nothing() {
    const LIFE: Duration = Duration::from_secs(4);
    let desk = Desk::start();
    let mut told = Told::start(&desk, &["start", "--for", "4s"]);
    let name = told.started();
    told.next("ends soon");
    desk.done(&["pause", &name]);
    thread::sleep(LIFE + Duration::from_secs(1));
    assert!(
        told.process.try_wait().expect("it is looked at").is_none(),
        "it did not outlive a pause"
    );
    let resumed = Instant::now();
    desk.done(&["resume", &name]);
    told.ended();
    assert!(resumed.elapsed() < LIMIT, "{:?}", resumed.elapsed());
}
