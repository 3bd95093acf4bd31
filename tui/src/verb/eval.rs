//! `deskbound eval`: measure how well the agent does.

mod ablate;
mod bench;
mod check;
mod compare;
mod conditions;
mod export;
mod ground;
mod import;
mod kept;
mod run;
mod shard;
mod stage;
mod watch;

use std::path::PathBuf;

use clap::Subcommand;
use deskbound_agent::x11::X11Desktop;
use deskbound_eval::{Suite, SuiteError};

use crate::failure::{Exit, Failure};
use crate::terminal::say;
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// The suites there are, and their tasks.
    List(List),
    /// Take every sample of a suite to a fresh desktop; the same command again goes on with the rest.
    Run(run::Run),
    /// Try a suite itself: that every task can be done, and none by doing nothing.
    Check(check::Check),
    /// Write down what is to be run, in shards, for machines that share a folder.
    Plan(shard::Plan),
    /// Run one shard of a plan. Exits with 0, or with 75 to be run again, 69 to be run elsewhere,
    /// 65 never.
    RunShard(shard::RunShard),
    /// Bring what a plan needs to a disk of this machine, once.
    Stage(stage::Stage),
    /// How far a run or the shards of a plan are: who does how much, and how long it will take.
    Status(shard::Status),
    /// The same as it goes on, on the whole terminal.
    Watch(watch::Follow),
    /// The results of all shards as one table, the same bytes in whatever order they came.
    Merge(shard::Merge),
    /// Show the results of a run again.
    Report(kept::Show),
    /// Is the second better than the first? Exits with 0 for better, 1 for worse, 4 for neither.
    Compare(compare::Compare),
    /// The same suite with parts left away or swapped, side by side.
    Ablate(ablate::Ablate),
    /// Runs side by side, each held against the first.
    Table(compare::Table),
    /// Where on a screen is what a phrase names? Asks, and judges.
    Ground(ground::Ground),
    /// Take screens of applications with their trees, and phrases for what is on them.
    Harvest(ground::Harvest),
    /// A table to keep with the source, or what has changed since.
    Baseline(compare::Baseline),
    /// The results for other programs, on standard output.
    Export(export::Export),
    /// A script that runs the shards of a plan by a scheduler, on standard output.
    #[command(subcommand)]
    Emit(export::Emit),
    /// What of somebody else's tasks can be run here, and what the others lack.
    Import(import::Import),
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Every wording.
    #[arg(long)]
    all: bool,
}

impl Eval {
    /// Folders outside our own that this verb has to write.
    pub(crate) fn writes(&self) -> Vec<PathBuf> {
        let named = match self {
            Self::Plan(plan) => Some(plan.folder.clone()),
            Self::RunShard(shard) => Some(shard.folder.clone()),
            Self::Harvest(harvest) => Some(harvest.into.clone()),
            Self::Stage(stage) => Some(stage.into.clone()),
            _ => None,
        };
        let desktops = match self {
            Self::Run(_)
            | Self::Ablate(_)
            | Self::Check(_)
            | Self::Harvest(_)
            | Self::RunShard(_) => X11Desktop::private_writes(),
            _ => Vec::new(),
        };
        named.into_iter().chain(desktops).collect()
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        match self {
            Self::List(verb) => verb.run(),
            Self::Run(verb) => verb.run(setting).await,
            Self::Check(verb) => verb.run().await,
            Self::Ablate(verb) => verb.run(setting).await,
            Self::Table(verb) => verb.run(setting),
            Self::Ground(verb) => verb.run(setting),
            Self::Harvest(verb) => verb.run().await,
            Self::Plan(verb) => verb.run(setting),
            Self::RunShard(verb) => verb.run(setting),
            Self::Stage(verb) => verb.run(setting).await,
            Self::Status(verb) => verb.run(setting),
            Self::Watch(verb) => verb.run(setting).await,
            Self::Merge(verb) => verb.run(),
            Self::Report(verb) => verb.run(setting),
            Self::Compare(verb) => verb.run(setting),
            Self::Baseline(verb) => verb.run(setting),
            Self::Export(verb) => verb.run(setting),
            Self::Emit(verb) => verb.run(),
            Self::Import(verb) => verb.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Exit, Failure> {
        for name in deskbound_eval::names() {
            let suite = Suite::named(&name).map_err(broken)?;
            say(format_args!("{name}  ({} tasks, {})", suite.tasks.len(), &suite.digest[..12]));
            for task in &suite.tasks {
                let (id, family, half) = (&task.id, &task.family, task.half);
                say(format_args!("  {id:<30} {family:<18} {half:<11} {}", task.wordings[0]));
                for wording in task.wordings.iter().skip(1).filter(|_| self.all) {
                    say(format_args!("  {:<61} {wording}", ""));
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn broken(error: SuiteError) -> Failure {
    match error {
        SuiteError::Unknown { .. } => Failure::usage(error),
        _ => Failure::missing(error),
    }
}
