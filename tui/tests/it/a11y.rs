//! The accessibility verbs on a private desktop with real applications on it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use deskbound_testbed::{App, Testbed, wait_for, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::program::{Ended, Environment, finish};

/// An application, from its start to its first window, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(20);
/// A title that would clear the screen and turn the rest of the line around.
const HOSTILE: &str = "note\u{1b}[2J\u{9b}2J\u{202e}.txt";

struct Desk {
    environment: Environment,
    // Applications end before their desktop.
    editor: App,
    bed: Testbed,
}

impl Desk {
    fn with_an_editor() -> Self {
        let bed = Testbed::start().expect("a private desktop starts");
        fs::write(bed.home().join(HOSTILE), "hello").expect("a home folder can be written");
        let editor = bed.launch("mousepad", &[HOSTILE]).expect("mousepad starts");
        let desk = Self { environment: Environment::new(), editor, bed };
        wait_until("the editor shows itself", START_LIMIT, || {
            desk.run(&["a11y", "find", "menu \"File\" app=mousepad"]).code == Some(0)
        })
        .expect("the editor is in the tree");
        desk
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.environment.command(words);
        command.env("DBUS_SESSION_BUS_ADDRESS", self.bed.session_bus_address());
        command
    }

    fn run(&self, words: &[&str]) -> Ended {
        let ended = finish(self.command(words));
        let harmless = |character: char| {
            character == '\n' || !(character.is_control() || character == '\u{202e}')
        };
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert!(said.chars().all(harmless), "{words:?}: {said:?}");
        ended
    }

    #[track_caller]
    fn says(&self, words: &[&str], code: i32, what: &str) -> String {
        let ended = self.run(words);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(code), "{words:?}: {said}");
        assert!(said.contains(what), "{words:?}: no {what:?} in {said}");
        ended.stdout
    }
}

#[test]
fn the_tree_is_shown_searched_and_watched() {
    let desk = Desk::with_an_editor();
    every_form(&desk);
    finding(&desk);
    watching(&desk, &[], &told_to_people);
    watching(&desk, &["--json"], &told_to_programs);
    doctoring(&desk);
}

fn every_form(desk: &Desk) {
    let plain = desk.says(&["a11y", "tree"], 0, "menu “File”");
    assert!(plain.contains("text “hello”"), "{plain}");
    let part = desk.says(&["a11y", "tree", "--window", "MousePad"], 0, "menu “File”");
    assert!(part.lines().count() <= plain.lines().count());
    desk.says(&["a11y", "tree", "--window", "no such"], 1, "no window has `no such`");

    let json = desk.says(&["a11y", "tree", "--json"], 0, "\"role\": \"menu\"");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let title = |node: &Value| node["role"] == "frame" && node["name"].as_str() != Some("");
    let nodes = json["nodes"].as_array().expect("a list");
    let frame = nodes.iter().find(|node| title(node)).expect("a window");
    assert!(frame["name"].as_str().expect("a title").contains('\u{202e}'), "{frame}");
    assert_eq!(frame["app"], "mousepad");

    let xml = desk.says(&["a11y", "tree", "--xml"], 0, "<menu name=\"File\"");
    assert!(xml.starts_with("<desktop-frame xmlns:st=") && xml.ends_with("</desktop-frame>\n"));
    let outline = desk.says(&["a11y", "tree", "--outline"], 0, "] menu \"File\" (");
    assert!(outline.len() < plain.len(), "{outline}");
}

fn finding(desk: &Desk) {
    let found = desk.says(&["a11y", "find", "field text~HELLO"], 0, "text “hello”");
    assert_eq!(found.lines().count(), 1, "{found}");
    let best = desk.says(&["a11y", "find", "menu", "--like", "the edti menu"], 0, "menu “Edit”");
    assert!(best.lines().next().expect("a line").contains("“Edit”"), "{best}");
    let json = desk.says(&["a11y", "find", "menu \"File\"", "--json"], 0, "\"name\": \"File\"");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(1), "{json}");
    desk.says(&["a11y", "find", "button \"no such\""], 1, "");
    desk.says(&["a11y", "find", "buton"], 2, "(is `button` meant?)");
}

