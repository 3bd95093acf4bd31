//! The text editor that Anthropic's models were trained on: view, create, str_replace, insert, and
//! undo_edit where their tool still had it. Tabs stay tabs.

use deskbound_models::ToolCall;
use serde_json::Value;

use super::deed::{missing, text};
use super::shell::quoted;
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::session::{Answer, Caller, Failing, Session};
use crate::tool::{Shell, Tool, WriteFile};

/// Lines round an edit that are shown again.
const AROUND: usize = 4;
/// Of a long file so much is shown.
const VIEW_CHARS: usize = 16_000;
/// Seconds to list a folder.
const LIST_SECONDS: u32 = 30;

/// One call of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Edit {
    View { path: String, range: Option<(usize, Option<usize>)>, most: usize },
    Create { path: String, text: String },
    Replace { path: String, old: String, new: String },
    Insert { path: String, line: usize, text: String },
    Undo { path: String },
}

impl Edit {
    /// The error is for the model to read.
    pub(super) fn read(call: &ToolCall, has_undo: bool) -> Result<Self, String> {
        let needed = |name: &str| text(call, name).ok_or_else(|| missing(call, name));
        let path = needed("path")?;
        if !path.starts_with('/') {
            return Err(format!(
                "The path {path} is not an absolute path, it should start with `/`."
            ));
        }
        match needed("command")?.as_str() {
            "view" => {
                let most = call.arguments.get("max_characters").and_then(Value::as_u64);
                let most = most.map_or(VIEW_CHARS, |most| most as usize).min(VIEW_CHARS);
                Ok(Self::View { path, range: range(call.arguments.get("view_range"))?, most })
            }
            "create" => Ok(Self::Create { path, text: needed("file_text")? }),
            "str_replace" => {
                let new = text(call, "new_str").unwrap_or_default();
                Ok(Self::Replace { path, old: needed("old_str")?, new })
            }
            "insert" => {
                let line = call.arguments.get("insert_line").and_then(Value::as_u64);
                let line = line.ok_or("`insert` needs `insert_line`, a line or 0")? as usize;
                let text = text(call, "new_str").or_else(|| text(call, "insert_text"));
                let text = text.ok_or("`insert` needs `new_str`, the text")?;
                Ok(Self::Insert { path, line, text })
            }
            "undo_edit" if has_undo => Ok(Self::Undo { path }),
            other => Err(format!("Unrecognized command {other}.")),
        }
    }
}

fn range(value: Option<&Value>) -> Result<Option<(usize, Option<usize>)>, String> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    let numbers: Option<Vec<i64>> =
        value.as_array().and_then(|items| items.iter().map(Value::as_i64).collect());
    match numbers.as_deref() {
        Some([first, -1]) if *first >= 1 => Ok(Some((*first as usize, None))),
        Some([first, last]) if *first >= 1 && first <= last => {
            Ok(Some((*first as usize, Some(*last as usize))))
        }
        _ => {
            Err(format!("Invalid `view_range`: {value}. It should be a list of two line numbers."))
        }
    }
}

pub(super) struct Editor<'e, 'c, D, S> {
    pub(super) session: &'e mut Session<D, S>,
    pub(super) caller: &'e Caller<'c>,
}

impl<D: Desktop, S: StepSink> Editor<'_, '_, D, S> {
    pub(super) async fn perform(mut self, edit: &Edit) -> Result<Answer, Failing> {
        match edit {
            Edit::View { path, range, most } => match self.session.file(path, self.caller).await? {
                Ok(text) => Ok(view(path, &text, *range, *most)),
                Err(reason) if range.is_none() => self.list(path, reason).await,
                Err(reason) => Ok(Answer::refused(reason)),
            },
            Edit::Create { path, text } => {
                let made = format!("File created successfully at: {path}");
                self.write(path, None, text.clone(), made).await
            }
            Edit::Replace { path, old, new } => {
                let then = match self.session.file(path, self.caller).await? {
                    Ok(then) => then,
                    Err(reason) => return Ok(Answer::refused(reason)),
                };
                match replaced(path, &then, old, new) {
                    Ok((now, told)) => self.write(path, Some(then), now, told).await,
                    Err(reason) => Ok(Answer::refused(reason)),
                }
            }
            Edit::Insert { path, line, text } => {
                let then = match self.session.file(path, self.caller).await? {
                    Ok(then) => then,
                    Err(reason) => return Ok(Answer::refused(reason)),
                };
                match inserted(path, &then, *line, text) {
                    Ok((now, told)) => self.write(path, Some(then), now, told).await,
                    Err(reason) => Ok(Answer::refused(reason)),
                }
            }
            Edit::Undo { path } => match self.session.edits().pop(path) {
                Some(then) => {
                    let told = format!(
                        "Last edit to {path} undone successfully. {}",
                        numbered(path, &then, 1)
                    );
                    self.write_anew(path, then, told).await
                }
                None => Ok(Answer::refused(format!("No edit history found for {path}."))),
            },
        }
    }

