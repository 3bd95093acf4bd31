//! What the results of a suite come to.

use std::collections::{BTreeMap, BTreeSet};

use deskbound_agent::record::End;
use serde::Serialize;

use crate::outcome::{Outcome, Status, Times};
use crate::plan::Item;
use crate::statistics::{
    Estimate, count, mean, median, over_tasks, over_tasks_in, pass_at, pass_hat,
};
use crate::task::Half;

/// Of the bootstrap, so that the same results have the same intervals.
const SEED: u64 = 20_260_101;

/// The numbers of a suite. Means are of one value a task, whatever the number of its samples.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    pub tasks: usize,
    pub samples: usize,
    pub statuses: BTreeMap<Status, usize>,
    /// Every check holds, and nothing else was disturbed.
    pub strict: Estimate,
    /// By the weight of the checks.
    pub partial: Estimate,
    pub passes: Vec<Passes>,
    /// Samples that were said to be done, and those of them that are not.
    pub said_done: usize,
    pub false_done: usize,
    pub steps_median: f64,
    /// Of one sample.
    pub tokens_mean: f64,
    /// Means, of one sample.
    pub times: Shares,
    pub parts: Vec<Part>,
}

/// Of k tries of a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Passes {
    pub k: u32,
    /// At least one passes.
    pub any: Estimate,
    /// All pass.
    pub all: Estimate,
}

/// One half of one family; no family: of all of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub family: Option<String>,
    pub half: Half,
    pub tasks: usize,
    pub strict: Estimate,
    pub partial: Estimate,
}

/// Where the time of a sample goes, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Shares {
    pub reset_s: f64,
    pub think_s: f64,
    pub look_s: f64,
    pub settle_s: f64,
    pub act_s: f64,
    /// The rest of the run: waiting for what was done to show.
    pub wait_s: f64,
    pub check_s: f64,
}

/// What of a sample decides whether it is a success, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try<'t> {
    pub(crate) item: &'t Item,
    /// Of an infeasible task: which one must be done for this to count.
    pub(crate) twin: Option<&'t str>,
    pub(crate) status: Status,
}

impl<'t> From<&'t Outcome> for Try<'t> {
    fn from(Outcome { item, twin, status, .. }: &'t Outcome) -> Self {
        Self { item, twin: twin.as_deref(), status: *status }
    }
}

/// Whether each outcome counts as a success. One of an infeasible task does where its twin was
/// done, in the same epoch: only who can do the one knows that the other cannot be done.
pub fn counted(outcomes: &[Outcome]) -> Vec<bool> {
    counting(&outcomes.iter().map(Try::from).collect::<Vec<_>>())
}

fn counting(tries: &[Try<'_>]) -> Vec<bool> {
    let passed = tries.iter().filter(|one| one.status == Status::Pass);
    let passed: BTreeSet<_> = passed.map(|one| (one.item.task.as_str(), one.item.epoch)).collect();
    let counts = |one: &Try<'_>| {
        let twin_passed = |twin: &str| passed.contains(&(twin, one.item.epoch));
        one.status == Status::Pass && one.twin.is_none_or(twin_passed)
    };
    tries.iter().map(counts).collect()
}

/// One value a task: the share of its samples that count, and the mean of their parts.
pub(crate) fn by_task(outcomes: &[Outcome]) -> BTreeMap<&str, TaskScore> {
    let mut tasks: BTreeMap<&str, TaskScore> = BTreeMap::new();
    for (outcome, counts) in outcomes.iter().zip(counted(outcomes)) {
        if outcome.status == Status::InfrastructureError {
            continue;
        }
        let task = tasks.entry(&outcome.item.task).or_insert_with(|| TaskScore {
            family: outcome.family.clone(),
            half: outcome.half,
            strict: Vec::new(),
            partial: Vec::new(),
            wordings: BTreeMap::new(),
        });
        let is_refusal = outcome.twin.is_some();
        task.strict.push(if counts { 1.0 } else { 0.0 });
        task.partial.push(if is_refusal && !counts { 0.0 } else { outcome.partial });
        let wording = task.wordings.entry(outcome.item.wording).or_default();
        wording.0 += 1;
        wording.1 += u32::from(counts);
    }
    tasks
}

pub(crate) struct TaskScore {
    pub(crate) family: String,
    pub(crate) half: Half,
    pub(crate) strict: Vec<f64>,
    pub(crate) partial: Vec<f64>,
    pub(crate) wordings: Wordings,
}

