//! What became of an action: differences in the tree, else in the pixels; never what a toolkit
//! promised.

use deskbound_accessibility::{Effect, Numbered, Numbers, news};

use crate::desktop::Observation;

/// Differences that are told one by one.
const NEWS_MAX: usize = 20;

pub(crate) struct Consequence {
    pub(crate) effect: Effect,
    lines: Vec<String>,
}

/// One look, and what things in it are called.
pub(crate) type Look<'a> = (&'a Observation, &'a Numbers);

impl Consequence {
    /// `unseen` is for where neither tree nor pixels differ.
    pub(crate) fn between(before: Look<'_>, after: Look<'_>, unseen: Effect) -> Self {
        let differences = news(
            Numbered { tree: &before.0.tree, numbers: before.1 },
            Numbered { tree: &after.0.tree, numbers: after.1 },
        );
        let mut lines: Vec<String> =
            differences.iter().take(NEWS_MAX).map(ToString::to_string).collect();
        if differences.len() > NEWS_MAX {
            lines.push(format!("… {} more", differences.len() - NEWS_MAX));
        }
        let effect = match (lines.first(), after.0.frame == before.0.frame) {
            (Some(first), _) => Effect::confirmed(first.clone()),
            (None, false) => Effect::unverifiable("pixels changed, the tree did not"),
            (None, true) => unseen,
        };
        Self { effect, lines }
    }

    /// The differences, one a line.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// For a model to read.
    pub(crate) fn told(&self) -> String {
        let word = match &self.effect {
            Effect::Confirmed { .. } => "this changed:".to_owned(),
            Effect::Unverifiable { reason } => format!("done; {reason}"),
            Effect::NothingHappened { reason } => format!("nothing happened: {reason}"),
        };
        std::iter::once(&word).chain(&self.lines).cloned().collect::<Vec<_>>().join("\n")
    }
}
