//! Several runs side by side: what is each part worth?
//!
//! The first run is the one that the others are held against, task by task.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use deskbound_agent::sanitize;
use serde::Serialize;

use crate::compare::Comparison;
use crate::outcome::{Outcome, Status};
use crate::plan::{Conditions, Solver};
use crate::score::{Score, by_task};
use crate::statistics::Estimate;
use crate::store::Held;
use crate::task::Half;

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What it was run with, as far as the runs differ in it.
    pub what: Vec<String>,
    pub tasks: usize,
    pub open: usize,
    pub strict: Estimate,
    pub held_out: Option<Estimate>,
    pub steps: f64,
    pub run_s: f64,
    pub false_done: usize,
    pub families: Vec<FamilyRow>,
    /// Against the first run; none of itself, and none where the suites are not the same.
    pub against: Option<Against>,
}

/// One half of one family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FamilyRow {
    pub family: String,
    pub half: Half,
    /// Tasks that passed in all of their samples, of those that were tried.
    pub passed: usize,
    pub tasks: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Against {
    pub difference: Estimate,
    pub p: f64,
    pub tasks: usize,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contrast {
    /// The names of `what`.
    pub names: Vec<&'static str>,
    pub rows: Vec<Row>,
}

impl Contrast {
    pub fn of(runs: &[Held]) -> Self {
        let facts: Vec<_> = runs.iter().map(|run| facts(&run.plan.conditions)).collect();
        let differs = |at: &usize| facts.iter().any(|of| of[*at].1 != facts[0][*at].1);
        let told: Vec<usize> = match facts.first() {
            Some(first) => (0..first.len()).filter(differs).collect(),
            None => Vec::new(),
        };
        // Runs of which nothing differs are told apart by nothing; then their models stand there.
        let told = if told.is_empty() { vec![MODELS] } else { told };
        let names =
            facts.first().map(|of| told.iter().map(|at| of[*at].0).collect()).unwrap_or_default();
        let first: Vec<Outcome> = runs.first().map(Held::outcomes).unwrap_or_default();
        let row = |(number, (run, facts)): (usize, (&Held, &Facts))| {
            let outcomes = run.outcomes();
            let what = told.iter().map(|at| facts[*at].1.clone()).collect();
            let is_same = run.plan.conditions.suite_digest == runs[0].plan.conditions.suite_digest;
            let against = (number > 0 && is_same).then(|| Comparison::of(&first, &outcomes));
            Row::of(what, run.open().len(), &outcomes, against)
        };
        let rows = runs.iter().zip(&facts).enumerate().map(row).collect();
        Self { names, rows }
    }

    /// A row a family, a column a run, for a README.
    pub fn families(&self) -> String {
        let mut head = vec!["family".to_owned(), "half".to_owned()];
        head.extend(self.rows.iter().map(|row| {
            let what: Vec<_> = row.what.iter().map(|word| sanitize::line(word)).collect();
            what.join(" ")
        }));
        let mut lines = vec![self.cells(&head), self.cells(&vec!["---".to_owned(); head.len()])];
        let all = self.rows.iter().flat_map(|row| &row.families);
        let all: BTreeSet<_> = all.map(|it| (it.family.as_str(), it.half)).collect();
        for (family, half) in all {
            let mut cells = vec![sanitize::line(family), half.to_string()];
            cells.extend(self.rows.iter().map(|row| {
                let mut rows = row.families.iter();
                let found = rows.find(|it| (it.family.as_str(), it.half) == (family, half));
                found.map_or(String::new(), |it| format!("{} of {}", it.passed, it.tasks))
            }));
            lines.push(self.cells(&cells));
        }
        lines.join("\n") + "\n"
    }

    /// The same for a README.
    pub fn markdown(&self) -> String {
        let mut lines = vec![self.cells(&self.head())];
        lines.push(self.cells(&vec!["---".to_owned(); self.head().len()]));
        lines.extend(self.rows.iter().map(|row| self.cells(&row.cells())));
        lines.join("\n") + "\n"
    }

    fn cells(&self, cells: &[String]) -> String {
        format!("| {} |", cells.join(" | "))
    }

    fn head(&self) -> Vec<String> {
        let names = self.names.iter().map(|name| (*name).to_owned());
        let rest = ["tasks", "strict", "held-out", "against the first", "said done, wrongly"];
        names.chain(rest.map(str::to_owned)).chain(["steps", "s"].map(str::to_owned)).collect()
    }
}

impl Row {
    fn of(
        what: Vec<String>,
        open: usize,
        outcomes: &[Outcome],
        against: Option<Comparison>,
    ) -> Self {
        let score = Score::of(outcomes);
        let held_out =
            score.parts.iter().find(|part| part.family.is_none() && part.half == Half::HeldOut);
        let times = score.times;
        Self {
            what,
            tasks: score.tasks,
            open: open + score.count(Status::InfrastructureError).saturating_sub(open),
            strict: score.strict,
            held_out: held_out.map(|part| part.strict),
            steps: score.steps_median,
            run_s: times.think_s + times.look_s + times.settle_s + times.act_s + times.wait_s,
            false_done: score.false_done,
            families: families(outcomes),
            against: against.map(|it| Against {
                difference: it.difference,
                p: it.p,
                tasks: it.tasks,
            }),
        }
    }

    fn cells(&self) -> Vec<String> {
        let tasks = match self.open {
            0 => self.tasks.to_string(),
            open => format!("{} (PARTIAL, {open} open)", self.tasks),
        };
        let against = self.against.as_ref().map_or(String::new(), |it| {
            let Estimate { value, low, high } = it.difference;
            let points = [value, low, high].map(|part| part * 100.0);
            format!("{:+.0} ({:+.0} to {:+.0}), p = {:.3}", points[0], points[1], points[2], it.p)
        });
        let held_out = self.held_out.map_or(String::new(), |it| it.to_string());
        let what = self.what.iter().map(|word| sanitize::line(word));
        what.chain([
            tasks,
            self.strict.to_string(),
            held_out,
            against,
            self.false_done.to_string(),
            format!("{:.0}", self.steps),
            format!("{:.1}", self.run_s),
        ])
        .collect()
    }
}

/// Columns that are as wide as what is in them.
impl fmt::Display for Contrast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<Vec<String>> =
            std::iter::once(self.head()).chain(self.rows.iter().map(Row::cells)).collect();
        let columns = self.head().len();
        let widths: Vec<usize> = (0..columns)
            .map(|at| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or(0))
            .collect();
        for (number, line) in lines.iter().enumerate() {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
            let text = cells.collect::<Vec<_>>().join("  ");
            let end = if number + 1 < lines.len() { "\n" } else { "" };
            write!(f, "{}{end}", text.trim_end())?;
        }
        Ok(())
    }
}

