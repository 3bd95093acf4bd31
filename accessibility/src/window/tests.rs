use atspi_common::{InterfaceSet, Role, State, StateSet};

use super::*;
use crate::tree::{App, AppStatus, NodeFacts, NodeFlags, Tree, TreeBuilder};

const SCREEN: ScreenRect = rect(0, 0, 1000, 800);

const fn rect(x: i32, y: i32, width: u32, height: u32) -> ScreenRect {
    ScreenRect { x, y, width, height }
}

fn window(id: u32, pid: u32, title: &str, bounds: ScreenRect) -> Window {
    let border = Border { left_px: 1, right_px: 1, top_px: 20, bottom_px: 1 };
    let title = title.to_owned();
    Window { id, pid: Some(pid), title, class: String::new(), bounds, border }
}

fn layout(windows: Vec<Window>) -> Layout {
    Layout { screen: SCREEN, windows, popups: Vec::new() }
}

/// An application of one window with one button in it.
struct Sketch {
    pid: u32,
    version: &'static str,
    title: &'static str,
    frame: ScreenRect,
    button: ScreenRect,
}

fn tree(sketches: &[Sketch]) -> Tree {
    let mut builder = TreeBuilder::default();
    for (place, sketch) in sketches.iter().enumerate() {
        let app = builder.push_app(App {
            name: "app".to_owned(),
            toolkit: "gtk".to_owned(),
            toolkit_version: sketch.version.to_owned(),
            pid: Some(sketch.pid),
            started: None,
            bus_name: format!(":1.{place}"),
            status: AppStatus::Complete,
        });
        let mut parent = None;
        for (role, name, bounds) in [
            (Role::Application, "", None),
            (Role::Frame, sketch.title, Some(sketch.frame)),
            (Role::Button, "OK", Some(sketch.button)),
        ] {
            parent = Some(builder.push(NodeFacts {
                parent,
                app,
                role,
                states: StateSet::new(State::Showing),
                interfaces: InterfaceSet::empty(),
                bounds,
                name,
                description: "",
                text: "",
                path: "/a",
                value: None,
                flags: NodeFlags::default(),
            }));
        }
    }
    builder.finish()
}

fn gtk3(pid: u32, title: &'static str, frame: ScreenRect) -> Sketch {
    let button = rect(frame.x + 10, frame.y + 10, 40, 20);
    Sketch { pid, version: "3.24", title, frame, button }
}

#[test]
fn windows_find_their_frames() {
    let check = |sketches: &[Sketch], windows: Vec<Window>, expected: &[Option<u32>]| {
        let mut tree = tree(sketches);
        tree.place(layout(windows));
        let found: Vec<Option<u32>> =
            tree.windows.iter().map(|placed| placed.node.map(|node| node.0)).collect();
        assert_eq!(found, expected);
    };
    let (left, right) = (rect(0, 20, 300, 300), rect(400, 20, 300, 300));
    let two = || [gtk3(7, "one", left), gtk3(8, "two", right)];
    check(&two(), vec![window(1, 8, "two", right), window(2, 7, "one", left)], &[Some(4), Some(1)]);
    // Another process; a title that the manager has decorated.
    check(&two(), vec![window(1, 9, "one", left)], &[None]);
    check(&two(), vec![window(1, 7, "one (on host)", left)], &[Some(1)]);
    // Two windows of one process are never one frame.
    let same = [gtk3(7, "", left), gtk3(7, "", right)];
    check(&same, vec![window(1, 7, "", right), window(2, 7, "", left)], &[Some(4), Some(1)]);
    // No process is known: the title alone.
    let nameless = Window { pid: None, ..window(1, 0, "two", right) };
    check(&two(), vec![nameless], &[Some(4)]);
}

/// The window of 1676 pixels had a frame of 1666: five pixels of shadow on each side.
#[test]
fn gtk_4_is_put_on_the_screen() {
    let frame = rect(0, 0, 290, 190);
    let button = rect(10, 10, 40, 20);
    let sketch = Sketch { pid: 7, version: "4.8.3", title: "w", frame, button };
    let mut placed = tree(&[sketch]);
    let none = Border::default();
    let bounds = rect(100, 200, 300, 200);
    placed.place(layout(vec![Window { border: none, ..window(1, 7, "w", bounds) }]));
    let node = placed.node(NodeId(2));
    assert_eq!(node.bounds, Some(rect(115, 215, 40, 20)));
    assert!(node.flags.repaired && !node.flags.off_screen);

    // A version that has learnt where it is stays as it is.
    let frame = rect(105, 205, 290, 190);
    let right = Sketch { pid: 7, version: "4.20", title: "w", frame, button: rect(115, 215, 9, 9) };
    let mut placed = tree(&[right]);
    placed.place(layout(vec![Window { border: none, ..window(1, 7, "w", frame) }]));
    assert_eq!(placed.node(NodeId(2)).bounds, Some(rect(115, 215, 9, 9)));
    assert!(!placed.node(NodeId(2)).flags.repaired);
}

