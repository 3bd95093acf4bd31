//! The tools with which somebody else's model drives a desktop: a closed set, each with a schema.
//!
//! Points are pixels of the screen, as in the pictures that `look` gives.

mod arguments;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::arguments::{
    Click, Clipboard, Drag, EditFile, Element, ElementAct, Find, Hold, HoldButton, Key, Launch,
    Look, Nothing, Open, Place, Point, Pointing, ReadFile, Region, Scroll, Shell, Target, Type,
    Wait, Window, WindowDeed, WriteFile,
};
use crate::action::{Action, Openable};
use crate::aim::{Spot, absolute};
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
    Open(Open),
    Status(Nothing),
    Pause(Nothing),
    Resume(Nothing),
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
    "open" Full Acts Open(Open);
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

    /// The action, its target found; files are below the home folder where nothing else is said.
    /// `Err` is for a model to read.
    pub(crate) fn action(&self, spot: Option<Spot>, home: &str) -> Result<Action, String> {
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
                let args = launch.files.iter().map(|file| absolute(home, file)).collect();
                Action::Launch { program: launch.application.clone(), args }
            }
            Self::Open(open) => {
                let target = Openable::below(home, &open.target);
                Action::Open { target: target.map_err(|error| error.to_string())? }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::action::{Button, Modifier};

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
    fn a_program_is_started_with_files_below_the_home_folder() {
        let launch = |files: &[&str]| {
            let files = files.iter().map(|file| (*file).to_owned()).collect();
            Tool::Launch(Launch { application: "mousepad".to_owned(), files })
        };
        let below = launch(&["a.txt", "/home/user/b.txt"]).action(None, "/home/user");
        let files = ["/home/user/a.txt", "/home/user/b.txt"];
        assert_eq!(below, Ok(Action::launch("mousepad", &files)));
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
