//! The three roles a model can play, as traits, and the plain values that pass through them.
//!
//! A role is stateless towards its caller: everything it needs comes with the request, so one
//! model can be swapped for another, and a recorded request can be asked again.

use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::engine::{Cancel, Progress};
use crate::error::ModelError;
use crate::space::{ImagePx, ImageRect};

/// Grounding: which of these, or where, is what the phrase names?
pub trait Grounder: Send {
    fn ground(&mut self, request: &GroundRequest<'_>) -> Result<Grounding, ModelError>;

    /// Ends what it is at from another thread; `None` of a model that is done in no time.
    fn cancel(&self) -> Option<Cancel> {
        None
    }

    /// How far it is, for another thread to see; `None` of a model that is done in no time.
    fn progress(&self) -> Option<Progress> {
        None
    }
}

/// Vision: what can be seen?
pub trait Viewer: Send {
    fn see(&mut self, image: &RgbImage) -> Result<Scene, ModelError>;

    /// An answer to a question about the image, or what is on it where nothing is asked, in words;
    /// `None` of a model that has none.
    fn tell(
        &mut self,
        _image: &RgbImage,
        _question: Option<&str>,
    ) -> Result<Option<String>, ModelError> {
        Ok(None)
    }

    /// Ends what it is at from another thread; `None` of a model that is done in no time.
    fn cancel(&self) -> Option<Cancel> {
        None
    }

    /// How far it is, for another thread to see; `None` of a model that is done in no time.
    fn progress(&self) -> Option<Progress> {
        None
    }
}

/// Action: what is to be done next?
pub trait Actor: Send {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError>;

    /// Decides, and tells what it writes piece by piece. A reply that is of no use is begun anew, so
    /// the last pieces alone are the one that counts.
    fn decide_aloud(
        &mut self,
        context: &Context<'_>,
        _each: &mut dyn FnMut(&str),
    ) -> Result<Decision, ModelError> {
        self.decide(context)
    }

    /// How probable each of some answers is, all together 1; `None` of a model that cannot weigh.
    fn weigh(
        &mut self,
        _context: &Context<'_>,
        _options: &[&str],
    ) -> Result<Option<Vec<f32>>, ModelError> {
        Ok(None)
    }

    /// An answer to the instruction as JSON of a schema, once all is done; `None` of a model that
    /// gives none.
    fn answer(
        &mut self,
        _context: &Context<'_>,
        _schema: &Value,
    ) -> Result<Option<Value>, ModelError> {
        Ok(None)
    }

    /// What it is offered to call.
    fn hands(&self) -> Hands {
        Hands::Skills
    }

    /// Ends what it is at from another thread; `None` of a model that is done in no time.
    fn cancel(&self) -> Option<Cancel> {
        None
    }

    /// How far it is, for another thread to see; `None` of a model that is done in no time.
    fn progress(&self) -> Option<Progress> {
        None
    }
}

/// How much of a task one call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hands {
    /// A clause of the instruction; how it is done on the screen is known to the skill.
    Skills,
    /// A click, some keys: the model finds its own way.
    Verbs,
}

#[derive(Clone, Copy, Debug)]
pub struct GroundRequest<'a> {
    pub phrase: &'a str,
    pub candidates: &'a [Candidate],
    /// The screen, for models that look; `starter`'s does not.
    pub image: Option<&'a RgbImage>,
}

/// One thing on the screen that a phrase may mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub role: String,
    pub name: String,
    /// Whatever else is known in words: description, value, label, parent's name.
    pub context: String,
    /// On the screen; `None` of what is nowhere, such as a file in a list of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<ImageRect>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "grounding")]
pub enum Grounding {
    /// `probability` is that of the choice being right, 0..=1.
    Candidate {
        index: usize,
        probability: f32,
    },
    Point {
        at: ImagePx,
        probability: f32,
    },
    /// Nothing fits; `best` is how probable it is that something does.
    NotHere {
        best: f32,
    },
}

/// A choice that is less probable than that is a guess; MODELS.md says what it costs and saves.
const SURE: f32 = 0.6;

