//! From what a call names to what is on the screen: one way of finding for runs and for sessions.

use deskbound_accessibility::{NodeId, NodeRef, Number, Numbers, Role, ScreenPx, ScreenRect, Tree};
use deskbound_models::Grounding;

use crate::action::{Action, WindowAct};
use crate::elements::Element;

/// Where a target was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spot {
    at: Option<ScreenPx>,
    /// What is meant to be there; `None` of what only pixels show.
    pub(crate) on: Option<Box<NodeRef>>,
    pub(crate) bounds: Option<ScreenRect>,
    /// The window that it is in, where another one covers it.
    under: Option<u32>,
}

impl Spot {
    pub(crate) fn at(at: ScreenPx) -> Self {
        Self { at: Some(at), on: None, bounds: None, under: None }
    }

    /// Of the tree, else of what was found in the pixels; `Err` is for a model to read.
    pub(crate) fn of(
        number: Number,
        (tree, numbers): (&Tree, &Numbers),
        finds: &[Element],
    ) -> Result<Self, String> {
        if let Some(id) = numbers.node(number) {
            return Ok(Self::of_node(tree, id));
        }
        match finds.iter().find(|find| find.number == number) {
            Some(find) => Ok(Self::at(find.bounds.centre())),
            None => Err(format!("there is no element {number} on the screen")),
        }
    }

    fn of_node(tree: &Tree, id: NodeId) -> Self {
        let node = tree.node(id);
        let frame = tree.window_of(id).filter(|_| node.flags.covered);
        let window = |frame| tree.windows.iter().find(|placed| placed.node == Some(frame));
        let under = frame.and_then(window).map(|placed| placed.window.id);
        let on = Some(Box::new(tree.node_ref(id)));
        Self { at: node.bounds.map(|bounds| bounds.centre()), on, bounds: node.bounds, under }
    }

    /// Where the pointer reaches it; `Err` is for a model to read.
    pub(crate) fn place(&self) -> Result<ScreenPx, String> {
        let name = || self.on.as_ref().map(|on| crate::sanitize::line(&on.name));
        let nowhere = || format!("“{}” has no place on the screen", name().unwrap_or_default());
        self.at.ok_or_else(nowhere)
    }

    /// What has to be done before anything there can be reached.
    pub(crate) fn raise(&self) -> Option<Action> {
        self.under.map(|window| Action::Window { window, act: WindowAct::Focus })
    }
}

/// An element, as it was when it was numbered.
#[derive(Clone, Debug)]
pub(crate) struct Known {
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
            return Some(Self { role: node.role, name, bounds: node.bounds });
        }
        let find = finds.iter().find(|find| find.number == number)?;
        let (role, name) = (Role::Unknown, find.candidate.name.clone());
        Some(Self { role, name, bounds: Some(find.bounds) })
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

/// A path as a model writes it, which may be below the home folder, in the form that a policy's
/// patterns are for: nothing in it goes back up.
pub(crate) fn absolute(home: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{home}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_as_what_it_comes_to() {
        for (path, expected) in [
            ("a.txt", "/home/u/a.txt"),
            ("/etc/passwd", "/etc/passwd"),
            ("./b/../c d", "/home/u/c d"),
            ("../../etc//shadow", "/etc/shadow"),
            ("/../..", "/"),
        ] {
            assert_eq!(absolute("/home/u", path), expected);
        }
    }
}
