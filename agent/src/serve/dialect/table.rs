//! The record that a dialect's file is read into. Unknown keys are errors.

use std::collections::BTreeMap;

use deskbound_models::profile::{PixelLimits, ReplyForm};
use serde::Deserialize;

use super::deed::Beyond;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Table {
    /// Lower-case letters, digits, `.` and `-`.
    pub(super) id: String,
    pub(super) title: String,
    /// Where its calls and results were published.
    #[serde(rename = "source")]
    pub(super) _source: String,
    /// Whether its real client or model was seen to work.
    pub(super) verified: bool,
    /// For the client's model.
    pub(super) instructions: String,
    pub(super) picture: PictureRule,
    pub(super) answer: AnswerRule,
    pub(super) reply: ReplyForm,
    /// What is done past the screen, by the name of the call.
    #[serde(default)]
    pub(super) deeds: BTreeMap<String, Beyond>,
    pub(super) tools: Vec<ToolTable>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ToolTable {
    pub(super) name: String,
    pub(super) purpose: String,
    /// JSON.
    pub(super) schema: String,
    #[serde(default)]
    pub(super) form: Form,
}

/// How a call comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// A name and arguments.
    #[default]
    Call,
    /// The model's whole reply, in the argument `text`.
    Text,
}

/// What size a picture has for the model, and what its coordinates count.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum PictureRule {
    /// The screen's own.
    Native,
    /// Down to one of these of about the screen's shape, else to the longest edge of them.
    Targets(Vec<[u32; 2]>),
    /// Sent as it is; coordinates count pixels of what the model's own tower makes of it.
    Tower(PixelLimits),
}

/// What comes back.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct AnswerRule {
    /// Which calls are answered with a picture.
    pub(super) picture: Pictured,
    /// Where the pointer is: `{x}` and `{y}`, in the model's coordinates.
    #[serde(default)]
    pub(super) pointer: String,
    /// Whether it is told in words what changed.
    #[serde(default)]
    pub(super) says_changes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pictured {
    /// All that touch the screen.
    Every,
    /// Those that ask for one.
    Asked,
}
