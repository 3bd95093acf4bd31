//! `starter`: five small networks trained by this repository and shipped in it, for all three roles.
//!
//! Two readers turn an instruction into tool calls ([`Actor`]), the matcher finds what a phrase
//! means among the things on the screen ([`Grounder`]). These see hashed pieces of words and nothing
//! else, so their vocabulary is open; all know when to give up. Rules stand around them: what is
//! in quotation marks stays whole, a name said to the letter is found to the letter, and a sum must
//! parse. The eyes ([`Eyes`]) find a screen's text and widgets in its pixels ([`Viewer`]).
//! `starter/MODELS.md` says how they were trained and what they can and cannot do.

mod actor;
mod clause;
mod expression;
mod guide;
mod intents;
mod matcher;
mod names;
mod number;
mod place;
mod plan;
mod reader;
mod rules;
mod said;
mod vision;
mod weights;
mod words;

use crate::error::ModelError;
use crate::roles::{Actor, Grounder, ToolCall, Viewer};
use actor::StarterActor;
use matcher::Matcher;
use reader::{ALL, EIGHT, Reader};
use rules::{RulesActor, RulesGrounder};
pub use vision::{Eyes, Word};
use weights::{DETECTOR, MATCHER, READER, RECOGNISER, WIDE, Weights};

/// Which `starter`: the trained one, or one of the two that show what training is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StarterKind {
    Trained,
    /// The same networks with the elements of each tensor in another order. Must fail.
    Shuffled {
        seed: u64,
    },
    /// Keywords and quotation marks, names to the letter and nearly so; no network.
    RulesAlone,
}

/// What is always at hand for the three roles.
pub struct Starter {
    pub actor: Box<dyn Actor>,
    pub grounder: Box<dyn Grounder>,
    /// `None` of rules alone: they do not see.
    pub viewer: Option<Box<dyn Viewer>>,
}

impl Starter {
    /// # Errors
    ///
    /// If the weights in the program are not the pinned ones, or do not fit the networks.
    pub fn load(kind: StarterKind) -> Result<Self, ModelError> {
        let weights = |file| match kind {
            StarterKind::Shuffled { seed } => Weights::load(file)?.shuffled(seed),
            StarterKind::Trained | StarterKind::RulesAlone => Weights::load(file),
        };
        if kind == StarterKind::RulesAlone {
            let (actor, grounder) = (Box::new(RulesActor), Box::new(RulesGrounder));
            return Ok(Self { actor, grounder, viewer: None });
        }
        let eight = Reader::new(&weights(&READER)?, EIGHT)?;
        let wide = Reader::new(&weights(&WIDE)?, ALL)?;
        let matcher = Matcher::new(&weights(&MATCHER)?)?;
        let eyes = Eyes::of(&weights(&DETECTOR)?, &weights(&RECOGNISER)?)?;
        Ok(Self {
            actor: Box::new(StarterActor::new(eight, wide)),
            grounder: Box::new(matcher),
            viewer: Some(Box::new(eyes)),
        })
    }
}

/// What an instruction asks for, in the calls of skills; nothing where it is not understood.
///
/// # Errors
///
/// As of [`Starter::load`], or where the instruction is too long.
pub fn understood(instruction: &str) -> Result<Vec<ToolCall>, ModelError> {
    let eight = Reader::new(&Weights::load(&READER)?, EIGHT)?;
    let wide = Reader::new(&Weights::load(&WIDE)?, ALL)?;
    StarterActor::new(eight, wide).calls(instruction)
}

#[cfg(test)]
mod tests;
