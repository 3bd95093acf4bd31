//! What can be done to a desktop. An [`Action`] is plain data: decided in one place, looked at by
//! the guard, performed by a desktop, kept in the journal.

use std::fmt;
use std::str::FromStr;

use deskbound_accessibility::ScreenPx;
use serde::{Deserialize, Serialize};

use crate::keys::{Key, UnknownKey};

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

/// Keys held together: any modifiers and one key. Written and read as `ctrl+shift+s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    modifiers: Vec<&'static Key>,
    key: &'static Key,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChordError {
    #[error(transparent)]
    Unknown(#[from] UnknownKey),
    #[error("`{name}` is no modifier: only the last key of a chord may be another one")]
    NotAModifier { name: &'static str },
    #[error("a chord with nothing to press")]
    Empty,
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

impl Chord {
    /// In the order they are pressed; they are let go the other way round.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &'static Key> + '_ {
        self.modifiers.iter().copied().chain([self.key])
    }
}

const MODIFIERS: [&str; 4] = ["Ctrl", "Shift", "Alt", "Super"];

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        // `ctrl++` and `+` mean the plus key, which is `=` with Shift.
        let text = match text.strip_suffix("++") {
            Some(head) => format!("{head}+shift+="),
            None if text == "+" => "shift+=".to_owned(),
            None => text.to_owned(),
        };
        let mut keys = Vec::new();
        for name in text.split('+').map(str::trim).filter(|name| !name.is_empty()) {
            keys.push(Key::named(name)?);
        }
        let key = keys.pop().ok_or(ChordError::Empty)?;
        match keys.iter().find(|held| !MODIFIERS.contains(&held.name)) {
            Some(held) => Err(ChordError::NotAModifier { name: held.name }),
            None => Ok(Self { modifiers: keys, key }),
        }
    }
}

impl TryFrom<String> for Chord {
    type Error = ChordError;

    fn try_from(text: String) -> Result<Self, ChordError> {
        text.parse()
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for modifier in &self.modifiers {
            write!(f, "{}+", modifier.name.to_lowercase())?;
        }
        f.write_str(self.key.name)
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
    fn chords_are_read_and_written() {
        for (text, expected) in [
            ("ctrl+shift+s", "ctrl+shift+s"),
            ("Control+C", "ctrl+c"),
            ("return", "Return"),
            ("Enter", "Return"),
            ("KP_Enter", "KP_Enter"),
            ("ctrl+-", "ctrl+Minus"),
            ("ctrl++", "ctrl+shift+Equal"),
            ("+", "shift+Equal"),
            ("shift", "Shift"),
            ("", "a chord with nothing to press"),
            ("s+ctrl", "`s` is no modifier: only the last key of a chord may be another one"),
            ("ctrl+retrun", "no key is called `retrun`; the nearest is `Return`"),
        ] {
            let found = match text.parse::<Chord>() {
                Ok(chord) => chord.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_chord_survives_the_journal() {
        let action = Action::key("ctrl+shift+n");
        let written = serde_json::to_string(&action).unwrap();
        assert_eq!(written, r#"{"action":"key","chord":"ctrl+shift+n"}"#);
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action);
    }
}
