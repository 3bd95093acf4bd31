//! What a run is doing, in a word.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::command::AskId;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Starting,
    Observing,
    Thinking,
    /// A person is asked whether an action is to be performed, or what a model wants to know. The
    /// record right before says which.
    Asking(AskId),
    Acting,
    /// Standing still because a person wants it to; the virtual desktop too.
    Paused,
    /// A person gives the input.
    TakenOver,
    Over,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Starting => "starting",
            Self::Observing => "observing",
            Self::Thinking => "thinking",
            Self::Asking(_) => "asking",
            Self::Acting => "acting",
            Self::Paused => "paused",
            Self::TakenOver => "you have control",
            Self::Over => "over",
        })
    }
}
