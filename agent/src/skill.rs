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
mod check;
mod choose;
mod document;
mod duplicate;
mod edit;
mod editor;
mod files;
mod find;
mod find_text;
mod go;
mod key;
mod launch;
mod list;
mod make_folder;
mod menus;
mod move_all;
mod moving;
mod open;
mod path;
mod place;
mod press;
mod programs;
mod read;
mod rename;
mod rewrite;
mod run;
mod save;
mod scroll;
mod set;
mod tab;
mod terminal;
mod things;
mod tools;
mod trash;
mod wait_for;
mod windows;
mod write;

#[cfg(test)]
mod tests;

use deskbound_models::{Candidate, Grounding, ModelError, ToolCall, ToolSpec};

use crate::action::Action;
use crate::memory::{Memory, Touched};
use crate::view::View;

use document::Leave;
use move_all::MoveAll;
use moving::{Moving, Way};
use rewrite::{Change, Rewrite};
use run::{Archive, Packing};
pub use tools::TOOLS;

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
    if let Some(skill) = on_files(&given)? {
        return Ok(skill);
    }
    if let Some(skill) = on_texts(&given)? {
        return Ok(skill);
    }
    on_screen(&given)
}

type Made = Box<dyn Skill>;

/// What is done to files and folders as wholes.
fn on_files(given: &Arguments<'_>) -> Result<Option<Made>, String> {
    let needed = |name| given.needed(name);
    let made: Made = match given.spec.name {
        "open" => Box::new(open::Open::new(given.maybe("target")?)),
        "rename" => Box::new(rename::Rename::new(needed("target")?, needed("name")?)),
        "move" => Box::new(Moving::new(Way::Move, needed("target")?, needed("folder")?)),
        "copy" => Box::new(Moving::new(Way::Copy, needed("target")?, needed("folder")?)),
        "move_all" => Box::new(MoveAll::new(Way::Move, needed("sought")?, needed("folder")?)),
        "copy_all" => Box::new(MoveAll::new(Way::Copy, needed("sought")?, needed("folder")?)),
        "make_folder" => {
            Box::new(make_folder::MakeFolder::new(needed("name")?, given.maybe("folder")?))
        }
        "duplicate" => Box::new(duplicate::Duplicate::new(needed("target")?)),
        "trash" => Box::new(trash::Trash::new(needed("target")?)),
        "find" => Box::new(find::FindFile::new(needed("sought")?)),
        "list" => Box::new(list::List::new(given.maybe("folder")?)),
        "compress" => {
            let way = Packing::Into { name: given.maybe("name")? };
            Box::new(Archive::new(way, needed("target")?))
        }
        "extract" => Box::new(Archive::new(Packing::OutOf, needed("target")?)),
        _ => return Ok(None),
    };
    Ok(Some(made))
}

/// What is written, read and calculated.
fn on_texts(given: &Arguments<'_>) -> Result<Option<Made>, String> {
    let (needed, maybe) = (|name| given.needed(name), |name| given.maybe(name));
    let made: Made = match given.spec.name {
        "write" => {
            let (name, folder) = (maybe("name")?, maybe("folder")?);
            Box::new(write::Write::into_folder(needed("text")?, name, folder))
        }
        "save" => match maybe("name")? {
            Some(name) => Box::new(save::Save::new(name, maybe("text")?, maybe("folder")?)),
            None => Box::new(save::SaveAgain),
        },
        "append" => {
            Box::new(append::Append::new(needed("line")?, maybe("target")?, given.leave()?))
        }
        "prepend" => {
            let change = Change::Prepend { line: needed("line")? };
            Box::new(Rewrite::new(change, maybe("target")?, given.leave()?))
        }
        "replace" => {
            let change = Change::Replace { sought: needed("sought")?, value: needed("value")? };
            Box::new(Rewrite::new(change, maybe("target")?, given.leave()?))
        }
        "delete_line" => {
            let change = match maybe("sought")? {
                Some(line) => Change::DeleteText { line },
                None => Change::DeleteAt { place: needed("value")? },
            };
            Box::new(Rewrite::new(change, maybe("target")?, given.leave()?))
        }
        "read" => Box::new(read::Read::new(maybe("target")?)),
        "find_text" => Box::new(find_text::FindText::new(needed("sought")?, maybe("target")?)),
        "calculate" => Box::new(calculate::Calculate::new(needed("expression")?, maybe("name")?)),
        _ => return Ok(None),
    };
    Ok(Some(made))
}

/// What works in any application.
fn on_screen(given: &Arguments<'_>) -> Result<Made, String> {
    let (needed, maybe) = (|name| given.needed(name), |name| given.maybe(name));
    Ok(match given.spec.name {
        "press" => Box::new(press::Press::new(needed("control")?)),
        "choose" => Box::new(choose::Choose::new(&needed("control")?, maybe("menu")?)),
        "check" => Box::new(check::Check::new(needed("control")?, &needed("state")?)?),
        "set" => Box::new(set::Set::new(needed("control")?, needed("value")?)),
        "tab" => Box::new(tab::Tab::new(needed("control")?)),
        "edit" => Box::new(edit::Edit::new(&needed("action")?)?),
        "key" => Box::new(key::Key::new(&needed("value")?)?),
        "scroll" => Box::new(scroll::Scroll::new(&needed("direction")?)?),
        "go" => Box::new(go::Go::new(&needed("where")?)?),
        "window" => Box::new(windows::Windows::new(&needed("action")?, maybe("window")?)?),
        "launch" => Box::new(launch::Launch::new(&needed("window")?)?),
        "run" => Box::new(run::Run::new(needed("command")?, maybe("name")?)),
        _ => Box::new(wait_for::WaitFor::new(needed("sought")?)),
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

    fn leave(&self) -> Result<Leave, String> {
        Leave::read(self.maybe("leave")?.as_deref())
    }

    fn needed(&self, name: &str) -> Result<String, String> {
        self.maybe(name)?.ok_or_else(|| format!("`{}` needs `{name}`", self.spec.name))
    }
}
