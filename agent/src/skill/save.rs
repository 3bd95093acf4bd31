//! `save`: the current document, the last result or a given text, under a name.

use deskbound_models::ModelError;

use super::editor::{self, SaveAs};
use super::write::Write;
use super::{Expect, Seen, Skill, SkillMove, path};
use crate::action::Action;
use crate::memory::Touched;

pub(super) struct Save {
    name: String,
    text: Option<String>,
    way: Option<Way>,
}

enum Way {
    /// There is no document yet: write one.
    Anew(Write),
    Document(SaveAs),
}

impl Save {
    pub(super) fn new(name: String, text: Option<String>) -> Self {
        Self { name, text, way: None }
    }

    fn way(&self, seen: &Seen<'_>) -> Result<Way, String> {
        let path = path::join(seen.home, &self.name)?;
        let text = match (&self.text, seen.memory.last()) {
            (Some(text), Some(Touched::Document { .. })) if editor::says(seen.view, text) => None,
            (Some(text), _) => Some(text),
            (None, Some(Touched::Result { value })) => Some(value),
            (None, Some(Touched::Document { .. })) => None,
            (None, _) => return Err("there is nothing to save".to_owned()),
        };
        Ok(match text {
            Some(text) => Way::Anew(Write::new(text.clone(), Some(self.name.clone()))),
            None => Way::Document(SaveAs::new(path, None)),
        })
    }
}

impl Skill for Save {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if self.way.is_none() {
            self.way = match self.way(seen) {
                Ok(way) => Some(way),
                Err(reason) => return Ok(SkillMove::Failed { reason }),
            };
        }
        let saving = match self.way.as_mut().expect("set right above") {
            Way::Anew(write) => return write.next(seen),
            Way::Document(saving) => saving,
        };
        let editor_is_away = seen.view.front().is_none_or(|front| !front.is_of("mousepad"));
        if editor_is_away && seen.file.is_none() {
            let expect =
                Expect::new("the editor is in front", |view| editor::window(view).is_some());
            return Ok(SkillMove::act([Action::key("alt+Tab")], expect));
        }
        let path = format!("{}/{}", seen.home, self.name.trim());
        Ok(saving.next(seen).unwrap_or_else(|said| SkillMove::Done {
            evidence: format!("{path} is there, {} bytes", said.len()),
            touched: Touched::Document { path: Some(path) },
        }))
    }
}
