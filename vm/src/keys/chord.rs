//! Keys held together. Written and read as `ctrl+shift+s`, or as a list of names.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Key, Stroke, UnknownKey};

/// Any modifiers and one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
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
    #[error("a chord of more than {CHORD_KEYS_MAX} keys")]
    TooLong,
}

/// A chord as people and models write it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Names(Vec<String>),
}

/// More keys than a hand holds.
const CHORD_KEYS_MAX: usize = 8;

const MODIFIERS: [&str; 9] =
    ["Ctrl", "Shift", "Alt", "Super", "AltGr", "Ctrl_R", "Shift_R", "Super_R", "CapsLock"];

impl Chord {
    /// In the order they are pressed; they are let go the other way round.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &'static Key> + '_ {
        self.modifiers.iter().copied().chain([self.key])
    }

    /// From the names of its keys, the modifiers first.
    pub fn of_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, ChordError> {
        let mut keys: Vec<&'static Key> = Vec::new();
        for name in names {
            let Stroke { key, shift } = Key::stroke_named(name)?;
            let shift = shift.then(Key::shift);
            for key in shift.into_iter().chain([key]) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
            if keys.len() > CHORD_KEYS_MAX {
                return Err(ChordError::TooLong);
            }
        }
        let key = keys.pop().ok_or(ChordError::Empty)?;
        match keys.iter().find(|held| !MODIFIERS.contains(&held.name)) {
            Some(held) => Err(ChordError::NotAModifier { name: held.name }),
            None => Ok(Self { modifiers: keys, key }),
        }
    }
}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        // `ctrl++` and `+` mean the plus key.
        let (rest, plus) = match text.strip_suffix('+') {
            Some(rest) if rest.is_empty() || rest.ends_with('+') => (rest, Some("+")),
            _ => (text, None),
        };
        let names = rest.split('+').map(|name| if name == " " { name } else { name.trim() });
        Self::of_names(names.filter(|name| !name.is_empty()).chain(plus))
    }
}

impl TryFrom<Written> for Chord {
    type Error = ChordError;

    fn try_from(written: Written) -> Result<Self, ChordError> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Names(names) => Self::of_names(names.iter().map(String::as_str)),
        }
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
            ("ctrl+plus", "ctrl+shift+Equal"),
            ("+", "shift+Equal"),
            ("shift+?", "shift+Slash"),
            ("alt+ ", "alt+Space"),
            ("shift", "Shift"),
            ("altgr+e", "altgr+e"),
            ("", "a chord with nothing to press"),
            ("s+ctrl", "`s` is no modifier: only the last key of a chord may be another one"),
            ("ctrl+retrun", "no key is called `retrun`; the nearest is `Return`"),
            ("ctrl+alt+shift+super+altgr+ctrl_r+shift_r+super_r+a", "a chord of more than 8 keys"),
        ] {
            let found = match text.parse::<Chord>() {
                Ok(chord) => chord.to_string(),
                Err(error) => error.to_string(),
            };
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_chord_is_read_from_a_text_or_a_list() {
        for written in [r#""ctrl+c""#, r#"["ctrl", "c"]"#, r#"["Control", "C"]"#] {
            let chord: Chord = serde_json::from_str(written).unwrap();
            assert_eq!(serde_json::to_string(&chord).unwrap(), r#""ctrl+c""#, "{written}");
        }
        let error = serde_json::from_str::<Chord>(r#"["ctrl", "kp_entr"]"#).unwrap_err();
        assert!(error.to_string().contains("nearest is `KP_Enter`"), "{error}");
    }
}
