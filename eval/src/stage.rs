//! Bringing what a plan needs to a disk of this machine: once, however many shards it runs, and
//! every byte compared.
//!
//! A bundle on a shared disk is read by hundreds of desktops again and again; a copy on a disk of
//! the machine is read once. Whoever comes first copies, under a lock; the others wait for it. What
//! was copied before and has not changed at either end is not copied again.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;

const CLAIM: &str = ".stage.lock";
const MEMORY: &str = ".staged.json";
const PART: &str = ".part";
/// Others copy tens of gigabytes from a slow disk.
const CLAIM_LIMIT: Duration = Duration::from_secs(60 * 60);
const CLAIM_POLL: Duration = Duration::from_millis(200);
/// Of the copy: a piece of nothing but zeros takes no room, as in the memory of a machine.
const PIECE_BYTES: usize = 64 << 10;
/// Files of one bundle.
const FILES_MAX: usize = 20_000;
const DEPTH_MAX: usize = 8;

/// A file or a folder, and where it belongs below the stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prop {
    pub from: PathBuf,
    pub to: PathBuf,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    pub files: usize,
    pub copied: usize,
    pub copied_bytes: u64,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("somebody else has been bringing it to {} for {} minutes", path.display(), limit.as_secs() / 60)]
    Claimed { path: PathBuf, limit: Duration },
    #[error("{} was not written as it was read", path.display())]
    Differs { path: PathBuf },
    #[error("{} has more files than a bundle can have", path.display())]
    TooMany { path: PathBuf },
    #[error("{} is no place below a stage", path.display())]
    Outside { path: PathBuf },
}

/// By its place below the stage.
type Memory = BTreeMap<PathBuf, Entry>;

/// A copy, and what both ends were like when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    sha256: String,
    from: Seen,
    here: Seen,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    bytes: u64,
    modified: (i64, i64),
}

impl Seen {
    fn of(path: &Path) -> io::Result<Self> {
        let about = fs::metadata(path)?;
        Ok(Self { bytes: about.len(), modified: (about.mtime(), about.mtime_nsec()) })
    }
}

/// Copies all of it that is not there yet. Blocks, while somebody else copies too.
///
/// # Errors
/// Where a file cannot be read or written, or is not the same at both ends.
pub fn stage(props: &[Prop], into: &Path) -> Result<Staged, StageError> {
    let unwritten = |source| StageError::Write { path: into.to_owned(), source };
    fs::create_dir_all(into).map_err(unwritten)?;
    let _claim = claim(into)?;
    let path = into.join(MEMORY);
    // One that cannot be read costs time and nothing else.
    let mut memory: Memory = fs::read(&path)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    let mut files = Vec::new();
    for prop in props {
        list(prop, DEPTH_MAX, &mut files)?;
    }
    let mut staged = Staged { files: files.len(), ..Staged::default() };
    for Prop { from, to } in &files {
        let here = into.join(to);
        let read = |source| StageError::Read { path: from.clone(), source };
        let was = Seen::of(from).map_err(read)?;
        let is_there = memory.get(to).is_some_and(|entry| {
            entry.from == was && Seen::of(&here).is_ok_and(|seen| seen == entry.here)
        });
        if is_there {
            continue;
        }
        let sha256 = copy(from, &here)?;
        let seen =
            Seen::of(&here).map_err(|source| StageError::Write { path: here.clone(), source })?;
        staged.copied += 1;
        staged.copied_bytes += was.bytes;
        memory.insert(to.clone(), Entry { sha256, from: was, here: seen });
        // Whoever is killed here has lost one file.
        let text = serde_json::to_vec(&memory).expect("it is plain data");
        let part = into.join(format!("{MEMORY}{PART}"));
        let kept = fs::write(&part, text).and_then(|()| fs::rename(&part, &path));
        kept.map_err(|source| StageError::Write { path: path.clone(), source })?;
    }
    Ok(staged)
}

/// Held until the file is dropped, by whatever way its owner ends. The disk is this machine's own, so
/// a lock on a file is one.
fn claim(into: &Path) -> Result<File, StageError> {
    let path = into.join(CLAIM);
    let unwritten = |source| StageError::Write { path: path.clone(), source };
    let file = File::options().create(true).append(true).open(&path).map_err(unwritten)?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(unwritten(source)),
            Err(TryLockError::WouldBlock) if begun.elapsed() > CLAIM_LIMIT => {
                return Err(StageError::Claimed { path: into.to_owned(), limit: CLAIM_LIMIT });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(CLAIM_POLL),
        }
    }
}

/// The files of a prop, links followed.
fn list(prop: &Prop, depth: usize, files: &mut Vec<Prop>) -> Result<(), StageError> {
    if !prop.to.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(StageError::Outside { path: prop.to.clone() });
    }
    let read = |source| StageError::Read { path: prop.from.clone(), source };
    let about = fs::metadata(&prop.from).map_err(read)?;
    if about.is_file() {
        files.push(prop.clone());
    }
    if !about.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(&prop.from).map_err(read)? {
        let name = entry.map_err(read)?.file_name();
        if depth == 0 || files.len() >= FILES_MAX {
            return Err(StageError::TooMany { path: prop.from.clone() });
        }
        let inner = Prop { from: prop.from.join(&name), to: prop.to.join(&name) };
        list(&inner, depth - 1, files)?;
    }
    Ok(())
}