fn families(outcomes: &[Outcome]) -> Vec<FamilyRow> {
    let mut families: BTreeMap<(String, Half), (usize, usize)> = BTreeMap::new();
    for task in by_task(outcomes).into_values() {
        let (passed, of) = families.entry((task.family, task.half)).or_insert((0, 0));
        *passed += usize::from(task.strict.iter().all(|counts| *counts > 0.5));
        *of += 1;
    }
    let row = |((family, half), (passed, tasks))| FamilyRow { family, half, passed, tasks };
    families.into_iter().map(row).collect()
}

type Facts = Vec<(&'static str, String)>;

/// Where the models stand among the facts.
const MODELS: usize = 2;

fn facts(conditions: &Conditions) -> Facts {
    let Conditions { suite, solver, models, desktop, recipe, sight, seed, .. } = conditions;
    let solver = if *solver == Solver::Models { "models".to_owned() } else { solver.to_string() };
    vec![
        ("suite", suite.clone()),
        ("solver", solver),
        ("models", models.clone()),
        ("desktop", desktop.clone()),
        ("recipe", recipe.clone().unwrap_or_else(|| "the tasks'".to_owned())),
        ("sight", sight.to_string()),
        ("program", conditions.program.chars().take(12).collect()),
        ("seed", seed.to_string()),
        ("label", conditions.label.clone()),
        ("images", conditions.images.values().cloned().collect::<Vec<_>>().join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::Sight;
    use crate::outcome::tests::outcome;
    use crate::plan::tests::conditions;
    use crate::plan::{FORMAT, Item, Plan};

    /// One letter a task: `+` passed, `-` failed.
    fn held(sight: Sight, said: &str) -> Held {
        let status = |c| if c == '+' { Status::Pass } else { Status::Fail };
        let named =
            said.chars().enumerate().map(|(at, c)| outcome(&format!("t{at}"), 1, status(c)));
        let results: BTreeMap<_, _> = named.map(|one| (one.item.id.clone(), one)).collect();
        let items = (0..said.len()).map(|at| Item::new(&format!("t{at}"), 1, 1, 0)).collect();
        let conditions = Conditions { sight, ..conditions() };
        let plan = Plan { format: FORMAT, conditions, shards: 1, items };
        Held { plan, results, broken: BTreeMap::new() }
    }

    #[test]
    fn what_differs_is_told_and_each_is_held_against_the_first() {
        let runs = [held(Sight::Both, "++++++++"), held(Sight::Tree, "++++++--")];
        let contrast = Contrast::of(&runs);
        assert_eq!(contrast.names, ["sight"]);
        assert_eq!(contrast.rows[0].against, None);
        let against = contrast.rows[1].against.as_ref().unwrap();
        assert_eq!((against.difference.value, against.tasks), (-0.25, 8));
        let shown = contrast.to_string();
        assert!(shown.starts_with("sight  tasks  strict"), "{shown}");
        assert!(shown.contains("\ntree   8      75 % ("), "{shown}");
        let table = contrast.markdown();
        assert_eq!(table.lines().count(), 4);
        assert!(table.contains("| tree | 8 | 75 % ("), "{table}");
        let families = contrast.families();
        let expected = "| family | half | both | tree |\n| --- | --- | --- | --- |\n\
                        | files | held-out | 8 of 8 | 6 of 8 |\n";
        assert_eq!(families, expected);
    }

    #[test]
    fn runs_of_the_same_are_told_by_their_models() {
        let contrast = Contrast::of(&[held(Sight::Both, "+")]);
        assert_eq!(contrast.names, ["models"]);
        assert!(Contrast::of(&[]).rows.is_empty());
    }
}
