//! The caller's side of a conversation.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use super::error::EngineError;
use super::machine::{Job, Logits};
use super::progress::{Cancel, Progress};
use crate::family::{Config, Piece, Sequence};

/// What reading a prompt took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefilled {
    pub tokens: usize,
    /// Of these, so many had been read before.
    pub reused: usize,
    pub took: Duration,
}

/// How probable a continuation is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// The sum over its tokens of ln p.
    pub log_probability: f64,
    pub tokens: usize,
}

/// Something to read and to answer. Dropped, it is forgotten.
#[derive(Debug)]
pub struct Conversation {
    id: u64,
    jobs: SyncSender<Job>,
    config: Arc<Config>,
    context: usize,
    /// Empty while there is nothing to answer.
    logits: Logits,
    tokens: usize,
    cancel: Cancel,
    progress: Progress,
}

impl Conversation {
    pub(super) fn new(id: u64, jobs: SyncSender<Job>, config: Arc<Config>, context: usize) -> Self {
        Self {
            id,
            jobs,
            config,
            context,
            logits: Vec::new(),
            tokens: 0,
            cancel: Cancel::default(),
            progress: Progress::default(),
        }
    }

    /// Begins a request: what stopped the one before does not stop this one.
    pub fn begin(&mut self) {
        self.cancel.reset();
    }

    /// Makes `prompt` all that has been read. What it has in common with what was read before, from
    /// the beginning on, is not computed again.
    ///
    /// # Errors
    ///
    /// If it does not fit, is empty, holds an image the model cannot take, or was cancelled; what
    /// was read until then is kept for the next time.
    pub fn prefill(&mut self, prompt: &[Piece]) -> Result<Prefilled, EngineError> {
        self.logits.clear();
        let tokens = prompt.iter().map(Piece::tokens).fold(0, usize::saturating_add);
        // Before anything is copied, and again by the thread.
        if tokens > self.context {
            return Err(EngineError::TooLong { tokens, context: self.context });
        }
        let sequence = Sequence::new(prompt);
        let (id, watch) = (self.id, (self.cancel.clone(), self.progress.clone()));
        let (prefilled, logits) = self.ask(|reply| Job::Read { id, sequence, watch, reply })?;
        self.logits = logits;
        self.tokens = prefilled.tokens;
        Ok(prefilled)
    }

    /// Says a token, chosen by whatever means; the logits are then those of the one after it.
    ///
    /// # Errors
    ///
    /// If nothing has been read, the token is unknown, or the context is full.
    pub fn push(&mut self, token: u32) -> Result<(), EngineError> {
        let begun = Instant::now();
        let id = self.id;
        self.logits.clear();
        self.logits = self.ask(|reply| Job::Push { id, token, reply })?;
        self.tokens += 1;
        self.progress.made_one(begun.elapsed());
        Ok(())
    }

    /// How probable each of some continuations is, said in full. The conversation stays as it is.
    ///
    /// # Errors
    ///
    /// If nothing has been read, a continuation is empty or too long, or it was cancelled.
    pub fn score(&mut self, options: &[Vec<u32>]) -> Result<Vec<Scored>, EngineError> {
        let (id, options, cancel) = (self.id, options.to_vec(), self.cancel.clone());
        self.ask(|reply| Job::Score { id, options, cancel, reply })
    }

    /// Of what comes next, one for each token of the vocabulary; empty while nothing was read.
    #[must_use]
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// Tokens read and said.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Tokens it may have at most.
    #[must_use]
    pub fn context(&self) -> usize {
        self.context
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Stops what this conversation is doing, from any thread, and whatever it is asked until it
    /// [begins](Self::begin) anew.
    #[must_use]
    pub fn cancel(&self) -> Cancel {
        self.cancel.clone()
    }

    /// How far it is, for any thread to watch.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn ask<T>(
        &self,
        job: impl FnOnce(SyncSender<Result<T, EngineError>>) -> Job,
    ) -> Result<T, EngineError> {
        let (reply, answer) = sync_channel(1);
        self.jobs.send(job(reply)).map_err(|_| EngineError::Gone)?;
        answer.recv().map_err(|_| EngineError::Gone)?
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        let _ = self.jobs.send(Job::Close { id: self.id });
    }
}
