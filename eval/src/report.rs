//! What a whole suite came to, for people.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use deskbound_agent::record::End;
use deskbound_agent::sanitize;
use serde::Serialize;

use crate::outcome::{Outcome, Status};
use crate::plan::{Conditions, Solver};
use crate::score::{Part, Passes, Score, counted};
use crate::statistics::Estimate;
use crate::store::Held;
use crate::task::Half;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub conditions: Conditions,
    pub score: Score,
    /// Samples that have no result.
    pub open: usize,
    pub outcomes: Vec<Outcome>,
    /// Where the results are kept.
    pub folder: PathBuf,
}

impl Report {
    pub fn of(held: &Held, folder: PathBuf) -> Self {
        let outcomes = held.outcomes();
        Self {
            conditions: held.plan.conditions.clone(),
            score: Score::of(&outcomes),
            open: held.open().len(),
            outcomes,
            folder,
        }
    }

    /// Every sample was tried and counts.
    pub fn all_passed(&self) -> bool {
        self.open == 0 && counted(&self.outcomes).into_iter().all(|counts| counts)
    }

    /// How many samples were made on which machine, with which kind of desktop.
    pub fn places(&self) -> BTreeMap<(&str, &str), usize> {
        let mut places = BTreeMap::new();
        for outcome in &self.outcomes {
            *places.entry((outcome.host.as_str(), outcome.desktop.as_str())).or_default() += 1;
        }
        places
    }

    /// Of the samples that a desktop failed, not the agent.
    pub fn broken(&self) -> usize {
        self.score.count(Status::InfrastructureError)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::AgentError => "agent error",
            Self::InfrastructureError => "infrastructure error",
            Self::Timeout => "timeout",
        })
    }
}

impl fmt::Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::TrainLike => "train-like",
            Self::HeldOut => "held-out",
        })
    }
}

impl fmt::Display for Solver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Models => "models",
            Self::Oracle => "oracle",
            Self::Nothing => "nothing",
            Self::Refuse => "refuse",
        })
    }
}

/// `47 % (34 to 60)`.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, low, high } = self;
        let text = format!("{:.0} % ({:.0} to {:.0})", value * 100.0, low * 100.0, high * 100.0);
        f.pad(&text)
    }
}

/// Why a sample did not pass: how it ended, and the first check that does not hold.
pub fn reason(outcome: &Outcome) -> String {
    let mut reason = match (&outcome.error, &outcome.end) {
        (Some(error), _) => sanitize::line(error),
        (None, Some(end)) => ended(end),
        (None, None) => "no end".to_owned(),
    };
    if let Some(finding) = outcome.checks.iter().find(|finding| !finding.holds) {
        let (check, found) = (sanitize::line(&finding.check), sanitize::line(&finding.found));
        reason = format!("{reason}; {check}, found “{found}”");
    }
    for path in &outcome.disturbed {
        reason = format!("{reason}; {} was changed", sanitize::line(path));
    }
    reason
}

fn ended(end: &End) -> String {
    match end {
        End::Done => "done".to_owned(),
        End::Failed { reason } => format!("failed: {}", sanitize::line(reason)),
        End::Infeasible { reason } => format!("infeasible: {}", sanitize::line(reason)),
        End::Limit { which } => format!("no {which:?} left").to_lowercase(),
        End::Stopped => "stopped".to_owned(),
        End::Error { what } => format!("error: {}", sanitize::line(what)),
    }
}

/// Tables. What came out of a desktop is made harmless.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = ["sample", "status", "steps", "reset s", "run s", "check s"];
        let [sample, status, steps, reset, run, check] = row;
        writeln!(f, "{sample:<34} {status:<20} {steps:>5} {reset:>8} {run:>8} {check:>8}")?;
        for (outcome, counts) in self.outcomes.iter().zip(counted(&self.outcomes)) {
            let Outcome { item, status, steps, times, .. } = outcome;
            let [reset, run, check] = [times.reset_ms, times.run_ms, times.check_ms].map(tenths);
            let id = &item.id;
            writeln!(f, "{id:<34} {status:<20} {steps:>5} {reset:>8} {run:>8} {check:>8}")?;
            match (status, &outcome.twin) {
                (Status::Pass, Some(twin)) if !counts => {
                    writeln!(f, "    it does not count, for its twin {twin} was not done")?;
                }
                (Status::Pass, _) => {}
                _ => writeln!(f, "    {}", reason(outcome))?,
            }
        }
        self.parts(f)?;
        self.whole(f)
    }
}

