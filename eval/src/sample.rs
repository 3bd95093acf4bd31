//! One sample, from a fresh desktop to a verdict.
//!
//! ```text
//!  fresh desktop ──▶ laid out ──▶ sealed ──▶ tried ──▶ looked at ──▶ Outcome
//!        └───────────────┴──────────┴── InfrastructureError ┘
//! ```

use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deskbound_agent::chain;
use deskbound_agent::control::Inbox;
use deskbound_agent::desktop::{Desktop, DesktopError};
use deskbound_agent::journal::Journal;
use deskbound_agent::limits::Limits;
use deskbound_agent::record::End;
use deskbound_agent::run::{Request, run};
use deskbound_agent::stop::Stop;

use crate::bench::Bench;
use crate::ground::Sight;
use crate::home::Home;
use crate::look::{Patience, look, sealed};
use crate::outcome::{Outcome, Status, Verdict, millis};
use crate::plan::{Conditions, Item, Solver};
use crate::script::{ScriptError, follow};
use crate::sighted::Sighted;
use crate::tally::Tally;
use crate::task::{Ending, Given, Goal, Task};

/// Beyond a run's own limit, in which it should have ended by itself.
const GRACE: Duration = Duration::from_secs(60);
/// Looking at the checks of one sample.
const CHECK_LIMIT: Duration = Duration::from_secs(120);
/// A fresh desktop, laid out.
const RESET_LIMIT: Duration = Duration::from_secs(480);
/// An oracle, from its first step to its last.
const ORACLE_LIMIT: Duration = Duration::from_secs(600);

/// What every sample of a run shares.
pub(crate) struct Frame<'f, B> {
    pub(crate) bench: &'f B,
    pub(crate) conditions: &'f Conditions,
    pub(crate) digest: &'f str,
    /// Where the journals of the runs go.
    pub(crate) runs: &'f Path,
    pub(crate) stop: &'f Stop,
}

/// Why a sample came to no verdict.
type Broken = (Status, String);

/// What was tried, and how long it took.
struct Tried {
    end: End,
    tally: Tally,
    took: Duration,
}

impl<B: Bench> Frame<'_, B> {
    pub(crate) async fn sample(&self, item: &Item, task: &Task) -> Outcome {
        let recipe = self.recipe(task);
        let mut outcome = Outcome {
            conditions: self.digest.to_owned(),
            item: item.clone(),
            family: task.family.clone(),
            half: task.half,
            twin: match &task.goal {
                Goal::Refused { twin } => twin.clone(),
                Goal::Reached => None,
            },
            instruction: task.wordings[item.wording - 1].clone(),
            status: Status::InfrastructureError,
            partial: 0.0,
            end: None,
            error: None,
            checks: Vec::new(),
            disturbed: Vec::new(),
            steps: 0,
            tokens: 0,
            times: Default::default(),
            desktop: self.bench.name(recipe),
            host: host(),
            at_s: now(),
            journal: None,
        };
        if let Err((status, error)) = self.attempt(task, &mut outcome).await {
            outcome.status = status;
            outcome.error = Some(error);
        }
        outcome
    }

    fn recipe<'t>(&'t self, task: &'t Task) -> &'t str {
        self.conditions.recipe.as_deref().unwrap_or(&task.recipe)
    }

    /// Fills the outcome in as far as it gets.
    async fn attempt(&self, task: &Task, outcome: &mut Outcome) -> Result<(), Broken> {
        let began = Instant::now();
        let mut desktop = self.fresh(task).await?;
        let mut home = Home(&mut desktop);
        let before = sealed(&mut home, task).await.map_err(infrastructure)?;
        outcome.times.reset_ms = millis(began.elapsed());

        let tried = self.attempted(&mut home, task, outcome).await?;
        outcome.end = Some(tried.end.clone());
        outcome.steps = tried.tally.steps;
        outcome.tokens = tried.tally.tokens;
        tried.tally.into_times(&mut outcome.times);
        outcome.times.run_ms = millis(tried.took);

        let began = Instant::now();
        let looking = async {
            let checks = look(&mut home, &task.checks, Patience::Some).await?;
            Ok((checks, sealed(&mut home, task).await?))
        };
        let looked = tokio::time::timeout(CHECK_LIMIT, looking).await;
        outcome.times.check_ms = millis(began.elapsed());
        let looked = looked.map_err(|_| late("looking at the checks", CHECK_LIMIT))?;
        let (checks, after) = looked.map_err(infrastructure)?;
        let changed = task.untouched.iter().zip(before.iter().zip(&after));
        let changed = changed.filter(|(_, (before, after))| before != after);
        outcome.disturbed = changed.map(|(path, _)| path.clone()).collect();
        outcome.checks = checks;
        let verdict =
            Verdict { goal: &task.goal, checks: &outcome.checks, disturbed: &outcome.disturbed };
        outcome.status = verdict.status(&tried.end);
        outcome.partial = verdict.partial(&tried.end);
        if let End::Error { what } = tried.end {
            outcome.error = Some(what);
        }
        Ok(())
    }

    async fn fresh(&self, task: &Task) -> Result<B::Desktop, Broken> {
        let made = async {
            let mut desktop =
                self.bench.desktop(self.recipe(task)).await.map_err(infrastructure)?;
            lay_out(&mut Home(&mut desktop), task).await?;
            Ok(desktop)
        };
        match tokio::time::timeout(RESET_LIMIT, made).await {
            Ok(made) => made,
            Err(_) => Err(late("a fresh desktop", RESET_LIMIT)),
        }
    }

    /// Lets whoever solves try.
    async fn attempted(
        &self,
        home: &mut Home<'_, B::Desktop>,
        task: &Task,
        outcome: &mut Outcome,
    ) -> Result<Tried, Broken> {
        let began = Instant::now();
        let end = match self.conditions.solver {
            Solver::Models => return self.run(home, task, outcome).await,
            Solver::Oracle => solve(home, task).await?,
            Solver::Nothing => End::Done,
            Solver::Refuse => End::Infeasible { reason: "it refuses everything".to_owned() },
        };
        Ok(Tried { end, tally: Tally::default(), took: began.elapsed() })
    }

    async fn run(
        &self,
        home: &mut Home<'_, B::Desktop>,
        task: &Task,
        outcome: &mut Outcome,
    ) -> Result<Tried, Broken> {
        let agent = |error: String| (Status::AgentError, error);
        let mut roles = self.bench.roles(outcome.item.seed).map_err(agent)?;
        let sight = self.conditions.sight;
        if sight == Sight::Tree {
            roles.viewer = None;
        }
        let mut desktop = Sighted::new(&mut *home.0, sight);
        // A disk that is full is no failure of the agent.
        let journal = Journal::create(self.runs);
        let journal = journal.map_err(|error| (Status::InfrastructureError, chain(&error)))?;
        outcome.journal = Some(journal.folder().to_owned());
        let mut tally = Tally::over(journal);
        let limits =
            Limits { steps: task.limits.steps, time: task.limits.time(), ..Limits::default() };
        let request = Request {
            models: self.conditions.models.clone(),
            desktop: outcome.desktop.clone(),
            limits,
            ..Request::new(&outcome.instruction)
        };
        let mut inbox = Inbox::unattended(self.stop.clone());
        let began = Instant::now();
        let limit = limits.time + GRACE;
        let running = run(&mut desktop, &mut roles, &request, &mut inbox, &mut tally);
        let ended = tokio::time::timeout(limit, running).await;
        let took = began.elapsed();
        outcome.times.run_ms = millis(took);
        if let Err(error) = tally.close() {
            tally.unwritten.get_or_insert(chain(&error));
        }
        let end = ended.map_err(|_| (Status::Timeout, late("the run", limit).1))?;
        let broke = desktop.into_lost().or(tally.unwritten.take());
        if let (End::Error { .. }, Some(what)) = (&end, broke) {
            outcome.end = Some(end);
            return Err((Status::InfrastructureError, what));
        }
        Ok(Tried { end, tally, took })
    }
}

