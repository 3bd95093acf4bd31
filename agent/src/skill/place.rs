//! The folder that a file goes into: the one that is named, else the home folder.

use deskbound_models::ModelError;

use super::files::{Find, Found};
use super::{Seen, SkillMove, path};
use crate::memory::Touched;

pub(super) struct Place {
    find: Option<Find>,
    unnamed: Unnamed,
    found: Option<String>,
}

/// Where to, where no folder is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unnamed {
    Home,
    /// Beside the document that was touched last, where it lies somewhere.
    Beside,
}

impl Place {
    pub(super) fn new(folder: Option<String>) -> Self {
        Self { find: folder.map(Find::folder), unnamed: Unnamed::Home, found: None }
    }

    pub(super) fn beside(folder: Option<String>) -> Self {
        Self { unnamed: Unnamed::Beside, ..Self::new(folder) }
    }

    /// Its path, or the move that comes before knowing it.
    pub(super) fn folder(
        &mut self,
        seen: &mut Seen<'_>,
    ) -> Result<Result<String, SkillMove>, ModelError> {
        if let Some(found) = &self.found {
            return Ok(Ok(found.clone()));
        }
        let found = match &mut self.find {
            None => match (self.unnamed, seen.memory.last()) {
                (Unnamed::Beside, Some(Touched::Document { path: Some(path) })) => {
                    path::folder(path).to_owned()
                }
                _ => seen.home.to_owned(),
            },
            Some(find) if find.is_home() => seen.home.to_owned(),
            Some(find) => match find.next(seen)? {
                Found::Not(moving) => return Ok(Err(moving)),
                Found::Entry { folder, entry } => format!("{folder}/{}", entry.name),
            },
        };
        Ok(Ok(self.found.insert(found).clone()))
    }
}
