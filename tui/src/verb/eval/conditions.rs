//! What a run depends on, as it is typed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use deskbound_eval::{
    Conditions, Extent, Plan, PlanError, Sight, Solver, Suite, Wordings, digest, durations,
};
use deskbound_vm::{Image, Recipe, Store};

use super::bench::Place;
use super::{broken, kept};
use crate::failure::Failure;
use crate::models::Seats;
use crate::verb::Setting;

#[derive(Args, Clone, Debug)]
pub(crate) struct Typed {
    /// Its name, such as desk, or the folder of one.
    pub(crate) suite: String,
    #[command(flatten)]
    pub(crate) seats: Seats,
    /// Who tries; the others than the models show what a suite is worth.
    #[arg(long, value_enum, default_value_t = Who::Models)]
    pub(crate) solver: Who,
    /// What samples are taken to.
    #[arg(long, value_enum, default_value_t = Place::Vm)]
    pub(crate) desktop: Place,
    /// A virtual desktop in place of the tasks' own.
    #[arg(long)]
    pub(crate) recipe: Option<String>,
    /// What of the desktop is told to whoever decides: its tree, its pixels, or both.
    #[arg(long, value_enum, default_value_t = Told::Both)]
    pub(crate) sight: Told,
    /// How often every task is tried.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) epochs: u32,
    /// Every wording of a task, not its first alone.
    #[arg(long)]
    pub(crate) all_wordings: bool,
    /// Only tasks with this in their name, or of this family or tag.
    #[arg(long, value_name = "WORD")]
    pub(crate) only: Option<String>,
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Share the samples out by how long they took in this run; `plan` makes use of it.
    #[arg(long, value_name = "RUN")]
    pub(crate) history: Option<PathBuf>,
    /// Keeps this measurement apart from another of the same.
    #[arg(long, default_value_t = String::new(), hide_default_value = true)]
    pub(crate) label: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Who {
    /// The agent, with its models.
    Models,
    /// Each task's own script.
    Oracle,
    /// Says at once that all is done.
    Nothing,
    /// Says at once that it cannot be done.
    Refuse,
}

impl From<Who> for Solver {
    fn from(who: Who) -> Self {
        match who {
            Who::Models => Self::Models,
            Who::Oracle => Self::Oracle,
            Who::Nothing => Self::Nothing,
            Who::Refuse => Self::Refuse,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Told {
    Tree,
    Pixels,
    Both,
}

impl From<Told> for Sight {
    fn from(told: Told) -> Self {
        match told {
            Told::Tree => Self::Tree,
            Told::Pixels => Self::Pixels,
            Told::Both => Self::Both,
        }
    }
}

impl Typed {
    pub(crate) fn plan(&self, setting: &Setting, shards: u32) -> Result<(Suite, Plan), Failure> {
        let suite = Suite::named(&self.suite).map_err(broken)?;
        let conditions = Conditions {
            suite: self.suite.clone(),
            suite_digest: suite.digest.clone(),
            program: program()?,
            solver: self.solver.into(),
            models: self.seats.to_string(),
            weights: self.seats.digests(&setting.folders.data)?,
            images: match self.desktop {
                Place::Vm => images(&recipes(&suite, self.recipe.as_deref()))?,
                Place::X11 => BTreeMap::new(),
            },
            desktop: self.desktop.name().to_owned(),
            recipe: self.recipe.clone(),
            sight: self.sight.into(),
            seed: self.seed,
            label: self.label.clone(),
        };
        let wordings = if self.all_wordings { Wordings::All } else { Wordings::First };
        let history = match &self.history {
            Some(run) => durations(&kept::read(setting, run)?.0.outcomes()),
            None => Default::default(),
        };
        let only = self.only.clone();
        let extent = Extent { epochs: self.epochs, wordings, only, shards, history };
        let plan = Plan::new(&suite, conditions, &extent).map_err(|error| match error {
            PlanError::NoneLeft { .. } => Failure::usage(error),
            _ => Failure::missing(error),
        })?;
        Ok((suite, plan))
    }
}

/// The recipes that a suite's tasks ask for, or the one that is named in their place.
pub(crate) fn recipes(suite: &Suite, named: Option<&str>) -> BTreeSet<String> {
    match named {
        Some(recipe) => BTreeSet::from([recipe.to_owned()]),
        None => suite.tasks.iter().map(|task| task.recipe.clone()).collect(),
    }
}

/// The image of each recipe that was built here. What was not is missed when a desktop is asked for.
pub(crate) fn images(recipes: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Failure> {
    let store = Store::open()?;
    let mut images = BTreeMap::new();
    for name in recipes {
        let Ok(recipe) = Recipe::named(name) else { continue };
        if let Some(image) = Image::find(&store, &recipe)? {
            images.insert(name.clone(), image.name().to_owned());
        }
    }
    Ok(images)
}

/// The digest of this very program: another one may do otherwise.
pub(crate) fn program() -> Result<String, Failure> {
    let bytes = fs::read("/proc/self/exe").map_err(Failure::missing)?;
    Ok(digest::of(&bytes))
}

/// The models of a plan, from the words they are written in there.
pub(crate) fn seats(words: &str) -> Result<Seats, Failure> {
    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        seats: Seats,
    }
    let (shipped, given) = words.split_once(' ').unwrap_or((words, ""));
    let given = given.split_whitespace().flat_map(|given| ["--model", given]);
    let words = ["deskbound", "--models", shipped].into_iter().chain(given);
    let typed = Typed::try_parse_from(words);
    typed.map(|typed| typed.seats).map_err(|error| Failure::usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_read_as_they_are_written() {
        for words in ["trained", "shuffled:3", "rules action=a/b grounding=c@d"] {
            let seats = seats(words).unwrap();
            assert_eq!(seats.to_string(), words);
        }
        assert!(seats("no-such").is_err());
    }
}
