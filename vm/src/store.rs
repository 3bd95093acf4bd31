//! Where images, templates and clones lie, and who holds them.
//!
//! ```text
//! $XDG_DATA_HOME/deskbound/
//!   images/<recipe>-<digest>/     disk.qcow2 vmlinuz initrd image.json build.log
//!   templates/<image>-<digest>/   ram state disk.qcow2 guest.img template.json
//!   recipes/<name>.toml           of imported images
//!   kept/<name>/                  as a template, and checkpoint.json
//!   clones/<id>/                  lock disk.qcow2 qemu.log checkpoints/<name>/
//! ```
//!
//! What is made is made beside its place, in a folder whose name starts with a dot, and renamed
//! in when it is whole. A folder in the making and a clone are held by a lock that ends with their
//! owner; what nobody holds any more is swept away when the store is opened.

use std::{
    env, fs,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    error::{VmError, listed},
    namespace,
    progress::{Progress, ProgressSink},
};

const LOCK: &str = "lock";

/// In the store's root: the lock of [`making`], and how what it guards is named.
const MAKING: &str = "making";
const ASIDE: &str = "..";

/// A whole image and its template, on a slow line and busy cores.
const OTHERS_BUILD_LIMIT: Duration = Duration::from_secs(60 * 60);

const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

/// A folder that belongs to this process for as long as the value lives, and is removed with it
/// unless it was [kept](Self::keep_as).
#[derive(Debug)]
pub(crate) struct HeldFolder {
    pub(crate) path: PathBuf,
    _lock: File,
}

impl Store {
    /// The user's store; made where there is none, swept where something was left behind.
    pub fn open() -> Result<Self, VmError> {
        let data =
            env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let data = data.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".local/share")));
        let root = data.ok_or_else(|| {
            let source = io::Error::other("neither XDG_DATA_HOME nor HOME is set");
            VmError::File { done: "found", path: "deskbound".into(), source }
        })?;
        Self::at(root.join("deskbound"))
    }

    pub fn at(root: impl Into<PathBuf>) -> Result<Self, VmError> {
        let store = Self { root: root.into() };
        for folder in [store.images(), store.templates(), store.kept(), store.clones()] {
            fs::create_dir_all(&folder).map_err(VmError::file("made", &folder))?;
        }
        store.sweep()?;
        Ok(store)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn images(&self) -> PathBuf {
        self.root.join("images")
    }

    pub(crate) fn templates(&self) -> PathBuf {
        self.root.join("templates")
    }

    /// Of images that were imported.
    pub(crate) fn recipes(&self) -> PathBuf {
        self.root.join("recipes")
    }

    pub(crate) fn kept(&self) -> PathBuf {
        self.root.join("kept")
    }

    /// The finished folders within one of ours.
    pub(crate) fn visible(&self, parent: &Path) -> Result<Vec<PathBuf>, VmError> {
        Ok(folders(parent)?.into_iter().filter(|path| !is_hidden(path)).collect())
    }

    pub(crate) fn clones(&self) -> PathBuf {
        self.root.join("clones")
    }

    /// The names of the desktops that run now.
    pub fn running(&self) -> Result<Vec<String>, VmError> {
        let held = folders(&self.clones())?.into_iter().filter(|path| is_locked(path));
        Ok(held.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect())
    }

    pub(crate) fn expect_running(&self, name: &str) -> Result<(), VmError> {
        let running = self.running()?;
        if running.iter().any(|other| other == name) {
            return Ok(());
        }
        Err(VmError::NotRunning { name: name.into(), running: listed(&running) })
    }

    /// The right to build, which one process has at a time; it ends with the file.
    pub(crate) async fn build_lock(&self, progress: ProgressSink<'_>) -> Result<File, VmError> {
        let path = self.root.join(LOCK);
        let lock = File::create(&path).map_err(VmError::file("made", &path))?;
        let asked = Instant::now();
        while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            if asked.elapsed() > OTHERS_BUILD_LIMIT {
                let what = "the end of another build".into();
                return Err(VmError::TooLate { what, limit: OTHERS_BUILD_LIMIT });
            }
            progress(Progress::Detail("another deskbound is building; waiting for it".into()));
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(lock)
    }

    /// Refused where the disk has less than this left.
    pub(crate) fn has_room(&self, wanted_mb: u64) -> Result<(), VmError> {
        let about = rustix::fs::statvfs(&self.root);
        let about = about.map_err(|error| VmError::file("looked at", &self.root)(error.into()))?;
        let free_mb = about.f_bavail.saturating_mul(about.f_frsize) / 1_000_000;
        if free_mb >= wanted_mb {
            return Ok(());
        }
        Err(VmError::DiskFull { path: self.root.clone(), free_mb, wanted_mb })
    }

    /// Removes what nobody holds.
    pub(crate) fn sweep(&self) -> Result<Vec<PathBuf>, VmError> {
        let mut swept = Vec::new();
        for parent in [self.images(), self.templates(), self.kept(), self.clones()] {
            for path in folders(&parent)? {
                let is_held = is_hidden(&path) || parent == self.clones();
                // What cannot be removed now must not keep anybody from working.
                if is_held && !is_locked(&path) && remove(&path).is_ok() {
                    swept.push(path);
                }
            }
        }
        swept.extend(self.sweep_aside()?);
        Ok(swept)
    }

    /// Removes folders whose maker ended before they were named. While one is being made they are
    /// left alone, for it has no lock yet.
    fn sweep_aside(&self) -> Result<Vec<PathBuf>, VmError> {
        let Ok(_nobody_makes_one) = making(&self.root, FlockOperation::NonBlockingLockExclusive)
        else {
            return Ok(Vec::new());
        };
        let mut left = folders(&self.root)?;
        left.retain(|path| is_aside(path) && remove(path).is_ok());
        Ok(left)
    }
}

