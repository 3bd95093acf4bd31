//! The tools with which somebody else's model drives a desktop: a closed set, each with a schema.
//!
//! Points are pixels of the screen, as in the pictures that `look` gives.

use std::time::Duration;

use deskbound_accessibility::{ScreenPx, ScreenRect, Tree};
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::action::{Action, Button, Chord, Direction, Modifier, NodeAction, Pressed, WindowAct};
use crate::aim::{Spot, absolute, window};
use crate::limits::CLICKS;

/// One call, read and typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    Look(Look),
    Click(Click),
    Move(Pointing),
    Drag(Drag),
    Scroll(Scroll),
    Type(Type),
    Key(Key),
    Element(Element),
    Window(Window),
    Wait(Wait),
    Launch(Launch),
    Shell(Shell),
    ReadFile(ReadFile),
    WriteFile(WriteFile),
    Hold(Hold),
    Button(HoldButton),
    Windows(Nothing),
    Find(Find),
    Clipboard(Clipboard),
    EditFile(EditFile),
    Status(Nothing),
    Pause(Nothing),
    Resume(Nothing),
}

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

/// What a tool does to the desktop, for whoever decides whether it may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// Changes nothing.
    Reads,
    /// Changes what is in view, or whether time passes, and nothing that anybody made.
    Shifts,
    /// May change anything.
    Acts,
    /// The same call again changes nothing more.
    ActsOnce,
}

/// How many tools are offered. A small model is lost among many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Toolbox {
    /// What most tasks need.
    #[default]
    Basic,
    /// All there are.
    Full,
}

impl Toolbox {
    fn is_within(self, other: Self) -> bool {
        self == Self::Basic || other == Self::Full
    }
}

/// One tool as it is offered.
#[derive(Clone, Debug)]
pub struct Offer {
    pub name: &'static str,
    pub purpose: String,
    pub nature: Nature,
    /// Of its arguments.
    pub schema: Map<String, Value>,
}

/// Why a call is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    #[error("there is no tool `{name}`")]
    NoTool { name: String },
    #[error("the arguments of `{tool}` are not as they should be: {reason}")]
    Arguments { tool: &'static str, reason: String },
}

/// Every tool: its name, the smallest toolbox it is in, its nature, the type of its arguments, and
/// its purpose where that type does not say it.
macro_rules! tools {
    ($($name:literal $toolbox:ident $nature:ident $kind:ident($arguments:ty) $($purpose:literal)?;)*) => {
        impl Tool {
            /// The tools that are offered.
            pub fn offers(toolbox: Toolbox) -> Vec<Offer> {
                let mut offers = Vec::new();
                $(if Toolbox::$toolbox.is_within(toolbox) {
                    let purpose: &[&str] = &[$($purpose)?];
                    offers.push(offer::<$arguments>($name, Nature::$nature, purpose.first()));
                })*
                offers
            }

            /// Reads a call.
            pub fn read(name: &str, arguments: Map<String, Value>) -> Result<Self, CallError> {
                match name {
                    $($name => read::<$arguments>($name, arguments).map(Self::$kind),)*
                    _ => Err(CallError::NoTool { name: name.to_owned() }),
                }
            }

            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)*
                }
            }

            /// Whether it is offered.
            pub fn is_in(&self, toolbox: Toolbox) -> bool {
                let least = match self {
                    $(Self::$kind(_) => Toolbox::$toolbox,)*
                };
                least.is_within(toolbox)
            }
        }
    };
}