    /// A folder, two levels deep, without what is hidden.
    async fn list(&mut self, path: &str, reason: String) -> Result<Answer, Failing> {
        let word = quoted(path);
        let command =
            format!("[ -d {word} ] && find {word} -maxdepth 2 -not -path '*/.*' | head -n 1000");
        let shell = Tool::Shell(Shell { command, seconds: LIST_SECONDS });
        let listed = self.session.call(&shell, self.caller).await?;
        let lines = listed.structured.as_ref().and_then(|it| it["output"].as_str());
        Ok(match lines {
            Some(lines) if !listed.refused => Answer::said(format!(
                "Here's the files and directories up to 2 levels deep in {path}, excluding hidden \
                 items:\n{lines}"
            )),
            _ => Answer::refused(reason),
        })
    }

    async fn write(
        &mut self,
        path: &str,
        then: Option<String>,
        now: String,
        told: String,
    ) -> Result<Answer, Failing> {
        let answer = self.write_anew(path, now, told).await?;
        if let (Some(then), false) = (then, answer.refused) {
            self.session.edits().push(path, then);
        }
        Ok(answer)
    }

    async fn write_anew(
        &mut self,
        path: &str,
        text: String,
        told: String,
    ) -> Result<Answer, Failing> {
        let write = Tool::WriteFile(WriteFile { path: path.to_owned(), text });
        let answer = self.session.call(&write, self.caller).await?;
        Ok(if answer.refused { answer } else { Answer::said(told) })
    }
}

fn view(path: &str, text: &str, range: Option<(usize, Option<usize>)>, most: usize) -> Answer {
    let count = text.lines().count().max(1);
    let (first, last) = range.map_or((1, count), |(first, last)| (first, last.unwrap_or(count)));
    if first > count || last > count {
        return Answer::refused(format!(
            "Invalid `view_range`: [{first}, {last}]. The file has {count} lines."
        ));
    }
    let part: Vec<&str> = text.split('\n').skip(first - 1).take(last + 1 - first).collect();
    let told = numbered(path, &part.join("\n"), first);
    let is_long = told.chars().count() > most;
    let mut told: String = told.chars().take(most).collect();
    if is_long {
        told.push_str("\n<response clipped: view a range of lines to see more>");
    }
    Answer::said(told)
}

fn replaced(path: &str, then: &str, old: &str, new: &str) -> Result<(String, String), String> {
    let found: Vec<usize> = if old.is_empty() {
        Vec::new()
    } else {
        then.match_indices(old).map(|(at, _)| at).collect()
    };
    let at = match *found.as_slice() {
        [at] => at,
        [] => {
            return Err(format!(
                "No replacement was performed, old_str `{old}` did not appear verbatim in {path}."
            ));
        }
        _ => {
            let lines: Vec<String> = found
                .iter()
                .map(|at| (then[..*at].matches('\n').count() + 1).to_string())
                .collect();
            return Err(format!(
                "No replacement was performed. Multiple occurrences of old_str `{old}` in lines {}. \
                 Please ensure it is unique.",
                lines.join(", ")
            ));
        }
    };
    let now = format!("{}{new}{}", &then[..at], &then[at + old.len()..]);
    let line = then[..at].matches('\n').count() + 1;
    let told = edited(path, &now, line, new.matches('\n').count());
    Ok((now, told))
}

