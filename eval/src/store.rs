//! A folder of results: one file a sample, written once.
//!
//! ```text
//! desk-trained-x11-1f3a90bc/
//!   plan.json               what is to be run
//!   results/<sample>.json   what became of it; never replaced
//!   broken/<sample>.<n>.json  attempts that a broken desktop spoilt, and that say nothing
//! ```
//!
//! A result is written beside its place, made durable, and linked to it: the first one there stays,
//! on a shared disk too. A process killed at any instant leaves at most a part that nobody reads.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use deskbound_agent::journal::new_id;

use crate::outcome::Outcome;
use crate::plan::{self, Item, Plan, PlanError};

pub(crate) const RESULTS: &str = "results";
pub(crate) const BROKEN: &str = "broken";

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{} is no result", path.display())]
    NoResult { path: PathBuf, source: serde_json::Error },
    #[error("{} was made under other conditions than the plan says", path.display())]
    Foreign { path: PathBuf },
    #[error("{} has a plan of other conditions", folder.display())]
    OtherPlan { folder: PathBuf },
    #[error(transparent)]
    Plan(#[from] PlanError),
}

#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
    conditions: String,
}

/// What a folder has, of what its plan asks for.
#[derive(Clone, Debug)]
pub struct Held {
    pub plan: Plan,
    /// By sample.
    pub results: BTreeMap<String, Outcome>,
    /// The last spoilt attempt of each sample without a result.
    pub broken: BTreeMap<String, Outcome>,
}

impl Store {
    /// A folder for this plan. One that is there takes more samples of the same conditions.
    ///
    /// # Errors
    /// Where it belongs to other conditions, or cannot be written.
    pub fn make(folder: &Path, plan: &Plan) -> Result<Self, StoreError> {
        let conditions = plan.conditions.digest();
        for inner in [RESULTS, BROKEN] {
            let path = folder.join(inner);
            fs::create_dir_all(&path).map_err(|source| StoreError::Write { path, source })?;
        }
        let path = folder.join(plan::FILE);
        let bytes = plan.bytes();
        if path.exists() {
            let there = Plan::read(folder)?;
            if there.conditions.digest() != conditions {
                return Err(StoreError::OtherPlan { folder: folder.to_owned() });
            }
            if there == *plan {
                return Ok(Self { folder: folder.to_owned(), conditions });
            }
        }
        let half = beside(&path);
        let written = write(&half, &bytes).and_then(|()| fs::rename(&half, &path));
        written.and_then(|()| sync(folder)).map_err(|source| StoreError::Write { path, source })?;
        Ok(Self { folder: folder.to_owned(), conditions })
    }

