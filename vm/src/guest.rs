//! The host's side of the guest program's port. The guest is hostile: what it sends is bounded
//! and checked, and no answer is waited for without end.
//!
//! ```text
//!   ask ──▶ Asked ──answers, one window of them at most──▶ the last one
//!             └──dropped before that──▶ Cancel
//! ```
//!
//! The same value stands at the other end of a [door](crate::Visit): whoever owns the desktop and
//! whoever visits it ask in the same words.

mod command;
mod files;
mod session;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use deskbound_accessibility::{Effect, NodeAction, NodeRef, Tree, TreeLimits};
use deskbound_guest::{
    Answer, Ask, PROTOCOL_VERSION, Reply, Request,
    protocol::STREAM_WINDOW,
    wire::{self, WireError},
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{UnixStream, unix},
    sync::mpsc,
    time::timeout,
};

pub use self::{
    command::{CommandEnd, CommandInput},
    files::FileWatch,
};
use crate::{error::VmError, waiting::Waiting};

/// One answer that takes no work worth the name. Emulated guests pause for seconds under load.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// Replies taken before the guest is told that there is room again.
const MORE_AFTER: u32 = STREAM_WINDOW / 2;

/// The number of requests whose answer nobody waits for.
const NOBODY: u32 = 0;

/// Frames on their way into the port. A task of its own writes them, so that a request that is given
/// up leaves none half written.
type Writer = mpsc::Sender<Vec<u8>>;

/// Frames that wait for a port that is full.
const FRAMES_WAITING_MAX: usize = 16;

/// The inside of a desktop.
#[derive(Debug)]
pub struct Guest {
    writer: Writer,
    waiting: Waiting<u32, mpsc::Sender<Answer>>,
    next_id: AtomicU32,
    reader: tokio::task::JoinHandle<()>,
    writing: tokio::task::JoinHandle<()>,
    fault: Fault,
}

/// How the guest broke the protocol, once it has.
type Fault = Arc<OnceLock<String>>;

impl Guest {
    pub(crate) fn new(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        let waiting = Waiting::default();
        let fault = Fault::default();
        let reader = tokio::spawn(dispatch(reader, waiting.clone(), Arc::clone(&fault)));
        let (frames, to_write) = mpsc::channel(FRAMES_WAITING_MAX);
        let writing = tokio::spawn(write(writer, to_write));
        let next_id = AtomicU32::new(NOBODY + 1);
        Self { writer: frames, waiting, next_id, reader, writing, fault }
    }