fn inserted(path: &str, then: &str, line: usize, text: &str) -> Result<(String, String), String> {
    let mut lines: Vec<&str> = then.split('\n').collect();
    // What a last newline ends is no line of its own.
    let count = then.lines().count();
    if line > count {
        return Err(format!(
            "Invalid `insert_line` parameter: {line}. It should be within the range of lines of the \
             file: [0, {count}]"
        ));
    }
    let new: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
    let extra = new.len() - 1;
    lines.splice(line..line, new);
    let now = lines.join("\n");
    let told = edited(path, &now, line + 1, extra);
    Ok((now, told))
}

fn edited(path: &str, now: &str, line: usize, extra: usize) -> String {
    let first = line.saturating_sub(AROUND).max(1);
    let lines: Vec<&str> =
        now.split('\n').skip(first - 1).take(line - first + extra + AROUND + 1).collect();
    let snippet = numbered(&format!("a snippet of {path}"), &lines.join("\n"), first);
    format!(
        "The file {path} has been edited. {snippet}Review the changes and make sure they are as \
         expected. Edit the file again if necessary."
    )
}

/// As `cat -n` writes it.
fn numbered(what: &str, text: &str, first: usize) -> String {
    let mut told = format!("Here's the result of running `cat -n` on {what}:\n");
    for (line, at) in text.split('\n').zip(first..) {
        told.push_str(&format!("{at:6}\t{line}\n"));
    }
    told
}

/// What files were before they were edited, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<(String, String)>);

/// Edits that can be undone.
const EDITS_MAX: usize = 50;

impl Edits {
    fn push(&mut self, path: &str, then: String) {
        if self.0.len() >= EDITS_MAX {
            self.0.remove(0);
        }
        self.0.push((path.to_owned(), then));
    }

    fn pop(&mut self, path: &str) -> Option<String> {
        let at = self.0.iter().rposition(|(edited, _)| edited == path)?;
        Some(self.0.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "one\n\ttwo\nthree\n";

    #[test]
    fn a_replacement_is_of_one_place() {
        let (now, told) = replaced("/a", TEXT, "two", "2").unwrap();
        assert_eq!(now, "one\n\t2\nthree\n");
        assert!(told.contains("     2\t\t2\n"), "{told}");
        let check = |old: &str, part: &str| {
            let reason = replaced("/a", TEXT, old, "").unwrap_err();
            assert!(reason.contains(part), "{reason}");
        };
        check("four", "did not appear verbatim");
        check("", "did not appear verbatim");
        check("e", "Multiple occurrences of old_str `e` in lines 1, 3, 3");
    }

    #[test]
    fn lines_are_put_behind_a_line() {
        let now = |line, text| inserted("/a", TEXT, line, text).map(|(now, _)| now);
        assert_eq!(now(0, "zero").unwrap(), "zero\none\n\ttwo\nthree\n");
        assert_eq!(now(3, "four\n").unwrap(), "one\n\ttwo\nthree\nfour\n");
        assert!(now(4, "").unwrap_err().contains("[0, 3]"));
    }

    #[test]
    fn a_view_is_numbered_and_cut() {
        let told = |range| view("/a", TEXT, range, 100);
        assert!(told(Some((2, None))).text.ends_with("     2\t\ttwo\n     3\tthree\n"));
        assert!(told(Some((2, Some(9)))).refused);
        assert!(view("/a", &"x".repeat(500), None, 50).text.contains("<response clipped"));
    }

    #[test]
    fn calls_are_read() {
        let read = |arguments: Value, undo| {
            let arguments = arguments.as_object().cloned().unwrap();
            Edit::read(&ToolCall { tool: "str_replace_editor".to_owned(), arguments }, undo)
        };
        let path = || "/a".to_owned();
        assert_eq!(
            read(
                json!({ "command": "insert", "path": "/a", "insert_line": 0, "insert_text": "x" }),
                false
            ),
            Ok(Edit::Insert { path: path(), line: 0, text: "x".to_owned() })
        );
        assert_eq!(
            read(json!({ "command": "undo_edit", "path": "/a" }), true),
            Ok(Edit::Undo { path: path() })
        );
        for (arguments, part) in [
            (json!({}), "`path`"),
            (json!({ "command": "view", "path": "a" }), "not an absolute path"),
            (json!({ "command": "undo_edit", "path": "/a" }), "Unrecognized command undo_edit"),
            (json!({ "command": "view", "path": "/a", "view_range": [3, 1] }), "view_range"),
        ] {
            let reason = read(arguments, false).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
    }
}
