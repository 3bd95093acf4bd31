//! What may be asked of the guest program, and what it may answer.

use std::time::Duration;

use deskbound_accessibility::{ActError, Effect, NodeAction, NodeRef, Tree, TreeLimits};
use serde::{Deserialize, Serialize};

/// Raised with every change of the types in this module.
pub const PROTOCOL_VERSION: u16 = 1;

/// The name of the virtio-serial port.
pub const PORT: &str = "org.deskbound.guest";

/// Bytes of one [`Answer::Output`], [`Answer::Content`] or [`Ask::Write`].
pub const CHUNK_BYTES_MAX: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub id: u32,
    pub ask: Ask,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    Hello {
        version: u16,
    },
    /// Makes a clone its own: clock, randomness and name.
    Adopt {
        unix_time: Duration,
        entropy: [u8; 32],
        hostname: String,
    },
    Run(CommandSpec),
    /// Ends the command that was started by request `id`, with all its children.
    Cancel {
        id: u32,
    },
    Read {
        path: String,
    },
    /// Adds to the file, which the first chunk (`offset` 0) makes anew.
    Write {
        path: String,
        offset: u64,
        bytes: Vec<u8>,
    },
    Tree {
        limits: TreeLimits,
    },
    Act {
        node: NodeRef,
        action: NodeAction,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandSpec {
    /// The program and its arguments; no shell is in between.
    pub argv: Vec<String>,
    pub cwd: Option<String>,
    pub env: Vec<(String, String)>,
    pub user: User,
    /// After it, the whole process group is killed.
    pub timeout: Option<Duration>,
    /// Lives on after it was started: answered by [`Answer::Started`] at once, its output dropped.
    pub background: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum User {
    /// The desktop's user, in the environment of the session.
    Session,
    Root,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub id: u32,
    pub answer: Answer,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    Hello {
        version: u16,
    },
    Done,
    Started {
        pid: u32,
    },
    Output {
        stream: Stream,
        bytes: Vec<u8>,
    },
    /// A shell's convention: 128 + the signal where one ended the command.
    Exited {
        status: i32,
        timed_out: bool,
    },
    /// A piece of a file; an empty one ends it.
    Content {
        bytes: Vec<u8>,
    },
    /// There is no file at the path.
    NoFile,
    Tree(Box<Tree>),
    Acted(Result<Effect, ActError>),
    Refused {
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    Stdout,
    Stderr,
}

impl Ask {
    /// Whether the session part answers it, rather than the system part.
    pub fn is_for_session(&self) -> bool {
        matches!(self, Self::Tree { .. } | Self::Act { .. })
    }
}

impl Answer {
    /// Whether no more replies follow to the same request.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Output { .. } => false,
            Self::Content { bytes } => bytes.is_empty(),
            _ => true,
        }
    }
}
