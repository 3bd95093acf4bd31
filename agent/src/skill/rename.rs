//! `rename`: another name for a file or folder, through the file manager's dialog.

use deskbound_models::ModelError;

use super::files::{self, Find, Found};
use super::{Expect, Seen, Skill, SkillMove, path};
use crate::action::Action;
use crate::memory::Touched;

pub(super) struct Rename {
    name: String,
    find: Find,
    old: Option<Old>,
}

struct Old {
    folder: String,
    name: String,
    is_folder: bool,
}

impl Rename {
    pub(super) fn new(target: String, name: String) -> Self {
        Self { name: name.trim().to_owned(), find: Find::new(target), old: None }
    }
}

impl Skill for Rename {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if self.old.is_none() {
            match self.find.next(seen)? {
                Found::Not(moving) => return Ok(moving),
                Found::Entry { folder, entry } => {
                    let is_folder = entry.is_folder;
                    if entry.name != self.name && files::lists(seen.view, &self.name) {
                        let taken = format!("there is already something called {}", self.name);
                        return Ok(SkillMove::failed(taken));
                    }
                    self.old = Some(Old { folder, name: entry.name, is_folder });
                }
            }
        }
        let old = self.old.as_ref().expect("set right above");
        let new_path = match path::join(&old.folder, &self.name) {
            Ok(path) => path,
            Err(reason) => return Ok(SkillMove::Failed { reason }),
        };
        let renamed = renamed(&old.name, &self.name);
        if renamed.met(seen.view) {
            let path = Some(new_path.clone());
            let touched = if old.is_folder {
                Touched::Folder { path: new_path, entered: false }
            } else {
                Touched::Document { path }
            };
            return Ok(SkillMove::Done { evidence: renamed.what, touched });
        }
        if let Some(dialog) = files::dialog(seen.view) {
            return Ok(files::name_dialog(dialog, &self.name, renamed));
        }
        if let Some(moving) = files::reach(seen.view, &old.folder) {
            return Ok(moving);
        }
        if let Some(selecting) = files::select(seen.view, &old.name) {
            return Ok(selecting);
        }
        Ok(SkillMove::act([Action::key("F2")], files::dialog_opens()))
    }
}

fn renamed(old: &str, new: &str) -> Expect {
    let what = format!("the folder lists {new} and no more {old}");
    let (old, new) = (old.to_owned(), new.to_owned());
    Expect::new(what, move |view| {
        files::lists(view, &new) && (old == new || !files::lists(view, &old))
    })
}
