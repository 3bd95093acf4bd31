//! Things on the screen that a person can name: controls by their names, fields by the words
//! beside them.

use deskbound_accessibility::{Node, NodeId, Role, ScreenPx, ScreenRect, State};
use deskbound_models::{Candidate, Grounding, ModelError};

use super::Seen;
use crate::action::Action;
use crate::policy::{Deed, EffectClass};
use crate::view::{View, Window, is_field};

/// The most that is looked through.
const THINGS: usize = 600;
/// Between a label and its field, and how far they may overlap, in pixels.
const NEAR_PX: i32 = 260;
const OVERLAP_PX: i32 = 8;

/// One shown thing, and what a person would call it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) at: ScreenPx,
    bounds: ScreenRect,
    context: String,
}

/// The shown things of these roles in a window, in document order.
pub(crate) fn things(window: Window<'_>, wanted: impl Fn(Role) -> bool) -> Vec<Thing> {
    window.inside().filter_map(|id| thing(window, id, &wanted)).take(THINGS).collect()
}

fn thing(window: Window<'_>, id: NodeId, wanted: &impl Fn(Role) -> bool) -> Option<Thing> {
    let node = window.tree.node(id);
    let bounds = node.bounds.filter(|_| wanted(node.role) && is_reachable(node))?;
    let own = window.tree.name(id).trim();
    let name = match node.role {
        // What it says is its value, not its name.
        Role::ComboBox => beside(window, bounds).unwrap_or_else(|| own.to_owned()),
        _ if own.is_empty() => beside(window, bounds).unwrap_or_default(),
        _ => own.to_owned(),
    };
    let context = [window.tree.description(id), window.tree.text(id), own];
    let context = context.into_iter().find(|said| !said.is_empty() && *said != name);
    let context = context.unwrap_or_default().chars().take(80).collect();
    (!name.is_empty()).then_some(Thing {
        name,
        role: node.role,
        at: bounds.centre(),
        bounds,
        context,
    })
}

pub(crate) fn is_reachable(node: &Node) -> bool {
    !node.flags.covered && !node.flags.off_screen
}

/// The words left of a field, or else above it.
fn beside(window: Window<'_>, field: ScreenRect) -> Option<String> {
    let (left, top) = (field.x, field.y);
    let (right, bottom) = (edge(left, field.width), edge(top, field.height));
    let labels = window.inside().filter_map(|id| {
        let node = window.tree.node(id);
        let name = window.tree.name(id).trim();
        let is_label = matches!(node.role, Role::Label | Role::Static) && !name.is_empty();
        Some((node.bounds.filter(|_| is_label)?, name))
    });
    let distance = |label: &ScreenRect| {
        let (x, y) = (edge(label.x, label.width), edge(label.y, label.height));
        let same_row = label.y < bottom && y > top;
        let same_column = label.x < right && x > left;
        if same_row && x <= left + OVERLAP_PX {
            Some(left - x)
        } else {
            (same_column && y <= top + OVERLAP_PX).then(|| NEAR_PX / 2 + top - y)
        }
    };
    let near = labels.filter_map(|(label, name)| Some((distance(&label)?, name)));
    let nearest = near.filter(|(far, _)| *far <= NEAR_PX).min_by_key(|(far, _)| *far)?;
    Some(nearest.1.trim_end_matches(':').to_owned())
}

fn edge(at: i32, length: u32) -> i32 {
    at.saturating_add_unsigned(length)
}

