//! A testbed with applications on it, and a reader beside them.

use std::{future::Future, time::Duration};

use deskbound_accessibility::{BusAddress, Reader, Tree, TreeLimits, outline};
use deskbound_testbed::{App, Testbed};
use tokio::runtime::{Builder, Runtime};

/// How long an application may take to show itself on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(40);

pub(crate) struct Desk {
    pub(crate) reader: Reader,
    runtime: Runtime,
    // Applications end before their desktop.
    pub(crate) apps: Vec<App>,
    pub(crate) bed: Testbed,
}

impl Desk {
    /// Starts `programs` and waits until each is in the tree with a window that has something in
    /// it. On a runtime of one thread, as the guest program has.
    pub(crate) fn with(programs: &[&str]) -> Self {
        let bed = Testbed::start().expect("the testbed starts");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let address = BusAddress::Session(bed.session_bus_address().to_owned());
        let reader = runtime.block_on(Reader::connect(&address)).expect("the bus is there");
        let mut desk = Self { reader, runtime, apps: Vec::new(), bed };
        for program in programs {
            desk.apps.push(desk.bed.launch(program, &[]).expect("the application starts"));
        }
        for program in programs {
            desk.wait_for(&format!("{program} shows itself"), |tree| {
                let app = tree.apps.iter().position(|app| is(&app.name, program));
                let of_app = |app: usize| {
                    tree.nodes().filter(move |(_, node)| usize::from(node.app.0) == app).count()
                };
                app.is_some_and(|app| of_app(app) > 10)
            });
        }
        desk
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn snapshot(&self) -> Tree {
        let limits = TreeLimits::default();
        let tree = self.block_on(self.reader.snapshot(&limits)).expect("the registry answers");
        tree.check().expect("the tree is whole");
        tree
    }

    /// The first picture for which `ready` holds.
    pub(crate) fn wait_for(&self, what: &str, ready: impl Fn(&Tree) -> bool) -> Tree {
        deskbound_testbed::wait_for(what, START_LIMIT, || Some(self.snapshot()).filter(&ready))
            .unwrap_or_else(|error| panic!("{error}\n{}", outline(&self.snapshot())))
    }

    pub(crate) fn assert_all_alive(&self) {
        for app in &self.apps {
            assert!(app.is_alive(), "{:?}: {}", app.exit_status(), app.log());
        }
    }
}

/// Applications write their own name in their own way: `FeatherPad`.
pub(crate) fn is(name: &str, program: &str) -> bool {
    name.eq_ignore_ascii_case(program)
}
