//! `move`: a file or folder into a folder, by cutting and pasting in the file manager.

use deskbound_models::ModelError;

use super::files::{self, Find, Found};
use super::{Expect, Seen, Skill, SkillMove};
use crate::action::Action;
use crate::memory::Touched;

pub(super) struct Moving {
    target: Find,
    folder: Find,
    from: Option<From>,
    into: Option<String>,
    cut: bool,
}

struct From {
    folder: String,
    name: String,
    is_folder: bool,
}

impl Moving {
    pub(super) fn new(target: String, folder: String) -> Self {
        Self {
            target: Find::new(target),
            folder: Find::folder(folder),
            from: None,
            into: None,
            cut: false,
        }
    }

    /// Both ends, or the move that comes before knowing them.
    fn ends(&mut self, seen: &mut Seen<'_>) -> Result<Option<SkillMove>, ModelError> {
        if self.from.is_none() {
            match self.target.next(seen)? {
                Found::Not(moving) => return Ok(Some(moving)),
                Found::Entry { folder, entry } => {
                    let is_folder = entry.is_folder;
                    self.from = Some(From { folder, name: entry.name, is_folder });
                }
            }
        }
        if self.into.is_none() {
            match self.folder.next(seen)? {
                Found::Not(moving) => return Ok(Some(moving)),
                Found::Entry { folder, entry } => {
                    self.into = Some(format!("{folder}/{}", entry.name));
                }
            }
        }
        Ok(None)
    }
}

impl Skill for Moving {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if let Some(first) = self.ends(seen)? {
            return Ok(first);
        }
        let (Some(from), Some(into)) = (&self.from, &self.into) else {
            return Ok(SkillMove::failed("it is not known what to move where"));
        };
        let source = format!("{}/{}", from.folder, from.name);
        if *into == source || into.starts_with(&format!("{source}/")) {
            return Ok(SkillMove::failed(format!("{} cannot go into itself", from.name)));
        }
        if !self.cut {
            if let Some(moving) = files::reach(seen.view, &from.folder) {
                return Ok(moving);
            }
            if let Some(selecting) = files::select(seen.view, &from.name) {
                return Ok(selecting);
            }
            self.cut = true;
            let actions = [Action::key("ctrl+x"), Action::launch("thunar", &[into])];
            return Ok(SkillMove::act(actions, files::at(into)));
        }
        if let Some(moving) = files::reach(seen.view, into) {
            return Ok(moving);
        }
        let name = from.name.clone();
        let there =
            Expect::new(format!("{into} lists {name}"), move |view| files::lists(view, &name));
        if there.met(seen.view) {
            let path = format!("{into}/{}", from.name);
            let touched = if from.is_folder {
                Touched::Folder { path, entered: false }
            } else {
                Touched::Document { path: Some(path) }
            };
            return Ok(SkillMove::Done { evidence: there.what, touched });
        }
        Ok(SkillMove::act([Action::key("ctrl+v")], there))
    }
}
