//! Applications that stop, die and lie, on a bus of their own.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use deskbound_accessibility::{
    App, AppStatus, Diagnosis, Effect, NodeAction, NodeId, Reader, Role, Scope, Tree, TreeLimits,
    diagnose,
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use tokio::runtime::{Builder, Runtime};
use zbus::zvariant::{ObjectPath, Value};

use crate::{
    bus::ALLOWED,
    fake::{Answer, Asked, BUTTON, FIELD, FIRST, FRAME, FakeBus, ROOT, SECOND, body, good, typed},
};

pub(crate) const LIMITS: TreeLimits = TreeLimits {
    scope: Scope::Shown,
    deadline: Duration::from_secs(4),
    app_deadline: Duration::from_secs(3),
    silence: Duration::from_millis(500),
    nodes: 2_000,
    depth: 60,
    children: 500,
    text_chars: 2_000,
    text_bytes: 8 << 20,
};
/// What a busy machine may add to a limit.
pub(crate) const SLACK: Duration = Duration::from_secs(3);

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

pub(crate) struct Seen {
    pub(crate) tree: Tree,
    pub(crate) took: Duration,
}

pub(crate) fn look(bus: &FakeBus, limits: &TreeLimits) -> Seen {
    runtime().block_on(async {
        let reader = Reader::connect(&bus.address()).await.expect("the bus is there");
        let started = Instant::now();
        let tree = reader.snapshot(limits).await.expect("the registry answers");
        tree.check().expect("the tree is whole");
        Seen { tree, took: started.elapsed() }
    })
}

impl Seen {
    pub(crate) fn app(&self, bus_name: &str) -> &App {
        self.tree.apps.iter().find(|app| app.bus_name == bus_name).expect("it is listed")
    }

