//! What a model can ask of a desktop, in one vocabulary for all of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::Chord;
use crate::space::Unit;

/// One thing to be done. Places are fractions of the image that the model saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "call")]
pub enum UiCall {
    Move {
        to: Unit,
    },
    /// `at`: none for where the pointer is.
    Click {
        at: Option<Unit>,
        button: Button,
        count: u8,
    },
    Press {
        button: Button,
    },
    Release {
        button: Button,
    },
    /// `from`: none for where the pointer is.
    Drag {
        from: Option<Unit>,
        to: Unit,
    },
    /// Over all of them, with the left button held.
    Path {
        points: Vec<Unit>,
    },
    /// Text as a person types it; a newline in it is the Return key.
    Type {
        text: String,
    },
    /// Pressed together and let go.
    Key {
        chord: Chord,
    },
    KeyDown {
        chord: Chord,
    },
    KeyUp {
        chord: Chord,
    },
    /// Notches of the wheel; what is further down or right comes into sight when positive.
    Scroll {
        at: Option<Unit>,
        right: i32,
        down: i32,
    },
    Wait {
        time: Duration,
    },
    Screenshot,
    /// Where is it?
    Pointer,
    /// A part of the screen, as large as it is.
    Zoom {
        from: Unit,
        to: Unit,
    },
    Open {
        what: Opened,
        target: String,
    },
    /// The user is needed: to answer, or to do what the model must not.
    AskUser {
        question: String,
    },
    /// To be remembered; changes nothing.
    Note {
        text: String,
    },
    Done {
        answer: String,
    },
    Fail {
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    #[default]
    Left,
    Middle,
    Right,
    /// On the side of a mouse.
    Back,
    Forward,
}

/// What a model wants to have opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opened {
    App,
    Url,
}