/// The thing that a phrase means, if any.
pub(crate) fn choose(
    phrase: &str,
    things: &[Thing],
    seen: &mut Seen<'_>,
) -> Result<Option<Thing>, ModelError> {
    let exact = things.iter().find(|thing| same(&thing.name, phrase));
    let exact = exact.or_else(|| things.iter().find(|thing| same(bare(&thing.name), bare(phrase))));
    if let Some(exact) = exact {
        return Ok(Some(exact.clone()));
    }
    if things.is_empty() {
        return Ok(None);
    }
    let candidates = things.iter().map(|thing| Candidate {
        role: thing.role.name().replace('-', " "),
        name: thing.name.clone(),
        context: thing.context.clone(),
        bounds: Some(crate::elements::in_image(thing.bounds)),
    });
    Ok(match seen.ground.ground(phrase, candidates.collect())? {
        Grounding::Candidate { index, .. } => things.get(index).cloned(),
        Grounding::Point { .. } | Grounding::NotHere { .. } => None,
    })
}

/// `Show line numbers` is about line numbers.
fn bare(name: &str) -> &str {
    const VERBS: [&str; 5] = ["show", "display", "use", "enable", "the"];
    match name.trim().split_once(' ') {
        Some((verb, rest)) if VERBS.iter().any(|known| verb.eq_ignore_ascii_case(known)) => rest,
        _ => name,
    }
}

/// Whether two names are one, but for dots at the end, letters' size and the space around.
pub(crate) fn same(name: &str, said: &str) -> bool {
    let plain = |text: &str| text.trim().trim_end_matches(['.', '…', ':']).trim().to_lowercase();
    plain(name) == plain(said)
}

/// The node that a thing is now: of its role and name, and nearest to where it was.
pub(crate) fn find<'a>(view: View<'a>, thing: &Thing) -> Option<(Window<'a>, NodeId)> {
    let window = view.front()?;
    let wanted = |role| role == thing.role;
    let same = window.inside().filter_map(|id| {
        let found = self::thing(window, id, &wanted)?;
        let far = found.at.x.abs_diff(thing.at.x).saturating_add(found.at.y.abs_diff(thing.at.y));
        (found.name == thing.name).then_some((far, id))
    });
    same.min_by_key(|(far, _)| *far).map(|(_, id)| (window, id))
}

/// Why nobody but a person presses what lies there, if so.
pub(crate) fn danger(view: View<'_>, name: &str, at: ScreenPx) -> Option<String> {
    match Deed::of(&Action::click(at), view.tree()).effect {
        EffectClass::Observe | EffectClass::Reversible => None,
        EffectClass::External | EffectClass::Irreversible | EffectClass::Credential => {
            Some(format!("“{}” is for a person to press", crate::sanitize::line(name)))
        }
    }
}

/// What a text can be typed into, the document aside.
pub(crate) fn fields(window: Window<'_>) -> Vec<Thing> {
    let is_line = |id: &NodeId| {
        let node = window.tree.node(*id);
        let typed = node.role == Role::SpinButton || is_field(node);
        typed && !node.states.contains(State::MultiLine)
    };
    let all = |role| matches!(role, Role::SpinButton | Role::Text | Role::Entry);
    window.inside().filter(is_line).filter_map(|id| thing(window, id, &all)).take(THINGS).collect()
}

/// Whether it is switched on.
pub(crate) fn is_on(node: &Node) -> bool {
    node.states.contains(State::Checked) || node.states.contains(State::Pressed)
}

pub(crate) fn is_toggle(role: Role) -> bool {
    matches!(role, Role::CheckBox | Role::ToggleButton | Role::RadioButton)
}

/// What a press does something to. Texts are none: they are set.
pub(crate) fn is_pressable(role: Role) -> bool {
    is_toggle(role)
        || matches!(
            role,
            Role::Button
                | Role::PushButtonMenu
                | Role::Link
                | Role::Menu
                | Role::MenuItem
                | Role::CheckMenuItem
                | Role::RadioMenuItem
                | Role::PageTab
                | Role::ListItem
                | Role::TreeItem
                | Role::TableCell
                | Role::TableColumnHeader
                | Role::ColumnHeader
                | Role::Icon
                | Role::DesktopIcon
                | Role::ComboBox
                | Role::Image
        )
}

pub(crate) fn shown(phrase: &str) -> String {
    crate::sanitize::line(phrase)
}
