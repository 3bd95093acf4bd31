//! `deskbound eval run`: everything on this machine.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use deskbound_agent::stop::Stop;
use deskbound_eval::{
    Bench, Clones, Conditions, Ended, Item, Outcome, PrivateServers, Report, Solver, Status, Store,
    StoreError, Suite, Work, WorkError, fit, long,
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
    #[command(flatten)]
    effort: Effort,
    /// The report as JSON on standard output.
    #[arg(long)]
    json: bool,
}

/// How much of a machine is taken, and for how long.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Samples at the same time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = jobs)]
    pub(crate) jobs: usize,
    /// Begin no sample after so many minutes; the same command again goes on with the rest.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    minutes: Option<u32>,
}

impl Effort {
    /// From now on.
    pub(crate) fn until(self) -> Option<Instant> {
        let minutes = self.minutes?;
        Instant::now().checked_add(Duration::from_secs(60 * u64::from(minutes)))
    }
}

/// So many desktops at once.
pub(crate) fn jobs(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(0) => Err("at least one".to_owned()),
        Ok(jobs) => Ok(jobs),
        Err(_) => Err("a number is wanted".to_owned()),
    }
}

impl Run {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let (report, ended) =
            one(&self.typed, (self.effort.jobs, self.effort.until()), setting, stop)?;
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
    (jobs, until): (usize, Option<Instant>),
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
        until,
    };
    let ended = session.through(plan.items.clone())?;
    let held = Store::read(&folder).map_err(Failure::missing)?;
    let (done, planned) = (held.results.len(), held.plan.items.len());
    match ended {
        Ended::Through => {}
        Ended::Stopped => {
            note(format_args!(
                "stopped after {done} of {planned} samples; the same command goes on"
            ));
        }
        Ended::OutOfTime => note(format_args!(
            "the time is over after {done} of {planned} samples; the same command goes on"
        )),
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
    pub(crate) until: Option<Instant>,
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
        let teller = Teller::new(items.iter().filter(|item| !self.store.has(&item.id)).count());
        let work = Work {
            suite: self.suite,
            conditions: self.conditions,
            store: self.store,
            bench,
            runs: self.runs.clone(),
            jobs: self.jobs,
            stop: self.stop.clone(),
            until: self.until,
            told: &|outcome| teller.tell(outcome),
        };
        tokio::task::block_in_place(|| work.through(items)).map_err(|error| match error {
            WorkError::OtherSuite { .. } => Failure::new(Exit::Status(super::shard::NEVER), error),
            WorkError::Store(StoreError::OtherPlan { .. }) => Failure::usage(error),
            _ => Failure::missing(error),
        })
    }
}

/// Says of each sample what became of it, and how long the rest will take.
struct Teller {
    begun: Instant,
    open: usize,
    done: AtomicUsize,
}

impl Teller {
    fn new(open: usize) -> Self {
        Self { begun: Instant::now(), open, done: AtomicUsize::new(0) }
    }

    fn tell(&self, outcome: &Outcome) {
        let Outcome { item, status, times, .. } = outcome;
        let seconds = Duration::from_millis(times.run_ms).as_secs_f64();
        let is_broken = *status == Status::InfrastructureError;
        let one = usize::from(!is_broken);
        let done = self.done.fetch_add(one, Ordering::Relaxed) + one;
        let rest = self.open.saturating_sub(done);
        let left = match (u32::try_from(done), u32::try_from(rest)) {
            (Ok(ended @ 1..), Ok(rest @ 1..)) => {
                let left = (self.begun.elapsed() / ended).saturating_mul(rest);
                format!("  {done} of {}, about {} left", self.open, long(left.as_secs()))
            }
            _ => String::new(),
        };
        note(format_args!("{:<34} {status} ({seconds:.1} s){left}", item.id));
        if is_broken {
            note(format_args!("    {}", deskbound_eval::reason(outcome)));
        }
    }
}
