//! `append`: a line at the end of a file, saved unless it is to be saved elsewhere.

use deskbound_models::ModelError;

use super::document::{Document, Leave};
use super::{Expect, Seen, Skill, SkillMove, editor, path::base};
use crate::action::Action;
use crate::memory::Touched;

pub(super) struct Append {
    line: String,
    document: Document,
    leave: Leave,
    /// What the file said before, once it was read.
    before: Option<String>,
    /// What the document is to say, once the line was typed.
    wanted: Option<String>,
}

impl Append {
    pub(super) fn new(line: String, target: Option<String>, leave: Leave) -> Self {
        Self { line, document: Document::new(target), leave, before: None, wanted: None }
    }

    /// The first reading says what is there, the last one whether the line is.
    fn read(&mut self, path: &str, text: Option<String>) -> Option<SkillMove> {
        let Some(text) = text else {
            return Some(SkillMove::failed(format!("{path} is no readable file")));
        };
        let Some(before) = &self.before else {
            self.before = Some(text);
            return None;
        };
        let wanted = format!("{before}{}{}", gap(before), self.line);
        Some(if text.trim_end_matches('\n') == wanted.trim_end_matches('\n') {
            SkillMove::Done {
                evidence: format!("{path} ends with the line"),
                touched: Touched::Document { path: Some(path.to_owned()) },
            }
        } else {
            SkillMove::failed(format!("{path} does not end with the line"))
        })
    }

    /// `before` is what the document says: an editor may leave out the last end of line.
    fn type_line(&mut self, path: &str, before: &str) -> SkillMove {
        let text = format!("{}{}", gap(before), self.line);
        let wanted = format!("{before}{text}");
        self.wanted = Some(wanted.clone());
        let path = path.to_owned();
        let expect = Expect::new("the document ends with the line", move |view| {
            let title = editor::window(view).and_then(|window| window.title().strip_prefix('*'));
            title.is_some_and(|title| editor::is_titled(title, &path))
                && editor::says(view, &wanted)
        });
        SkillMove::act([Action::key("ctrl+End"), Action::text(text)], expect)
    }
}

/// What comes between a text and the next line.
fn gap(text: &str) -> &'static str {
    if text.is_empty() || text.ends_with('\n') { "" } else { "\n" }
}

impl Skill for Append {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        let path = match self.document.path(seen, "there is no document to add the line to")? {
            Ok(path) => path,
            Err(first) => return Ok(first),
        };
        if let Some(file) = seen.file.take()
            && let Some(end) = self.read(&path, file.text)
        {
            return Ok(end);
        }
        let Some(before) = self.before.clone() else {
            return Ok(SkillMove::Read { path });
        };
        if let Some(opening) = editor::shows(seen.view, &path) {
            return Ok(opening);
        }
        let name = base(&path).to_owned();
        let Some(window) = editor::window(seen.view) else {
            return Ok(SkillMove::failed("the editor went out of sight"));
        };
        let Some(wanted) = &self.wanted else {
            if window.title().starts_with('*') {
                return Ok(SkillMove::failed(format!("{name} has changes that are not saved")));
            }
            let said = match window.document() {
                Some(said) if said == before.trim_end_matches('\n') => said.to_owned(),
                _ => before,
            };
            return Ok(self.type_line(&path, &said));
        };
        if !editor::says(seen.view, wanted) {
            return Ok(SkillMove::failed(format!("the line did not arrive in {name}")));
        }
        if let Some(done) = self.leave.done(&path) {
            return Ok(done);
        }
        let saved = editor::saved(&path);
        if saved.met(seen.view) {
            return Ok(SkillMove::Read { path });
        }
        Ok(SkillMove::act([Action::key("ctrl+s")], saved))
    }
}
