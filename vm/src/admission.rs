//! How many clones may run, and with how much memory: as much as they might come to use, though
//! an idle one uses little of what it was promised.

use std::{
    fs::{self, File},
    time::{Duration, Instant},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    error::VmError,
    store::{HeldFolder, Store},
};

/// In a clone's folder: the memory that it was promised.
const PROMISE: &str = "memory_mib";

/// In the store: held while one clone at a time is let in.
const LOCK: &str = "admission";

/// Letting one in is a few small files.
const LOCK_LIMIT: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Without a word of the user's.
const CLONES_MAX: usize = 32;

/// A clone's own disk grows; where not even this is left, it is not worth a start.
pub(crate) const CLONE_ROOM_MB: u64 = 256;

/// The most that may run at a time, of all owners together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    pub clones: usize,
    pub memory_mib: u64,
}

impl Caps {
    /// What `DESKBOUND_CLONES_MAX` and `DESKBOUND_MEMORY_MIB_MAX` say, or else 32 clones with, all
    /// together, the memory that this machine has.
    pub fn of_machine() -> Self {
        let said = |name| std::env::var(name).ok()?.parse().ok();
        let clones = said("DESKBOUND_CLONES_MAX").and_then(|most| usize::try_from(most).ok());
        let memory = said("DESKBOUND_MEMORY_MIB_MAX").or_else(memory_of_machine_mib);
        Self { clones: clones.unwrap_or(CLONES_MAX), memory_mib: memory.unwrap_or(u64::MAX) }
    }
}

fn memory_of_machine_mib() -> Option<u64> {
    let said = fs::read_to_string("/proc/meminfo").ok()?;
    let line = said.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

/// Makes the folder of a clone, or says which cap is in the way.
pub(crate) fn admit(
    store: &Store,
    caps: Caps,
    name: &str,
    memory_mib: u32,
) -> Result<HeldFolder, VmError> {
    store.has_room(CLONE_ROOM_MB)?;
    let _one_at_a_time = lock(store)?;
    let running = store.running()?;
    if running.len() >= caps.clones {
        return Err(VmError::TooManyClones { running: running.len(), most: caps.clones });
    }
    let promise = |name: &String| {
        let said = fs::read_to_string(store.clones().join(name).join(PROMISE)).ok();
        said.and_then(|said| said.parse::<u64>().ok()).unwrap_or(0)
    };
    let promised_mib: u64 = running.iter().map(promise).sum();
    if promised_mib.saturating_add(memory_mib.into()) > caps.memory_mib {
        let most_mib = caps.memory_mib;
        return Err(VmError::TooMuchMemory { asked_mib: memory_mib, promised_mib, most_mib });
    }
    let folder = HeldFolder::make(store.clones().join(name))?;
    let promise = folder.path.join(PROMISE);
    fs::write(&promise, memory_mib.to_string()).map_err(VmError::file("written", promise))?;
    Ok(folder)
}

fn lock(store: &Store) -> Result<File, VmError> {
    let path = store.root().join(LOCK);
    let lock = File::create(&path).map_err(VmError::file("made", &path))?;
    let asked = Instant::now();
    while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        if asked.elapsed() > LOCK_LIMIT {
            let what = "the start of another clone".into();
            return Err(VmError::TooLate { what, limit: LOCK_LIMIT });
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_too_many_is_refused_with_the_figures() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let caps = Caps { clones: 2, memory_mib: 3000 };
        let check = |admitted: Result<HeldFolder, VmError>, expected: &str| {
            assert_eq!(admitted.expect_err(expected).to_string(), expected);
        };
        check(
            admit(&store, caps, "large", 3001),
            "3001 MiB more are more than may be promised: 0 of 3000 are",
        );
        let one = admit(&store, caps, "one", 1024).expect("there is place");
        check(
            admit(&store, caps, "two", 2000),
            "2000 MiB more are more than may be promised: 1024 of 3000 are",
        );
        let two = admit(&store, caps, "two", 1976).expect("there is place");
        check(admit(&store, caps, "three", 1), "2 desktops run already, and no more than 2 may");
        drop((one, two));
        admit(&store, caps, "three", 3000).expect("they are gone, and so are their promises");
    }

    #[test]
    fn a_full_disk_is_told_before_anything_is_made() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let error = store.has_room(u64::MAX).expect_err("no disk is so large");
        assert!(matches!(error, VmError::DiskFull { wanted_mb: u64::MAX, .. }), "{error}");
    }

    #[test]
    fn the_machine_says_what_it_has() {
        assert!(memory_of_machine_mib().is_some_and(|mib| mib > 64));
    }
}
