//! Applications that stop, die and lie, on a bus of their own.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use deskbound_accessibility::{
    App, AppStatus, Diagnosis, NodeAction, NodeId, Reader, Role, Scope, Tree, TreeLimits, diagnose,
};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use zbus::zvariant::{ObjectPath, Value};

use crate::{
    bus::ALLOWED,
    fake::{Answer, Asked, BUTTON, FIELD, FIRST, FRAME, FakeBus, ROOT, SECOND, body, good, typed},
};

const LIMITS: TreeLimits = TreeLimits {
    scope: Scope::Shown,
    deadline: Duration::from_secs(4),
    app_deadline: Duration::from_secs(3),
    silence: Duration::from_millis(500),
    nodes: 2_000,
    depth: 60,
    children: 500,
    text_chars: 2_000,
};
/// What a busy machine may add to a limit.
const SLACK: Duration = Duration::from_secs(3);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

struct Seen {
    tree: Tree,
    took: Duration,
}

fn look(bus: &FakeBus, limits: &TreeLimits) -> Seen {
    runtime().block_on(async {
        let reader = Reader::connect(&bus.address()).await.expect("the bus is there");
        let started = Instant::now();
        let tree = reader.snapshot(limits).await.expect("the registry answers");
        tree.check().expect("the tree is whole");
        Seen { tree, took: started.elapsed() }
    })
}

impl Seen {
    fn app(&self, bus_name: &str) -> &App {
        self.tree.apps.iter().find(|app| app.bus_name == bus_name).expect("it is listed")
    }

    fn nodes(&self, bus_name: &str) -> Vec<NodeId> {
        let of_app = |id: &NodeId| self.tree.app(*id).bus_name == bus_name;
        self.tree.nodes().map(|(id, _)| id).filter(of_app).collect()
    }
}

/// What the first application does costs the second nothing.
#[track_caller]
fn check(
    whim: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    status: AppStatus,
    nodes: std::ops::RangeInclusive<usize>,
) -> Seen {
    let seen = look(&FakeBus::start(whim), &LIMITS);
    assert!(seen.took < LIMITS.deadline + SLACK, "{:?}", seen.took);
    assert_eq!(seen.app(SECOND).status, AppStatus::Complete);
    assert_eq!(seen.nodes(SECOND).len(), 4);
    assert_eq!(seen.app(FIRST).status, status);
    assert!(nodes.contains(&seen.nodes(FIRST).len()), "{} nodes", seen.nodes(FIRST).len());
    seen
}

#[test]
fn a_good_application_is_read_whole() {
    let seen = check(|_| None, AppStatus::Complete, 4..=4);
    assert!(seen.took < LIMITS.silence, "{:?}", seen.took);
    let names: Vec<&str> = seen.nodes(FIRST).iter().map(|id| seen.tree.name(*id)).collect();
    assert_eq!(names, ["root", "1", "2", "3"]);
}

#[test]
fn one_that_says_nothing_is_stalled() {
    check(|_| Some(Answer::Nothing), AppStatus::Stalled, 0..=0);
    // In the middle: what it said before is kept.
    let stops = |asked: &Asked| (asked.path == BUTTON).then_some(Answer::Nothing);
    check(stops, AppStatus::Stalled, 2..=3);
}

#[test]
fn one_that_dies_in_the_middle_keeps_what_was_read() {
    let dies = |asked: &Asked| {
        let gone = "org.freedesktop.DBus.Error.NameHasNoOwner";
        (asked.path == BUTTON).then_some(Answer::Error(gone))
    };
    check(dies, AppStatus::Died, 2..=3);
}

