//! Taking samples to fresh desktops, several at a time, until all have a result.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use deskbound_agent::stop::Stop;
use tokio::runtime::Handle;

use crate::bench::Bench;
use crate::outcome::{Outcome, Status};
use crate::plan::{Conditions, Item};
use crate::sample::Frame;
use crate::store::{Store, StoreError};
use crate::suite::Suite;

/// Tries of a sample in one session, where the desktop fails it.
const ATTEMPTS: u32 = 2;
const JOBS_MAX: usize = 64;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkError {
    #[error("the suite `{suite}` is not the one that was planned")]
    OtherSuite { suite: String },
    #[error("the suite has no task `{task}`")]
    NoTask { task: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a session of work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every sample it was given has a result, or failed for its desktop.
    Through,
    /// Its time was over before all were begun.
    OutOfTime,
    /// It was asked to stop; a sample in the middle has no result.
    Stopped,
}

pub struct Work<'w, B> {
    pub suite: &'w Suite,
    pub conditions: &'w Conditions,
    pub store: &'w Store,
    pub bench: &'w B,
    /// Where the journals of the runs go.
    pub runs: PathBuf,
    pub jobs: usize,
    pub stop: Stop,
    /// No sample is begun after this; one in the middle goes on to its end.
    pub until: Option<Instant>,
    /// Sees each outcome when it is kept.
    pub told: &'w (dyn Fn(&Outcome) + Sync),
}

impl<B: Bench> Work<'_, B> {
    /// Blocks until the samples that have no result yet are through. To be called where blocking is
    /// allowed, in a runtime of several threads.
    ///
    /// # Errors
    /// Where results cannot be kept, or the suite is another one. Whatever else goes wrong is a
    /// sample's [`Status`].
    pub fn through(&self, items: Vec<Item>) -> Result<Ended, WorkError> {
        if self.suite.digest != self.conditions.suite_digest {
            return Err(WorkError::OtherSuite { suite: self.suite.name.clone() });
        }
        let mut open: VecDeque<Item> = items.into();
        open.retain(|item| !self.store.has(&item.id));
        let jobs = self.jobs.clamp(1, JOBS_MAX).min(open.len().max(1));
        let (open, failed, left) = (Mutex::new(open), Mutex::new(None), AtomicBool::new(false));
        let handle = Handle::current();
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    if let Err(error) = self.work(&handle, &open, &left) {
                        // Nobody goes on where results cannot be kept.
                        open.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                    }
                });
            }
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None if self.stop.is_asked() => Ok(Ended::Stopped),
            None if left.load(Ordering::Relaxed) => Ok(Ended::OutOfTime),
            None => Ok(Ended::Through),
        }
    }

    /// `left` becomes true where samples are left because the time is over.
    fn work(
        &self,
        handle: &Handle,
        open: &Mutex<VecDeque<Item>>,
        left: &AtomicBool,
    ) -> Result<(), WorkError> {
        let digest = self.conditions.digest();
        let frame = Frame {
            bench: self.bench,
            conditions: self.conditions,
            digest: &digest,
            runs: &self.runs,
            stop: &self.stop,
        };
        loop {
            let next = open.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(item) = next else { return Ok(()) };
            if self.until.is_some_and(|until| Instant::now() >= until) {
                left.store(true, Ordering::Relaxed);
                return Ok(());
            }
            let task = self.suite.task(&item.task);
            let task = task.filter(|task| (1..=task.wordings.len()).contains(&item.wording));
            let task = task.ok_or_else(|| WorkError::NoTask { task: item.task.clone() })?;
            for _ in 0..ATTEMPTS {
                if self.stop.is_asked() {
                    return Ok(());
                }
                let outcome = handle.block_on(frame.sample(&item, task));
                // A sample that was stopped in the middle has no result.
                if self.stop.is_asked() {
                    return Ok(());
                }
                let is_broken = outcome.status == Status::InfrastructureError;
                if is_broken {
                    self.store.keep_broken(&outcome)?;
                } else {
                    self.store.keep(&outcome)?;
                }
                (self.told)(&outcome);
                if !is_broken {
                    break;
                }
            }
        }
    }
}
