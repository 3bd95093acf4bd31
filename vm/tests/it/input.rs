//! Keyboard and pointer: what was sent is what the application got.

use std::time::{Duration, Instant};

use deskbound_accessibility::{Role, ScreenPx, State, Tree};
use deskbound_vm::{Button, Chord, Direction, Frame, KEYS, Mode, User, Vm, VmError};

use crate::lab::{clone, command, run};

/// For an application to start, emulated, while both cores are busy.
const START_LIMIT: Duration = Duration::from_secs(300);

/// For an application to show what was done to it.
const SHOW_LIMIT: Duration = Duration::from_secs(20);

const LOOK_EVERY: Duration = Duration::from_millis(100);

const NOTE: &str = "/home/desk/note.txt";

/// Opens the file in the editor, and waits until that has the focus.
async fn editor(vm: &Vm, content: &str) {
    vm.write_file(NOTE, content.as_bytes()).await.expect("written");
    let mut spec = command(&["mousepad", NOTE], User::Session);
    spec.mode = Mode::Background;
    vm.run(spec, &mut |_, _| {}).await.expect("it starts");
    let started = Instant::now();
    while !has_focus(&vm.tree(&vm.accel().tree_limits()).await.expect("a tree")) {
        assert!(started.elapsed() < START_LIMIT, "the editor is not in front");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn has_focus(tree: &Tree) -> bool {
    tree.nodes().any(|(_, node)| node.role == Role::Text && node.states.contains(State::Focused))
}

async fn chord(vm: &Vm, text: &str) {
    let chord: Chord = text.parse().expect("known keys");
    vm.controls().chord(&chord).await.unwrap_or_else(|error| panic!("{text}: {error}"));
}

async fn saved(vm: &Vm, expected: &str) {
    chord(vm, "ctrl+s").await;
    let asked = Instant::now();
    loop {
        let found = vm.read_file(NOTE).await.expect("the note is there");
        let found = String::from_utf8(found).expect("UTF-8");
        if found == expected {
            return;
        }
        assert!(asked.elapsed() < SHOW_LIMIT, "{found:?}\n instead of\n{expected:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn changed(vm: &Vm, since: &Frame) -> Frame {
    let asked = Instant::now();
    loop {
        let frame = vm.controls().frame().await.expect("a frame");
        if frame.digest != since.digest {
            return frame;
        }
        assert!(asked.elapsed() < SHOW_LIMIT, "nothing changes on the screen");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_arrives_as_it_was_typed() {
    let vm = clone().await;
    editor(&vm, "").await;
    let quotes = "-n --help 'single' \"double\" `x` $HOME \\n %s ~!@#^&*()_+{}|:<>?[];,./=\n";
    let lines = "\ttab\tstop\n\n  two blanks  \n";
    let letters = "ünïcödé – “curly” €ß ﬁ … ½ · e\u{301}\nעברית العربية ไทย हिन्दी\n";
    // More different characters than a keyboard has keys.
    let many: Vec<char> = ('\u{4e00}'..='\u{4e3c}').chain('\u{ac00}'..='\u{ac10}').collect();
    let many: String = many.chunks(20).flat_map(|line| line.iter().chain(&['\n'])).collect();
    let beyond = "🦀👩‍👩‍👧🇪🇺 𝔄 \u{1f600}end";
    let text = [quotes, lines, letters, &many, beyond].concat();
    let asked = Instant::now();
    vm.guest().type_text(&text).await.expect("typed");
    eprintln!("{} characters were read after {:?}", text.chars().count(), asked.elapsed());
    saved(&vm, &text).await;

    // Keys and text, one after the other, arrive in that order; Caps Lock changes nothing.
    chord(&vm, "ctrl+a").await;
    vm.guest().type_text("short").await.expect("typed");
    chord(&vm, "CapsLock").await;
    vm.guest().type_text(" Straße é").await.expect("typed");
    chord(&vm, "CapsLock").await;
    chord(&vm, "BackSpace").await;
    vm.guest().type_text("è").await.expect("typed");
    saved(&vm, "short Straße è").await;

    // Another layout has other keys for the same letters, or none.
    chord(&vm, "ctrl+a").await;
    for layout in ["de", "gr"] {
        assert_eq!(run(&vm, &["setxkbmap", layout], User::Session).await.0, 0, "{layout}");
        vm.guest().type_text("yzYZ []{}@\\|~€ äöü ßxyz αβγ Ω 漢 🦀\n").await.expect("typed");
    }
    // Ctrl and S is no key of a Greek keyboard.
    assert_eq!(run(&vm, &["setxkbmap", "us"], User::Session).await.0, 0);
    saved(&vm, &"yzYZ []{}@\\|~€ äöü ßxyz αβγ Ω 漢 🦀\n".repeat(2)).await;

    let refused = vm.guest().type_text("bell \u{7}").await;
    assert!(matches!(refused, Err(VmError::NoKey { character: '\u{7}' })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_the_table_arrives() {
    let vm = clone().await;
    vm.tree(&vm.accel().tree_limits()).await.expect("the session answers");
    for key in KEYS {
        chord(&vm, key.name).await;
    }
    // In one message, and with nothing held afterwards.
    chord(&vm, "ctrl+alt+shift+F12").await;
    vm.controls().release_all().await.expect("nothing is held");
}

#[tokio::test(flavor = "multi_thread")]
async fn pointer_and_wheel_reach_the_application() {
    let vm = clone().await;
    let line = "the quick brown fox jumps over the lazy dog ".repeat(40);
    editor(&vm, &format!("{line}\n").repeat(80)).await;
    chord(&vm, "super+Up").await;
    let controls = vm.controls();
    let middle = ScreenPx { x: 640, y: 400 };
    controls.move_to(middle).await.expect("moved");
    let mut frame = controls.frame().await.expect("a frame");
    for direction in [Direction::Down, Direction::Up, Direction::Right, Direction::Left] {
        let asked = Instant::now();
        controls.scroll(direction, 10).await.expect("scrolled");
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
        frame = changed(&vm, &frame).await;
    }
    let path = [ScreenPx { x: 500, y: 300 }, ScreenPx { x: 700, y: 420 }];
    controls.drag(&path, Button::Left).await.expect("dragged");
    frame = changed(&vm, &frame).await;
    // The first column and row are points like any other: the panel's menu opens.
    controls.click(ScreenPx { x: 0, y: 0 }, Button::Left, 1).await.expect("clicked");
    changed(&vm, &frame).await;
    for at in [ScreenPx { x: -1, y: 0 }, ScreenPx { x: 0, y: 800 }] {
        let refused = controls.click(at, Button::Left, 1).await;
        assert!(matches!(refused, Err(VmError::OffScreen { .. })), "{refused:?}");
        assert!(controls.drag(&[middle, at], Button::Left).await.is_err());
    }
    let (_, who) = run(&vm, &["whoami"], User::Session).await;
    assert_eq!(who, "desk\n");
}
