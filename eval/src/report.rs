//! What a whole suite came to, for people and for programs.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::outcome::{Outcome, Status};

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

/// A table; it quotes nothing that came out of a desktop.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = ["sample", "status", "reset s", "run s", "check s"];
        writeln!(f, "{:<26} {:<20} {:>8} {:>8} {:>8}", row[0], row[1], row[2], row[3], row[4])?;
        for Outcome { sample, status, times, .. } in &self.outcomes {
            let seconds = [times.reset, times.run, times.check].map(|time| time.as_secs_f64());
            let [reset, run, check] = seconds;
            writeln!(f, "{sample:<26} {status:<20} {reset:>8.1} {run:>8.1} {check:>8.1}")?;
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
