//! An action in the words of a policy: what kind it is, on what, and what it may bring about.

use deskbound_accessibility::{NodeAction, NodeId, NodeRef, Role, ScreenPx, State, Tree};
use serde::{Deserialize, Serialize};

use crate::action::{Action, Openable, WindowAct};
use crate::view::View;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerbKind {
    Click,
    Move,
    /// A button that is held, or let go of.
    Button,
    Drag,
    Scroll,
    Key,
    Type,
    Launch,
    /// A file or an address, with whatever opens it.
    Open,
    Shell,
    ReadFile,
    WriteFile,
    /// A window is brought to the front, moved, or asked to close.
    Window,
    Clipboard,
}

/// What may come of it, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EffectClass {
    /// Nothing but another view.
    Observe,
    Reversible,
    /// Something leaves: a message, a payment, a print.
    External,
    /// Something is gone afterwards.
    Irreversible,
    /// A secret is entered.
    Credential,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub verb: VerbKind,
    pub effect: EffectClass,
    /// Empty where it is not known.
    pub application: String,
    pub window: String,
    pub role: String,
    pub element: String,
    pub paths: Vec<String>,
}

/// The first words of what destroys something.
const DESTROYING: [&str; 9] =
    ["replace", "overwrite", "delete", "discard", "empty", "remove", "erase", "format", "don't"];
/// The first words of what lets something out.
const SENDING: [&str; 13] = [
    "send", "submit", "pay", "buy", "order", "publish", "post", "upload", "share", "print",
    "transfer", "sign", "reply",
];

