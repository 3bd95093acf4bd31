//! Keys that a terminal keeps to itself or cannot tell apart, sent to the desktop from a list.

use deskbound_agent::action::{Action, Chord};

/// As a person calls it, and as a desktop does.
pub(crate) const KEYS: [(&str, &str); 26] = [
    ("Ctrl-Alt-Del", "ctrl+alt+Delete"),
    ("Super", "Super"),
    ("Alt-Tab", "alt+Tab"),
    ("Alt-F4", "alt+F4"),
    ("Alt-F2", "alt+F2"),
    ("Alt-Space", "alt+Space"),
    ("Ctrl-Esc", "ctrl+Escape"),
    ("Print", "Print"),
    ("Menu", "Menu"),
    ("Ctrl-]", "ctrl+]"),
    ("Ctrl-\\", "ctrl+\\"),
    ("Ctrl-Alt-Backspace", "ctrl+alt+BackSpace"),
    ("Ctrl-Alt-F1", "ctrl+alt+F1"),
    ("Ctrl-Alt-F2", "ctrl+alt+F2"),
    ("F1", "F1"),
    ("F2", "F2"),
    ("F3", "F3"),
    ("F4", "F4"),
    ("F5", "F5"),
    ("F6", "F6"),
    ("F7", "F7"),
    ("F8", "F8"),
    ("F9", "F9"),
    ("F10", "F10"),
    ("F11", "F11"),
    ("F12", "F12"),
];

pub(crate) fn action(index: usize) -> Option<Action> {
    let (_, chord) = KEYS.get(index)?;
    let chord: Chord = chord.parse().ok()?;
    Some(Action::chord(chord))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_list_is_one() {
        for (index, (name, _)) in KEYS.iter().enumerate() {
            assert!(action(index).is_some(), "{name}");
        }
    }
}
