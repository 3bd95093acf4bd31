//! A run that is followed and steered through pipes: lines out, typed words in.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::attach::Going;
use crate::program::Environment;

const LIMIT: Duration = Duration::from_secs(60);

/// `deskbound attach`, with its lines as they come.
struct Followed {
    child: Child,
    typing: ChildStdin,
    lines: Receiver<String>,
    said: String,
}

impl Followed {
    fn start(environment: &Environment, words: &[&str]) -> Self {
        let mut command = environment.command(&[&["attach", "last"], words].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let (told, lines) = mpsc::channel();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let other = told.clone();
        let stdout = BufReader::new(stdout.expect("it was asked for"));
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|l| told.send(l)));
        let stderr = BufReader::new(stderr.expect("it was asked for"));
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|l| other.send(l)));
        let typing = child.stdin.take().expect("it was asked for");
        Self { child, typing, lines, said: String::new() }
    }

    fn wait_for(&mut self, wanted: &str) {
        let begun = Instant::now();
        while !self.said.contains(wanted) {
            let left = LIMIT.saturating_sub(begun.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said += &format!("{line}\n"),
                Err(_) => panic!("waited for {wanted:?} in:\n{}", self.said),
            }
        }
    }

    fn types(&mut self, line: &str) {
        writeln!(self.typing, "{line}").expect("it reads");
    }

    fn ended(mut self) -> String {
        let status = self.child.wait().expect("it can be waited for");
        assert!(status.success(), "{status}: {}", self.said);
        self.said.extend(self.lines.iter().flat_map(|line| [line, "\n".to_owned()]));
        std::mem::take(&mut self.said)
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        // It may have ended: as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_run_is_answered_paused_prompted_and_stopped_through_a_pipe() {
    let environment = Environment::new();
    let mut going = Going::start(&environment, "Write \"all is well\" and save it as p.txt");
    let mut followed = Followed::start(&environment, &["--plain"]);
    followed.wait_for("ASKING: start mousepad");
    followed.wait_for("answer y (once)");
    followed.types("y");
    followed.wait_for("approved");
    followed.types("pause");
    followed.wait_for("PAUSED");
    followed.types("say mind the ladder");
    followed.wait_for("you: “mind the ladder”");
    followed.types("dance");
    followed.wait_for("`dance` is no command");
    followed.types("take");
    followed.wait_for("YOU HAVE CONTROL");
    followed.types("type x");
    followed.wait_for("1 characters");
    followed.types("give");
    followed.wait_for("given back");
    followed.types("stop");
    let said = followed.ended();
    assert_eq!(going.ended(), Some(130));
    assert!(said.contains("stopped after"), "{said}");
    // Nothing moves, and nothing is coloured.
    assert!(!said.contains(['\u{1b}', '\r', '\u{8}']), "{said:?}");
}

#[test]
fn scripts_ask_what_a_run_does_and_tell_it_something() {
    let environment = Environment::new();
    let mut going = Going::start(&environment, "Write \"all is well\" and save it as s.txt");
    // A question is only asked where somebody is there to answer it.
    let mut watching = Followed::start(&environment, &["--json"]);
    watching.wait_for("\"record\":\"asked\"");
    let status = || {
        let ended = environment.run(&["status", "last", "--json"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        serde_json::from_str::<Value>(&ended.stdout).expect("an object")
    };
    let asked = status();
    assert_eq!(asked["state"], "ASKING", "{asked}");
    assert!(asked["asks"].as_str().is_some_and(|asks| asks.contains("start mousepad")), "{asked}");
    assert_eq!(asked["goes_on"], true);
    let refused = environment.run(&["tell", "last", "y"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(refused.stderr.contains("another view holds the control"), "{}", refused.stderr);
    let told = environment.run(&["tell", "--take", "last", "n"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    watching.wait_for("\"record\":\"ended\"");
    let said = watching.ended();
    let answered = said.lines().find(|line| line.contains("\"record\":\"answered\""));
    assert!(answered.is_some_and(|line| line.contains("deny")), "{said}");
    assert_eq!(going.ended(), Some(1));
    assert_eq!(status()["goes_on"], false);
    let late = environment.run(&["tell", "last", "pause"]);
    assert_eq!(late.code, Some(3), "{}", late.stderr);
    assert!(late.stderr.contains("hint: "), "{}", late.stderr);
}
