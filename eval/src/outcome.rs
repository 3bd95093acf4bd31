//! What became of one sample.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use deskbound_agent::record::{End, Which};
use serde::{Deserialize, Serialize};

use crate::look::Finding;
use crate::plan::Item;
use crate::task::{Goal, Half};

/// Kept apart, for each is somebody else's to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Every check holds, and nothing else was disturbed; of an infeasible task, that the agent
    /// said so too.
    Pass,
    /// The agent came to an end, and it is not so.
    Fail,
    /// The agent broke down: a model, the journal.
    AgentError,
    /// There was no desktop, or it could not be laid out or looked at. Says nothing of the agent,
    /// and is tried again.
    InfrastructureError,
    /// The time of the sample was over.
    Timeout,
}

/// How long each part of a sample took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Until a fresh desktop was there and laid out.
    pub reset_ms: u64,
    pub run_ms: u64,
    /// Of the run: models.
    pub think_ms: u64,
    /// Of the run: looking, the wait for stillness aside.
    pub look_ms: u64,
    /// Of the run: waiting for the screen to stand still.
    pub settle_ms: u64,
    /// Of the run: giving input.
    pub act_ms: u64,
    pub check_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The digest of the conditions it was made under.
    pub conditions: String,
    #[serde(flatten)]
    pub item: Item,
    pub family: String,
    pub half: Half,
    /// Of an infeasible task: which one must be done for this to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<String>,
    pub instruction: String,
    pub status: Status,
    /// The weight of the checks that hold, of the weight of all; 0 where something was disturbed.
    pub partial: f64,
    /// How the run itself ended; `None` where it was cut off or never began.
    pub end: Option<End>,
    /// What went wrong where `status` is an error.
    pub error: Option<String>,
    pub checks: Vec<Finding>,
    /// What should have stayed as it was, and did not.
    pub disturbed: Vec<String>,
    pub steps: u32,
    /// What models that read and write tokens computed of them.
    #[serde(default)]
    pub tokens: u64,
    pub times: Times,
    /// Such as `vm:minimal (EMULATED)`.
    pub desktop: String,
    /// The machine it was made on.
    pub host: String,
    /// When it was made, in seconds since 1970.
    pub at_s: u64,
    /// The folder of the run's journal.
    pub journal: Option<PathBuf>,
}

/// How long a sample of each task took, in milliseconds: the mean of those there are.
pub fn durations(outcomes: &[Outcome]) -> BTreeMap<String, u64> {
    let mut sums: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for Outcome { item, times, .. } in outcomes {
        let (sum, samples) = sums.entry(item.task.clone()).or_default();
        *sum += times.reset_ms + times.run_ms + times.check_ms;
        *samples += 1;
    }
    sums.into_iter().map(|(task, (sum, samples))| (task, sum / samples)).collect()
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What a desktop looked like when the agent had ended.
pub(crate) struct Verdict<'v> {
    pub(crate) goal: &'v Goal,
    pub(crate) checks: &'v [Finding],
    pub(crate) disturbed: &'v [String],
}

