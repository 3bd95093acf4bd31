//! `save`: the current document, the last result or a given text, under a name, beside the document
//! where it lies somewhere; without a name, the document in front, which has one.

use deskbound_models::ModelError;

use super::editor::{self, SaveAs};
use super::place::Place;
use super::write::Write;
use super::{Expect, Seen, Skill, SkillMove, path, windows};
use crate::action::Action;
use crate::memory::Touched;

pub(super) struct Save {
    name: String,
    text: Option<String>,
    folder: Option<String>,
    place: Place,
    way: Option<Way>,
}

enum Way {
    /// There is no document yet: write one.
    Anew(Write),
    Document(SaveAs),
}

impl Save {
    pub(super) fn new(name: String, text: Option<String>, folder: Option<String>) -> Self {
        Self { name, text, place: Place::beside(folder.clone()), folder, way: None }
    }

    fn way(&self, path: String, seen: &Seen<'_>) -> Result<Way, String> {
        let text = match (&self.text, seen.memory.last()) {
            (Some(text), Some(Touched::Document { .. })) if editor::says(seen.view, text) => None,
            (Some(text), _) => Some(text),
            (None, Some(Touched::Result { value })) => Some(value),
            (None, Some(Touched::Document { .. })) => None,
            (None, _) => return Err("there is nothing to save".to_owned()),
        };
        Ok(match text {
            Some(text) => {
                let (name, folder) = (Some(self.name.clone()), self.folder.clone());
                Way::Anew(Write::into_folder(text.clone(), name, folder))
            }
            None => Way::Document(SaveAs::new(path, None)),
        })
    }
}

impl Skill for Save {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if let Err(reason) = path::join("", &self.name) {
            return Ok(SkillMove::Failed { reason });
        }
        let folder = match self.place.folder(seen)? {
            Ok(folder) => folder,
            Err(first) => return Ok(first),
        };
        let path = format!("{folder}/{}", self.name.trim());
        if self.way.is_none() {
            self.way = match self.way(path.clone(), seen) {
                Ok(way) => Some(way),
                Err(reason) => return Ok(SkillMove::Failed { reason }),
            };
        }
        let saving = match self.way.as_mut().expect("set right above") {
            Way::Anew(write) => return write.next(seen),
            Way::Document(saving) => saving,
        };
        if seen.file.is_none()
            && let Some(raising) =
                windows::raise(seen.view, seen.misses, |window| window.is_of("mousepad"))
        {
            return Ok(raising);
        }
        Ok(saving.next(seen).unwrap_or_else(|said| SkillMove::Done {
            evidence: format!("{path} is there, {} bytes", said.len()),
            touched: Touched::Document { path: Some(path) },
        }))
    }
}

/// The document in front, which has a name already.
pub(super) struct SaveAgain;

impl Skill for SaveAgain {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if let Some(raising) =
            windows::raise(seen.view, seen.misses, |window| window.is_of("mousepad"))
        {
            return Ok(raising);
        }
        let Some(window) = editor::window(seen.view) else {
            return Ok(SkillMove::failed("there is nothing to save"));
        };
        let title = window.title().trim_start_matches('*').to_owned();
        if title.starts_with("Untitled") {
            return Ok(SkillMove::failed("the document has no name yet"));
        }
        let what = format!("the title says {} is saved", crate::sanitize::line(&title));
        let saved = Expect::new(what, move |view| {
            editor::window(view).is_some_and(|window| window.title() == title)
        });
        if saved.met(seen.view) {
            return Ok(SkillMove::Done { evidence: saved.what, touched: Touched::Nothing });
        }
        Ok(SkillMove::act([Action::key("ctrl+s")], saved))
    }
}
