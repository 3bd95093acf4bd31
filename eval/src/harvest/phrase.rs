//! Phrases for what is on a screen: by what it is called, and by what it is for.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::ground::{ItemFile, Kind, ScreenFile, Thing};
use crate::random::Random;

/// Items of one screen; more would say little more.
const NAMED_MAX: usize = 16;
const DESCRIBED_MAX: usize = 8;
const NAME_CHARS_MAX: usize = 40;
/// The end of names that are a picture's file's.
const SYMBOLIC: &str = "-symbolic";
/// Smaller than a tick box, or a good part of the screen: nothing that one points at.
const SIDE_MIN: i32 = 8;
const AREA_MAX: i32 = 1280 * 800 / 6;
/// A button of this size with a name of three letters or more has a picture on it, no text.
const ICON_SIDE_MAX: i32 = 44;

/// What a thing is for, in a person's words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrase {
    name: String,
    /// Of any application, where none is named.
    #[serde(default)]
    application: Option<String>,
    /// What people call its role, such as `menu`; of any, where none is named.
    #[serde(default)]
    role: Option<String>,
    says: Vec<String>,
}

pub(super) fn items(
    screen: &ScreenFile,
    phrases: &[Phrase],
    (absent, misplaced): (&[String], &[String]),
) -> Vec<ItemFile> {
    let mut random = Random::of_words(0, &screen.name);
    let mut named: Vec<&Thing> =
        screen.things.iter().filter(|thing| is_plain(thing) && is_only(thing, screen)).collect();
    named.retain(|thing| !misplaced.contains(&thing.name));
    let mut items = Vec::new();
    let mut push = |thing: &Thing, phrase: String, said: &str| {
        let id = format!("{}-{:02}", screen.name, items.len() + 1);
        items.push(ItemFile {
            id,
            screen: screen.name.clone(),
            phrase,
            bounds: Some(thing.bounds),
            kind: Some(kind(thing)),
            said: said.to_owned(),
        });
    };
    let mut described = Vec::new();
    for thing in &named {
        let fits = |phrase: &&Phrase| {
            phrase.name == thing.name
                && phrase.application.as_ref().is_none_or(|it| *it == screen.application)
                && phrase.role.as_deref().is_none_or(|it| noun(&thing.role) == Some(it))
        };
        if let Some(phrase) = phrases.iter().find(fits) {
            described.push((*thing, phrase.says[random.below(phrase.says.len())].clone()));
        }
    }
    for (thing, phrase) in drawn(&mut random, described, DESCRIBED_MAX) {
        push(thing, phrase, "described");
    }
    // Some of each role, so that a long list is not all there is.
    let mut by_role: BTreeMap<String, Vec<&Thing>> = BTreeMap::new();
    named.drain(..).for_each(|thing| by_role.entry(thing.role.clone()).or_default().push(thing));
    let mut some = Vec::new();
    while some.len() < NAMED_MAX && by_role.values().any(|things| !things.is_empty()) {
        for things in by_role.values_mut().filter(|things| !things.is_empty()) {
            some.push(things.swap_remove(random.below(things.len())));
        }
    }
    for thing in some.into_iter().take(NAMED_MAX) {
        push(thing, named_phrase(thing, &mut random), "named");
    }
    for phrase in absent {
        let id = format!("{}-{:02}", screen.name, items.len() + 1);
        let (screen, said) = (screen.name.clone(), "absent".to_owned());
        items.push(ItemFile { id, screen, phrase: phrase.clone(), bounds: None, kind: None, said });
    }
    items
}

fn drawn<T>(random: &mut Random, mut all: Vec<T>, most: usize) -> Vec<T> {
    let mut some = Vec::new();
    while some.len() < most && !all.is_empty() {
        some.push(all.swap_remove(random.below(all.len())));
    }
    some
}

/// Whether it is something that is pointed at, with a name that can be said.
fn is_plain(thing: &Thing) -> bool {
    let [x, y, width, height] = thing.bounds;
    let is_there = x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800;
    let is_fit = width.min(height) >= SIDE_MIN && width.saturating_mul(height) <= AREA_MAX;
    let name = thing.name.trim();
    let is_said = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.contains('\n')
        && !name.ends_with(SYMBOLIC);
    is_there && is_fit && is_said && noun(&thing.role).is_some()
}

