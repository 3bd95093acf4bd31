//! The numbered list of what is on the screen, as models read it. A thing keeps its number for as
//! long as a run lasts.

use std::fmt::Write;

use deskbound_accessibility::{
    Node, NodeId, Number, Numbering, Numbers, Role, ScreenRect, State, Tree,
};
use deskbound_models::{Candidate, ImageRect};

/// The longest list a model is given; what comes later in document order is left out.
const ELEMENTS: usize = 400;
/// Characters of one element's context.
const CONTEXT_CHARS: usize = 80;

/// One shown, named or editable thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub number: Number,
    /// On the screen.
    pub bounds: ScreenRect,
    pub candidate: Candidate,
}

/// All elements of a tree, in document order.
pub fn elements(tree: &Tree, numbers: &Numbers) -> Vec<Element> {
    listed(tree, numbers, |_| true)
}

/// Those that a person could see: on the screen, and not behind another window.
pub fn in_sight(tree: &Tree) -> Vec<Element> {
    let numbers = Numbering::default().number(tree);
    listed(tree, &numbers, |node| !node.flags.covered && !node.flags.off_screen)
}

fn listed(tree: &Tree, numbers: &Numbers, fits: impl Fn(&Node) -> bool) -> Vec<Element> {
    tree.nodes()
        .filter(|(_, node)| fits(node))
        .filter_map(|(id, node)| {
            let named = !tree.name(id).trim().is_empty() || crate::view::is_field(node);
            let shows = node.states.contains(State::Showing) && named;
            node.bounds.filter(|_| shows).map(|bounds| (id, node, bounds))
        })
        .take(ELEMENTS)
        .map(|(id, node, bounds)| Element {
            number: numbers.of(id),
            bounds,
            candidate: Candidate {
                role: role_name(node.role),
                name: tree.name(id).to_owned(),
                context: context(tree, id),
                bounds: Some(in_image(bounds)),
            },
        })
        .collect()
}

/// One line per element: `[3] push button "Save" (in Save As)`.
pub fn outline(elements: &[Element]) -> String {
    let mut lines = String::new();
    for Element { number, candidate, .. } in elements {
        let name = crate::sanitize::line(&candidate.name);
        let _ = write!(lines, "[{number}] {} \"{name}\"", candidate.role);
        if !candidate.context.is_empty() {
            let _ = write!(lines, " ({})", crate::sanitize::line(&candidate.context));
        }
        lines.push('\n');
    }
    lines
}

fn role_name(role: Role) -> String {
    role.name().replace('-', " ")
}

/// What is left of the screen or above it is at its edge.
pub(crate) fn in_image(bounds: ScreenRect) -> ImageRect {
    let part = |part: i32| u32::try_from(part).unwrap_or_default();
    let ScreenRect { x, y, width, height } = bounds;
    ImageRect { x: part(x), y: part(y), width, height }
}

/// Description, text, and the nearest ancestor with a name.
fn context(tree: &Tree, id: NodeId) -> String {
    let text = if tree.text(id) == tree.name(id) { "" } else { tree.text(id) };
    let parent = tree.ancestors(id).map(|at| tree.name(at)).find(|name| !name.is_empty());
    let parts = [tree.description(id), text, parent.unwrap_or_default()];
    let said: Vec<String> = parts
        .iter()
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.chars().take(CONTEXT_CHARS).collect())
        .collect();
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{Facts, Sample};

    #[test]
    fn a_thing_keeps_its_number_when_others_come_and_go() {
        let mut numbering = Numbering::default();
        let mut listed = |names: &[&str]| {
            let mut sample = Sample::new("thunar");
            let root = sample.root();
            let window = sample.push(root, Role::Frame, Facts { name: "desk", ..Facts::default() });
            for name in names {
                sample.push(window, Role::Icon, Facts { name, ..Facts::default() });
            }
            let tree = sample.finish();
            outline(&elements(&tree, &numbering.number(&tree)))
        };
        let before = listed(&["b.txt", "c.txt"]);
        assert!(before.contains("[4] icon \"c.txt\" (desk)\n"), "{before}");
        let after = listed(&["a.txt", "c.txt"]);
        assert!(after.contains("[5] icon \"a.txt\" (desk)\n"), "{after}");
        assert!(after.contains("[4] icon \"c.txt\" (desk)\n"), "{after}");
        assert_eq!(listed(&["b.txt", "c.txt"]), before);
    }
}
