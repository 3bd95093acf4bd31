//! Answers to questions that were asked together, for one who waits for all of them.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::reply::{CallError, Reply};

pub(crate) type Answer = Result<Reply, CallError>;

/// Comes with all answers, in the order of the questions. Dropped, it takes back those that were
/// not sent yet.
#[derive(Debug)]
pub(crate) struct Answers {
    group: Arc<Group>,
}

/// Where the answers are put as they come.
#[derive(Debug)]
pub(crate) struct Group {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    answers: Vec<Option<Answer>>,
    missing: usize,
    waker: Option<Waker>,
    is_awaited: bool,
}

impl Answers {
    pub(crate) fn of(count: usize) -> Self {
        let answers = std::iter::repeat_with(|| None).take(count).collect();
        let state = State { answers, missing: count, waker: None, is_awaited: true };
        Self { group: Arc::new(Group { state: Mutex::new(state) }) }
    }

    pub(crate) fn group(&self) -> &Arc<Group> {
        &self.group
    }

    /// All of them, once all are there.
    #[cfg(test)]
    pub(crate) fn try_take(&mut self) -> Option<Vec<Answer>> {
        self.group.state().take()
    }
}

impl Group {
    /// The first answer to a question counts.
    pub(crate) fn put(&self, place: usize, answer: Answer) {
        let mut state = self.state();
        let Some(empty) = state.answers.get_mut(place).filter(|answer| answer.is_none()) else {
            return;
        };
        *empty = Some(answer);
        state.missing -= 1;
        let waker = if state.missing == 0 { state.waker.take() } else { None };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.state().is_awaited
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self) -> Option<Vec<Answer>> {
        let all = self.missing == 0;
        all.then(|| std::mem::take(&mut self.answers).into_iter().flatten().collect())
    }
}

impl Future for Answers {
    type Output = Vec<Answer>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<Answer>> {
        let mut state = self.group.state();
        if let Some(answers) = state.take() {
            return Poll::Ready(answers);
        }
        match &mut state.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.group.state().is_awaited = false;
    }
}
