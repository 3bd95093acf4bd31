//! Messages: a profile's prompts with what is asked put in.
//!
//! Texts have places in them, such as `{phrase}`; braces round anything else stay as they are. What
//! is put in may come from a screen, so it cannot forge a mark of the chat template: `<|` in it is
//! taken apart.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::ReplyError;
use super::record::{History, HistoryStyle, Profile, Prompt};
use super::space::Shown;

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    pub role: Role,
    pub parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    System,
    User,
    Assistant,
    /// The answer of a tool.
    Tool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Text(String),
    /// The screen of this step, counted from 0; grounding has but one.
    Image {
        step: usize,
    },
}

/// A text with places in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Text {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Plain(String),
    Place(String),
}

/// Where the image goes.
pub(super) const IMAGE: &str = "image";

impl From<String> for Text {
    fn from(text: String) -> Self {
        let mut pieces = Vec::new();
        let (mut plain, mut rest) = (String::new(), text.as_str());
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            let end = after.find(|c: char| !(c.is_ascii_lowercase() || c == '_'));
            match end.filter(|end| *end > 0 && after[*end..].starts_with('}')) {
                Some(end) => {
                    if !plain.is_empty() {
                        pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Place(after[..end].to_owned()));
                    rest = &after[end + 1..];
                }
                None => {
                    plain.push('{');
                    rest = after;
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Plain(plain));
        }
        Self { pieces }
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.to_string()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Plain(text) => f.write_str(text),
            Piece::Place(name) => write!(f, "{{{name}}}"),
        })
    }
}

impl Text {
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.as_str()),
            Piece::Plain(_) => None,
        })
    }

    /// The text with its places filled; `step` says whose image an `{image}` is.
    pub(super) fn fill(&self, step: usize, value: &dyn Fn(&str) -> String) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Plain(plain) => text.push_str(plain),
                Piece::Place(name) if name == IMAGE => {
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    parts.push(Part::Image { step });
                }
                Piece::Place(name) => text.push_str(&value(name)),
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        parts
    }

    fn line(&self, value: &dyn Fn(&str) -> String) -> String {
        let texts = self.fill(0, value).into_iter().filter_map(|part| match part {
            Part::Text(text) => Some(text),
            Part::Image { .. } => None,
        });
        texts.collect()
    }
}

/// What is asked of an actor.
#[derive(Clone, Copy, Debug)]
pub struct ActionRequest<'a> {
    pub instruction: &'a str,
    /// The elements on the screen as text, where the model is told of them.
    pub elements: &'a str,
    /// Oldest first; append-only in a run.
    pub past: &'a [Past],
    /// The screen now; none for a model that does not see.
    pub shown: Option<Shown>,
}

/// A step that is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// The reply as it was written.
    pub said: String,
    pub thought: String,
    /// What was done, in few words.
    pub summary: String,
    pub outcome: String,
}

impl Profile {
    /// The messages that ask where a phrase is.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of grounding.
    pub fn ask_where(&self, phrase: &str, shown: &Shown) -> Result<Vec<Message>, ReplyError> {
        let grounding = self.grounding.as_ref().ok_or(ReplyError::NoRole { role: "grounding" })?;
        let value = |name: &str| match name {
            "phrase" => defused(phrase),
            other => size(other, Some(shown)),
        };
        let mut messages = system(&grounding.prompt, &value);
        let parts = grounding.prompt.user.fill(0, &value);
        messages.push(Message { role: Role::User, parts });
        Ok(messages)
    }

    /// The messages that ask what to do next. Between two steps of one run they only grow, but for
    /// once in [`History::fold`] steps.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of actions.
    pub fn ask_what(&self, request: &ActionRequest<'_>) -> Result<Vec<Message>, ReplyError> {
        let action = self.action.as_ref().ok_or(ReplyError::NoRole { role: "action" })?;
        let (prompt, history) = (&action.prompt, &action.history);
        let now = request.past.len();
        let first_turn = match history.style {
            HistoryStyle::Turns | HistoryStyle::Tools => history.first_kept(now),
            HistoryStyle::Lines => now,
        };
        let told = history.lines(&request.past[..first_turn]);
        let value = |name: &str| match name {
            "instruction" => defused(request.instruction),
            "elements" => defused(request.elements),
            "history" => told.clone(),
            other => size(other, request.shown.as_ref()),
        };
        let mut messages = system(prompt, &value);
        for step in first_turn..=now {
            let text = if step == first_turn { &prompt.user } else { prompt.later() };
            let outcome = request.past.get(step.wrapping_sub(1)).map(|past| &past.outcome);
            let value = |name: &str| match (name, outcome) {
                ("outcome", Some(outcome)) => defused(outcome),
                // Long, and of no more use.
                ("elements", _) if step < now => LATER.to_owned(),
                _ => value(name),
            };
            let is_answer = history.style == HistoryStyle::Tools && step > first_turn;
            let role = if is_answer { Role::Tool } else { Role::User };
            messages.push(Message { role, parts: text.fill(step, &value) });
            if let Some(past) = request.past.get(step) {
                let parts = vec![Part::Text(own_words(&past.said))];
                messages.push(Message { role: Role::Assistant, parts });
            }
        }
        Ok(messages)
    }
}

impl Prompt {
    fn later(&self) -> &Text {
        self.next.as_ref().unwrap_or(&self.user)
    }
}

impl History {
    /// The first of so many steps that stays a turn: all of them until there are too many, then as
    /// many whole folds fewer as it takes.
    fn first_kept(&self, past: usize) -> usize {
        let (most, fold) = (self.keep as usize, self.fold.max(1) as usize);
        past.saturating_sub(most).div_ceil(fold).saturating_mul(fold).min(past)
    }

    fn lines(&self, steps: &[Past]) -> String {
        let Some(entry) = self.entry.as_ref().filter(|_| !steps.is_empty()) else {
            return self.none.clone();
        };
        let line = |(at, past): (usize, &Past)| {
            entry.line(&|name| match name {
                "number" => (at + 1).to_string(),
                "thought" => defused(&past.thought),
                "summary" => defused(&past.summary),
                "said" => defused(&past.said),
                "outcome" => defused(&past.outcome),
                _ => String::new(),
            })
        };
        steps.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }
}

pub(super) fn system(prompt: &Prompt, value: &dyn Fn(&str) -> String) -> Vec<Message> {
    let message = |text: &Text| Message { role: Role::System, parts: text.fill(0, value) };
    prompt.system.iter().map(message).collect()
}

fn size(name: &str, shown: Option<&Shown>) -> String {
    let size = shown.map(|shown| shown.resized);
    match (name, size) {
        ("width", Some(size)) => size.width.to_string(),
        ("height", Some(size)) => size.height.to_string(),
        _ => String::new(),
    }
}

/// In the place of a list of elements that a later one has taken the place of.
const LATER: &str = "(see below)";

/// Marks that models put into their replies.
const OWN_MARKS: [&str; 4] = ["box_start", "box_end", "object_ref_start", "object_ref_end"];

/// What the model wrote, as it wrote it, but for marks that are not its own.
fn own_words(said: &str) -> String {
    OWN_MARKS.iter().fold(defused(said), |text, mark| {
        text.replace(&format!("< |{mark}| >"), &format!("<|{mark}|>"))
    })
}

/// A text in which no mark of a chat template is left.
pub(crate) fn defused(text: &str) -> String {
    text.replace("<|", "< |").replace("|>", "| >")
}