#[test]
fn what_lies_below_is_covered() {
    let (low, high) = (rect(0, 20, 300, 300), rect(0, 20, 100, 100));
    let mut placed = tree(&[gtk3(7, "low", low), gtk3(8, "high", high)]);
    placed.place(layout(vec![window(1, 7, "low", low), window(2, 8, "high", high)]));
    let covered: Vec<bool> = placed.nodes().map(|(_, node)| node.flags.covered).collect();
    // The button is under the other window, the middle of its frame is not.
    assert_eq!(covered, [false, false, true, false, false, false]);
}

#[test]
fn what_is_outside_is_marked() {
    let frame = rect(950, 700, 400, 400);
    let mut placed = tree(&[gtk3(7, "w", frame)]);
    placed.place(layout(vec![window(1, 7, "w", frame)]));
    let outside: Vec<bool> = placed.nodes().map(|(_, node)| node.flags.off_screen).collect();
    assert_eq!(outside, [false, true, false]);
}

/// What a frame says of its place is held against its window.
#[test]
fn a_frame_is_where_its_window_is_or_that_is_told() {
    let at = rect(100, 200, 300, 200);
    let check = |frame: ScreenRect, fit: Fit, button: Option<(i32, i32)>| {
        let mut placed = tree(&[gtk3(7, "w", frame)]);
        placed.place(layout(vec![window(1, 7, "w", at)]));
        assert_eq!(placed.windows[0].fit, fit, "{frame:?}");
        let node = placed.node(NodeId(2));
        assert_eq!(node.flags.repaired, fit == Fit::Repaired, "{frame:?}");
        assert_eq!(node.flags.doubtful, fit == Fit::Doubtful, "{frame:?}");
        if let Some(button) = button {
            assert_eq!(node.bounds.map(|bounds| (bounds.x, bounds.y)), Some(button), "{frame:?}");
        }
    };
    // Without the border, with it, to two pixels, and without a shadow of its own.
    check(at, Fit::Exact, Some((110, 210)));
    check(rect(99, 180, 302, 221), Fit::Exact, None);
    check(rect(102, 198, 300, 201), Fit::Exact, None);
    check(rect(110, 205, 280, 180), Fit::Exact, None);
    // It is of that size, and elsewhere: all of it is moved.
    check(rect(0, 0, 300, 200), Fit::Repaired, Some((110, 210)));
    check(rect(0, 0, 302, 221), Fit::Repaired, Some((109, 190)));
    // Nobody knows where it is.
    check(rect(0, 0, 250, 200), Fit::Doubtful, Some((10, 10)));
    check(rect(100, 200, 300, 300), Fit::Doubtful, None);
    check(rect(110, 205, 200, 180), Fit::Doubtful, None);
}

#[test]
fn what_lies_under_a_popup_is_covered_and_what_is_in_it_is_not() {
    let frame = rect(0, 20, 300, 300);
    let menu = rect(0, 40, 100, 200);
    let inside = rect(10, 50, 80, 20);
    let check = |role: Role, toolkit: (&str, &str), owner: u32, covered: [bool; 2]| {
        let mut builder = TreeBuilder::default();
        let app = builder.push_app(App {
            name: "app".to_owned(),
            toolkit: toolkit.0.to_owned(),
            toolkit_version: toolkit.1.to_owned(),
            pid: Some(7),
            started: None,
            bus_name: ":1.1".to_owned(),
            status: AppStatus::Complete,
        });
        let mut push = |parent, role, bounds| {
            builder.push(NodeFacts {
                parent,
                app,
                role,
                states: StateSet::new(State::Showing),
                interfaces: InterfaceSet::empty(),
                bounds,
                name: "",
                description: "",
                text: "",
                path: "/a",
                value: None,
                flags: NodeFlags::default(),
            })
        };
        let root = push(None, Role::Application, None);
        let window_of = push(Some(root), Role::Frame, Some(frame));
        let opener = push(Some(window_of), role, Some(rect(0, 20, 40, 20)));
        let item = push(Some(opener), Role::MenuItem, Some(inside));
        let under = push(Some(window_of), Role::Button, Some(inside));
        let mut placed = builder.finish();
        let popups = vec![Popup { pid: Some(owner), bounds: menu }];
        let windows = vec![window(1, 7, "w", frame)];
        placed.place(Layout { screen: SCREEN, windows, popups });
        assert_eq!(
            [item, under].map(|id| placed.node(id).flags.covered),
            covered,
            "{role} {owner}"
        );
    };
    check(Role::Menu, ("gtk", "3.24.38"), 7, [false, true]);
    check(Role::ComboBox, ("Qt", "5.15.8"), 7, [false, true]);
    // Of another process it hides whatever is there.
    check(Role::Menu, ("gtk", "3.24.38"), 8, [true, true]);
    check(Role::Panel, ("gtk", "3.24.38"), 7, [true, true]);
    // How others build their popups was not measured.
    check(Role::Panel, ("Gecko", "153"), 7, [false, false]);
    check(Role::Panel, ("Gecko", "153"), 8, [true, true]);
}
