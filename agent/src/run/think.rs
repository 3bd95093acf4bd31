//! A model thinks on a thread of its own, while persons are heard: to stop a run, to take its
//! desktop or to end it in time needs no wait for the last token.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use deskbound_models::Cancel;

use crate::control::{Inbox, Want};

/// Between two looks at what persons want.
const GLANCE: Duration = Duration::from_millis(20);

/// Where a model thinks, and who is heard meanwhile.
pub(super) struct Mind<'m> {
    pub(super) inbox: &'m mut Inbox,
    pub(super) deadline: Instant,
}

impl Mind<'_> {
    /// What a model came to. It is told to end early where the run is stopped, taken over or out of
    /// time; then its thought is an error. One that cannot be told is done in no time.
    pub(super) fn think<T: Send>(
        &mut self,
        cancel: Option<Cancel>,
        thinking: impl FnOnce() -> T + Send,
    ) -> T {
        match cancel {
            Some(cancel) => aside(self.inbox, self.deadline, &cancel, thinking),
            None => thinking(),
        }
    }
}

fn aside<T: Send>(
    inbox: &mut Inbox,
    deadline: Instant,
    cancel: &Cancel,
    thinking: impl FnOnce() -> T + Send,
) -> T {
    thread::scope(|scope| {
        let (thought, wait) = sync_channel(1);
        // Nobody takes a thought only when this thread has panicked itself.
        let mind = scope.spawn(move || drop(thought.send(thinking())));
        loop {
            match wait.recv_timeout(GLANCE) {
                Ok(thought) => return thought,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    let panicked = mind.join().expect_err("it ended without a thought");
                    resume_unwind(panicked);
                }
            }
            let is_over = inbox.stop().is_asked()
                || inbox.want() == Want::Hands
                || Instant::now() >= deadline;
            // Said again and again: a model forgets it between the parts of its work.
            if is_over {
                cancel.cancel();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Command, control};

    const LONG: Duration = Duration::from_secs(60);

    /// Thinks until it is told to end; whether it was.
    fn check(cancelled: bool, disturb: impl FnOnce(&crate::control::Control), limit: Duration) {
        let (control, mut inbox) = control();
        disturb(&control);
        let cancel = Cancel::default();
        let seen = cancel.clone();
        let patience = if cancelled { LONG } else { 4 * GLANCE };
        let mut mind = Mind { inbox: &mut inbox, deadline: Instant::now() + limit };
        let thought = mind.think(Some(cancel), move || {
            let begun = Instant::now();
            while !seen.is_cancelled() && begun.elapsed() < patience {
                thread::yield_now();
            }
            seen.is_cancelled()
        });
        assert_eq!(thought, cancelled);
    }

    #[test]
    fn a_stop_a_taking_over_and_the_end_of_time_end_a_thought() {
        check(false, |_| {}, LONG);
        check(false, |control| control.tell(Command::Pause).unwrap(), LONG);
        check(true, |control| control.stop().ask(), LONG);
        check(true, |control| control.tell(Command::TakeOver).unwrap(), LONG);
        check(true, |_| {}, 2 * GLANCE);
    }

    #[test]
    #[should_panic(expected = "a thought too many")]
    fn a_panic_is_passed_on() {
        let (_control, mut inbox) = control();
        let mut mind = Mind { inbox: &mut inbox, deadline: Instant::now() + LONG };
        mind.think(Some(Cancel::default()), || panic!("a thought too many"));
    }
}
