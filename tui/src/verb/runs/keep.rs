//! `deskbound runs export` and `prune`: records carried away, and records thrown away.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use deskbound_agent::journal::{Ending, is_written, verify};
use tar::Builder;

use super::name;
use crate::failure::{Exit, Failure};
use crate::terminal::{note, say};

/// One archive with everything that the run's journal names, and not the key of its digests. Its head, which is printed, is what a
/// reader elsewhere compares.
pub(super) fn export(run: &Path, into: &Path) -> Result<Exit, Failure> {
    let verified = verify(run).map_err(|error| {
        Failure::new(Exit::Failed, error).hint("a record that is broken is not carried away")
    })?;
    if verified.ending == Ending::Open && is_written(run) {
        return Err(Failure::usage("the run goes on; its record is not whole yet"));
    }
    let partial = into.with_extension("partial");
    let written = write_archive(run, &partial).and_then(|()| fs::rename(&partial, into));
    if let Err(error) = written {
        let _ = fs::remove_file(&partial);
        return Err(Failure::missing(error));
    }
    say(format_args!("{}  {} records, head {}", name(run), verified.records, verified.head));
    Ok(Exit::Done)
}

fn write_archive(run: &Path, partial: &Path) -> std::io::Result<()> {
    let folder = PathBuf::from(run.file_name().unwrap_or_default());
    let mut archive = Builder::new(File::create(partial)?);
    archive.follow_symlinks(false);
    for part in ["journal.jsonl", "frames", "trees"] {
        let path = run.join(part);
        if path.is_dir() {
            archive.append_dir_all(folder.join(part), &path)?;
        } else if path.is_file() {
            archive.append_path_with_name(&path, folder.join(part))?;
        }
    }
    let mut file = archive.into_inner()?;
    file.flush()?;
    file.sync_all()
}

/// Removes all but the latest `keep` records. One that is being written stays.
pub(super) fn prune(runs: &[PathBuf], keep: usize) -> Result<Exit, Failure> {
    let old = &runs[..runs.len().saturating_sub(keep)];
    for run in old {
        if is_written(run) {
            note(format_args!("{}: goes on, and stays", name(run)));
            continue;
        }
        fs::remove_dir_all(run).map_err(Failure::missing)?;
        say(format_args!("removed {}", name(run)));
    }
    Ok(Exit::Done)
}
