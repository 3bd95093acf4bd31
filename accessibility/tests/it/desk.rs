//! A testbed with applications on it, and a reader beside them.

use std::{future::Future, time::Duration};

use deskbound_accessibility::{BusAddress, Reader, Tree, TreeLimits, outline};
use deskbound_testbed::{App, Testbed};
use tokio::runtime::{Builder, Runtime};

/// How long an application may take to show itself on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(120);

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
        let plain: Vec<(&str, &[&str])> =
            programs.iter().map(|program| (*program, &[][..])).collect();
        Self::with_args(&plain)
    }

    pub(crate) fn with_args(programs: &[(&str, &[&str])]) -> Self {
        let mut desk = Self::on(Testbed::start().expect("the testbed starts"));
        for (program, args) in programs {
            desk.apps.push(desk.bed.launch(program, args).expect("the application starts"));
        }
        for app in &desk.apps {
            desk.wait_for_app(app.pid());
        }
        desk
    }

    /// Nothing runs yet.
    pub(crate) fn on(bed: Testbed) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let address = BusAddress::Session(bed.session_bus_address().to_owned());
        let reader = runtime.block_on(Reader::connect(&address)).expect("the bus is there");
        Self { reader, runtime, apps: Vec::new(), bed }
    }

    /// Starts one more, and waits for it.
    pub(crate) fn launch(&mut self, program: &str, args: &[&str]) -> u32 {
        self.launch_with(program, args, &[])
    }

    pub(crate) fn launch_with(
        &mut self,
        program: &str,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> u32 {
        let app = self.bed.launch_with(program, args, env).expect("the application starts");
        let process = app.pid();
        self.apps.push(app);
        self.wait_for_app(process);
        process
    }

    fn wait_for_app(&self, process: u32) {
        self.wait_for("the application shows itself", |tree| {
            tree.nodes().filter(|(id, _)| tree.app(*id).pid == Some(process)).count() > 10
        });
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
