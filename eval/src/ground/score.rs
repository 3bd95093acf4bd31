//! What answers come to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::target::{Target, Verdict};
use super::{Answered, Ground, Item, Kind};
use crate::statistics::{Estimate, median, over_clusters};

/// Of the bootstrap, so that the same answers have the same intervals.
const SEED: u64 = 20_260_103;

/// Items of one kind, and how many of them are right.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroundPart {
    pub name: String,
    pub items: usize,
    /// Intervals are over screens: ten phrases about one screen are no ten screens.
    pub right: Estimate,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroundScore {
    /// What is there to be found, and was answered to.
    pub found: GroundPart,
    /// The same with what is not there, which is right where it was refused.
    pub all: GroundPart,
    /// What is not there, alone.
    pub refused: Option<GroundPart>,
    /// By kind, and by group.
    pub parts: Vec<GroundPart>,
    /// Items without an answer yet.
    pub open: usize,
    /// Answers in no form that can be read; wrong, too.
    pub broken: usize,
    pub ms_median: f64,
}

impl GroundScore {
    /// Of the table that [`row`](Self::row) is a row of.
    pub const HEAD: &str = "| told | items | right | text | icon | by name | by what it is for | not there | ms |\n\
                            | --- | --- | --- | --- | --- | --- | --- | --- | --- |";

    /// One row of a table in Markdown, under this name.
    pub fn row(&self, name: &str) -> String {
        let part = |name: &str| {
            let part = self.parts.iter().find(|part| part.name == name);
            part.map_or(String::new(), |part| part.right.to_string())
        };
        let refused = self.refused.as_ref().map_or(String::new(), |it| it.right.to_string());
        let GroundPart { items, right, .. } = &self.found;
        let [text, icon, named, described] = ["text", "icon", "named", "described"].map(part);
        let ms = self.ms_median;
        format!(
            "| {name} | {items} | {right} | {text} | {icon} | {named} | {described} | {refused} | {ms:.0} |"
        )
    }

    pub fn of(ground: &Ground, answers: &BTreeMap<String, Answered>) -> Self {
        let judged: Vec<(&Item, Verdict)> = ground
            .items
            .iter()
            .filter_map(|item| Some((item, item.target.judge(&answers.get(&item.id)?.answer))))
            .collect();
        let is_refusal = |item: &Item| item.target == Target::Refusal;
        let part = |name: &str, fits: &dyn Fn(&Item) -> bool| {
            let mut screens: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
            for (item, verdict) in judged.iter().filter(|(item, _)| fits(item)) {
                let (right, all) = screens.entry(item.screen).or_default();
                *right += u32::from(*verdict == Verdict::Right);
                *all += 1;
            }
            let items = screens.values().map(|(_, all)| *all as usize).sum();
            let screens: Vec<_> = screens.into_values().collect();
            GroundPart { name: name.to_owned(), items, right: over_clusters(&screens, SEED) }
        };
        let there = |item: &Item| !is_refusal(item);
        let mut parts = Vec::new();
        for (name, kind) in [("text", Kind::Text), ("icon", Kind::Icon)] {
            parts.push(part(name, &|item| there(item) && item.kind == Some(kind)));
        }
        let groups: BTreeSet<&String> = ground.items.iter().flat_map(|item| &item.groups).collect();
        for group in groups {
            parts.push(part(group, &|item| there(item) && item.groups.contains(group)));
        }
        parts.retain(|part| part.items > 0);
        let refused = part("not there", &is_refusal);
        let times = answers.values().map(|answered| {
            #[expect(clippy::cast_precision_loss, reason = "no answer takes 2⁵³ ms")]
            let ms = answered.ms as f64;
            ms
        });
        Self {
            found: part("found", &there),
            all: part("all", &|_| true),
            refused: (refused.items > 0).then_some(refused),
            parts,
            open: ground.items.len() - judged.len(),
            broken: judged.iter().filter(|(_, verdict)| *verdict == Verdict::Broken).count(),
            ms_median: median(&times.collect::<Vec<_>>()),
        }
    }
}

impl fmt::Display for GroundScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [name, items, right] = ["of", "items", "right"];
        writeln!(f, "{name:<28} {items:>5}  {right}")?;
        let row = |f: &mut fmt::Formatter<'_>, part: &GroundPart| {
            let GroundPart { name, items, right } = part;
            writeln!(f, "{name:<28} {items:>5}  {right}")
        };
        self.parts.iter().try_for_each(|part| row(f, part))?;
        row(f, &self.found)?;
        if let Some(refused) = &self.refused {
            row(f, refused)?;
            row(f, &self.all)?;
        }
        if self.open > 0 {
            writeln!(f, "PARTIAL: {} items have no answer", self.open)?;
        }
        write!(f, "{} answers could not be read; {:.0} ms each", self.broken, self.ms_median)
    }
}