    pub(crate) async fn hello(&self, limit: Duration) -> Result<(), VmError> {
        match self.ask(Ask::Hello { version: PROTOCOL_VERSION }, limit).await? {
            Answer::Hello { version: PROTOCOL_VERSION } => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Whether an answer is still to come.
    pub(crate) fn is_waited_for(&self) -> bool {
        !self.waiting.is_empty()
    }

    pub(crate) async fn adopt(&self, ask: Ask) -> Result<(), VmError> {
        done(self.ask(ask, ANSWER_LIMIT).await?)
    }

    /// The accessibility tree, taken inside.
    pub async fn tree(&self, limits: TreeLimits) -> Result<Tree, VmError> {
        match self.ask(Ask::Tree { limits }, limits.deadline + ANSWER_LIMIT).await? {
            Answer::Tree(tree) => {
                tree.check().map_err(|error| VmError::GuestBroken { what: error.to_string() })?;
                Ok(*tree)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Acts on a node of a tree that was taken before; refused where the node has changed.
    pub async fn act(&self, node: NodeRef, action: NodeAction) -> Result<Effect, VmError> {
        match self.ask(Ask::Act { node, action }, ANSWER_LIMIT).await? {
            Answer::Acted(acted) => acted.map_err(VmError::NotActed),
            other => Err(unexpected(&other)),
        }
    }

    async fn ask(&self, ask: Ask, limit: Duration) -> Result<Answer, VmError> {
        let answered = timeout(limit, async { self.send(ask).await?.next().await }).await;
        answered.map_err(|_| VmError::TooLate { what: "the guest's answer".into(), limit })?
    }

    pub(crate) async fn send(&self, ask: Ask) -> Result<Asked, VmError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answers) = mpsc::channel(STREAM_WINDOW as usize + 1);
        let is_long = ask.is_long();
        let frame = wire::encode(&Request { id, ask }).map_err(VmError::GuestWire)?;
        self.waiting.insert(id, answer);
        let (waiting, writer) = (self.waiting.clone(), self.writer.clone());
        let fault = Arc::clone(&self.fault);
        let asked = Asked { id, answers, waiting, writer, fault, is_open: is_long, taken: 0 };
        send_frame(&self.writer, frame).await?;
        Ok(asked)
    }

    /// A request that nobody waits for.
    pub(crate) async fn tell(&self, ask: Ask) -> Result<(), VmError> {
        tell(&self.writer, ask).await
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.reader.abort();
        self.writing.abort();
    }
}

/// A request under way; what goes on by itself is cancelled with it.
pub(crate) struct Asked {
    id: u32,
    answers: mpsc::Receiver<Answer>,
    waiting: Waiting<u32, mpsc::Sender<Answer>>,
    writer: Writer,
    fault: Fault,
    /// Whether it goes on until its last answer.
    is_open: bool,
    /// Answers since the guest was last told that there is room.
    taken: u32,
}

impl Asked {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// As it came; `None` once the port has ended. Whoever asks must see to it that the guest
    /// learns when there is room for more.
    pub(crate) async fn raw(&mut self) -> Option<Answer> {
        let answer = self.answers.recv().await;
        self.is_open &= answer.as_ref().is_some_and(|answer| !answer.is_last());
        answer
    }

    async fn next(&mut self) -> Result<Answer, VmError> {
        let answer = self.raw().await.ok_or_else(|| self.why_none())?;
        self.taken += 1;
        if self.is_open && self.taken >= MORE_AFTER {
            tell(&self.writer, Ask::More { id: self.id, replies: self.taken }).await?;
            self.taken = 0;
        }
        match answer {
            Answer::Refused { reason } => Err(VmError::GuestRefused { reason }),
            answer => Ok(answer),
        }
    }
}

impl Asked {
    fn why_none(&self) -> VmError {
        if let Some(what) = self.fault.get() {
            return VmError::GuestBroken { what: what.clone() };
        }
        if self.waiting.is_closed() {
            return VmError::GuestGone;
        }
        VmError::GuestBroken { what: "it sends more answers than there is room for".into() }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.waiting.remove(&self.id);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_open {
            let (id, writer) = (self.id, self.writer.clone());
            // Where the port is broken, the guest program starts anew, and the work is gone.
            runtime.spawn(async move { tell(&writer, Ask::Cancel { id }).await });
        }
    }
}

async fn tell(writer: &Writer, ask: Ask) -> Result<(), VmError> {
    let frame = wire::encode(&Request { id: NOBODY, ask }).map_err(VmError::GuestWire)?;
    send_frame(writer, frame).await
}

async fn send_frame(writer: &Writer, frame: Vec<u8>) -> Result<(), VmError> {
    let sent = timeout(ANSWER_LIMIT, writer.send(frame)).await;
    sent.map_err(|_| too_late("the request's way into the port"))?.map_err(|_| VmError::GuestGone)
}

async fn write(mut port: unix::OwnedWriteHalf, mut frames: mpsc::Receiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        if port.write_all(&frame).await.is_err() {
            return;
        }
    }
}

async fn dispatch(
    mut port: unix::OwnedReadHalf,
    waiting: Waiting<u32, mpsc::Sender<Answer>>,
    fault: Fault,
) {
    loop {
        let Reply { id, answer } = match wire::read_async(&mut port).await {
            Ok(reply) => reply,
            Err(WireError::Ended | WireError::Io(_)) => break,
            Err(error) => {
                let _ = fault.set(error.to_string());
                break;
            }
        };
        let Some(asker) = waiting.get(&id) else { continue };
        // There is room for all that an honest guest sends unasked; with one that floods, whoever
        // asked is told that nothing more comes, and everybody else goes on.
        if asker.try_send(answer).is_err() {
            waiting.remove(&id);
        }
    }
    waiting.close();
}

fn done(answer: Answer) -> Result<(), VmError> {
    match answer {
        Answer::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(answer: &Answer) -> VmError {
    let mut what = format!("an unexpected answer: {answer:?}");
    what.truncate(what.char_indices().nth(200).map_or(what.len(), |(at, _)| at));
    VmError::GuestBroken { what }
}

fn too_late(what: &str) -> VmError {
    VmError::TooLate { what: what.into(), limit: ANSWER_LIMIT }
}
