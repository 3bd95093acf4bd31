//! `deskbound runs`: the records of what was done.

mod keep;
mod pasted;
mod report;
mod show;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use deskbound_agent::journal::{Ending, Entry, VerifyError, entries, verify};
use deskbound_agent::replay::replay;
use deskbound_agent::run::Roles;
use deskbound_agent::{chain, sanitize};

use crate::dashboard::story::Story;
use crate::failure::{Exit, Failure};
use crate::models::Seats;
use crate::terminal::{note, say};
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Runs {
    /// One line a run, the oldest first.
    List,
    /// Write a run as one page: what was seen, where it acted, what came of it, how long it took.
    Report {
        /// The run, by name or by folder.
        run: String,
        /// The page, made anew; standard output where none is named.
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
    /// One run in a few lines: what for, how it ended, where the time went.
    Show {
        /// The run, by name or by folder.
        run: String,
    },
    /// Was the text on standard input pasted to the desktop, or carried out of it? Exits with 1 where
    /// it was not. Texts are not kept, only digests that the run's own folder has the key to.
    Pasted {
        /// The run, by name or by folder.
        run: String,
    },
    /// Pack the record of a run into one archive, pictures and trees with it.
    Export {
        /// The run, by name or by folder.
        run: String,
        /// The archive, a tar.
        #[arg(long, value_name = "FILE")]
        into: PathBuf,
    },
    /// Remove old records.
    Prune {
        /// How many of the latest stay.
        #[arg(long, value_name = "N")]
        keep: usize,
    },
    /// Decide by the record of a run again, with the models that it names, and name the first
    /// decision that differs.
    Replay {
        /// The run, by name or by folder.
        run: String,
        /// Other models than those that the record names.
        #[arg(long, value_name = "WHICH")]
        models: Option<Seats>,
    },
    /// Check that records are as they were written: every line, and every picture they name.
    Verify {
        /// Runs to check, by name or by folder; all of them where none is given.
        runs: Vec<String>,
    },
}

impl Runs {
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        let (Self::Report { into: Some(file), .. } | Self::Export { into: file, .. }) = self else {
            return None;
        };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).to_owned())
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
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
            Self::Show { run } => show::show(&named(&folder, run)?),
            Self::Pasted { run } => pasted::pasted(&named(&folder, run)?),
            Self::Export { run, into } => keep::export(&named(&folder, run)?, into),
            Self::Prune { keep } => keep::prune(&all(&folder)?, *keep),
            Self::Replay { run, models } => {
                let run = named(&folder, run)?;
                let seats = match models {
                    Some(seats) => seats.clone(),
                    None => recorded(&run)?,
                };
                note(format_args!("models: {seats}"));
                let mut roles = seats.load(&setting.folders.data)?;
                play_back(&run, &mut roles).await
            }
            Self::Report { run, into } => report(&named(&folder, run)?, into.as_deref()),
            Self::Verify { runs } if runs.is_empty() => check(&all(&folder)?),
            Self::Verify { runs } => {
                let named = runs.iter().map(|run| named(&folder, run));
                check(&named.collect::<Result<Vec<_>, _>>()?)
            }
        }
    }
}

/// The one run that a name means: its folder, its name or the beginning of it, or `last`.
pub(crate) fn named(folder: &Path, run: &str) -> Result<PathBuf, Failure> {
    if run.contains('/') {
        return Ok(PathBuf::from(run));
    }
    let all = all(folder)?;
    let fits = |path: &&PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(run))
    };
    let found: Vec<_> = match run {
        "last" => all.last().into_iter().collect(),
        _ => all.iter().filter(fits).collect(),
    };
    match found[..] {
        [run] => Ok(run.clone()),
        [] => Err(Failure::usage(format!("there is no run `{run}`"))
            .hint("`deskbound runs list` names all")),
        [..] => Err(Failure::usage(format!("`{run}` is the beginning of {} runs", found.len()))
            .hint("`deskbound runs list` names all")),
    }
}

/// The models that decided then.
fn recorded(run: &Path) -> Result<Seats, Failure> {
    let story = Story::read(run).map_err(|error| Failure::new(Exit::Failed, error))?;
    let heading = story.heading.ok_or_else(|| Failure::usage("this run never began"))?;
    heading.models.parse().map_err(|error: String| {
        let named = sanitize::line(&heading.models);
        Failure::usage(format!("the record names the models `{named}`: {error}"))
            .hint("`--models` says which are to decide instead")
    })
}

async fn play_back(run: &Path, roles: &mut Roles) -> Result<Exit, Failure> {
    let replayed = replay(run, roles).await.map_err(|error| {
        Failure::new(Exit::Failed, error).hint("`deskbound runs list` names the runs there are")
    })?;
    let compared = replayed.compared;
    match replayed.difference {
        None => {
            say(format_args!("{compared} decisions, the same again"));
            Ok(Exit::Done)
        }
        Some(difference) => {
            let difference = sanitize::line(&difference.to_string());
            say(format_args!("{compared} decisions the same, then {difference}"));
            Ok(Exit::Failed)
        }
    }
}

fn report(run: &Path, into: Option<&Path>) -> Result<Exit, Failure> {
    let (entries, verified) = entries(run).map_err(|error| {
        Failure::new(Exit::Failed, error).hint("`deskbound runs list` names the runs there are")
    })?;
    let page = report::page(run, &entries, &verified).map_err(Failure::missing)?;
    match into {
        Some(file) => fs::write(file, page).map_err(Failure::missing)?,
        None => say(page),
    }
    Ok(Exit::Done)
}

pub(crate) fn all(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(Failure::missing)?,
    };
    let mut runs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    runs.sort();
    Ok(runs)
}

fn check(runs: &[PathBuf]) -> Result<Exit, Failure> {
    let mut count = 0;
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
                count += 1;
                say(format_args!("{name}  BROKEN: {}", broken(&error)));
            }
        }
    }
    match count {
        0 => Ok(Exit::Done),
        _ => {
            Err(Failure::new(Exit::Failed, format!("{count} of {} records are broken", runs.len())))
        }
    }
}

fn summary(run: &Path) -> String {
    let name = name(run);
    match entries(run) {
        Err(error) => format!("{name}  BROKEN: {}", broken(&error)),
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
fn broken(error: &VerifyError) -> String {
    sanitize::line(&chain(error))
}
