//! Files and folders inside, byte for byte.

use std::{
    collections::VecDeque,
    fs,
    io::{self, Read, Write},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use deskbound_guest::{
    Answer, Ask,
    protocol::{CHUNK_BYTES_MAX, ENTRIES_MAX, FEED_WINDOW, FileChange, FileInfo, FileKind},
};
use tokio::{sync::mpsc, task::spawn_blocking, time::timeout};

use super::{ANSWER_LIMIT, Asked, Guest, done, too_late, unexpected};
use crate::error::VmError;

/// A whole file or folder, whatever its pieces do.
const COPY_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The largest file that is read into memory.
const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The most that one copy brings out.
const COPY_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;

/// Pieces on their way between the port and a thread that reads or writes a disk.
const PIECES_WAITING_MAX: usize = 8;

impl Guest {
    /// [`VmError::NoFile`] where there is none.
    pub async fn read(&self, path: &str) -> Result<Vec<u8>, VmError> {
        let reading = async {
            let mut content = Vec::new();
            let mut fetch = Fetch::start(self, Ask::Read { path: path.into() }, path).await?;
            while let Some(bytes) = fetch.piece().await? {
                content.extend(bytes);
                if content.len() > FILE_BYTES_MAX {
                    let what = format!("`{path}` has more than {FILE_BYTES_MAX} bytes");
                    return Err(VmError::GuestBroken { what });
                }
            }
            Ok(content)
        };
        in_time(path, reading).await
    }

    /// Makes the file, owned by the desktop's user.
    pub async fn write(&self, path: &str, content: &[u8]) -> Result<(), VmError> {
        let writing = async {
            let ask = Ask::Write { path: path.into(), mode: None };
            let mut put = Put::start(self, ask, path).await?;
            for piece in content.chunks(CHUNK_BYTES_MAX) {
                put.piece(piece.to_vec()).await?;
            }
            put.finish().await
        };
        in_time(path, writing).await
    }

    pub async fn stat(&self, path: &str) -> Result<FileInfo, VmError> {
        match self.ask(Ask::Stat { path: path.into() }, ANSWER_LIMIT).await? {
            Answer::Stat(info) => Ok(info),
            Answer::NoFile => Err(VmError::NoFile { path: path.into() }),
            other => Err(unexpected(&other)),
        }
    }

    /// What is in a folder, by name.
    pub async fn list(&self, path: &str) -> Result<Vec<FileInfo>, VmError> {
        match self.ask(Ask::List { path: path.into() }, ANSWER_LIMIT).await? {
            Answer::Entries(entries) if entries.len() <= ENTRIES_MAX => Ok(entries),
            Answer::NoFile => Err(VmError::NoFile { path: path.into() }),
            other => Err(unexpected(&other)),
        }
    }

    /// What happens to a file, or in a folder, from the moment that this returns.
    pub async fn watch(&self, path: &str) -> Result<FileWatch, VmError> {
        let mut asked = self.send(Ask::Watch { path: path.into() }).await?;
        match timeout(ANSWER_LIMIT, asked.next()).await.map_err(|_| too_late("the watch"))?? {
            Answer::Watching => Ok(FileWatch { asked }),
            Answer::NoFile => Err(VmError::NoFile { path: path.into() }),
            other => Err(unexpected(&other)),
        }
    }

    /// Copies a file or a whole folder into the desktop, where it belongs to the desktop's user.
    /// Permission bits go with it.
    pub async fn copy_in(&self, from: &Path, to: &str) -> Result<(), VmError> {
        let cannot = |error| VmError::file("read", from)(error);
        let found = fs::metadata(from).map_err(cannot)?;
        let (sender, mut pieces) = mpsc::channel(PIECES_WAITING_MAX);
        let (source, is_folder) = (from.to_owned(), found.is_dir());
        let reading = spawn_blocking(move || {
            let mut pieces = PieceWriter { sender, piece: Vec::new() };
            if is_folder {
                let mut tar = tar::Builder::new(&mut pieces);
                tar.follow_symlinks(false);
                tar.append_dir_all(".", &source)?;
                tar.finish()?;
            } else {
                io::copy(&mut fs::File::open(&source)?, &mut pieces)?;
            }
            pieces.flush()
        });
        let ask = match is_folder {
            true => Ask::WriteTree { path: to.into() },
            false => Ask::Write { path: to.into(), mode: Some(found.permissions().mode() & 0o777) },
        };
        let putting = async {
            let mut put = Put::start(self, ask, to).await?;
            while let Some(piece) = pieces.recv().await {
                put.piece(piece).await?;
            }
            put.finish().await
        };
        let put = in_time(to, putting).await;
        // Ends the thread that reads, where the guest has refused.
        drop(pieces);
        // What could not be read here is the cause; what the guest says then is its effect.
        match reading.await.map_err(io::Error::other).and_then(|read| read) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(cannot(error)),
            _ => put,
        }
    }

    /// Copies a file or a whole folder out of the desktop. What is there already is not
    /// overwritten.
    pub async fn copy_out(&self, from: &str, to: &Path) -> Result<(), VmError> {
        let cannot = |error| VmError::file("written", to)(error);
        let found = self.stat(from).await?;
        let is_folder = found.kind == FileKind::Folder;
        let (sender, pieces) = mpsc::channel(PIECES_WAITING_MAX);
        let target = to.to_owned();
        let mode = found.mode & 0o777;
        let writing = spawn_blocking(move || {
            let mut pieces = PieceReader { pieces, piece: Vec::new(), read: 0 };
            if is_folder { unpack(&mut pieces, &target) } else { keep(&mut pieces, &target, mode) }
        });
        let path = from.into();
        let ask = if is_folder { Ask::ReadTree { path } } else { Ask::Read { path } };
        let fetching = async {
            let mut fetch = Fetch::start(self, ask, from).await?;
            let mut bytes = 0;
            while let Some(piece) = fetch.piece().await? {
                bytes += piece.len() as u64;
                if bytes > COPY_BYTES_MAX {
                    let what = format!("`{from}` has more than {COPY_BYTES_MAX} bytes");
                    return Err(VmError::GuestBroken { what });
                }
                // Whoever writes has failed, and says so below.
                sender.send(piece).await.map_err(|_| VmError::GuestGone)?;
            }
            // The end, which is no loss of the sender.
            sender.send(Vec::new()).await.map_err(|_| VmError::GuestGone)
        };
        let fetched = in_time(from, fetching).await;
        drop(sender);
        let written = writing.await.map_err(io::Error::other).and_then(|written| written);
        match (written, fetched) {
            (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => Err(cannot(error)),
            (_, fetched) => fetched,
        }
    }
}

/// A file or a folder on its way out.
struct Fetch<'g> {
    asked: Asked,
    path: &'g str,
}

