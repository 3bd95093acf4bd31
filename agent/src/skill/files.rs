//! The file manager, Thunar: reaching a folder, reading its list, finding what a phrase means.

use deskbound_accessibility::{NodeId, Role, ScreenPx, State};
use deskbound_models::{Candidate, Grounding, ModelError};

use super::{Expect, Seen, SkillMove, path::base, windows};
use crate::action::Action;
use crate::view::{View, Window, is_field};

const APP: &str = "thunar";
/// The type column's word for folders.
const FOLDER: &str = "folder";

/// A row of the list: a file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    kind: String,
    at: Option<ScreenPx>,
    pub(crate) selected: bool,
}

/// A move towards this folder in front, as a list that can be read; `None` once it is there.
/// The icon view publishes nothing, so the list is asked for.
pub(crate) fn reach(view: View<'_>, folder: &str) -> Option<SkillMove> {
    let there = view.main_window(APP).is_some_and(|window| is_at(window, folder));
    if !there {
        let is_it = |window: Window<'_>| window.is_of(APP) && is_at(window, folder);
        if let Some(raising) = windows::raise(view, 0, is_it) {
            return Some(raising);
        }
        return Some(SkillMove::act([Action::launch(APP, &[folder])], at(folder)));
    }
    if list(view).is_some() {
        return None;
    }
    let expect = Expect::new("the folder is shown as a list", |view| list(view).is_some());
    Some(SkillMove::act([Action::key("ctrl+2")], expect))
}

/// The file manager is in front, in this folder.
pub(crate) fn at(folder: &str) -> Expect {
    let folder = folder.to_owned();
    Expect::new(format!("the file manager shows {folder}"), move |view| {
        view.main_window(APP).is_some_and(|window| is_at(window, &folder))
    })
}

/// The location bar says where a window is; where there is none, the title says the last part.
fn is_at(window: Window<'_>, folder: &str) -> bool {
    let location = window
        .find(|node| is_field(node) && under(window, node.parent, Role::ToolBar))
        .map(|id| window.tree.text(id))
        .filter(|text| text.starts_with('/'));
    match location {
        Some(location) => location.trim_end_matches('/') == folder.trim_end_matches('/'),
        None => window.title() == base(folder),
    }
}

fn under(window: Window<'_>, parent: Option<NodeId>, role: Role) -> bool {
    let Some(parent) = parent else { return false };
    let tree = window.tree;
    tree.node(parent).role == role || tree.ancestors(parent).any(|at| tree.node(at).role == role)
}

/// The rows of the folder in front; `None` where it is not shown as a list.
pub(crate) fn list(view: View<'_>) -> Option<Vec<Entry>> {
    let window = view.main_window(APP)?;
    let tree = window.tree;
    let pane = window.find(|node| node.role == Role::DirectoryPane)?;
    let table = tree.subtree(pane).find(|id| {
        let node = tree.node(*id);
        matches!(node.role, Role::Table | Role::TreeTable) && node.states.contains(State::Showing)
    })?;
    let mut entries: Vec<Entry> = Vec::new();
    for cell in tree.children(table).filter(|id| tree.node(*id).role == Role::TableCell) {
        // A row begins with a cell that holds an icon and the name; its other cells are text.
        match tree.children(cell).find(|part| !tree.name(*part).is_empty()) {
            Some(name) => entries.push(Entry {
                name: tree.name(name).to_owned(),
                is_folder: false,
                kind: String::new(),
                at: tree.node(name).bounds.map(|bounds| bounds.centre()),
                selected: tree.node(cell).states.contains(State::Selected),
            }),
            None => {
                let Some(entry) = entries.last_mut() else { continue };
                let said = tree.name(cell);
                entry.is_folder |= said == FOLDER;
                entry.kind = said_kind(&entry.kind, said);
            }
        }
    }
    Some(entries)
}

fn said_kind(so_far: &str, said: &str) -> String {
    if so_far.is_empty() { said.to_owned() } else { format!("{so_far}, {said}") }
}

/// A row with this very name.
pub(crate) fn entry(view: View<'_>, name: &str) -> Option<Entry> {
    list(view)?.into_iter().find(|entry| entry.name == name)
}

/// Whether a row with this name is there.
pub(crate) fn lists(view: View<'_>, name: &str) -> bool {
    entry(view, name).is_some()
}

/// A folder lists this name no more.
pub(crate) fn leaves(folder: &str, name: &str) -> Expect {
    let gone = name.to_owned();
    Expect::new(format!("{folder} lists no more {name}"), move |view| {
        list(view).is_some() && !lists(view, &gone)
    })
}

