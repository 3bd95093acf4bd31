use atspi_common::{InterfaceSet, StateSet};

use super::*;
use crate::{
    geometry::ScreenRect,
    tree::{App, AppStatus, NodeFacts, NodeFlags, TreeBuilder},
};

/// Depth, role, name, states beyond those of any usable node; the text is `T`, the value `=`.
type Row<'a> = (usize, Role, &'a str, &'a [State]);

const USABLE: [State; 2] = [State::Enabled, State::Showing];

fn tree(rows: &[Row<'_>]) -> Tree {
    let mut tree = TreeBuilder::default();
    let mut path = Vec::new();
    let mut app = None;
    for (depth, role, name, states) in rows {
        if *depth == 0 {
            app = Some(tree.push_app(App {
                name: (*name).to_owned(),
                toolkit: "gtk".to_owned(),
                pid: None,
                bus_name: ":1.1".to_owned(),
                status: AppStatus::Complete,
            }));
        }
        path.truncate(*depth);
        let text = if *role == Role::Text { "a \"b\"\nc\u{1b}" } else { "" };
        let id = tree.push(NodeFacts {
            parent: path.last().copied(),
            app: app.unwrap(),
            role: *role,
            states: USABLE.iter().chain(*states).collect::<StateSet>(),
            interfaces: InterfaceSet::empty(),
            bounds: ScreenRect::from_extents(10, 20, 100, 50),
            name,
            description: "",
            text,
            path: "/a",
            value: (*role == Role::Slider).then_some(0.5),
            flags: NodeFlags::default(),
        });
        path.push(id);
    }
    tree.finish()
}

#[track_caller]
fn check(rows: &[Row<'_>], lines: &[&str]) {
    let outline = outline(&tree(rows));
    assert_eq!(outline.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn useful_nodes_have_a_line() {
    check(
        &[
            (0, Role::Application, "editor", &[]),
            (1, Role::Frame, "Untitled", &[State::Active]),
            (2, Role::Filler, "", &[]),
            (3, Role::Button, "Save", &[]),
            (4, Role::Label, "Save", &[]),
            (3, Role::CheckBox, "Wrap", &[State::Checked, State::Focused]),
            (3, Role::Slider, "Zoom", &[]),
            (3, Role::Text, "", &[]),
            (3, Role::Button, "", &[]),
        ],
        &[
            r#"[1] frame "Untitled" of "editor" active"#,
            r#"  [3] button "Save" (60,45)"#,
            r#"  [5] check box "Wrap" (60,45) focused checked"#,
            r#"  [6] slider "Zoom" (60,45) =0.5"#,
            "  [7] text \"\" (60,45) text=\"a \\\"b\\\"\\nc\u{fffd}\"",
            r#"  [8] button "" (60,45)"#,
        ],
    );
}

#[test]
fn other_windows_have_one_line() {
    let both = |active: &'static [State]| -> [Row<'static>; 7] {
        [
            (0, Role::Application, "a", &[]),
            (1, Role::Frame, "A", active),
            (2, Role::Button, "x", &[]),
            (1, Role::Window, "", &[]),
            (2, Role::MenuItem, "Open", &[]),
            (1, Role::Frame, "B", &[]),
            (2, Role::Button, "y", &[]),
        ]
    };
    check(
        &both(&[State::Active]),
        &[
            r#"[1] frame "A" of "a" active"#,
            r#"  [2] button "x" (60,45)"#,
            r#"[3] window "" of "a""#,
            r#"  [4] menu item "Open" (60,45)"#,
            r#"[5] frame "B" of "a", 1 nodes inside"#,
        ],
    );
    let outline = outline(&tree(&both(&[])));
    assert_eq!(outline.lines().count(), 6, "{outline}");
}

#[test]
fn long_lists_are_cut() {
    let mut rows: Vec<Row<'_>> = vec![
        (0, Role::Application, "a", &[]),
        (1, Role::Frame, "A", &[]),
        (2, Role::List, "Files", &[]),
    ];
    rows.extend((0..300).map(|_| -> Row<'_> { (3, Role::ListItem, "file", &[]) }));
    rows.push((2, Role::Button, "after", &[]));
    let outline = outline(&tree(&rows));
    assert_eq!(outline.lines().filter(|line| line.contains("list item")).count(), ROWS_MAX);
    assert!(outline.contains("\n    ... 270 more rows of [2]\n"), "{outline}");
    assert!(outline.contains("\n  [303] button \"after\""), "{outline}");
}

#[test]
fn names_from_strangers_are_tamed() {
    let check = |text: &str, tamed: &str| assert_eq!(quoted(text, 5), tamed);
    check("abcdefgh", "\"abcde…\"");
    check("a\u{1b}[0m", "\"a\u{fffd}[0m\"");
    check("a\u{202e}b\"\\", "\"a\u{fffd}b\\\"\\\\\"");
    check("  \r\n ", "\"\"");
}