impl<'g> Fetch<'g> {
    async fn start(guest: &Guest, ask: Ask, path: &'g str) -> Result<Self, VmError> {
        Ok(Self { asked: guest.send(ask).await?, path })
    }

    /// The next piece; `None` at the end.
    async fn piece(&mut self) -> Result<Option<Vec<u8>>, VmError> {
        let answer = timeout(ANSWER_LIMIT, self.asked.next()).await;
        match answer.map_err(|_| too_late("a piece of the file"))?? {
            Answer::Content { bytes } => Ok(Some(bytes).filter(|bytes| !bytes.is_empty())),
            Answer::NoFile => Err(VmError::NoFile { path: self.path.into() }),
            other => Err(unexpected(&other)),
        }
    }
}

/// A file or a folder on its way in, with a window of pieces that were not answered yet.
struct Put<'g> {
    guest: &'g Guest,
    asked: Asked,
    under_way: VecDeque<Asked>,
    path: &'g str,
}

impl<'g> Put<'g> {
    async fn start(guest: &'g Guest, ask: Ask, path: &'g str) -> Result<Self, VmError> {
        let asked = guest.send(ask).await?;
        Ok(Self { guest, asked, under_way: VecDeque::new(), path })
    }

    async fn piece(&mut self, bytes: Vec<u8>) -> Result<(), VmError> {
        let feed = Ask::Feed { id: self.asked.id(), bytes };
        self.under_way.push_back(self.guest.send(feed).await?);
        if self.under_way.len() < FEED_WINDOW {
            return Ok(());
        }
        let mut first = self.under_way.pop_front().expect("the window is full");
        let taken = async {
            tokio::select! {
                taken = first.next() => taken.and_then(done),
                // It ends before its end: why nothing is taken any more, it says itself.
                early = self.asked.next() => early.and_then(|early| Err(unexpected(&early))),
            }
        };
        timeout(ANSWER_LIMIT, taken).await.map_err(|_| too_late("a piece of the copy"))?
    }

