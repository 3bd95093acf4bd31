//! One key, as it is typed and as it is written down.

use std::fmt;
use std::str::FromStr;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Shift is in the character itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stroke {
    code: KeyCode,
    held: KeyModifiers,
}

const NAMES: [(&str, KeyCode); 16] = [
    ("Space", KeyCode::Char(' ')),
    ("Tab", KeyCode::Tab),
    ("Shift-Tab", KeyCode::BackTab),
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("↑", KeyCode::Up),
    ("↓", KeyCode::Down),
    ("←", KeyCode::Left),
    ("→", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
];

/// As a keyboard has no arrows to type.
const WORDS: [(&str, KeyCode); 4] = [
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
];

impl Stroke {
    pub(super) const fn char(key: char) -> Self {
        Self { code: KeyCode::Char(key), held: KeyModifiers::NONE }
    }

    pub(super) const fn control(key: char) -> Self {
        Self { code: KeyCode::Char(key), held: KeyModifiers::CONTROL }
    }

    pub(super) const fn code(code: KeyCode) -> Self {
        Self { code, held: KeyModifiers::NONE }
    }

    pub(crate) fn of(key: KeyEvent) -> Self {
        let held = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        let code = match key.code {
            // Terminals that send bytes name four keys by the digits they share a byte with.
            KeyCode::Char('4') if held == KeyModifiers::CONTROL => KeyCode::Char('\\'),
            KeyCode::Char('5') if held == KeyModifiers::CONTROL => KeyCode::Char(']'),
            KeyCode::Char('6') if held == KeyModifiers::CONTROL => KeyCode::Char('^'),
            KeyCode::Char('7') if held == KeyModifiers::CONTROL => KeyCode::Char('_'),
            KeyCode::Char(key) if held.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(key.to_ascii_lowercase())
            }
            code => code,
        };
        Self { code, held }
    }

    pub(crate) fn without_alt(self) -> Self {
        Self { held: self.held - KeyModifiers::ALT, ..self }
    }

    #[cfg(test)]
    pub(crate) fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.held)
    }
}

impl fmt::Display for Stroke {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.held.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.held.contains(KeyModifiers::ALT) {
            f.write_str("Alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(key) if self.held.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", key.to_uppercase())
            }
            KeyCode::Char(key) => write!(f, "{key}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl FromStr for Stroke {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (mut rest, mut held) = (text, KeyModifiers::NONE);
        for (prefix, modifier) in [("Ctrl-", KeyModifiers::CONTROL), ("Alt-", KeyModifiers::ALT)] {
            if let Some(after) = rest.strip_prefix(prefix)
                && !after.is_empty()
            {
                (rest, held) = (after, held | modifier);
            }
        }
        let named = NAMES.iter().chain(&WORDS).find(|(name, _)| *name == rest);
        let number = rest.strip_prefix('F').and_then(|number| number.parse::<u8>().ok());
        let mut characters = rest.chars();
        let code = match (named, number, characters.next(), characters.next()) {
            (Some((_, code)), ..) => *code,
            (_, Some(number @ 1..=12), ..) => KeyCode::F(number),
            (.., Some(key), None) if !key.is_control() => KeyCode::Char(key),
            _ => return Err(()),
        };
        Ok(Self::of(KeyEvent::new(code, held)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_and_read() {
        for (text, written) in [
            ("x", "x"),
            ("X", "X"),
            ("Ctrl-x", "Ctrl-X"),
            ("Ctrl-5", "Ctrl-]"),
            ("Ctrl-Alt-k", "Ctrl-Alt-K"),
            ("Up", "↑"),
            ("F12", "F12"),
            ("-", "-"),
            ("Ctrl--", "Ctrl--"),
            ("Alt-Enter", "Alt-Enter"),
        ] {
            assert_eq!(text.parse::<Stroke>().unwrap().to_string(), written);
        }
        for wrong in ["", "F13", "Ctrl-", "Super-x", "two", "\u{1b}"] {
            assert!(wrong.parse::<Stroke>().is_err(), "{wrong}");
        }
    }
}
