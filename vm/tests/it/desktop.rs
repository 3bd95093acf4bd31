//! A clone from outside: screen, tree, commands, files, and its end.

use std::time::{Duration, Instant};

use deskbound_accessibility::{ScreenPx, TreeLimits};
use deskbound_vm::{CommandSpec, Mode, Store, User, Visit, Vm, VmError};

use crate::lab::{self, clone, command, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_shows_its_desktop_and_answers() {
    let (store, template) = lab::template().await;
    let asked = Instant::now();
    let vm = Vm::start(store, template).await.expect("a clone starts");
    eprintln!("a clone answered after {:?}", asked.elapsed());
    let frame = vm.controls().frame().await.expect("a frame");
    assert_eq!(frame.image.dimensions(), vm.size());
    let tree = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
    let apps: Vec<&str> = tree.apps.iter().map(|app| app.name.as_str()).collect();
    assert!(apps.contains(&"xfce4-panel") && apps.contains(&"xfdesktop"), "{apps:?}");
    assert!(matches!(
        vm.controls().move_to(ScreenPx { x: 1280, y: 0 }).await,
        Err(VmError::OffScreen { x: 1280, .. })
    ));
    vm.controls()
        .move_to(ScreenPx { x: 0, y: 799 })
        .await
        .expect("a corner is a point like any other");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_is_a_machine_of_its_own() {
    let (one, other) = (clone().await, clone().await);
    for vm in [&one, &other] {
        for name in [&["cat", "/etc/hostname"][..], &["hostname"], &["uname", "-n"]] {
            for user in [User::Session, User::Root] {
                let said = run(vm, name, user).await;
                assert_eq!(said, (0, format!("{}\n", vm.name())), "{name:?}");
            }
        }
        let (_, found) = run(vm, &["getent", "hosts", vm.name()], User::Session).await;
        assert!(found.starts_with("127.0.1.1 "), "{found:?}");
        // The session and its windows are not on a foreign machine.
        assert_eq!(lives_on(vm, "uname -n").await, "desk\n");
        let (_, now) = run(vm, &["date", "+%s"], User::Session).await;
        let here = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let off =
            here.expect("after 1970").as_secs().abs_diff(now.trim().parse().expect("seconds"));
        assert!(off < 30, "the clock is {off} s off");
    }
    let random = ["head", "-c16", "/proc/sys/kernel/random/uuid"];
    assert_ne!(run(&one, &random, User::Root).await, run(&other, &random, User::Root).await);
    let id = ["cat", "/etc/machine-id"];
    assert_ne!(run(&one, &id, User::Root).await, run(&other, &id, User::Root).await);
}

/// What a command says that lives on in the session.
async fn lives_on(vm: &Vm, line: &str) -> String {
    const SAID_LIMIT: Duration = Duration::from_secs(90);
    const SAID: &str = "/tmp/said";
    let line = format!("({line}) > {SAID}.part; mv {SAID}.part {SAID}");
    let spec =
        CommandSpec { mode: Mode::Background, ..command(&["sh", "-c", &line], User::Session) };
    vm.run(spec, &mut |_, _| {}).await.expect("it starts");
    let asked = Instant::now();
    loop {
        match vm.read_file(SAID).await {
            Ok(said) => return String::from_utf8(said).expect("UTF-8"),
            Err(VmError::NoFile { .. }) => assert!(asked.elapsed() < SAID_LIMIT, "it says nothing"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_end_as_they_end() {
    let vm = clone().await;
    let check = async |argv: &[&str], user, expected: (i32, &str)| {
        let (status, said) = run(&vm, argv, user).await;
        assert_eq!((status, said.as_str()), expected, "{argv:?}");
    };
    check(&["true"], User::Session, (0, "")).await;
    check(&["sh", "-c", "exit 3"], User::Session, (3, "")).await;
    check(&["sh", "-c", "kill -TERM $$"], User::Session, (143, "")).await;
    check(
        &["printf", "%s", "-n 'quoted' \"é\" 漢 $HOME"],
        User::Root,
        (0, "-n 'quoted' \"é\" 漢 $HOME"),
    )
    .await;
    check(&["whoami"], User::Session, (0, "desk\n")).await;
    check(&["pwd"], User::Session, (0, "/home/desk\n")).await;
    let (status, said) = run(&vm, &["sh", "-c", "yes | head -c 3000000"], User::Root).await;
    assert_eq!((status, said.len()), (0, 3_000_000));
    let missing = vm.run(command(&["no-such-program"], User::Root), &mut |_, _| {}).await;
    assert!(
        matches!(missing, Err(VmError::GuestRefused { reason }) if reason.contains("no-such-program"))
    );
    let timeout = Some(Duration::from_millis(500));
    let slow = CommandSpec { timeout, ..command(&["sleep", "1000"], User::Root) };
    let end = vm.run(slow, &mut |_, _| {}).await.expect("it is killed");
    assert!(end.timed_out && end.status == 137, "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_nobody_follows_is_killed() {
    const GONE_LIMIT: Duration = Duration::from_secs(20);
    let vm = clone().await;
    let mut unread = |_, _: &[u8]| {};
    // With a child of its own, which goes with it.
    let line = ["sh", "-c", "sleep 123456; true"];
    let sleeping = vm.run(command(&line, User::Session), &mut unread);
    assert!(tokio::time::timeout(Duration::from_secs(2), sleeping).await.is_err());
    let running =
        ["sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c 'sleep 12345[6]'"];
    let dropped = Instant::now();
    while run(&vm, &running, User::Root).await.1 != "0\n" {
        assert!(dropped.elapsed() < GONE_LIMIT, "it still runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_in_and_come_out_byte_for_byte() {
    let vm = clone().await;
    for size in [0, 1, 65_536, 1_000_003] {
        let content: Vec<u8> =
            (0..size).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        vm.write_file("/home/desk/blob", &content).await.expect("written");
        assert!(vm.read_file("/home/desk/blob").await.expect("read") == content, "{size}");
    }
    let (_, owner) = run(&vm, &["stat", "-c", "%U", "/home/desk/blob"], User::Root).await;
    assert_eq!(owner, "desk\n");
    let missing = vm.read_file("/home/desk/none").await;
    assert!(matches!(missing, Err(VmError::NoFile { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_clone_leaves_nothing() {
    let vm = clone().await;
    let folder = vm.log().parent().expect("it lies in a folder").to_owned();
    assert!(folder.is_dir());
    drop(vm);
    assert!(!folder.exists());
    Store::open().expect("the store opens again");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_comes_in_by_the_door() {
    let vm = clone().await;
    let (store, _) = lab::template().await;
    let visit = Visit::to(store, vm.name()).await.expect("the door is open");
    let mut said = Vec::new();
    let mut keep = |_, bytes: &[u8]| said.extend_from_slice(bytes);
    let end = visit
        .guest()
        .run(command(&["cat", "/etc/hostname"], User::Session), &mut keep)
        .await
        .expect("it runs");
    assert_eq!((end.status, String::from_utf8_lossy(&said).trim()), (0, vm.name()));
    let name = vm.name().to_owned();
    drop(vm);
    assert!(matches!(Visit::to(store, &name).await, Err(VmError::NotRunning { .. })));
    assert!(visit.guest().tree(TreeLimits::default()).await.is_err(), "nobody answers any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_clone_stands_still_and_goes_on() {
    const LIFE: Duration = Duration::from_secs(3600);
    let vm = clone().await;
    vm.lifetime().limit(LIFE);
    assert_eq!(run(&vm, &["date", "--set=@1000"], User::Root).await.0, 0);
    vm.controls().pause().await.expect("paused");
    assert_eq!(vm.controls().is_running().await.ok(), Some(false));
    // What is left of its life stands still with it, and goes on with it.
    let left = vm.lifetime().left().expect("it has a limit");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(vm.lifetime().left(), Some(left));
    vm.controls().resume().await.expect("resumed");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(vm.lifetime().left().expect("it has a limit") < left);
    assert_eq!(vm.controls().is_running().await.ok(), Some(true));
    let (_, now) = run(&vm, &["date", "+%s"], User::Session).await;
    let now: u64 = now.trim().parse().expect("seconds");
    assert!(now > 1_000_000_000, "its clock is not set again: {now}");
}
