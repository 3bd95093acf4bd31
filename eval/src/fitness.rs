//! Whether a machine can do what it is asked to, before it tries: memory for so many desktops at
//! once, room for what they write, and a clock that agrees with that of the shared folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Times are compared across machines; a minute changes nothing there.
const SKEW_MAX: Duration = Duration::from_secs(60);
/// Room for the journal of one sample, and for the files of its desktop.
const DISK_MIB_EACH: u64 = 512;

/// What one desktop takes at its worst, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    pub memory_mib: u64,
}

impl Needs {
    /// A virtual machine of 2 GiB, and the program that runs it.
    pub const VM: Self = Self { memory_mib: 2_560 };
    /// A server, its buses, and a browser.
    pub const X11: Self = Self { memory_mib: 1_024 };
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    #[error("{jobs} desktops at once want {wanted} MiB of memory, and {free} are free")]
    Memory { jobs: u64, wanted: u64, free: u64 },
    #[error("{} has {free} MiB free, and {wanted} are wanted", folder.display())]
    Disk { folder: PathBuf, wanted: u64, free: u64 },
    #[error("the clock of this machine is {skew:?} off that of the folder of the plan")]
    Clock { skew: Duration },
    #[error("the disk of {} knows no hard links, and results are kept by them", folder.display())]
    NoLinks { folder: PathBuf, source: io::Error },
    #[error("{} cannot be used", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
}

/// Looks, which takes no time worth naming.
///
/// # Errors
/// Where something is missing.
pub fn fit(results: &Path, runs: &Path, jobs: usize, needs: Needs) -> Result<(), Unfit> {
    let jobs = jobs.max(1) as u64;
    let wanted = jobs.saturating_mul(needs.memory_mib);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    if let Some(free) = available_mib(&memory).filter(|free| *free < wanted) {
        return Err(Unfit::Memory { jobs, wanted, free });
    }
    for folder in [results, runs] {
        let unusable = |source| Unfit::Folder { folder: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(unusable)?;
        let about = rustix::fs::statvfs(folder).map_err(|error| unusable(error.into()))?;
        let free = about.f_bavail.saturating_mul(about.f_frsize) >> 20;
        let wanted = jobs.saturating_mul(DISK_MIB_EACH);
        if free < wanted {
            return Err(Unfit::Disk { folder: folder.to_owned(), wanted, free });
        }
    }
    let unusable = |source| Unfit::Folder { folder: results.to_owned(), source };
    let probe = Probe::put(results).map_err(unusable)?;
    probe.link().map_err(|source| Unfit::NoLinks { folder: results.to_owned(), source })?;
    let skew = probe.skew().map_err(unusable)?;
    if skew > SKEW_MAX { Err(Unfit::Clock { skew }) } else { Ok(()) }
}

/// A file that shows what the folder's disk can do; gone with the value.
struct Probe {
    path: PathBuf,
    file: File,
    ours: SystemTime,
}

impl Probe {
    fn put(folder: &Path) -> io::Result<Self> {
        let name = format!(".probe-{}-{}", std::process::id(), deskbound_agent::journal::new_id());
        let path = folder.join(name);
        let file = File::create_new(&path)?;
        Ok(Self { path, file, ours: SystemTime::now() })
    }

    /// How far the clock of whoever holds the folder is from ours.
    fn skew(&self) -> io::Result<Duration> {
        let theirs = self.file.metadata()?.modified()?;
        Ok(self.ours.duration_since(theirs).unwrap_or_else(|early| early.duration()))
    }

    /// Disks for cameras, and some of networks, know one name a file.
    fn link(&self) -> io::Result<()> {
        let other = self.path.with_extension("link");
        fs::hard_link(&self.path, &other)?;
        fs::remove_file(other)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        // A folder that has gone away needs nothing back.
        let _ = fs::remove_file(&self.path);
    }
}

/// Without what would have to be written to the swap.
fn available_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find(|line| line.starts_with("MemAvailable:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_room_is_unfit_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let (results, runs) = (folder.path().join("results"), folder.path().join("runs"));
        let check = |jobs, memory_mib| fit(&results, &runs, jobs, Needs { memory_mib });
        check(1, 1).unwrap();
        let error = check(2, 1 << 30).unwrap_err();
        assert!(matches!(error, Unfit::Memory { jobs: 2, .. }), "{error}");
        let error = check(usize::MAX >> 20, 0).unwrap_err();
        assert!(matches!(error, Unfit::Disk { .. }), "{error}");
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = fit(&file.join("below"), &runs, 1, Needs { memory_mib: 1 }).unwrap_err();
        assert!(matches!(error, Unfit::Folder { .. }), "{error}");
        // Nothing is left behind.
        assert_eq!(fs::read_dir(&results).unwrap().count(), 0);
    }

    #[test]
    fn memory_that_can_be_had_is_read() {
        let text = "MemTotal: 24000000 kB\nMemFree: 1 kB\nMemAvailable:   2097152 kB\n";
        assert_eq!(available_mib(text), Some(2048));
        assert_eq!(available_mib(""), None);
    }
}
