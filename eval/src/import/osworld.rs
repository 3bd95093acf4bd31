//! Tasks of OSWorld, version 1: a folder of JSON files, as its `evaluation_examples`.
//!
//! ```text
//!   examples/<domain>/<id>.json ──▶ setup ─────▶ steps, files of the cache
//!                                └▶ evaluator ─▶ getters and metrics ──▶ Task
//!                                                 └── what is missing here ──▶ reasons
//! ```
//!
//! What a task needs that is not here (a live web, accounts, office files compared cell by cell) is
//! named, and the task is left out: it never passes silently. `/home/user`, where those tasks
//! live, is the home folder of our desktop. Files that a task downloads must lie in a cache: the
//! folder `cache/<id>` beside the examples, each under the last part of its address.

mod chrome;
mod evaluator;
mod getter;
mod metric;
mod setup;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use evaluator::Evaluator;
use evaluator::NotHere;

use crate::suite::SuiteError;
use crate::task::{Check, Given, Goal, Half, Task, TaskLimits, What};

const FILES_MAX: usize = 20_000;
const CACHED_BYTES_MAX: u64 = 64 << 20;
/// The home folder that the tasks name.
pub(crate) const HOME: &str = "/home/user";

/// What became of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    pub domain: String,
    pub id: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Runnable(Box<Task>),
    /// It is read, and needs what is not here.
    Unsupported(Vec<String>),
    /// It is no task.
    Unreadable(String),
}

/// How many of each, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub files: usize,
    pub parsed: usize,
    pub runnable: usize,
    /// Of the runnable: those that are to be refused.
    pub infeasible: usize,
    /// Tasks that lack this, among other things.
    pub reasons: BTreeMap<String, usize>,
}

impl Counts {
    pub fn of(imported: &[Imported]) -> Self {
        let mut counts = Self { files: imported.len(), ..Self::default() };
        for one in imported {
            match &one.outcome {
                Outcome::Unreadable(_) => continue,
                Outcome::Runnable(task) => {
                    counts.runnable += 1;
                    counts.infeasible += usize::from(task.goal != Goal::Reached);
                }
                Outcome::Unsupported(reasons) => {
                    for reason in reasons {
                        *counts.reasons.entry(reason.clone()).or_default() += 1;
                    }
                }
            }
            counts.parsed += 1;
        }
        counts
    }
}

/// Whether files that a task downloads must be in the cache to count as there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cache {
    /// A task whose files are missing is not runnable.
    Needed,
    /// Missing files are taken for empty: to see what could run with a whole cache.
    Assumed,
}

/// Every task below `examples/`.
///
/// # Errors
/// Where the folder cannot be read.
pub fn read(folder: &Path, cache: Cache) -> Result<Vec<Imported>, SuiteError> {
    let unreadable = |path: &Path, source| SuiteError::Unreadable { path: path.to_owned(), source };
    let examples = folder.join("examples");
    let mut files = Vec::new();
    for domain in fs::read_dir(&examples).map_err(|error| unreadable(&examples, error))? {
        let domain = domain.map_err(|error| unreadable(&examples, error))?.path();
        for file in fs::read_dir(&domain).into_iter().flatten().flatten() {
            let file = file.path();
            if file.extension().is_some_and(|ending| ending == "json") {
                files.push(file);
            }
            if files.len() > FILES_MAX {
                return Err(SuiteError::TooLarge { path: examples });
            }
        }
    }
    files.sort();
    let mut imported = Vec::new();
    for file in files {
        let text = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        let name =
            |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (domain, id) = (file.parent().map(name).unwrap_or_default(), name(&file));
        let files = CacheFolder { folder: folder.join("cache").join(&id), cache };
        let outcome = match serde_json::from_slice(&text) {
            Ok(value) => task(&domain, &id, &value, &files),
            Err(error) => Outcome::Unreadable(error.to_string()),
        };
        imported.push(Imported { domain, id, outcome });
    }
    Ok(imported)
}

/// Where the files of one task lie.
pub(crate) struct CacheFolder {
    folder: PathBuf,
    cache: Cache,
}

impl CacheFolder {
    /// The file of an address, by its last part.
    pub(crate) fn file(&self, address: &str) -> Result<Vec<u8>, NotHere> {
        let name = address.rsplit('/').next().unwrap_or_default();
        let path = self.folder.join(name);
        let is_file = fs::metadata(&path)
            .is_ok_and(|about| about.is_file() && about.len() <= CACHED_BYTES_MAX);
        match (is_file && !name.is_empty(), self.cache) {
            (true, _) => fs::read(&path).map_err(|_| NotHere("a file of the cache".to_owned())),
            (false, Cache::Assumed) => Ok(Vec::new()),
            (false, Cache::Needed) => Err(NotHere("a file of the cache".to_owned())),
        }
    }
}

fn task(domain: &str, id: &str, value: &Value, files: &CacheFolder) -> Outcome {
    let Some(instruction) = value["instruction"].as_str() else {
        return Outcome::Unreadable("it has no instruction".to_owned());
    };
    let mut reasons = Vec::new();
    if value["proxy"].as_bool() == Some(true) {
        reasons.push("a live web".to_owned());
    }
    let mut given = Vec::new();
    let steps = setup::steps(&value["config"], files, &mut given, &mut reasons);
    let evaluator = &value["evaluator"];
    let after = setup::steps(&evaluator["postconfig"], files, &mut given, &mut reasons);
    let (goal, checks) = match Evaluator::read(evaluator, files) {
        Ok(Evaluator::Infeasible) => (Goal::Refused { twin: None }, Vec::new()),
        Ok(evaluator) => {
            let what = What::Evaluated { evaluator: Box::new(evaluator), after };
            (Goal::Reached, vec![Check { weight: 1, what }])
        }
        Err(missing) => {
            reasons.extend(missing.into_iter().map(|NotHere(what)| what));
            (Goal::Reached, Vec::new())
        }
    };
    if !reasons.is_empty() {
        reasons.sort();
        reasons.dedup();
        return Outcome::Unsupported(reasons);
    }
    let apps = value["related_apps"].as_array().into_iter().flatten();
    Outcome::Runnable(Box::new(Task {
        id: format!("{domain}-{id}"),
        family: domain.to_owned(),
        half: Half::HeldOut,
        tags: apps.filter_map(|app| app.as_str().map(str::to_owned)).collect(),
        recipe: "xfce".to_owned(),
        needs: Vec::new(),
        wordings: vec![instruction.to_owned()],
        goal,
        limits: TaskLimits::default(),
        given: given.into_iter().map(|(path, bytes)| Given::File { path, bytes }).collect(),
        setup: steps,
        checks,
        untouched: Vec::new(),
        oracle: Vec::new(),
    }))
}

#[cfg(test)]
mod tests;
