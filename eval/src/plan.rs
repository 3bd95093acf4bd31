//! What is going to be run: the conditions of every result, and the samples.
//!
//! A plan is a file. The same inputs give the same bytes on every machine, more epochs keep the
//! samples there were, and a shard is every n-th sample: nobody has to talk to anybody to know
//! which are theirs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::ground::Sight;
use crate::random::Random;
use crate::suite::Suite;
use crate::task::Task;

/// Of the files that plans and results are kept in.
pub(crate) const FORMAT: u32 = 1;
pub(crate) const FILE: &str = "plan.json";
const ITEMS_MAX: usize = 1_000_000;

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Solver {
    /// The agent, with its models.
    Models,
    /// Each task's own script.
    Oracle,
    /// Nobody: it says at once that all is done.
    Nothing,
    /// Nobody: it says at once that it cannot be done.
    Refuse,
}

/// All that a result depends on, as far as it can be named. Results of different conditions are
/// never put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    pub suite: String,
    pub suite_digest: String,
    /// The digest of the program itself.
    pub program: String,
    pub solver: Solver,
    /// Which models decide, in the words the user named them.
    pub models: String,
    /// The digests of weights that are not the program's own, by file.
    pub weights: BTreeMap<String, String>,
    /// The image of each recipe, named by what it is made of, where the desktops are virtual ones and
    /// it was built where the plan was made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, String>,
    /// `vm` or `x11`.
    pub desktop: String,
    /// In place of the tasks' own.
    pub recipe: Option<String>,
    /// What of the desktop is told to whoever decides.
    #[serde(default)]
    pub sight: Sight,
    pub seed: u64,
    /// The user's own word, to keep one measurement apart from another of the same.
    pub label: String,
}

impl Conditions {
    pub fn digest(&self) -> String {
        digest::of(&serde_json::to_vec(self).expect("conditions are plain data"))
    }

    /// Who was at it, on what: `trained on x11`, and what is not as usual.
    pub fn line(&self) -> String {
        let who = match self.solver {
            Solver::Models => self.models.clone(),
            solver => solver.to_string(),
        };
        let mut line = format!("{who} on {}", self.desktop);
        if let Some(recipe) = &self.recipe {
            line = format!("{line}:{recipe}");
        }
        if self.sight != Sight::Both {
            line = format!("{line}, told {}", self.sight);
        }
        if self.seed != 0 {
            line = format!("{line}, seed {}", self.seed);
        }
        if !self.label.is_empty() {
            line = format!("{line}, {}", self.label);
        }
        line
    }
}

/// Which wordings of a task are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wordings {
    First,
    All,
}

/// One sample: a wording of a task, in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub task: String,
    /// From 1.
    pub wording: usize,
    /// From 1.
    pub epoch: u32,
    pub seed: u64,
}

impl Item {
    pub(crate) fn new(task: &str, wording: usize, epoch: u32, seed: u64) -> Self {
        let id = format!("{task}.{wording}.{epoch}");
        let seed = Random::of_words(seed, &id).next();
        Self { id, task: task.to_owned(), wording, epoch, seed }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub format: u32,
    pub conditions: Conditions,
    pub shards: u32,
    pub items: Vec<Item>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{} is no plan", path.display())]
    NoPlan { path: PathBuf, source: serde_json::Error },
    #[error("{} has the format {format}, this program reads {FORMAT}", path.display())]
    Format { path: PathBuf, format: u32 },
    #[error("no task of `{suite}` has `{only}` in its name, family or tags")]
    NoneLeft { suite: String, only: String },
    #[error("{items} samples are more than the {ITEMS_MAX} of a plan")]
    TooMany { items: usize },
    #[error("there are {shards} shards; shard {shard} is not one of 0 to {}", shards - 1)]
    NoShard { shard: u32, shards: u32 },
}

/// How a suite is spread out into samples.
#[derive(Clone, Debug)]
pub struct Extent {
    pub epochs: u32,
    pub wordings: Wordings,
    /// Only tasks with this in their name, or of this family or tag.
    pub only: Option<String>,
    pub shards: u32,
    /// How long a sample of each task took before, in milliseconds: shards are shared out by it.
    /// Where it is empty, all are taken to be as long.
    pub history: BTreeMap<String, u64>,
}

impl Default for Extent {
    fn default() -> Self {
        let history = BTreeMap::new();
        Self { epochs: 1, wordings: Wordings::First, only: None, shards: 1, history }
    }
}

impl Plan {
    /// # Errors
    /// Where no task is left, or there would be too many samples.
    pub fn new(suite: &Suite, conditions: Conditions, extent: &Extent) -> Result<Self, PlanError> {
        let Extent { epochs, wordings, only, shards, history } = extent;
        let fits = |task: &&Task| only.as_ref().is_none_or(|only| task.answers_to(only));
        let mut items = Vec::new();
        // Epoch by epoch, so that what is done first is of every task.
        for epoch in 1..=*epochs {
            for task in suite.tasks.iter().filter(fits) {
                let count = if *wordings == Wordings::All { task.wordings.len() } else { 1 };
                let wording = |wording| Item::new(&task.id, wording, epoch, conditions.seed);
                items.extend((1..=count).map(wording));
                if items.len() > ITEMS_MAX {
                    return Err(PlanError::TooMany { items: items.len() });
                }
            }
        }
        if items.is_empty() {
            let only = only.clone().unwrap_or_default();
            return Err(PlanError::NoneLeft { suite: suite.name.clone(), only });
        }
        let shards = (*shards).max(1);
        if !history.is_empty() {
            items = shared_out(items, history, shards as usize);
        }
        Ok(Self { format: FORMAT, conditions, shards, items })
    }