/// Whole or not at all, and read again before it takes its place. Gives back its SHA-256.
fn copy(from: &Path, here: &Path) -> Result<String, StageError> {
    let folder = here.parent().expect("it is below the stage");
    let name = here.file_name().expect("it has a name").to_string_lossy();
    let part = folder.join(format!(".{name}{PART}"));
    let unwritten = |source| StageError::Write { path: part.clone(), source };
    fs::create_dir_all(folder).map_err(unwritten)?;
    let mut source =
        File::open(from).map_err(|source| StageError::Read { path: from.to_owned(), source })?;
    // What somebody left in the middle may be one that cannot be written.
    match fs::remove_file(&part) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(unwritten(source)),
        _ => {}
    }
    let mut target = File::create_new(&part).map_err(unwritten)?;
    let sha256 = poured(&mut source, &mut target, from, &part)?;
    if hashed(&part).map_err(unwritten)? != sha256 {
        return Err(StageError::Differs { path: here.to_owned() });
    }
    fs::rename(&part, here).map_err(unwritten)?;
    Ok(sha256)
}

fn poured(
    source: &mut File,
    target: &mut File,
    from: &Path,
    part: &Path,
) -> Result<String, StageError> {
    let unread = |source| StageError::Read { path: from.to_owned(), source };
    let unwritten = |source| StageError::Write { path: part.to_owned(), source };
    let (mut hash, mut piece, mut length) = (Sha256::new(), vec![0; PIECE_BYTES], 0);
    loop {
        let read = source.read(&mut piece).map_err(unread)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        length += read as u64;
        let written = match piece[..read].iter().all(|byte| *byte == 0) {
            true => target.seek(SeekFrom::Start(length)).map(drop),
            false => target.write_all(&piece[..read]),
        };
        written.map_err(unwritten)?;
    }
    let about = source.metadata().map_err(unread)?;
    let kept = target.set_len(length).and_then(|()| target.set_permissions(about.permissions()));
    kept.and_then(|()| target.sync_all()).map_err(unwritten)?;
    Ok(hex(&hash.finalize()))
}

fn hashed(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; PIECE_BYTES]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bundle {
        folder: tempfile::TempDir,
    }

    impl Bundle {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let bundle = Self { folder };
            fs::create_dir_all(bundle.shared().join("inner")).unwrap();
            fs::write(bundle.shared().join("weights"), vec![7; 3 * PIECE_BYTES + 5]).unwrap();
            // Nothing at its beginning, and at its end.
            let mut memory = vec![0; 40 * PIECE_BYTES];
            memory[20 * PIECE_BYTES] = 1;
            fs::write(bundle.shared().join("inner/ram"), memory).unwrap();
            bundle
        }

        fn shared(&self) -> PathBuf {
            self.folder.path().join("shared")
        }

        fn scratch(&self) -> PathBuf {
            self.folder.path().join("scratch")
        }

        fn stage(&self) -> Result<Staged, StageError> {
            stage(&[Prop { from: self.shared(), to: "models".into() }], &self.scratch())
        }
    }

    #[test]
    fn what_is_there_is_not_copied_again_and_what_differs_is() {
        let bundle = Bundle::new();
        let bytes = 43 * PIECE_BYTES as u64 + 5;
        let whole = Staged { files: 2, copied: 2, copied_bytes: bytes };
        assert_eq!(bundle.stage().unwrap(), whole);
        for name in ["weights", "inner/ram"] {
            let (one, other) =
                (bundle.shared().join(name), bundle.scratch().join("models").join(name));
            assert!(fs::read(one).unwrap() == fs::read(other).unwrap(), "{name}");
        }
        // Zeros take no room.
        let ram = fs::metadata(bundle.scratch().join("models/inner/ram")).unwrap();
        assert!(ram.blocks() * 512 < ram.len() / 2, "{}", ram.blocks());
        assert_eq!(bundle.stage().unwrap(), Staged { copied: 0, copied_bytes: 0, ..whole });
        // Something at either end is another.
        fs::write(bundle.scratch().join("models/weights"), "spoilt").unwrap();
        assert_eq!(bundle.stage().unwrap().copied, 1);
        fs::write(bundle.shared().join("weights"), "newer").unwrap();
        assert_eq!(bundle.stage().unwrap().copied, 1);
        assert_eq!(fs::read(bundle.scratch().join("models/weights")).unwrap(), b"newer");
        // Whoever was killed in the middle left a part, and no memory.
        fs::write(bundle.scratch().join("models/.weights.part"), "half").unwrap();
        fs::write(bundle.scratch().join(MEMORY), "{ half").unwrap();
        assert_eq!(bundle.stage().unwrap().copied, 2);
        assert!(!bundle.scratch().join("models/.weights.part").exists());
    }

    #[test]
    fn of_many_at_once_one_copies() {
        let bundle = Bundle::new();
        let copied = std::thread::scope(|scope| {
            let staging = || bundle.stage().unwrap().copied;
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(staging)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(copied, 2);
    }

    #[test]
    fn nothing_is_put_outside() {
        let bundle = Bundle::new();
        for to in ["../x", "/x", "."] {
            let prop = Prop { from: bundle.shared(), to: to.into() };
            let refused = stage(&[prop], &bundle.scratch());
            assert!(matches!(refused, Err(StageError::Outside { .. })), "{to}: {refused:?}");
        }
        let prop = Prop { from: bundle.shared().join("none"), to: "x".into() };
        assert!(matches!(stage(&[prop], &bundle.scratch()), Err(StageError::Read { .. })));
    }
}
