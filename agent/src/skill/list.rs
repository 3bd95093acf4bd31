//! `list`: what a folder has, as the answer.

use deskbound_models::ModelError;

use super::files::{self, Find, Found};
use super::{Seen, Skill, SkillMove, path::base};
use crate::memory::Touched;

/// The most rows that are named in an answer.
const NAMED: usize = 100;

pub(super) struct List {
    find: Option<Find>,
    folder: Option<String>,
}

impl List {
    pub(super) fn new(folder: Option<String>) -> Self {
        Self { find: folder.map(Find::folder), folder: None }
    }
}

impl Skill for List {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if self.folder.is_none() {
            self.folder = match &mut self.find {
                None => Some(seen.memory.folder().to_owned()),
                Some(find) if find.is_home() => Some(seen.home.to_owned()),
                Some(find) => match find.next(seen)? {
                    Found::Not(moving) => return Ok(moving),
                    Found::Entry { folder, entry } => Some(format!("{folder}/{}", entry.name)),
                },
            };
        }
        let folder = self.folder.clone().expect("set right above");
        if let Some(moving) = files::reach(seen.view, &folder) {
            return Ok(moving);
        }
        let rows = files::list(seen.view).unwrap_or_default();
        let names: Vec<&str> = rows.iter().take(NAMED).map(|row| row.name.as_str()).collect();
        let evidence = match names.len() {
            0 => format!("{} is empty", base(&folder)),
            _ => format!("{} has {}: {}", base(&folder), rows.len(), names.join(", ")),
        };
        Ok(SkillMove::Done { evidence, touched: Touched::Folder { path: folder, entered: true } })
    }
}
