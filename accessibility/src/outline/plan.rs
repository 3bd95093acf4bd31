//! Which nodes have a line, in which order, under which other, and how useful each is.

use atspi_common::{Role, State};

use super::{
    Line, OutlineLimits, Worth,
    words::{EMBEDDED, Words, filled},
};
use crate::{
    numbering::Numbers,
    toolkit::Toolkit,
    tree::{AppStatus, Node, NodeId, Tree},
};

/// Rows of a list that count as much as any other thing.
const FIRST_ROWS: u32 = 6;

/// Rows of cells that hold nothing.
const EMPTY_ROWS: u32 = 1;

pub(super) fn lines(tree: &Tree, numbers: &Numbers, limits: &OutlineLimits) -> Vec<Line> {
    let windows: Vec<NodeId> =
        tree.nodes().map(|(id, _)| id).filter(|id| is_shown_window(tree, *id)).collect();
    let is_active = |id: &&NodeId| tree.node(**id).states.contains(State::Active);
    let active = windows.iter().find(is_active).map(|id| tree.node(*id).app);
    let mut plan = Plan { tree, words: Words { tree, numbers, limits }, limits, lines: Vec::new() };
    for window in windows {
        let node = tree.node(window);
        let popup = !matches!(node.role, Role::Frame | Role::Dialog) && active == Some(node.app);
        plan.line(Worth::Window, 0, plan.words.window(window));
        if active.is_none() || popup || node.states.contains(State::Active) {
            plan.inside(window);
        }
    }
    for app in &tree.apps {
        let how = match app.status {
            AppStatus::Complete | AppStatus::Truncated => continue,
            AppStatus::Stalled => "does not answer",
            AppStatus::Died => "has ended",
        };
        plan.line(Worth::Window, 0, plan.words.application(&app.name, how));
    }
    plan.lines
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

struct Plan<'a> {
    tree: &'a Tree,
    words: Words<'a>,
    limits: &'a OutlineLimits,
    lines: Vec<Line>,
}

/// An ancestor of the node that is looked at: one that has a line, or a list.
struct Open {
    id: NodeId,
    depth: u16,
    /// Its own line says so much; what is below need not say it again.
    said: Said,
    is_nest: bool,
    list: Option<Rows>,
}

/// What a line tells in words.
#[derive(Default)]
struct Said {
    name: String,
    text: String,
}

#[derive(Default)]
struct Rows {
    /// How many there are for: cells side by side are one row.
    rows: u32,
    /// Where the cells of the last row begin.
    top_px: Option<i32>,
    /// Children of the list that are told.
    told: usize,
    left_out: bool,
}

impl Rows {
    /// The row of the next child, counted from 1.
    fn row_of(&self, node: &Node) -> (u32, Option<i32>) {
        let top_px = node.bounds.filter(|_| is_cell(node.role)).map(|bounds| bounds.y);
        let same_row = top_px.is_some() && self.top_px == top_px;
        (if same_row { self.rows } else { self.rows + 1 }, top_px)
    }
}

/// What to do about one row of a list.
enum Row {
    First,
    Later,
    TooMany,
}

