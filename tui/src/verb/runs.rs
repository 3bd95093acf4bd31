//! `deskbound runs`: the records of what was done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use deskbound_agent::journal::{Ending, Entry, VerifyError, entries, verify};
use deskbound_agent::sanitize;

use crate::failure::{Exit, Failure};
use crate::terminal::{note, say};
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// One line a run, the oldest first.
    List,
    /// Check that records are as they were written: every line, and every picture they name.
    Verify {
        /// Runs to check, by name or by folder; all of them where none is given.
        runs: Vec<String>,
    },
}

impl Runs {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let folder = setting.folders.runs();
        match self {
            Self::List => {
                let runs = all(&folder)?;
                runs.iter().for_each(|run| say(summary(run)));
                if runs.is_empty() {
                    note(format_args!("no runs in {}", folder.display()));
                }
                Ok(Exit::Done)
            }
            Self::Verify { runs } if runs.is_empty() => check(&all(&folder)?),
            Self::Verify { runs } => {
                let named = runs.iter().map(|run| match run.contains('/') {
                    true => PathBuf::from(run),
                    false => folder.join(run),
                });
                check(&named.collect::<Vec<_>>())
            }
        }
    }
}

fn all(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Failure::missing)?,
    };
    let mut runs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    runs.sort();
    Ok(runs)
}

fn check(runs: &[PathBuf]) -> Result<Exit, Failure> {
    let mut broken = 0;
    for run in runs {
        let name = name(run);
        match verify(run) {
            Ok(verified) => {
                let ending = ending(verified.ending);
                say(format_args!(
                    "{name}  {ending}, {} records, head {}",
                    verified.records, verified.head
                ));
            }
            Err(error) => {
                broken += 1;
                say(format_args!("{name}  BROKEN: {}", chain(&error)));
            }
        }
    }
    match broken {
        0 => Ok(Exit::Done),
        _ => Err(Failure::new(
            Exit::Failed,
            format!("{broken} of {} records are broken", runs.len()),
        )),
    }
}

fn summary(run: &Path) -> String {
    let name = name(run);
    match entries(run) {
        Err(error) => format!("{name}  BROKEN: {}", chain(&error)),
        Ok((entries, verified)) => {
            let (instruction, end) = (field(&entries, "instruction"), field(&entries, "end"));
            let ending = ending(verified.ending);
            format!("{name}  {ending}, {} records, {end}: {instruction}", verified.records)
        }
    }
}

/// The last text of this name in any record, at the top or one level down.
fn field(entries: &[Entry], name: &str) -> String {
    let mut texts = entries.iter().filter_map(|entry| {
        let value = entry.record.as_ref()?.get(name)?;
        value.as_str().or_else(|| value.get(name)?.as_str())
    });
    sanitize::line(texts.next_back().unwrap_or("-"))
}

fn ending(ending: Ending) -> String {
    match ending {
        Ending::Closed => "closed".to_owned(),
        Ending::Open => "open".to_owned(),
        Ending::Torn { bytes } => format!("torn ({bytes} bytes of a line)"),
    }
}

fn name(run: &Path) -> String {
    sanitize::line(&run.file_name().unwrap_or_default().to_string_lossy())
}

/// A broken line may name anything, so it is a stranger's.
fn chain(error: &VerifyError) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |e| (*e).source());
    sanitize::line(&causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