impl HeldFolder {
    /// Makes the folder and takes its lock, before anyone can take it for left behind.
    pub(crate) fn make(path: PathBuf) -> Result<Self, VmError> {
        // Named aside first: a sweep between `mkdir` and the lock would remove it.
        let parent = path.parent().expect("a folder of the store has a parent");
        let root = parent.parent().expect("a folder of the store lies two deep");
        let _making = making(root, FlockOperation::LockShared)?;
        let aside = tempfile::Builder::new()
            .prefix(ASIDE)
            .tempdir_in(root)
            .map_err(VmError::file("made", parent))?
            .keep();
        let lock = File::create(aside.join(LOCK)).map_err(VmError::file("made", &aside))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|error| VmError::file("locked", &aside)(error.into()))?;
        fs::rename(&aside, &path).map_err(VmError::file("made", &path))?;
        Ok(Self { path, _lock: lock })
    }

    /// Renames the finished folder into its place. One that is there already is as good.
    pub(crate) fn keep_as(self, path: &Path) -> Result<(), VmError> {
        match fs::rename(&self.path, path) {
            Err(_) if path.is_dir() => return Ok(()),
            renamed => renamed.map_err(VmError::file("put in its place", path))?,
        }
        // Held until it is in its place, where nothing is swept.
        fs::remove_file(path.join(LOCK)).map_err(VmError::file("removed", path.join(LOCK)))
    }
}

impl Drop for HeldFolder {
    fn drop(&mut self) {
        // Where this fails, the next sweep removes it.
        let _ = namespace::remove(&self.path);
    }
}

pub(crate) fn folders(parent: &Path) -> Result<Vec<PathBuf>, VmError> {
    let entries = fs::read_dir(parent).map_err(VmError::file("read", parent))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Shared by those that are about to make a folder; held for a few system calls.
fn making(root: &Path, how: FlockOperation) -> Result<File, VmError> {
    let path = root.join(MAKING);
    let lock = File::create(&path).map_err(VmError::file("made", &path))?;
    flock(&lock, how).map_err(|error| VmError::file("locked", path)(error.into()))?;
    Ok(lock)
}

fn is_aside(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(ASIDE.as_bytes()))
}

pub(crate) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn is_locked(path: &Path) -> bool {
    let Ok(lock) = File::open(path.join(LOCK)) else { return false };
    flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err()
}

pub(crate) fn remove(path: &Path) -> Result<(), VmError> {
    match namespace::remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(VmError::file("removed", path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_swept_and_what_is_held_stays() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path().join("store")).expect("opens");
        let held = HeldFolder::make(store.clones().join("held")).expect("made");
        let left = store.clones().join("left");
        fs::create_dir(&left).expect("made");
        let whole = store.images().join("whole");
        fs::create_dir(&whole).expect("made");
        Store::at(root.path().join("store")).expect("opens again");
        assert!(held.path.is_dir() && whole.is_dir() && !left.exists());
        let path = held.path.clone();
        drop(held);
        assert!(!path.exists());
    }

    #[test]
    fn of_many_owners_one_has_the_folder() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path().join("store")).expect("opens");
        let path = store.clones().join("desk-1-1");
        let start = std::sync::Barrier::new(8);
        let made: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        HeldFolder::make(path.clone())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
        });
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
        assert!(path.is_dir());
    }

    #[test]
    fn what_was_never_named_is_swept_unless_somebody_is_about_to_name_it() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let left = root.path().join("..left");
        fs::create_dir(&left).expect("made");
        let making = making(root.path(), FlockOperation::LockShared).expect("locked");
        assert_eq!(store.sweep().expect("swept"), Vec::<PathBuf>::new());
        drop(making);
        assert_eq!(store.sweep().expect("swept"), [left]);
        assert!(root.path().join("images").is_dir());
    }

    #[test]
    fn a_finished_folder_takes_its_place_without_its_lock() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let making = HeldFolder::make(store.images().join(".making")).expect("made");
        making.keep_as(&store.images().join("done")).expect("renamed");
        assert!(store.images().join("done").is_dir() && !store.images().join("done/lock").exists());
        assert!(!store.images().join(".making").exists());
    }
}
