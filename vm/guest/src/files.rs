//! Files, byte for byte, and folders as tar. What is made belongs to the desktop's user.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    mem::MaybeUninit,
    os::{
        fd::OwnedFd,
        unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown, lchown},
    },
    path::Path,
    sync::mpsc::{Receiver, RecvError},
    time::Duration,
};

use deskbound_guest::{
    Answer,
    protocol::{CHUNK_BYTES_MAX, ENTRIES_MAX, FileChange, FileEvent, FileInfo, FileKind},
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::{
        OFlags, fcntl_setfl,
        inotify::{self, CreateFlags, ReadFlags, WatchFlags},
    },
};

use crate::{
    job::{Fed, Job, refused},
    user::SessionUser,
};

const MODE_DEFAULT: u32 = 0o644;

/// What a large file is written in.
const BLOCK_BYTES: usize = 1024 * 1024;

/// A place in memory from which any disk takes a block.
const BLOCK_ALIGNMENT: usize = 4096;

/// Room for several events, each with the longest name.
const EVENT_BYTES: usize = 4096;

/// Between two looks whether a watch was cancelled.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What went wrong with the file at a path, as the host is told.
fn failure(path: &str, error: &io::Error) -> Answer {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Answer::NoFile,
        _ => refused(&format!("{path}: {error}")),
    }
}

pub(crate) fn read(job: &Job, path: &str) {
    let sent = (|| {
        if fs::metadata(path)?.is_dir() {
            return Err(ErrorKind::NotFound.into());
        }
        let mut pieces = Pieces::new(job);
        io::copy(&mut File::open(path)?, &mut pieces)?;
        pieces.flush()
    })();
    finish(job, path, sent);
}

pub(crate) fn read_tree(job: &Job, path: &str) {
    let sent = (|| {
        let mut tar = tar::Builder::new(Pieces::new(job));
        tar.follow_symlinks(false);
        if fs::metadata(path)?.is_dir() {
            tar.append_dir_all(".", path)?;
        } else {
            let name = Path::new(path).file_name().ok_or(ErrorKind::NotFound)?;
            tar.append_path_with_name(path, name)?;
        }
        tar.into_inner()?.flush()
    })();
    finish(job, path, sent);
}

fn finish(job: &Job, path: &str, sent: io::Result<()>) {
    match sent {
        Ok(()) => job.end(Answer::Content { bytes: Vec::new() }),
        // The host has given up and waits for nothing.
        Err(_) if job.is_cancelled() => {}
        Err(error) => job.end(failure(path, &error)),
    }
}

/// Sends what is written to it, in pieces of the largest size.
struct Pieces<'j> {
    job: &'j Job,
    piece: Vec<u8>,
}

impl<'j> Pieces<'j> {
    fn new(job: &'j Job) -> Self {
        Self { job, piece: Vec::with_capacity(CHUNK_BYTES_MAX) }
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK_BYTES_MAX - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == CHUNK_BYTES_MAX {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::replace(&mut self.piece, Vec::with_capacity(CHUNK_BYTES_MAX));
        self.job.send(Answer::Content { bytes })
    }
}

pub(crate) fn write(
    job: &Job,
    fed: Receiver<Fed>,
    path: &str,
    mode: Option<u32>,
    user: &SessionUser,
) {
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(mode.unwrap_or(MODE_DEFAULT));
        let file = options.open(path)?;
        fchown(&file, Some(user.uid), Some(user.gid))?;
        if let Some(mode) = mode {
            file.set_permissions(fs::Permissions::from_mode(mode & 0o7777))?;
        }
        let mut blocks = Blocks::new(file)?;
        loop {
            let Fed { id, bytes } = fed.recv().map_err(cancelled)?;
            if bytes.is_empty() {
                blocks.finish()?;
                job.taken(id, Answer::Done);
                return Ok(());
            }
            blocks.add(&bytes)?;
            job.taken(id, Answer::Done);
        }
    })();
    answer_write(job, path, written);
}

/// A file that is written in large blocks, past the page cache where it lies on a disk: an emulated
/// kernel needs several times as long to fill that cache, page by page, as to hand over a block.
struct Blocks {
    file: File,
    room: Vec<u8>,
    /// Where in the room the block begins.
    start: usize,
    filled: usize,
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Until there is a whole block nobody needs to know.
    Untried,
    Direct,
    Cached,
}

