//! Whether a run may take the place of another, by a file of what must not get worse.
//!
//! ```toml
//! tasks = 30               # fewer pairs than these open no gate
//! strict = 5               # by so many points it may be worse, of all tasks
//! held-out = 10            # of that half
//! family.files = 20        # of that family
//! false-done = 0           # so many more samples may be said to be done, wrongly
//! agent-errors = 0         # and so many more may break down
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::compare::{Comparison, Gate};
use crate::outcome::{Outcome, Status};
use crate::score::{Score, TaskScore};
use crate::statistics::Estimate;
use crate::task::Half;

const POINTS_MAX: f64 = 100.0;
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What is asked for; what is left out is not.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GatePolicy {
    #[serde(default)]
    tasks: usize,
    strict: Option<f64>,
    held_out: Option<f64>,
    train_like: Option<f64>,
    #[serde(default)]
    family: BTreeMap<String, f64>,
    false_done: Option<usize>,
    agent_errors: Option<usize>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatePolicyError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is larger than such a file can be", path.display())]
    TooLarge { path: PathBuf },
    #[error("{} is no policy of a gate", path.display())]
    NoPolicy { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{} asks for nothing", path.display())]
    Empty { path: PathBuf },
    #[error("`{what}` are points, from 0 to 100, and not {found}")]
    Points { what: String, found: f64 },
}

/// What became of one thing that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    Pass,
    Breach,
    /// The numbers do not carry an answer.
    InsufficientEvidence,
    /// Neither run has such tasks.
    Missing,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clause {
    pub what: String,
    pub held: Held,
    /// The difference, in words.
    pub found: String,
}

/// All clauses, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdicts {
    pub clauses: Vec<Clause>,
    pub gate: Gate,
}

impl GatePolicy {
    /// # Errors
    /// Where the file is none, asks for nothing, or for what cannot be.
    pub fn read(path: &Path) -> Result<Self, GatePolicyError> {
        let unreadable = |source| GatePolicyError::Unreadable { path: path.to_owned(), source };
        if fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
            return Err(GatePolicyError::TooLarge { path: path.to_owned() });
        }
        let text = fs::read_to_string(path).map_err(unreadable)?;
        let policy: Self = toml::from_str(&text).map_err(|source| GatePolicyError::NoPolicy {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        let points: Vec<(String, f64)> = policy.margins().collect();
        if let Some((what, found)) =
            points.iter().find(|(_, found)| !(0.0..=POINTS_MAX).contains(found))
        {
            return Err(GatePolicyError::Points { what: what.clone(), found: *found });
        }
        if points.is_empty() && policy.false_done.is_none() && policy.agent_errors.is_none() {
            return Err(GatePolicyError::Empty { path: path.to_owned() });
        }
        Ok(policy)
    }

    fn margins(&self) -> impl Iterator<Item = (String, f64)> {
        let named =
            [("strict", self.strict), ("held-out", self.held_out), ("train-like", self.train_like)];
        let named = named.into_iter().filter_map(|(name, points)| Some((name.to_owned(), points?)));
        let family = |(name, points): (&String, &f64)| (format!("family.{name}"), *points);
        named.chain(self.family.iter().map(family))
    }

    /// Whether B may take the place of A. Where samples are open, nothing is let through.
    pub fn judge(&self, a: &[Outcome], b: &[Outcome], open: usize) -> Verdicts {
        let mut clauses = Vec::new();
        for (what, points) in self.margins() {
            let fits = |task: &TaskScore| match &*what {
                "strict" => true,
                "held-out" => task.half == Half::HeldOut,
                "train-like" => task.half == Half::TrainLike,
                family => family.strip_prefix("family.") == Some(&*task.family),
            };
            // Twins are of other families: whether a refusal counts is asked of the whole run.
            let comparison = Comparison::among(a, b, &fits);
            clauses.push(self.margin(what.clone(), points, &comparison));
        }
        let (of_a, of_b) = (Score::of(a), Score::of(b));
        let errors = |score: &Score| score.count(Status::AgentError);
        for (what, more, was, is) in [
            ("false-done", self.false_done, of_a.false_done, of_b.false_done),
            ("agent-errors", self.agent_errors, errors(&of_a), errors(&of_b)),
        ] {
            let Some(more) = more else { continue };
            let held = if is <= was + more { Held::Pass } else { Held::Breach };
            clauses.push(Clause { what: what.to_owned(), held, found: format!("{was} → {is}") });
        }
        let any = |held| clauses.iter().any(|clause| clause.held == held);
        let gate = match () {
            () if any(Held::Breach) => Gate::NoGo,
            () if open > 0 || any(Held::InsufficientEvidence) || any(Held::Missing) => {
                Gate::Inconclusive
            }
            () => Gate::Go,
        };
        Verdicts { clauses, gate }
    }

    fn margin(&self, what: String, points: f64, comparison: &Comparison) -> Clause {
        let Estimate { value, low, high } = comparison.difference;
        let [value, low, high] = [value, low, high].map(|share| share * 100.0);
        let tasks = comparison.tasks;
        let found = format!(
            "{value:+.0} points ({low:+.0} to {high:+.0}) in {tasks} tasks, −{points:.0} allowed"
        );
        let held = match comparison.gate(points / 100.0) {
            _ if tasks == 0 => Held::Missing,
            _ if tasks < self.tasks => Held::InsufficientEvidence,
            Gate::Go => Held::Pass,
            Gate::NoGo => Held::Breach,
            Gate::Inconclusive => Held::InsufficientEvidence,
        };
        Clause { what, held, found }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Breach => "BREACH",
            Self::InsufficientEvidence => "INSUFFICIENT EVIDENCE",
            Self::Missing => "MISSING",
        })
    }
}

