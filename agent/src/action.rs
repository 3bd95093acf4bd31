//! What can be done to a desktop. An [`Action`] is plain data: decided in one place, looked at by
//! the guard, performed by a desktop, kept in the journal.

use std::fmt;

pub use deskbound_accessibility::ScreenPx;
pub use deskbound_vm::{Button, Chord, ChordError, Direction, Pressed};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    Click {
        at: ScreenPx,
        button: Button,
        count: u8,
    },
    Move {
        to: ScreenPx,
    },
    /// Holds a button where the pointer is, or lets go of it.
    Button {
        button: Button,
        pressed: Pressed,
    },
    /// From the first point over all others to the last, with the button held.
    Drag {
        path: Vec<ScreenPx>,
        button: Button,
    },
    /// Turns the wheel there, so that the view goes into that direction.
    Scroll {
        at: ScreenPx,
        direction: Direction,
        notches: u32,
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

impl Action {
    /// Whether it goes to a place on the screen.
    pub fn is_pointed(&self) -> bool {
        match self {
            Self::Click { .. } | Self::Move { .. } | Self::Drag { .. } | Self::Scroll { .. } => {
                true
            }
            Self::Button { .. } | Self::Key { .. } | Self::Type { .. } | Self::Launch { .. } => {
                false
            }
        }
    }

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
                write!(f, "{}click{times} at {},{}", which(*button), at.x, at.y)
            }
            Self::Move { to } => write!(f, "point at {},{}", to.x, to.y),
            Self::Button { button, pressed } => {
                let verb = if *pressed == Pressed::Down { "hold" } else { "let go of" };
                write!(f, "{verb} the {}button", which(*button))
            }
            Self::Drag { path, button } => {
                write!(f, "{}drag", which(*button))?;
                let (first, last) = (path.first(), path.last().filter(|_| path.len() > 1));
                first.map_or(Ok(()), |at| write!(f, " from {},{}", at.x, at.y))?;
                last.map_or(Ok(()), |at| write!(f, " to {},{}", at.x, at.y))
            }
            Self::Scroll { at, direction, notches } => {
                let direction = match direction {
                    Direction::Up => "up",
                    Direction::Down => "down",
                    Direction::Left => "left",
                    Direction::Right => "right",
                };
                write!(f, "scroll {direction} ×{notches} at {},{}", at.x, at.y)
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

fn which(button: Button) -> &'static str {
    match button {
        Button::Left => "",
        Button::Middle => "middle ",
        Button::Right => "right ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(action: &Action, journal: &str, people: &str) {
        let written = serde_json::to_string(action).unwrap();
        assert_eq!(written, journal);
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), *action);
        assert_eq!(action.to_string(), people);
    }

    #[test]
    fn actions_survive_the_journal_and_can_be_read() {
        let at = |x, y| ScreenPx { x, y };
        check(
            &Action::key("ctrl+shift+n"),
            r#"{"action":"key","chord":"ctrl+shift+n"}"#,
            "press ctrl+shift+n",
        );
        check(
            &Action::Click { at: at(0, 7), button: Button::Right, count: 2 },
            r#"{"action":"click","at":{"x":0,"y":7},"button":"right","count":2}"#,
            "right click ×2 at 0,7",
        );
        check(
            &Action::Drag { path: vec![at(1, 2), at(3, 4)], button: Button::Left },
            r#"{"action":"drag","path":[{"x":1,"y":2},{"x":3,"y":4}],"button":"left"}"#,
            "drag from 1,2 to 3,4",
        );
        check(
            &Action::Scroll { at: at(5, 6), direction: Direction::Down, notches: 3 },
            r#"{"action":"scroll","at":{"x":5,"y":6},"direction":"down","notches":3}"#,
            "scroll down ×3 at 5,6",
        );
        check(
            &Action::Button { button: Button::Left, pressed: Pressed::Up },
            r#"{"action":"button","button":"left","pressed":"up"}"#,
            "let go of the button",
        );
    }
}
