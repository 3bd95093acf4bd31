//! `[vision]` of a profile: a screen in words, and as a list of what is on it.
//!
//! The list is the JSON that Qwen's models were trained to write of what they find: of each thing a box,
//! `bbox_2d`, and a `label`; here with the thing's kind. A list that was cut at its limit is read up to
//! the last thing that is whole.
//!
//! Source: `cookbooks/2d_grounding.ipynb` of Qwen3-VL.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{ReplyError, excerpt};
use super::grammar::REPLY_BYTES_MAX;
use super::prompt::{Message, Role, Text, defused, system};
use super::record::{Profile, Prompt, Sampling};
use super::space::{CoordinateSpace, Shown};
use crate::roles::Find;
use crate::space::{ImageRect, Unit};

/// Things of one list.
const THINGS_MAX: usize = 300;
const LABEL_CHARS_MAX: usize = 200;
/// What a thing can be; those of the shipped viewer are among them.
const KINDS: [&str; 12] = [
    "text",
    "button",
    "field",
    "check-box-off",
    "check-box-on",
    "radio-button-off",
    "radio-button-on",
    "tab",
    "menu-item",
    "scroll-bar",
    "link",
    "icon",
];

/// An image in, words or a list out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VisionProfile {
    /// With `{image}` and `{question}`.
    pub prompt: Prompt,
    /// Where nothing in particular is asked.
    pub question: String,
    /// Asks for the list, in the place of a question.
    pub list: Text,
    /// Of the boxes: whole numbers, so no fractions.
    pub coordinates: CoordinateSpace,
    pub sampling: Sampling,
    /// Tokens of prompt and answer together; as many as the engine takes where left out.
    pub context: Option<u32>,
}

#[derive(Deserialize)]
struct Thing {
    bbox_2d: [f64; 4],
    #[serde(default)]
    kind: String,
    #[serde(default)]
    label: String,
}

impl Profile {
    /// The messages that ask a question about an image, or what is on it.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of vision.
    pub fn ask_about(&self, question: Option<&str>) -> Result<Vec<Message>, ReplyError> {
        let vision = self.vision()?;
        Ok(vision.messages(question.unwrap_or(&vision.question)))
    }

    /// The messages that ask for a list of what is on an image.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of vision.
    pub fn ask_for_list(&self) -> Result<Vec<Message>, ReplyError> {
        let vision = self.vision()?;
        Ok(vision.messages(&vision.list.to_string()))
    }

    /// What a list must look like, as a JSON schema.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of vision.
    pub fn list_schema(&self, shown: &Shown) -> Result<Value, ReplyError> {
        let (width, height) = self.vision()?.coordinates.extent(shown);
        let number = |most: f64| json!({"type": "integer", "minimum": 0, "maximum": most as i64});
        let corners = [width, height, width, height].map(number);
        Ok(json!({
            "type": "array",
            "maxItems": THINGS_MAX,
            "items": {
                "type": "object",
                "properties": {
                    "bbox_2d": {
                        "type": "array", "prefixItems": corners, "items": false, "minItems": 4,
                    },
                    "kind": {"enum": KINDS},
                    "label": {"type": "string", "maxLength": LABEL_CHARS_MAX},
                },
                "required": ["bbox_2d", "kind", "label"],
                "additionalProperties": false,
            },
        }))
    }

    /// Reads an answer to [`ask_for_list`](Self::ask_for_list); each find has `score`. Things without
    /// any extent are left out.
    ///
    /// # Errors
    ///
    /// If it is no such list, or a box is outside the image.
    pub fn read_list(
        &self,
        reply: &str,
        shown: &Shown,
        score: f32,
    ) -> Result<Vec<Find>, ReplyError> {
        let vision = self.vision()?;
        let things = things(reply)?;
        let finds = things.into_iter().take(THINGS_MAX).map(|thing| {
            let [x1, y1, x2, y2] = thing.bbox_2d;
            let from = vision.coordinates.unit((x1.min(x2), y1.min(y2)), shown)?;
            let to = vision.coordinates.unit((x1.max(x2), y1.max(y2)), shown)?;
            let kind = if thing.kind.is_empty() { "text".to_owned() } else { thing.kind };
            let text = thing.label.chars().take(LABEL_CHARS_MAX).collect();
            Ok(Find { bounds: rectangle(from, to, shown), kind, text, score })
        });
        let finds: Vec<Find> = finds.collect::<Result<_, _>>()?;
        Ok(finds
            .into_iter()
            .filter(|find| find.bounds.width > 0 && find.bounds.height > 0)
            .collect())
    }

    fn vision(&self) -> Result<&VisionProfile, ReplyError> {
        self.vision.as_ref().ok_or(ReplyError::NoRole { role: "vision" })
    }
}

impl VisionProfile {
    fn messages(&self, question: &str) -> Vec<Message> {
        let value = |name: &str| match name {
            "question" => defused(question),
            _ => String::new(),
        };
        let mut messages = system(&self.prompt, &value);
        messages.push(Message { role: Role::User, parts: self.prompt.user.fill(0, &value) });
        messages
    }
}

fn things(reply: &str) -> Result<Vec<Thing>, ReplyError> {
    if reply.len() > REPLY_BYTES_MAX {
        return Err(ReplyError::TooLong { bytes: reply.len(), limit: REPLY_BYTES_MAX });
    }
    let form = || ReplyError::Form { expected: "list of things", found: excerpt(reply) };
    let list = reply.find('[').map(|at| &reply[at..]).ok_or_else(form)?;
    let whole = |text: &str| serde_json::from_str::<Vec<Thing>>(text).ok();
    let closed = list.rfind(']').and_then(|end| whole(&list[..=end]));
    let cut = || {
        let end = list.rfind('}')?;
        whole(&format!("{}]", &list[..=end]))
    };
    closed.or_else(cut).ok_or_else(form)
}

/// Of the image as it was before it was resized.
fn rectangle(from: Unit, to: Unit, shown: &Shown) -> ImageRect {
    let edge = |at: f32, full: u32| ((at * full as f32).round() as u32).min(full);
    let (width, height) = (shown.image.width, shown.image.height);
    let (x, y) = (edge(from.x, width), edge(from.y, height));
    ImageRect { x, y, width: edge(to.x, width) - x, height: edge(to.y, height) - y }
}