/// Whether the line tells this of the calculator.
type IsTold = dyn Fn(&str, &str) -> bool;

fn told_to_people(line: &str, what: &str) -> bool {
    let what = if what == "gone" { " is gone" } else { " has appeared" };
    line.contains("application \"galculator\"") && line.contains(what)
}

fn told_to_programs(line: &str, what: &str) -> bool {
    let Ok(told) = serde_json::from_str::<Value>(line) else { return false };
    told["role"] == "application"
        && told["name"] == "galculator"
        && told["what"] == what
        && told["after_s"].is_f64()
        && told["number"].is_u64()
}

fn watching(desk: &Desk, form: &[&str], is_told: &IsTold) {
    let mut command = desk.command(&[&["a11y", "watch"], form].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let (sender, lines) = mpsc::channel();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let of_errors = sender.clone();
    let reader = thread::spawn(move || read(stdout.expect("a pipe"), &sender));
    let notes = thread::spawn(move || read(stderr.expect("a pipe"), &of_errors));
    let told = |what: &str, is_it: &dyn Fn(&str) -> bool| {
        wait_until(&format!("{what} is told"), START_LIMIT, || {
            lines.try_iter().any(|line: String| is_it(&line))
        })
        .expect("it is told");
    };
    told("the beginning", &|line| line.starts_with("watching "));
    let calculator = desk.bed.launch("galculator", &[]).expect("galculator starts");
    told("its start", &|line| is_told(line, "appeared"));
    drop(calculator);
    told("its end", &|line| is_told(line, "gone"));
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).expect("a child can be interrupted");
    let ended = wait_for("the watch ends", END_LIMIT, || child.try_wait().expect("a child"));
    assert_eq!(ended.expect("it ends").code(), Some(0));
    reader.join().expect("read to the end");
    notes.join().expect("read to the end");
}

fn read(pipe: impl std::io::Read, lines: &mpsc::Sender<String>) {
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        let _ = lines.send(line);
    }
}

fn doctoring(desk: &Desk) {
    let fine = desk.says(&["a11y", "doctor"], 0, "accessibility bus is fine");
    assert!(fine.contains("\nmousepad is fine, "), "{fine}");
    desk.editor.freeze().expect("a process can be stopped");
    let stopped = desk.says(&["a11y", "doctor"], 1, "does not answer");
    assert!(stopped.contains("  what helps: "), "{stopped}");
    desk.editor.thaw().expect("a process can go on");
    wait_until("the editor answers again", START_LIMIT, || {
        desk.run(&["a11y", "doctor"]).code == Some(0)
    })
    .expect("it answers");
    let json = desk.says(&["a11y", "doctor", "--json"], 0, "\"diagnosis\": \"fine\"");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let apps = json["apps"].as_array().expect("a list");
    assert!(apps.iter().any(|app| app["name"] == "mousepad" && app["problem"].is_null()));
}

#[test]
fn without_a_bus_the_message_says_what_helps() {
    let environment = Environment::new();
    let check = |words: &[&str], bus: Option<&str>, says: &[&str]| {
        let mut command = environment.command(words);
        command.envs(bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", bus)));
        let ended = finish(command);
        let said = format!("{}{}", ended.stdout, ended.stderr);
        assert_eq!(ended.code, Some(3), "{words:?}: {said}");
        for what in says {
            assert!(said.contains(what), "{words:?}: no {what:?} in {said}");
        }
    };
    let nowhere = Some("unix:path=/nonexistent/bus");
    for verb in ["tree", "watch", "doctor"] {
        check(
            &["a11y", verb],
            None,
            &["error: there is no session bus", "DBUS_SESSION_BUS_ADDRESS", "hint: "],
        );
    }
    check(&["a11y", "find", "button"], nowhere, &["error: ", "hint: install at-spi2-core"]);
    check(&["a11y", "doctor"], nowhere, &["caused by: ", "what helps: install at-spi2-core"]);
    check(&["a11y", "tree", "--vm", "desk-0-0"], None, &["error: ", "desk-0-0"]);
}
