//! Verbs on a desktop that another process of the program holds.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::desktop::{built, data_home, on_a_desktop};
use crate::program::{Ended, Environment};

/// A desktop, or an application in it, where both cores are busy with something else.
const START_LIMIT: Duration = Duration::from_secs(300);
const VERB_LIMIT: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(100);

/// The process that holds the desktop, killed with the test.
struct Owner {
    process: Child,
    name: String,
}

impl Owner {
    fn start(environment: &Environment) -> Self {
        let mut command = environment.command(&["vm", "start"]);
        command.env("XDG_DATA_HOME", data_home()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().expect("the program starts");
        // A desktop is named after the process that holds it.
        let name = format!("desk-{}-1", process.id());
        let owner = Self { process, name };
        let door = data_home().join("deskbound/clones").join(&owner.name).join("controls");
        let started = Instant::now();
        while !door.exists() {
            assert!(started.elapsed() < START_LIMIT, "{} has no door", owner.name);
            thread::sleep(POLL);
        }
        owner
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A desktop that stands, and what is asked of it from outside.
pub(crate) struct Desk {
    pub(crate) environment: Environment,
    owner: Owner,
}

impl Desk {
    pub(crate) fn start() -> Self {
        let environment = Environment::new();
        built(&environment);
        let owner = Owner::start(&environment);
        Self { environment, owner }
    }

    pub(crate) fn vm(&self, words: &[&str]) -> Ended {
        on_a_desktop(&self.environment, &[&["vm"], words].concat(), VERB_LIMIT)
    }

    pub(crate) fn done(&self, words: &[&str]) -> String {
        let ended = self.vm(words);
        assert_eq!(ended.code, Some(0), "{words:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    }

    pub(crate) fn name(&self) -> &str {
        &self.owner.name
    }

    /// What is told of it as JSON.
    fn told(&self, words: &[&str]) -> Value {
        let said = self.done(&[words, &["--json"]].concat());
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"))
    }
}

#[test]
fn a_desktop_that_stands_is_driven_from_elsewhere() {
    let mut desk = Desk::start();
    let name = desk.owner.name.clone();
    let (vm, done) = (|words: &[&str]| desk.vm(words), |words: &[&str]| desk.done(words));
    let folder = tempfile::tempdir().expect("a folder");
    let path = |file: &str| folder.path().join(file).to_str().expect("UTF-8").to_owned();
    fs::write(path("in.txt"), "from outside\n").expect("written");
    done(&["copy", &path("in.txt"), &format!("{name}:/home/desk/note.txt")]);
    done(&["run", &name, "--background", "--", "mousepad", "/home/desk/note.txt"]);
    let started = Instant::now();
    loop {
        let tree = done(&["tree", &name, "--json"]);
        let tree: Value = serde_json::from_str(&tree).expect("JSON");
        if tree.to_string().contains("note.txt") {
            break;
        }
        assert!(started.elapsed() < START_LIMIT, "the editor does not come up");
    }
    done(&["key", &name, "ctrl+End"]);
    done(&["type", &name, "-dash – 漢 🦀"]);
    done(&["key", &name, "ctrl+s", "Escape"]);
    let expected = "from outside\n-dash – 漢 🦀";
    let started = Instant::now();
    loop {
        let said = done(&["run", &name, "--", "cat", "/home/desk/note.txt"]);
        if said == expected {
            break;
        }
        assert!(started.elapsed() < START_LIMIT, "{said:?}");
        thread::sleep(POLL);
    }
    done(&["copy", &format!("{name}:/home/desk/note.txt"), &path("out.txt")]);
    assert_eq!(fs::read_to_string(path("out.txt")).expect("it came"), expected);
    assert_eq!(vm(&["copy", &path("in.txt"), &path("b.txt")]).code, Some(2));

    let told = done(&["screenshot", &name, &path("now.png"), "--json"]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!((&told["width_px"], &told["height_px"]), (&1280.into(), &800.into()));
    assert!(fs::read(path("now.png")).expect("it is there").starts_with(b"\x89PNG"));
    done(&["click", &name, "0", "0", "--button", "right"]);
    let beyond = vm(&["click", &name, "1280", "0"]);
    assert_eq!(beyond.code, Some(2), "{}", beyond.stderr);
    assert!(
        beyond.stderr.contains("(1280, 0) is not on the screen of 1280×800"),
        "{}",
        beyond.stderr
    );
    let unknown = vm(&["key", &name, "ctrl+retrun"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("the nearest is `Return`"), "{}", unknown.stderr);
    let no_terminal = vm(&["shell", &name]);
    assert_eq!(no_terminal.code, Some(2), "{}", no_terminal.stderr);

    what_does_not_go_is_said(&desk, &path("still.png"));
    done(&["stop", &name]);
    assert!(desk.owner.process.wait().expect("it ends").success());
    let gone = desk.vm(&["pause", &name]);
    assert_eq!(gone.code, Some(3));
    assert!(gone.stderr.contains("hint: `deskbound vm start`"), "{}", gone.stderr);
}

/// A command without end, a desktop that stands still, a name that cannot be kept.
fn what_does_not_go_is_said(desk: &Desk, picture: &str) {
    let name = desk.name();
    let late = desk.vm(&["run", name, "--timeout", "1", "--", "sleep", "60"]);
    assert_eq!(late.code, Some(137));
    assert!(late.stderr.contains("its time of 1 s is over"), "{}", late.stderr);
    desk.done(&["pause", name]);
    // Nothing inside answers, which is said at once.
    for words in [&["run", name, "--", "true"][..], &["tree", name], &["type", name, "a"]] {
        let still = desk.vm(words);
        assert_eq!(still.code, Some(3), "{words:?}: {}", still.stderr);
        assert!(still.stderr.contains(&format!("hint: `deskbound vm resume {name}`")));
    }
    desk.done(&["screenshot", name, picture]);
    desk.done(&["resume", name]);
    desk.done(&["run", name, "--", "true"]);
    // A name that cannot be kept leaves no checkpoint behind.
    let unkept = desk.vm(&["checkpoint", name, "one", "--keep", "../one"]);
    assert_eq!(unkept.code, Some(2), "{}", unkept.stderr);
    let none = desk.vm(&["rewind", name, "one"]);
    assert_eq!(none.code, Some(3), "{}", none.stderr);
    let said = "error: there is no checkpoint `one`; there are: none";
    assert!(none.stderr.starts_with(said), "{}", none.stderr);
}

#[test]
fn what_was_done_is_told_as_json() {
    let desk = Desk::start();
    let name = desk.owner.name.clone();
    let told = |words: &[&str]| desk.told(words);
    let listed = told(&["list"]);
    let is_minimal = |image: &&Value| image["recipe"] == "minimal" && image["state"] == "ready";
    assert!(
        listed["images"].as_array().expect("a list").iter().any(|i| is_minimal(&i)),
        "{listed}"
    );
    let running = listed["running"].as_array().expect("a list");
    let label = running.iter().find(|desktop| desktop["name"] == *name).expect("it runs");
    assert!(label["accel"] == "EMULATED" || label["accel"] == "KVM", "{label}");
    assert_eq!((&label["recipe"], &label["network"]), (&json!("minimal"), &json!([])));

    // Whatever names a desktop says how it is run.
    let (accel, network) = (label["accel"].clone(), label["network"].clone());
    let of = |mut object: Value| {
        (object["desktop"], object["accel"]) = (name.clone().into(), accel.clone());
        object["network"] = network.clone();
        object
    };

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("note.txt");
    fs::write(&file, "a note").expect("written");
    let (file, inside) = (file.to_str().expect("UTF-8"), format!("{name}:/home/desk/note.txt"));
    let copied = json!({ "from": file, "to": inside });
    assert_eq!(told(&["copy", file, &inside]), of(copied));
    let command = ["run", &name, "--json", "--", "sh", "-c", "echo out; echo err >&2; exit 3"];
    let said = desk.vm(&command);
    assert_eq!(said.code, Some(3));
    let expected = json!({
        "status": 3, "timed_out": false, "pid": null, "stdout": "out\n",
        "stderr": "err\n", "cut": false,
    });
    assert_eq!(serde_json::from_str::<Value>(&said.stdout).expect("JSON"), of(expected));
    assert_eq!(told(&["key", &name, "ctrl+s", "Escape"])["chords"], 2);
    assert_eq!(told(&["type", &name, "漢 🦀"])["characters"], 3);
    assert_eq!(told(&["click", &name, "9", "0"]), of(json!({ "x": 9, "y": 0, "count": 1 })));
    let picture = folder.path().join("now.png");
    for verb in [
        &["screenshot", &name, picture.to_str().expect("UTF-8")][..],
        &["type", &name, "a"],
        &["key", &name, "Escape"],
        &["tree", &name],
        &["checkpoint", &name, "labelled"],
        &["rewind", &name, "labelled"],
        &["pause", &name],
        &["resume", &name],
    ] {
        let told = told(verb);
        for field in ["desktop", "accel", "network"] {
            assert_eq!(told[field], of(json!({}))[field], "{verb:?}: {told}");
        }
    }
    assert_eq!(told(&["checkpoint", &name, "here"])["checkpoint"], "here");
    desk.done(&["run", &name, "--", "rm", "/home/desk/note.txt"]);
    assert_eq!(told(&["rewind", &name, "here"])["desktop"], *name);
    assert_eq!(desk.done(&["run", &name, "--", "cat", "/home/desk/note.txt"]), "a note");
    assert_eq!(told(&["pause", &name])["state"], "paused");
    assert_eq!(told(&["resume", &name])["state"], "running");
    assert_eq!(told(&["stop", &name])["state"], "gone");
}
