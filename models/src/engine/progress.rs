//! What can be watched, and stopped, from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Asks a conversation to stop at the next token, or the next part of a prompt.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What stopped the request before does not stop the next one.
    pub fn reset(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// How far a conversation is. Numbers of one moment may be of two neighbouring tokens.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    prompt: AtomicU64,
    read: AtomicU64,
    made: AtomicU64,
    making_us: AtomicU64,
}

impl Progress {
    /// Tokens of the prompt, and how many of them have been read.
    #[must_use]
    pub fn prompt(&self) -> (u64, u64) {
        (self.0.prompt.load(Ordering::Relaxed), self.0.read.load(Ordering::Relaxed))
    }

    /// Tokens made since the prompt.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.0.made.load(Ordering::Relaxed)
    }

    /// Of the tokens made; 0 before the first.
    #[must_use]
    pub fn tokens_per_second(&self) -> f64 {
        let took = Duration::from_micros(self.0.making_us.load(Ordering::Relaxed)).as_secs_f64();
        if took > 0.0 { self.made() as f64 / took } else { 0.0 }
    }

    pub(super) fn begin(&self, prompt: usize) {
        self.0.prompt.store(prompt as u64, Ordering::Relaxed);
        self.0.read.store(0, Ordering::Relaxed);
        self.0.made.store(0, Ordering::Relaxed);
        self.0.making_us.store(0, Ordering::Relaxed);
    }

    pub(super) fn read(&self, tokens: usize) {
        self.0.read.store(tokens as u64, Ordering::Relaxed);
    }

    pub(super) fn made_one(&self, took: Duration) {
        self.0.made.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.0.making_us.fetch_add(took, Ordering::Relaxed);
    }
}
