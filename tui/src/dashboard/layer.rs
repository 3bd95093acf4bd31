//! What lies over the panes. One thing at a time does, and takes the keys.

use std::time::Duration;

use super::bar::Bar;
use super::cursor::Cursor;
use super::line_edit::LineEdit;
use super::question::Card;

/// What lies over the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    None,
    Help {
        page: usize,
    },
    /// Something for the models is being typed.
    Prompt(LineEdit),
    /// What is looked for is being typed.
    Find(LineEdit),
    /// A command is being typed.
    Command(Bar),
    Ask(Card),
    Confirm(Confirm),
    /// A step in full.
    Details(Details),
    /// Keys and pointer go to the desktop; `taken` once the run has said so.
    Hands {
        taken: bool,
        over: Over,
    },
}

/// How far a step in full is scrolled, and what was looked at before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Details {
    pub(crate) top: usize,
    pub(crate) before: Cursor,
}

/// What lies over the desktop while a person has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    Nothing,
    /// The list of what a terminal cannot send.
    Keys {
        row: usize,
    },
    /// A word is being typed, without which nothing is reset.
    Reset(LineEdit),
    /// The text of the desktop's clipboard has been asked for.
    Awaited,
    /// It has come, and may go on to the terminal's; since then, by the view's clock.
    Carried {
        text: String,
        since: Duration,
    },
}

/// What a person has to say twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirm {
    Stop,
    Leave,
    /// The control is taken from another view.
    Take,
}
