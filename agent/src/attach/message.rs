//! What goes over the socket: frames of [`wire`](deskbound_vm::wire), each a [`Parcel`]. Words are
//! JSON, as in the journal; pictures are bytes.

use serde::{Deserialize, Serialize};

use crate::control::{Command, Phase};

/// Counts up with every change that an older program would not understand.
pub const PROTOCOL: u32 = 2;

/// What a visitor wants to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Looks, and can do nothing.
    Watcher,
    /// Holds the control, where nobody else does.
    Controller,
    /// Takes the control from whoever holds it.
    Successor,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub(super) enum ToRun {
    Hello {
        protocol: u32,
        part: Part,
    },
    Tell {
        command: Command,
    },
    Stop,
    /// Pictures of the screen, so many a second at most; 0 for none.
    Pictures {
        per_second: u8,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "say")]
pub enum FromRun {
    /// The first answer: whether the visitor holds the control.
    Welcome {
        protocol: u32,
        control: bool,
    },
    Phase {
        phase: Phase,
    },
    /// So many records are in the journal now.
    Recorded {
        records: u64,
    },
    /// A command was not taken.
    NotTaken {
        reason: String,
    },
    /// The text of the desktop's clipboard, for which this visitor has asked.
    Carried {
        text: String,
    },
    /// Another visitor holds the control now.
    Succeeded,
}

/// One frame on the wire.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Parcel {
    /// JSON.
    Words(String),
    Picture {
        width: u32,
        height: u32,
        /// Red, green and blue, row by row.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
}

impl Parcel {
    pub(super) fn words(message: &impl Serialize) -> Self {
        let text = serde_json::to_string(message);
        Self::Words(text.expect("messages have string keys and finite numbers"))
    }
}