#[cfg(test)]
mod tests {
    use deskbound_agent::record::End;

    use super::*;
    use crate::outcome::tests::outcome;

    fn policy(text: &str) -> Result<GatePolicy, GatePolicyError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.toml");
        fs::write(&path, text).unwrap();
        GatePolicy::read(&path)
    }

    /// So many tasks of a half and a family, of which so many pass.
    fn tasks(half: Half, family: &str, passed: usize, of: usize) -> Vec<Outcome> {
        let one = |at: usize| {
            let status = if at < passed { Status::Pass } else { Status::Fail };
            let end = Some(End::Failed { reason: String::new() });
            let task = format!("{family}-{half}-{at:03}");
            Outcome { half, end, family: family.to_owned(), ..outcome(&task, 1, status) }
        };
        (0..of).map(one).collect()
    }

    fn run(held_out: usize, files: usize) -> Vec<Outcome> {
        let mut outcomes = tasks(Half::HeldOut, "text", held_out, 60);
        outcomes.extend(tasks(Half::TrainLike, "files", files, 60));
        outcomes
    }

    #[test]
    fn a_gate_opens_where_every_clause_holds() {
        let asked = "strict = 5\nheld-out = 10\nfamily.files = 10\nfalse-done = 0\n";
        let asked = policy(asked).unwrap();
        for (a, b, open, expected) in [
            ((30, 30), (30, 30), 0, Gate::Go),
            ((30, 30), (40, 30), 0, Gate::Go),
            // Better in the whole, and far worse in one half.
            ((30, 30), (10, 60), 0, Gate::NoGo),
            ((30, 30), (30, 30), 1, Gate::Inconclusive),
            ((30, 30), (30, 26), 0, Gate::Inconclusive),
        ] {
            let found = asked.judge(&run(a.0, a.1), &run(b.0, b.1), open);
            assert_eq!(found.gate, expected, "{a:?} {b:?} {open}: {found:#?}");
        }
    }

    #[test]
    fn too_few_pairs_and_none_at_all_open_nothing() {
        let judged = |text: &str| {
            let same = run(30, 30);
            policy(text).unwrap().judge(&same, &same, 0)
        };
        let few = judged("tasks = 200\nstrict = 90\n");
        assert_eq!(
            (few.clauses[0].held, few.gate),
            (Held::InsufficientEvidence, Gate::Inconclusive)
        );
        let none = judged("family.music = 50\n");
        assert_eq!((none.clauses[0].held, none.gate), (Held::Missing, Gate::Inconclusive));
        assert_eq!(judged("agent-errors = 0\n").gate, Gate::Go);
    }

    #[test]
    fn more_that_are_said_to_be_done_wrongly_are_a_breach() {
        let (was, mut is) = (run(30, 30), run(30, 30));
        is[59].end = Some(End::Done);
        let found = policy("false-done = 0").unwrap().judge(&was, &is, 0);
        assert_eq!((found.gate, &*found.clauses[0].found), (Gate::NoGo, "0 → 1"));
        assert_eq!(policy("false-done = 1").unwrap().judge(&was, &is, 0).gate, Gate::Go);
    }

    #[test]
    fn a_policy_that_asks_for_nothing_or_nonsense_is_refused() {
        assert!(matches!(policy("tasks = 3\n"), Err(GatePolicyError::Empty { .. })));
        assert!(matches!(policy("strict = 101\n"), Err(GatePolicyError::Points { .. })));
        assert!(matches!(policy("strict = -1\n"), Err(GatePolicyError::Points { .. })));
        assert!(matches!(policy("strikt = 1\n"), Err(GatePolicyError::NoPolicy { .. })));
        let missing = GatePolicy::read(Path::new("/no/such/file"));
        assert!(matches!(missing, Err(GatePolicyError::Unreadable { .. })));
    }
}
