//! Runs that are spread over machines which share a folder. Any scheduler will do: a plan, one
//! file a result and four exit statuses are the whole contract.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use deskbound_agent::stop::Stop;
use deskbound_eval::{
    Completeness, Conditions, Ended, PlanError, Store, StoreError, Suite, Watch, fit, merge,
};

use super::bench::{Deciders, Place};
use super::conditions::{Typed, images, program, seats};
use super::run::{Effort, Session};
use super::{broken, kept};
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::terminal::{escaped, note, say};
use crate::verb::Setting;

/// The plan is of another suite or program: never run it again as it is.
pub(crate) const NEVER: u8 = 65;
/// The desktops of this machine fail: run it elsewhere.
pub(crate) const ELSEWHERE: u8 = 69;
/// Where schedulers write which of many alike a process is.
const NUMBERS: [&str; 2] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];
/// It was asked to stop, or its time was over: run it again.
const AGAIN: u8 = 75;

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The folder of the plan and of its results; made where there is none.
    pub(crate) folder: PathBuf,
    #[command(flatten)]
    typed: Typed,
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    shards: u32,
}

impl Plan {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (_, plan) = self.typed.plan(setting, self.shards)?;
        Store::make(&self.folder, &plan).map_err(|error| match error {
            StoreError::OtherPlan { .. } => Failure::usage(error).hint("take another folder"),
            _ => Failure::missing(error),
        })?;
        say(format_args!("{} samples in {} shards", plan.items.len(), plan.shards));
        Ok(Exit::Done)
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunShard {
    /// The folder of the plan.
    pub(crate) folder: PathBuf,
    /// From 0. Where it is left out, the scheduler's own number: that of a task of Slurm, or of a
    /// job of Kubernetes.
    #[arg(long)]
    shard: Option<u32>,
    #[command(flatten)]
    effort: Effort,
}

impl RunShard {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let (store, plan) = Store::open(&self.folder).map_err(Failure::usage)?;
        let shard = self.shard.or_else(scheduled);
        let shard = shard.ok_or_else(|| Failure::usage("which shard?").hint("add `--shard N`"))?;
        let items = plan.shard(shard).map_err(|error: PlanError| Failure::usage(error))?;
        let conditions = &plan.conditions;
        let suite = Suite::named(&conditions.suite).map_err(broken)?;
        let (place, deciders) = planned_with(conditions, &setting.folders.data)?;
        let runs = setting.folders.runs();
        fit(&self.folder, &runs, self.effort.jobs, place.needs())
            .map_err(|error| Failure::new(Exit::Status(ELSEWHERE), error))?;
        let ids: Vec<_> = items.iter().map(|item| item.id.clone()).collect();
        let session = Session {
            suite: &suite,
            conditions,
            store: &store,
            place,
            deciders,
            runs,
            jobs: self.effort.jobs,
            stop,
            until: self.effort.until(),
        };
        if session.through(items)? != Ended::Through {
            return Ok(Exit::Status(AGAIN));
        }
        let open = Store::read(&self.folder).map_err(Failure::missing)?.open();
        let failed = ids.iter().filter(|id| open.contains(id)).count();
        if failed > 0 {
            note(format_args!("the desktops of this machine failed {failed} samples"));
            return Ok(Exit::Status(ELSEWHERE));
        }
        Ok(Exit::Done)
    }
}

/// The number that a scheduler gave this process.
fn scheduled() -> Option<u32> {
    NUMBERS.iter().find_map(|name| std::env::var(name).ok()?.parse().ok())
}

/// What the plan wants, where this program and its weights are those that were planned with.
fn planned_with(conditions: &Conditions, data: &Path) -> Result<(Place, Deciders), Failure> {
    let never = |what: String| Failure::new(Exit::Status(NEVER), what);
    if program()? != conditions.program {
        let what = "the plan was made with another build of this program".to_owned();
        return Err(never(what).hint("plan again, into another folder"));
    }
    let place = Place::named(&conditions.desktop);
    let place = place.ok_or_else(|| never(format!("no desktop `{}`", conditions.desktop)))?;
    let seats = seats(&conditions.models)?;
    if seats.digests(data)? != conditions.weights {
        return Err(never("the plan was made with other weights".to_owned()));
    }
    let here = match place {
        Place::Vm => images(&conditions.images.keys().cloned().collect())?,
        Place::X11 => BTreeMap::new(),
    };
    for (recipe, planned) in &conditions.images {
        match here.get(recipe) {
            Some(image) if image == planned => {}
            Some(image) => {
                let what =
                    format!("the plan was made with the image `{planned}`, here is `{image}`");
                return Err(never(what).hint("`deskbound vm export` and `vm import` carry one"));
            }
            None => {
                let what = format!("the desktop `{recipe}` was not built on this machine");
                return Err(Failure::new(Exit::Status(ELSEWHERE), what));
            }
        }
    }
    Ok((place, Deciders { seats, data: data.to_owned() }))
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The folder of the plan, or a run by its name.
    folder: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let folder = kept::found(setting, &self.folder);
        let mut watch = Watch::open(&folder).map_err(kept::unnamed)?;
        let progress = watch.look().map_err(Failure::missing)?;
        if self.json {
            let mut status = serde_json::to_value(&progress).expect("it is plain data");
            status["open_shards"] = progress.open_shards().into();
            say(escaped(&status.to_string()));
        } else {
            say(&progress);
        }
        Ok(if progress.done >= progress.planned { Exit::Done } else { Exit::Failed })
    }
}

#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The folder of the plan.
    folder: PathBuf,
    /// Also where samples are missing; the table says so.
    #[arg(long)]
    partial: bool,
}

impl Merge {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let held = Store::read(&self.folder).map_err(Failure::usage)?;
        let completeness = if self.partial { Completeness::Partial } else { Completeness::Whole };
        let merged = merge(&held, completeness).map_err(|error| {
            Failure::new(Exit::Failed, error).hint("`eval status` says which shards are open")
        })?;
        say(escaped(String::from_utf8_lossy(&merged).trim_end()));
        Ok(Exit::Done)
    }
}
