//! What takes longer than an answer: commands, transfers, watches. Each is known by the request
//! that started it, and can be fed, asked for more, signalled and cancelled under that number.
//!
//! ```text
//!   open ──▶ Open ──(end, cancel)──▶ closed
//! ```

use std::{
    collections::HashMap,
    fs::File,
    io,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
};

use deskbound_guest::{
    Answer, Reply,
    protocol::{FEED_WINDOW, STREAM_WINDOW, Signal, TerminalSize},
};
use rustix::{
    process::{self, Pid, kill_process_group},
    termios::{Winsize, tcgetpgrp, tcsetwinsize},
};

use crate::system::Replies;

#[derive(Clone, Default)]
pub(crate) struct Jobs(Arc<Mutex<HashMap<u32, Entry>>>);

#[derive(Default)]
struct Entry {
    credit: Arc<Credit>,
    feed: Option<SyncSender<Fed>>,
    /// The process group of a command.
    group: Option<Pid>,
    /// The terminal of a command, from outside.
    terminal: Option<File>,
}

/// A piece that the host sent, and the request that is answered when it was taken.
pub(crate) struct Fed {
    pub(crate) id: u32,
    pub(crate) bytes: Vec<u8>,
}

/// How many more replies may be sent; `None` once the job is closed.
struct Credit(Mutex<Option<u32>>, Condvar);

impl Default for Credit {
    fn default() -> Self {
        Self(Mutex::new(Some(STREAM_WINDOW)), Condvar::new())
    }
}

/// A job under way; closed when dropped.
pub(crate) struct Job {
    pub(crate) id: u32,
    credit: Arc<Credit>,
    jobs: Jobs,
    pub(crate) replies: Replies,
}

impl Jobs {
    pub(crate) fn open(&self, id: u32, replies: &Replies) -> Job {
        let entry = Entry::default();
        let credit = Arc::clone(&entry.credit);
        self.entries().insert(id, entry);
        Job { id, credit, jobs: self.clone(), replies: replies.clone() }
    }

    pub(crate) fn more(&self, id: u32, replies: u32) {
        if let Some(entry) = self.entries().get(&id) {
            entry.credit.add(replies);
        }
    }

    /// `None` where the piece is on its way to the job, which answers when it has taken it.
    pub(crate) fn feed(&self, id: u32, fed: Fed) -> Option<Answer> {
        let feed = self.entries().get(&id).and_then(|entry| entry.feed.clone());
        let taken = feed.map(|feed| feed.try_send(fed));
        match taken {
            Some(Ok(())) => None,
            Some(Err(_)) => Some(refused("more is fed than was answered")),
            None => Some(refused("nothing takes what is fed")),
        }
    }

    pub(crate) fn cancel(&self, id: u32) -> Answer {
        if let Some(entry) = self.entries().remove(&id) {
            entry.credit.close();
            if let Some(group) = entry.group {
                // Gone already is as good.
                let _ = kill_process_group(group, process::Signal::KILL);
            }
        }
        Answer::Done
    }

    pub(crate) fn signal(&self, id: u32, signal: Signal) -> Answer {
        let entries = self.entries();
        let Some(entry) = entries.get(&id) else { return refused("it has ended") };
        let front = entry.terminal.as_ref().and_then(|terminal| tcgetpgrp(terminal).ok());
        let Some(group) = front.or(entry.group) else { return refused("it is no command") };
        match kill_process_group(group, number(signal)) {
            Ok(()) => Answer::Done,
            Err(error) => refused(&error.to_string()),
        }
    }

    pub(crate) fn resize(&self, id: u32, size: TerminalSize) -> Answer {
        let entries = self.entries();
        let terminal = entries.get(&id).and_then(|entry| entry.terminal.as_ref());
        match terminal.map(|terminal| tcsetwinsize(terminal, winsize(size))) {
            Some(Ok(())) => Answer::Done,
            Some(Err(error)) => refused(&error.to_string()),
            None => refused("it has no terminal"),
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<u32, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    /// Sends one of many replies, as soon as the host takes it.
    ///
    /// # Errors
    /// When the job was cancelled, or the port is gone.
    pub(crate) fn send(&self, answer: Answer) -> io::Result<()> {
        if !self.credit.take() {
            return Err(io::Error::other("it was cancelled"));
        }
        let sent = self.replies.send(Reply { id: self.id, answer });
        sent.map_err(|_| io::Error::other("the port is gone"))
    }

    /// Ends the job and sends the last reply, for which there is always room.
    pub(crate) fn end(&self, answer: Answer) {
        self.close();
        let _ = self.replies.send(Reply { id: self.id, answer });
    }

    /// Whether it was ended from outside.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.credit.left().is_none()
    }

    /// Whether the host has yet to take what was sent.
    pub(crate) fn is_waiting(&self) -> bool {
        *self.credit.left() == Some(0)
    }

    fn close(&self) {
        self.credit.close();
        self.jobs.entries().remove(&self.id);
    }

    /// What the host feeds, from now on.
    pub(crate) fn feed(&self) -> Receiver<Fed> {
        let (feed, fed) = sync_channel(FEED_WINDOW);
        self.with(|entry| entry.feed = Some(feed));
        fed
    }

    /// Answers a piece of what was fed.
    pub(crate) fn taken(&self, id: u32, answer: Answer) {
        let _ = self.replies.send(Reply { id, answer });
    }

    pub(crate) fn has_group(&self, group: Pid) {
        self.with(|entry| entry.group = Some(group));
    }

    pub(crate) fn has_terminal(&self, terminal: File) {
        self.with(|entry| entry.terminal = Some(terminal));
    }

    fn with(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.jobs.entries().get_mut(&self.id) {
            change(entry);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.close();
    }
}

impl Credit {
    fn left(&self) -> MutexGuard<'_, Option<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, replies: u32) {
        let mut left = self.left();
        *left = left.map(|left| left.saturating_add(replies).min(STREAM_WINDOW));
        self.1.notify_all();
    }

    fn close(&self) {
        *self.left() = None;
        self.1.notify_all();
    }

    /// Waits for room; `false` where the job is closed.
    fn take(&self) -> bool {
        let left = self.1.wait_while(self.left(), |left| *left == Some(0));
        let mut left = left.unwrap_or_else(PoisonError::into_inner);
        *left = left.map(|left| left - 1);
        left.is_some()
    }
}

pub(crate) fn refused(reason: &str) -> Answer {
    Answer::Refused { reason: reason.into() }
}

pub(crate) fn winsize(size: TerminalSize) -> Winsize {
    Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 }
}

fn number(signal: Signal) -> process::Signal {
    match signal {
        Signal::Hangup => process::Signal::HUP,
        Signal::Interrupt => process::Signal::INT,
        Signal::Quit => process::Signal::QUIT,
        Signal::Terminate => process::Signal::TERM,
        Signal::Kill => process::Signal::KILL,
        Signal::Stop => process::Signal::STOP,
        Signal::Continue => process::Signal::CONT,
    }
}
