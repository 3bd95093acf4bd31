//! A model that finds its own way says when it is done. What the instruction names is looked for
//! on the disk before that is believed: where it is not so, the model is told, and the run goes on.
//!
//! The shipped reader says what was asked for; of what it does not understand nothing is claimed,
//! and unknown is not confirmed.

use std::time::Duration;

use deskbound_models::{ModelError, ToolCall, Turn, understood};
use serde_json::Map;

use super::hold::{Held, hold};
use super::{End, Run, model_end};
use crate::desktop::{Command, Desktop, Output};
use crate::record::{Claim, Finding, Record};

/// Folders below the home folder that are looked into.
const DEPTH: &str = "5";
/// For one name in a home folder of any size.
const SEARCH_LIMIT: Duration = Duration::from_secs(10);
/// Claims of one instruction that are looked at.
const CLAIMS: usize = 8;

/// What leaves as it is what calls before it brought about. After anything else nothing is known of
/// that: a file may have another name, a text other lines.
const KEEPING: [&str; 9] =
    ["append", "copy", "launch", "make_folder", "move", "open", "prepend", "save", "write"];

/// What must be there, or must not, if a call has been done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sought {
    /// A file or folder of this name, where a folder is given in one of that name.
    There { name: String, folder: Option<String> },
    /// A file of this name that says this.
    Says { name: String, text: String },
    /// Nothing of this name.
    Gone { name: String },
}

impl<D: Desktop> Run<'_, D> {
    /// Whether the run may end as done.
    pub(super) async fn is_confirmed(&mut self) -> Result<bool, End> {
        let calls = self.asked_for().map_err(|error| model_end(&error))?;
        let mut claims = Vec::new();
        for sought in sought(&calls).into_iter().take(CLAIMS) {
            claims.push(Claim { what: sought.to_string(), finding: self.look_for(&sought).await? });
        }
        let is_wrong = |claim: &&Claim| claim.finding == Finding::Contradicted;
        let wrong: Vec<String> =
            claims.iter().filter(is_wrong).map(|claim| claim.what.clone()).collect();
        self.record(Record::Confirmed { claims })?;
        if wrong.is_empty() {
            return Ok(true);
        }
        let call = ToolCall { tool: "done".to_owned(), arguments: Map::new() };
        let answer = format!("it is not done: this is not so: {}", wrong.join("; "));
        self.history.push(Turn::new(call, false, answer.clone()));
        self.keep(None);
        self.judge(false, answer)?;
        Ok(false)
    }

    /// What a person said later may have changed what was asked for: then nothing is claimed.
    fn asked_for(&self) -> Result<Vec<ToolCall>, ModelError> {
        match understood(&self.request.instruction) {
            _ if !self.prompts.is_empty() => Ok(Vec::new()),
            Err(ModelError::TooLong { .. }) => Ok(Vec::new()),
            calls => calls,
        }
    }

    async fn look_for(&mut self, sought: &Sought) -> Result<Finding, End> {
        let Some(paths) = self.paths(sought.name()).await? else { return Ok(Finding::Unknown) };
        let holds = match sought {
            Sought::Gone { .. } => paths.is_empty(),
            Sought::There { name, folder: Some(folder) } => {
                let end = format!("/{folder}/{name}");
                // A folder may have been described, not named.
                if !paths.is_empty() && !paths.iter().any(|path| path.ends_with(&end)) {
                    return Ok(Finding::Unknown);
                }
                !paths.is_empty()
            }
            Sought::There { folder: None, .. } => !paths.is_empty(),
            Sought::Says { text, .. } => {
                let mut says = false;
                for path in paths {
                    if let Held::Done(Ok(file)) = self.read(path).await? {
                        says |= file.text.is_some_and(|found| found.contains(text.as_str()));
                    }
                }
                says
            }
        };
        Ok(if holds { Finding::Confirmed } else { Finding::Contradicted })
    }

    /// Everything of a name in the home folder, hidden folders aside; `None` where it cannot be told.
    async fn paths(&mut self, name: &str) -> Result<Option<Vec<String>>, End> {
        let args = [&*self.home, "-maxdepth", DEPTH, "-name", ".?*", "-prune", "-o", "-name"];
        let mut args: Vec<String> = args.map(str::to_owned).into();
        args.extend([literal(name), "-print".to_owned()]);
        let command = Command { program: "find".to_owned(), args, limit: SEARCH_LIMIT };
        let deadline = self.deadline()?;
        // Whatever goes wrong with looking says nothing of the task.
        let searching = async { Ok(self.desktop.run(&command).await.ok()) };
        let found = match hold(self.inbox, deadline, searching).await? {
            Held::Done(found) => found,
            Held::TakenOver => None,
        };
        let found = found.filter(|output| output.status == Some(0));
        let paths: Option<Vec<String>> = found.map(|Output { stdout, .. }| {
            String::from_utf8_lossy(&stdout).lines().map(str::to_owned).collect()
        });
        self.record(Record::Searched { name: name.to_owned(), paths: paths.clone() })?;
        Ok(paths)
    }
}

