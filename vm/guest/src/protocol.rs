//! What may be asked of the guest program, and what it may answer.

use std::time::Duration;

use deskbound_accessibility::{
    ActError, Effect, NodeAction, NodeRef, ScreenRect, Tree, TreeLimits,
};
pub use deskbound_windows::WindowAct;
use serde::{Deserialize, Serialize};

/// Raised with every change of the types in this module.
pub const PROTOCOL_VERSION: u16 = 5;

/// The name of the virtio-serial port.
pub const PORT: &str = "org.deskbound.guest";

/// Bytes of one [`Answer::Output`], [`Answer::Content`] or [`Ask::Feed`].
pub const CHUNK_BYTES_MAX: usize = 128 * 1024;

/// Replies to one request that the guest sends before the host has asked for [more](Ask::More):
/// what a slow reader costs is bounded, and nobody else waits for it.
pub const STREAM_WINDOW: u32 = 32;

/// Chunks that the host [feeds](Ask::Feed) to one request before the first is answered.
pub const FEED_WINDOW: usize = 16;

/// Longest text of one [`Ask::Type`].
pub const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Longest text of the clipboard.
pub const CLIPBOARD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Most entries of a folder, and most windows, of one answer.
pub const ENTRIES_MAX: usize = 20_000;

/// From a key of the machine to the X server, emulated and busy.
pub const INPUT_LIMIT: Duration = Duration::from_secs(20);

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
    /// Sets the clock, after a pause.
    SetClock {
        unix_time: Duration,
    },
    /// Gives the network device its address, once.
    Network,
    Run(CommandSpec),
    /// Ends what was started by request `id`: a command with all its children, a transfer, a watch.
    Cancel {
        id: u32,
    },
    /// Sends a signal to the process group of the command of request `id`, or to the one in front
    /// on its terminal.
    Signal {
        id: u32,
        signal: Signal,
    },
    /// The next bytes for the command or the transfer of request `id`; none are its end. Answered
    /// when they were taken.
    Feed {
        id: u32,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// So many more replies to request `id` may be sent. Never answered.
    More {
        id: u32,
        replies: u32,
    },
    Resize {
        id: u32,
        size: TerminalSize,
    },
    Read {
        path: String,
    },
    /// Makes the file anew with what is [fed](Self::Feed), for the desktop's user.
    Write {
        path: String,
        /// Permission bits; where none, those that the user's programs give.
        mode: Option<u32>,
    },
    /// A folder and all in it, as tar.
    ReadTree {
        path: String,
    },
    /// Lays what is [fed](Self::Feed), a tar, into the folder, for the desktop's user.
    WriteTree {
        path: String,
    },
    Stat {
        path: String,
    },
    List {
        path: String,
    },
    /// What happens to a file, or in a folder, until it is cancelled.
    Watch {
        path: String,
    },
    Tree {
        limits: TreeLimits,
    },
    Act {
        node: NodeRef,
        action: NodeAction,
    },
    /// Text as keys, into whatever has the focus; done when it was read there.
    Type {
        text: String,
    },
    /// How many times a key or a button of the machine's own went down or up; answered when it is
    /// at least so many, or [`INPUT_LIMIT`] later.
    Input {
        at_least: u64,
    },
    /// How far the session is.
    Session,
    Windows,
    Window {
        id: u32,
        act: WindowAct,
    },
    /// Starts an application by the name of its desktop entry, on files or URLs.
    Launch {
        desktop_id: String,
        targets: Vec<String>,
    },
    /// Opens a file or a URL with whatever the session has for it.
    Open {
        target: String,
    },
    Clipboard,
    SetClipboard {
        text: String,
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
    pub mode: Mode,
}

/// What a command reads and writes, and how long it is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Its output is streamed, its input empty.
    Followed,
    /// Its output is streamed, its input is [fed](Ask::Feed).
    Fed,
    /// Lives on after it was started: answered by [`Answer::Started`] at once, its output dropped.
    Background,
    /// On a terminal of its own, whose output is streamed as [`Stream::Stdout`].
    Terminal(TerminalSize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum User {
    /// The desktop's user, in the environment of the session.
    Session,
    Root,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Signal {
    Hangup,
    Interrupt,
    Quit,
    Terminate,
    Kill,
    Stop,
    Continue,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub id: u32,
    pub answer: Answer,
}

/// An [`Effect`] on its way: its own form is for people, with a tag beside its fields, which this
/// protocol cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Came {
    Confirmed(String),
    Unverifiable(String),
    NothingHappened(String),
}

impl From<Effect> for Came {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Confirmed { evidence } => Self::Confirmed(evidence),
            Effect::Unverifiable { reason } => Self::Unverifiable(reason),
            Effect::NothingHappened { reason } => Self::NothingHappened(reason),
        }
    }
}

