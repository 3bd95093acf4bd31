//! Acting on a thing where its toolkit does not do it through the tree: what a person would do with
//! pointer and keys, at the place where the thing is.

use deskbound_accessibility::{NodeAction, NodeRef, Role, ScreenRect, State};

use crate::action::Action;

/// Characters that are gone over with the arrow keys, to write behind them.
const ARROWS_MAX: u32 = 200;
/// A place in a text that no text reaches: behind all of it.
const END: u32 = u32::MAX;

/// `None` where a hand could not do it either, or would do something else.
pub(crate) fn by_hand(
    node: &NodeRef,
    bounds: Option<ScreenRect>,
    act: &NodeAction,
) -> Option<Vec<Action>> {
    let click = Action::click(bounds?.centre());
    let takes_text = node.states.contains(State::Editable);
    Some(match act {
        NodeAction::Press | NodeAction::Select => vec![click],
        // A click on anything else would press it.
        NodeAction::Focus if takes_text => vec![click],
        NodeAction::SetText(text) if takes_text && text.is_empty() => {
            vec![click, Action::key("ctrl+a"), Action::key("Delete")]
        }
        NodeAction::SetText(text) if takes_text => {
            vec![click, Action::key("ctrl+a"), Action::text(text)]
        }
        NodeAction::InsertText { at: END, text } if takes_text => {
            vec![click, Action::key("ctrl+End"), Action::text(text)]
        }
        NodeAction::InsertText { at, text } if takes_text && *at <= ARROWS_MAX => {
            let arrows = (0..*at).map(|_| Action::key("Right"));
            [click, Action::key("ctrl+Home")]
                .into_iter()
                .chain(arrows)
                .chain([Action::text(text)])
                .collect()
        }
        NodeAction::SetValue(value) if node.role == Role::SpinButton => {
            let (all, enter) = (Action::key("ctrl+a"), Action::key("Return"));
            vec![click, all, Action::text(value.to_string()), enter]
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{Facts, Sample};

    fn check(role: Role, states: &[State], act: &NodeAction, expected: Option<&[&str]>) {
        let mut sample = Sample::new("widgets");
        let root = sample.root();
        let id = sample.push(root, role, Facts { name: "it", states, ..Facts::default() });
        let tree = sample.finish();
        let (node, bounds) = (tree.node_ref(id), tree.node(id).bounds);
        let done = by_hand(&node, bounds, act);
        let done: Option<Vec<String>> =
            done.map(|actions| actions.iter().map(ToString::to_string).collect());
        let expected = expected.map(|actions| actions.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(done, expected, "{role} {act:?}");
        assert_eq!(by_hand(&node, None, act), None, "it is nowhere");
    }

    #[test]
    fn a_hand_does_what_the_tree_does_not() {
        let click = "click at 50,15";
        check(Role::Button, &[], &NodeAction::Press, Some(&[click]));
        check(Role::ListItem, &[], &NodeAction::Select, Some(&[click]));
        check(Role::Button, &[], &NodeAction::Focus, None);
        let field = &[State::Editable][..];
        check(Role::Entry, field, &NodeAction::Focus, Some(&[click]));
        let set = NodeAction::SetText("a".to_owned());
        check(Role::Entry, field, &set, Some(&[click, "press ctrl+a", "type “a”"]));
        check(Role::Label, &[], &set, None);
        let clear = NodeAction::SetText(String::new());
        check(Role::Entry, field, &clear, Some(&[click, "press ctrl+a", "press Delete"]));
        let insert = |at| NodeAction::InsertText { at, text: "b".to_owned() };
        let behind_one = [click, "press ctrl+Home", "press Right", "type “b”"];
        check(Role::Entry, field, &insert(1), Some(&behind_one));
        check(Role::Entry, field, &insert(END), Some(&[click, "press ctrl+End", "type “b”"]));
        check(Role::Entry, field, &insert(9_999), None);
        let value = NodeAction::SetValue(2.5);
        let typed = [click, "press ctrl+a", "type “2.5”", "press Return"];
        check(Role::SpinButton, field, &value, Some(&typed));
        check(Role::Slider, &[], &value, None);
    }
}
