//! Verbs: a click, some keys. What a model is offered that finds its own way over the screen, and
//! how its calls are read.
//!
//! They are the [`Tool`]s in the plain form that models write best: no argument is an object, and
//! numbers may come as text.

use deskbound_models::{ArgumentSpec, ToolCall, ToolSpec};
use serde_json::{Map, Value};

use crate::action::{Action, ChordError, Pressed};
use crate::tool::{Tool, Toolbox};

const fn argument(name: &'static str, purpose: &'static str, required: bool) -> ArgumentSpec {
    ArgumentSpec { name, purpose, required }
}

const ELEMENT: ArgumentSpec = argument("element", "the number of an element in the list", false);
const DESCRIPTION: ArgumentSpec =
    argument("description", "what it is, in words, where it has no number", false);

/// What models are offered. All arguments are strings.
pub static VERBS: &[ToolSpec] = &[
    ToolSpec {
        name: "click",
        purpose: "click on an element",
        arguments: &[
            ELEMENT,
            DESCRIPTION,
            argument("button", "left, middle or right", false),
            argument("count", "2 for a double click", false),
            argument("modifiers", "keys held meanwhile, such as ctrl, joined by +", false),
        ],
    },
    ToolSpec {
        name: "element",
        purpose: "act on an element without the pointer",
        arguments: &[
            ELEMENT,
            DESCRIPTION,
            argument(
                "act",
                "set_text, set_value, select, focus, scroll_to, expand, collapse or press",
                true,
            ),
            argument("value", "the text or the number to set", false),
        ],
    },
    ToolSpec {
        name: "window",
        purpose: "bring a window to the front, or close it",
        arguments: &[
            argument("title", "its title, or a part of it", true),
            argument("act", "focus or close", true),
        ],
    },
    ToolSpec {
        name: "clipboard",
        purpose: "read the clipboard, or put a text into it",
        arguments: &[argument("text", "what is to be in it", false)],
    },
    ToolSpec {
        name: "type",
        purpose: "type a text into whatever has the keyboard",
        arguments: &[argument("text", "the text", true)],
    },
    ToolSpec {
        name: "key",
        purpose: "press keys together, such as ctrl+s, Return or alt+F4",
        arguments: &[
            argument("keys", "their names, joined by +", true),
            argument("seconds", "hold them for so long", false),
        ],
    },
    ToolSpec {
        name: "scroll",
        purpose: "turn the wheel over an element",
        arguments: &[
            ELEMENT,
            DESCRIPTION,
            argument("direction", "up, down, left or right", true),
            argument("notches", "how far", false),
        ],
    },
    ToolSpec { name: "move", purpose: "point at an element", arguments: &[ELEMENT, DESCRIPTION] },
    ToolSpec {
        name: "launch",
        purpose: "start an application",
        arguments: &[
            argument("application", "the name of its program", true),
            argument("file", "opened with it: a path below the home folder", false),
        ],
    },
    ToolSpec {
        name: "open",
        purpose: "open a file or an address with whatever opens it",
        arguments: &[argument("target", "a path below the home folder, or a URL", true)],
    },
    ToolSpec {
        name: "wait",
        purpose: "wait until a text can be seen, or for something to change",
        arguments: &[
            argument("text", "the text", false),
            argument("seconds", "at most so many", false),
        ],
    },
    ToolSpec {
        name: "ask",
        purpose: "ask the person what only they know, or to do what only they may",
        arguments: &[argument("question", "the question", true)],
    },
    ToolSpec {
        name: "read_file",
        purpose: "read a text file",
        arguments: &[argument("path", "absolute, or below the home folder", true)],
    },
];

/// A call that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verb {
    Tool(Tool),
    /// Holds a button where the pointer is, or keys, or lets go of them.
    Held(Action),
    /// Asks the person something.
    Ask {
        question: String,
    },
    /// Changes nothing; the model has it in its history.
    Note,
}

/// Where a target's own fields may stand, beside the rest.
const TARGET: [&str; 4] = ["element", "x", "y", "description"];
/// Longest question to a person.
const QUESTION_CHARS: usize = 1000;
/// Arguments that are numbers.
const NUMBERS: [&str; 6] = ["element", "x", "y", "count", "notches", "seconds"];

impl Verb {
    /// The error is for the model to read.
    pub(crate) fn read(call: &ToolCall) -> Result<Self, String> {
        match call.tool.as_str() {
            "ask" => return Ok(Self::Ask { question: question(call) }),
            "note" => return Ok(Self::Note),
            "press" => return button(call, Pressed::Down),
            "release" => return button(call, Pressed::Up),
            "hold" => return hold(call, Pressed::Down),
            "let_go" => return hold(call, Pressed::Up),
            _ => {}
        }
        let mut arguments = call.arguments.clone();
        arguments.retain(|_, value| !value.is_null() && value.as_str() != Some(""));
        numbers(&mut arguments);
        listed(&mut arguments, "modifiers", '+', "modifiers");
        if call.tool == "launch" {
            listed(&mut arguments, "file", '\0', "files");
        }
        if matches!(call.tool.as_str(), "click" | "element" | "move" | "scroll")
            && !arguments.contains_key("target")
        {
            let target: Map<String, Value> = TARGET
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), arguments.remove(*name)?)))
                .collect();
            arguments.insert("target".to_owned(), Value::Object(target));
        }
        match Tool::read(&call.tool, arguments).map_err(|error| error.to_string())? {
            tool if !is_offered(&tool) => Err(format!("there is no tool `{}`", call.tool)),
            tool => Ok(Self::Tool(tool)),
        }
    }
}