/// What a task asks for before anybody begins.
pub(crate) async fn lay_out<D: Desktop>(home: &mut Home<'_, D>, task: &Task) -> Result<(), Broken> {
    for program in &task.needs {
        if !home.has_program(program).await.map_err(infrastructure)? {
            let what = format!("the task needs `{program}`, which this desktop does not have");
            return Err((Status::InfrastructureError, what));
        }
    }
    put_given(home, &task.given).await.map_err(infrastructure)?;
    let set_up = follow(home, &task.setup).await;
    set_up.map(drop).map_err(|error| (Status::InfrastructureError, chain(&error)))
}

/// Files and folders, as they are named.
pub(crate) async fn put_given<D: Desktop>(
    home: &mut Home<'_, D>,
    given: &[Given],
) -> Result<(), DesktopError> {
    for given in given {
        match given {
            Given::File { path, bytes } => home.put(path, bytes).await?,
            Given::Folder { path } => home.make_folder(path).await?,
        }
    }
    Ok(())
}

/// The task's own script, in place of an agent.
pub(crate) async fn solve<D: Desktop>(home: &mut Home<'_, D>, task: &Task) -> Result<End, Broken> {
    let followed = tokio::time::timeout(ORACLE_LIMIT, follow(home, &task.oracle)).await;
    match followed.map_err(|_| late("the oracle", ORACLE_LIMIT))? {
        Ok(Ending::Done) => Ok(End::Done),
        Ok(Ending::Infeasible) => Ok(End::Infeasible { reason: "the oracle says so".to_owned() }),
        Err(error @ ScriptError::Desktop { .. }) => {
            Err((Status::InfrastructureError, chain(&error)))
        }
        Err(error @ ScriptError::Failed { .. }) => Ok(End::Error { what: chain(&error) }),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn infrastructure(error: DesktopError) -> Broken {
    (Status::InfrastructureError, chain(&error))
}

fn late(what: &str, limit: Duration) -> Broken {
    let what = format!("{what} did not come to an end within {} s", limit.as_secs());
    (Status::InfrastructureError, what)
}

/// The name of this machine; results of several are told apart by it.
fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    named.trim().to_owned()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
