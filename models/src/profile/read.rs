//! From a reply to a place, or to calls.

use std::collections::BTreeMap;

use super::action::{Dictionary, middle, unwrapped};
use super::call::UiCall;
use super::error::{ReplyError, excerpt};
use super::grammar::{Raw, Said};
use super::pixels::ImageSize;
use super::record::{Profile, Refusal, ReplyForm};
use super::space::{CoordinateSpace, Shown};
use crate::roles::ToolCall;
use crate::space::Unit;

/// Where a model says that something is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spot {
    At(Unit),
    /// Two corners, each coordinate of the first the smaller.
    Within {
        from: Unit,
        to: Unit,
    },
    NotHere,
}

impl Spot {
    /// The point to click, if there is one.
    pub fn centre(self) -> Option<Unit> {
        match self {
            Self::At(point) => Some(point),
            Self::Within { from, to } => {
                Some(Unit { x: (from.x + to.x) / 2.0, y: (from.y + to.y) / 2.0 })
            }
            Self::NotHere => None,
        }
    }
}

/// What an actor wants to have done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    pub thought: String,
    /// In this order. Empty only of a profile without an action map: an answer in words.
    pub asked: Vec<Asked>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Pointer, keyboard, and the ends of a run.
    Ui(UiCall),
    /// One of the tools that it was offered.
    Tool(ToolCall),
}

/// Stands for the image where there is none: no call then has coordinates.
const BLIND: Shown =
    Shown { image: ImageSize { width: 1, height: 1 }, resized: ImageSize { width: 1, height: 1 } };

impl Profile {
    /// Reads an answer to [`ask_where`](Self::ask_where).
    ///
    /// # Errors
    ///
    /// If it is not of the profile's form, or points outside the image.
    pub fn read_where(&self, reply: &str, shown: &Shown) -> Result<Spot, ReplyError> {
        let grounding = self.grounding.as_ref().ok_or(ReplyError::NoRole { role: "grounding" })?;
        let form = &grounding.reply;
        let said = form.parse(reply)?;
        let space = form.coordinates.unwrap_or(CoordinateSpace::Rel1000);
        match said.raw.into_iter().next() {
            Some(Raw::Place(numbers)) => match (grounding.refusal, middle(&numbers)) {
                (Refusal::Point { x, y }, Some(point)) if point == (x, y) => Ok(Spot::NotHere),
                _ => place(&numbers, space, shown),
            },
            Some(Raw::Call(call)) => {
                let call = unwrapped(call, form.verb.as_deref());
                let calls = form.dictionary(shown).understand(&call)?;
                calls.iter().find_map(spot).ok_or_else(|| ReplyError::UnknownCall {
                    call: excerpt(&call.tool),
                    known: "calls with a point".to_owned(),
                })
            }
            None => Err(ReplyError::Form { expected: "place", found: excerpt(reply) }),
        }
    }

    /// Reads an answer to [`ask_what`](Self::ask_what).
    ///
    /// # Errors
    ///
    /// If it is not of the profile's form, makes no sense, or points outside the image.
    pub fn read_what(&self, reply: &str, shown: Option<&Shown>) -> Result<Reply, ReplyError> {
        let action = self.action.as_ref().ok_or(ReplyError::NoRole { role: "action" })?;
        let form = &action.reply;
        let said = form.parse(reply)?;
        if said.raw.is_empty() && !form.calls.is_empty() {
            return Err(ReplyError::Form { expected: "call", found: excerpt(reply) });
        }
        let dictionary = form.dictionary(shown.unwrap_or(&BLIND));
        let mut asked = Vec::new();
        for raw in said.raw {
            let Raw::Call(call) = raw else {
                return Err(ReplyError::Form { expected: "call", found: excerpt(reply) });
            };
            if form.calls.is_empty() {
                asked.push(Asked::Tool(call));
            } else {
                let call = unwrapped(call, form.verb.as_deref());
                asked.extend(dictionary.understand(&call)?.into_iter().map(Asked::Ui));
            }
        }
        Ok(Reply { thought: said.thought, asked })
    }
}

impl ReplyForm {
    /// What one call in the model's words means.
    ///
    /// # Errors
    ///
    /// If the map does not have it, it makes no sense, or it points outside the image.
    pub fn understand(&self, call: ToolCall, shown: &Shown) -> Result<Vec<UiCall>, ReplyError> {
        self.dictionary(shown).understand(&unwrapped(call, self.verb.as_deref()))
    }

    /// The calls of a reply in text, in the model's words.
    ///
    /// # Errors
    ///
    /// If it is not of this form.
    pub fn calls_of(&self, reply: &str) -> Result<Vec<ToolCall>, ReplyError> {
        let call = |raw| match raw {
            Raw::Call(call) => Ok(call),
            Raw::Place(_) => Err(ReplyError::Form { expected: "call", found: excerpt(reply) }),
        };
        self.parse(reply)?.raw.into_iter().map(call).collect()
    }

    /// Thoughts apart from the rest. A template may have opened them already, so the closing mark
    /// alone will do.
    fn parse(&self, reply: &str) -> Result<Said, ReplyError> {
        let Some(thinking) = &self.thinking else { return self.output.parse(reply) };
        match reply.split_once(&thinking.close) {
            Some((thought, answer)) => {
                let mut said = self.output.parse(answer)?;
                let thought = thought.trim_start();
                let thought = thought.strip_prefix(&thinking.open).unwrap_or(thought).trim();
                said.thought = [thought, &said.thought].join("\n").trim().to_owned();
                Ok(said)
            }
            None if reply.contains(&thinking.open) => Err(ReplyError::Unfinished),
            None => self.output.parse(reply),
        }
    }

    fn dictionary<'a>(&'a self, shown: &'a Shown) -> Dictionary<'a> {
        let calls: &BTreeMap<_, _> = &self.calls;
        // Where a profile has no space, it has no calls with points either.
        let coordinates = self.coordinates.unwrap_or(CoordinateSpace::Rel1000);
        Dictionary { calls, coordinates, keys: self.keys, scroll: self.scroll, shown }
    }
}

fn place(numbers: &[f64], space: CoordinateSpace, shown: &Shown) -> Result<Spot, ReplyError> {
    match *numbers {
        [x, y] => Ok(Spot::At(space.unit((x, y), shown)?)),
        [x1, y1, x2, y2] => Ok(Spot::Within {
            from: space.unit((x1.min(x2), y1.min(y2)), shown)?,
            to: space.unit((x1.max(x2), y1.max(y2)), shown)?,
        }),
        _ => Err(ReplyError::Form {
            expected: "two numbers, or four",
            found: excerpt(&format!("{numbers:?}")),
        }),
    }
}

fn spot(call: &UiCall) -> Option<Spot> {
    match call {
        UiCall::Click { at: Some(at), .. } | UiCall::Move { to: at } => Some(Spot::At(*at)),
        UiCall::Fail { .. } => Some(Spot::NotHere),
        _ => None,
    }
}
