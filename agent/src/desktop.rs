//! The one face of every desktop, whether it is a virtual machine or an X server.
//!
//! Looking and acting is all a run does. [`Desktop::run`], [`Desktop::read_file`] and
//! [`Desktop::write_file`] are for laying out a task and for checking it afterwards: skills verify
//! by reading and never write past the applications.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{
    Effect, NodeId, QueryError, ScreenPx, ScreenRect, Selector, State, Tree,
};
use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::eye::Eye;
use crate::view::View;

/// One consistent moment, taken when the screen had settled or the wait for that was over.
#[derive(Clone, Debug)]
pub struct Observation {
    pub frame: Arc<RgbImage>,
    pub tree: Arc<Tree>,
    /// How long it took until nothing moved.
    pub settle: Duration,
    /// Where the desktop itself says; it is not drawn into the frame then.
    pub pointer: Option<Pointer>,
}

/// The pointer is told, not drawn: a frame does not differ because it has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    pub at: ScreenPx,
    /// Such as `left_ptr`, `xterm` over text, `watch` while something is busy; empty where it has
    /// no name.
    pub shape: String,
}

/// A part of the screen that is shown on one device.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    pub name: String,
    pub bounds: ScreenRect,
    pub is_primary: bool,
    /// Pixels for one that applications mean.
    pub scale: f64,
}

impl Observation {
    /// The titles of the windows that show.
    pub fn titles(&self) -> Vec<String> {
        let windows = View::new(&self.tree).windows();
        let showing = windows.filter(|window| window.node().states.contains(State::Showing));
        showing.map(|window| window.name().to_owned()).collect()
    }

    /// What shows and fits the selector, in document order, each with its centre where it has one.
    ///
    /// # Errors
    /// Where the selector cannot be read.
    pub fn find(&self, selector: &str) -> Result<Vec<Found>, QueryError> {
        let selector: Selector = selector.parse()?;
        let tree = &self.tree;
        let shown = tree.find(&selector).filter(|id| {
            let node = tree.node(*id);
            node.states.contains(State::Showing)
        });
        let found = |id| Found {
            id,
            name: tree.name(id).to_owned(),
            text: tree.text(id).to_owned(),
            at: tree.node(id).bounds.map(|bounds| bounds.centre()),
        };
        Ok(shown.map(found).collect())
    }
}

/// Something that was looked for on a desktop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// In the tree of that moment.
    pub id: NodeId,
    pub name: String,
    pub text: String,
    pub at: Option<ScreenPx>,
}

impl Monitor {
    /// The whole of a screen of this size.
    pub(crate) fn only((width, height): (u32, u32)) -> Self {
        let bounds = ScreenRect { x: 0, y: 0, width, height };
        Self { name: "screen".to_owned(), bounds, is_primary: true, scale: 1.0 }
    }
}

/// How an action was carried out. What it did is for the next observation to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Performed {
    /// Pointer or keys, as a person would.
    Input,
    /// A program was started.
    Started,
    /// Through the tree, and what its object was seen to do.
    Tree { effect: Effect },
    /// The window manager or the clipboard was told.
    Told,
}

/// What a desktop does while a run stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing: not even its clock goes on.
    Frozen,
    /// It is somebody's own session, and lives on.
    Live,
}

