//! What a whole suite came to, for people and for programs.

use std::fmt;
use std::path::PathBuf;

use deskbound_agent::record::End;
use deskbound_agent::sanitize;
use serde::Serialize;

use crate::check::Finding;
use crate::outcome::{Outcome, Status};
use crate::suite::Check;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    pub suite: String,
    pub models: String,
    pub outcomes: Vec<Outcome>,
    /// Where the outcomes are kept.
    pub folder: PathBuf,
}

impl Report {
    pub fn count(&self, status: Status) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status == status).count()
    }

    pub fn all_passed(&self) -> bool {
        self.count(Status::Pass) == self.outcomes.len()
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

/// Why a sample did not pass: how it ended, and the first check that does not hold.
fn reason(outcome: &Outcome) -> String {
    let mut reason = match (&outcome.error, &outcome.end) {
        (Some(error), _) => sanitize::line(error),
        (None, Some(end)) => ended(end),
        (None, None) => "no end".to_owned(),
    };
    if let Some(Finding { check, found, .. }) = outcome.checks.iter().find(|check| !check.holds) {
        reason = format!("{reason}; {}, found “{}”", expected(check), sanitize::line(found));
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

fn expected(check: &Check) -> String {
    sanitize::line(&match check {
        Check::File { path, text } => format!("{path} should hold “{text}”"),
        Check::Missing { path } => format!("{path} should be gone"),
        Check::Folder { path } => format!("{path} should be a folder"),
        Check::Window { title } => format!("a window “{title}” should show"),
    })
}

/// A table. What came out of a desktop is made harmless.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = ["sample", "status", "reset s", "run s", "check s"];
        writeln!(f, "{:<26} {:<20} {:>8} {:>8} {:>8}", row[0], row[1], row[2], row[3], row[4])?;
        for outcome in &self.outcomes {
            let Outcome { sample, status, times, .. } = outcome;
            let seconds = [times.reset, times.run, times.check].map(|time| time.as_secs_f64());
            let [reset, run, check] = seconds;
            writeln!(f, "{sample:<26} {status:<20} {reset:>8.1} {run:>8.1} {check:>8.1}")?;
            if *status != Status::Pass {
                writeln!(f, "    {}", reason(outcome))?;
            }
        }
        let total = self.outcomes.len();
        write!(
            f,
            "{} with {}: {} of {total} passed",
            self.suite,
            self.models,
            self.count(Status::Pass)
        )?;
        for status in
            [Status::Fail, Status::Timeout, Status::AgentError, Status::InfrastructureError]
        {
            match self.count(status) {
                0 => {}
                count => write!(f, ", {count} {status}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Times;

    #[test]
    fn a_row_that_did_not_pass_says_why_in_one_harmless_line() {
        let check = |path: &str| Check::Folder { path: path.to_owned() };
        let finding = |path, holds, found: &str| Finding {
            check: check(path),
            holds,
            found: found.to_owned(),
        };
        let outcome = |status, end, checks| Outcome {
            suite: "s".to_owned(),
            sample: "t-1".to_owned(),
            instruction: String::new(),
            models: "rules".to_owned(),
            status,
            end: Some(end),
            error: None,
            checks,
            times: Times::default(),
            journal: None,
        };
        let failed = End::Failed { reason: "no\u{1b}[2J\nbutton".to_owned() };
        let findings = vec![
            finding("a", true, "a folder"),
            finding("b", false, "x\u{202e}y"),
            finding("c", false, "-"),
        ];
        let outcomes = vec![
            outcome(Status::Pass, End::Done, vec![finding("a", true, "a folder")]),
            outcome(Status::Fail, failed, findings),
        ];
        let report = Report {
            suite: "s".to_owned(),
            models: "rules".to_owned(),
            outcomes,
            folder: PathBuf::new(),
        };
        let shown = report.to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines.len(), 5, "{shown}");
        assert_eq!(lines[3], "    failed: no·[2J·button; b should be a folder, found “x·y”");
        assert_eq!(lines[4], "s with rules: 1 of 2 passed, 1 fail");
    }
}
