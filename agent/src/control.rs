//! What a person may tell a run while it goes on, and what the run says it is doing.
//!
//! ```text
//!                     Pause                        Resume
//!      going on ────────────────▶ standing still ─────────▶ going on
//!         │ ▲                        │  ▲
//!         │ │                   Step │  │ the step has ended
//!         │ │                        ▼  │
//!         │ │                      one step
//!         │ │ GiveBack, after a new look
//!         ▼ │ TakeOver, from anywhere, at once
//!      in a person's hands: Hand(action) is performed as it comes, and so are Reset and Carry
//! ```
//!
//! A [`Control`] is the person's end, an [`Inbox`] the run's. The inbox is bounded: who tells more
//! than a run takes in is refused, not queued. [`Stop`] is no command and needs no place in it.

mod command;
mod inbox;
mod phase;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

pub use command::{Answer, AskId, Command, Extent};
pub use inbox::Inbox;
pub(crate) use inbox::{Touch, Want};
pub use phase::Phase;

use crate::stop::Stop;

/// Commands that wait to be read. A run reads them many times a second, or is being steered by
/// hand, and then as fast as input is taken.
const COMMANDS_MAX: usize = 64;

/// Why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    #[error("the run has not read its last {COMMANDS_MAX} commands yet")]
    Full,
    #[error("the run is over")]
    Over,
}

/// A person's end: tells the run, and knows what it is doing.
#[derive(Clone, Debug)]
pub struct Control {
    commands: mpsc::Sender<Command>,
    phase: watch::Receiver<Phase>,
    carried: watch::Receiver<Option<Arc<str>>>,
    attending: Arc<AtomicUsize>,
    stop: Stop,
}

/// As long as one lives, somebody is there to answer questions.
#[derive(Debug)]
pub struct Attendance(Arc<AtomicUsize>);

impl Drop for Attendance {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Both ends of a run's control.
pub fn control() -> (Control, Inbox) {
    let (commands, inbox) = mpsc::channel(COMMANDS_MAX);
    let (said, phase) = watch::channel(Phase::Starting);
    let (carry, carried) = watch::channel(None);
    let (attending, stop) = (Arc::default(), Stop::default());
    let inbox = Inbox::new(inbox, (said, carry), Arc::clone(&attending), stop.clone());
    (Control { commands, phase, carried, attending, stop }, inbox)
}

impl Control {
    pub fn tell(&self, command: Command) -> Result<(), NotTaken> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(_) => NotTaken::Over,
        })
    }

    /// What the run is doing, and a way to wait until that changes.
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.clone()
    }

    /// What comes of [`Command::Carry`], from now on: the text of the desktop's clipboard. It is
    /// never recorded.
    pub fn carried(&self) -> watch::Receiver<Option<Arc<str>>> {
        let mut carried = self.carried.clone();
        carried.mark_unchanged();
        carried
    }

    /// The question that waits for an answer.
    pub fn asked(&self) -> Option<AskId> {
        match *self.phase.borrow() {
            Phase::Asking(ask) => Some(ask),
            _ => None,
        }
    }

    /// Says that somebody is there to answer, until what comes back is dropped.
    pub fn attend(&self) -> Attendance {
        self.attending.fetch_add(1, Ordering::SeqCst);
        Attendance(Arc::clone(&self.attending))
    }

    pub fn stop(&self) -> &Stop {
        &self.stop
    }
}
