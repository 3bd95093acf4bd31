//! What became of one sample, kept in a file that is written once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskbound_agent::journal::JournalError;
use deskbound_agent::record::End;
use serde::Serialize;

use crate::check::Finding;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot keep a journal")]
    Journal { source: JournalError },
    #[error("stopped after {done} of {planned} samples")]
    Stopped { done: usize, planned: usize },
}

/// Kept apart, for each is somebody else's to mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Every check holds.
    Pass,
    /// The agent came to an end, and some check does not hold.
    Fail,
    /// The agent broke down: a model, the journal.
    AgentError,
    /// There was no desktop, or it could not be laid out or looked at. Says nothing of the agent.
    InfrastructureError,
    /// The time of the sample was over.
    Timeout,
}

/// How long each part of a sample took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// Until a fresh desktop was there and laid out.
    #[serde(rename = "reset_ms", serialize_with = "as_millis")]
    pub reset: Duration,
    #[serde(rename = "run_ms", serialize_with = "as_millis")]
    pub run: Duration,
    #[serde(rename = "check_ms", serialize_with = "as_millis")]
    pub check: Duration,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub suite: String,
    pub sample: String,
    pub instruction: String,
    /// Which models decided, as the user named them.
    pub models: String,
    pub status: Status,
    /// How the run itself ended; `None` where it was cut off or never began.
    pub end: Option<End>,
    /// What went wrong where `status` is an error.
    pub error: Option<String>,
    pub checks: Vec<Finding>,
    pub times: Times,
    /// The folder of the run's journal.
    pub journal: Option<PathBuf>,
}

fn as_millis<S: serde::Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

impl Status {
    /// What the checks say, when the agent came to an end.
    pub(crate) fn of(end: &End, checks: &[Finding]) -> Self {
        match end {
            End::Error { .. } => Self::AgentError,
            _ if checks.iter().all(|finding| finding.holds) => Self::Pass,
            End::Limit { which: deskbound_agent::record::Which::Time } => Self::Timeout,
            _ => Self::Fail,
        }
    }
}

impl Outcome {
    /// Writes the outcome into the folder; one that is there already is never replaced.
    pub(crate) fn keep(&self, folder: &Path) -> Result<(), EvalError> {
        let path = folder.join(format!("{}.json", self.sample));
        let text = serde_json::to_string_pretty(self).expect("an outcome is plain data");
        let half = folder.join(format!(".{}.part", self.sample));
        let written = File::create(&half)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_data()
            })
            // Unlike a rename, a link does not go over what is there.
            .and_then(|()| fs::hard_link(&half, &path))
            .and_then(|()| fs::remove_file(&half));
        written.map_err(|source| EvalError::Write { path, source })
    }
}

#[cfg(test)]
mod tests {
    use deskbound_agent::record::Which;

    use super::*;
    use crate::suite::Check;

    fn finding(holds: bool) -> Finding {
        let check = Check::Folder { path: "a".to_owned() };
        Finding { check, holds, found: String::new() }
    }

    #[test]
    fn checks_decide_and_the_agents_own_word_does_not() {
        let failed = || End::Failed { reason: String::new() };
        let late = || End::Limit { which: Which::Time };
        for (end, holds, expected) in [
            (End::Done, true, Status::Pass),
            (End::Done, false, Status::Fail),
            (failed(), true, Status::Pass),
            (failed(), false, Status::Fail),
            (late(), false, Status::Timeout),
            (End::Limit { which: Which::Steps }, false, Status::Fail),
            (End::Error { what: String::new() }, true, Status::AgentError),
        ] {
            assert_eq!(Status::of(&end, &[finding(true), finding(holds)]), expected, "{end:?}");
        }
    }

    #[test]
    fn an_outcome_is_written_once() {
        let folder = tempfile::tempdir().unwrap();
        let outcome = Outcome {
            suite: "s".to_owned(),
            sample: "t-1".to_owned(),
            instruction: String::new(),
            models: "rules".to_owned(),
            status: Status::Pass,
            end: Some(End::Done),
            error: None,
            checks: vec![finding(true)],
            times: Times { run: Duration::from_millis(1500), ..Times::default() },
            journal: None,
        };
        outcome.keep(folder.path()).unwrap();
        let text = fs::read_to_string(folder.path().join("t-1.json")).unwrap();
        assert!(
            text.contains(r#""status": "pass""#) && text.contains(r#""run_ms": 1500"#),
            "{text}"
        );
        let other = Outcome { status: Status::Fail, ..outcome };
        assert!(matches!(other.keep(folder.path()), Err(EvalError::Write { .. })));
        assert_eq!(fs::read_to_string(folder.path().join("t-1.json")).unwrap(), text);
    }
}