impl Verdict<'_> {
    /// What the checks say. The agent's own word counts only where a task cannot be done.
    pub(crate) fn status(&self, end: &End) -> Status {
        let holds = self.checks.iter().all(|finding| finding.holds) && self.disturbed.is_empty();
        let said = match self.goal {
            Goal::Reached => true,
            Goal::Refused { .. } => matches!(end, End::Infeasible { .. } | End::Failed { .. }),
        };
        match end {
            End::Error { .. } => Status::AgentError,
            _ if holds && said => Status::Pass,
            End::Limit { which: Which::Time } => Status::Timeout,
            _ => Status::Fail,
        }
    }

    pub(crate) fn partial(&self, end: &End) -> f64 {
        if !self.disturbed.is_empty() {
            return 0.0;
        }
        if matches!(self.goal, Goal::Refused { .. }) {
            return if self.status(end) == Status::Pass { 1.0 } else { 0.0 };
        }
        let whole: u32 = self.checks.iter().map(|finding| finding.weight).sum();
        let held = |finding: &Finding| {
            let share = finding.share.unwrap_or(if finding.holds { 1.0 } else { 0.0 });
            share.clamp(0.0, 1.0) * f64::from(finding.weight)
        };
        self.checks.iter().map(held).sum::<f64>() / f64::from(whole.max(1))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn finding(holds: bool) -> Finding {
        Finding {
            check: "a should be gone".to_owned(),
            weight: 1,
            holds,
            share: None,
            found: String::new(),
        }
    }

    /// An outcome of the first wording of a task, in that epoch.
    pub(crate) fn outcome(task: &str, epoch: u32, status: Status) -> Outcome {
        Outcome {
            conditions: "c".to_owned(),
            item: Item::new(task, 1, epoch, 0),
            family: "files".to_owned(),
            half: Half::HeldOut,
            twin: None,
            instruction: "do it".to_owned(),
            status,
            partial: if status == Status::Pass { 1.0 } else { 0.0 },
            end: Some(End::Done),
            error: None,
            checks: vec![finding(status == Status::Pass)],
            disturbed: Vec::new(),
            steps: 3,
            tokens: 0,
            times: Times::default(),
            desktop: "x11".to_owned(),
            host: "here".to_owned(),
            at_s: 1_767_225_600,
            journal: None,
        }
    }

    fn twin() -> Goal {
        Goal::Refused { twin: Some("other".to_owned()) }
    }

    #[test]
    fn checks_decide_and_the_agents_own_word_only_where_nothing_can_be_done() {
        let failed = || End::Failed { reason: String::new() };
        let infeasible = || End::Infeasible { reason: String::new() };
        let late = || End::Limit { which: Which::Time };
        for (goal, end, holds, expected) in [
            (Goal::Reached, End::Done, true, Status::Pass),
            (Goal::Reached, End::Done, false, Status::Fail),
            (Goal::Reached, failed(), true, Status::Pass),
            (Goal::Reached, infeasible(), false, Status::Fail),
            (Goal::Reached, late(), false, Status::Timeout),
            (Goal::Reached, End::Limit { which: Which::Steps }, false, Status::Fail),
            (Goal::Reached, End::Error { what: String::new() }, true, Status::AgentError),
            (twin(), infeasible(), true, Status::Pass),
            (twin(), failed(), true, Status::Pass),
            (twin(), infeasible(), false, Status::Fail),
            (twin(), End::Done, true, Status::Fail),
            (twin(), late(), true, Status::Timeout),
        ] {
            let checks = [finding(true), finding(holds)];
            let verdict = Verdict { goal: &goal, checks: &checks, disturbed: &[] };
            assert_eq!(verdict.status(&end), expected, "{goal:?} {end:?} {holds}");
        }
    }

    #[test]
    fn a_disturbed_file_is_a_failure_whatever_holds() {
        let disturbed = ["notes.txt".to_owned()];
        let checks = [finding(true)];
        let verdict = Verdict { goal: &Goal::Reached, checks: &checks, disturbed: &disturbed };
        assert_eq!(verdict.status(&End::Done), Status::Fail);
        assert_eq!(verdict.partial(&End::Done), 0.0);
    }

    #[test]
    fn a_part_counts_by_its_weight() {
        let heavy = Finding { weight: 3, ..finding(true) };
        let checks = [heavy, finding(false)];
        let verdict = Verdict { goal: &Goal::Reached, checks: &checks, disturbed: &[] };
        assert_eq!(verdict.partial(&End::Done), 0.75);
        let checks = [finding(true), Finding { share: Some(0.5), ..finding(false) }];
        let verdict = Verdict { goal: &Goal::Reached, checks: &checks, disturbed: &[] };
        assert_eq!(verdict.partial(&End::Done), 0.75);
        let goal = twin();
        let verdict = Verdict { goal: &goal, checks: &[], disturbed: &[] };
        assert_eq!(verdict.partial(&End::Done), 0.0);
        assert_eq!(verdict.partial(&End::Failed { reason: String::new() }), 1.0);
    }
}
