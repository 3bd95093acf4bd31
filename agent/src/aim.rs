//! From what a call names to what is on the screen: one way of finding for runs and for sessions.

use deskbound_accessibility::{Number, Numbers, Role, ScreenPx, ScreenRect, Tree};
use deskbound_models::Grounding;

use crate::elements::Element;

/// An element, as it was when it was numbered.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) number: Number,
    pub(crate) role: Role,
    pub(crate) name: String,
    pub(crate) bounds: Option<ScreenRect>,
}

/// What words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Element(Number),
    Point(ScreenPx),
}

impl Known {
    /// Of the tree, else of what was found in the pixels.
    pub(crate) fn of(
        number: Number,
        (tree, numbers): (&Tree, &Numbers),
        finds: &[Element],
    ) -> Option<Self> {
        if let Some(id) = numbers.node(number) {
            let node = tree.node(id);
            let name = tree.name(id).to_owned();
            return Some(Self { number, role: node.role, name, bounds: node.bounds });
        }
        let find = finds.iter().find(|find| find.number == number)?;
        let (role, name) = (Role::Unknown, find.candidate.name.clone());
        Some(Self { number, role, name, bounds: Some(find.bounds) })
    }

    /// Its middle; `Err` is for a model to read.
    pub(crate) fn place(&self) -> Result<ScreenPx, String> {
        self.bounds.map(|bounds| bounds.centre()).ok_or_else(|| {
            format!("element {}, “{}”, has no place on the screen", self.number, self.name)
        })
    }
}

/// What a grounding model's answer means; `Err` is for a model to read.
pub(crate) fn meant(words: &str, grounding: &Grounding, list: &[Element]) -> Result<Meant, String> {
    match grounding {
        Grounding::Candidate { index, .. } => match list.get(*index) {
            Some(element) => Ok(Meant::Element(element.number)),
            None => Err("the grounding model named nothing that is there".to_owned()),
        },
        Grounding::Point { at, .. } => {
            Ok(Meant::Point(ScreenPx { x: at.x as i32, y: at.y as i32 }))
        }
        Grounding::NotHere { .. } => Err(format!("nothing on the screen is “{words}”")),
    }
}

/// The number of the one window with this title, or with this in its title.
pub(crate) fn window(tree: &Tree, title: &str) -> Result<u32, String> {
    let wanted = title.trim().to_lowercase();
    let titles: Vec<(String, u32)> = tree
        .windows
        .iter()
        .map(|placed| (placed.window.title.to_lowercase(), placed.window.id))
        .collect();
    if let Some((_, id)) = titles.iter().rev().find(|(title, _)| *title == wanted) {
        return Ok(*id);
    }
    let within: Vec<u32> =
        titles.iter().filter(|(title, _)| title.contains(&wanted)).map(|(_, id)| *id).collect();
    match within[..] {
        _ if wanted.is_empty() => Err("a window is named by its title".to_owned()),
        [id] => Ok(id),
        [] => Err(format!("no window is called “{}”", crate::sanitize::line(title))),
        [..] => {
            Err(format!("several windows have “{}” in their titles", crate::sanitize::line(title)))
        }
    }
}

/// Whether any element has this in its name or its text.
pub(crate) fn shows(tree: &Tree, text: &str) -> bool {
    tree.nodes().any(|(id, _)| tree.name(id).contains(text) || tree.text(id).contains(text))
}

/// A path as a model writes it, which may be below the home folder.
pub(crate) fn absolute(home: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{home}/{path}") }
}
