//! What each tool takes: the types of its arguments, which say to a model what they are for.

use deskbound_accessibility::{ScreenPx, ScreenRect, Tree};
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::action::{Action, Button, Chord, Direction, Modifier, NodeAction, Pressed, WindowAct};
use crate::aim::window;

/// See the screen: a list of its elements, each with a number to act on, and a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Whether a picture is wanted; the list alone is smaller.
    #[serde(default = "yes")]
    pub picture: bool,
    /// Only this part of the screen, in its native pixels.
    #[serde(default)]
    pub region: Option<Region>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

/// What is acted on: an element's number, a point, or a description in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The number of an element in the last list.
    #[serde(default)]
    pub element: Option<u64>,
    /// A point, with `y`.
    #[serde(default)]
    pub x: Option<i32>,
    #[serde(default)]
    pub y: Option<i32>,
    /// What it is, in words, such as "the Save button".
    #[serde(default)]
    pub description: Option<String>,
}

/// A target, whose three ways exclude each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Place<'t> {
    Element(u64),
    Point(ScreenPx),
    Words(&'t str),
}

/// Click on something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Click {
    pub target: Target,
    /// left, middle, right, back or forward.
    #[serde(default = "left")]
    #[schemars(with = "String")]
    pub button: Button,
    /// 2 for a double click.
    #[serde(default = "once")]
    pub count: u8,
    /// Keys held meanwhile: ctrl, shift, alt, super.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub modifiers: Vec<Modifier>,
}

/// Point at something, and press nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pointing {
    pub target: Target,
}

/// Drag from the first point over all others to the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drag {
    /// Two points or more.
    #[serde(deserialize_with = "two_or_more")]
    #[schemars(length(min = 2))]
    pub path: Vec<Point>,
    #[serde(default = "left")]
    #[schemars(with = "String")]
    pub button: Button,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// Turn the wheel over something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scroll {
    pub target: Target,
    /// up, down, left or right: where the view goes.
    #[schemars(with = "String")]
    pub direction: Direction,
    #[serde(default = "three")]
    pub notches: u32,
}

/// Type a text into whatever has the keyboard. Any characters; newlines are typed as such.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Type {
    pub text: String,
}

/// Press keys together and let go, such as `ctrl+s`, `Return` or `alt+F4`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    #[schemars(with = "String")]
    pub keys: Chord,
    /// They are held for so many seconds.
    #[serde(default)]
    pub seconds: Option<f64>,
}

/// Act on an element without the pointer: write into a field, set a slider, choose it among others,
/// give it the keyboard, bring it into view, fold it open or shut, press it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Element {
    pub target: Target,
    pub act: ElementAct,
    /// The text that a field is to hold, or the number that a slider is to show.
    #[serde(default)]
    pub value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ElementAct {
    SetText,
    SetValue,
    Select,
    Focus,
    ScrollTo,
    Expand,
    Collapse,
    Press,
}

/// Bring a window to the front, or ask it to close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// Its title, or a part of it that no other title has.
    pub title: String,
    pub act: WindowDeed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowDeed {
    Focus,
    Close,
}

/// Read the clipboard, or put a text into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clipboard {
    /// What is to be in it; without, it is read.
    #[serde(default)]
    pub text: Option<String>,
}

/// Replace a text that is in one place of a text file of the desktop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditFile {
    /// Absolute, or below the home folder.
    pub path: String,
    /// What stands there, once and to the letter.
    pub old: String,
    /// What is to stand there.
    pub new: String,
}

/// Wait until a text can be seen, or for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// What is to be seen, in any element's name or text.
    #[serde(default)]
    pub text: Option<String>,
    /// At most so many seconds.
    #[serde(default = "five")]
    pub seconds: u32,
}

/// Start an application, by the name of its program, and open files with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Launch {
    pub application: String,
    #[serde(default)]
    pub files: Vec<String>,
}

/// Open a file or an address with whatever opens it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// A path, absolute or below the home folder, or a URL of `https:`, `http:` or `file:`.
    pub target: String,
}

/// Run a command with `sh -c`, as the desktop's user, and see what it prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shell {
    pub command: String,
    /// It is ended after so many seconds.
    #[serde(default = "minute")]
    pub seconds: u32,
}

/// Read a text file of the desktop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadFile {
    /// Absolute, or below the home folder.
    pub path: String,
}

/// Write a text file of the desktop anew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteFile {
    /// Absolute, or below the home folder.
    pub path: String,
    pub text: String,
}

