//! The door of a clone: a socket in its folder, through which other programs of the same user talk
//! to its inside while its owner lives. Visitors speak the guest program's own protocol; the owner
//! passes their requests on under numbers of its own, and kills what a visitor leaves running.

use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use deskbound_accessibility::{Tree, TreeLimits};
use deskbound_guest::{
    Ask, CommandSpec, Reply, Request, Stream,
    wire::{self, WireError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{UnixListener, UnixStream, unix},
    sync::{Mutex as AsyncMutex, Semaphore},
    task::JoinHandle,
};

use crate::{
    error::VmError,
    guest::{CommandEnd, Guest},
    store::Store,
};

const SOCKET: &str = "door";

/// Visitors at one time; whoever comes then waits at the socket.
const VISITORS_MAX: usize = 8;

/// Closed when dropped; visitors that are in stay no longer than the machine.
pub(crate) struct Door(JoinHandle<()>);

impl Door {
    pub(crate) fn open(folder: &Path, guest: Arc<Guest>) -> Result<Self, VmError> {
        let path = folder.join(SOCKET);
        let listener = UnixListener::bind(&path).map_err(VmError::file("made", &path))?;
        let places = Arc::new(Semaphore::new(VISITORS_MAX));
        Ok(Self(tokio::spawn(async move {
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                let Ok((stream, _)) = listener.accept().await else { return };
                if is_of_this_user(&stream) {
                    let guest = Arc::clone(&guest);
                    tokio::spawn(async move {
                        receive(stream, guest).await;
                        drop(place);
                    });
                }
            }
        })))
    }
}

impl Door {
    /// Makes place for another one.
    pub(crate) fn close(folder: &Path) {
        // Where there is none there is place already.
        let _ = std::fs::remove_file(folder.join(SOCKET));
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn is_of_this_user(stream: &UnixStream) -> bool {
    let user = rustix::process::geteuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == user || peer.uid() == 0)
}

/// What a visitor asked for and has not been answered: its number → ours.
type Open = Arc<Mutex<HashMap<u32, u32>>>;

async fn receive(stream: UnixStream, guest: Arc<Guest>) {
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(AsyncMutex::new(writer));
    let open = Open::default();
    while let Ok(Request { id, ask }) = next_request(&mut reader).await {
        let ask = match ask {
            Ask::Cancel { id } => match lock(&open).get(&id) {
                Some(ours) => Ask::Cancel { id: *ours },
                None => continue,
            },
            ask => ask,
        };
        let Ok(mut asked) = guest.send(ask).await else { return };
        lock(&open).insert(id, asked.id());
        let (open, writer) = (Arc::clone(&open), Arc::clone(&writer));
        tokio::spawn(async move {
            while let Some(answer) = asked.answer().await {
                let is_last = answer.is_last();
                let Ok(frame) = wire::encode(&Reply { id, answer }) else { break };
                if writer.lock().await.write_all(&frame).await.is_err() || is_last {
                    break;
                }
            }
            lock(&open).remove(&id);
        });
    }
    let left: Vec<u32> = lock(&open).values().copied().collect();
    for id in left {
        // Where the port is broken the command is gone with it.
        let _ = guest.send(Ask::Cancel { id }).await;
    }
}

async fn next_request(reader: &mut unix::OwnedReadHalf) -> Result<Request, WireError> {
    let mut head = [0; 4];
    reader.read_exact(&mut head).await?;
    let length = wire::announced(head)? as u64;
    let mut body = Vec::new();
    reader.take(length).read_to_end(&mut body).await?;
    wire::decode(&body)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A desktop that another process owns.
pub struct Visit {
    guest: Guest,
}

impl Visit {
    /// Goes through the door of the desktop of that name.
    pub async fn to(store: &Store, name: &str) -> Result<Self, VmError> {
        let running = store.running()?;
        let not_running = || {
            let running = if running.is_empty() { "none".into() } else { running.join(", ") };
            VmError::NotRunning { name: name.into(), running }
        };
        if !running.iter().any(|other| other == name) {
            return Err(not_running());
        }
        let path = store.clones().join(name).join(SOCKET);
        let stream = UnixStream::connect(&path).await.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => not_running(),
            _ => VmError::file("opened", &path)(error),
        })?;
        Ok(Self { guest: Guest::new(stream) })
    }

    /// As [`Vm::run`](crate::Vm::run).
    pub async fn run(
        &self,
        spec: CommandSpec,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        self.guest.run(spec, output).await
    }

    /// As [`Vm::tree`](crate::Vm::tree).
    pub async fn tree(&self, limits: &TreeLimits) -> Result<Tree, VmError> {
        self.guest.tree(*limits).await
    }
}
