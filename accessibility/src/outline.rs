//! The tree as text for a model: one short line for each useful node that shows.
//!
//! ```text
//! [3] frame "Untitled 1 - Mousepad" of "mousepad" active
//!   [7] menu "File" (24,41)
//!   [18] text "" (325,293) focused text="Dear all,\nthe"
//! [40] frame "home - Thunar" of "thunar", 78 nodes inside
//! ```
//!
//! The number is the [`NodeId`], the point the centre. Every name and text is data from a stranger:
//! it is quoted, control characters never come through, and its length is bounded.

use std::{collections::HashMap, fmt::Write};

use atspi_common::{Role, State};

use crate::tree::{Node, NodeId, Tree};

const NAME_CHARS: usize = 100;
const TEXT_CHARS: usize = 300;
/// Rows of one list that are written.
const ROWS_MAX: usize = 30;
const LINES_MAX: usize = 600;
/// Levels of indentation that are written.
const INDENT_MAX: usize = 8;

/// Writes the active window in full, popups of its application with it, and one line for each
/// other window. Where no window is active, all are written in full.
pub fn outline(tree: &Tree) -> String {
    let windows: Vec<NodeId> =
        tree.nodes().map(|(id, _)| id).filter(|id| is_shown_window(tree, *id)).collect();
    let is_active = |id: &&NodeId| tree.node(**id).states.contains(State::Active);
    let active = windows.iter().find(is_active).map(|id| tree.node(*id).app);
    let mut writer = Writer { tree, out: String::new(), lines: 0, rows: HashMap::new() };
    for window in windows {
        let node = tree.node(window);
        let popup = !matches!(node.role, Role::Frame | Role::Dialog) && active == Some(node.app);
        let full = active.is_none() || popup || node.states.contains(State::Active);
        writer.window(window, full);
    }
    writer.out
}

/// Below the application's root, and on the screen.
fn is_shown_window(tree: &Tree, id: NodeId) -> bool {
    let node = tree.node(id);
    let off_screen = node.bounds.is_some_and(|bounds| {
        let (right, bottom) = (
            i64::from(bounds.x) + i64::from(bounds.width),
            i64::from(bounds.y) + i64::from(bounds.height),
        );
        right <= 0 || bottom <= 0
    });
    let minimised = node.states.contains(State::Iconified);
    node.depth == 1 && !off_screen && (minimised || node.states.contains(State::Showing))
}

struct Writer<'a> {
    tree: &'a Tree,
    out: String,
    lines: usize,
    /// How many rows of each list have been met.
    rows: HashMap<NodeId, usize>,
}

impl Writer<'_> {
    fn window(&mut self, id: NodeId, full: bool) {
        let tree = self.tree;
        let node = tree.node(id);
        let (name, app) =
            (quoted(tree.name(id), NAME_CHARS), quoted(&tree.app(id).name, NAME_CHARS));
        let mut line = format!("[{}] {} {name} of {app}", id.0, node.role);
        for state in [State::Active, State::Modal, State::Iconified] {
            if node.states.contains(state) {
                let _ = write!(line, " {state}");
            }
        }
        let below = tree.subtree(id).count() - 1;
        if !full {
            let _ = write!(line, ", {below} nodes inside");
        }
        self.line(0, &line);
        if full {
            self.inside(id);
        }
    }

    fn inside(&mut self, window: NodeId) {
        // Depth of the lists and dialogs that are open at this point of the document.
        let mut nests: Vec<u16> = Vec::new();
        let mut skipped_below: Option<u16> = None;
        for id in self.tree.subtree(window).skip(1) {
            let node = self.tree.node(id);
            if skipped_below.is_some_and(|depth| node.depth > depth) {
                continue;
            }
            skipped_below = None;
            if self.is_row_too_many(id) {
                skipped_below = Some(node.depth);
                continue;
            }
            nests.retain(|depth| *depth < node.depth);
            if !is_useful(self.tree, id) {
                continue;
            }
            let line = described(self.tree, id);
            self.line(nests.len() + 1, &line);
            if is_nest(node.role) {
                nests.push(node.depth);
            }
        }
    }

    /// Counts rows, and says so once where a list is cut.
    fn is_row_too_many(&mut self, id: NodeId) -> bool {
        let Some(list) = self.tree.node(id).parent else { return false };
        if !is_list(self.tree.node(list).role) {
            return false;
        }
        let met = self.rows.entry(list).or_default();
        *met += 1;
        if *met == ROWS_MAX + 1 {
            let more = self.tree.children(list).count() - ROWS_MAX;
            self.line(2, &format!("... {more} more rows of [{}]", list.0));
        }
        self.rows[&list] > ROWS_MAX
    }

    fn line(&mut self, indent: usize, line: &str) {
        self.lines += 1;
        if self.lines == LINES_MAX + 1 {
            self.out.push_str("... more is left out\n");
        }
        if self.lines > LINES_MAX {
            return;
        }
        self.out.extend(std::iter::repeat_n("  ", indent.min(INDENT_MAX)));
        self.out.push_str(line);
        self.out.push('\n');
    }
}