/// A move that selects this row alone; `None` once it is.
pub(crate) fn select(view: View<'_>, name: &str) -> Option<SkillMove> {
    let is_selected = {
        let name = name.to_owned();
        move |view: View<'_>| {
            let rows = list(view).unwrap_or_default();
            let mut selected = rows.iter().filter(|row| row.selected);
            selected.next().is_some_and(|row| row.name == name) && selected.next().is_none()
        }
    };
    if is_selected(view) {
        return None;
    }
    let Some(at) = entry(view, name).and_then(|row| row.at) else {
        return Some(SkillMove::failed(format!("{name} is not in sight")));
    };
    let expect = Expect::new(format!("{name} is selected"), is_selected);
    Some(SkillMove::act([Action::click(at)], expect))
}

/// Looks for what a phrase means: in the folder the run is in, then in the home folder.
pub(crate) struct Find {
    phrase: String,
    only_folders: bool,
    /// Where nothing fitted.
    looked: Vec<String>,
}

/// What [`Find`] says.
pub(crate) enum Found {
    /// Not yet: this move comes first.
    Not(SkillMove),
    Entry {
        folder: String,
        entry: Entry,
    },
}

impl Find {
    pub(crate) fn new(phrase: String) -> Self {
        Self { phrase, only_folders: false, looked: Vec::new() }
    }

    pub(crate) fn folder(phrase: String) -> Self {
        Self { only_folders: true, ..Self::new(phrase) }
    }

    /// Whether the home folder is meant, which nobody finds in itself.
    pub(crate) fn is_home(&self) -> bool {
        let said = self.phrase.trim().to_lowercase();
        self.only_folders && matches!(&*said, "home" | "home folder" | "home directory")
    }

    pub(crate) fn next(&mut self, seen: &mut Seen<'_>) -> Result<Found, ModelError> {
        let places = [seen.memory.folder(), seen.home];
        let Some(folder) = places.iter().find(|place| !self.looked.iter().any(|l| l == *place))
        else {
            let what = if self.only_folders { "folder" } else { "file or folder" };
            let phrase = crate::sanitize::line(&self.phrase);
            return Ok(Found::Not(SkillMove::failed(format!("no {what} here is “{phrase}”"))));
        };
        if let Some(moving) = reach(seen.view, folder) {
            return Ok(Found::Not(moving));
        }
        let mut rows = list(seen.view).unwrap_or_default();
        rows.retain(|row| row.is_folder || !self.only_folders);
        let folder = (*folder).to_owned();
        if let Some(entry) = self.choose(rows, seen)? {
            return Ok(Found::Entry { folder, entry });
        }
        self.looked.push(folder);
        self.next(seen)
    }

    /// A name said exactly needs no model.
    fn choose(
        &self,
        mut rows: Vec<Entry>,
        seen: &mut Seen<'_>,
    ) -> Result<Option<Entry>, ModelError> {
        if let Some(exact) = rows.iter().position(|row| row.name == self.phrase) {
            return Ok(Some(rows.swap_remove(exact)));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let candidates = rows.iter().map(candidate).collect();
        Ok(match seen.ground.ground(&self.phrase, candidates)? {
            Grounding::Candidate { index, .. } => rows.into_iter().nth(index),
            Grounding::Point { .. } | Grounding::NotHere { .. } => None,
        })
    }
}

pub(crate) fn candidate(row: &Entry) -> Candidate {
    let role = if row.is_folder { "folder" } else { "file" };
    let (name, context) = (row.name.clone(), row.kind.clone());
    Candidate { role: role.to_owned(), name, context, bounds: None }
}

/// The small dialog that asks for a name: types it and confirms.
pub(crate) fn name_dialog(dialog: Window<'_>, name: &str, after: Expect) -> SkillMove {
    if dialog.field() == Some(name) {
        return SkillMove::act([Action::key("Return")], after);
    }
    let wanted = name.to_owned();
    let expect = Expect::new(format!("the dialog says {name}"), move |view| {
        view.front().is_some_and(|dialog| dialog.field() == Some(wanted.as_str()))
    });
    SkillMove::act([Action::key("ctrl+a"), Action::text(name)], expect)
}

/// The file manager's dialog, if one is in front.
pub(crate) fn dialog(view: View<'_>) -> Option<Window<'_>> {
    view.front().filter(|front| front.node().role == Role::Dialog && front.is_of(APP))
}

/// Any dialog of the file manager comes to the front.
pub(crate) fn dialog_opens() -> Expect {
    Expect::new("the dialog for the name is in front", |view| dialog(view).is_some())
}
