//! Pictures of GTK 3 and Qt applications, whole and in trouble.

use std::time::{Duration, Instant};

use deskbound_accessibility::{AppStatus, NodeId, Role, State, Tree, TreeLimits};

use crate::desk::{Desk, is};

const PROGRAMS: [&str; 4] = ["mousepad", "thunar", "galculator", "featherpad"];

fn nodes_of<'a>(tree: &'a Tree, program: &'a str) -> impl Iterator<Item = NodeId> + 'a {
    tree.nodes().map(|(id, _)| id).filter(move |id| is(&tree.app(*id).name, program))
}

#[track_caller]
fn check_has(tree: &Tree, program: &str, role: Role, name: &str) {
    let there =
        nodes_of(tree, program).any(|id| tree.node(id).role == role && tree.name(id) == name);
    assert!(there, "{program} has no {role} {name:?}");
}

/// What has a rectangle and is drawn inside its window has it inside the window's.
#[track_caller]
fn check_bounds(tree: &Tree, program: &str) {
    let mut checked = 0;
    for id in nodes_of(tree, program) {
        let window = tree.ancestors(id).find(|above| tree.node(*above).depth == 1);
        let Some(frame) = window.and_then(|window| tree.node(window).bounds) else { continue };
        let Some(bounds) = tree.node(id).bounds else { continue };
        let inside = frame.contains(bounds.centre());
        assert!(inside, "{program}: {} {bounds:?} outside {frame:?}", tree.node(id).role);
        checked += 1;
    }
    assert!(checked > 10, "{program}: {checked} rectangles");
}

#[test]
fn real_applications_are_read_and_live() {
    let desk = Desk::with(&PROGRAMS);
    for _ in 0..10 {
        desk.snapshot();
    }
    let tree = desk.snapshot();
    desk.assert_all_alive();

    for program in PROGRAMS {
        let app = tree.apps.iter().find(|app| is(&app.name, program)).unwrap();
        assert_eq!(app.status, AppStatus::Complete, "{app:?}");
        let process = desk.apps[PROGRAMS.iter().position(|name| *name == program).unwrap()].pid();
        assert_eq!(app.pid, Some(process));
        check_bounds(&tree, program);
    }
    check_has(&tree, "mousepad", Role::Menu, "File");
    check_has(&tree, "galculator", Role::ToggleButton, "7");
    check_has(&tree, "thunar", Role::Button, "Open Parent");
    check_has(&tree, "featherpad", Role::MenuItem, "File");
    check_has(&tree, "featherpad", Role::Button, "Save");

    // Items of closed menus are not showing, and not read.
    let menu = nodes_of(&tree, "mousepad").find(|id| tree.name(*id) == "File").unwrap();
    assert_eq!(tree.children(menu).count(), 0);
    // The display is a text view without a name: it is read.
    let display = nodes_of(&tree, "galculator").find(|id| tree.node(*id).role == Role::Text);
    assert_eq!(tree.text(display.unwrap()), "0");
    let save = nodes_of(&tree, "featherpad").find(|id| tree.name(*id) == "Save").unwrap();
    assert!(!tree.node(save).states.contains(State::Enabled));
}

#[test]
fn a_stopped_application_costs_only_itself() {
    let desk = Desk::with(&PROGRAMS);
    let limits = TreeLimits {
        deadline: Duration::from_secs(10),
        app_deadline: Duration::from_secs(8),
        silence: Duration::from_millis(1_500),
        ..TreeLimits::default()
    };
    desk.apps[0].freeze().unwrap();
    let started = Instant::now();
    let tree = desk.block_on(desk.reader.snapshot(&limits)).unwrap();
    let took = started.elapsed();
    desk.apps[0].thaw().unwrap();

    assert!(took < limits.app_deadline, "{took:?}");
    let stopped = tree.apps.iter().find(|app| app.pid == Some(desk.apps[0].pid())).unwrap();
    assert_eq!(stopped.status, AppStatus::Stalled);
    for program in &PROGRAMS[1..] {
        let app = tree.apps.iter().find(|app| is(&app.name, program)).unwrap();
        assert_eq!(app.status, AppStatus::Complete, "{app:?}");
        assert!(nodes_of(&tree, program).count() > 10);
    }
    desk.wait_for("the stopped application answers again", |tree| {
        nodes_of(tree, PROGRAMS[0]).count() > 10
    });
    desk.assert_all_alive();
}

#[test]
fn every_limit_holds() {
    let desk = Desk::with(&["galculator"]);
    let check = |limits: TreeLimits, holds: &dyn Fn(&Tree) -> bool| {
        let started = Instant::now();
        let tree = desk.block_on(desk.reader.snapshot(&limits)).unwrap();
        tree.check().unwrap();
        let cut = tree.apps.iter().any(|app| app.status == AppStatus::Truncated);
        assert!(cut, "{limits:?}: {:?}", tree.apps);
        assert!(holds(&tree), "{limits:?}: {} nodes", tree.len());
        // One snapshot of slack, for a busy machine.
        assert!(started.elapsed() < limits.deadline + Duration::from_secs(1));
    };
    let all = TreeLimits::default();
    check(TreeLimits { nodes: 20, ..all }, &|tree| (1..=20).contains(&tree.len()));
    check(TreeLimits { depth: 3, ..all }, &|tree| {
        tree.nodes().map(|(_, node)| node.depth).max() == Some(3)
    });
    // The button panels are left out whole.
    check(TreeLimits { children: 5, ..all }, &|tree| {
        let cut = tree.nodes().filter(|(_, node)| node.flags.truncated);
        cut.count() > 0 && tree.nodes().all(|(id, _)| tree.children(id).count() <= 5)
    });
    check(TreeLimits { app_deadline: Duration::ZERO, ..all }, &|tree| tree.is_empty());

    let started = Instant::now();
    let none = TreeLimits { deadline: Duration::ZERO, ..all };
    // With no time at all it may say either that there is no answer, or nothing.
    let tree = desk.block_on(desk.reader.snapshot(&none)).unwrap_or_default();
    assert!(tree.is_empty(), "{} nodes", tree.len());
    assert!(started.elapsed() < Duration::from_secs(1));

    let short = TreeLimits { text_chars: 2, ..all };
    let tree = desk.block_on(desk.reader.snapshot(&short)).unwrap();
    assert!(tree.nodes().all(|(id, _)| tree.name(id).chars().count() <= 2));
}