#[test]
fn circles_and_nobodies_are_walked_once() {
    let circle = |asked: &Asked| {
        let named = |paths: &[(&str, &'static str)]| {
            let path = |path| ObjectPath::from_static_str_unchecked(path);
            let all = paths.iter().map(|(name, at)| (name.to_string(), path(at)));
            body(&all.collect::<Vec<_>>())
        };
        let child = asked.path == FIELD || asked.path == BUTTON;
        if asked.is("Get") && asked.property() == "ChildCount" && child {
            return Some(body(&Value::from(3_i32)));
        }
        (asked.is("GetChildren") && child).then(|| {
            let null = "/org/a11y/atspi/null";
            named(&[(FIRST, ROOT), (FIRST, FRAME), (FIRST, null), ("", FIELD), (FIRST, BUTTON)])
        })
    };
    check(circle, AppStatus::Complete, 4..=4);
}

#[test]
fn a_million_children_are_cut() {
    let count = AtomicU32::new(0);
    let many = move |asked: &Asked| {
        if asked.path != FRAME {
            return None;
        }
        if asked.is("Get") && asked.property() == "ChildCount" {
            return Some(body(&Value::from(i32::MAX)));
        }
        // Whoever asks for them all the same gets them.
        asked.is("GetChildren").then(|| {
            count.fetch_add(1, Ordering::Relaxed);
            Answer::Endless(100 << 20)
        })
    };
    check(many, AppStatus::Truncated, 2..=2);
    // It said that there are two, and sends 200,000.
    let liar = |asked: &Asked| {
        (asked.is("GetChildren") && asked.path == FRAME).then(|| {
            let child = (FIRST, ObjectPath::from_static_str_unchecked(BUTTON));
            body(&vec![child; 200_000])
        })
    };
    check(liar, AppStatus::Truncated, 3..=3);
}

#[test]
fn a_string_of_a_hundred_megabytes_is_thrown_away() {
    let asked_for = |asked: &Asked| asked.path == BUTTON && asked.property() == "Name";
    let long = move |asked: &Asked| asked_for(asked).then_some(Answer::Endless(100 << 20));
    let seen = look(&FakeBus::start(long), &LIMITS);
    assert!(seen.took < LIMITS.deadline + SLACK, "{:?}", seen.took);
    // Its reader cannot tell it from silence.
    assert_eq!(seen.app(FIRST).status, AppStatus::Stalled);
    // A megabyte is read, and cut.
    let long = move |asked: &Asked| asked_for(asked).then_some(Answer::Endless(1 << 20));
    let seen = check(long, AppStatus::Complete, 4..=4);
    assert!(seen.nodes(FIRST).iter().all(|id| seen.tree.name(*id).len() <= 2_000));
}

#[test]
fn nonsense_costs_one_answer() {
    let name = |asked: &Asked| asked.path == BUTTON && asked.property() == "Name";
    let answers = [
        // A string that is no UTF-8, in a variant.
        Answer::Body("v".to_owned(), vec![1, b's', 0, 0, 2, 0, 0, 0, 0xff, 0xfe, 0]),
        // One that is longer than its message.
        Answer::Body("v".to_owned(), vec![1, b's', 0, 0, 200, 0, 0, 0, b'x', 0]),
        body(&Value::from(7_u32)),
        body(&"no variant"),
        body(&()),
        Answer::Error("org.example.Nonsense"),
    ];
    for answer in answers {
        let seen = {
            let answer = answer.clone();
            check(move |asked| name(asked).then(|| answer.clone()), AppStatus::Complete, 4..=4)
        };
        let button = seen.nodes(FIRST)[3];
        assert_eq!(seen.tree.name(button), "", "{answer:?}");
    }
    // Roles of the future are unknown, not an error.
    let role =
        |asked: &Asked| (asked.path == BUTTON && asked.is("GetRole")).then(|| body(&9_999_u32));
    let seen = check(role, AppStatus::Complete, 4..=4);
    assert_eq!(seen.tree.node(seen.nodes(FIRST)[3]).role, Role::Unknown);
}

#[test]
fn answers_may_come_in_any_order() {
    let held: Mutex<Vec<Asked>> = Mutex::default();
    let backwards = move |asked: &Asked| {
        let pair = ["GetRole", "GetState"];
        if asked.path != BUTTON || !pair.contains(&asked.member.as_str()) {
            return None;
        }
        let mut held = held.lock().unwrap();
        held.push(asked.clone());
        if held.len() < 2 {
            return Some(Answer::Nothing);
        }
        // Both have come: the later one is answered first.
        let bytes = held.drain(..).rev().flat_map(|asked| match good(&asked) {
            Answer::Body(signature, body) => crate::fake::reply(asked.serial, &signature, &body),
            _ => Vec::new(),
        });
        Some(Answer::Bytes(bytes.collect()))
    };
    check(backwards, AppStatus::Complete, 4..=4);
}

#[test]
fn a_bus_that_breaks_is_an_error() {
    let runtime = runtime();
    let bus = FakeBus::start(|_| Some(Answer::HangUp));
    runtime.block_on(async {
        let reader = Reader::connect(&bus.address()).await.unwrap();
        let started = Instant::now();
        // The registry answered, the connection broke afterwards: everybody is gone.
        let first = reader.snapshot(&LIMITS).await.unwrap();
        assert!(first.apps.iter().all(|app| app.status != AppStatus::Complete), "{:?}", first.apps);
        assert!(reader.snapshot(&LIMITS).await.is_err());
        assert!(started.elapsed() < LIMITS.deadline * 2 + SLACK);
    });
    // Not a message at all.
    let bus = FakeBus::start(|_| Some(Answer::Bytes(vec![b'l'; 4_096])));
    let started = Instant::now();
    runtime.block_on(async {
        let reader = Reader::connect(&bus.address()).await.unwrap();
        let _ = reader.snapshot(&LIMITS).await;
    });
    assert!(started.elapsed() < LIMITS.deadline + SLACK, "{:?}", started.elapsed());
}

/// A registry that lists, and does not take in what is good.
#[test]
fn a_bus_that_does_not_take_an_object_of_our_own_is_broken() {
    let bus = FakeBus::start(|_| None);
    let said = runtime().block_on(diagnose(&bus.address()));
    assert!(matches!(said, Diagnosis::BusBroken { .. }), "{said:?}");
}

/// Everything that can be sent is sent, to an application of each toolkit, and all of it is on the
/// list of what is safe.
#[test]
fn nothing_is_sent_that_is_not_on_the_list() {
    let mut called = BTreeSet::new();
    let toolkits =
        [("gtk", "3.24"), ("gtk", "4.8"), ("Qt", "5"), ("Gecko", "1"), ("Chromium", "1")];
    for (toolkit, version) in toolkits {
        let bus = FakeBus::start(move |asked: &Asked| match asked.property().as_str() {
            "ToolkitName" => Some(body(&Value::from(toolkit))),
            "Version" => Some(body(&Value::from(version))),
            _ => None,
        });
        runtime().block_on(async {
            let reader = Reader::connect(&bus.address()).await.unwrap();
            let limits = TreeLimits { scope: Scope::Whole, ..LIMITS };
            let tree = reader.snapshot(&limits).await.unwrap();
            let button = tree.nodes().map(|(id, _)| id).find(|id| tree.path(*id) == BUTTON);
            let button = tree.node_ref(button.unwrap());
            let text = || "x".to_owned();
            let actions = [
                NodeAction::Press,
                NodeAction::SetText(text()),
                NodeAction::InsertText { at: 1, text: text() },
                NodeAction::SetValue(1.0),
                NodeAction::Focus,
                NodeAction::Select,
                NodeAction::ScrollTo,
                NodeAction::Expand,
            ];
            for action in actions {
                let _ = reader.act(&button, &action).await;
            }
            let _ = diagnose(&bus.address()).await;
            reader.diagnose_windows(&tree).await;
        });
        called.extend(bus.heard().iter().map(Asked::called));
    }
    for call in &called {
        assert!(ALLOWED.contains(&call.as_str()), "{call} is not on the list");
    }
    let only_elsewhere = ["org.a11y.Bus.GetAddress"];
    let table = |call: &str| call.starts_with("org.a11y.atspi.Table") || call.ends_with("AtPoint");
    for call in ALLOWED {
        let heard = called.contains(*call) || only_elsewhere.contains(call) || table(call);
        assert!(heard, "{call} was never sent: does it have to be on the list?");
    }
}

/// What an application may answer to anything.
fn whims() -> impl Strategy<Value = Vec<Option<Answer>>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..64);
    let whim = prop_oneof![
        6 => Just(None),
        1 => Just(Some(Answer::Error("org.freedesktop.DBus.Error.UnknownObject"))),
        1 => bytes.clone().prop_map(|bytes| Some(typed::<(i32, i32, i32, i32)>(bytes))),
        1 => bytes.clone().prop_map(|bytes| Some(typed::<Vec<u32>>(bytes))),
        1 => bytes.clone().prop_map(|bytes| Some(typed::<Vec<(String, ObjectPath<'_>)>>(bytes))),
        1 => bytes.clone().prop_map(|bytes| Some(typed::<Value<'_>>(bytes))),
        1 => bytes.prop_map(|bytes| Some(typed::<String>(bytes))),
        1 => any::<u32>().prop_map(|number| Some(body(&number))),
    ];
    prop::collection::vec(whim, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_a_look_ends_within_its_limits(whims in whims()) {
        let turn = AtomicU32::new(0);
        let bus = FakeBus::start(move |_| {
            let turn = turn.fetch_add(1, Ordering::Relaxed) as usize;
            whims[turn % whims.len()].clone()
        });
        let limits = TreeLimits {
            deadline: Duration::from_millis(800),
            app_deadline: Duration::from_millis(700),
            silence: Duration::from_millis(300),
            ..LIMITS
        };
        let seen = look(&bus, &limits);
        prop_assert!(seen.took < limits.deadline + SLACK, "{:?}", seen.took);
        prop_assert_eq!(seen.nodes(SECOND).len(), 4);
    }
}
