//! The numbered list of what is on the screen, as models read it.

use std::fmt::Write;

use deskbound_accessibility::{NodeId, Role, State, Tree};
use deskbound_models::Candidate;

/// The longest list a model is given; what comes later in document order is left out.
const ELEMENTS: usize = 400;
/// Characters of one element's context.
const CONTEXT_CHARS: usize = 80;

/// One shown, named or editable thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    pub node: NodeId,
    pub candidate: Candidate,
}

/// All elements of a tree, in document order.
pub fn elements(tree: &Tree) -> Vec<Element> {
    tree.nodes()
        .filter(|(id, node)| {
            let named = !tree.name(*id).trim().is_empty() || crate::view::is_field(node);
            node.states.contains(State::Showing) && node.bounds.is_some() && named
        })
        .take(ELEMENTS)
        .map(|(id, node)| Element {
            node: id,
            candidate: Candidate {
                role: role_name(node.role),
                name: tree.name(id).to_owned(),
                context: context(tree, id),
            },
        })
        .collect()
}

/// One line per element: `[3] push button "Save" (in Save As)`.
pub fn outline(elements: &[Element]) -> String {
    let mut lines = String::new();
    for (number, Element { candidate, .. }) in elements.iter().enumerate() {
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