/// What can be looked for. What is written without a name is saved under one later.
fn sought(calls: &[ToolCall]) -> Vec<Sought> {
    let mut unsaved = None;
    let mut all = Vec::new();
    for call in calls {
        if !KEEPING.contains(&&*call.tool) {
            all.clear();
            unsaved = None;
        }
        let said = |name: &str| call.arguments.get(name).and_then(|said| said.as_str());
        let (text, line) = (said("text"), said("line").filter(|_| is_left_unsaved(call)));
        match (left_by(call), call.tool.as_str()) {
            (Some(Sought::There { name, folder: None }), "save") => {
                let said = unsaved.take();
                let there = Sought::There { name: name.clone(), folder: None };
                all.push(said.map_or(there, |text| Sought::Says { name, text }));
            }
            (None, "write") => unsaved = text.map(str::to_owned),
            (None, "append" | "prepend") => unsaved = line.map(str::to_owned),
            (left, _) => all.extend(left),
        }
    }
    all
}

/// What a call leaves on the disk; most leave nothing.
fn left_by(call: &ToolCall) -> Option<Sought> {
    let given = |name: &str| call.arguments.get(name)?.as_str().map(str::to_owned);
    let file = |name: &str| given(name).filter(|name| is_file_name(name));
    Some(match call.tool.as_str() {
        "write" => match (file("name")?, given("text")) {
            (name, Some(text)) => Sought::Says { name, text },
            (name, None) => Sought::There { name, folder: None },
        },
        _ if is_left_unsaved(call) => return None,
        "append" | "prepend" => Sought::Says { name: file("target")?, text: given("line")? },
        "save" | "rename" => Sought::There { name: file("name")?, folder: None },
        "make_folder" => Sought::There { name: given("name")?, folder: given("folder") },
        "move" | "copy" => Sought::There { name: file("target")?, folder: given("folder") },
        "trash" => Sought::Gone { name: file("target")? },
        _ => return None,
    })
}

fn is_left_unsaved(call: &ToolCall) -> bool {
    call.arguments.get("leave").is_some_and(|leave| leave == "unsaved")
}

/// A name to the letter, not a description.
fn is_file_name(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !name.contains('/') && (1..=5).contains(&ending.len()) && ending.is_ascii()
}

/// A name as a pattern that means nothing but itself.
fn literal(name: &str) -> String {
    let special = |letter: char| matches!(letter, '*' | '?' | '[' | ']' | '\\');
    let escaped = |letter| if special(letter) { vec!['\\', letter] } else { vec![letter] };
    name.chars().flat_map(escaped).collect()
}

impl Sought {
    fn name(&self) -> &str {
        match self {
            Self::There { name, .. } | Self::Says { name, .. } | Self::Gone { name } => name,
        }
    }
}

impl std::fmt::Display for Sought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = crate::sanitize::line;
        match self {
            Self::There { name, folder: None } => write!(f, "{} is there", shown(name)),
            Self::There { name, folder: Some(folder) } => {
                write!(f, "{} is in {}", shown(name), shown(folder))
            }
            Self::Says { name, text } => write!(f, "{} says “{}”", shown(name), shown(text)),
            Self::Gone { name } => write!(f, "{} is gone", shown(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(tool: &str, arguments: &[(&str, &str)]) -> ToolCall {
        let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        ToolCall { tool: tool.to_owned(), arguments: arguments.collect() }
    }

    fn told(calls: &[ToolCall]) -> Vec<String> {
        sought(calls).iter().map(ToString::to_string).collect()
    }

    fn check(tool: &str, arguments: &[(&str, &str)], expected: Option<&str>) {
        let calls = [call(tool, arguments)];
        assert_eq!(told(&calls), Vec::from_iter(expected), "{calls:?}");
    }

    #[test]
    fn a_text_is_saved_under_the_name_that_comes_later() {
        let write = || call("write", &[("text", "oats")]);
        let save = || call("save", &[("name", "a.txt")]);
        assert_eq!(told(&[write(), save()]), ["a.txt says “oats”"]);
        assert_eq!(told(&[write(), save(), save()]), ["a.txt says “oats”", "a.txt is there"]);
        assert_eq!(told(&[save()]), ["a.txt is there"]);
        let rename = call("rename", &[("name", "b.txt")]);
        assert_eq!(told(&[write(), save(), rename]), ["b.txt is there"]);
        assert_eq!(told(&[write(), call("undo", &[]), save()]), ["a.txt is there"]);
        let line = [("line", "x"), ("target", "b.md"), ("leave", "unsaved")];
        assert_eq!(told(&[call("append", &line), save()]), ["a.txt says “x”"]);
    }

    #[test]
    fn only_names_to_the_letter_are_looked_for() {
        check("write", &[("text", "hi"), ("name", "a.txt")], Some("a.txt says “hi”"));
        check("write", &[("text", "hi")], None);
        check("append", &[("line", "x"), ("target", "the shopping list")], None);
        check("append", &[("line", "x"), ("target", "b.md")], Some("b.md says “x”"));
        check("move", &[("target", "a.png"), ("folder", "Pictures")], Some("a.png is in Pictures"));
        check("make_folder", &[("name", "Tea")], Some("Tea is there"));
        check("trash", &[("target", "old.txt")], Some("old.txt is gone"));
        check("trash", &[("target", "old stuff")], None);
        check("press", &[("control", "OK")], None);
        assert_eq!(literal("a[1]*.txt"), "a\\[1\\]\\*.txt");
    }
}
