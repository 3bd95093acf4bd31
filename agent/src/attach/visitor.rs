//! The other side: a program that watches a run, or steers it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use deskbound_vm::wire::{self, WireError};
use image::RgbImage;
use tokio::io::AsyncWriteExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use super::message::{FromRun, PROTOCOL, Parcel, Part, ToRun};
use super::{AttachError, SOCKET};
use crate::control::Command;

/// For the run to greet back.
const WELCOME_LIMIT: Duration = Duration::from_secs(5);

/// The two halves of a visit, so that one can wait for what is said while the other speaks.
pub struct Visitor {
    pub hearing: Hearing,
    pub telling: Telling,
    /// Whether this visitor holds the control, as the run said at first.
    pub control: bool,
    /// The run's process, as the kernel knows it.
    pub process: Option<i32>,
}

pub struct Hearing {
    reader: OwnedReadHalf,
}

pub struct Telling {
    writer: OwnedWriteHalf,
}

/// Something from the run.
#[derive(Clone, Debug)]
pub enum Heard {
    Said(FromRun),
    Picture(Arc<RgbImage>),
}

impl Visitor {
    /// Attaches to the run that lies in this folder.
    pub async fn connect(folder: &Path, part: Part) -> Result<Self, AttachError> {
        let path = folder.join(SOCKET);
        let stream = UnixStream::connect(&path).await.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                AttachError::NotRunning { path: path.clone() }
            }
            _ => AttachError::Connect { path: path.clone(), source },
        })?;
        let process = stream.peer_cred().ok().and_then(|peer| peer.pid());
        let (reader, writer) = stream.into_split();
        let (mut hearing, mut telling) = (Hearing { reader }, Telling { writer });
        telling.say(&ToRun::Hello { protocol: PROTOCOL, part }).await?;
        let late = |_| AttachError::Late { limit: WELCOME_LIMIT };
        match timeout(WELCOME_LIMIT, hearing.next()).await.map_err(late)?? {
            Heard::Said(FromRun::Welcome { protocol: PROTOCOL, control }) => {
                Ok(Self { hearing, telling, control, process })
            }
            Heard::Said(FromRun::Welcome { protocol: theirs, .. }) => {
                Err(AttachError::Protocol { theirs })
            }
            _ => Err(closed(WireError::Ended)),
        }
    }
}

impl Hearing {
    /// The next thing the run says; an error when the run has ended.
    pub async fn next(&mut self) -> Result<Heard, AttachError> {
        match wire::read_async(&mut self.reader).await.map_err(closed)? {
            Parcel::Words(text) => {
                let said = serde_json::from_str(&text);
                said.map(Heard::Said).map_err(|source| AttachError::Malformed { source })
            }
            Parcel::Picture { width, height, pixels } => {
                let image = RgbImage::from_raw(width, height, pixels);
                let image = image.ok_or_else(|| closed(WireError::Ended))?;
                Ok(Heard::Picture(Arc::new(image)))
            }
        }
    }
}

impl Telling {
    /// Whether it was taken is said later, and only where it was not.
    pub async fn tell(&mut self, command: Command) -> Result<(), AttachError> {
        self.say(&ToRun::Tell { command }).await
    }

    pub async fn stop(&mut self) -> Result<(), AttachError> {
        self.say(&ToRun::Stop).await
    }

    /// Asks for pictures of the screen, so many a second at most; 0 for none.
    pub async fn pictures(&mut self, per_second: u8) -> Result<(), AttachError> {
        self.say(&ToRun::Pictures { per_second }).await
    }

    async fn say(&mut self, message: &ToRun) -> Result<(), AttachError> {
        let frame = wire::encode(&Parcel::words(message)).map_err(closed)?;
        self.writer.write_all(&frame).await.map_err(|error| closed(error.into()))
    }
}

fn closed(source: WireError) -> AttachError {
    AttachError::Closed { source }
}
