//! The host's side of the guest program's port. The guest is hostile: what it sends is bounded
//! and checked, and no answer is waited for without end.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use deskbound_accessibility::{Effect, NodeAction, NodeRef, Tree, TreeLimits};
use deskbound_guest::{
    Answer, Ask, CommandSpec, PROTOCOL_VERSION, Reply, Request, Stream,
    protocol::CHUNK_BYTES_MAX,
    wire::{self, WireError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixStream, unix},
    sync::{Mutex as AsyncMutex, mpsc},
    time::timeout,
};

use crate::error::VmError;

/// Replies that wait for whoever asked; beyond it the port is not read on.
const REPLIES_WAITING_MAX: usize = 64;

/// One answer that takes no work worth the name. Emulated guests pause for seconds under load.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// On top of a command's own time-out, for the guest to notice and tell.
const COMMAND_GRACE: Duration = Duration::from_secs(10);

/// Where a command has no time-out of its own.
const COMMAND_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A whole file, whatever its pieces do.
const FILE_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The largest file that is read into memory.
const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

type Writer = Arc<AsyncMutex<unix::OwnedWriteHalf>>;
type Waiting = Arc<Mutex<HashMap<u32, mpsc::Sender<Answer>>>>;

#[derive(Debug)]
pub(crate) struct Guest {
    writer: Writer,
    waiting: Waiting,
    next_id: AtomicU32,
    reader: tokio::task::JoinHandle<()>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandEnd {
    /// A shell's convention: 128 + the signal where one ended the command.
    pub status: i32,
    pub timed_out: bool,
}

impl Guest {
    pub(crate) fn new(stream: UnixStream) -> Self {
        let (reader, writer) = stream.into_split();
        let waiting = Waiting::default();
        let reader = tokio::spawn(dispatch(reader, Arc::clone(&waiting)));
        Self {
            writer: Arc::new(AsyncMutex::new(writer)),
            waiting,
            next_id: AtomicU32::new(1),
            reader,
        }
    }

