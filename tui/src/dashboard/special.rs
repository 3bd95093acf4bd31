//! What a terminal cannot pass on, sent to the desktop from a list: keys that it keeps to itself or
//! cannot tell apart, the desktop's clipboard, and its way back to the beginning.

use deskbound_agent::action::{Action, Chord};

/// What a row of the list does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Presses keys, as a desktop calls them.
    Chord(&'static str),
    /// Asks for the clipboard's text.
    Carry,
    /// Back to where the desktop started.
    Reset,
}

use Deed::{Carry, Chord as Keys, Reset};

/// As a person calls it, and what it does.
pub(crate) const ROWS: [(&str, Deed); 28] = [
    ("Ctrl-Alt-Del", Keys("ctrl+alt+Delete")),
    ("Super", Keys("Super")),
    ("its clipboard, to this terminal", Carry),
    ("back to where it started (reset)", Reset),
    ("Alt-Tab", Keys("alt+Tab")),
    ("Alt-F4", Keys("alt+F4")),
    ("Alt-F2", Keys("alt+F2")),
    ("Alt-Space", Keys("alt+Space")),
    ("Ctrl-Esc", Keys("ctrl+Escape")),
    ("Print", Keys("Print")),
    ("Menu", Keys("Menu")),
    ("Ctrl-]", Keys("ctrl+]")),
    ("Ctrl-\\", Keys("ctrl+\\")),
    ("Ctrl-Alt-Backspace", Keys("ctrl+alt+BackSpace")),
    ("Ctrl-Alt-F1", Keys("ctrl+alt+F1")),
    ("Ctrl-Alt-F2", Keys("ctrl+alt+F2")),
    ("F1", Keys("F1")),
    ("F2", Keys("F2")),
    ("F3", Keys("F3")),
    ("F4", Keys("F4")),
    ("F5", Keys("F5")),
    ("F6", Keys("F6")),
    ("F7", Keys("F7")),
    ("F8", Keys("F8")),
    ("F9", Keys("F9")),
    ("F10", Keys("F10")),
    ("F11", Keys("F11")),
    ("F12", Keys("F12")),
];

/// The keys of a chord, pressed and let go.
pub(crate) fn pressed(chord: &str) -> Option<Action> {
    chord.parse::<Chord>().ok().map(Action::chord)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_list_is_one() {
        for (name, deed) in ROWS {
            if let Keys(chord) = deed {
                assert!(pressed(chord).is_some(), "{name}");
            }
        }
    }
}