impl Blocks {
    fn new(file: File) -> io::Result<Self> {
        // A pipe takes the same flag for something else.
        let way = if file.metadata()?.is_file() { Way::Untried } else { Way::Cached };
        let room = vec![0; BLOCK_BYTES + BLOCK_ALIGNMENT];
        let start = room.as_ptr().align_offset(BLOCK_ALIGNMENT).min(BLOCK_ALIGNMENT);
        Ok(Self { file, room, start, filled: 0, way })
    }

    fn add(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = &mut self.room[self.start + self.filled..self.start + BLOCK_BYTES];
            let taken = room.len().min(bytes.len());
            room[..taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == BLOCK_BYTES {
                self.write_block()?;
            }
        }
        Ok(())
    }

    fn write_block(&mut self) -> io::Result<()> {
        if self.way == Way::Untried {
            let direct = fcntl_setfl(&self.file, OFlags::DIRECT);
            self.way = if direct.is_ok() { Way::Direct } else { Way::Cached };
        }
        let block = &self.room[self.start..self.start + self.filled];
        let written = match (self.file.write_all(block), self.way) {
            // A file system that says so only now.
            (Err(error), Way::Direct) if error.kind() == ErrorKind::InvalidInput => {
                self.way = Way::Cached;
                fcntl_setfl(&self.file, OFlags::empty())?;
                self.file.write_all(block)
            }
            (written, _) => written,
        };
        self.filled = 0;
        written
    }

    /// What is left is no whole block, which only the page cache takes.
    fn finish(mut self) -> io::Result<()> {
        if self.way == Way::Direct {
            fcntl_setfl(&self.file, OFlags::empty())?;
        }
        self.way = Way::Cached;
        self.write_block()
    }
}

pub(crate) fn write_tree(job: &Job, fed: Receiver<Fed>, path: &str, user: &SessionUser) {
    let written = (|| {
        fs::create_dir_all(path)?;
        lchown(path, Some(user.uid), Some(user.gid))?;
        let mut fed = FedReader::new(job, fed);
        let mut tar = tar::Archive::new(&mut fed);
        tar.set_preserve_permissions(true);
        for entry in tar.entries()? {
            let mut entry = entry?;
            let name = entry.path()?.into_owned();
            if !entry.unpack_in(path)? {
                return Err(io::Error::other(format!("`{}` leads out of it", name.display())));
            }
            lchown(Path::new(path).join(name), Some(user.uid), Some(user.gid))?;
        }
        // The host pads the end; it is answered when all of it was taken.
        io::copy(&mut fed, &mut io::sink())
    })();
    answer_write(job, path, written.map(drop));
}

fn answer_write(job: &Job, path: &str, written: io::Result<()>) {
    match written {
        Ok(()) => job.end(Answer::Done),
        Err(error) => job.end(refused(&format!("{path}: {error}"))),
    }
}

fn cancelled(_: RecvError) -> io::Error {
    io::Error::other("the transfer was cancelled")
}

/// Reads what the host feeds, to its end. Each piece is answered when it was read.
struct FedReader<'j> {
    job: &'j Job,
    fed: Receiver<Fed>,
    piece: Fed,
    read: usize,
    ended: bool,
}

impl<'j> FedReader<'j> {
    fn new(job: &'j Job, fed: Receiver<Fed>) -> Self {
        Self { job, fed, piece: Fed { id: 0, bytes: Vec::new() }, read: 0, ended: false }
    }
}

impl Read for FedReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.bytes.len() && !self.ended {
            (self.piece, self.read) = (self.fed.recv().map_err(cancelled)?, 0);
            self.ended = self.piece.bytes.is_empty();
            self.job.taken(self.piece.id, Answer::Done);
        }
        let rest = &self.piece.bytes[self.read..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.read += length;
        Ok(length)
    }
}