tools! {
    "look" Basic Reads Look(Look);
    "click" Basic Acts Click(Click);
    "move" Basic Reads Move(Pointing);
    "drag" Basic Acts Drag(Drag);
    "scroll" Basic Shifts Scroll(Scroll);
    "type" Basic Acts Type(Type);
    "key" Basic Acts Key(Key);
    "element" Basic Acts Element(Element);
    "window" Basic Acts Window(Window);
    "wait" Basic Reads Wait(Wait);
    "launch" Basic Acts Launch(Launch);
    "shell" Basic Acts Shell(Shell);
    "read_file" Basic Reads ReadFile(ReadFile);
    "write_file" Basic ActsOnce WriteFile(WriteFile);
    "hold" Full Acts Hold(Hold);
    "button" Full Acts Button(HoldButton);
    "windows" Full Reads Windows(Nothing) "List the windows that show.";
    "find" Full Reads Find(Find);
    "clipboard" Full ActsOnce Clipboard(Clipboard);
    "edit_file" Full Acts EditFile(EditFile);
    "status" Full Reads Status(Nothing)
        "Say what this session is doing, where its record lies, and how long it lasts.";
    "pause" Full Shifts Pause(Nothing)
        "Let the desktop stand still, a virtual one with its clock. Calls wait until `resume`.";
    "resume" Full Shifts Resume(Nothing) "Let the desktop go on.";
}

fn offer<A: JsonSchema>(name: &'static str, nature: Nature, purpose: Option<&&str>) -> Offer {
    let schema = schemars::schema_for!(A);
    let mut schema = schema.as_object().cloned().unwrap_or_default();
    let described = schema.remove("description");
    let purpose = match (purpose, &described) {
        (Some(purpose), _) => (*purpose).to_owned(),
        (None, Some(Value::String(text))) => text.clone(),
        (None, _) => String::new(),
    };
    schema.remove("title");
    Offer { name, purpose, nature, schema }
}

fn read<A: for<'de> Deserialize<'de>>(
    tool: &'static str,
    arguments: Map<String, Value>,
) -> Result<A, CallError> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| CallError::Arguments { tool, reason: error.to_string() })
}

impl Tool {
    /// The files that a program is started with are below the home folder where nothing else is said.
    pub(crate) fn below(self, home: &str) -> Self {
        let Self::Launch(launch) = self else { return self };
        let files = launch.files.iter().map(|file| absolute(home, file)).collect();
        Self::Launch(Launch { files, ..launch })
    }

