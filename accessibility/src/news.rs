//! What is different between two trees of one run, thing by thing.
//!
//! What a stalled application no longer shows has not gone, and what it shows again has not
//! appeared: of an application that was read in part, only what is in both trees is compared.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use atspi_common::{Role, State};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use crate::{
    numbering::{Number, Numbers},
    outline::quoted,
    tree::{AppStatus, NodeId, Tree},
};

/// Characters of a name or a text that are told.
const WORDS_CHARS: u32 = 100;

/// A tree with the numbers of its run.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'a> {
    pub tree: &'a Tree,
    pub numbers: &'a Numbers,
}

/// One difference. [`Display`](fmt::Display) tells it in one harmless line.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    pub number: Number,
    pub app: String,
    pub role: Role,
    pub name: String,
    pub what: Turn,
}

/// What became of a thing.
#[derive(Clone, Debug, PartialEq)]
pub enum Turn {
    /// With so many things in it, which are not told one by one.
    Appeared {
        inside: u32,
    },
    Gone {
        inside: u32,
    },
    Renamed {
        was: String,
    },
    Text {
        now: String,
    },
    Value {
        now: f64,
    },
    States {
        gained: Vec<State>,
        lost: Vec<State>,
    },
}

/// All differences: what is gone, then the rest in document order. The numbers of both trees are
/// those of one [`Numbering`](crate::Numbering).
pub fn news(before: Numbered<'_>, after: Numbered<'_>) -> Vec<News> {
    let (old, new) = (before.places(), after.places());
    let mut all = Vec::new();
    for (id, inside) in before.missing_from(after, &new) {
        all.push(before.told(id, Turn::Gone { inside }));
    }
    let appeared: HashMap<NodeId, u32> = after.missing_from(before, &old).into_iter().collect();
    for (id, _) in after.tree.nodes() {
        if let Some(inside) = appeared.get(&id) {
            all.push(after.told(id, Turn::Appeared { inside: *inside }));
        } else if let Some(then) = old.get(&after.numbers.of(id)) {
            all.extend(turns(before.tree, *then, after.tree, id).map(|turn| after.told(id, turn)));
        }
    }
    all
}

impl Numbered<'_> {
    fn places(self) -> HashMap<Number, NodeId> {
        self.tree.nodes().map(|(id, _)| (self.numbers.of(id), id)).collect()
    }

    /// The uppermost things that the other tree has not, of applications that it has whole; and how
    /// much is in each.
    fn missing_from(
        self,
        other: Numbered<'_>,
        places: &HashMap<Number, NodeId>,
    ) -> Vec<(NodeId, u32)> {
        let apps = other.tree.apps.iter().filter(|app| app.status != AppStatus::Complete);
        let in_part: HashSet<&str> = apps.map(|app| app.bus_name.as_str()).collect();
        let mut missing = Vec::new();
        let mut end = 0;
        for (id, _) in self.tree.nodes() {
            let known = places.contains_key(&self.numbers.of(id));
            if known || id.0 < end || in_part.contains(self.tree.app(id).bus_name.as_str()) {
                continue;
            }
            let size = u32::try_from(self.tree.subtree(id).count()).unwrap_or(u32::MAX);
            end = id.0.saturating_add(size);
            missing.push((id, size - 1));
        }
        missing
    }

    fn told(self, id: NodeId, what: Turn) -> News {
        News {
            number: self.numbers.of(id),
            app: self.tree.app(id).name.clone(),
            role: self.tree.node(id).role,
            name: self.tree.name(id).to_owned(),
            what,
        }
    }
}

fn turns(old: &Tree, then: NodeId, new: &Tree, now: NodeId) -> impl Iterator<Item = Turn> {
    let (before, after) = (old.node(then), new.node(now));
    let renamed =
        (old.name(then) != new.name(now)).then(|| Turn::Renamed { was: old.name(then).to_owned() });
    let text =
        (old.text(then) != new.text(now)).then(|| Turn::Text { now: new.text(now).to_owned() });
    let value = after.value.filter(|now| before.value != Some(*now) && !now.is_nan());
    let only = |some: &[State], other: &[State]| -> Vec<State> {
        some.iter().filter(|state| !other.contains(state)).copied().collect()
    };
    let [was, is]: [Vec<State>; 2] = [before, after].map(|node| node.states.iter().collect());
    let (gained, lost) = (only(&is, &was), only(&was, &is));
    let changed = !(gained.is_empty() && lost.is_empty());
    let states = changed.then_some(Turn::States { gained, lost });
    [renamed, text, value.map(|now| Turn::Value { now }), states].into_iter().flatten()
}

