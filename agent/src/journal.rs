//! The journal of a run: what was seen, decided and done, so that nobody can quietly change it.
//!
//! A run has a folder of its own:
//!
//! ```text
//! 20260131T094512Z-3f9c12/
//!   journal.jsonl        one record a line, each naming the hash of the line before
//!   frames/<sha256>.png  what the screen looked like, stored when it changed
//!   trees/<sha256>.json  the accessibility trees
//!   key                  digests of what a person pasted are made with it; stays here
//! ```
//!
//! A line is on the disk before [`Journal::append`] returns, and the files it names before it. A
//! process killed at any instant leaves at most half a line, which [`verify`] reports as a torn
//! tail. A journal that can not be written is an error, and the run stops.
//!
//! The chain shows that lines belong together. It does not show who wrote them: whoever can
//! rewrite the whole folder can make another whole chain. Compare [`Verified::head`] with a copy
//! that was kept elsewhere.

mod clock;
mod keyed;
mod line;
mod reader;
mod sink;
mod store;
mod verify;

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use deskbound_accessibility::Tree;
use image::RgbImage;
use rustix::fs::{FlockOperation, flock};
use serde::Serialize;

pub use keyed::Key;
pub(crate) use line::hex;
use line::{Content, GENESIS};
pub use line::{Entry, Fault};
pub use reader::Reader;
pub use store::Attached;
use store::Store;
pub use verify::{Ending, Verified, VerifyError, entries, verify};

/// The records, in the folder of a run.
pub const JOURNAL: &str = "journal.jsonl";
const FILE: &str = JOURNAL;
/// Longest line. Trees and frames are files of their own, so a record is small.
const LINE_LIMIT: usize = 4 << 20;

/// Why a run can not be recorded. It must stop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("a record cannot be written as JSON")]
    Record { source: serde_json::Error },
    #[error("a record of {bytes} bytes is longer than the {LINE_LIMIT} that fit")]
    TooLong { bytes: usize },
    #[error("a frame cannot be written as PNG")]
    Frame { source: image::ImageError },
    #[error("writing to {} failed before; nothing more can be recorded", path.display())]
    Stopped { path: PathBuf },
}

/// Whether somebody is writing this run's journal.
pub fn is_written(run: &Path) -> bool {
    // Whoever writes holds the lock until the process ends, in whatever way.
    File::open(run.join(FILE))
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// A name that sorts by time and that nothing else has.
pub fn new_id() -> String {
    let salt = RandomState::new().hash_one(std::process::id()) & 0xff_ffff;
    format!("{}-{salt:06x}", clock::compact(SystemTime::now()))
}

/// The journal of a run that is going on.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: File,
    store: Store,
    /// Made when it is needed first.
    key: Option<Key>,
    seq: u64,
    head: String,
    started: Instant,
    stopped: bool,
}

impl Journal {
    /// A new run's journal, in a folder of its own below `runs`.
    pub fn create(runs: &Path) -> Result<Self, JournalError> {
        let folder = runs.join(new_id());
        let failed = |source| JournalError::Write { path: folder.clone(), source };
        fs::create_dir_all(runs).map_err(failed)?;
        fs::create_dir(&folder).map_err(failed)?;
        let path = folder.join(FILE);
        let file = OpenOptions::new().append(true).create_new(true).open(path).map_err(failed)?;
        let locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
        locked.map_err(|source| failed(source.into()))?;
        let store = Store::create(&folder)?;
        store::sync_folder(&folder)?;
        store::sync_folder(runs)?;
        Ok(Self::over(folder, file, store))
    }

    fn over(folder: PathBuf, file: File, store: Store) -> Self {
        let (started, head) = (Instant::now(), GENESIS.to_owned());
        Self { folder, file, store, key: None, seq: 0, head, started, stopped: false }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Stores a screen, unless it is the one stored last.
    pub fn keep_frame(&mut self, frame: &RgbImage) -> Result<Attached, JournalError> {
        self.guarded(|journal| journal.store.keep_frame(frame))
    }

    pub fn keep_tree(&mut self, tree: &Tree) -> Result<Attached, JournalError> {
        self.guarded(|journal| journal.store.keep_tree(tree))
    }

    /// The digest of a text that is not to be kept.
    pub fn digest(&mut self, text: &str) -> Result<String, JournalError> {
        self.guarded(|journal| {
            let failed = |source| JournalError::Write { path: journal.folder.clone(), source };
            let key = match &mut journal.key {
                Some(key) => key,
                none => none.insert(Key::create(&journal.folder).map_err(failed)?),
            };
            Ok(key.digest(text))
        })
    }

    /// Writes one record, and returns once it is on the disk.
    pub fn append(
        &mut self,
        record: &impl Serialize,
        files: &[Attached],
    ) -> Result<(), JournalError> {
        let record =
            serde_json::to_value(record).map_err(|source| JournalError::Record { source })?;
        self.guarded(|journal| journal.write(Some(record), files))
    }

    /// Writes the last line, without which a journal counts as open.
    pub fn close(mut self) -> Result<(), JournalError> {
        self.guarded(|journal| journal.write(None, &[]))
    }

    /// After one failure the file may end in half a line, behind which nothing can be written.
    fn guarded<T>(
        &mut self,
        attempt: impl FnOnce(&mut Self) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped { path: self.folder.clone() });
        }
        let outcome = attempt(self);
        self.stopped = outcome.is_err();
        outcome
    }

    fn write(
        &mut self,
        record: Option<serde_json::Value>,
        files: &[Attached],
    ) -> Result<(), JournalError> {
        let content = Content {
            seq: self.seq,
            prev: self.head.clone(),
            ts_utc: clock::rfc3339(SystemTime::now()),
            mono_ms: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            files: files.to_vec(),
            record,
        };
        let (line, hash) =
            line::write(&content).map_err(|source| JournalError::Record { source })?;
        if line.len() > LINE_LIMIT {
            return Err(JournalError::TooLong { bytes: line.len() });
        }
        let failed = |source| JournalError::Write { path: self.folder.join(FILE), source };
        self.file.write_all(line.as_bytes()).map_err(failed)?;
        self.file.sync_data().map_err(failed)?;
        self.seq += 1;
        self.head = hash;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
