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
    protocol::{CHUNK_BYTES_MAX, CLIPBOARD_BYTES_MAX, ENTRIES_MAX, STREAM_WINDOW},
    wire::{self, WireError},
};
use tokio::{
    io::AsyncWriteExt as _,
    net::{UnixStream, unix},
    sync::{mpsc, watch},
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

/// Why nothing is answered.
const STUCK: &str =
    "nothing goes on, for the host's disk is full; make room, then resume the desktop";

/// Answers that may wait of a request that is no stream.
const ANSWERS_OF_ONE: usize = 2;

/// Frames that wait for a port that is full.
const FRAMES_WAITING_MAX: usize = 16;

/// The inside of a desktop.
#[derive(Debug)]
pub struct Guest {
    writer: Writer,
    waiting: Waiting<u32, mpsc::Sender<Answer>>,
    next_id: AtomicU32,
    stuck: watch::Receiver<bool>,
    reader: tokio::task::JoinHandle<()>,
    writing: tokio::task::JoinHandle<()>,
    fault: Fault,
}

/// How the guest broke the protocol, once it has.
type Fault = Arc<OnceLock<String>>;

impl Guest {
    /// Behind an owner, who knows whether the machine is [stuck](Self::of_machine).
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self::of_machine(stream, watch::Sender::new(false).subscribe())
    }

    /// While the machine is stuck every request is refused.
    pub(crate) fn of_machine(stream: UnixStream, stuck: watch::Receiver<bool>) -> Self {
        let (reader, writer) = stream.into_split();
        let waiting = Waiting::default();
        let fault = Fault::default();
        let reader = tokio::spawn(dispatch(reader, waiting.clone(), Arc::clone(&fault)));
        let (frames, to_write) = mpsc::channel(FRAMES_WAITING_MAX);
        let writing = tokio::spawn(write(writer, to_write));
        let next_id = AtomicU32::new(first_id());
        Self { writer: frames, waiting, next_id, stuck, reader, writing, fault }
    }

    pub(crate) async fn hello(&self, limit: Duration) -> Result<(), VmError> {
        match self.ask(Ask::Hello { version: PROTOCOL_VERSION }, limit).await? {
            Answer::Hello { version: PROTOCOL_VERSION } => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// There and back.
    pub async fn ping(&self) -> Result<(), VmError> {
        self.hello(ANSWER_LIMIT).await
    }

    /// Whether an answer is still to come.
    pub(crate) fn is_waited_for(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Asked in the same breath as hello, it is heard after it.
    pub(crate) async fn adopt(&self, ask: Ask, limit: Duration) -> Result<(), VmError> {
        done(self.ask(ask, limit).await?)
    }

    /// Sets up the device of a machine that has a network.
    pub(crate) async fn network(&self) -> Result<(), VmError> {
        done(self.ask(Ask::Network, ANSWER_LIMIT).await?)
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
            Answer::Acted(acted) => acted.map(Into::into).map_err(VmError::NotActed),
            other => Err(unexpected(&other)),
        }
    }

    async fn ask(&self, ask: Ask, limit: Duration) -> Result<Answer, VmError> {
        let answered = timeout(limit, async { self.send(ask).await?.next().await }).await;
        answered.map_err(|_| VmError::TooLate { what: "the guest's answer".into(), limit })?
    }

    pub(crate) async fn send(&self, ask: Ask) -> Result<Asked, VmError> {
        let id = match self.next_id.fetch_add(1, Ordering::Relaxed) {
            NOBODY => self.next_id.fetch_add(1, Ordering::Relaxed),
            id => id,
        };
        let is_long = ask.is_long();
        let room = if is_long { STREAM_WINDOW as usize + 1 } else { ANSWERS_OF_ONE };
        let (answer, answers) = mpsc::channel(room);
        let frame = wire::encode(&Request { id, ask }).map_err(VmError::GuestWire)?;
        self.waiting.insert(id, answer);
        let (waiting, writer) = (self.waiting.clone(), self.writer.clone());
        let fault = Arc::clone(&self.fault);
        let stuck = self.stuck.clone();
        let asked =
            Asked { id, answers, waiting, writer, fault, stuck, is_open: is_long, taken: 0 };
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
    stuck: watch::Receiver<bool>,
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
        let answer = tokio::select! {
            biased;
            answer = self.answers.recv() => answer,
            () = is_stuck(&mut self.stuck) => {
                return Some(Answer::Refused { reason: STUCK.into() });
            }
        };
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

/// Comes about when there is no room on the host for what the machine writes.
async fn is_stuck(stuck: &mut watch::Receiver<bool>) {
    if stuck.wait_for(|is| *is).await.is_err() {
        // Nobody can tell any more: the machine has ended, which others tell.
        std::future::pending().await
    }
}

/// A machine that goes back to where it was answers what was asked of it then. Those numbers are not
/// ours: we begin somewhere else each time.
fn first_id() -> u32 {
    let mut bytes = [0; 4];
    // Where the kernel has no number to give, the last life's are as good as any other.
    let _ = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty());
    u32::from_ne_bytes(bytes)
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
        if !is_honest(&answer, asker.max_capacity()) {
            let _ = fault.set("an answer longer than the protocol has any".to_owned());
            break;
        }
        // There is room for all that an honest guest sends unasked; with one that floods, whoever
        // asked is told that nothing more comes, and everybody else goes on.
        if asker.try_send(answer).is_err() {
            waiting.remove(&id);
        }
    }
    waiting.close();
}

/// Of a stream many answers may wait, so each of them is a short one.
fn is_honest(answer: &Answer, room: usize) -> bool {
    match answer {
        Answer::Output { bytes, .. } | Answer::Content { bytes } => bytes.len() <= CHUNK_BYTES_MAX,
        Answer::Refused { reason } => reason.len() <= CHUNK_BYTES_MAX,
        Answer::Clipboard(text) => {
            text.as_ref().is_none_or(|text| text.len() <= CLIPBOARD_BYTES_MAX)
        }
        Answer::Entries(entries) => entries.len() <= ENTRIES_MAX && room <= ANSWERS_OF_ONE,
        Answer::Windows(windows) => windows.len() <= ENTRIES_MAX && room <= ANSWERS_OF_ONE,
        Answer::Tree(_) | Answer::Session(_) | Answer::Acted(_) => room <= ANSWERS_OF_ONE,
        _ => true,
    }
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