pub(crate) fn stat(path: &str) -> Answer {
    match fs::symlink_metadata(path) {
        Ok(found) => {
            let name = Path::new(path).file_name().unwrap_or(path.as_ref());
            Answer::Stat(info(name.to_string_lossy().into_owned(), &found))
        }
        Err(error) => failure(path, &error),
    }
}

pub(crate) fn list(path: &str) -> Answer {
    let listed = (|| {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)?.take(ENTRIES_MAX + 1) {
            let entry = entry?;
            // An entry that has just gone is none.
            let Ok(found) = entry.metadata() else { continue };
            entries.push(info(entry.file_name().to_string_lossy().into_owned(), &found));
        }
        if entries.len() > ENTRIES_MAX {
            return Err(io::Error::other(format!("it has more than {ENTRIES_MAX} entries")));
        }
        entries.sort_by(|one: &FileInfo, other| one.name.cmp(&other.name));
        Ok(entries)
    })();
    listed.map_or_else(|error| failure(path, &error), Answer::Entries)
}

fn info(name: String, found: &Metadata) -> FileInfo {
    let kind = match found.file_type() {
        kind if kind.is_file() => FileKind::File,
        kind if kind.is_dir() => FileKind::Folder,
        kind if kind.is_symlink() => FileKind::Link,
        _ => FileKind::Other,
    };
    let modified = Duration::from_secs(found.mtime().try_into().unwrap_or(0));
    let mode = found.mode() & 0o7777;
    FileInfo { name, kind, bytes: found.len(), mode, uid: found.uid(), modified }
}

pub(crate) fn watch(job: &Job, path: &str) {
    let watched = (|| {
        let notes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let what = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF;
        inotify::add_watch(&notes, path, what)?;
        job.send(Answer::Watching)?;
        tell(job, &notes)
    })();
    match watched {
        Ok(()) => job.end(Answer::Done),
        Err(error) => job.end(failure(path, &error)),
    }
}

/// Until it is cancelled or what is watched is gone.
fn tell(job: &Job, notes: &OwnedFd) -> io::Result<()> {
    let mut room = [const { MaybeUninit::uninit() }; EVENT_BYTES];
    let mut reader = inotify::Reader::new(notes, &mut room);
    while !job.is_cancelled() {
        let note = match reader.next() {
            Ok(note) => note,
            Err(rustix::io::Errno::AGAIN) => {
                let limit = LOOK_EVERY.try_into().expect("200 ms is a time");
                // An interrupted wait only looks earlier.
                let _ = poll(&mut [PollFd::new(notes, PollFlags::IN)], Some(&limit));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(event) = event(note.events()) else { continue };
        let name = note.file_name().map(|name| name.to_string_lossy().into_owned());
        let is_over = name.is_none() && event == FileEvent::Gone;
        job.send(Answer::Changed(FileChange { name: name.unwrap_or_default(), event }))?;
        if is_over {
            return Ok(());
        }
    }
    Ok(())
}

fn event(flags: ReadFlags) -> Option<FileEvent> {
    let any = |of: ReadFlags| flags.intersects(of);
    if any(ReadFlags::CREATE | ReadFlags::MOVED_TO) {
        Some(FileEvent::Appeared)
    } else if any(ReadFlags::CLOSE_WRITE) {
        Some(FileEvent::Written)
    } else if any(ReadFlags::DELETE | ReadFlags::MOVED_FROM)
        || any(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF)
    {
        Some(FileEvent::Gone)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a disk, where blocks go past the page cache, and where they cannot.
    #[test]
    fn blocks_are_written_byte_for_byte() {
        let program = std::env::current_exe().expect("it runs");
        let folders = [program.parent().expect("its folder"), Path::new("/dev/shm")];
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for length in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 2 * BLOCK_BYTES + 4097] {
                let content: Vec<u8> = (0..length).map(|at| ((at * 31) >> 3) as u8).collect();
                let path = folder.join(format!("blocks-{}", std::process::id()));
                let mut blocks = Blocks::new(File::create(&path).expect("made")).expect("a file");
                for piece in content.chunks(100_003) {
                    blocks.add(piece).expect("written");
                }
                blocks.finish().expect("written");
                assert!(fs::read(&path).expect("read") == content, "{length} bytes");
                fs::remove_file(path).expect("removed");
            }
        }
    }
}