/// Whether its name means nothing else here.
fn is_only(thing: &Thing, screen: &ScreenFile) -> bool {
    let name = |thing: &Thing| thing.name.trim().to_lowercase();
    let same = screen.things.iter().filter(|other| name(other) == name(thing));
    // A label may stand within what it is the label of, or around it.
    let apart = |other: &&Thing| {
        !is_within(other.bounds, thing.bounds) && !is_within(thing.bounds, other.bounds)
    };
    same.filter(apart).count() == 0
}

fn is_within([x, y, width, height]: [i32; 4], [left, top, w, h]: [i32; 4]) -> bool {
    x >= left && y >= top && x + width <= left + w && y + height <= top + h
}

/// What people call a role.
fn noun(role: &str) -> Option<&'static str> {
    Some(match role {
        "push button" | "button" | "toggle button" => "button",
        "menu" => "menu",
        "menu item" | "check menu item" | "radio menu item" => "menu item",
        "check box" => "checkbox",
        "radio button" => "radio button",
        "page tab" => "tab",
        "link" => "link",
        "icon" | "table cell" | "list item" | "tree item" => "item",
        "combo box" => "drop-down list",
        "entry" | "text" | "spin button" | "password text" => "field",
        _ => return None,
    })
}

fn named_phrase(thing: &Thing, random: &mut Random) -> String {
    let (name, noun) = (thing.name.trim(), noun(&thing.role).unwrap_or("item"));
    match random.below(4) {
        0 => name.to_owned(),
        1 => format!("the {name} {noun}"),
        2 => format!("the {noun} “{name}”"),
        _ if noun == "field" => format!("type into {name}"),
        _ if noun == "menu" => format!("open the {name} menu"),
        _ => format!("click {name}"),
    }
}

fn kind(thing: &Thing) -> Kind {
    let [_, _, width, height] = thing.bounds;
    let is_button = noun(&thing.role) == Some("button");
    let is_small = width.max(height) <= ICON_SIDE_MAX && width.abs_diff(height) <= 16;
    let has_no_room = thing.name.trim().chars().count() >= 3;
    if is_button && is_small && has_no_room { Kind::Icon } else { Kind::Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing(role: &str, name: &str, bounds: [i32; 4]) -> Thing {
        let (role, name, context) = (role.to_owned(), name.to_owned(), String::new());
        Thing { role, name, context, bounds }
    }

    fn screen(things: Vec<Thing>) -> ScreenFile {
        ScreenFile {
            name: "editor-plain".to_owned(),
            application: "Editor".to_owned(),
            theme: "Adwaita".to_owned(),
            font: "Sans 10".to_owned(),
            size: [1280, 800],
            things,
        }
    }

    #[test]
    fn what_is_meant_is_one_thing_that_one_can_point_at() {
        let screen = screen(vec![
            thing("push button", "Save", [10, 10, 30, 30]),
            // Its own label.
            thing("label", "Save", [12, 12, 20, 20]),
            thing("push button", "Open", [50, 10, 90, 30]),
            thing("menu item", "Open", [50, 60, 90, 30]),
            thing("push button", "Off the screen", [1270, 10, 90, 30]),
            thing("frame", "Editor", [0, 0, 200, 200]),
            thing("page tab", "", [100, 100, 50, 20]),
            thing("push button", "Quit", [100, 200, 50, 20]),
            thing("push button", "dialog-error-symbolic", [100, 300, 50, 20]),
        ]);
        let phrase = |name: &str, application: Option<&str>, says: &str| Phrase {
            name: name.to_owned(),
            application: application.map(str::to_owned),
            role: None,
            says: vec![says.to_owned()],
        };
        let phrases =
            [phrase("Save", Some("Browser"), "no"), phrase("Save", None, "keep the file")];
        let items = items(&screen, &phrases, (&["the trash".to_owned()], &["Quit".to_owned()]));
        let said: Vec<_> = items.iter().map(|it| (it.said.as_str(), it.bounds, it.kind)).collect();
        let save = Some([10, 10, 30, 30]);
        let icon = Some(Kind::Icon);
        let expected = [("described", save, icon), ("named", save, icon), ("absent", None, None)];
        assert_eq!(said, expected);
        assert_eq!(items[0].phrase, "keep the file");
        assert_eq!(items[2].id, "editor-plain-03");
    }
}
