//! The one bounded channel through which everything that happens comes to a view.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use super::Event;

/// Events that wait to be taken in; whoever has more waits.
pub(super) const EVENTS_MAX: usize = 256;
/// Between two tries to hand in a key while the stage has too much to do.
pub(super) const ROOM_POLL: Duration = Duration::from_millis(2);

/// Where threads and tasks hand in what happened. Where nobody listens any more, nobody misses it.
#[derive(Clone)]
pub(crate) struct Doorway(SyncSender<Event>);

impl Doorway {
    /// Waits like [`hand_in`](Self::hand_in), but not beyond the end of who hands in.
    pub(super) fn hand_in_unless(&self, mut event: Event, over: &AtomicBool) -> bool {
        loop {
            event = match self.0.try_send(event) {
                Ok(()) => return true,
                Err(TrySendError::Disconnected(_)) => return false,
                Err(TrySendError::Full(_)) if over.load(Ordering::SeqCst) => return false,
                Err(TrySendError::Full(event)) => event,
            };
            thread::sleep(ROOM_POLL);
        }
    }

    /// Does not wait: what there is no room for is dropped. Tells whether somebody still listens.
    pub(crate) fn hand_in_if_free(&self, event: Event) -> bool {
        !matches!(self.0.try_send(event), Err(TrySendError::Disconnected(_)))
    }

    /// Waits while the stage has too much to do; tells whether it still listens.
    pub(crate) fn hand_in(&self, event: Event) -> bool {
        self.0.send(event).is_ok()
    }
}

pub(super) fn doorway() -> (Doorway, Receiver<Event>) {
    let (sender, inbox) = mpsc::sync_channel(EVENTS_MAX);
    (Doorway(sender), inbox)
}
