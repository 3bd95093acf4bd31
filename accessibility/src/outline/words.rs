//! One line about one node. Nothing here may look at other nodes, or lines would change that need
//! not.

use std::fmt::Write;

use atspi_common::State;

use super::{OutlineLimits, plan::is_enabled};
use crate::{
    flag,
    numbering::Numbers,
    tree::{Node, NodeId, Tree},
};

/// Stands for something that is no text.
pub(super) const EMBEDDED: char = '\u{fffc}';
/// Decimal places of a value.
const VALUE_PLACES: usize = 2;

pub(super) struct Words<'a> {
    pub(super) tree: &'a Tree,
    pub(super) numbers: &'a Numbers,
    pub(super) limits: &'a OutlineLimits,
}

impl Words<'_> {
    pub(super) fn window(&self, id: NodeId) -> String {
        let (tree, node) = (self.tree, self.tree.node(id));
        let (name, app) = (self.name(tree.name(id)), self.name(&tree.app(id).name));
        let mut line = format!("[{}] {} {name} of {app}", self.numbers.of(id), node.role);
        for state in [State::Active, State::Modal, State::Iconified] {
            if node.states.contains(state) {
                let _ = write!(line, " {state}");
            }
        }
        line
    }

    pub(super) fn node(&self, id: NodeId, text: &str) -> String {
        let (tree, node) = (self.tree, self.tree.node(id));
        let name = tree.name(id);
        let mut line = format!("[{}] {} {}", self.numbers.of(id), node.role, self.name(name));
        if let Some(bounds) = node.bounds {
            let centre = bounds.centre();
            let _ = write!(line, " ({},{})", centre.x, centre.y);
        }
        for state in deviations(node) {
            let _ = write!(line, " {state}");
        }
        if let Some(value) = node.value {
            let _ = write!(line, " ={}", rounded(value));
        }
        let is_value =
            |words: &str| words.parse::<f64>().ok().is_some_and(|said| node.value == Some(said));
        if !text.is_empty() && text != name.trim() && !is_value(text) {
            let _ = write!(line, " text={}", quoted(text, self.limits.text_chars));
        }
        let about = tree.description(id).trim();
        if name.trim().is_empty() && !about.is_empty() && !is_value(about) {
            let _ = write!(line, " described={}", self.name(about));
        }
        for word in flag::words(node.flags) {
            let _ = write!(line, " ({word})");
        }
        line
    }

    pub(super) fn application(&self, name: &str, how: &str) -> String {
        format!("application {} {how}: what is here of it may not be all", self.name(name))
    }

    pub(super) fn more(&self, list: NodeId, count: usize) -> String {
        format!("... {count} more in [{}]", self.numbers.of(list))
    }

    fn name(&self, name: &str) -> String {
        quoted(name, self.limits.name_chars)
    }
}

/// A text with something else in the places of what is no text; where there is nothing to put, no
/// gap is left either.
pub(super) fn filled<'a>(text: &str, mut instead: impl Iterator<Item = &'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut gap = false;
    for char in text.chars() {
        if char == EMBEDDED {
            let words = instead.next().unwrap_or_default();
            filled.push_str(words);
            gap = words.is_empty() && (filled.is_empty() || filled.ends_with(' '));
        } else if !(gap && char == ' ') {
            gap = false;
            filled.push(char);
        }
    }
    filled.trim().to_owned()
}

/// States worth a word: those a person would mention.
fn deviations(node: &Node) -> impl Iterator<Item = &'static str> {
    const MENTIONED: [State; 9] = [
        State::Focused,
        State::Checked,
        State::Pressed,
        State::Selected,
        State::Expanded,
        State::Indeterminate,
        State::InvalidEntry,
        State::Required,
        State::Busy,
    ];
    let states = node.states;
    let mentioned = MENTIONED.into_iter().filter(move |state| states.contains(*state));
    let disabled = (!is_enabled(node)).then_some("disabled");
    mentioned.map(|state| state.to_static_str()).chain(disabled)
}

/// Without the noise of binary fractions.
fn rounded(value: f64) -> String {
    let text = format!("{value:.VALUE_PLACES$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// In quotes, without control characters, at most `limit` characters of it.
pub(crate) fn quoted(text: &str, limit: u32) -> String {
    let mut quoted = String::from("\"");
    for (place, char) in text.trim().chars().enumerate() {
        if place == limit as usize {
            quoted.push('…');
            break;
        }
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            // Also what is not seen, or turns the direction of writing around, and would show
            // another text than is there.
            char if char.is_control() || is_hidden(char) => quoted.push('\u{fffd}'),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// Direction marks, joiners, tags, and ends of line by another name.
fn is_hidden(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_strangers_are_tamed() {
        let check = |text: &str, tamed: &str| assert_eq!(quoted(text, 5), tamed);
        check("abcdefgh", "\"abcde…\"");
        check("a\u{1b}[0m", "\"a\u{fffd}[0m\"");
        check("a\u{202e}b\"\\", "\"a\u{fffd}b\\\"\\\\\"");
        check("a\u{200b}\u{e0041}b", "\"a\u{fffd}\u{fffd}b\"");
        check("a\u{2028}[9]", "\"a\u{fffd}[9]\"");
        check("  \r\n ", "\"\"");
    }

    #[test]
    fn embedded_things_are_told_or_leave_no_gap() {
        let check = |text: &str, instead: &[&str], is: &str| {
            assert_eq!(filled(text, instead.iter().copied()), is);
        };
        check("Read \u{fffc} now", &["this"], "Read this now");
        check("Read \u{fffc} now", &[], "Read now");
        check("\u{fffc}\u{fffc} agree \u{fffc}  \u{fffc}", &["", "x"], "x agree");
        check("a  b\n c", &[], "a  b\n c");
    }

    #[test]
    fn values_are_short() {
        for (value, text) in
            [(0.5, "0.5"), (0.1 + 0.2, "0.3"), (100.0, "100"), (-3.0, "-3"), (0.0, "0")]
        {
            assert_eq!(rounded(value), text);
        }
        assert!(rounded(f64::MAX).len() < 400);
    }
}