    /// What it is to be done to, of those that have a place.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::Click(click) => Some(&click.target),
            Self::Move(pointing) => Some(&pointing.target),
            Self::Scroll(scroll) => Some(&scroll.target),
            Self::Element(element) => Some(&element.target),
            _ => None,
        }
    }

    /// The action, its target found; `Err` is for a model to read.
    pub(crate) fn action(&self, spot: Option<Spot>) -> Result<Action, String> {
        let nothing = || format!("`{}` acts on nothing", self.name());
        let place = || spot.as_ref().ok_or_else(nothing)?.place();
        Ok(match self {
            Self::Click(click) => Action::Click {
                at: place()?,
                button: click.button,
                count: click.count.clamp(1, CLICKS),
                modifiers: click.modifiers.clone(),
                on: spot.and_then(|spot| spot.on),
            },
            Self::Scroll(scroll) => {
                let (direction, notches) = (scroll.direction, scroll.notches);
                Action::Scroll { at: place()?, direction, notches }
            }
            Self::Move(_) => Action::Move { to: place()? },
            Self::Element(element) => {
                let Spot { on, bounds, .. } = spot.ok_or_else(nothing)?;
                let node = on.ok_or("only pixels show it; click on it, and type")?;
                Action::Element { node, bounds, act: element.action()? }
            }
            Self::Drag(drag) => {
                let path = drag.path.iter().map(|point| (*point).into()).collect();
                Action::Drag { path, button: drag.button }
            }
            Self::Type(typed) => Action::text(typed.text.clone()),
            Self::Key(key) => {
                let hold = key.seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
                Action::Key { chord: key.keys.clone(), hold }
            }
            Self::Clipboard(clipboard) => {
                Action::Copy { text: clipboard.text.clone().ok_or_else(nothing)? }
            }
            Self::Launch(launch) => {
                let (program, args) = (launch.application.clone(), launch.files.clone());
                Action::Launch { program, args }
            }
            Self::Hold(hold) => Action::Hold { chord: hold.keys.clone(), pressed: hold.pressed },
            Self::Button(held) => Action::Button { button: held.button, pressed: held.pressed },
            Self::Look(_)
            | Self::Windows(_)
            | Self::Find(_)
            | Self::Status(_)
            | Self::Pause(_)
            | Self::Resume(_)
            | Self::Wait(_)
            | Self::Window(_)
            | Self::EditFile(_)
            | Self::Shell(_)
            | Self::ReadFile(_)
            | Self::WriteFile(_) => return Err(nothing()),
        })
    }
}

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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(name: &str, arguments: Value, expected: Result<Tool, &str>) {
        let arguments = arguments.as_object().cloned().unwrap();
        let read = Tool::read(name, arguments).map_err(|error| error.to_string());
        match (&read, &expected) {
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            _ => assert_eq!(read, expected.map_err(str::to_owned), "{name}"),
        }
    }

    fn target(element: u64) -> Target {
        Target { element: Some(element), x: None, y: None, description: None }
    }

    #[test]
    fn calls_are_read_with_what_is_usual() {
        check("look", json!({}), Ok(Tool::Look(Look { picture: true, region: None })));
        let click =
            Click { target: target(7), button: Button::Left, count: 1, modifiers: Vec::new() };
        check("click", json!({ "target": { "element": 7 } }), Ok(Tool::Click(click.clone())));
        let held = Click { modifiers: vec![Modifier::Ctrl], ..click };
        let given = json!({ "target": { "element": 7 }, "modifiers": ["ctrl"] });
        check("click", given, Ok(Tool::Click(held)));
        let key = Key { keys: "ctrl+s".parse().unwrap(), seconds: None };
        check("key", json!({ "keys": "ctrl+s" }), Ok(Tool::Key(key)));
        check("key", json!({ "keys": "ctrl+fnord" }), Err("fnord"));
        check("click", json!({ "traget": {} }), Err("unknown field `traget`"));
        check("drag", json!({ "path": [{ "x": 1, "y": 2 }] }), Err("two points or more"));
        check("dance", json!({}), Err("there is no tool `dance`"));
    }

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
    fn a_program_is_started_with_files_below_the_home_folder() {
        let launch = |files: &[&str]| {
            let files = files.iter().map(|file| (*file).to_owned()).collect();
            Tool::Launch(Launch { application: "mousepad".to_owned(), files })
        };
        let below = launch(&["a.txt", "/home/user/b.txt"]).below("/home/user");
        assert_eq!(below, launch(&["/home/user/a.txt", "/home/user/b.txt"]));
    }

    #[test]
    fn what_is_done_to_an_element_is_read() {
        let act = |act, value: Option<&str>| {
            let value = value.map(str::to_owned);
            Element { target: target(1), act, value }.action()
        };
        assert_eq!(act(ElementAct::SetText, Some("")), Ok(NodeAction::SetText(String::new())));
        assert_eq!(act(ElementAct::SetValue, Some(" 2.5 ")), Ok(NodeAction::SetValue(2.5)));
        assert_eq!(act(ElementAct::Select, None), Ok(NodeAction::Select));
        assert!(act(ElementAct::SetText, None).is_err());
        assert!(act(ElementAct::SetValue, Some("many")).is_err());
        assert!(act(ElementAct::SetValue, Some("inf")).is_err());
    }

    #[test]
    fn every_tool_says_what_it_is_for_and_what_it_takes() {
        assert!(Tool::offers(Toolbox::Basic).len() <= 14, "a small model is lost among more");
        let names = |toolbox| Tool::offers(toolbox).iter().map(|it| it.name).collect::<Vec<_>>();
        let (basic, full) = (names(Toolbox::Basic), names(Toolbox::Full));
        assert!(full.len() > basic.len() && basic.iter().all(|name| full.contains(name)));
        let offers = Tool::offers(Toolbox::Full);
        for offer in offers {
            assert!(offer.purpose.len() > 10, "{}", offer.name);
            assert_eq!(offer.schema["type"], "object", "{}", offer.name);
            assert_eq!(offer.schema["additionalProperties"], false, "{}", offer.name);
        }
    }
}
