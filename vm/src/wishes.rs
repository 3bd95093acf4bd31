//! What other programs of the same user want of a clone that only its owner can do, for it holds
//! the machine: a socket in the clone's folder, one line of JSON each way.
//!
//! ```text
//!   program ──Wish──▶ socket ──▶ the owner's queue ──▶ done by the owner ──Answer──▶ program
//! ```

use std::{io, path::Path, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::{checkpoint::Checkpoint, error::VmError, store::Store, vm::Vm};

const SOCKET: &str = "owner";

/// A wish is a name or two.
const LINE_BYTES_MAX: u64 = 4096;

/// To say what is wanted, once connected.
const SAY_LIMIT: Duration = Duration::from_secs(5);

/// The owner may be doing something for somebody else, and a checkpoint of a large machine takes a
/// while where the cores are shared.
const GRANT_LIMIT: Duration = Duration::from_secs(180);

/// Waiting for the owner; whoever comes then waits at the socket.
const WAITING_MAX: usize = 4;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    Checkpoint {
        name: String,
    },
    /// To the checkpoint of that name, or to where the clone started.
    Rewind {
        to: Option<String>,
    },
}

/// A wish that waits for the owner.
#[derive(Debug)]
pub struct Wished {
    wish: Wish,
    answer: oneshot::Sender<Result<(), String>>,
}

/// Closed when dropped.
pub(crate) struct Wishes {
    come: mpsc::Receiver<Wished>,
    hearing: JoinHandle<()>,
}

impl Wishes {
    pub(crate) fn hear(folder: &Path) -> Result<Self, VmError> {
        let path = folder.join(SOCKET);
        let listener = UnixListener::bind(&path).map_err(VmError::file("made", &path))?;
        let (pass_on, come) = mpsc::channel(WAITING_MAX);
        let hearing = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other: the owner can do no more either.
                let _ = timeout(GRANT_LIMIT, hear_one(stream, &pass_on)).await;
            }
        });
        Ok(Self { come, hearing })
    }
}

impl Drop for Wishes {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

async fn hear_one(stream: UnixStream, pass_on: &mpsc::Sender<Wished>) -> io::Result<()> {
    let user = rustix::process::geteuid().as_raw();
    let peer = stream.peer_cred()?.uid();
    if peer != user && peer != 0 {
        return Ok(());
    }
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    let said = timeout(SAY_LIMIT, (&mut stream).take(LINE_BYTES_MAX).read_line(&mut line)).await;
    said??;
    let (answer, answered) = oneshot::channel();
    let granted = match serde_json::from_str(&line) {
        Err(error) => Err(error.to_string()),
        Ok(wish) => match pass_on.send(Wished { wish, answer }).await {
            Err(_) => Err("the desktop is ending".into()),
            Ok(()) => answered.await.unwrap_or(Err("the desktop is ending".into())),
        },
    };
    let mut text = serde_json::to_string(&granted).map_err(io::Error::other)?;
    text.push('\n');
    stream.write_all(text.as_bytes()).await
}

impl Vm {
    /// The next thing that somebody wants of the owner. It does not end.
    pub async fn wished(&mut self) -> Wished {
        match self.wishes.come.recv().await {
            Some(wished) => wished,
            // The hearing ends with this value.
            None => std::future::pending().await,
        }
    }

    /// Does it, and tells whoever wanted it.
    pub async fn grant(&mut self, wished: Wished) {
        let granted = match wished.wish {
            Wish::Checkpoint { name } => self.checkpoint(&name).await.map(drop),
            Wish::Rewind { to: None } => self.rewind_to_start().await,
            Wish::Rewind { to: Some(name) } => match self.checkpoint_named(&name) {
                Ok(to) => self.rewind(to.template()).await,
                Err(error) => Err(error),
            },
        };
        // Whoever wanted it may have gone.
        let _ = wished.answer.send(granted.map_err(|error| in_words(&error)));
    }
}

impl Wish {
    /// Asks the owner of the desktop of that name, and waits until it is done.
    pub async fn of(&self, store: &Store, desktop: &str) -> Result<(), VmError> {
        store.expect_running(desktop)?;
        let path = store.clones().join(desktop).join(SOCKET);
        let asked = timeout(GRANT_LIMIT, self.ask(&path)).await;
        let what = || format!("the answer of the owner of `{desktop}`");
        let answer = asked
            .map_err(|_| VmError::TooLate { what: what(), limit: GRANT_LIMIT })?
            .map_err(VmError::file("asked", &path))?;
        answer.map_err(|reason| VmError::NotGranted { desktop: desktop.into(), reason })
    }

    async fn ask(&self, path: &Path) -> io::Result<Result<(), String>> {
        let mut stream = BufReader::new(UnixStream::connect(path).await?);
        let line = serde_json::to_string(self).map_err(io::Error::other)?;
        stream.write_all(format!("{line}\n").as_bytes()).await?;
        let mut answer = String::new();
        (&mut stream).take(LINE_BYTES_MAX).read_line(&mut answer).await?;
        serde_json::from_str(&answer).map_err(io::Error::other)
    }
}

impl Checkpoint {
    /// One of a desktop that runs, whoever owns it.
    pub fn of(store: &Store, desktop: &str, name: &str) -> Result<Self, VmError> {
        store.expect_running(desktop)?;
        Self::within(&store.clones().join(desktop), name)
    }
}

fn in_words(error: &VmError) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    causes.fold(error.to_string(), |said, cause| format!("{said}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program is told whose owner answers like this.
    async fn asked(line: &str, answer: Result<(), String>) -> (Option<Wish>, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut wishes = Wishes::hear(folder.path()).expect("a socket");
        let mut stream =
            BufReader::new(UnixStream::connect(folder.path().join(SOCKET)).await.expect("open"));
        stream.write_all(line.as_bytes()).await.expect("said");
        let mut said = String::new();
        let mut wish = None;
        let mut reading = std::pin::pin!(stream.read_line(&mut said));
        tokio::select! {
            wished = wishes.come.recv() => {
                let wished = wished.expect("it is heard");
                wish = Some(wished.wish);
                wished.answer.send(answer).expect("somebody waits");
                reading.await.expect("an answer");
            }
            read = &mut reading => drop(read.expect("an answer")),
        }
        (wish, said.trim().to_owned())
    }

    #[tokio::test]
    async fn a_wish_reaches_the_owner_and_its_answer_comes_back() {
        let rewind = Wish::Rewind { to: Some("one".into()) };
        let line = serde_json::to_string(&rewind).expect("plain data") + "\n";
        assert_eq!(asked(&line, Ok(())).await, (Some(rewind), r#"{"Ok":null}"#.into()));
        let refused = asked(&line, Err("there is none".into())).await;
        assert_eq!(refused.1, r#"{"Err":"there is none"}"#);
        let (wish, said) = asked("junk\n", Ok(())).await;
        assert!(wish.is_none() && said.starts_with(r#"{"Err":"#), "{said}");
        let long = "x".repeat(2 * LINE_BYTES_MAX as usize);
        assert!(asked(&long, Ok(())).await.0.is_none());
    }
}