/// A command for setting up and checking, never for doing the task. No shell is in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub program: String,
    pub args: Vec<String>,
    pub limit: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `None` where a signal ended it.
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DesktopError {
    #[error("the desktop cannot be reached: {what}")]
    Gone { what: String },
    #[error("`{program}` could not be started")]
    Start { program: String, source: std::io::Error },
    #[error("`{what}` did not end within {limit:?}")]
    Late { what: String, limit: Duration },
    #[error("the character `{character}` cannot be typed here")]
    NoKey { character: char },
    #[error("the point {x},{y} is not on the screen")]
    OffScreen { x: i32, y: i32 },
    #[error("the file `{path}` could not be used")]
    File { path: String, source: std::io::Error },
    /// Only this, and only now: the desktop is as well as before.
    #[error("{what}")]
    Refused { what: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// What only one kind of desktop can fail with.
    #[error("{what}")]
    Other { what: String, source: Box<dyn std::error::Error + Send + Sync> },
}

impl DesktopError {
    pub(crate) fn too_large(path: &str) -> Self {
        let source = std::io::ErrorKind::FileTooLarge.into();
        Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn no_file(path: &str) -> Self {
        Self::File { path: path.to_owned(), source: std::io::ErrorKind::NotFound.into() }
    }

    /// Of what has an answer, and is asked for where that is wanted.
    pub(crate) fn not_by_hand(action: &Action) -> Self {
        Self::refused("this is not done by hand", action.to_string())
    }

    pub(crate) fn refused(
        what: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Refused { what: what.to_owned(), source: source.into() }
    }

    /// Whether it is a matter of what was asked for, and the desktop can go on; all else is its
    /// end.
    pub fn is_of_the_call(&self) -> bool {
        match self {
            Self::Start { .. }
            | Self::Late { .. }
            | Self::NoKey { .. }
            | Self::OffScreen { .. }
            | Self::File { .. }
            | Self::Refused { .. } => true,
            Self::Gone { .. } | Self::Other { .. } => false,
        }
    }
}

pub trait Desktop: Send {
    /// Looks, after a bounded wait for the screen to settle.
    fn observe(&mut self) -> impl Future<Output = Result<Observation, DesktopError>> + Send;

    /// Waits until the screen is no longer as it was, or the limit is over. A tree costs the
    /// applications that answer for it; a screen that stands still has rarely a new one.
    fn changed(
        &mut self,
        since: &RgbImage,
        limit: Duration,
    ) -> impl Future<Output = Result<(), DesktopError>> + Send;

    /// How many times slower its programs are than on a machine of their own; patience is as much
    /// longer.
    fn slowness(&self) -> u32 {
        1
    }

    /// Whether what was waited for since then has had its time.
    fn is_patience_over(&self, since: Instant, patience: Duration) -> bool {
        since.elapsed() >= patience
    }

    fn perform(
        &mut self,
        action: &Action,
    ) -> impl Future<Output = Result<Performed, DesktopError>> + Send;

    /// Lets go of every key and button.
    fn release_all(&mut self) -> impl Future<Output = Result<(), DesktopError>> + Send;

    /// Stops the desktop itself, where it can be stopped.
    fn freeze(&mut self) -> impl Future<Output = Result<Standing, DesktopError>> + Send;

    /// Lets a frozen desktop go on.
    fn thaw(&mut self) -> impl Future<Output = Result<(), DesktopError>> + Send;

    /// The text in the clipboard; `None` where there is none. It is set by
    /// [`Action::Copy`].
    fn clipboard(&mut self) -> impl Future<Output = Result<Option<String>, DesktopError>> + Send;

    /// Goes back to where it started: what was done in it since is gone. Only what is thrown away
    /// afterwards does.
    fn reset(&mut self) -> impl Future<Output = Result<(), DesktopError>> + Send {
        async {
            let why = "only a disposable one has a beginning to go back to";
            Err(DesktopError::refused("the desktop is not reset", why))
        }
    }

    /// What the screen is made of now.
    fn monitors(&mut self) -> impl Future<Output = Result<Vec<Monitor>, DesktopError>> + Send;

    /// For whoever watches.
    fn eye(&self) -> Eye;

    /// The home folder of the desktop's user, without a slash at the end.
    fn home(&self) -> String;

    /// Runs a command as the desktop's user, for setting up and checking.
    fn run(
        &mut self,
        command: &Command,
    ) -> impl Future<Output = Result<Output, DesktopError>> + Send;

    /// `None` where there is no such file. One of more than
    /// [`FILE_BYTES`](crate::limits::FILE_BYTES) is an error: half a file is none.
    fn read_file(
        &mut self,
        path: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, DesktopError>> + Send;

    fn write_file(
        &mut self,
        path: &str,
        bytes: &[u8],
    ) -> impl Future<Output = Result<(), DesktopError>> + Send;
}
