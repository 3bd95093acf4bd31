//! Acting on real applications, believed only when it shows.

use deskbound_accessibility::{
    ActError, Effect, NodeAction, NodeId, NodeRef, Role, Selector, State, Tree,
};

use crate::desk::{Desk, is};

#[track_caller]
fn one(tree: &Tree, program: &str, selector: &Selector) -> NodeId {
    let found = tree.find(selector).find(|id| is(&tree.app(*id).name, program));
    found.unwrap_or_else(|| panic!("{program} has no {selector:?}"))
}

fn act(desk: &Desk, node: &NodeRef, action: NodeAction) -> Result<Effect, ActError> {
    desk.block_on(desk.reader.act(node, &action))
}

#[track_caller]
fn confirmed(effect: Result<Effect, ActError>) -> String {
    match effect {
        Ok(Effect::Confirmed { evidence }) => evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pressed_buttons_change_the_display() {
    let desk = Desk::with(&["galculator"]);
    let tree = desk.snapshot();
    for name in ["7", "*", "6", "="] {
        let button = one(&tree, "galculator", &Selector::name(name));
        let effect = act(&desk, &tree.node_ref(button), NodeAction::Press);
        assert!(effect.is_ok(), "{effect:?}");
    }
    let tree = desk.snapshot();
    let display = one(&tree, "galculator", &Selector::role(Role::Text));
    assert_eq!(tree.text(display), "42");
    let five = one(&tree, "galculator", &Selector::name("5"));
    confirmed(act(&desk, &tree.node_ref(five), NodeAction::Press));
    desk.wait_for("the display shows it", |tree| {
        tree.find(&Selector::role(Role::Text)).any(|display| tree.text(display) == "5")
    });

    // A button that is off takes the press, says yes, and does nothing. (The others spring back a
    // moment after they were pressed, which would be a change.)
    let tree = desk.wait_for("all buttons are up again", |tree| {
        let down = Selector::role(Role::ToggleButton).with(State::Checked);
        tree.find(&down).all(|id| !is(&tree.app(id).name, "galculator"))
    });
    let recall = Selector::name("MR");
    let recall = one(&tree, "galculator", &recall);
    assert!(!tree.node(recall).states.contains(State::Enabled));
    let effect = act(&desk, &tree.node_ref(recall), NodeAction::Press).unwrap();
    assert!(matches!(effect, Effect::NothingHappened { .. }), "{effect:?}");
    desk.assert_all_alive();
}

#[test]
fn a_menu_opens_and_its_items_show() {
    let desk = Desk::with(&["mousepad"]);
    let tree = desk.snapshot();
    let file = one(&tree, "mousepad", &Selector::role(Role::Menu).named("File"));
    assert_eq!(tree.children(file).count(), 0);
    confirmed(act(&desk, &tree.node_ref(file), NodeAction::Press));
    desk.wait_for("the menu is open", |tree| {
        let item = Selector::role(Role::MenuItem).named("Save As...").with(State::Enabled);
        tree.find(&item).next().is_some()
    });
    desk.assert_all_alive();
}

/// An editable text of each toolkit.
#[test]
fn text_is_set_and_read_back() {
    let desk = Desk::with(&["mousepad", "featherpad"]);
    let tree = desk.snapshot();
    for program in ["mousepad", "featherpad"] {
        let view = Selector::role(Role::Text).with(State::Editable).with(State::MultiLine);
        let node = tree.node_ref(one(&tree, program, &view));
        for text in ["Grüße, \"world\"\nsecond line", "other", ""] {
            let evidence = confirmed(act(&desk, &node, NodeAction::SetText(text.to_owned())));
            assert!(evidence.starts_with("the text reads back"), "{program}: {evidence}");
            let now = desk.snapshot();
            assert_eq!(now.text(one(&now, program, &view)), text);
        }
    }
    // A menu bar is no text field.
    let bar = tree.node_ref(one(&tree, "mousepad", &Selector::role(Role::MenuBar)));
    let refused = act(&desk, &bar, NodeAction::SetText("x".to_owned()));
    assert!(matches!(refused, Err(ActError::Refused { .. })), "{refused:?}");
    desk.assert_all_alive();
}

#[test]
fn text_is_inserted_where_it_belongs() {
    let desk = Desk::with(&["mousepad", "featherpad"]);
    let tree = desk.snapshot();
    for program in ["mousepad", "featherpad"] {
        let view = Selector::role(Role::Text).with(State::Editable).with(State::MultiLine);
        let node = tree.node_ref(one(&tree, program, &view));
        confirmed(act(&desk, &node, NodeAction::SetText("grün rot".to_owned())));
        for (at, text, all) in [
            (5, "weiß ", "grün weiß rot"),
            (0, "1 ", "1 grün weiß rot"),
            (99, ".\n", "1 grün weiß rot.\n"),
        ] {
            let insert = NodeAction::InsertText { at, text: text.to_owned() };
            confirmed(act(&desk, &node, insert));
            let now = desk.snapshot();
            assert_eq!(now.text(one(&now, program, &view)), all, "{program}");
        }
    }
    desk.assert_all_alive();
}

#[test]
fn a_value_is_read_back() {
    let desk = Desk::with(&["gtk3-widget-factory"]);
    let tree = desk.snapshot();
    let is_free = |id: &NodeId| tree.node(*id).states.contains(State::Enabled);
    let slider = tree.find(&Selector::role(Role::Slider)).find(is_free).expect("it has sliders");
    let node = tree.node_ref(slider);
    for value in [20.0, 75.5] {
        let evidence = confirmed(act(&desk, &node, NodeAction::SetValue(value)));
        assert_eq!(evidence, format!("the value is {value}"));
        let now = desk.snapshot();
        let slider = now.nodes().find(|(id, _)| now.path(*id) == node.path).unwrap().1;
        assert_eq!(slider.value, Some(value));
    }
    // It goes as far as it goes.
    let beyond = act(&desk, &node, NodeAction::SetValue(1e6));
    assert!(matches!(beyond, Ok(Effect::Unverifiable { .. })), "{beyond:?}");
    let nonsense = act(&desk, &node, NodeAction::SetValue(f64::NAN));
    assert!(matches!(nonsense, Err(ActError::Refused { .. })), "{nonsense:?}");
    let unfolded = act(&desk, &node, NodeAction::Expand);
    assert!(matches!(unfolded, Err(ActError::Refused { .. })), "{unfolded:?}");
    desk.assert_all_alive();
}

#[test]
fn what_folds_is_folded_and_unfolded() {
    const PROGRAM: &str = "gtk3-widget-factory";
    let desk = Desk::with(&[PROGRAM]);
    let tree = desk.snapshot();
    let page =
        tree.node_ref(one(&tree, PROGRAM, &Selector::role(Role::RadioButton).named("Page 2")));
    confirmed(act(&desk, &page, NodeAction::Press));
    let expander = Selector::name("Expander").with(State::Expandable);
    desk.wait_for("the other page shows", |tree| tree.find(&expander).next().is_some());
    let unfold = |action: NodeAction| {
        // The page slides in, and what moves is left alone.
        let stood_still = || {
            let tree = desk.snapshot();
            let node = tree.node_ref(one(&tree, PROGRAM, &expander));
            match act(&desk, &node, action.clone()) {
                Err(ActError::Changed { .. }) => None,
                done => Some(confirmed(done)),
            }
        };
        let limit = std::time::Duration::from_secs(30);
        let evidence = deskbound_testbed::wait_for("it stands still", limit, stood_still).unwrap();
        let now = desk.snapshot();
        let is_open = now.node(one(&now, PROGRAM, &expander)).states.contains(State::Expanded);
        (evidence, is_open)
    };
    assert_eq!(unfold(NodeAction::Collapse), ("it is collapsed".to_owned(), false));
    assert_eq!(unfold(NodeAction::Expand), ("it is expanded".to_owned(), true));
    assert_eq!(unfold(NodeAction::Expand), ("it was expanded before".to_owned(), true));
    desk.assert_all_alive();
}

#[test]
fn focus_is_read_back() {
    let desk = Desk::with(&["thunar"]);
    let tree = desk.wait_for("the window is active", |tree| {
        tree.find(&Selector::role(Role::Frame).with(State::Active)).next().is_some()
    });
    let field = one(&tree, "thunar", &Selector::role(Role::Text).with(State::Editable));
    assert_eq!(confirmed(act(&desk, &tree.node_ref(field), NodeAction::Focus)), "it is focused");
    let field = Selector::role(Role::Text).with(State::Editable).with(State::Focused);
    one(&desk.snapshot(), "thunar", &field);

    // What cannot be focused says yes or no, and is not.
    let status = Selector::role(Role::StatusBar);
    let tree = desk.wait_for("the folder is counted", |tree| {
        tree.find(&status).any(|bar| tree.name(bar).contains("items"))
    });
    let label = one(&tree, "thunar", &status);
    let effect = act(&desk, &tree.node_ref(label), NodeAction::Focus);
    assert!(matches!(effect, Ok(Effect::NothingHappened { .. })), "{effect:?}");
    desk.assert_all_alive();
}

#[test]
fn a_tab_is_selected_among_its_siblings() {
    let mut desk = Desk::with(&[]);
    let files = ["first.txt", "second.txt"];
    for file in files {
        std::fs::write(desk.bed.home().join(file), file).unwrap();
    }
    desk.apps.push(desk.bed.launch("mousepad", &files).unwrap());
    let tabs = Selector::role(Role::PageTab);
    let tree = desk.wait_for("both tabs show", |tree| tree.find(&tabs).count() == 2);
    let other = tree.find(&tabs).find(|tab| !tree.node(*tab).states.contains(State::Selected));
    let other = tree.node_ref(other.unwrap());
    assert_eq!(confirmed(act(&desk, &other, NodeAction::Select)), "it is selected");
    let now = desk.snapshot();
    let selected = now.find(&tabs.with(State::Selected)).next().unwrap();
    assert_eq!(now.path(selected), other.path);

    // A window is not chosen among its siblings.
    let root = now.node_ref(one(&now, "mousepad", &Selector::role(Role::Frame)));
    let refused = act(&desk, &root, NodeAction::Select);
    assert!(matches!(refused, Err(ActError::Refused { .. })), "{refused:?}");
    desk.assert_all_alive();
}

#[test]
fn a_changed_or_lost_node_is_refused() {
    let desk = Desk::with(&["galculator"]);
    let tree = desk.snapshot();
    let seven = tree.node_ref(one(&tree, "galculator", &Selector::name("7")));

    let other = NodeRef { name: "Delete".to_owned(), ..seven.clone() };
    let Err(ActError::Changed { expected, found }) = act(&desk, &other, NodeAction::Press) else {
        panic!("acted on another node");
    };
    assert_eq!((expected.name.as_str(), found.name.as_str()), ("Delete", "7"));
    let other = NodeRef { role: Role::Slider, ..seven.clone() };
    let refused = act(&desk, &other, NodeAction::Press);
    assert!(matches!(refused, Err(ActError::Changed { .. })), "{refused:?}");

    let gone = NodeRef { path: "/org/a11y/atspi/accessible/999999".to_owned(), ..seven.clone() };
    let refused = act(&desk, &gone, NodeAction::Press);
    assert!(matches!(refused, Err(ActError::Gone { .. })), "{refused:?}");
    // What is not even a path reaches nobody.
    let nonsense = NodeRef { path: "no path".to_owned(), ..seven.clone() };
    let refused = act(&desk, &nonsense, NodeAction::Press);
    assert!(matches!(refused, Err(ActError::Gone { .. })), "{refused:?}");

    desk.apps[0].freeze().unwrap();
    let refused = act(&desk, &seven, NodeAction::Press);
    desk.apps[0].thaw().unwrap();
    assert!(matches!(refused, Err(ActError::Silent { .. })), "{refused:?}");

    let display = desk.snapshot();
    let display_id = one(&display, "galculator", &Selector::role(Role::Text));
    assert_eq!(display.text(display_id), "0", "a refused press was done");

    desk.apps[0].kill().unwrap();
    deskbound_testbed::wait_until("it has ended", std::time::Duration::from_secs(5), || {
        !desk.apps[0].is_alive()
    })
    .unwrap();
    let refused = act(&desk, &seven, NodeAction::Press);
    assert!(matches!(refused, Err(ActError::Gone { .. })), "{refused:?}");
}