impl fmt::Display for News {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = |text: &str| quoted(text, WORDS_CHARS);
        let Self { role, name, .. } = self;
        write!(f, "[{}] {role} {}", self.number, words(name))?;
        if matches!(role, Role::Frame | Role::Dialog | Role::Window | Role::Alert) {
            write!(f, " of {}", words(&self.app))?;
        }
        match &self.what {
            Turn::Appeared { inside: 0 } => write!(f, " has appeared"),
            Turn::Appeared { inside } => write!(f, " has appeared, with {inside} inside"),
            Turn::Gone { inside: 0 } => write!(f, " is gone"),
            Turn::Gone { inside } => write!(f, " is gone, with {inside} inside"),
            Turn::Renamed { was } => write!(f, " was {}", words(was)),
            Turn::Text { now } => write!(f, " text={}", words(now)),
            Turn::Value { now } => write!(f, " ={now}"),
            Turn::States { gained, lost } => {
                let gained = gained.iter().map(|state| format!("now {state}"));
                let lost = lost.iter().map(|state| format!("no longer {state}"));
                write!(f, " is {}", gained.chain(lost).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// For programs: one flat object.
impl Serialize for News {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { number, app, role, name, what } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("number", number)?;
        map.serialize_entry("app", app)?;
        map.serialize_entry("role", role.name())?;
        map.serialize_entry("name", name)?;
        let names = |states: &[State]| -> Vec<&'static str> {
            states.iter().map(|state| state.to_static_str()).collect()
        };
        match what {
            Turn::Appeared { inside } => {
                map.serialize_entry("what", "appeared")?;
                map.serialize_entry("inside", inside)?;
            }
            Turn::Gone { inside } => {
                map.serialize_entry("what", "gone")?;
                map.serialize_entry("inside", inside)?;
            }
            Turn::Renamed { was } => {
                map.serialize_entry("what", "renamed")?;
                map.serialize_entry("was", was)?;
            }
            Turn::Text { now } => {
                map.serialize_entry("what", "text")?;
                map.serialize_entry("now", now)?;
            }
            Turn::Value { now } => {
                map.serialize_entry("what", "value")?;
                map.serialize_entry("now", now)?;
            }
            Turn::States { gained, lost } => {
                map.serialize_entry("what", "states")?;
                map.serialize_entry("gained", &names(gained))?;
                map.serialize_entry("lost", &names(lost))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        numbering::Numbering,
        sample::{Facts, Sample},
        tree::App,
    };

    fn editor(status: AppStatus, fill: impl Fn(&mut Sample)) -> Tree {
        let mut sample = Sample::default();
        sample
            .app_with(App {
                name: "editor".to_owned(),
                toolkit: "gtk".to_owned(),
                toolkit_version: String::new(),
                pid: Some(1),
                started: None,
                bus_name: ":1.1".to_owned(),
                status,
            })
            .put_with(1, Role::Frame, "a.txt", Facts { path: "/w", ..Facts::default() });
        fill(&mut sample);
        sample.finish()
    }

    #[track_caller]
    fn check(before: &Tree, after: &Tree, told: &[&str]) {
        let mut numbering = Numbering::default();
        let (then, now) = (numbering.number(before), numbering.number(after));
        let news = news(
            Numbered { tree: before, numbers: &then },
            Numbered { tree: after, numbers: &now },
        );
        assert_eq!(news.iter().map(News::to_string).collect::<Vec<_>>(), told);
    }

    #[test]
    fn differences_are_told_once() {
        let field = |text, states| {
            let facts = Facts { text, states, path: "/f", ..Facts::default() };
            editor(AppStatus::Complete, |sample| {
                sample.put_with(2, Role::Text, "", facts);
            })
        };
        let plain = field("", &[]);
        check(&plain, &plain, &[]);
        check(
            &plain,
            &field("a\nb", &[State::Focused]),
            &[r#"[3] text "" text="a\nb""#, r#"[3] text "" is now focused"#],
        );
        let dialog = editor(AppStatus::Complete, |sample| {
            let facts = Facts { path: "/f", ..Facts::default() };
            sample.put_with(2, Role::Text, "", facts);
            sample.put_with(
                1,
                Role::Dialog,
                "Save\u{1b}?",
                Facts { path: "/d", ..Facts::default() },
            );
            sample.put(2, Role::Button, "Yes").put(2, Role::Button, "No");
        });
        check(
            &plain,
            &dialog,
            &["[4] dialog \"Save\u{fffd}?\" of \"editor\" has appeared, with 2 inside"],
        );
        check(
            &dialog,
            &plain,
            &["[4] dialog \"Save\u{fffd}?\" of \"editor\" is gone, with 2 inside"],
        );
    }

    #[test]
    fn a_stalled_application_has_lost_nothing() {
        let whole = editor(AppStatus::Complete, |sample| {
            sample.put_with(2, Role::Button, "x", Facts { path: "/x", ..Facts::default() });
        });
        let part = editor(AppStatus::Stalled, |_| {});
        check(&whole, &part, &[]);
        check(&part, &whole, &[]);
        check(&whole, &Tree::default(), &[r#"[1] application "editor" is gone, with 2 inside"#]);
    }

    #[test]
    fn values_and_titles() {
        let tree = |title: &str, value| {
            let mut sample = Sample::default();
            sample
                .app("a")
                .put_with(1, Role::Frame, title, Facts { path: "/w", ..Facts::default() })
                .put_with(2, Role::Slider, "s", Facts { value, ..Facts::default() });
            sample.finish()
        };
        check(
            &tree("a", Some(1.0)),
            &tree("*a", Some(2.5)),
            &[r#"[2] frame "*a" of "a" was "a""#, r#"[3] slider "s" =2.5"#],
        );
    }
}
