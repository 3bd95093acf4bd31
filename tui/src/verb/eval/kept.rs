//! Results that are there already.

use std::path::{Path, PathBuf};

use clap::Args;
use deskbound_eval::{Held, Report, Store, StoreError};

use super::run::exit;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, say};
use crate::verb::Setting;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The name of the run, or the folder of its results.
    run: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (held, folder) = read(setting, &self.run)?;
        let report = Report::of(&held, folder);
        show(&report, self.json);
        Ok(exit(&report))
    }
}

/// Where the results of runs on this machine are.
pub(crate) fn folder(setting: &Setting) -> PathBuf {
    setting.folders.state.join("evals")
}

/// The folder of a run, by its name or as it is.
pub(crate) fn found(setting: &Setting, run: &Path) -> PathBuf {
    if run.is_dir() { run.to_owned() } else { folder(setting).join(run) }
}

/// There is no such run.
pub(crate) fn unnamed(error: impl Into<Box<dyn std::error::Error>>) -> Failure {
    Failure::usage(error).hint("a run is named as `eval run` named it, or by its folder")
}

/// The results of a run, by its name or its folder.
pub(crate) fn read(setting: &Setting, run: &Path) -> Result<(Held, PathBuf), Failure> {
    let folder = found(setting, run);
    let held = Store::read(&folder).map_err(|error| match error {
        StoreError::NoResult { .. } | StoreError::Foreign { .. } | StoreError::Read { .. } => {
            Failure::usage(error)
                .hint("take that file away; `eval status` shows the rest without it")
        }
        error => unnamed(error),
    })?;
    Ok((held, folder))
}

pub(crate) fn show(report: &Report, json: bool) {
    if json {
        let report = serde_json::to_string_pretty(report).expect("a report is plain data");
        say(escaped(&report));
    } else {
        say(report);
        say(format_args!("results: {}", report.folder.display()));
    }
}
