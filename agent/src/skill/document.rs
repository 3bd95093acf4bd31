//! Which document a call is about: the one it names, or the last one touched.

use deskbound_models::ModelError;

use super::files::{Find, Found};
use super::path::base;
use super::{Seen, SkillMove, things};
use crate::memory::Touched;

/// What becomes of a document once it is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    Saved,
    /// A later call saves it, under another name.
    Unsaved,
}

impl Leave {
    pub(super) fn read(said: Option<&str>) -> Result<Self, String> {
        match said {
            None | Some("saved") => Ok(Self::Saved),
            Some("unsaved") => Ok(Self::Unsaved),
            Some(other) => {
                Err(format!("a document is left saved or unsaved, not {}", things::shown(other)))
            }
        }
    }

    /// The end of a call that changed a document and leaves it like this; `None` where it is to be
    /// saved.
    pub(super) fn done(self, path: &str) -> Option<SkillMove> {
        (self == Self::Unsaved).then(|| SkillMove::Done {
            evidence: format!("{} is changed, and not saved", base(path)),
            touched: Touched::Document { path: Some(path.to_owned()) },
        })
    }
}

pub(super) struct Document {
    find: Option<Find>,
    path: Option<String>,
}

impl Document {
    pub(super) fn new(target: Option<String>) -> Self {
        Self { find: target.map(Find::new), path: None }
    }

    /// Its path, or the move that comes before knowing it. `nothing` is why there is none.
    pub(super) fn path(
        &mut self,
        seen: &mut Seen<'_>,
        nothing: &str,
    ) -> Result<Result<String, SkillMove>, ModelError> {
        if self.path.is_none() {
            self.path = match self.find(seen, nothing)? {
                Ok(path) => Some(path),
                Err(first) => return Ok(Err(first)),
            };
        }
        Ok(Ok(self.path.clone().expect("set right above")))
    }

    fn find(
        &mut self,
        seen: &mut Seen<'_>,
        nothing: &str,
    ) -> Result<Result<String, SkillMove>, ModelError> {
        let Some(find) = &mut self.find else {
            return Ok(match seen.memory.last() {
                Some(Touched::Document { path: Some(path) }) => Ok(path.clone()),
                _ => Err(SkillMove::failed(nothing)),
            });
        };
        Ok(match find.next(seen)? {
            Found::Not(moving) => Err(moving),
            Found::Entry { entry, .. } if entry.is_folder => {
                Err(SkillMove::failed(format!("{} is a folder", entry.name)))
            }
            Found::Entry { folder, entry } => Ok(format!("{folder}/{}", entry.name)),
        })
    }
}
