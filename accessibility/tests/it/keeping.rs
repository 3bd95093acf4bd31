//! What is kept from one picture to the next, and what makes it worthless.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use deskbound_accessibility::{Reader, Scope, Tree, TreeLimits};
use tokio::{
    runtime::{Builder, Runtime},
    time::timeout,
};
use zbus::zvariant::Value;

use crate::fake::{Asked, BUTTON, FIRST, FakeBus, body};

struct Scene {
    bus: FakeBus,
    runtime: Runtime,
    reader: Reader,
    /// Where the button of the first application is.
    left: Arc<AtomicI32>,
}

impl Scene {
    fn start() -> Self {
        let left = Arc::new(AtomicI32::new(10));
        let at = Arc::clone(&left);
        let bus = FakeBus::start(move |asked: &Asked| {
            let moved = asked.is("GetExtents") && asked.path == BUTTON;
            moved.then(|| body(&((at.load(Ordering::Relaxed), 20_i32, 30_i32, 40_i32),)))
        });
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let reader = runtime.block_on(Reader::connect(&bus.address())).expect("the bus is there");
        let scene = Self { bus, runtime, reader, left };
        scene.look(&TreeLimits::default());
        scene
    }

    fn look(&self, limits: &TreeLimits) -> Tree {
        self.runtime.block_on(self.reader.snapshot(limits)).expect("the registry answers")
    }

    /// Whether a picture reads the first application afresh.
    fn reads(&self, limits: &TreeLimits) -> bool {
        let before = self.bus.heard().len();
        let tree = self.look(limits);
        assert_eq!(tree.len(), 8);
        let heard = self.bus.heard();
        heard[before..].iter().any(|asked| asked.bus_name == FIRST && asked.is("GetRole"))
    }
}

#[test]
fn what_says_nothing_is_not_read_again() {
    let scene = Scene::start();
    let limits = TreeLimits::default();
    assert!(!scene.reads(&limits));
    // However long one is willing to wait.
    assert!(!scene.reads(&TreeLimits { deadline: Duration::from_secs(9), ..limits }));
    // Another question has another answer.
    assert!(scene.reads(&TreeLimits { scope: Scope::Whole, ..limits }));
    scene.reader.forget();
    assert!(scene.reads(&limits));
}

#[test]
fn events_are_told_apart() {
    let scene = Scene::start();
    let check = |member: &str, detail: &str, value: Value<'_>, reads: bool| {
        scene.bus.signal(member, detail, value);
        assert_eq!(scene.reads(&TreeLimits::default()), reads, "{member} {detail}");
        assert!(!scene.reads(&TreeLimits::default()), "{member} {detail}: it was read since");
    };
    let nothing = || Value::from(0_u32);
    check("StateChanged", "checked", nothing(), true);
    check("ChildrenChanged", "add", nothing(), true);
    check("TextChanged", "insert", Value::from("x"), true);
    // Cells that are made to be read go again.
    check("StateChanged", "defunct", nothing(), false);
    // It is called so already.
    check("PropertyChange", "accessible-name", Value::from("3"), false);
    check("PropertyChange", "accessible-name", Value::from("other"), true);
}

#[test]
fn what_moves_without_a_word_is_read_again() {
    let scene = Scene::start();
    scene.left.store(11, Ordering::Relaxed);
    assert!(scene.reads(&TreeLimits::default()));
    let tree = scene.look(&TreeLimits::default());
    let button = tree.nodes().find(|(id, _)| tree.path(*id) == BUTTON).unwrap().1;
    assert_eq!(button.bounds.map(|bounds| bounds.x), Some(11));
}

#[test]
fn whoever_waits_for_changes_hears_of_one() {
    let scene = Scene::start();
    scene.runtime.block_on(async {
        let mut changes = scene.reader.changes().await;
        let soon = Duration::from_millis(200);
        assert!(timeout(soon, changes.next()).await.is_err());
        scene.bus.signal("StateChanged", "checked", Value::from(0_u32));
        // Looking hears out the bus.
        scene.reader.snapshot(&TreeLimits::default()).await.unwrap();
        assert_eq!(timeout(Duration::from_secs(10), changes.next()).await, Ok(true));
        assert!(timeout(soon, changes.next()).await.is_err());
    });
}