    /// Sends the end, and waits until all was taken.
    async fn finish(mut self) -> Result<(), VmError> {
        self.piece(Vec::new()).await?;
        self.outcome().await
    }

    /// What the transfer itself says.
    async fn outcome(&mut self) -> Result<(), VmError> {
        let answer = timeout(ANSWER_LIMIT, self.asked.next()).await;
        match answer.map_err(|_| too_late("the end of the copy"))?? {
            Answer::Done => Ok(()),
            Answer::NoFile => Err(VmError::NoFile { path: self.path.into() }),
            other => Err(unexpected(&other)),
        }
    }
}

/// What happens to files, one event after the other.
pub struct FileWatch {
    asked: Asked,
}

impl FileWatch {
    /// The next event; `None` when what was watched is gone.
    pub async fn next(&mut self) -> Result<Option<FileChange>, VmError> {
        match self.asked.next().await? {
            Answer::Changed(change) => Ok(Some(change)),
            Answer::Done => Ok(None),
            other => Err(unexpected(&other)),
        }
    }
}

async fn in_time<T>(
    path: &str,
    copying: impl Future<Output = Result<T, VmError>>,
) -> Result<T, VmError> {
    let late = |_| VmError::TooLate { what: format!("`{path}`"), limit: COPY_LIMIT };
    timeout(COPY_LIMIT, copying).await.map_err(late)?
}

fn keep(pieces: &mut PieceReader, path: &Path, mode: u32) -> io::Result<()> {
    let mut options = fs::File::options();
    let mut file = options.write(true).create_new(true).mode(mode).open(path)?;
    let copied = io::copy(pieces, &mut file);
    if copied.is_err() {
        // Half a file is none.
        let _ = fs::remove_file(path);
    }
    copied.map(drop)
}

/// Lays a tar of a stranger into a new folder. No entry leads out of it, and none is a device.
fn unpack(pieces: &mut PieceReader, path: &Path) -> io::Result<()> {
    fs::create_dir(path)?;
    let mut tar = tar::Archive::new(&mut *pieces);
    let mut folders = Vec::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        let name: PathBuf = entry.path()?.into_owned();
        let is_plain = kind.is_file() || kind.is_dir() || kind.is_symlink();
        if !is_plain || !entry.unpack_in(path)? {
            let what = format!("`{}` is nothing to be unpacked here", name.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        if kind.is_dir() {
            let folder = path.join(&name);
            let mode = fs::metadata(&folder)?.permissions().mode();
            // What follows goes into it, whatever its owner may do with it in the end.
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode | 0o700))?;
            folders.push((folder, mode));
        }
    }
    for (folder, mode) in folders.into_iter().rev() {
        fs::set_permissions(folder, fs::Permissions::from_mode(mode))?;
    }
    // The padding after the last entry.
    io::copy(pieces, &mut io::sink()).map(drop)
}

/// From a thread that reads files into the port.
struct PieceWriter {
    sender: mpsc::Sender<Vec<u8>>,
    piece: Vec<u8>,
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES_MAX - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == CHUNK_BYTES_MAX {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(CHUNK_BYTES_MAX));
        if piece.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// From the port into a thread that writes files.
struct PieceReader {
    pieces: mpsc::Receiver<Vec<u8>>,
    piece: Vec<u8>,
    read: usize,
}

impl Read for PieceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            // An empty piece is the end; no piece is a transfer that broke off.
            let piece = self.pieces.blocking_recv().ok_or(io::ErrorKind::BrokenPipe)?;
            (self.piece, self.read) = (piece, 0);
        }
        let rest = &self.piece[self.read..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}
