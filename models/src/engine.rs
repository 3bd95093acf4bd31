//! One thread that owns a model and its device; conversations are handles to it.
//!
//! ```text
//!   Conversation ──prefill, push──▶ engine thread: weights, caches, images seen
//!       ▲  │                              │
//!       │  └ mask, choose, accept         │
//!       └──────────── logits ◀────────────┘
//! ```
//!
//! Several conversations share the weights and take turns token by token. What a conversation has
//! read is kept: a prompt that begins as the last one did is read from the first difference on, and
//! an image that was seen is not seen again. Choosing a token happens in the caller's thread, so a
//! [`Constraint`] needs no lock, and a caller that stops asking has cancelled.
//!
//! A conversation is in one of two states: *silent* (nothing read, or a pass was cut short) or
//! *ready* (it holds the logits of what comes next). `prefill` makes it ready, `push` keeps it so.

mod answer;
mod choice;
mod constraint;
mod conversation;
mod device;
mod error;
mod machine;
mod progress;
mod threads;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::family::{Checkpoint, Config, LoadError, Memory, available_memory};
pub use answer::{Answer, Ask, StopReason};
pub use choice::Sampling;
pub use constraint::{Constraint, ConstraintError, Next};
pub use conversation::{Conversation, Prefilled, Scored};
pub use device::DeviceChoice;
pub use error::EngineError;
use machine::{Job, Machine};
pub use progress::{Cancel, Progress};
pub use threads::set_threads;

/// Requests that wait for the thread.
const JOBS_MAX: usize = 64;
/// Of a context nobody asked for; models claim up to a million tokens, machines hold fewer.
const CONTEXT: usize = 32_768;

/// How an engine is to run.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    pub device: DeviceChoice,
    /// Tokens of all conversations together; no more than the model was trained for are used in one.
    /// Where they would be more, the conversation longest unused is forgotten, and read again when it
    /// goes on.
    pub context: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { device: DeviceChoice::Auto, context: CONTEXT }
    }
}

/// A model that answers. Dropped, it stops after the pass it is in.
#[derive(Debug)]
pub struct Engine {
    /// `None` only while it is dropped.
    jobs: Option<SyncSender<Job>>,
    config: Arc<Config>,
    memory: Memory,
    context: usize,
    thread: Option<JoinHandle<()>>,
    next_id: Mutex<u64>,
}

impl Engine {
    /// Loads the weights and starts the thread.
    ///
    /// # Errors
    ///
    /// If the device cannot be used, the model does not fit into memory, or its weights are unsound.
    pub fn start(checkpoint: &Checkpoint, options: &EngineOptions) -> Result<Self, LoadError> {
        let device = options.device.open()?;
        let context = options.context.min(checkpoint.config().text.context);
        let memory = checkpoint.needs(context);
        if device.is_cpu()
            && let Some(available) = available_memory()
            && memory.total() > available
        {
            let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
            return Err(LoadError::TooLarge {
                needed_mb: megabytes(memory.total()),
                available_mb: megabytes(available),
            });
        }
        let model = checkpoint.load(&device)?;
        let config = Arc::new(model.config().clone());
        let (jobs, queue) = sync_channel(JOBS_MAX);
        let thread = std::thread::Builder::new()
            .name("model".to_owned())
            .spawn(move || run(Machine::new(model, device, context), &queue))
            .expect("a process that could load a model can start a thread");
        Ok(Self {
            jobs: Some(jobs),
            config,
            memory,
            context,
            thread: Some(thread),
            next_id: Mutex::new(0),
        })
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it was told to need.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.memory
    }

    /// Tokens one conversation may have.
    #[must_use]
    pub fn context(&self) -> usize {
        self.context
    }

    /// A conversation that has read nothing.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        let mut next = self.next_id.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *next += 1;
        let jobs = self.jobs.clone().expect("an engine has its queue until it is dropped");
        Conversation::new(*next, jobs, Arc::clone(&self.config), self.context)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Conversations that are left keep the queue open: they are told that the engine is gone.
        if let Some(jobs) = self.jobs.take() {
            let _ = jobs.send(Job::End);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(mut machine: Machine, queue: &Receiver<Job>) {
    while let Ok(job) = queue.recv() {
        if matches!(job, Job::End) {
            break;
        }
        machine.run(job);
    }
}

#[cfg(test)]
mod tests;
