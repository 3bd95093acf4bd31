//! What goes on inside: shells, commands that are fed or live on, windows, clipboard.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deskbound_vm::{
    CommandInput, CommandSpec, Mode, SessionState, Signal, Stream, TerminalSize, User, Vm, VmError,
    Window, WindowAct, WindowState,
};
use tokio::sync::mpsc;

use crate::lab::{clone, command, run};

/// For an application to start or to do what it was told, emulated, while both cores are busy.
const SHOW_LIMIT: Duration = Duration::from_secs(90);

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The first window for which `wanted` holds.
async fn window(vm: &Vm, what: &str, wanted: impl Fn(&Window) -> bool) -> Window {
    let asked = Instant::now();
    loop {
        let windows = vm.guest().windows().await.expect("the windows");
        if let Some(found) = windows.iter().find(|window| wanted(window)) {
            return found.clone();
        }
        assert!(asked.elapsed() < SHOW_LIMIT, "no window {what} among {windows:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_is_a_terminal() {
    let vm = clone().await;
    let (input, passed_on) = mpsc::channel(16);
    let (said, mut heard) = mpsc::unbounded_channel();
    let driving = async {
        let mut text = String::new();
        let mut await_text = async |wanted: &str, text: &mut String| {
            let asked = Instant::now();
            while !text.contains(wanted) {
                assert!(asked.elapsed() < SHOW_LIMIT, "no {wanted:?} in {text:?}");
                let more = tokio::time::timeout(SHOW_LIMIT, heard.recv()).await;
                let more: Vec<u8> = more.expect("it goes on").expect("the shell is there");
                text.push_str(&String::from_utf8_lossy(&more));
            }
            text.clear();
        };
        let send = async |bytes: &str| {
            input.send(CommandInput::Bytes(bytes.into())).await.expect("it is taken");
        };
        send("stty size; whoami; tty\n").await;
        await_text("24 80", &mut text).await;
        // Not as it was typed: the terminal shows that too.
        send("echo this is $(uname -n)\n").await;
        await_text(&format!("this is {}", vm.name()), &mut text).await;
        let size = TerminalSize { columns: 132, rows: 50 };
        input.send(CommandInput::Resize(size)).await.expect("it is taken");
        send("echo $(stty size) $((6*7))\n").await;
        await_text("50 132 42", &mut text).await;
        // A signal reaches what is in front, and the shell goes on.
        send("sleep 1000\n").await;
        let asked = Instant::now();
        while run(&vm, &["pidof", "sleep"], User::Session).await.0 != 0 {
            assert!(asked.elapsed() < SHOW_LIMIT, "nothing sleeps");
            tokio::time::sleep(LOOK_EVERY).await;
        }
        input.send(CommandInput::Signal(Signal::Interrupt)).await.expect("it is taken");
        send("echo the status is $?\n").await;
        await_text("the status is 130", &mut text).await;
        send("exit 7\n").await;
        // Ends with the shell.
        std::future::pending::<()>().await;
    };
    let size = TerminalSize { columns: 80, rows: 24 };
    let mut keep = |_, bytes: &[u8]| said.send(bytes.to_vec()).expect("somebody listens");
    let end = tokio::select! {
        end = vm.guest().shell(size, passed_on, &mut keep) => end.expect("it ends"),
        () = driving => unreachable!("it never ends"),
    };
    assert_eq!((end.status, end.timed_out), (7, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_fed_and_live_on() {
    let vm = clone().await;
    let (input, passed_on) = mpsc::channel(4);
    let content: Vec<u8> = (0..3_000_000_u32).map(|at| (at % 251) as u8).collect();
    let feeding = content.clone();
    tokio::spawn(async move {
        for piece in feeding.chunks(500_000) {
            input.send(CommandInput::Bytes(piece.to_vec())).await.expect("it is taken");
        }
        input.send(CommandInput::End).await.expect("it is taken");
    });
    let mut said = Vec::new();
    let mut keep = |stream, bytes: &[u8]| {
        assert_eq!(stream, Stream::Stdout);
        said.extend_from_slice(bytes);
    };
    let spec = CommandSpec { mode: Mode::Fed, ..command(&["cat"], User::Session) };
    let end = vm.guest().run_with(spec, passed_on, &mut keep).await.expect("it ends");
    assert!(end.status == 0 && said == content, "{end:?}, {} bytes", said.len());

    // In the background: after the call, and after another command that was killed.
    let script = "sleep 2; echo done > /tmp/lived-on";
    let mode = Mode::Background;
    let spec = CommandSpec { mode, ..command(&["sh", "-c", script], User::Session) };
    let started = vm.run(spec, &mut |_, _| {}).await.expect("it starts");
    let words = format!("/proc/{}/cmdline", started.pid.expect("it has a number"));
    let words = vm.read_file(&words).await.expect("it runs");
    assert_eq!(words, format!("sh\0-c\0{script}\0").into_bytes());
    let timeout = Some(Duration::from_millis(200));
    let killed = CommandSpec { timeout, ..command(&["sleep", "1000"], User::Session) };
    assert!(vm.run(killed, &mut |_, _| {}).await.expect("it is killed").timed_out);
    let asked = Instant::now();
    while !matches!(vm.read_file("/tmp/lived-on").await, Ok(text) if text == b"done\n") {
        assert!(asked.elapsed() < SHOW_LIMIT, "it did not live on");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let env = vec![("GREETING".into(), "ü $HOME".into())];
    let cwd = Some("/tmp".into());
    let spec = CommandSpec {
        env,
        cwd,
        ..command(&["sh", "-c", "printf %s \"$GREETING\"; pwd"], User::Session)
    };
    let mut said = Vec::new();
    let mut keep = |_, bytes: &[u8]| said.extend_from_slice(bytes);
    vm.run(spec, &mut keep).await.expect("it ends");
    assert_eq!(String::from_utf8_lossy(&said), "ü $HOME/tmp\n");
}

/// Nobody reads the output of one command; everybody else goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stands_still_holds_up_nobody() {
    let vm = Arc::new(clone().await);
    let (stuck, is_stuck) = std::sync::mpsc::channel::<()>();
    let reading = Arc::clone(&vm);
    let endless = tokio::spawn(async move {
        let mut wait = move |_, _: &[u8]| {
            tokio::task::block_in_place(|| {
                let _ = is_stuck.recv();
            })
        };
        reading.run(command(&["yes"], User::Session), &mut wait).await
    });
    let asked = Instant::now();
    while asked.elapsed() < Duration::from_secs(3) {
        assert_eq!(run(&vm, &["echo", "still here"], User::Session).await.1, "still here\n");
    }
    assert!(!endless.is_finished(), "{:?}", endless.await);
    drop(stuck);
    endless.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_windows_and_the_clipboard_obey() {
    let vm = clone().await;
    let guest = vm.guest();
    assert_eq!(guest.session().await.expect("the session"), SessionState::Ready);
    vm.write_file("/home/desk/a b.txt", b"text").await.expect("written");
    guest.launch("org.xfce.mousepad", &["/home/desk/a b.txt".into()]).await.expect("it starts");
    let editor = window(&vm, "of the editor", |window| window.title.contains("a b.txt")).await;
    assert!(!editor.title.contains("(on "), "{}", editor.title);
    assert_eq!(editor.class, "Mousepad");
    let pid = editor.pid.expect("it says").to_string();
    let (_, comm) = run(&vm, &["cat", &format!("/proc/{pid}/comm")], User::Session).await;
    assert_eq!(comm, "mousepad\n");
    guest.open("/home/desk").await.expect("something opens folders");
    let is_files = |window: &Window| window.class == "Thunar";
    let files = window(&vm, "of the file manager", is_files).await;

    guest.window(editor.id, WindowAct::Focus).await.expect("it comes in front");
    let is_active =
        |id| move |window: &Window| window.id == id && window.state == WindowState::Active;
    window(&vm, "in front", is_active(editor.id)).await;
    guest.window(files.id, WindowAct::Focus).await.expect("it comes in front");
    window(&vm, "in front", is_active(files.id)).await;
    guest.window(editor.id, WindowAct::Move { x: 200, y: 150 }).await.expect("it moves");
    guest.window(editor.id, WindowAct::Resize { width: 500, height: 400 }).await.expect("it obeys");
    let is_there = |window: &Window| {
        window.id == editor.id
            && window.bounds.is_some_and(|bounds| {
                (bounds.x, bounds.y, bounds.width, bounds.height) == (200, 150, 500, 400)
            })
    };
    window(&vm, "at its place", is_there).await;
    guest.window(files.id, WindowAct::Close).await.expect("it closes");
    let asked = Instant::now();
    while guest.windows().await.expect("the windows").iter().any(is_files) {
        assert!(asked.elapsed() < SHOW_LIMIT, "it stays");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let gone = guest.window(files.id, WindowAct::Focus).await;
    assert!(matches!(gone, Err(VmError::GuestRefused { .. })), "{gone:?}");
    let unknown = guest.launch("no.such.application", &[]).await;
    assert!(matches!(unknown, Err(VmError::GuestRefused { .. })), "{unknown:?}");

    // The last one is longer than X hands over at once.
    for text in ["", "plain", "ünïcode 漢 🦀\n\ttab", &"long — ".repeat(60_000)] {
        guest.set_clipboard(text).await.expect("it is set");
        assert_eq!(guest.clipboard().await.expect("it is there").as_deref(), Some(text));
    }
    // An application gets it, and gives its own.
    guest.set_clipboard("pasted é").await.expect("it is set");
    guest.window(editor.id, WindowAct::Focus).await.expect("it comes in front");
    for chord in ["ctrl+a", "ctrl+v"] {
        press(&vm, chord).await;
    }
    // It is pasted when the editor has asked for it, which the file shows.
    let asked = Instant::now();
    while vm.read_file("/home/desk/a b.txt").await.expect("it is there") != "pasted é".as_bytes() {
        assert!(asked.elapsed() < SHOW_LIMIT, "it is not pasted");
        press(&vm, "ctrl+s").await;
        tokio::time::sleep(LOOK_EVERY).await;
    }
    guest.type_text(" twice").await.expect("typed");
    for chord in ["ctrl+a", "ctrl+c"] {
        press(&vm, chord).await;
    }
    let asked = Instant::now();
    while guest.clipboard().await.expect("it is there").as_deref() != Some("pasted é twice") {
        assert!(asked.elapsed() < SHOW_LIMIT, "it is not copied");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    guest.open("file:///tmp").await.expect("something opens addresses");
    let is_its = |window: &Window| is_files(window) && window.title.starts_with("tmp");
    window(&vm, "of the folder of that address", is_its).await;
}

async fn press(vm: &Vm, chord: &str) {
    vm.controls().chord(&chord.parse().expect("known keys")).await.expect("it arrives");
}
