//! What every desktop does besides pointer and keys: through the tree, to windows, with the
//! clipboard.

use std::time::Duration;

use deskbound_accessibility::{Effect, Node, NodeId, Role, State};
use deskbound_agent::action::{Action, Button, NodeAction, WindowAct};
use deskbound_agent::desktop::{Desktop, DesktopError, Observation, Performed};

use super::until;

/// More than an X server takes in one piece.
const LONG_CHARS: usize = 200_000;
const HOLD: Duration = Duration::from_secs(2);

fn key(chord: &str) -> Action {
    Action::chord(chord.parse().expect("a chord"))
}

/// The text of the editor in front.
fn document(seen: &Observation) -> Option<(NodeId, &Node)> {
    let is_it = |node: &Node| {
        node.role == Role::Text
            && node.states.contains(State::MultiLine)
            && node.states.contains(State::Focused)
    };
    seen.tree.nodes().find(|(_, node)| is_it(node))
}

fn text(seen: &Observation) -> Option<&str> {
    document(seen).map(|(id, _)| seen.tree.text(id))
}

async fn does(desktop: &mut impl Desktop, action: &Action) -> Performed {
    desktop.perform(action).await.unwrap_or_else(|error| panic!("{action}: {error:?}"))
}

async fn is_refused(desktop: &mut impl Desktop, action: &Action) {
    let refused = desktop.perform(action).await;
    assert!(matches!(refused, Err(DesktopError::Refused { .. })), "{action}: {refused:?}");
}

/// An editor is in front, and empty.
pub(super) async fn acts_on_things(desktop: &mut impl Desktop) {
    let seen = until(desktop, "a document", |seen| text(seen) == Some("")).await;
    let tree = seen.tree.clone();
    let (id, _) = document(&seen).expect("it was just seen");
    let write = |text: &str| NodeAction::SetText(text.to_owned());
    let done = does(desktop, &Action::element(&tree, id, write("one line"))).await;
    assert!(matches!(done, Performed::Tree { effect: Effect::Confirmed { .. } }), "{done:?}");
    until(desktop, "what was written", |seen| text(seen) == Some("one line")).await;
    // What is another thing now is left alone.
    let Action::Element { mut node, bounds, .. } = Action::element(&tree, id, write("")) else {
        panic!("it is an act on an element");
    };
    node.name = "another".to_owned();
    let at = bounds.expect("it is somewhere").centre();
    is_refused(desktop, &Action::Element { node: node.clone(), bounds, act: write("") }).await;
    let (button, count, modifiers) = (Button::Left, 1, Vec::new());
    is_refused(desktop, &Action::Click { at, button, count, modifiers, on: Some(node) }).await;
    holds_keys(desktop).await;
}

/// A key that is held repeats itself.
async fn holds_keys(desktop: &mut impl Desktop) {
    let hold = Some(HOLD);
    does(desktop, &Action::Key { chord: "a".parse().expect("a key"), hold }).await;
    let is_repeated = |seen: &Observation| text(seen).is_some_and(|text| text.contains("aaa"));
    until(desktop, "a key that was held", is_repeated).await;
    for chord in ["ctrl+a", "Delete"] {
        does(desktop, &key(chord)).await;
    }
    until(desktop, "an empty document", |seen| text(seen) == Some("")).await;
}

/// An editor is in front, and empty.
pub(super) async fn copies(desktop: &mut impl Desktop) {
    let copied = "kopiert – “4” < 5 🦀";
    let long: String = "0123456789äöü – ".chars().cycle().take(LONG_CHARS).collect();
    for text in [&long, copied, ""] {
        does(desktop, &Action::Copy { text: text.to_owned() }).await;
        let there = desktop.clipboard().await.expect("it is read");
        assert!(there.as_deref() == Some(text), "{} characters", text.chars().count());
    }
    // Applications take it, and give it.
    does(desktop, &Action::Copy { text: copied.to_owned() }).await;
    does(desktop, &key("ctrl+v")).await;
    until(desktop, "what was pasted", |seen| text(seen) == Some(copied)).await;
    does(desktop, &Action::Type { text: "!".to_owned() }).await;
    let whole = format!("{copied}!");
    until(desktop, "the whole text", |seen| text(seen) == Some(&whole)).await;
    for chord in ["ctrl+a", "ctrl+x"] {
        does(desktop, &key(chord)).await;
    }
    until(desktop, "an empty document", |seen| text(seen) == Some("")).await;
    assert_eq!(desktop.clipboard().await.expect("it is read"), Some(whole));
}

/// The windows of the editor, the uppermost last.
fn editors(seen: &Observation) -> Vec<u32> {
    let placed = seen.tree.windows.iter().map(|placed| &placed.window);
    placed.filter(|window| window.class == "Mousepad").map(|window| window.id).collect()
}

fn is_active(seen: &Observation, id: u32) -> bool {
    let node = seen.tree.windows.iter().find(|it| it.window.id == id).and_then(|it| it.node);
    node.is_some_and(|node| seen.tree.node(node).states.contains(State::Active))
}

/// One editor is open.
pub(super) async fn moves_windows(desktop: &mut impl Desktop) {
    let seen = until(desktop, "an editor", |seen| editors(seen).len() == 1).await;
    let first = editors(&seen)[0];
    does(desktop, &key("ctrl+shift+n")).await;
    let is_second = |seen: &Observation| {
        let all = editors(seen);
        all.len() == 2 && all.iter().any(|id| *id != first && is_active(seen, *id))
    };
    let seen = until(desktop, "a second editor", is_second).await;
    let second = editors(&seen).into_iter().find(|id| *id != first).expect("there are two");
    let act = WindowAct::Focus;
    let told = does(desktop, &Action::Window { window: first, act }).await;
    assert_eq!(told, Performed::Told);
    until(desktop, "the first in front", |seen| is_active(seen, first)).await;
    does(desktop, &Action::Window { window: second, act: WindowAct::Close }).await;
    until(desktop, "the first alone", |seen| editors(seen) == [first]).await;
    is_refused(desktop, &Action::Window { window: second, act }).await;
    // Keys go to the one that is left.
    until(desktop, "its document", |seen| is_active(seen, first) && text(seen).is_some()).await;
}

pub(super) async fn has_monitors(desktop: &mut impl Desktop) {
    let seen = desktop.observe().await.expect("it can be looked at");
    let monitors = desktop.monitors().await.expect("it has some");
    assert!(!monitors.is_empty());
    for monitor in monitors {
        let (columns, rows) = monitor.bounds.within(seen.frame.dimensions());
        let shown = (columns.len() as u32, rows.len() as u32);
        assert_eq!(shown, (monitor.bounds.width, monitor.bounds.height), "{monitor:?}");
        assert!(monitor.scale > 0.0, "{monitor:?}");
    }
}