impl From<Came> for Effect {
    fn from(came: Came) -> Self {
        match came {
            Came::Confirmed(evidence) => Self::Confirmed { evidence },
            Came::Unverifiable(reason) => Self::Unverifiable { reason },
            Came::NothingHappened(reason) => Self::NothingHappened { reason },
        }
    }
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
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// A shell's convention: 128 + the signal where one ended the command.
    Exited {
        status: i32,
        timed_out: bool,
    },
    /// A piece of a file or a tar; an empty one ends it.
    Content {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// There is no file at the path.
    NoFile,
    Stat(FileInfo),
    Entries(Vec<FileInfo>),
    /// A watch has begun: what happens from now on is told.
    Watching,
    Changed(FileChange),
    Tree(Box<Tree>),
    Acted(Result<Came, ActError>),
    Input {
        count: u64,
    },
    Session(SessionState),
    Windows(Vec<Window>),
    /// `None` where there is no text in the clipboard.
    Clipboard(Option<String>),
    Refused {
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// A file as it is itself; a link is not followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Without its folder. What is no UTF-8 in it is replaced.
    pub name: String,
    pub kind: FileKind,
    pub bytes: u64,
    /// Permission bits.
    pub mode: u32,
    pub uid: u32,
    /// Since 1970.
    pub modified: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    File,
    Folder,
    Link,
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// In a watched folder; empty for the watched file itself.
    pub name: String,
    pub event: FileEvent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileEvent {
    /// Made here, or moved to here.
    Appeared,
    /// Closed after it was open for writing.
    Written,
    /// Removed, or moved from here.
    Gone,
}

/// How far the session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionState {
    NoDisplay,
    NoWindowManager,
    Ready,
}

/// A window as the window manager lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    pub id: u32,
    pub title: String,
    /// The class of its application, such as `Mousepad`.
    pub class: String,
    /// As the application says.
    pub pid: Option<u32>,
    /// Without the frame that the window manager draws.
    pub bounds: Option<ScreenRect>,
    pub state: WindowState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WindowState {
    /// In front: it gets the keys.
    Active,
    Shown,
    Minimised,
}

impl Ask {
    /// Whether the session part answers it, rather than the system part.
    pub fn is_for_session(&self) -> bool {
        self.is_for_display() || matches!(self, Self::Tree { .. } | Self::Act { .. })
    }

    /// Whether it is about the X display rather than the accessibility tree.
    pub fn is_for_display(&self) -> bool {
        matches!(
            self,
            Self::Type { .. }
                | Self::Input { .. }
                | Self::Session
                | Self::Windows
                | Self::Window { .. }
                | Self::Launch { .. }
                | Self::Open { .. }
                | Self::Clipboard
                | Self::SetClipboard { .. }
        )
    }

    /// Whether it goes on until it is cancelled, or ends by itself after many replies.
    pub fn is_long(&self) -> bool {
        match self {
            Self::Run(spec) => spec.mode != Mode::Background,
            Self::Read { .. }
            | Self::Write { .. }
            | Self::ReadTree { .. }
            | Self::WriteTree { .. }
            | Self::Watch { .. } => true,
            _ => false,
        }
    }
}

impl Answer {
    /// Whether no more replies follow to the same request.
    pub fn is_last(&self) -> bool {
        match self {
            Self::Output { .. } | Self::Watching | Self::Changed(_) => false,
            Self::Content { bytes } => bytes.is_empty(),
            _ => true,
        }
    }
}