    pub(crate) async fn hello(&self, limit: Duration) -> Result<(), VmError> {
        match self.ask(Ask::Hello { version: PROTOCOL_VERSION }, limit).await? {
            Answer::Hello { version: PROTOCOL_VERSION } => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Whether an answer is still to come.
    pub(crate) fn is_waited_for(&self) -> bool {
        !lock(&self.waiting).is_empty()
    }

    pub(crate) async fn adopt(&self, ask: Ask) -> Result<(), VmError> {
        done(self.ask(ask, ANSWER_LIMIT).await?)
    }

    pub(crate) async fn tree(&self, limits: TreeLimits) -> Result<Tree, VmError> {
        match self.ask(Ask::Tree { limits }, limits.deadline + ANSWER_LIMIT).await? {
            Answer::Tree(tree) => {
                tree.check().map_err(|error| VmError::GuestBroken { what: error.to_string() })?;
                Ok(*tree)
            }
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) async fn act(&self, node: NodeRef, action: NodeAction) -> Result<Effect, VmError> {
        match self.ask(Ask::Act { node, action }, ANSWER_LIMIT).await? {
            Answer::Acted(acted) => acted.map_err(VmError::NotActed),
            other => Err(unexpected(&other)),
        }
    }

    /// Runs a command; `output` sees its bytes as they come. Dropping the future kills it.
    pub(crate) async fn run(
        &self,
        spec: CommandSpec,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        let limit = spec.timeout.unwrap_or(COMMAND_LIMIT) + COMMAND_GRACE;
        let mut asked = self.send(Ask::Run(spec)).await?;
        let mut command =
            RunningCommand { id: asked.id, ended: false, writer: self.writer.clone() };
        let following = async {
            loop {
                match asked.next().await? {
                    Answer::Output { stream, bytes } => output(stream, &bytes),
                    Answer::Exited { status, timed_out } => {
                        return Ok(CommandEnd { status, timed_out });
                    }
                    Answer::Started { .. } => {
                        return Ok(CommandEnd { status: 0, timed_out: false });
                    }
                    other => return Err(unexpected(&other)),
                }
            }
        };
        let ended = timeout(limit, following).await;
        command.ended = matches!(ended, Ok(Ok(_)));
        ended.map_err(|_| VmError::TooLate { what: "the command's end".into(), limit })?
    }

    pub(crate) async fn read(&self, path: &str) -> Result<Vec<u8>, VmError> {
        let reading = timeout(FILE_LIMIT, self.read_pieces(path)).await;
        reading.map_err(|_| VmError::TooLate { what: format!("`{path}`"), limit: FILE_LIMIT })?
    }

    async fn read_pieces(&self, path: &str) -> Result<Vec<u8>, VmError> {
        let mut asked = self.send(Ask::Read { path: path.into() }).await?;
        let mut content = Vec::new();
        loop {
            let answer = timeout(ANSWER_LIMIT, asked.next()).await;
            match answer.map_err(|_| too_late("a piece of the file"))?? {
                Answer::Content { bytes } if bytes.is_empty() => return Ok(content),
                Answer::Content { bytes } => content.extend(bytes),
                Answer::NoFile => return Err(VmError::NoFile { path: path.into() }),
                other => return Err(unexpected(&other)),
            }
            if content.len() > FILE_BYTES_MAX {
                let what = format!("`{path}` has more than {FILE_BYTES_MAX} bytes");
                return Err(VmError::GuestBroken { what });
            }
        }
    }

    pub(crate) async fn write(&self, path: &str, content: &[u8]) -> Result<(), VmError> {
        let mut offset = 0;
        loop {
            let piece = &content[offset..content.len().min(offset + CHUNK_BYTES_MAX)];
            let (path, bytes) = (path.into(), piece.to_vec());
            let ask = Ask::Write { path, offset: offset as u64, bytes };
            done(self.ask(ask, ANSWER_LIMIT).await?)?;
            offset += piece.len();
            if offset == content.len() {
                return Ok(());
            }
        }
    }

    async fn ask(&self, ask: Ask, limit: Duration) -> Result<Answer, VmError> {
        let answered = timeout(limit, async { self.send(ask).await?.next().await }).await;
        answered.map_err(|_| VmError::TooLate { what: "the guest's answer".into(), limit })?
    }

    pub(crate) async fn send(&self, ask: Ask) -> Result<Asked, VmError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answers) = mpsc::channel(REPLIES_WAITING_MAX);
        let frame = wire::encode(&Request { id, ask }).map_err(VmError::GuestWire)?;
        lock(&self.waiting).insert(id, answer);
        let asked = Asked { id, answers, waiting: Arc::clone(&self.waiting) };
        let mut writer = self.writer.lock().await;
        let sent = timeout(ANSWER_LIMIT, writer.write_all(&frame)).await;
        sent.map_err(|_| too_late("the request's way into the port"))?
            .map_err(|error| VmError::GuestWire(WireError::Io(error)))?;
        Ok(asked)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A request under way; its late answers are dropped with it.
pub(crate) struct Asked {
    id: u32,
    answers: mpsc::Receiver<Answer>,
    waiting: Waiting,
}

impl Asked {
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// As it came; `None` once the port has ended.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        self.answers.recv().await
    }

    async fn next(&mut self) -> Result<Answer, VmError> {
        match self.answer().await.ok_or(VmError::GuestGone)? {
            Answer::Refused { reason } => Err(VmError::GuestRefused { reason }),
            answer => Ok(answer),
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        lock(&self.waiting).remove(&self.id);
    }
}

/// A command inside that is killed when nobody follows it any more.
struct RunningCommand {
    id: u32,
    ended: bool,
    writer: Writer,
}

impl Drop for RunningCommand {
    fn drop(&mut self) {
        let ask = Ask::Cancel { id: self.id };
        // The answer goes to nobody: no request of the host has this id.
        let Ok(frame) = wire::encode(&Request { id: 0, ask }) else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !self.ended {
            let writer = Arc::clone(&self.writer);
            // Where the port is broken, the guest program starts anew, and the command is gone.
            runtime.spawn(async move {
                timeout(ANSWER_LIMIT, async { writer.lock().await.write_all(&frame).await }).await
            });
        }
    }
}

async fn dispatch(mut port: unix::OwnedReadHalf, waiting: Waiting) {
    while let Ok(Reply { id, answer }) = next_reply(&mut port).await {
        let asker = lock(&waiting).get(&id).cloned();
        if let Some(asker) = asker {
            // A slow reader holds up the port, and so the guest; a gone one does not.
            let _ = asker.send(answer).await;
        }
    }
    lock(&waiting).clear();
}

async fn next_reply(port: &mut unix::OwnedReadHalf) -> Result<Reply, WireError> {
    let mut head = [0; 4];
    port.read_exact(&mut head).await?;
    let length = wire::announced(head)? as u64;
    let mut body = Vec::new();
    port.take(length).read_to_end(&mut body).await?;
    wire::decode(&body)
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
