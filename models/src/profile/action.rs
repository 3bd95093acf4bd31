//! The action map: what a call in a model's own words means in ours.
//!
//! In a profile each name has one meaning, and each part of the meaning names the argument that it
//! is taken from: `left_click.click = { at = "coordinate" }`. A dot in an argument's name goes into
//! it: `position.0` is the first of a list. Where a model uses two names for one thing, a bar stands
//! between them: `start_box|point`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::call::{Button, Opened, UiCall};
use super::error::{ReplyError, excerpt};
use super::grammar::numbers;
use super::key::{Chord, KeyStyle};
use super::scroll::{ScrollStyle, Upwards};
use super::space::{CoordinateSpace, Shown};
use crate::roles::ToolCall;
use crate::space::Unit;

/// What one name in the model's vocabulary means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Meaning {
    Move {
        to: PointArgument,
    },
    Click {
        at: Option<PointArgument>,
        #[serde(default)]
        button: Button,
        /// Goes before `button` where the call has it.
        button_from: Option<String>,
        #[serde(default = "once")]
        count: u8,
        /// Goes before `count` where the call has it.
        count_from: Option<String>,
        /// Keys that are held meanwhile, where the call has any.
        holding: Option<String>,
    },
    Press {
        #[serde(default)]
        button: Button,
        button_from: Option<String>,
    },
    Release {
        #[serde(default)]
        button: Button,
        button_from: Option<String>,
    },
    Drag {
        from: Option<PointArgument>,
        to: PointArgument,
        /// Whether a drag without `from` is none; else it starts where the pointer is.
        #[serde(default)]
        from_somewhere: bool,
    },
    /// Over a list of points.
    Path {
        points: String,
    },
    Type {
        text: String,
        /// Clicked first, where the call has it.
        at: Option<PointArgument>,
        /// Whether all that is there goes first.
        #[serde(default)]
        replace: Flag,
        /// Whether Return follows.
        #[serde(default)]
        enter: Flag,
    },
    Key {
        keys: String,
        count_from: Option<String>,
    },
    /// Keys that are held for a time.
    Hold {
        keys: String,
        seconds: String,
    },
    KeyDown {
        keys: String,
    },
    KeyUp {
        keys: String,
    },
    /// A chord that the name alone says.
    Chord {
        keys: Vec<String>,
    },
    Scroll {
        at: Option<PointArgument>,
        amount: Option<String>,
        direction: Option<String>,
        #[serde(default)]
        axis: Axis,
        /// An amount of its own to the right.
        across: Option<String>,
        /// Keys that are held meanwhile, where the call has any.
        holding: Option<String>,
    },
    Wait {
        seconds: Option<String>,
        milliseconds: Option<String>,
    },
    Screenshot {},
    /// Where is the pointer?
    Pointer {},
    /// A part of the screen, as large as it is: four numbers.
    Zoom {
        region: String,
    },
    /// Whichever of the two the call has.
    Open {
        app: Option<String>,
        url: Option<String>,
    },
    AskUser {
        question: Option<String>,
    },
    Note {
        text: String,
    },
    Done {
        answer: Option<String>,
    },
    Fail {
        reason: Option<String>,
    },
    /// Done or failed, as an argument says.
    Finish {
        status: Status,
        answer: Option<String>,
    },
}

/// The argument with a point in it, or the two with its coordinates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "the name of an argument, or a list of two for x and y")]
pub enum PointArgument {
    One(String),
    Two([String; 2]),
}

/// Always, never, or as an argument says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "true, false, or the name of an argument")]
pub enum Flag {
    Fixed(bool),
    Argument(String),
}

impl Default for Flag {
    fn default() -> Self {
        Self::Fixed(false)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    #[default]
    Vertical,
    Horizontal,
}

/// The argument that says how it ended, and the values of it that mean success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub argument: String,
    pub success: Vec<String>,
}

const fn once() -> u8 {
    1
}

/// Nobody clicks more often at once, and no key is pressed more often.
const TIMES_MAX: u64 = 20;
/// A model that wants to wait longer can ask again.
const WAIT_MAX: Duration = Duration::from_secs(60);
const WAIT_DEFAULT: Duration = Duration::from_secs(1);
/// In seconds.
const MILLISECOND: f64 = 0.001;
/// Points of one drag.
const PATH_MAX: usize = 500;

