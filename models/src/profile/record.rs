//! The record that a profile's file is read into. Unknown keys are errors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::action::Meaning;
use super::grammar::OutputGrammar;
use super::inventory::VisionProfile;
use super::key::KeyStyle;
use super::pixels::PixelLimits;
use super::prompt::Text;
use super::scroll::ScrollStyle;
use super::space::CoordinateSpace;
use super::zoom::Zoom;

/// How one model is asked, and how its answers are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// Lower-case letters, digits, `.` and `-`.
    pub id: String,
    pub title: String,
    /// Names of repositories on the hub whose weights it is for.
    pub models: Vec<String>,
    pub licence: String,
    pub trust: Trust,
    /// Where the prompts and forms were published.
    pub source: String,
    pub family: Family,
    /// None for a model that does not see.
    pub image: Option<PixelLimits>,
    /// What the chat template is told besides the messages.
    #[serde(default)]
    pub template: BTreeMap<String, TemplateFlag>,
    pub grounding: Option<GroundingProfile>,
    pub vision: Option<VisionProfile>,
    pub action: Option<ActionProfile>,
}

/// Whether a profile is known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// Written after what was published, and not yet run on its real weights.
    Unverified,
    /// Run on its real weights, with the scores that they are known for.
    Verified,
}

/// The architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Family {
    #[serde(rename = "llama")]
    Llama,
    #[serde(rename = "qwen2")]
    Qwen2,
    #[serde(rename = "qwen3")]
    Qwen3,
    #[serde(rename = "qwen2-vl")]
    Qwen2Vl,
    #[serde(rename = "qwen2.5-vl")]
    Qwen25Vl,
    #[serde(rename = "qwen3-vl")]
    Qwen3Vl,
    #[serde(rename = "qwen3.5")]
    Qwen35,
    #[serde(rename = "internvl")]
    InternVl,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "true, false or a text")]
pub enum TemplateFlag {
    Switch(bool),
    Word(String),
}

/// A phrase in, a place out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GroundingProfile {
    pub prompt: Prompt,
    pub reply: ReplyForm,
    #[serde(default)]
    pub refusal: Refusal,
    pub sampling: Sampling,
    /// Tokens of prompt and answer together; as many as the engine takes where left out.
    pub context: Option<u32>,
    /// Off where left out.
    pub zoom: Option<Zoom>,
}

/// An instruction in, calls out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ActionProfile {
    pub prompt: Prompt,
    pub reply: ReplyForm,
    pub history: History,
    pub sampling: Sampling,
    /// Tokens of prompt and answer together; as many as the engine takes where left out. What does
    /// not fit of the history is left out of the prompt.
    pub context: Option<u32>,
}

/// What is written to the model. Where `{image}` stands in `user` is where the image goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    pub system: Option<Text>,
    pub user: Text,
    /// The user's turns after the first, in a history of turns.
    pub next: Option<Text>,
    /// What the model's answer is made to begin with.
    pub prefill: Option<String>,
}

/// How an answer is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReplyForm {
    pub output: OutputGrammar,
    /// Left out only where there are no coordinates.
    pub coordinates: Option<CoordinateSpace>,
    pub thinking: Option<Thinking>,
    /// The argument that says what to do, where all is one tool: `action` of `computer_use`.
    pub verb: Option<String>,
    #[serde(default)]
    pub keys: KeyStyle,
    #[serde(default)]
    pub scroll: ScrollStyle,
    /// The action map. Empty: calls are of the tools that the model was offered, as they are.
    #[serde(default)]
    pub calls: BTreeMap<String, Meaning>,
}

/// The marks round what a model thinks before it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thinking {
    pub open: String,
    pub close: String,
}

/// How a model says that what is asked for is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Refusal {
    /// It cannot: it always points somewhere.
    #[default]
    None,
    /// By a point of its own.
    Point { x: f64, y: f64 },
    /// By a call that means failure.
    Failure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sampling {
    /// 0: always the likeliest token.
    pub temperature: f32,
    pub max_tokens: u32,
    /// Texts that end a reply, besides the tokens that the model's own configuration names.
    #[serde(default)]
    pub stop: Vec<String>,
}

/// What a model is shown of earlier steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct History {
    pub style: HistoryStyle,
    /// Earlier steps that stay turns of the conversation, with their images, at most.
    pub keep: u32,
    /// How many steps become lines at once. More than one leaves the prefix as it was between
    /// times, so that what is in the KV cache stays good.
    #[serde(default = "one")]
    pub fold: u32,
    /// A line for a step that is told in words: `{number}`, `{thought}`, `{summary}`, `{said}`,
    /// `{outcome}`.
    pub entry: Option<Text>,
    /// In the place of the lines while there are none.
    #[serde(default)]
    pub none: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryStyle {
    /// Earlier steps are turns of the conversation; the oldest are lines.
    Turns,
    /// As turns; after the first, what is said to the model is the answer of the tool it called.
    Tools,
    /// All earlier steps are lines in one question.
    Lines,
}

const fn one() -> u32 {
    1
}
