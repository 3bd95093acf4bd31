//! The commands, as data: they also travel from other programs of the same user.

use serde::{Deserialize, Serialize};

use crate::action::Action;

/// Longest message to the models, in characters.
pub(crate) const PROMPT_CHARS: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "command")]
pub enum Command {
    /// Stand still before the next move.
    Pause,
    /// One step, then stand still again.
    Step,
    Resume,
    /// Something the models are to know before they decide next.
    Prompt {
        text: String,
    },
    /// From now on a person gives the input; what the run was doing is dropped at once.
    TakeOver,
    /// Input of a person who has taken over.
    Hand {
        action: Action,
    },
    /// The desktop goes back to where it started; only of a person who has taken over.
    Reset,
    /// The text on the desktop's clipboard is wanted; only of a person who has taken over.
    Carry,
    GiveBack,
    /// The answer to a question that was asked.
    Answer {
        ask: AskId,
        answer: Answer,
    },
}

/// Which question of a run, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AskId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer")]
pub enum Answer {
    Approve { extent: Extent },
    Deny,
}

/// How far an approval reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// This action, now.
    Once,
    /// Actions of this kind on this application, for the rest of the run.
    Run,
}
