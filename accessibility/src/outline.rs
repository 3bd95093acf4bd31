//! The tree as text for a model: one short line for each useful node that shows.
//!
//! ```text
//! [2] frame "Untitled 1 - Mousepad" of "mousepad" active
//!   [5] menu "File" (24,41)
//!   [18] text "" (325,293) focused text="Dear all,\nthe"
//!   [20] list "Recent" (325,500)
//!     [21] list item "notes.txt" (325,480)
//!     ... 270 more in [20]
//! [40] frame "home - Thunar" of "thunar"
//! ... 12 less useful lines are left out
//! ```
//!
//! In brackets the [`Number`](crate::Number), in parentheses the centre. The line of a node that
//! has not changed is the same to the byte in the next outline: nothing in it counts other nodes
//! or depends on them, and the number stays. So what a model has read before stays valid as the
//! beginning of what it reads next.
//!
//! ```text
//! Tree ──▶ plan: which nodes, in which order, how useful ──▶ words: each in one line ──▶ budget
//! ```
//!
//! Every name and text is data from a stranger: it is quoted, control characters never come
//! through, and its length is bounded.

mod budget;
mod plan;
mod words;

use std::fmt;

use crate::{
    numbering::{Numbering, Numbers},
    tree::Tree,
};

pub(crate) use words::quoted;

/// A common guess of how much text is one token of a language model; names in other scripts take
/// more.
const BYTES_PER_TOKEN: usize = 4;

/// How long an outline may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutlineLimits {
    /// The whole text, estimated. The least useful lines go first, and the outline says how many.
    pub tokens: u32,
    /// Rows of one list.
    pub rows: u32,
    pub name_chars: u32,
    pub text_chars: u32,
}

impl Default for OutlineLimits {
    fn default() -> Self {
        Self { tokens: 4_000, rows: 30, name_chars: 100, text_chars: 300 }
    }
}

/// A tree, told. [`Display`](fmt::Display) is its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub text: String,
    /// Estimated.
    pub tokens: u32,
    /// Lines that the budget left out.
    pub lines_cut: u32,
}

impl Outline {
    /// Writes the active window in full, popups of its application with it, and one line for each
    /// other window. Where no window is active, all are written in full.
    pub fn new(tree: &Tree, numbers: &Numbers, limits: &OutlineLimits) -> Self {
        let lines = plan::lines(tree, numbers, limits);
        budget::within(lines, limits.tokens)
    }
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The outline of a single tree, with numbers of its own and the usual limits.
pub fn outline(tree: &Tree) -> String {
    let numbers = Numbering::default().number(tree);
    Outline::new(tree, &numbers, &OutlineLimits::default()).text
}

/// A line before it is known whether there is room for it.
struct Line {
    worth: Worth,
    indent: usize,
    text: String,
}

/// How useful a line is. The first go first when there is no room for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Pictures, and what only holds other things.
    Decoration,
    /// Rows of a list beyond the first few.
    LaterRow,
    /// What can be read.
    Prose,
    /// What could be used at another time.
    Disabled,
    /// What can be used.
    Control,
    /// What is typed into, has the focus, or is chosen.
    Held,
    Window,
}

impl Worth {
    const ALL: [Self; 7] = [
        Self::Decoration,
        Self::LaterRow,
        Self::Prose,
        Self::Disabled,
        Self::Control,
        Self::Held,
        Self::Window,
    ];
}

#[cfg(test)]
mod tests;