impl Plan<'_> {
    fn inside(&mut self, window: NodeId) {
        let tree = self.tree;
        let mut open: Vec<Open> = Vec::new();
        let mut skipped_below: Option<u16> = None;
        for id in tree.subtree(window).skip(1) {
            let node = tree.node(id);
            if skipped_below.is_some_and(|depth| node.depth > depth) {
                continue;
            }
            skipped_below = None;
            while open.last().is_some_and(|last| last.depth >= node.depth) {
                self.close(&mut open);
            }
            let row = self.row(id, &mut open);
            if matches!(row, Some(Row::TooMany)) {
                skipped_below = Some(node.depth);
                continue;
            }
            let said = self.said(id);
            let told = self.is_useful(id, &said, &open);
            if told {
                let indent = indent(&open);
                let line = self.words.node(id, &said.text);
                self.line(worth(node, row.as_ref(), &open), indent, line);
            }
            let list = is_list(node.role).then(Rows::default);
            if told || list.is_some() {
                let said = if told { said } else { Said::default() };
                let is_nest = told && is_nest(node.role);
                open.push(Open { id, depth: node.depth, said, is_nest, list });
            }
        }
        while !open.is_empty() {
            self.close(&mut open);
        }
    }

    /// The last ancestor is left; a list that was cut says so.
    fn close(&mut self, open: &mut Vec<Open>) {
        let Some(Open { id, list: Some(rows), .. }) = open.last() else {
            open.pop();
            return;
        };
        if rows.left_out {
            let children = self.tree.children(*id).count();
            let more = children.saturating_sub(rows.told);
            self.line(Worth::LaterRow, indent(open), self.words.more(*id, more));
        }
        open.pop();
    }

    /// `None` for what is no row of a list, or nowhere in sight.
    fn row(&self, id: NodeId, open: &mut [Open]) -> Option<Row> {
        let node = self.tree.node(id);
        let list = open.last_mut().filter(|last| node.parent == Some(last.id))?;
        let rows = list.list.as_mut()?;
        if !is_in_sight(self.tree, id) {
            rows.left_out = true;
            return None;
        }
        let (row, top_px) = rows.row_of(node);
        // Of the empty cells of a sheet a few tell where all of them are.
        let limit = if self.is_empty_cell(id) { EMPTY_ROWS } else { self.limits.rows };
        if row > limit && !is_chosen(node) {
            rows.left_out = true;
            return Some(Row::TooMany);
        }
        rows.told += 1;
        (rows.rows, rows.top_px) = (row, top_px);
        Some(if row > FIRST_ROWS { Row::Later } else { Row::First })
    }

    /// It can be typed into, and nobody has.
    fn is_empty_cell(&self, id: NodeId) -> bool {
        let node = self.tree.node(id);
        is_cell(node.role)
            && node.states.contains(State::Editable)
            && self.tree.text(id).trim().is_empty()
    }

    /// Name and text. A sentence is told with the links in it, and a paragraph that has no words of
    /// its own by the pieces of text below it.
    fn said(&self, id: NodeId) -> Said {
        let role = self.tree.node(id).role;
        let name = self.tree.name(id).trim().to_owned();
        let text = self.tree.text(id);
        let is_text = |child: &NodeId| is_piece(self.tree.node(*child).role);
        let name_of = |child: NodeId| self.tree.name(child).trim();
        let others = || self.tree.children(id).filter(|child| !is_text(child)).map(name_of);
        let embedded = text.chars().filter(|char| *char == EMBEDDED).count();
        if is_sentence(role) && embedded > 0 && others().count() == embedded {
            return Said { name, text: filled(text, others()) };
        }
        let text = filled(text, std::iter::empty());
        if !(name.is_empty() && text.is_empty() && is_paragraph(role)) {
            return Said { name, text };
        }
        let pieces: Vec<&str> = self
            .tree
            .children(id)
            .filter(is_text)
            .map(name_of)
            .filter(|piece| !piece.is_empty())
            .take(self.limits.text_chars as usize)
            .collect();
        Said { name, text: pieces.join(" ") }
    }

    /// Worth a line: it shows, a person would name it, and it is not said already.
    fn is_useful(&self, id: NodeId, said: &Said, open: &[Open]) -> bool {
        let node = self.tree.node(id);
        if !is_in_sight(self.tree, id)
            || matches!(node.role, Role::Separator | Role::RedundantObject)
        {
            return false;
        }
        let is_piece = is_piece(node.role);
        let wordless = said.name.is_empty() && said.text.is_empty() && node.value.is_none();
        if wordless && (is_piece || is_container(node.role)) {
            return false;
        }
        let Some(above) = open.last().map(|last| &last.said) else { return true };
        let repeats = !said.name.is_empty() && above.name == said.name;
        let quoted = |words: &str| !words.is_empty() && above.text.contains(words);
        let merged = if said.name.is_empty() { quoted(&said.text) } else { quoted(&said.name) };
        let adds_nothing = said.text.is_empty() || said.text == said.name;
        !((is_piece || is_container(node.role)) && repeats && adds_nothing || is_piece && merged)
    }

    fn line(&mut self, worth: Worth, indent: usize, text: String) {
        self.lines.push(Line { worth, indent, text });
    }
}