impl Report {
    fn parts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [family, half, tasks, strict, partial] =
            ["family", "half", "tasks", "strict", "partial"];
        writeln!(f, "\n{family:<18} {half:<11} {tasks:>5}  {strict:<19} {partial}")?;
        // The whole halves come last.
        let families = self.score.parts.iter().filter(|part| part.family.is_some());
        let halves = self.score.parts.iter().filter(|part| part.family.is_none());
        for Part { family, half, tasks, strict, partial } in families.chain(halves) {
            let family = family.as_deref().unwrap_or("all");
            writeln!(f, "{family:<18} {half:<11} {tasks:>5}  {strict:<19} {partial}")?;
        }
        writeln!(f)
    }

    fn whole(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Score { tasks, samples, strict, partial, times, .. } = &self.score;
        let Conditions { suite, .. } = &self.conditions;
        if self.open > 0 {
            writeln!(f, "PARTIAL: {} samples have no result", self.open)?;
        }
        let with = sanitize::line(&self.conditions.line());
        writeln!(f, "{suite} with {with}: {tasks} tasks, {samples} samples")?;
        // Of several machines, or kinds of them, each.
        let places = self.places();
        for ((host, desktop), samples) in places.iter().filter(|_| places.len() > 1) {
            let place = sanitize::line(&format!("{desktop} on {host}"));
            writeln!(f, "  {samples} of them on {place}")?;
        }
        writeln!(f, "strict {strict}, partial {partial}, 95 % over tasks")?;
        for passes in self.score.passes.iter().skip(1) {
            let Passes { k, any, all } = passes;
            writeln!(f, "of {k} tries, one passes {any}, all pass {all}")?;
        }
        let (done, wrong) = (self.score.said_done, self.score.false_done);
        writeln!(f, "said to be done {done}, wrongly {wrong}")?;
        writeln!(
            f,
            "a sample: {:.0} steps, {:.0} tokens; reset {:.1} s, think {:.1}, look {:.1}, settle {:.1}, act {:.1}, \
             wait {:.1}, check {:.1}",
            self.score.steps_median,
            self.score.tokens_mean,
            times.reset_s,
            times.think_s,
            times.look_s,
            times.settle_s,
            times.act_s,
            times.wait_s,
            times.check_s,
        )?;
        let named = [
            Status::Pass,
            Status::Fail,
            Status::Timeout,
            Status::AgentError,
            Status::InfrastructureError,
        ];
        let counts = named.map(|status| (status, self.score.count(status)));
        let counts = counts.iter().filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts.map(|(status, count)| format!("{count} {status}")).collect();
        write!(f, "{}", counts.join(", "))
    }
}

fn tenths(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Finding;
    use crate::outcome::tests::{finding, outcome};
    use crate::plan::tests::conditions;

    #[test]
    fn a_row_that_did_not_pass_says_why_in_one_harmless_line() {
        let reason_of = |end, found: &str| {
            let findings =
                vec![finding(true), Finding { found: found.to_owned(), ..finding(false) }];
            let end = Some(end);
            reason(&Outcome { end, checks: findings, ..outcome("a", 1, Status::Fail) })
        };
        let failed = End::Failed { reason: "no\u{1b}[2J\nbutton".to_owned() };
        let said = reason_of(failed, "x\u{202e}y");
        assert_eq!(said, "failed: no·[2J·button; a should be gone, found “x·y”");
        let disturbed = vec!["b.txt".to_owned()];
        let said = reason(&Outcome { disturbed, ..outcome("a", 1, Status::Pass) });
        assert_eq!(said, "done; b.txt was changed");
    }

    #[test]
    fn machines_are_told_where_there_are_several() {
        let mut outcomes = ["a", "b", "c"].map(|task| outcome(task, 1, Status::Pass)).to_vec();
        let conditions = Conditions { sight: crate::ground::Sight::Pixels, ..conditions() };
        let report = |outcomes: Vec<Outcome>| Report {
            conditions: conditions.clone(),
            score: Score::of(&outcomes),
            open: 0,
            outcomes,
            folder: PathBuf::new(),
        };
        let shown = report(outcomes.clone()).to_string();
        assert!(shown.contains("with nothing on x11, told pixels, seed 7: 3 tasks"), "{shown}");
        assert!(!shown.contains("of them on"), "{shown}");
        outcomes[1].host = "there".to_owned();
        let shown = report(outcomes).to_string();
        for line in ["  2 of them on x11 on here", "  1 of them on x11 on there"] {
            assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
        }
    }

    #[test]
    fn the_report_says_what_is_open_and_what_does_not_count() {
        let refused = Some(End::Infeasible { reason: String::new() });
        let twin = Some("a".to_owned());
        let outcomes = vec![
            outcome("a", 1, Status::Fail),
            Outcome { twin, end: refused, ..outcome("b", 1, Status::Pass) },
        ];
        let report = Report {
            conditions: conditions(),
            score: Score::of(&outcomes),
            open: 3,
            outcomes,
            folder: PathBuf::new(),
        };
        let shown = report.to_string();
        for line in [
            "    it does not count, for its twin a was not done",
            "PARTIAL: 3 samples have no result",
            "first-steps with nothing on x11, seed 7: 2 tasks, 2 samples",
            "said to be done 1, wrongly 1",
            "1 pass, 1 fail",
        ] {
            assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
        }
        assert!(!report.all_passed());
    }
}
