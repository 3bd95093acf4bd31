//! Going back, and starting others from where a clone stood.

use std::{fs, time::Instant};

use deskbound_vm::{Checkpoint, Store, User, Vm, VmError};

use crate::lab::{self, clone, run};

const NOTE: &str = "/home/desk/note";

/// What the disk says, not the memory.
async fn note(vm: &Vm) -> Option<String> {
    let forget = ["sh", "-c", "sync; echo 3 > /proc/sys/vm/drop_caches"];
    assert_eq!(run(vm, &forget, User::Root).await.0, 0);
    match vm.read_file(NOTE).await {
        Ok(content) => Some(String::from_utf8(content).expect("UTF-8")),
        Err(VmError::NoFile { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

async fn timed<T>(what: &str, doing: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = doing.await;
    eprintln!("{what} took {:?}", started.elapsed());
    done
}

fn store() -> Store {
    Store::open().expect("the store opens")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_goes_back_to_where_it_was() {
    /// Pages that an idle desktop touches in seconds, and the screen; all of its memory is more.
    const STATE_BYTES_MAX: u64 = 400 * 1024 * 1024;
    let mut vm = clone().await;
    vm.write_file(NOTE, b"one").await.expect("written");
    let one = timed("a checkpoint", vm.checkpoint("one")).await.expect("taken");
    let state = fs::metadata(one.template().path().join("state")).expect("it is there").len();
    eprintln!("its state has {} MB", state / 1_000_000);
    assert!(state < STATE_BYTES_MAX, "{state} bytes");
    assert!(matches!(vm.checkpoint("one").await, Err(VmError::NameTaken { .. })));
    vm.write_file(NOTE, b"two").await.expect("it goes on");
    let name = vm.name().to_owned();
    timed("going back", vm.rewind(one.template())).await.expect("it was there");
    assert_eq!((vm.name(), note(&vm).await.as_deref()), (name.as_str(), Some("one")));
    assert_eq!(run(&vm, &["cat", "/etc/hostname"], User::Session).await.1.trim(), name);

    vm.write_file(NOTE, b"three").await.expect("written");
    let three = vm.checkpoint("three").await.expect("one of a clone that went back");
    let start = vm.origin();
    assert_eq!(start.name(), "one");
    vm.rewind(three.template()).await.expect("it was there");
    assert_eq!(note(&vm).await.as_deref(), Some("three"));
    let (_, template) = lab::template().await;
    timed("starting over", vm.rewind(template)).await.expect("it is there");
    assert_eq!(note(&vm).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_goes_its_own_way_and_what_is_kept_stays() {
    let mut vm = clone().await;
    vm.write_file(NOTE, b"set up").await.expect("written");
    let taken = vm.checkpoint("ready").await.expect("taken");
    let fork = timed("a fork", Vm::start(&store(), taken.template())).await.expect("it starts");
    assert_ne!(fork.name(), vm.name());
    for name in [&["cat", "/etc/hostname"][..], &["uname", "-n"]] {
        assert_eq!(run(&fork, name, User::Session).await.1.trim(), fork.name(), "{name:?}");
    }
    fork.write_file(NOTE, b"of the fork").await.expect("written");
    assert_eq!(note(&vm).await.as_deref(), Some("set up"));

    let name = format!("kept-by-a-test-{}", std::process::id());
    taken.keep(&store(), &name).expect("kept");
    let folder = taken.template().path().to_owned();
    drop((vm, fork));
    assert!(!folder.exists(), "a checkpoint goes with its clone");
    let kept = Checkpoint::kept(&store(), &name).await.expect("it stays");
    let again = Vm::start(&store(), kept.template()).await.expect("it starts");
    assert_eq!(note(&again).await.as_deref(), Some("set up"));
    Checkpoint::forget(&store(), &name).expect("removed");
    assert!(matches!(Checkpoint::kept(&store(), &name).await, Err(VmError::NotKept { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_checkpoint_between_question_and_answer() {
    let mut vm = clone().await;
    let name = vm.name().to_owned();
    let visit = deskbound_vm::Visit::to(&store(), &name).await.expect("the door is open");
    let (up, is_up) = tokio::sync::oneshot::channel();
    let sleeping = tokio::spawn(async move {
        let mut up = Some(up);
        let mut tell = |_, _: &[u8]| {
            let _ = up.take().map(|up| up.send(()));
        };
        let argv = ["sh", "-c", "echo up; sleep 600"];
        visit.guest().run(lab::command(&argv, User::Session), &mut tell).await
    });
    is_up.await.expect("the command runs");
    assert!(matches!(vm.checkpoint("now").await, Err(VmError::Busy)));
    sleeping.abort();
}
