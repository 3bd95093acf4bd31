use super::*;
use crate::outcome::Status;
use crate::outcome::tests::outcome;
use crate::plan::tests::conditions;
use crate::plan::{FORMAT, Item};

/// Results of each of two writers.
const RESULTS_EACH: u32 = 200;

fn plan() -> Plan {
    let items = ["a", "b"].map(|task| Item::new(task, 1, 1, 0)).to_vec();
    Plan { format: FORMAT, conditions: conditions(), shards: 1, items }
}

fn made(task: &str, epoch: u32, status: Status) -> Outcome {
    Outcome { conditions: conditions().digest(), ..outcome(task, epoch, status) }
}

#[test]
fn a_result_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::make(folder.path(), &plan()).unwrap();
    assert!(!store.has("a.1.1"));
    store.keep(&made("a", 1, Status::Pass)).unwrap();
    store.keep(&made("a", 1, Status::Fail)).unwrap();
    assert!(store.has("a.1.1"));
    let held = Store::read(folder.path()).unwrap();
    assert_eq!(held.results["a.1.1"], made("a", 1, Status::Pass));
    assert_eq!(held.open(), ["b.1.1"]);
}

#[test]
fn two_writers_leave_every_result_once_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::make(folder.path(), &plan()).unwrap();
    std::thread::scope(|scope| {
        for status in [Status::Pass, Status::Fail] {
            let store = &store;
            scope.spawn(move || {
                for epoch in 0..RESULTS_EACH {
                    store.keep(&made("a", epoch, status)).unwrap();
                }
            });
        }
    });
    let held = Store::read(folder.path()).unwrap();
    assert_eq!(held.results.len(), RESULTS_EACH as usize);
    let files = fs::read_dir(folder.path().join(RESULTS)).unwrap().count();
    assert_eq!(files, RESULTS_EACH as usize);
}

#[test]
fn half_a_result_is_none_and_a_strangers_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::make(folder.path(), &plan()).unwrap();
    fs::write(folder.path().join(RESULTS).join(".a.1.1.json.9-x.part"), "{\"half").unwrap();
    assert!(Store::read(folder.path()).unwrap().results.is_empty());
    store.keep(&outcome("a", 1, Status::Pass)).unwrap();
    assert!(matches!(Store::read(folder.path()), Err(StoreError::Foreign { .. })));
}

#[test]
fn a_spoilt_attempt_is_shown_until_there_is_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::make(folder.path(), &plan()).unwrap();
    for error in ["first", "second"] {
        let error = Some(error.to_owned());
        let spoilt = Outcome { error, ..made("a", 1, Status::InfrastructureError) };
        store.keep_broken(&spoilt).unwrap();
    }
    let held = Store::read(folder.path()).unwrap();
    assert_eq!(held.open().len(), 2);
    assert_eq!(held.outcomes()[0].error.as_deref(), Some("second"));
    store.keep(&made("a", 1, Status::Pass)).unwrap();
    let held = Store::read(folder.path()).unwrap();
    assert!(held.broken.is_empty());
    assert_eq!(held.outcomes()[0].status, Status::Pass);
}

#[test]
fn a_folder_takes_more_of_the_same_and_nothing_of_others() {
    let folder = tempfile::tempdir().unwrap();
    Store::make(folder.path(), &plan()).unwrap();
    let mut more = plan();
    more.items.push(Item::new("a", 1, 2, 0));
    Store::make(folder.path(), &more).unwrap();
    assert_eq!(Plan::read(folder.path()).unwrap(), more);
    more.conditions.seed += 1;
    let refused = Store::make(folder.path(), &more);
    assert!(matches!(refused, Err(StoreError::OtherPlan { .. })));
}

/// Where a writer writes that is going to be killed.
const WRITER: &str = "DESKBOUND_TEST_WRITER";
const KILLS: u32 = 200;

#[test]
#[ignore = "long: writes until it is killed, as the next test has it"]
fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(WRITER) else { return };
    let store = Store::make(std::path::Path::new(&folder), &plan()).unwrap();
    for epoch in 0..u32::MAX {
        store.keep(&made("a", epoch, Status::Pass)).unwrap();
    }
}

#[test]
#[ignore = "long: two hundred writers, each killed at another instant"]
fn long_a_killed_writer_leaves_no_half_result() {
    let folder = tempfile::tempdir().unwrap();
    Store::make(folder.path(), &plan()).unwrap();
    let mut random = crate::random::Random::new(1);
    for kill in 0..KILLS {
        let mut writer = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["store::tests::writes_until_it_is_killed", "--exact", "--ignored"])
            .env(WRITER, folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 + random.below(60) as u64));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let read = Store::read(folder.path());
        assert!(read.is_ok(), "after {kill} kills: {read:?}");
    }
    assert!(!Store::read(folder.path()).unwrap().results.is_empty());
}

const MANY: u32 = 1_000;

#[test]
#[ignore = "long: writes a thousand results, as the next test has it"]
fn writes_a_thousand() {
    let Some(folder) = std::env::var_os(WRITER) else { return };
    let store = Store::make(std::path::Path::new(&folder), &plan()).unwrap();
    for epoch in 0..MANY {
        store.keep(&made("a", epoch, Status::Pass)).unwrap();
    }
}

#[test]
#[ignore = "long: two writers of a thousand results, each at a mount of its own"]
fn long_two_mounts_of_one_folder_keep_every_result_once() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: mounts are made by root alone");
        return;
    }
    let shared = tempfile::tempdir().unwrap();
    Store::make(shared.path(), &plan()).unwrap();
    let mounts = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let writers = mounts.each_ref().map(|mount| {
        let line = "mount --bind \"$1\" \"$2\" && exec \"$0\" store::tests::writes_a_thousand --exact --ignored";
        std::process::Command::new("unshare")
            .args(["--mount", "sh", "-c", line])
            .args([std::env::current_exe().unwrap().as_path(), shared.path(), mount.path()])
            .env(WRITER, mount.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap()
    });
    for mut writer in writers {
        assert!(writer.wait().unwrap().success());
    }
    assert_eq!(Store::read(shared.path()).unwrap().results.len(), MANY as usize);
    let files = fs::read_dir(shared.path().join(RESULTS)).unwrap().count();
    assert_eq!(files, MANY as usize);
    // It was the shared folder that was written to.
    assert!(mounts.iter().all(|mount| !mount.path().join(RESULTS).exists()));
}
