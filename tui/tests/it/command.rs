//! Exit statuses, messages, and the confinement, all seen from outside.
#![allow(unsafe_code)] // A descriptor is left open for the child, which only raw calls can do.

use std::fs;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;

use deskbound_agent::journal::Journal;
use serde_json::{Value, json};

use crate::program::{Environment, finish};

#[test]
fn wrong_usage_is_two_and_help_is_nought() {
    let environment = Environment::new();
    for (words, code) in [
        (&["--help"][..], 0),
        (&["vm", "--help"], 0),
        (&[], 2),
        (&["frobnicate"], 2),
        (&["run"], 2),
        (&["run", "x", "--models", "best"], 2),
        (&["run", "x", "--collect", "a"], 2),
        (&["run", "x", "--check", "a"], 2),
        (&["eval", "run", "no-such"], 2),
        (&["vm", "run", "--recipe", "no-such", "--", "true"], 2),
        (&["vm", "run", "--timeout", "0", "--", "true"], 2),
        (&["vm", "run", "--timeout", "18446744073709551615", "--", "true"], 2),
        (&["vm", "start", "--for", "5000000000000000h"], 2),
        (&["vm", "key", "desk-1-1", "a", "--hold-ms", "60001"], 2),
    ] {
        let ended = environment.run(words);
        assert_eq!(ended.code, Some(code), "{words:?}: {}", ended.stderr);
    }
}

#[test]
fn without_a_desktop_the_message_says_how_to_get_one() {
    let environment = Environment::new();
    for words in
        [&["run", "x", "--models", "rules"][..], &["vm", "run", "--", "true"], &["vm", "tree"]]
    {
        let ended = environment.run(words);
        assert_eq!(ended.code, Some(3), "{words:?}: {}", ended.stderr);
        let is_error = |line: &str| line.starts_with("error: ");
        assert!(ended.stderr.lines().any(is_error), "{}", ended.stderr);
        assert!(ended.stderr.contains("hint: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("deskbound vm build --recipe minimal"), "{}", ended.stderr);
    }
}

#[test]
fn a_network_is_refused_unless_it_is_allowed_by_name() {
    let environment = Environment::new();
    let folder = environment.home().join(".config/deskbound/recipes");
    fs::create_dir_all(&folder).expect("made");
    let recipe = "extends = 'minimal'\n[[forwards]]\nname = 'printer'\nport = 631\nto = '/run/x'";
    fs::write(folder.join("own.toml"), recipe).expect("written");
    let run = ["run", "--models", "rules", "--recipe", "own"];
    let ran = |words: &[&str]| environment.run(&[&run[..], words, &["x"]].concat());
    for (words, code, said) in [
        (&[][..], 2, "the desktop `own` reaches `printer`, which was not allowed"),
        (&["--allow-forward", "scanner"], 2, "hint: `--allow-forward printer` allows it"),
        // Allowed, it comes as far as a desktop that was never built.
        (&["--allow-forward", "printer"], 3, "deskbound vm build --recipe own"),
    ] {
        let ended = ran(words);
        assert_eq!(ended.code, Some(code), "{words:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{words:?}: {}", ended.stderr);
    }
}

#[test]
fn the_doctor_finds_every_family_but_the_local_one_refused() {
    let ended = Environment::new().run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let confinement = &report["confinement"];
    assert_ne!(confinement["files"], json!("NOT GUARDED: this kernel has no Landlock"));
    let sockets = confinement["sockets"].as_array().expect("a list");
    assert!(sockets.len() >= 9);
    for socket in sockets {
        let expected = if socket["family"] == "AF_UNIX" { "opens" } else { "refused" };
        assert_eq!(socket["verdict"], expected, "{socket}");
    }
    assert_eq!(report["fit"] == json!(true), ended.code == Some(0), "{:?}", ended.code);
}

#[test]
fn a_socket_handed_to_the_process_is_named_and_nothing_is_done() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let held = listener.as_raw_fd();
    let environment = Environment::new();
    let mut command = environment.command(&["runs", "list"]);
    // SAFETY: one system call, safe after a fork; the listener outlives the spawn below.
    unsafe {
        command.pre_exec(move || {
            let kept = rustix::fd::BorrowedFd::borrow_raw(held);
            Ok(rustix::io::fcntl_setfd(kept, rustix::io::FdFlags::empty())?)
        });
    }
    let ended = finish(command);
    assert_eq!(ended.code, Some(3));
    let expected = format!("error: descriptor {held} was handed to this process");
    assert!(ended.stderr.starts_with(&expected), "{}", ended.stderr);
}

#[test]
fn records_are_listed_verified_and_a_changed_one_is_named() {
    let environment = Environment::new();
    assert_eq!(environment.run(&["runs", "list"]).code, Some(0));
    let mut journal = Journal::create(&environment.runs()).expect("a journal");
    let folder = journal.folder().to_owned();
    let started = json!({"record": "started", "instruction": "write \u{1b}[2J a note"});
    journal.append(&started, &[]).expect("written");
    journal.append(&json!({"record": "ended", "end": {"end": "done"}}), &[]).expect("written");
    journal.close().expect("closed");

    let listed = environment.run(&["runs", "list"]);
    assert!(
        listed.stdout.ends_with("closed, 2 records, done: write ·[2J a note\n"),
        "{}",
        listed.stdout
    );
    let verified = environment.run(&["runs", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert!(verified.stdout.contains("  closed, 2 records, head "), "{}", verified.stdout);

    let path = folder.join("journal.jsonl");
    let text = fs::read_to_string(&path).expect("a journal");
    fs::write(&path, text.replace("note", "mote")).expect("changed");
    let verified = environment.run(&["runs", "verify", folder.to_str().expect("UTF-8")]);
    assert_eq!(verified.code, Some(1));
    assert!(verified.stdout.contains("BROKEN: line 1 of "), "{}", verified.stdout);
    let last = verified.stderr.lines().last();
    assert_eq!(last, Some("error: 1 of 1 records are broken"), "{}", verified.stderr);
}

#[test]
fn the_suites_can_be_listed() {
    let listed = Environment::new().run(&["eval", "list"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(listed.stdout.contains("add-a-line-1"), "{}", listed.stdout);
}