impl Grounding {
    /// The choice, unless it is a guess: whoever would act on it asks, or looks closer, instead.
    #[must_use]
    pub fn if_sure(self) -> Self {
        match self {
            Self::Candidate { probability, .. } if probability < SURE => {
                Self::NotHere { best: probability }
            }
            other => other,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    pub finds: Vec<Find>,
}

/// Something found in the pixels alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Find {
    pub bounds: ImageRect,
    pub kind: String,
    pub text: String,
    /// 0..=1.
    pub score: f32,
}

impl Find {
    /// As one of the things that a phrase may mean, in the words that trees use. The keys that a menu
    /// names beside an item are no part of its name.
    pub fn candidate(&self) -> Candidate {
        let (role, context) = match self.kind.as_str() {
            "button" => ("push button", "seen"),
            "field" => ("entry", "seen"),
            "check-box-off" => ("check box", "seen, off"),
            "check-box-on" => ("check box", "seen, on"),
            "radio-button-off" => ("radio button", "seen, off"),
            "radio-button-on" => ("radio button", "seen, on"),
            "tab" => ("page tab", "seen"),
            "menu-item" => ("menu item", "seen"),
            "scroll-bar" => ("scroll bar", "seen"),
            other => (other, "seen"),
        };
        let (name, keys) = match self.text.rsplit_once(' ') {
            Some((name, keys)) if role == "menu item" && keys.contains('+') => (name, keys),
            _ => (self.text.as_str(), ""),
        };
        let context =
            if keys.is_empty() { context.to_owned() } else { format!("{context}; {keys}") };
        let (role, name) = (role.to_owned(), name.to_owned());
        Candidate { role, name, context, bounds: Some(self.bounds) }
    }
}

/// All an [`Actor`] may know when it decides.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub instruction: &'a str,
    pub tools: &'a [ToolSpec],
    /// Append-only: what was called before in this run, and how it ended.
    pub history: &'a [Turn],
    /// Append-only: what a person said meanwhile.
    pub prompts: &'a [Prompt],
    /// The numbered elements on the screen, as text.
    pub elements: &'a str,
    pub image: Option<&'a RgbImage>,
    /// What was on the screen before each turn of the history, as far as it is kept.
    pub views: &'a [Option<Arc<RgbImage>>],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ToolSpec {
    pub name: &'static str,
    pub purpose: &'static str,
    pub arguments: &'static [ArgumentSpec],
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArgumentSpec {
    pub name: &'static str,
    pub purpose: &'static str,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolCall {
    pub tool: String,
    pub arguments: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub call: ToolCall,
    pub succeeded: bool,
    /// What the tool answered, for the model to read.
    pub answer: String,
    /// The reply that this and the calls after it came from, in the model's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

impl Turn {
    /// Of a call that no reply is kept of.
    pub fn new(call: ToolCall, succeeded: bool, answer: impl Into<String>) -> Self {
        Self { call, succeeded, answer: answer.into(), said: None }
    }
}

/// What a person said to a run that was going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// How many turns had ended before.
    pub after: usize,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub next: Move,
    /// 0..=1, the model's own.
    pub confidence: f32,
    /// Why, in the model's words; empty where it has none.
    pub thought: String,
    /// What the same reply asks for after it; the rest is dropped when one fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<ToolCall>,
    /// The reply as it was written, of a model that writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// What it took, of a model that reads and writes tokens.
    #[serde(default, skip_serializing_if = "Usage::is_none")]
    pub usage: Usage,
}

/// Tokens of one decision, all its attempts together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Of the prompts.
    pub prompt: u64,
    /// Of these, so many were known from before and cost nothing.
    pub known: u64,
    pub said: u64,
}

impl Usage {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// What was computed.
    pub fn spent(&self) -> u64 {
        self.prompt.saturating_sub(self.known) + self.said
    }
}

impl Decision {
    /// Of a model that writes nothing.
    pub fn new(next: Move, confidence: f32, thought: impl Into<String>) -> Self {
        let (thought, usage) = (thought.into(), Usage::default());
        Self { next, confidence, thought, then: Vec::new(), said: None, usage }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "move")]
pub enum Move {
    Call(ToolCall),
    /// All that was asked for has been called and has succeeded.
    Done,
    /// The model does not understand, or it is beyond it.
    Refuse {
        reason: String,
    },
}
