//! Skills: what a model can ask for, each a small machine that decides one move at a time.
//!
//! ```text
//!            ┌──────────── seen: view, misses, file, memory ───────────┐
//!            ▼                                                         │
//!   Skill::next ──▶ Act{actions, expect} ──▶ performed, looked again ──┤ met, or missed
//!            │  └──▶ Read{path} ───────────▶ the file's text ──────────┘
//!            └─────▶ Done{evidence, touched} · Failed{reason}
//! ```
//!
//! A skill decides from what is seen now, not from what it believes it did: a move that had no
//! effect is simply decided again (another way, where `misses` says so), and the run ends what
//! goes round in circles. A skill touches no desktop; that makes it a table in a test.

mod append;
mod arithmetic;
mod calculate;
mod editor;
mod files;
mod make_folder;
mod moving;
mod open;
mod path;
mod rename;
mod save;
mod write;

#[cfg(test)]
mod tests;

use deskbound_models::{ArgumentSpec, Candidate, Grounding, ModelError, ToolCall, ToolSpec};

use crate::action::Action;
use crate::memory::{Memory, Touched};
use crate::view::View;

pub(crate) trait Skill: Send {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError>;
}

/// All a skill may know when it decides.
pub(crate) struct Seen<'a> {
    pub(crate) view: View<'a>,
    pub(crate) home: &'a str,
    pub(crate) memory: &'a Memory,
    /// How many expectations in a row were not met.
    pub(crate) misses: u32,
    /// The answer to a `Read`, once.
    pub(crate) file: Option<File>,
    pub(crate) ground: &'a mut dyn Ground,
}

/// Finds what a phrase means among candidates, and records it.
pub(crate) trait Ground: Send {
    fn ground(&mut self, phrase: &str, candidates: Vec<Candidate>)
    -> Result<Grounding, ModelError>;
}

/// A file as it is on the desktop's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    /// `None` where there is none.
    pub(crate) text: Option<String>,
}

#[derive(Debug)]
pub(crate) enum SkillMove {
    /// Do these, one after the other, then look until the expectation is met.
    Act {
        actions: Vec<Action>,
        expect: Expect,
    },
    Read {
        path: String,
    },
    Done {
        evidence: String,
        touched: Touched,
    },
    Failed {
        reason: String,
    },
}

impl SkillMove {
    pub(crate) fn act(actions: impl Into<Vec<Action>>, expect: Expect) -> Self {
        Self::Act { actions: actions.into(), expect }
    }

    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into() }
    }
}

type Test = Box<dyn Fn(View<'_>) -> bool + Send + Sync>;

/// What the desktop is to show after an action.
pub(crate) struct Expect {
    pub(crate) what: String,
    test: Test,
}

impl Expect {
    pub(crate) fn new(
        what: impl Into<String>,
        test: impl Fn(View<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { what: what.into(), test: Box::new(test) }
    }

    pub(crate) fn met(&self, view: View<'_>) -> bool {
        (self.test)(view)
    }
}

impl std::fmt::Debug for Expect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

const fn argument(name: &'static str, purpose: &'static str, required: bool) -> ArgumentSpec {
    ArgumentSpec { name, purpose, required }
}

/// What models are offered. All arguments are strings.
pub static TOOLS: &[ToolSpec] = &[
    ToolSpec {
        name: "write",
        purpose: "type a text into a new document, and save it where a name is given",
        arguments: &[
            argument("text", "the text", true),
            argument("name", "the file's name", false),
        ],
    },
    ToolSpec {
        name: "save",
        purpose: "save the current document, the last result, or a text under a name",
        arguments: &[
            argument("name", "the file's name", true),
            argument("text", "the text", false),
        ],
    },
    ToolSpec {
        name: "open",
        purpose: "open a file or go into a folder; without a target, the last one touched",
        arguments: &[argument("target", "the file or folder, as it was said", false)],
    },
    ToolSpec {
        name: "append",
        purpose: "add a line at the end of a file and save it",
        arguments: &[
            argument("line", "the line", true),
            argument("target", "the file, as it was said", false),
        ],
    },
    ToolSpec {
        name: "rename",
        purpose: "give a file or folder another name",
        arguments: &[
            argument("target", "the file or folder, as it was said", true),
            argument("name", "the new name", true),
        ],
    },
    ToolSpec {
        name: "move",
        purpose: "move a file or folder into a folder",
        arguments: &[
            argument("target", "the file or folder, as it was said", true),
            argument("folder", "the folder, as it was said", true),
        ],
    },
    ToolSpec {
        name: "make_folder",
        purpose: "make a folder",
        arguments: &[argument("name", "its name", true)],
    },
    ToolSpec {
        name: "calculate",
        purpose: "calculate, and save the result where a name is given",
        arguments: &[
            argument("expression", "plain arithmetic, such as 1290/8", true),
            argument("name", "the file's name", false),
        ],
    },
];

/// The skill for a call; the error is for the model to read.
pub(crate) fn skill(call: &ToolCall) -> Result<Box<dyn Skill>, String> {
    let spec = TOOLS
        .iter()
        .find(|spec| spec.name == call.tool)
        .ok_or_else(|| format!("there is no tool `{}`", call.tool))?;
    if let Some(unknown) =
        call.arguments.keys().find(|name| spec.arguments.iter().all(|known| known.name != **name))
    {
        return Err(format!("`{}` has no argument `{unknown}`", spec.name));
    }
    let given = Arguments { call, spec };
    Ok(match spec.name {
        "write" => Box::new(write::Write::new(given.needed("text")?, given.maybe("name")?)),
        "save" => Box::new(save::Save::new(given.needed("name")?, given.maybe("text")?)),
        "open" => Box::new(open::Open::new(given.maybe("target")?)),
        "append" => Box::new(append::Append::new(given.needed("line")?, given.maybe("target")?)),
        "rename" => Box::new(rename::Rename::new(given.needed("target")?, given.needed("name")?)),
        "move" => Box::new(moving::Moving::new(given.needed("target")?, given.needed("folder")?)),
        "make_folder" => Box::new(make_folder::MakeFolder::new(given.needed("name")?)),
        _ => Box::new(calculate::Calculate::new(given.needed("expression")?, given.maybe("name")?)),
    })
}

struct Arguments<'a> {
    call: &'a ToolCall,
    spec: &'a ToolSpec,
}

impl Arguments<'_> {
    fn maybe(&self, name: &str) -> Result<Option<String>, String> {
        match self.call.arguments.get(name) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(serde_json::Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("`{name}` of `{}` is no string", self.spec.name)),
        }
    }

    fn needed(&self, name: &str) -> Result<String, String> {
        self.maybe(name)?.ok_or_else(|| format!("`{}` needs `{name}`", self.spec.name))
    }
}
