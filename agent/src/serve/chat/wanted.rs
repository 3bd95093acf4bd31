//! Whether somebody still waits for an answer: a model that nobody waits for stops, also while it
//! reads.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbound_models::Cancel;

/// The side that makes the answer.
#[derive(Clone, Default)]
pub(super) struct Wanted(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_given_up: bool,
    /// Of the conversation that is at it; another answer's later, so it is kept no longer.
    cancel: Option<Cancel>,
}

/// The side that waits. The answer is given up when it is dropped.
pub(super) struct Waiting(Wanted);

impl Wanted {
    pub(super) fn new() -> (Self, Waiting) {
        let wanted = Self::default();
        (wanted.clone(), Waiting(wanted))
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.state().is_given_up
    }

    /// Makes the answer, with this that stops it.
    pub(super) fn while_wanted<T>(&self, cancel: Cancel, answer: impl FnOnce() -> T) -> T {
        self.state().cancel = Some(cancel);
        let answer = answer();
        self.state().cancel = None;
        answer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_given_up = true;
        if let Some(cancel) = &state.cancel {
            cancel.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_answer_that_is_made_is_stopped() {
        let cancel = Cancel::default();
        let (wanted, waiting) = Wanted::new();
        wanted.while_wanted(cancel.clone(), || ());
        drop(waiting);
        assert!(wanted.is_given_up() && !cancel.is_cancelled(), "it was another answer's by then");

        let (wanted, waiting) = Wanted::new();
        wanted.while_wanted(cancel.clone(), || drop(waiting));
        assert!(cancel.is_cancelled());
    }
}
