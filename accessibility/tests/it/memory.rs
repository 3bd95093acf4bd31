//! How much memory strangers can make this program take, measured in a process of its own.

use std::{process::Command, time::Duration};

use deskbound_accessibility::{AppStatus, Reader, TreeLimits};
use tokio::runtime::Builder;
use zbus::zvariant::{ObjectPath, Value};

use crate::fake::{Answer, Asked, BUTTON, FRAME, FakeBus, body};

/// Tells the test that it runs alone.
const ALONE: &str = "DESKBOUND_TEST_ALONE";
/// Above the longest message that is read, and below what is sent.
const GROWTH_MAX_MB: u64 = 64;

/// The most that this process has ever had, in MB.
fn high_water_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("there is /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells");
    let kb = line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number");
    kb / 1_024
}

fn look(whim: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) {
    let bus = FakeBus::start(whim);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    // Hundreds of megabytes are on their way, and memory is all that is measured.
    let limits = TreeLimits {
        deadline: Duration::from_secs(60),
        app_deadline: Duration::from_secs(50),
        silence: Duration::from_secs(20),
        ..TreeLimits::default()
    };
    runtime.block_on(async {
        let reader = Reader::connect(&bus.address()).await.expect("the bus is there");
        let tree = reader.snapshot(&limits).await.expect("the registry answers");
        assert_eq!(tree.apps[1].status, AppStatus::Complete);
        assert!(tree.len() >= 6, "{} nodes", tree.len());
    });
}

#[test]
fn memory_is_bounded_whatever_is_sent() {
    if std::env::var_os(ALONE).is_none() {
        let this = std::env::current_exe().expect("this program");
        let alone = Command::new(this)
            .args(["--exact", "memory::memory_is_bounded_whatever_is_sent", "--nocapture"])
            .env(ALONE, "1")
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&alone.stdout);
        assert!(alone.status.success(), "{said}{}", String::from_utf8_lossy(&alone.stderr));
        return;
    }
    look(|_| None);
    let before = high_water_mb();
    let name = |asked: &Asked| asked.property() == "Name";
    // A string of 100 MB.
    look(move |asked| (name(asked) && asked.path == BUTTON).then_some(Answer::Endless(100 << 20)));
    // More children than there are numbers, and all of them at once.
    look(|asked| match asked.member.as_str() {
        "Get" if asked.path == FRAME && asked.property() == "ChildCount" => {
            Some(body(&Value::from(i32::MAX)))
        }
        "GetChildren" if asked.path == FRAME => Some(Answer::Endless(100 << 20)),
        _ => None,
    });
    // A few hundred children with a megabyte each.
    look(move |asked| match asked.member.as_str() {
        "Get" if asked.path == FRAME && asked.property() == "ChildCount" => {
            Some(body(&Value::from(300_i32)))
        }
        "GetChildren" if asked.path == FRAME => {
            let row = |row: u32| ObjectPath::try_from(format!("/row/{row}")).expect("a path");
            Some(body(&(0..300).map(|at| (asked.bus_name.clone(), row(at))).collect::<Vec<_>>()))
        }
        _ => name(asked).then_some(Answer::Endless(1 << 20)),
    });
    let grown = high_water_mb() - before;
    assert!(grown < GROWTH_MAX_MB, "{grown} MB more than {before} MB");
}
