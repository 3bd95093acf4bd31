//! One task: what is said, what is laid out before it, what must be so after it, and a scripted
//! solution that shows it can be done.
//!
//! A task is a folder with a `task.toml`, and the files that it lays out. `README.md` describes the
//! format for people who write one.

mod check;
mod given;
mod r#move;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use check::{Check, Printed, What};
pub(crate) use given::Fields as GivenFields;
pub use given::Given;
pub use r#move::{Ending, Move};

/// Wordings of one task beside the first.
const PARAPHRASES_MAX: usize = 16;
/// The desktop of a task that names none.
const RECIPE: &str = "minimal";

/// Which half of a family a task belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// Applications, labels and wordings of the kind that models here are trained on. The texts
    /// themselves are none that they were trained on.
    TrainLike,
    /// Other applications, labels or wordings.
    HeldOut,
}

/// How a task can end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Every check holds.
    Reached,
    /// It cannot be done, and the agent says so and leaves everything as it is. Counts only where
    /// the twin was done: the same on a desktop where it can be. Whoever always refuses gets nothing,
    /// but of tasks of others, which have no twin.
    Refused { twin: Option<String> },
}

/// What one sample of a task may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskLimits {
    pub steps: u32,
    pub seconds: u64,
}

impl Default for TaskLimits {
    fn default() -> Self {
        Self { steps: 50, seconds: 300 }
    }
}

impl TaskLimits {
    pub fn time(self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The name of its folder.
    pub id: String,
    pub family: String,
    pub half: Half,
    pub tags: Vec<String>,
    pub recipe: String,
    /// Programs the desktop must have.
    pub needs: Vec<String>,
    /// The first is the usual one, the others say the same in other words.
    pub wordings: Vec<String>,
    pub goal: Goal,
    pub limits: TaskLimits,
    pub given: Vec<Given>,
    pub setup: Vec<Move>,
    pub checks: Vec<Check>,
    /// Files that must stay as they are, byte by byte.
    pub untouched: Vec<String>,
    pub oracle: Vec<Move>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    #[error("the task `{task}` cannot be read")]
    Unreadable { task: String, source: Box<toml::de::Error> },
    #[error("the task `{task}` is wrong: {what}")]
    Wrong { task: String, what: String },
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    family: String,
    half: Half,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    recipe: Option<String>,
    #[serde(default)]
    needs: Vec<String>,
    instruction: String,
    #[serde(default)]
    paraphrases: Vec<String>,
    /// The task that is the same where it can be done: makes this one infeasible.
    #[serde(default)]
    twin: Option<String>,
    #[serde(default)]
    limits: TaskLimits,
    #[serde(default)]
    given: Vec<given::Fields>,
    #[serde(default)]
    setup: Vec<Move>,
    #[serde(default)]
    check: Vec<Check>,
    #[serde(default)]
    untouched: Vec<String>,
    #[serde(default)]
    oracle: Vec<Move>,
}

impl Task {
    /// Reads `task.toml`; `beside` gives the files of the task's folder.
    pub(crate) fn parse(
        id: &str,
        text: &str,
        beside: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, TaskError> {
        let wrong = |what: String| TaskError::Wrong { task: id.to_owned(), what };
        let unreadable = |source| {
            let source = Box::new(source);
            TaskError::Unreadable { task: id.to_owned(), source }
        };
        let fields: Fields = toml::from_str(text).map_err(unreadable)?;
        if fields.paraphrases.len() > PARAPHRASES_MAX {
            return Err(wrong(format!("more than {PARAPHRASES_MAX} paraphrases")));
        }
        let given = fields.given.into_iter().map(|given| given.with(beside));
        let given = given.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
        let wordings = std::iter::once(fields.instruction).chain(fields.paraphrases).collect();
        let goal = fields.twin.map_or(Goal::Reached, |twin| Goal::Refused { twin: Some(twin) });
        let task = Self {
            id: id.to_owned(),
            family: fields.family,
            half: fields.half,
            tags: fields.tags,
            recipe: fields.recipe.unwrap_or_else(|| RECIPE.to_owned()),
            needs: fields.needs,
            wordings,
            goal,
            limits: fields.limits,
            given,
            setup: fields.setup,
            checks: fields.check,
            untouched: fields.untouched,
            oracle: fields.oracle,
        };
        task.sound().map_err(wrong)?;
        Ok(task)
    }

    /// Whether it has this in its name, or is of this family or tag.
    pub fn answers_to(&self, word: &str) -> bool {
        self.id.contains(word) || self.family == word || self.tags.iter().any(|tag| tag == word)
    }

    /// What would make a task say nothing.
    fn sound(&self) -> Result<(), String> {
        if self.wordings.iter().any(|wording| wording.trim().is_empty()) {
            return Err("an instruction is empty".to_owned());
        }
        if self.checks.is_empty() && self.goal == Goal::Reached {
            return Err("it has no checks".to_owned());
        }
        if self.oracle.is_empty() {
            return Err("it has no oracle".to_owned());
        }
        if self.checks.iter().any(|check| check.weight == 0) {
            return Err("a check of no weight checks nothing".to_owned());
        }
        self.untouched.iter().try_for_each(|path| below_home(path).map(drop))
    }
}

/// A path of a task is below the home folder of the desktop, and stays there.
pub(crate) fn below_home(path: &str) -> Result<&str, String> {
    let is_below = path.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_below { Ok(path) } else { Err(format!("`{path}` is no path below the home folder")) }
}

#[cfg(test)]
mod tests;