    /// A name for the folder of its results: the same conditions have the same one.
    pub fn name(&self) -> String {
        let Conditions { suite, models, desktop, .. } = &self.conditions;
        let tame = |text: &str| {
            let fits = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' };
            text.chars().map(fits).collect::<String>()
        };
        let digest = self.conditions.digest();
        format!("{}-{}-{}-{}", tame(suite), tame(models), tame(desktop), &digest[..8])
    }

    /// The samples of one shard.
    ///
    /// # Errors
    /// Where there is no such shard.
    pub fn shard(&self, shard: u32) -> Result<Vec<Item>, PlanError> {
        if shard >= self.shards {
            return Err(PlanError::NoShard { shard, shards: self.shards });
        }
        let (skip, step) = (shard as usize, self.shards as usize);
        Ok(self.items.iter().skip(skip).step_by(step).cloned().collect())
    }

    /// The same bytes for the same plan.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a plan is plain data");
        bytes.push(b'\n');
        bytes
    }

    /// Reads the plan of a folder of results.
    pub fn read(folder: &Path) -> Result<Self, PlanError> {
        let path = folder.join(FILE);
        let bytes = fs::read(&path)
            .map_err(|source| PlanError::Unreadable { path: path.clone(), source })?;
        let plan: Self = serde_json::from_slice(&bytes)
            .map_err(|source| PlanError::NoPlan { path: path.clone(), source })?;
        match plan.format {
            FORMAT => Ok(plan),
            format => Err(PlanError::Format { path, format }),
        }
    }
}

/// In an order in which every n-th sample makes shards that take about as long: the longest come
/// first, and of each n samples the longest goes to the shard that has least to do. What nobody
/// has seen is taken to be as long as the middle of what was seen.
fn shared_out(items: Vec<Item>, history: &BTreeMap<String, u64>, shards: usize) -> Vec<Item> {
    let mut seen: Vec<u64> = history.values().copied().collect();
    seen.sort_unstable();
    let usual = seen.get(seen.len() / 2).copied().unwrap_or(0);
    let long = |item: &Item| history.get(&item.task).copied().unwrap_or(usual);
    let mut items: Vec<Item> = items;
    items.sort_by(|one, other| long(other).cmp(&long(one)).then_with(|| one.id.cmp(&other.id)));
    let mut loads = vec![0u64; shards];
    let mut order = Vec::with_capacity(items.len());
    for round in items.chunks(shards) {
        // A last round that is not full has only the first shards.
        let mut free: Vec<usize> = (0..round.len()).collect();
        free.sort_by_key(|shard| (loads[*shard], *shard));
        let mut placed: Vec<(usize, &Item)> = free.into_iter().zip(round).collect();
        for (shard, item) in &placed {
            loads[*shard] += long(item);
        }
        placed.sort_by_key(|(shard, _)| *shard);
        order.extend(placed.into_iter().map(|(_, item)| item.clone()));
    }
    order
}

#[cfg(test)]
pub(crate) mod tests;