/// All that is needed to understand calls.
#[derive(Clone, Copy)]
pub(super) struct Dictionary<'a> {
    pub(super) calls: &'a BTreeMap<String, Meaning>,
    pub(super) coordinates: CoordinateSpace,
    pub(super) keys: KeyStyle,
    pub(super) scroll: ScrollStyle,
    pub(super) shown: &'a Shown,
}

impl Dictionary<'_> {
    /// Usually one; a text typed into a field that is clicked and emptied first is several.
    pub(super) fn understand(&self, call: &ToolCall) -> Result<Vec<UiCall>, ReplyError> {
        let Some(meaning) = self.calls.get(&call.tool) else {
            let known = self.calls.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(ReplyError::UnknownCall { call: excerpt(&call.tool), known });
        };
        let arguments = Arguments { call, dictionary: self };
        arguments.apply(meaning)
    }
}

struct Arguments<'a> {
    call: &'a ToolCall,
    dictionary: &'a Dictionary<'a>,
}

impl Arguments<'_> {
    fn apply(&self, meaning: &Meaning) -> Result<Vec<UiCall>, ReplyError> {
        let one = match meaning {
            Meaning::Move { to } => UiCall::Move { to: self.point(to)? },
            Meaning::Click { at, button, button_from, count, count_from, holding } => {
                let click = UiCall::Click {
                    at: self.point_if_given(at.as_ref())?,
                    button: self.button(button_from.as_deref(), *button)?,
                    count: self.times(count_from.as_deref(), *count)?,
                };
                return self.held(holding.as_deref(), vec![click]);
            }
            Meaning::Press { button, button_from } => {
                UiCall::Press { button: self.button(button_from.as_deref(), *button)? }
            }
            Meaning::Release { button, button_from } => {
                UiCall::Release { button: self.button(button_from.as_deref(), *button)? }
            }
            Meaning::Drag { from: Some(from), to, from_somewhere: true } => {
                UiCall::Drag { from: Some(self.point(from)?), to: self.point(to)? }
            }
            Meaning::Drag { from, to, .. } => {
                UiCall::Drag { from: self.point_if_given(from.as_ref())?, to: self.point(to)? }
            }
            Meaning::Path { points } => UiCall::Path { points: self.path(points)? },
            Meaning::Hold { keys, seconds } => {
                let hold = UiCall::Wait { time: self.wait(Some(seconds), 1.0)? };
                return self.held(Some(keys), vec![hold]);
            }
            Meaning::Type { .. } => return self.typing(meaning),
            Meaning::Key { keys, count_from } => {
                let times = self.times(count_from.as_deref(), 1)?;
                let strokes = self.strokes(keys)?;
                let all = std::iter::repeat_n(strokes, usize::from(times)).flatten();
                return Ok(all.map(|chord| UiCall::Key { chord }).collect());
            }
            Meaning::KeyDown { keys } => UiCall::KeyDown { chord: self.chord(keys)? },
            Meaning::KeyUp { keys } => UiCall::KeyUp { chord: self.chord(keys)? },
            Meaning::Chord { keys } => UiCall::Key { chord: fixed(keys) },
            Meaning::Scroll { at, holding, .. } => {
                let (right, down) = self.scrolled(meaning)?;
                let at = self.point_if_given(at.as_ref())?;
                return self.held(holding.as_deref(), vec![UiCall::Scroll { at, right, down }]);
            }
            Meaning::Wait { seconds, milliseconds } => {
                let time = match milliseconds.as_deref().filter(|name| self.given(name).is_some()) {
                    Some(name) => self.wait(Some(name), MILLISECOND)?,
                    None => self.wait(seconds.as_deref(), 1.0)?,
                };
                UiCall::Wait { time }
            }
            Meaning::Screenshot {} => UiCall::Screenshot,
            Meaning::Pointer {} => UiCall::Pointer,
            Meaning::Zoom { region } => self.zoom(region)?,
            Meaning::Open { app, url } => self.open(app.as_deref(), url.as_deref())?,
            Meaning::AskUser { question } => {
                UiCall::AskUser { question: self.text_if_given(question.as_deref())? }
            }
            Meaning::Note { text } => UiCall::Note { text: self.text(text)? },
            Meaning::Done { answer } => {
                UiCall::Done { answer: self.text_if_given(answer.as_deref())? }
            }
            Meaning::Fail { reason } => {
                UiCall::Fail { reason: self.text_if_given(reason.as_deref())? }
            }
            Meaning::Finish { status, answer } => self.finish(status, answer.as_deref())?,
        };
        Ok(vec![one])
    }

    fn typing(&self, meaning: &Meaning) -> Result<Vec<UiCall>, ReplyError> {
        let Meaning::Type { text, at, replace, enter } = meaning else {
            unreachable!("asked for typing alone");
        };
        let mut calls = Vec::new();
        if let Some(at) = self.point_if_given(at.as_ref())? {
            calls.push(UiCall::Click { at: Some(at), button: Button::Left, count: 1 });
        }
        if self.flag(replace)? {
            calls.push(UiCall::Key { chord: fixed(&["ctrl".to_owned(), "a".to_owned()]) });
        }
        calls.push(UiCall::Type { text: self.text(text)? });
        if self.flag(enter)? {
            calls.push(UiCall::Key { chord: fixed(&["return".to_owned()]) });
        }
        Ok(calls)
    }

    /// While keys are held, where the call names any.
    fn held(&self, keys: Option<&str>, calls: Vec<UiCall>) -> Result<Vec<UiCall>, ReplyError> {
        let is_given = |name: &&str| self.given(name).is_some_and(|keys| keys.as_str() != Some(""));
        let Some(keys) = keys.filter(is_given) else { return Ok(calls) };
        let chord = self.chord(keys)?;
        let mut held = vec![UiCall::KeyDown { chord: chord.clone() }];
        held.extend(calls);
        held.push(UiCall::KeyUp { chord });
        Ok(held)
    }

    /// One stroke after the other, as `Down Down Return` says.
    fn strokes(&self, name: &str) -> Result<Vec<Chord>, ReplyError> {
        let value = self.given(name);
        let several = value.and_then(Value::as_str).filter(|text| {
            self.dictionary.keys == KeyStyle::Plus && text.trim().contains(char::is_whitespace)
        });
        let Some(text) = several else { return Ok(vec![self.chord(name)?]) };
        let chords = text
            .split_whitespace()
            .take(TIMES_MAX as usize)
            .map(|part| Chord::read(&Value::from(part), KeyStyle::Plus))
            .collect::<Option<Vec<_>>>();
        chords.ok_or_else(|| self.wrong(name, "keys", value))
    }

    fn path(&self, name: &str) -> Result<Vec<Unit>, ReplyError> {
        let value = self.given(name);
        let wrong = || self.wrong(name, "a list of points", value);
        let points = value.and_then(Value::as_array).ok_or_else(wrong)?;
        if !(2..=PATH_MAX).contains(&points.len()) {
            return Err(wrong());
        }
        let point = |value: &Value| {
            let found = numbers::of_value(value).and_then(|found| middle(&found));
            self.dictionary.coordinates.unit(found.ok_or_else(wrong)?, self.dictionary.shown)
        };
        points.iter().map(point).collect()
    }

    fn zoom(&self, name: &str) -> Result<UiCall, ReplyError> {
        let value = self.given(name);
        let found = value.and_then(numbers::of_value);
        let corners = match found.as_deref() {
            Some([left, top, right, bottom]) if left < right && top < bottom => {
                [(*left, *top), (*right, *bottom)]
            }
            _ => return Err(self.wrong(name, "two corners", value)),
        };
        let corner = |at| self.dictionary.coordinates.unit(at, self.dictionary.shown);
        Ok(UiCall::Zoom { from: corner(corners[0])?, to: corner(corners[1])? })
    }

    /// Notches to the right, and down.
    fn scrolled(&self, meaning: &Meaning) -> Result<(i32, i32), ReplyError> {
        let Meaning::Scroll { amount, direction, axis, across, .. } = meaning else {
            unreachable!("asked for scrolling alone");
        };
        let Some(across) = across.as_deref().filter(|name| self.given(name).is_some()) else {
            return self.notches(amount.as_deref(), direction.as_deref(), *axis);
        };
        let style = self.dictionary.scroll;
        let down = match amount.as_deref().filter(|name| self.given(name).is_some()) {
            Some(name) => style.down(self.number(name)?),
            None => 0,
        };
        // To the right is positive everywhere, whatever up is.
        let right = style.down(self.number(across)?);
        Ok((if style.up == Upwards::Positive { -right } else { right }, down))
    }

    fn open(&self, app: Option<&str>, url: Option<&str>) -> Result<UiCall, ReplyError> {
        let url_given = self.text_if_given(url)?;
        let app_given = self.text_if_given(app)?;
        match (url_given.is_empty(), app_given.is_empty()) {
            (false, _) => Ok(UiCall::Open { what: Opened::Url, target: addressed(url_given) }),
            (true, false) => Ok(UiCall::Open { what: Opened::App, target: app_given }),
            (true, true) => Err(self.wrong(app.or(url).unwrap_or_default(), "a name", None)),
        }
    }

    fn finish(&self, status: &Status, answer: Option<&str>) -> Result<UiCall, ReplyError> {
        let text = self.text_if_given(answer)?;
        // Who says nothing of how it ended says that it ended well.
        let said = self.text_if_given(Some(&status.argument))?;
        if said.is_empty() || status.success.contains(&said) {
            Ok(UiCall::Done { answer: text })
        } else {
            Ok(UiCall::Fail { reason: if text.is_empty() { said } else { text } })
        }
    }

    fn given(&self, argument: &str) -> Option<&Value> {
        argument.split('|').find_map(|name| self.given_as(name))
    }

    fn given_as(&self, name: &str) -> Option<&Value> {
        let mut steps = name.split('.');
        let first = self.call.arguments.get(steps.next()?)?;
        let found = steps.try_fold(first, |value, step| match value {
            Value::Object(fields) => fields.get(step),
            Value::Array(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        });
        found.filter(|value| !value.is_null())
    }

    fn point_if_given(&self, at: Option<&PointArgument>) -> Result<Option<Unit>, ReplyError> {
        let Some(at) = at else { return Ok(None) };
        let is_given = match at {
            PointArgument::One(name) => self.given(name).is_some(),
            PointArgument::Two([x, y]) => self.given(x).is_some() || self.given(y).is_some(),
        };
        if is_given { self.point(at).map(Some) } else { Ok(None) }
    }

    /// A box stands for its middle.
    fn point(&self, at: &PointArgument) -> Result<Unit, ReplyError> {
        let point = match at {
            PointArgument::One(name) => {
                let value = self.given(name);
                let found = value.and_then(numbers::of_value).and_then(|found| middle(&found));
                found.ok_or_else(|| self.wrong(name, "a point", value))?
            }
            PointArgument::Two([x, y]) => (self.number(x)?, self.number(y)?),
        };
        self.dictionary.coordinates.unit(point, self.dictionary.shown)
    }

    fn number(&self, name: &str) -> Result<f64, ReplyError> {
        let value = self.given(name);
        let number = match value {
            Some(Value::String(text)) => text.trim().parse().ok(),
            value => value.and_then(Value::as_f64),
        };
        number.ok_or_else(|| self.wrong(name, "a number", value))
    }

    fn text(&self, name: &str) -> Result<String, ReplyError> {
        match self.given(name) {
            Some(Value::String(text)) => Ok(text.clone()),
            // `text: 42` where the model was to type digits.
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Bool(flag)) => Ok(flag.to_string()),
            value => Err(self.wrong(name, "a text", value)),
        }
    }

    fn text_if_given(&self, name: Option<&str>) -> Result<String, ReplyError> {
        match name {
            Some(name) if self.given(name).is_some() => self.text(name),
            _ => Ok(String::new()),
        }
    }

    fn flag(&self, flag: &Flag) -> Result<bool, ReplyError> {
        match flag {
            Flag::Fixed(fixed) => Ok(*fixed),
            Flag::Argument(name) => match self.given(name) {
                None => Ok(false),
                Some(Value::Bool(flag)) => Ok(*flag),
                Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
                Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
                value => Err(self.wrong(name, "true or false", value)),
            },
        }
    }

    fn button(&self, from: Option<&str>, default: Button) -> Result<Button, ReplyError> {
        let Some(value) = from.and_then(|name| self.given(name)) else { return Ok(default) };
        match value.as_str() {
            Some("left") => Ok(Button::Left),
            Some("middle" | "wheel") => Ok(Button::Middle),
            Some("right") => Ok(Button::Right),
            Some("back") => Ok(Button::Back),
            Some("forward") => Ok(Button::Forward),
            _ => Err(self.wrong(from.unwrap_or_default(), "a button", Some(value))),
        }
    }

    fn times(&self, from: Option<&str>, default: u8) -> Result<u8, ReplyError> {
        let Some(value) = from.and_then(|name| self.given(name)) else { return Ok(default) };
        let times = value.as_u64().filter(|times| (1..=TIMES_MAX).contains(times));
        times
            .and_then(|times| u8::try_from(times).ok())
            .ok_or_else(|| self.wrong(from.unwrap_or_default(), "1 to 20", Some(value)))
    }

    fn chord(&self, name: &str) -> Result<Chord, ReplyError> {
        let value = self.given(name);
        let chord = value.and_then(|value| Chord::read(value, self.dictionary.keys));
        chord.ok_or_else(|| self.wrong(name, "keys", value))
    }

    /// Notches to the right, and down.
    fn notches(
        &self,
        amount: Option<&str>,
        direction: Option<&str>,
        axis: Axis,
    ) -> Result<(i32, i32), ReplyError> {
        let style = self.dictionary.scroll;
        let amount = match amount {
            Some(name) if self.given(name).is_some() => Some(style.down(self.number(name)?)),
            _ => None,
        };
        let Some(name) = direction.filter(|name| self.given(name).is_some()) else {
            let down = amount.unwrap_or_else(|| style.step());
            return Ok(if axis == Axis::Vertical { (0, down) } else { (down, 0) });
        };
        // The direction says the sign.
        let far = amount.map_or_else(|| style.step(), i32::abs);
        match self.text(name)?.trim().to_ascii_lowercase().as_str() {
            "down" => Ok((0, far)),
            "up" => Ok((0, -far)),
            "right" => Ok((far, 0)),
            "left" => Ok((-far, 0)),
            _ => Err(self.wrong(name, "up, down, left or right", self.given(name))),
        }
    }

    fn wait(&self, time: Option<&str>, unit: f64) -> Result<Duration, ReplyError> {
        let Some(name) = time.filter(|name| self.given(name).is_some()) else {
            return Ok(WAIT_DEFAULT);
        };
        let time = Duration::try_from_secs_f64(self.number(name)? * unit).ok();
        let time = time.ok_or_else(|| self.wrong(name, "a time", self.given(name)))?;
        Ok(time.min(WAIT_MAX))
    }

    fn wrong(&self, argument: &str, expected: &'static str, found: Option<&Value>) -> ReplyError {
        ReplyError::Argument {
            call: excerpt(&self.call.tool),
            argument: argument.to_owned(),
            expected,
            found: found.map_or_else(|| "missing".to_owned(), |value| excerpt(&value.to_string())),
        }
    }
}