impl Score {
    /// Of the samples that have a result. Those that a desktop spoilt are counted apart.
    pub fn of(outcomes: &[Outcome]) -> Self {
        let tasks = by_task(outcomes);
        let strict: Vec<f64> = tasks.values().map(|task| mean(&task.strict)).collect();
        let partial: Vec<f64> = tasks.values().map(|task| mean(&task.partial)).collect();
        let wordings: Vec<_> = tasks.values().map(|task| &task.wordings).collect();
        let mut statuses = BTreeMap::new();
        for outcome in outcomes {
            *statuses.entry(outcome.status).or_default() += 1;
        }
        let counted = counted(outcomes);
        let done = outcomes.iter().zip(&counted).filter(|(it, _)| it.end == Some(End::Done));
        let (said_done, false_done) =
            done.fold((0, 0), |(all, wrong), (_, counts)| (all + 1, wrong + usize::from(!counts)));
        let resolved: Vec<&Outcome> = outcomes
            .iter()
            .filter(|outcome| outcome.status != Status::InfrastructureError)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "no sample takes 2⁵³ tokens")]
        let tokens: Vec<f64> = resolved.iter().map(|outcome| outcome.tokens as f64).collect();
        let steps: Vec<f64> = resolved.iter().map(|outcome| f64::from(outcome.steps)).collect();
        Self {
            tasks: tasks.len(),
            samples: outcomes.len(),
            statuses,
            strict: over_tasks(&strict, SEED),
            partial: over_tasks(&partial, SEED),
            passes: passes(&wordings, usize::MAX),
            said_done,
            false_done,
            steps_median: median(&steps),
            tokens_mean: mean(&tokens),
            times: Shares::mean_of(resolved.iter().map(|outcome| outcome.times)),
            parts: parts(&tasks),
        }
    }

    pub fn count(&self, status: Status) -> usize {
        self.statuses.get(&status).copied().unwrap_or(0)
    }
}

impl Shares {
    fn mean_of(times: impl Iterator<Item = Times>) -> Self {
        let (mut sum, mut number) = (Times::default(), 0);
        for one in times {
            sum.reset_ms += one.reset_ms;
            sum.run_ms += one.run_ms;
            sum.think_ms += one.think_ms;
            sum.look_ms += one.look_ms;
            sum.settle_ms += one.settle_ms;
            sum.act_ms += one.act_ms;
            sum.check_ms += one.check_ms;
            number += 1;
        }
        let each = |ms: u64| {
            #[expect(clippy::cast_precision_loss, reason = "no suite runs for 2⁵³ ms")]
            let ms = ms as f64;
            ms / 1000.0 / count(number.max(1))
        };
        let known = sum.think_ms + sum.look_ms + sum.settle_ms + sum.act_ms;
        Self {
            reset_s: each(sum.reset_ms),
            think_s: each(sum.think_ms),
            look_s: each(sum.look_ms),
            settle_s: each(sum.settle_ms),
            act_s: each(sum.act_ms),
            wait_s: each(sum.run_ms.saturating_sub(known)),
            check_s: each(sum.check_ms),
        }
    }
}

/// Trials of each wording of a task, and those that passed.
type Wordings = BTreeMap<usize, (u32, u32)>;

/// The passes of what was tried so far, from no more than so many draws: for whoever looks again
/// and again.
pub(crate) fn passes_so_far(tries: &[Try<'_>], draws_max: usize) -> Vec<Passes> {
    let mut tasks: BTreeMap<&str, Wordings> = BTreeMap::new();
    for (one, counts) in tries.iter().zip(counting(tries)) {
        let task = tasks.entry(&one.item.task).or_default();
        let (trials, passed) = task.entry(one.item.wording).or_default();
        *trials += 1;
        *passed += u32::from(counts);
    }
    passes(&tasks.values().collect::<Vec<_>>(), draws_max)
}

/// For k of 1, 2, 4 and so on, as far as every wording was tried that often.
fn passes(tasks: &[&Wordings], draws_max: usize) -> Vec<Passes> {
    let trials = tasks.iter().flat_map(|wordings| wordings.values());
    let Some(least) = trials.map(|(trials, _)| *trials).min() else { return Vec::new() };
    let ks = std::iter::successors(Some(1), |k| Some(k * 2)).take_while(|k| *k <= least);
    ks.map(|k| {
        let estimate = |rate: fn(u32, u32, u32) -> f64| {
            let of_task = |wordings: &&Wordings| {
                let rates = wordings.values().map(|(n, passed)| rate(k, *n, *passed));
                mean(&rates.collect::<Vec<_>>())
            };
            over_tasks_in(&tasks.iter().map(of_task).collect::<Vec<_>>(), SEED, draws_max)
        };
        let any = estimate(pass_at);
        // Of one try the two are the same.
        Passes { k, any, all: if k == 1 { any } else { estimate(pass_hat) } }
    })
    .collect()
}

fn parts(tasks: &BTreeMap<&str, TaskScore>) -> Vec<Part> {
    let mut groups: BTreeMap<(Option<&str>, Half), Vec<&TaskScore>> = BTreeMap::new();
    for task in tasks.values() {
        for family in [None, Some(task.family.as_str())] {
            groups.entry((family, task.half)).or_default().push(task);
        }
    }
    let mut parts = Vec::new();
    for ((family, half), tasks) in groups {
        let strict: Vec<f64> = tasks.iter().map(|task| mean(&task.strict)).collect();
        let partial: Vec<f64> = tasks.iter().map(|task| mean(&task.partial)).collect();
        parts.push(Part {
            family: family.map(str::to_owned),
            half,
            tasks: tasks.len(),
            strict: over_tasks(&strict, SEED),
            partial: over_tasks(&partial, SEED),
        });
    }
    parts
}

#[cfg(test)]
mod tests;
