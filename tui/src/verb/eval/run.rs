//! `deskbound eval run`: everything on this machine.

use std::path::PathBuf;

use clap::Args;
use deskbound_agent::stop::Stop;
use deskbound_eval::{
    Bench, Clones, Conditions, Ended, Item, Outcome, PrivateServers, Report, Solver, Status, Store,
    StoreError, Suite, Work, WorkError, fit,
};

use super::bench::{Deciders, Place, mode};
use super::conditions::Typed;
use super::kept;
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::terminal::note;
use crate::verb::Setting;

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    typed: Typed,
    /// Samples at the same time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: usize,
    /// The report as JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let (report, ended) = one(&self.typed, self.jobs, setting, stop)?;
        if ended == Ended::Stopped {
            return Ok(Exit::Interrupted);
        }
        kept::show(&report, self.json);
        Ok(exit(&report))
    }
}

/// All samples of what was typed, and the report of it.
pub(crate) fn one(
    typed: &Typed,
    jobs: usize,
    setting: &Setting,
    stop: Stop,
) -> Result<(Report, Ended), Failure> {
    let seats = typed.seats.clone();
    let deciders = Deciders { seats, data: setting.folders.data.clone() };
    let (suite, plan) = typed.plan(setting, 1)?;
    let folder = kept::folder(setting).join(plan.name());
    let runs = setting.folders.runs();
    fit(&folder, &runs, jobs, typed.desktop.needs()).map_err(Failure::missing)?;
    let store = Store::make(&folder, &plan).map_err(Failure::missing)?;
    let session = Session {
        suite: &suite,
        conditions: &plan.conditions,
        store: &store,
        place: typed.desktop,
        deciders,
        runs,
        jobs,
        stop,
    };
    let ended = session.through(plan.items.clone())?;
    let held = Store::read(&folder).map_err(Failure::missing)?;
    if ended == Ended::Stopped {
        let (done, planned) = (held.results.len(), held.plan.items.len());
        note(format_args!("stopped after {done} of {planned} samples; the same command goes on"));
    }
    Ok((Report::of(&held, folder), ended))
}

/// What the desktop failed at is not the agent's failure.
pub(crate) fn exit(report: &Report) -> Exit {
    match report {
        report if report.broken() > 0 || report.open > 0 => Exit::Missing,
        report if report.all_passed() => Exit::Done,
        _ => Exit::Failed,
    }
}

/// Samples of one plan on this machine.
pub(crate) struct Session<'s> {
    pub(crate) suite: &'s Suite,
    pub(crate) conditions: &'s Conditions,
    pub(crate) store: &'s Store,
    pub(crate) place: Place,
    pub(crate) deciders: Deciders,
    pub(crate) runs: PathBuf,
    pub(crate) jobs: usize,
    pub(crate) stop: Stop,
}

impl Session<'_> {
    pub(crate) fn through(&self, items: Vec<Item>) -> Result<Ended, Failure> {
        // Models that cannot be loaded at all are said once, not once a sample.
        if self.conditions.solver == Solver::Models {
            self.deciders.load()?;
        }
        match self.place {
            Place::Vm => {
                let here = tokio::runtime::Handle::current();
                let mode = tokio::task::block_in_place(|| here.block_on(mode()))?;
                self.on(&Clones { decides: self.deciders.clone(), mode }, items)
            }
            Place::X11 => self.on(&PrivateServers(self.deciders.clone()), items),
        }
    }

    fn on(&self, bench: &impl Bench, items: Vec<Item>) -> Result<Ended, Failure> {
        let work = Work {
            suite: self.suite,
            conditions: self.conditions,
            store: self.store,
            bench,
            runs: self.runs.clone(),
            jobs: self.jobs,
            stop: self.stop.clone(),
            told: &tell,
        };
        tokio::task::block_in_place(|| work.through(items)).map_err(|error| match error {
            WorkError::OtherSuite { .. } => Failure::new(Exit::Status(super::shard::NEVER), error),
            WorkError::Store(StoreError::OtherPlan { .. }) => Failure::usage(error),
            _ => Failure::missing(error),
        })
    }
}

fn tell(outcome: &Outcome) {
    let Outcome { item, status, times, .. } = outcome;
    #[expect(clippy::cast_precision_loss, reason = "no run takes 2⁵³ ms")]
    let seconds = times.run_ms as f64 / 1000.0;
    note(format_args!("{:<34} {status} ({seconds:.1} s)", item.id));
    if *status == Status::InfrastructureError {
        note(format_args!("    {}", deskbound_eval::reason(outcome)));
    }
}