/// Of two numbers, themselves; of four, the middle of the box.
pub(super) fn middle(numbers: &[f64]) -> Option<(f64, f64)> {
    match *numbers {
        [x, y] => Some((x, y)),
        [left, top, right, bottom] => Some(((left + right) / 2.0, (top + bottom) / 2.0)),
        _ => None,
    }
}

fn fixed(keys: &[String]) -> Chord {
    let keys = Value::Array(keys.iter().cloned().map(Value::String).collect());
    Chord::read(&keys, KeyStyle::List).expect("checked when the profile was read")
}

/// A call in the model's words: the verb may be an argument of one tool.
pub(super) fn unwrapped(call: ToolCall, verb: Option<&str>) -> ToolCall {
    let Some(verb) = verb else { return call };
    let mut arguments: Map<String, Value> = call.arguments;
    match arguments.remove(verb) {
        Some(Value::String(name)) => ToolCall { tool: name, arguments },
        Some(other) => {
            arguments.insert(verb.to_owned(), other);
            ToolCall { tool: call.tool, arguments }
        }
        None => ToolCall { tool: call.tool, arguments },
    }
}

/// An address with its scheme, which models leave out as people do.
fn addressed(target: String) -> String {
    if target.contains("://") { target } else { format!("https://{target}") }
}