/// The others are for clients that are asked what they may.
fn is_offered(tool: &Tool) -> bool {
    match tool {
        Tool::Shell(_) | Tool::WriteFile(_) => false,
        Tool::Clipboard(_) | Tool::Open(_) => true,
        tool => tool.is_in(Toolbox::Basic),
    }
}

/// A list that was written as one text becomes a list, under the name that a tool knows.
fn listed(arguments: &mut Map<String, Value>, name: &str, between: char, known: &str) {
    if let Some(Value::String(text)) = arguments.get(name) {
        let parts = text.split(between).map(|part| Value::from(part.trim())).collect();
        arguments.remove(name);
        arguments.insert(known.to_owned(), Value::Array(parts));
    }
}

/// Some models call for a person without a word.
fn question(call: &ToolCall) -> String {
    let asked = call.arguments.get("question").and_then(Value::as_str).unwrap_or_default().trim();
    match asked {
        "" => "Your help is needed here.".to_owned(),
        asked => asked.chars().take(QUESTION_CHARS).collect(),
    }
}

fn hold(call: &ToolCall, pressed: Pressed) -> Result<Verb, String> {
    let keys = call.arguments.get("keys").and_then(Value::as_str).unwrap_or_default();
    let chord = keys.parse().map_err(|error: ChordError| error.to_string())?;
    Ok(Verb::Held(Action::Hold { chord, pressed }))
}

fn button(call: &ToolCall, pressed: Pressed) -> Result<Verb, String> {
    let name = call.arguments.get("button").cloned().unwrap_or_else(|| "left".into());
    let button = serde_json::from_value(name).map_err(|error| error.to_string())?;
    Ok(Verb::Held(Action::Button { button, pressed }))
}

/// Numbers that were written as text become numbers.
fn numbers(arguments: &mut Map<String, Value>) {
    for name in NUMBERS {
        if let Some(value) = arguments.get_mut(name)
            && let Some(number) = value.as_str().and_then(|text| text.trim().parse::<i64>().ok())
        {
            *value = number.into();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::Place;

    fn read(tool: &str, arguments: &Value) -> Result<Verb, String> {
        let arguments = arguments.as_object().cloned().unwrap();
        Verb::read(&ToolCall { tool: tool.to_owned(), arguments })
    }

    #[test]
    fn calls_are_read_in_both_forms() {
        let clicked = |arguments: Value| match read("click", &arguments) {
            Ok(Verb::Tool(Tool::Click(click))) => {
                (click.target.place().ok().is_some(), click.count)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(clicked(json!({"element": "7", "count": "2"})), (true, 2));
        assert_eq!(clicked(json!({"target": {"x": 0, "y": 0}, "button": "right"})), (true, 1));
        assert_eq!(clicked(json!({"description": "the Save button", "element": ""})), (true, 1));
        let Ok(Verb::Tool(Tool::Move(pointing))) = read("move", &json!({"x": 3, "y": 4})) else {
            panic!("it moves");
        };
        assert!(matches!(pointing.target.place(), Ok(Place::Point(_))));
        assert!(matches!(read("press", &json!({"button": "left"})), Ok(Verb::Held(_))));
        assert!(matches!(read("hold", &json!({"keys": "shift"})), Ok(Verb::Held(_))));
    }

    #[test]
    fn a_question_has_words_and_an_end() {
        let asked = |arguments: Value| match read("ask", &arguments) {
            Ok(Verb::Ask { question }) => question,
            other => panic!("{other:?}"),
        };
        assert_eq!(asked(json!({"question": " Which one? "})), "Which one?");
        assert!(!asked(json!({"question": " "})).is_empty() && !asked(json!({})).is_empty());
        assert_eq!(asked(json!({"question": "é".repeat(2000)})).chars().count(), QUESTION_CHARS);
    }

    #[test]
    fn what_is_no_verb_says_so() {
        let check = |tool: &str, arguments: Value, part: &str| {
            let error = read(tool, &arguments).unwrap_err();
            assert!(error.contains(part), "{error}");
        };
        check("shell", json!({"command": "true"}), "no tool `shell`");
        check("hold", json!({"keys": "fnord"}), "fnord");
        check("status", json!({}), "no tool `status`");
        check("key", json!({"keys": "ctrl+fnord"}), "fnord");
        check("click", json!({"traget": 1}), "traget");
    }

    #[test]
    fn every_verb_that_is_offered_can_be_called() {
        for verb in VERBS {
            let value = |name: &str| match name {
                "element" | "count" | "notches" | "seconds" => "1",
                "direction" => "down",
                "button" => "left",
                "act" if verb.name == "window" => "close",
                "act" => "set_text",
                "modifiers" => "ctrl+shift",
                "keys" => "Return",
                _ => "words",
            };
            let arguments: Map<String, Value> = verb
                .arguments
                .iter()
                .filter(|argument| argument.name != "description")
                .map(|argument| (argument.name.to_owned(), value(argument.name).into()))
                .collect();
            let call = ToolCall { tool: verb.name.to_owned(), arguments };
            assert!(Verb::read(&call).is_ok(), "{call:?}: {:?}", Verb::read(&call));
        }
    }
}
