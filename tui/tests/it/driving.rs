//! Verbs on a desktop that another process of the program holds.

use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::desktop::{built, data_home, on_a_desktop};
use crate::program::{Ended, Environment};

/// A desktop, or an application in it, where both cores are busy with something else.
const START_LIMIT: Duration = Duration::from_secs(120);
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

#[test]
fn a_desktop_that_stands_is_driven_from_elsewhere() {
    let environment = Environment::new();
    built(&environment);
    let mut owner = Owner::start(&environment);
    let name = owner.name.clone();
    let vm = |words: &[&str]| -> Ended {
        let words: Vec<&str> = ["vm"].iter().chain(words).copied().collect();
        on_a_desktop(&environment, &words, VERB_LIMIT)
    };
    let done = |words: &[&str]| {
        let ended = vm(words);
        assert_eq!(ended.code, Some(0), "{words:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    };
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
    assert_eq!(beyond.code, Some(3), "{}", beyond.stderr);
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

    done(&["pause", &name]);
    done(&["resume", &name]);
    done(&["run", &name, "--", "true"]);
    done(&["stop", &name]);
    assert!(owner.process.wait().expect("it ends").success());
    let gone = vm(&["pause", &name]);
    assert_eq!(gone.code, Some(3));
    assert!(gone.stderr.contains("hint: `deskbound vm start`"), "{}", gone.stderr);
}