fn indent(open: &[Open]) -> usize {
    1 + open.iter().filter(|ancestor| ancestor.is_nest).count()
}

fn worth(node: &Node, row: Option<&Row>, open: &[Open]) -> Worth {
    let enabled = is_enabled(node);
    if is_held(node) {
        Worth::Held
    } else if matches!(row, Some(Row::Later)) || open.iter().any(is_later) {
        Worth::LaterRow
    } else if is_piece(node.role) || is_paragraph(node.role) {
        Worth::Prose
    } else if is_container(node.role) {
        Worth::Decoration
    } else if enabled {
        Worth::Control
    } else {
        Worth::Disabled
    }
}

/// Such as a table whose cells are inside rows: the row decides.
fn is_later(above: &Open) -> bool {
    above.list.as_ref().is_some_and(|rows| rows.rows > FIRST_ROWS)
}

/// Somewhere on the screen with nothing above it. (A cell that is scrolled out of its list shows,
/// and is nowhere.) What is typed into or chosen is told also where it is covered.
fn is_in_sight(tree: &Tree, id: NodeId) -> bool {
    let node = tree.node(id);
    let says_showing = Toolkit::of_app(tree.app(id)).says_showing();
    let shows = node.states.contains(State::Showing) || !says_showing;
    let is_hidden = (node.flags.covered || node.flags.off_screen) && !is_held(node);
    node.bounds.is_some() && shows && !is_hidden
}

pub(super) fn is_enabled(node: &Node) -> bool {
    node.states.contains(State::Enabled) || node.states.contains(State::Sensitive)
}

fn is_held(node: &Node) -> bool {
    is_chosen(node) || (node.states.contains(State::Editable) && !is_cell(node.role))
}

fn is_chosen(node: &Node) -> bool {
    let states = [State::Focused, State::Selected, State::InvalidEntry];
    states.into_iter().any(|state| node.states.contains(state))
}

fn is_cell(role: Role) -> bool {
    matches!(
        role,
        Role::TableCell
            | Role::TableColumnHeader
            | Role::TableRowHeader
            | Role::ColumnHeader
            | Role::RowHeader
    )
}

fn is_list(role: Role) -> bool {
    matches!(role, Role::List | Role::ListBox | Role::Table | Role::Tree | Role::TreeTable)
}

fn is_nest(role: Role) -> bool {
    is_list(role) || matches!(role, Role::Dialog | Role::Menu | Role::PopupMenu)
}

/// Text that belongs to what it stands in.
fn is_piece(role: Role) -> bool {
    matches!(role, Role::Label | Role::Static)
}

/// Is read as a whole.
fn is_paragraph(role: Role) -> bool {
    is_sentence(role) || matches!(role, Role::Section | Role::Article | Role::BlockQuote)
}

/// Holds words, and what stands between words.
fn is_sentence(role: Role) -> bool {
    matches!(
        role,
        Role::Paragraph
            | Role::Heading
            | Role::Caption
            | Role::Comment
            | Role::DescriptionTerm
            | Role::DescriptionValue
            | Role::Footnote
    )
}

/// Says nothing where it has no name. What can be pressed or typed into is none of these.
fn is_container(role: Role) -> bool {
    is_paragraph(role)
        || matches!(
            role,
            Role::Panel
                | Role::Filler
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
                | Role::TableCell
                | Role::TableRow
                | Role::TableColumnHeader
                | Role::ColumnHeader
                | Role::Icon
                | Role::Image
                | Role::Landmark
                | Role::Unknown
                | Role::Invalid
                | Role::Extended
        )
}
