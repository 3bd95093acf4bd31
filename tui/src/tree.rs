//! A tree for people: one line a node, with nothing in it that could move a cursor.

use deskbound_accessibility::{NodeId, State, Tree};
use deskbound_agent::sanitize;

/// What a person would mention.
const MENTIONED: [State; 8] = [
    State::Active,
    State::Modal,
    State::Focused,
    State::Checked,
    State::Pressed,
    State::Selected,
    State::Expanded,
    State::Editable,
];

/// All nodes, indented.
pub(crate) fn lines(tree: &Tree) -> impl Iterator<Item = String> {
    tree.nodes().map(|(id, node)| {
        let indent = "  ".repeat(usize::from(node.depth));
        format!("{indent}{}", line(tree, id))
    })
}

/// `button “Save”  10,20 100×50  focused  text “…”`
pub(crate) fn line(tree: &Tree, id: NodeId) -> String {
    let node = tree.node(id);
    let mut line = format!("{} “{}”", node.role, sanitize::line(tree.name(id)));
    if let Some(bounds) = node.bounds {
        line += &format!("  {},{} {}×{}", bounds.x, bounds.y, bounds.width, bounds.height);
    }
    let states: Vec<&str> = MENTIONED
        .into_iter()
        .filter(|state| node.states.contains(*state))
        .map(|state| state.to_static_str())
        .collect();
    if !states.is_empty() {
        line += &format!("  {}", states.join(" "));
    }
    if let Some(value) = node.value {
        line += &format!("  ={value}");
    }
    let text = tree.text(id);
    if !text.is_empty() && text != tree.name(id) {
        line += &format!("  text “{}”", sanitize::line(text));
    }
    line
}
