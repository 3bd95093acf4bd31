//! What can be done to a desktop. An [`Action`] is plain data: decided in one place, looked at by
//! the guard, performed by a desktop, kept in the journal.

use std::fmt;

use deskbound_accessibility::ScreenPx;
pub use deskbound_vm::{Chord, ChordError};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    Click {
        at: ScreenPx,
        button: Button,
        count: u8,
    },
    /// Keys pressed together and let go.
    Key {
        chord: Chord,
    },
    /// Text as a person types it, into whatever has the focus.
    Type {
        text: String,
    },
    /// Starts a program in the desktop's session; no shell is in the way.
    Launch {
        program: String,
        args: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    Left,
    Middle,
    Right,
}

impl Action {
    pub fn click(at: ScreenPx) -> Self {
        Self::Click { at, button: Button::Left, count: 1 }
    }

    /// # Panics
    /// On a chord that cannot be read; for chords written in the source.
    pub(crate) fn key(chord: &str) -> Self {
        Self::Key { chord: chord.parse().expect("a chord in the source has known keys") }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Type { text: text.into() }
    }

    pub(crate) fn launch(program: &str, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self::Launch { program: program.to_owned(), args }
    }
}

/// For people: one line, with nothing from a stranger left raw.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Click { at, button, count } => {
                let times = if *count == 1 { String::new() } else { format!(" ×{count}") };
                let button = match button {
                    Button::Left => "click",
                    Button::Middle => "middle click",
                    Button::Right => "right click",
                };
                write!(f, "{button}{times} at {},{}", at.x, at.y)
            }
            Self::Key { chord } => write!(f, "press {chord}"),
            Self::Type { text } => write!(f, "type “{}”", crate::sanitize::line(text)),
            Self::Launch { program, args } => {
                write!(f, "start {}", crate::sanitize::line(program))?;
                args.iter().try_for_each(|arg| write!(f, " {}", crate::sanitize::line(arg)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_survives_the_journal() {
        let action = Action::key("ctrl+shift+n");
        let written = serde_json::to_string(&action).unwrap();
        assert_eq!(written, r#"{"action":"key","chord":"ctrl+shift+n"}"#);
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action);
    }
}