impl Deed {
    /// `tree` is what is on the screen at this moment.
    pub fn of(action: &Action, tree: &Tree) -> Self {
        let on = match action {
            Action::Click { at, .. } | Action::Scroll { at, .. } => hit(tree, *at),
            Action::Move { to } => hit(tree, *to),
            Action::Drag { path, .. } => path.last().and_then(|at| hit(tree, *at)),
            Action::Key { .. } | Action::Hold { .. } | Action::Type { .. } => focus(tree),
            Action::Element { node, .. } => found(tree, node),
            Action::Window { window, .. } => framed(tree, *window),
            Action::Button { .. }
            | Action::Copy { .. }
            | Action::Launch { .. }
            | Action::Open { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::Shell { .. }
            | Action::WriteFile { .. } => None,
        };
        let effect = effect(action, tree, on);
        let mut deed = Self {
            verb: VerbKind::of(action),
            effect,
            application: String::new(),
            window: String::new(),
            role: String::new(),
            element: String::new(),
            paths: Vec::new(),
        };
        if let Some(on) = on {
            deed.application.clone_from(&tree.app(on).name);
            deed.window = window(tree, on).to_owned();
            tree.node(on).role.name().clone_into(&mut deed.role);
            tree.name(on).clone_into(&mut deed.element);
        }
        match action {
            Action::Launch { program, args } => {
                deed.application.clone_from(program);
                deed.paths = args.iter().filter(|arg| arg.starts_with('/')).cloned().collect();
            }
            // Who is behind an address: what is allowed of one is not of another.
            Action::Open { target } => {
                deed.application = target.host().unwrap_or_default();
                deed.paths.push(target.as_str().to_owned());
            }
            Action::ReadFile { path } | Action::WriteFile { path, .. } => {
                deed.paths.push(path.clone());
            }
            _ => {}
        }
        deed
    }
}

impl VerbKind {
    fn of(action: &Action) -> Self {
        match action {
            Action::Click { .. } => Self::Click,
            Action::Move { .. } => Self::Move,
            Action::Button { .. } => Self::Button,
            Action::Drag { .. } => Self::Drag,
            Action::Scroll { .. } => Self::Scroll,
            Action::Key { .. } | Action::Hold { .. } => Self::Key,
            Action::Type { .. } => Self::Type,
            Action::Launch { .. } => Self::Launch,
            Action::Open { .. } => Self::Open,
            // What a policy says of clicking and typing holds however it is done.
            Action::Element { act, .. } => match act {
                NodeAction::SetText(_)
                | NodeAction::InsertText { .. }
                | NodeAction::SetValue(_) => Self::Type,
                NodeAction::ScrollTo => Self::Scroll,
                NodeAction::Check => Self::Move,
                NodeAction::Press
                | NodeAction::Focus
                | NodeAction::Select
                | NodeAction::Expand
                | NodeAction::Collapse => Self::Click,
            },
            Action::Window { .. } => Self::Window,
            Action::Copy { .. } | Action::ReadClipboard => Self::Clipboard,
            Action::Shell { .. } => Self::Shell,
            Action::ReadFile { .. } => Self::ReadFile,
            Action::WriteFile { .. } => Self::WriteFile,
        }
    }
}

fn effect(action: &Action, tree: &Tree, on: Option<NodeId>) -> EffectClass {
    match action {
        Action::Move { .. }
        | Action::Scroll { .. }
        | Action::ReadClipboard
        | Action::ReadFile { .. } => EffectClass::Observe,
        // An address may say something to whoever is behind it.
        Action::Open { target: Openable::Address { .. } } => EffectClass::External,
        // Nobody knows what a command does.
        Action::Shell { .. } => EffectClass::Irreversible,
        Action::Element { act: NodeAction::ScrollTo | NodeAction::Check, .. }
        | Action::Window { act: WindowAct::Focus, .. } => EffectClass::Observe,
        Action::Element {
            act: NodeAction::SetText(_) | NodeAction::InsertText { .. },
            node,
            ..
        } if node.role == Role::PasswordText => EffectClass::Credential,
        Action::Element { act: NodeAction::Press, node, .. }
            if matches!(node.role, Role::Button | Role::MenuItem | Role::Link) =>
        {
            named(&node.name)
        }
        Action::Type { .. } if on.is_some_and(|on| tree.node(on).role == Role::PasswordText) => {
            EffectClass::Credential
        }
        Action::Key { chord, .. } | Action::Hold { chord, .. } => {
            let last = chord.keys().next_back().map_or("", |key| key.name);
            let answers = matches!(last, "Return" | "Space" | "KP_Enter");
            match on.filter(|on| answers && is_button(tree, *on)) {
                Some(on) => named(tree.name(on)),
                None if last == "Delete" && on.is_none_or(|on| !is_text(tree, on)) => {
                    EffectClass::Irreversible
                }
                None => EffectClass::Reversible,
            }
        }
        Action::Click { .. } => on
            .filter(|on| is_button(tree, *on))
            .map_or(EffectClass::Reversible, |on| named(tree.name(on))),
        Action::Type { .. }
        | Action::Button { .. }
        | Action::Copy { .. }
        | Action::Drag { .. }
        | Action::Element { .. }
        | Action::Launch { .. }
        | Action::Open { .. }
        | Action::Window { .. }
        | Action::WriteFile { .. } => EffectClass::Reversible,
    }
}

/// What a button says of itself.
fn named(name: &str) -> EffectClass {
    let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
    let first = first.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    if DESTROYING.contains(&first) {
        EffectClass::Irreversible
    } else if SENDING.contains(&first) {
        EffectClass::External
    } else {
        EffectClass::Reversible
    }
}

fn is_button(tree: &Tree, id: NodeId) -> bool {
    matches!(tree.node(id).role, Role::Button | Role::MenuItem | Role::Link)
}

fn is_text(tree: &Tree, id: NodeId) -> bool {
    tree.node(id).states.contains(State::Editable)
}

/// The innermost shown thing there. A button among what lies there comes first: whatever is drawn
/// on it, it is the button that is pressed.
fn hit(tree: &Tree, at: ScreenPx) -> Option<NodeId> {
    let there = tree.nodes().filter(|(_, node)| {
        let shown = node.states.contains(State::Showing) && !node.flags.covered;
        shown && node.bounds.is_some_and(|bounds| bounds.contains(at))
    });
    there.max_by_key(|(id, node)| (is_button(tree, *id), node.depth)).map(|(id, _)| id)
}

fn found(tree: &Tree, node: &NodeRef) -> Option<NodeId> {
    let is_it =
        |id: &NodeId| tree.path(*id) == node.path && tree.app(*id).bus_name == node.bus_name;
    tree.nodes().map(|(id, _)| id).find(is_it)
}

/// What the tree has of a window.
fn framed(tree: &Tree, window: u32) -> Option<NodeId> {
    tree.windows.iter().find(|placed| placed.window.id == window).and_then(|placed| placed.node)
}

/// What has the keyboard, or at least the window that has it.
fn focus(tree: &Tree) -> Option<NodeId> {
    let front = View::new(tree).front()?;
    let focused = front.find(|node| node.states.contains(State::Focused));
    Some(focused.unwrap_or(front.id))
}

fn window(tree: &Tree, id: NodeId) -> &str {
    let top = std::iter::once(id)
        .chain(tree.ancestors(id))
        .filter(|at| tree.node(*at).role != Role::Application)
        .last();
    top.map_or("", |top| tree.name(top))
}