    pub(crate) fn nodes(&self, bus_name: &str) -> Vec<NodeId> {
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
    let asked_for_all = Arc::<AtomicBool>::default();
    let noted = Arc::clone(&asked_for_all);
    let many = move |asked: &Asked| {
        if asked.path != FRAME {
            return None;
        }
        if asked.is("Get") && asked.property() == "ChildCount" {
            return Some(body(&Value::from(i32::MAX)));
        }
        // Whoever asks for them all the same gets them.
        asked.is("GetChildren").then(|| {
            noted.store(true, Ordering::Relaxed);
            Answer::Endless(100 << 20)
        })
    };
    check(many, AppStatus::Truncated, 2..=2);
    assert!(!asked_for_all.load(Ordering::Relaxed));
    // It said that there are two, and sends 200,000.
    let child = (FIRST, ObjectPath::from_static_str_unchecked(BUTTON));
    let children = body(&vec![child; 200_000]);
    let liar = move |asked: &Asked| {
        (asked.is("GetChildren") && asked.path == FRAME).then(|| children.clone())
    };
    check(liar, AppStatus::Truncated, 3..=3);
}

#[test]
fn a_string_of_a_hundred_megabytes_is_thrown_away() {
    let asked_for = |asked: &Asked| asked.path == BUTTON && asked.property() == "Name";
    let long = move |asked: &Asked| asked_for(asked).then_some(Answer::Endless(100 << 20));
    // It costs that one answer, and nobody else's.
    let seen = check(long, AppStatus::Complete, 4..=4);
    assert_eq!(seen.tree.name(seen.nodes(FIRST)[3]), "");
    // A megabyte is read, and cut, and says so.
    let long = move |asked: &Asked| asked_for(asked).then_some(Answer::Endless(1 << 20));
    let seen = check(long, AppStatus::Complete, 4..=4);
    let is_cut = |id: &NodeId| seen.tree.node(*id).flags.text_cut;
    let names: Vec<_> = seen.nodes(FIRST).iter().map(|id| seen.tree.name(*id).len()).collect();
    assert_eq!(names, ["root".len(), 1, 1, 2_000]);
    assert_eq!(
        seen.nodes(FIRST).iter().map(is_cut).collect::<Vec<_>>(),
        [false, false, false, true]
    );
}

#[test]
fn all_words_together_are_bounded() {
    let long = |asked: &Asked| (asked.property() == "Name").then_some(Answer::Endless(1_000));
    let bus = FakeBus::start(long);
    let limits = TreeLimits { text_bytes: 2_300, ..LIMITS };
    let seen = look(&bus, &limits);
    assert_eq!(seen.app(FIRST).status, AppStatus::Truncated);
    let words = |id: NodeId| seen.tree.name(id).len() + seen.tree.text(id).len();
    let all: usize = seen.tree.nodes().map(|(id, _)| words(id) + seen.tree.path(id).len()).sum();
    assert!((1_000..=2_300).contains(&all), "{all} bytes");
    assert!(seen.tree.nodes().any(|(_, node)| node.flags.text_cut));
}

#[test]
fn what_cannot_be_read_is_missed_in_its_parent() {
    let gone = "org.freedesktop.DBus.Error.UnknownObject";
    let cannot = move |asked: &Asked| (asked.path == BUTTON).then_some(Answer::Error(gone));
    let seen = check(cannot, AppStatus::Complete, 3..=3);
    let cut = |seen: &Seen| -> Vec<bool> {
        let nodes = seen.nodes(FIRST);
        nodes.iter().map(|id| seen.tree.node(*id).flags.truncated).collect()
    };
    assert_eq!(cut(&seen), [false, true, false]);
    // A number of children that is none is not zero.
    for count in [body(&Value::from(-1_i32)), Answer::Error(gone)] {
        let unknown = move |asked: &Asked| {
            (asked.path == FRAME && asked.property() == "ChildCount").then(|| count.clone())
        };
        let seen = check(unknown, AppStatus::Complete, 4..=4);
        assert_eq!(cut(&seen), [false; 4]);
    }
    // Children that it has and does not tell.
    let mute = move |asked: &Asked| {
        (asked.path == FRAME && asked.is("GetChildren")).then_some(Answer::Error(gone))
    };
    assert_eq!(cut(&check(mute, AppStatus::Complete, 2..=2)), [false, true]);
}

/// More than may be, and no table: those that show are what a person sees.
#[test]
fn of_too_many_children_the_first_that_show_are_read() {
    let number = |path: &str| path.strip_prefix("/row/")?.parse::<u32>().ok();
    let many = move |asked: &Asked| match asked.member.as_str() {
        "Get" if asked.path == FRAME && asked.property() == "ChildCount" => {
            Some(body(&Value::from(700_i32)))
        }
        "GetChildren" if asked.path == FRAME => {
            let row = |row: u32| ObjectPath::try_from(format!("/row/{row}")).expect("a path");
            Some(body(&(0..700).map(|at| (FIRST, row(at))).collect::<Vec<_>>()))
        }
        "GetState" => {
            let hidden = number(&asked.path).is_some_and(|row| row < 100);
            hidden.then(|| body(&[0_u32, 0].as_slice()))
        }
        _ => None,
    };
    let limits = TreeLimits { children: 20, ..LIMITS };
    let seen = look(&FakeBus::start(many), &limits);
    assert_eq!(seen.app(FIRST).status, AppStatus::Truncated);
    let rows: Vec<_> =
        seen.nodes(FIRST).iter().filter_map(|id| number(seen.tree.path(*id))).collect();
    assert_eq!(rows, (100..120).collect::<Vec<_>>());
    assert!(seen.tree.node(seen.nodes(FIRST)[1]).flags.truncated);
}

/// An application of another toolkit, with a table of 2³¹ cells in it, and what it was asked.
fn asked_of(name: &'static str, toolkit: Answer) -> Vec<Asked> {
    /// SHOWING, VISIBLE, ENABLED, SENSITIVE and MANAGES_DESCENDANTS.
    const TABLE_STATES: [u32; 2] = [1 << 25 | 1 << 30 | 1 << 8 | 1 << 24 | 1 << 31, 0];
    let whim = move |asked: &Asked| match (asked.path.as_str(), asked.property().as_str()) {
        (ROOT, "ToolkitName") => Some(toolkit.clone()),
        (ROOT, "Name") if name.is_empty() => {
            Some(Answer::Error("org.freedesktop.DBus.Error.Failed"))
        }
        (ROOT, "Name") => Some(body(&Value::from(name))),
        (FIELD, "ChildCount") => Some(body(&Value::from(i32::MAX))),
        (FIELD, _) if asked.is("GetState") => Some(body(&TABLE_STATES.as_slice())),
        (FIELD, _) if asked.is("GetInterfaces") => {
            let all = ["Accessible", "Component", "Table"];
            Some(body(&all.map(|name| format!("org.a11y.atspi.{name}")).as_slice()))
        }
        _ => None,
    };
    let bus = FakeBus::start(whim);
    let seen = look(&bus, &LIMITS);
    assert!(seen.nodes(FIRST).len() >= 4, "{} nodes", seen.nodes(FIRST).len());
    bus.heard().into_iter().filter(|asked| asked.bus_name == FIRST).collect()
}

#[test]
fn what_ends_an_application_is_not_asked_of_it() {
    let toolkit = |name: &'static str| body(&Value::from(name));
    let check = |name, toolkit: Answer, has_cache: bool| {
        let asked = asked_of(name, toolkit);
        let of_table = |asked: &&Asked| asked.path == FIELD && asked.is("GetChildren");
        assert_eq!(asked.iter().filter(of_table).count(), 0, "{name}: all cells were asked for");
        let cache = asked.iter().any(|asked| asked.is("GetItems"));
        assert_eq!(cache, has_cache, "{name}: GetItems");
        let in_view = asked.iter().any(|asked| asked.is("GetAccessibleAtPoint"));
        assert!(in_view, "{name}: no cell was looked for");
    };
    check("soffice", toolkit("gtk"), false);
    check("soffice", toolkit("Qt"), false);
    check("kcalc", toolkit("Qt"), false);
    check("calculator", toolkit("gtk"), true);
    // It may be an office.
    check("", toolkit("gtk"), false);
    check("mystery", Answer::Error("org.freedesktop.DBus.Error.Failed"), false);
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
        let pair = ["GetRole", "GetInterfaces"];
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

/// What a press does, where the button answers that error ever after.
fn pressed_into(error: &'static str) -> Effect {
    let is_pressed = AtomicBool::new(false);
    let bus = FakeBus::start(move |asked: &Asked| {
        if asked.path != BUTTON {
            return None;
        }
        let before = is_pressed.fetch_or(asked.is("DoAction"), Ordering::Relaxed);
        (before && asked.is("GetState")).then_some(Answer::Error(error))
    });
    runtime().block_on(async {
        let reader = Reader::connect(&bus.address()).await.expect("the bus is there");
        let tree = reader.snapshot(&LIMITS).await.expect("the registry answers");
        let button = tree.nodes().map(|(id, _)| id).find(|id| tree.path(*id) == BUTTON);
        let button = tree.node_ref(button.expect("it is read"));
        reader.act(&button, &NodeAction::Press).await.expect("it is pressed")
    })
}

#[test]
fn only_what_is_gone_is_told_to_be_gone() {
    let effect = pressed_into("org.freedesktop.DBus.Error.UnknownObject");
    let Effect::Confirmed { evidence } = effect else { panic!("{effect:?}") };
    assert!(evidence.ends_with("is gone"), "{evidence}");
    for error in ["org.freedesktop.DBus.Error.Failed", "org.example.Busy"] {
        let effect = pressed_into(error);
        assert!(matches!(effect, Effect::Unverifiable { .. }), "{error}: {effect:?}");
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

/// A look at an application that answers so, one after the other.
fn look_at(whims: Vec<Option<Answer>>) -> Result<(), TestCaseError> {
    let turn = AtomicU32::new(0);
    let answer = move |_: &Asked| {
        let turn = turn.fetch_add(1, Ordering::Relaxed) as usize;
        whims[turn % whims.len()].clone()
    };
    let limits = TreeLimits {
        deadline: Duration::from_millis(800),
        app_deadline: Duration::from_millis(700),
        silence: Duration::from_millis(300),
        ..LIMITS
    };
    let seen = look(&FakeBus::start(answer), &limits);
    prop_assert!(seen.took < limits.deadline + SLACK, "{:?}", seen.took);
    prop_assert_eq!(seen.nodes(SECOND).len(), 4);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_a_look_ends_within_its_limits(whims in whims()) {
        look_at(whims)?;
    }
}

/// The same for minutes, with what was recorded of real applications among the answers.
#[test]
#[ignore = "long: minutes of looks"]
fn long_whatever_is_said_for_minutes_a_look_ends_within_its_limits() {
    const FUZZED: Duration = Duration::from_secs(4 * 60);
    const LOOKS_AT_ONCE: u32 = 20;
    let recorded = include_str!("../../src/reply/recorded.txt").lines().map(|line| {
        let hex = line.rsplit(' ').next().expect("a line has words").as_bytes();
        let digits = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        let bytes: Vec<u8> = hex.chunks(2).map(digits).collect();
        Some(Answer::Bytes(bytes))
    });
    let recorded: Vec<Option<Answer>> = recorded.collect();
    let mixed = (whims(), prop::collection::vec(prop::sample::select(recorded), 0..6))
        .prop_map(|(whims, recorded)| whims.into_iter().chain(recorded).collect::<Vec<_>>())
        .prop_shuffle();
    let until = Instant::now() + FUZZED;
    let mut looks = 0;
    while Instant::now() < until {
        let config = ProptestConfig { cases: LOOKS_AT_ONCE, ..ProptestConfig::default() };
        let mut runner = TestRunner::new(config);
        runner.run(&mixed, look_at).unwrap_or_else(|error| panic!("{error}"));
        looks += LOOKS_AT_ONCE;
    }
    assert!(looks > 100, "{looks} looks");
}