    /// The folder of a plan that is there.
    pub fn open(folder: &Path) -> Result<(Self, Plan), StoreError> {
        let plan = Plan::read(folder)?;
        let conditions = plan.conditions.digest();
        Ok((Self { folder: folder.to_owned(), conditions }, plan))
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a sample has a result.
    pub fn has(&self, sample: &str) -> bool {
        self.result(sample).exists()
    }

    fn result(&self, sample: &str) -> PathBuf {
        self.folder.join(RESULTS).join(format!("{sample}.json"))
    }

    /// Keeps a result; where there is one already, that one stays.
    pub(crate) fn keep(&self, outcome: &Outcome) -> Result<(), StoreError> {
        match link(&self.result(&outcome.item.id), &text(outcome)) {
            Err((_, error)) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            kept => kept.map_err(|(path, source)| StoreError::Write { path, source }),
        }
    }

    /// Keeps an attempt that says nothing, under the next free number.
    pub(crate) fn keep_broken(&self, outcome: &Outcome) -> Result<(), StoreError> {
        for number in 1..=BROKEN_MAX {
            let name = format!("{}.{number:04}.json", outcome.item.id);
            match link(&self.folder.join(BROKEN).join(name), &text(outcome)) {
                Err((_, error)) if error.kind() == io::ErrorKind::AlreadyExists => {}
                kept => return kept.map_err(|(path, source)| StoreError::Write { path, source }),
            }
        }
        // That many say enough.
        Ok(())
    }

    /// All that is there.
    ///
    /// # Errors
    /// Where a file is no result, or one of other conditions.
    pub fn read(folder: &Path) -> Result<Held, StoreError> {
        let (store, plan) = Self::open(folder)?;
        let results = store.outcomes(RESULTS)?;
        let mut broken = store.outcomes(BROKEN)?;
        broken.retain(|sample, _| !results.contains_key(sample));
        Ok(Held { plan, results, broken })
    }

    fn outcomes(&self, inner: &str) -> Result<BTreeMap<String, Outcome>, StoreError> {
        let folder = self.folder.join(inner);
        let mut names = Vec::new();
        let listed = fs::read_dir(&folder)
            .map_err(|source| StoreError::Read { path: folder.clone(), source })?;
        for entry in listed {
            let entry =
                entry.map_err(|source| StoreError::Read { path: folder.clone(), source })?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                names.push(name);
            }
        }
        // In the order of their numbers: the last one counts.
        names.sort();
        let mut outcomes = BTreeMap::new();
        for name in names {
            let path = folder.join(&name);
            let bytes = fs::read(&path)
                .map_err(|source| StoreError::Read { path: path.clone(), source })?;
            let outcome: Outcome = serde_json::from_slice(&bytes)
                .map_err(|source| StoreError::NoResult { path: path.clone(), source })?;
            if outcome.conditions != self.conditions {
                return Err(StoreError::Foreign { path });
            }
            outcomes.insert(outcome.item.id.clone(), outcome);
        }
        Ok(outcomes)
    }
}

/// Spoilt attempts that are kept of one sample.
const BROKEN_MAX: u32 = 9_999;

impl Held {
    /// Samples of the plan that have no result yet.
    pub fn open(&self) -> Vec<String> {
        let ids = self.plan.items.iter().map(|item| &item.id);
        ids.filter(|id| !self.results.contains_key(*id)).cloned().collect()
    }

    /// Samples of the plan that nobody has tried, not even in vain.
    pub fn untried(&self) -> Vec<Item> {
        let is_known = |id| self.results.contains_key(id) || self.broken.contains_key(id);
        self.plan.items.iter().filter(|item| !is_known(&item.id)).cloned().collect()
    }

    /// Results that the plan does not ask for.
    pub fn strangers(&self) -> Vec<String> {
        let asked: std::collections::BTreeSet<_> =
            self.plan.items.iter().map(|item| &item.id).collect();
        self.results.keys().filter(|id| !asked.contains(id)).cloned().collect()
    }

    /// In the order of the plan; where there is no result, the last spoilt attempt.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let ids = self.plan.items.iter().map(|item| &item.id);
        ids.filter_map(|id| self.results.get(id).or_else(|| self.broken.get(id)).cloned()).collect()
    }
}

fn text(outcome: &Outcome) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(outcome).expect("an outcome is plain data");
    bytes.push(b'\n');
    bytes
}

/// A name beside it that nobody else has.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().expect("a result has a name").to_string_lossy();
    path.with_file_name(format!(".{name}.{}-{}.part", std::process::id(), new_id()))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some disks of networks know no such thing of a folder, and are as good without.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// Unlike a rename, a link does not go over what is there.
fn link(path: &Path, bytes: &[u8]) -> Result<(), (PathBuf, io::Error)> {
    let half = beside(path);
    let folder = path.parent().expect("a result lies in a folder");
    let linked = write(&half, bytes).and_then(|()| match fs::hard_link(&half, path) {
        // Of a disk of a network the answer may be lost: it is asked once more, and says that
        // somebody was there before. That was us.
        Err(_) if fs::metadata(&half).is_ok_and(|about| about.nlink() == 2) => Ok(()),
        linked => linked,
    });
    let gone = fs::remove_file(&half);
    let synced = linked.and(gone).and_then(|()| sync(folder));
    synced.map_err(|error| (path.to_owned(), error))
}

#[cfg(test)]
mod tests;