/// Hold keys down, or let go of them, such as `shift` while something is clicked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    #[schemars(with = "String")]
    pub keys: Chord,
    /// down or up.
    #[schemars(with = "String")]
    pub pressed: Pressed,
}

/// Hold a mouse button where the pointer is, or let go of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldButton {
    #[serde(default = "left")]
    #[schemars(with = "String")]
    pub button: Button,
    /// down or up.
    #[schemars(with = "String")]
    pub pressed: Pressed,
}

/// Find what shows by a selector of the accessibility tree, such as `button "Save" enabled`,
/// `field in~"save as"` or `app=mousepad menu`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Find {
    pub selector: String,
}

/// Takes no arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl Element {
    /// What is done to its node; `Err` is for a model to read.
    pub(crate) fn action(&self) -> Result<NodeAction, String> {
        let needed = || self.value.clone().ok_or("`value` says what it is to hold".to_owned());
        Ok(match self.act {
            ElementAct::SetText => NodeAction::SetText(needed()?),
            ElementAct::SetValue => {
                let value = needed()?;
                let number = value.trim().parse().ok().filter(|number: &f64| number.is_finite());
                NodeAction::SetValue(number.ok_or_else(|| format!("“{value}” is no number"))?)
            }
            ElementAct::Select => NodeAction::Select,
            ElementAct::Focus => NodeAction::Focus,
            ElementAct::ScrollTo => NodeAction::ScrollTo,
            ElementAct::Expand => NodeAction::Expand,
            ElementAct::Collapse => NodeAction::Collapse,
            ElementAct::Press => NodeAction::Press,
        })
    }
}

impl Window {
    /// `Err` is for a model to read.
    pub(crate) fn action(&self, tree: &Tree) -> Result<Action, String> {
        let window = window(tree, &self.title)?;
        let act = match self.act {
            WindowDeed::Focus => WindowAct::Focus,
            WindowDeed::Close => WindowAct::Close,
        };
        Ok(Action::Window { window, act })
    }
}

impl Target {
    pub fn place(&self) -> Result<Place<'_>, &'static str> {
        match (self.element, self.x.zip(self.y), self.description.as_deref()) {
            (Some(element), None, None) => Ok(Place::Element(element)),
            (None, Some((x, y)), None) => Ok(Place::Point(ScreenPx { x, y })),
            (None, None, Some(words)) if !words.trim().is_empty() => Ok(Place::Words(words)),
            _ => Err("a target is one of: an element's number, x and y, a description"),
        }
    }
}

impl From<Point> for ScreenPx {
    fn from(Point { x, y }: Point) -> Self {
        Self { x, y }
    }
}

impl From<Region> for ScreenRect {
    fn from(Region { x, y, width, height }: Region) -> Self {
        Self { x, y, width, height }
    }
}

fn two_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Point>, D::Error> {
    let path = Vec::deserialize(from)?;
    if path.len() < 2 {
        return Err(Error::custom("a drag goes over two points or more"));
    }
    Ok(path)
}

fn yes() -> bool {
    true
}

fn left() -> Button {
    Button::Left
}

fn once() -> u8 {
    1
}

fn three() -> u32 {
    3
}

fn five() -> u32 {
    5
}

fn minute() -> u32 {
    60
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_target_is_one_thing() {
        let place = |value: Value| {
            let target: Target = serde_json::from_value(value).unwrap();
            target.place().is_ok()
        };
        assert!(place(json!({ "element": 1 })) && place(json!({ "x": 0, "y": 0 })));
        assert!(place(json!({ "description": "Save" })));
        assert!(!place(json!({})) && !place(json!({ "x": 1 })));
        assert!(!place(json!({ "element": 1, "x": 0, "y": 0 })));
    }

    #[test]
    fn what_is_done_to_an_element_is_read() {
        let act = |act, value: Option<&str>| {
            let value = value.map(str::to_owned);
            let target = Target { element: Some(1), x: None, y: None, description: None };
            Element { target, act, value }.action()
        };
        assert_eq!(act(ElementAct::SetText, Some("")), Ok(NodeAction::SetText(String::new())));
        assert_eq!(act(ElementAct::SetValue, Some(" 2.5 ")), Ok(NodeAction::SetValue(2.5)));
        assert_eq!(act(ElementAct::Select, None), Ok(NodeAction::Select));
        assert!(act(ElementAct::SetText, None).is_err());
        assert!(act(ElementAct::SetValue, Some("many")).is_err());
        assert!(act(ElementAct::SetValue, Some("inf")).is_err());
    }
}
