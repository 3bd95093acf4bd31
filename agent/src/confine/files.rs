//! The cage for files: read and execute everywhere, write in a few places.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, LandlockStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, path_beneath_rules,
};

use super::ConfineError;

/// The newest set of rights this was tried with; an older kernel enforces what it knows of it.
const TRIED: ABI = ABI::V5;

/// What programs open for writing as a matter of course, KVM and terminals among it.
const DEVICES: [&str; 9] = [
    "/dev/full",
    "/dev/kvm",
    "/dev/null",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/random",
    "/dev/shm",
    "/dev/tty",
    "/dev/zero",
];

/// How much of the cage this kernel enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileCage {
    Whole,
    /// The kernel is older than some of the rights asked for.
    Part,
    /// The kernel has no Landlock, or has it switched off: files are *not* guarded.
    Missing,
}

pub(super) fn cage(writable: &[PathBuf]) -> Result<FileCage, ConfineError> {
    restrict(writable).map_err(|source| ConfineError::Landlock { source })
}

fn restrict(writable: &[PathBuf]) -> Result<FileCage, RulesetError> {
    let read = AccessFs::from_read(TRIED);
    let all = AccessFs::from_all(TRIED);
    let places = writable.iter().map(PathBuf::as_path).chain(DEVICES.iter().map(Path::new));
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .create()?
        .add_rules(path_beneath_rules(["/"], read))?
        .add_rules(path_beneath_rules(places, all))?
        .restrict_self()?;
    Ok(match (status.landlock, status.ruleset) {
        (LandlockStatus::Available { .. }, RulesetStatus::FullyEnforced) => FileCage::Whole,
        (LandlockStatus::Available { .. }, RulesetStatus::PartiallyEnforced) => FileCage::Part,
        _ => FileCage::Missing,
    })
}
