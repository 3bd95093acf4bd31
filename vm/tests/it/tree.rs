//! The accessibility tree through the guest program: read in one request, and acted on.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use deskbound_accessibility::{
    ActError, AppStatus, Effect, NodeAction, NodeRef, Role, Scope, Selector, Tree, TreeLimits,
};
use deskbound_vm::{CommandSpec, Image, Mode, Recipe, Store, Template, User, Vm, VmError};

use crate::lab::{self, clone, command, run};

/// For an application to start, emulated, while both cores are busy.
const START_LIMIT: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Every node of one application, as pyatspi reads it.
const WALK: &str = include_str!("../../../accessibility/tests/it/walk.py");
const WALK_PATH: &str = "/tmp/walk.py";

fn seven() -> Selector {
    Selector::role(Role::ToggleButton).named("7")
}

/// The calculator, when its keys show.
async fn calculator(vm: &Vm) -> Tree {
    let spec = CommandSpec { mode: Mode::Background, ..command(&["galculator"], User::Session) };
    vm.run(spec, &mut |_, _| {}).await.expect("it starts");
    let asked = Instant::now();
    loop {
        let tree = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
        if tree.find(&seven()).next().is_some() {
            return tree;
        }
        assert!(asked.elapsed() < START_LIMIT, "no calculator: {:?}", tree.apps);
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_through_the_guest_is_seen_outside() {
    let vm = clone().await;
    let tree = calculator(&vm).await;
    let node = tree.node_ref(tree.find(&seven()).next().expect("it was waited for"));
    let effect = vm.act(node.clone(), NodeAction::Press).await.expect("it is pressed");
    assert!(matches!(effect, Effect::Confirmed { .. }), "{effect:?}");
    let now = vm.tree(&vm.accel().tree_limits()).await.expect("a tree");
    let display = Selector::role(Role::Text);
    assert!(now.find(&display).any(|id| now.text(id).trim() == "7"));

    // Another node than it was is refused, with both versions.
    let other = NodeRef { name: "8".to_owned(), ..node.clone() };
    let refused = vm.act(other, NodeAction::Press).await;
    let Err(VmError::NotActed(ActError::Changed { expected, found })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((expected.name.as_str(), found.name.as_str()), ("8", "7"));
    let gone = NodeRef { path: "/org/a11y/atspi/accessible/999999".to_owned(), ..node };
    let refused = vm.act(gone, NodeAction::Press).await;
    assert!(matches!(refused, Err(VmError::NotActed(ActError::Gone { .. }))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: builds an image of its own"]
async fn long_the_tree_in_one_request_is_what_pyatspi_reads_inside() {
    lab::install();
    let store = Store::open().expect("the store opens");
    let mut recipe = Recipe::named("minimal").expect("it is shipped");
    recipe.name = "minimal-pyatspi".to_owned();
    recipe.packages.push("python3-pyatspi".to_owned());
    Image::ensure(&store, &recipe, &mut |_| {}).await.expect("an image");
    let template = Template::ensure(&store, &recipe, &mut |_| {}).await.expect("a template");
    let vm = Vm::start(&store, &template).await.expect("it starts");
    let tree = calculator(&vm).await;
    let pid = tree.app(tree.find(&seven()).next().expect("it shows")).pid.expect("it is told");
    vm.write_file(WALK_PATH, WALK.as_bytes()).await.expect("written");

    let limits = TreeLimits { scope: Scope::Whole, ..vm.accel().tree_limits() };
    let tree = vm.tree(&limits).await.expect("a tree");
    let (status, said) = run(&vm, &["python3", WALK_PATH, &pid.to_string()], User::Session).await;
    assert_eq!(status, 0, "{said}");
    let theirs: Vec<(String, u32, String)> = serde_json::from_str(&said).expect("a list");
    let role = |number| Role::try_from(number).unwrap_or(Role::Unknown);
    let theirs: HashSet<_> =
        theirs.into_iter().map(|(path, number, name)| (path, role(number), name)).collect();
    let of_calculator = tree.nodes().filter(|(id, _)| tree.app(*id).pid == Some(pid));
    let ours: HashSet<_> = of_calculator
        .map(|(id, node)| (tree.path(id).to_owned(), node.role, tree.name(id).to_owned()))
        .collect();
    assert!(ours.len() > 50, "{} nodes", ours.len());
    let differences: Vec<_> = ours.symmetric_difference(&theirs).collect();
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(tree.apps.iter().all(|app| app.status == AppStatus::Complete), "{:?}", tree.apps);
}