fn is_list(role: Role) -> bool {
    matches!(role, Role::List | Role::ListBox | Role::Table | Role::Tree | Role::TreeTable)
}

fn is_nest(role: Role) -> bool {
    is_list(role) || matches!(role, Role::Dialog | Role::Menu | Role::PopupMenu)
}

/// Worth a line: it shows, and a person would name it.
fn is_useful(tree: &Tree, id: NodeId) -> bool {
    let node = tree.node(id);
    // A cell scrolled out of its list shows, and is nowhere.
    let somewhere = node.bounds.is_some() && node.states.contains(State::Showing);
    if !somewhere || matches!(node.role, Role::Separator | Role::RedundantObject) {
        return false;
    }
    let name = tree.name(id).trim();
    let wordless = name.is_empty() && tree.text(id).trim().is_empty() && node.value.is_none();
    if wordless && is_container(node.role) {
        return false;
    }
    let repeats = |parent: NodeId| !name.is_empty() && tree.name(parent).trim() == name;
    let is_label = matches!(node.role, Role::Label | Role::Static);
    !(is_label && (wordless || node.parent.is_some_and(repeats)))
}

/// Says nothing where it has no name. What can be pressed or typed into is none of these.
fn is_container(role: Role) -> bool {
    matches!(
        role,
        Role::Panel
            | Role::Filler
            | Role::Section
            | Role::ScrollPane
            | Role::Viewport
            | Role::SplitPane
            | Role::RootPane
            | Role::LayeredPane
            | Role::GlassPane
            | Role::OptionPane
            | Role::ScrollBar
            | Role::ToolBar
            | Role::MenuBar
            | Role::StatusBar
            | Role::PageTabList
            | Role::PageTab
            | Role::Frame
            | Role::InternalFrame
            | Role::Grouping
            | Role::Form
            | Role::Paragraph
            | Role::TableCell
            | Role::TableRow
            | Role::TableColumnHeader
            | Role::ColumnHeader
            | Role::Icon
            | Role::Image
            | Role::Unknown
            | Role::Invalid
            | Role::Extended
    )
}

fn described(tree: &Tree, id: NodeId) -> String {
    let node = tree.node(id);
    let mut line = format!("[{}] {} {}", id.0, node.role, quoted(tree.name(id), NAME_CHARS));
    if let Some(bounds) = node.bounds {
        let centre = bounds.centre();
        let _ = write!(line, " ({},{})", centre.x, centre.y);
    }
    for state in deviations(node) {
        let _ = write!(line, " {state}");
    }
    if let Some(value) = node.value {
        let _ = write!(line, " ={value}");
    }
    let text = tree.text(id);
    if !text.is_empty() && text != tree.name(id) {
        let _ = write!(line, " text={}", quoted(text, TEXT_CHARS));
    }
    if node.flags.truncated {
        line.push_str(" (more inside)");
    }
    line
}

/// States worth a word: those a person would mention.
fn deviations(node: &Node) -> impl Iterator<Item = &'static str> {
    const MENTIONED: [State; 7] = [
        State::Focused,
        State::Checked,
        State::Pressed,
        State::Selected,
        State::Expanded,
        State::Indeterminate,
        State::InvalidEntry,
    ];
    let states = node.states;
    let enabled = states.contains(State::Enabled) || states.contains(State::Sensitive);
    let mentioned = MENTIONED.into_iter().filter(move |state| states.contains(*state));
    mentioned.map(|state| state.to_static_str()).chain((!enabled).then_some("disabled"))
}

/// In quotes, without control characters, at most `limit` characters of it.
fn quoted(text: &str, limit: usize) -> String {
    let mut quoted = String::from("\"");
    for (place, char) in text.trim().chars().enumerate() {
        if place == limit {
            quoted.push('…');
            break;
        }
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Also what turns the direction of writing around, and would show another text than
            // is there.
            char if char.is_control() || is_direction_mark(char) => quoted.push('\u{fffd}'),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

fn is_direction_mark(char: char) -> bool {
    matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
#[path = "outline/tests.rs"]
mod tests;
