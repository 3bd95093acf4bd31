//! What a phrase says beside a name: a deed, what kind of thing, which of several, and where it is.
//!
//! `please click the left Save button at the bottom` is the name `Save`, a button, to the left, at
//! the bottom. Places are found at the end of a phrase, turns before its kind; nothing is taken from
//! a name that says itself `Left` or `Bottom`, since names to the letter are looked for before.

use crate::starter::place::{Area, Beside, Turn};

const POLITE: [&str; 12] = [
    "please ",
    "click on ",
    "click ",
    "press on ",
    "press ",
    "push ",
    "hit ",
    "tap on ",
    "tap ",
    "type into ",
    "type in ",
    "go to ",
];
/// Said before an article only, since names begin with them.
const DEEDS: [&str; 18] = [
    "open ",
    "choose ",
    "select ",
    "tick ",
    "untick ",
    "check ",
    "uncheck ",
    "use ",
    "show ",
    "show me ",
    "find ",
    "pick ",
    "switch to ",
    "where is ",
    "i want ",
    "i need ",
    "fill in ",
    "enter ",
];
const CLOSING: [&str; 8] = [
    " please",
    " here",
    " now",
    " on the screen",
    " in this window",
    " in the window",
    " on this page",
    " on screen",
];
const ARTICLES: [&str; 9] = ["the", "my", "our", "your", "a", "an", "this", "that", "his"];
/// Before a place at the end: `at the`, `in the`.
const AT: [&str; 6] = ["at", "on", "in", "to", "near", "along"];
/// Words of a place that say nothing by themselves.
const FILLERS: [&str; 16] = [
    "the", "very", "hand", "side", "corner", "edge", "end", "row", "of", "window", "screen",
    "page", "dialog", "list", "form", "part",
];
/// What holds other things, at the end of `in the …`.
const HOLDERS: [&str; 14] = [
    "menu bar",
    "title bar",
    "tool bar",
    "toolbar",
    "status bar",
    "menu",
    "dialog",
    "window",
    "page",
    "list",
    "form",
    "panel",
    "sidebar",
    "header",
];
const RELATIONS: [(&str, Beside); 21] = [
    (" to the left of ", Beside::LeftOf),
    (" on the left of ", Beside::LeftOf),
    (" left of ", Beside::LeftOf),
    (" left from ", Beside::LeftOf),
    (" to the right of ", Beside::RightOf),
    (" on the right of ", Beside::RightOf),
    (" right of ", Beside::RightOf),
    (" right from ", Beside::RightOf),
    (" next to ", Beside::NextTo),
    (" right beside ", Beside::NextTo),
    (" beside ", Beside::NextTo),
    (" right above ", Beside::Above),
    (" above ", Beside::Above),
    (" on top of ", Beside::Above),
    (" over ", Beside::Above),
    (" right below ", Beside::Below),
    (" below ", Beside::Below),
    (" beneath ", Beside::Below),
    (" underneath ", Beside::Below),
    (" under ", Beside::Below),
    (" between ", Beside::Between),
];

/// A phrase without what is said beside the name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said<'p> {
    /// Name and kind, as they were said.
    pub(super) core: &'p str,
    pub(super) area: Area,
    /// Beside what, in words; two of them where it is between.
    pub(super) beside: Option<(Beside, Vec<&'p str>)>,
    /// What it is in: `File` of `in the File menu`.
    pub(super) within: Option<&'p str>,
}

impl<'p> Said<'p> {
    pub(super) fn of(phrase: &'p str) -> Self {
        let mut said = Self { core: without_deed(phrase), ..Self::default() };
        // An end may say more than one thing: `at the bottom, please`.
        for _ in 0..4 {
            let before = said.core;
            said.core = without_closing(said.core);
            said.take_beside();
            said.take_within();
            said.take_area();
            if said.core == before {
                break;
            }
        }
        said
    }

    fn take_beside(&mut self) {
        let found = RELATIONS.iter().find_map(|(words, relation)| {
            let at = find_ignoring_case(self.core, words)?;
            Some((at, at + words.len(), *relation))
        });
        let Some((before, after, relation)) = found else { return };
        let other = &self.core[after..];
        let others: Vec<&str> = match relation {
            Beside::Between => other.split(" and ").collect(),
            _ => vec![other],
        };
        let others: Vec<&str> = others.into_iter().map(|it| without_article(it.trim())).collect();
        let is_whole = others.len() == relation.others() && others.iter().all(|it| !it.is_empty());
        if is_whole && self.beside.is_none() {
            self.core = self.core[..before].trim_end_matches([' ', ',']);
            self.beside = Some((relation, others));
        }
    }

    /// `in the File menu`, `in the toolbar`.
    fn take_within(&mut self) {
        let found = [" in the ", " of the ", " on the ", " from the "].iter().filter_map(|words| {
            let at = rfind_ignoring_case(self.core, words)?;
            let rest = &self.core[at + words.len()..];
            let holder = HOLDERS.iter().find(|holder| ends_with_word(rest, holder))?;
            Some((at, rest[..rest.len() - holder.len()].trim()))
        });
        let Some((at, within)) = found.max_by_key(|(at, _)| *at) else { return };
        // `at the top of the page` is a place.
        if Area::of_words(words_of(&self.core[..at]).rev().take(1)).is_some() {
            return;
        }
        if within.split_whitespace().count() <= 3 && self.within.is_none() {
            self.core = self.core[..at].trim_end_matches([' ', ',']);
            self.within = Some(within);
        }
    }

    /// `at the bottom`, `in the upper left corner`, `on the right-hand side of the window`.
    fn take_area(&mut self) {
        let lower = self.core.to_ascii_lowercase();
        let mut starts = lower.match_indices(' ').map(|(at, _)| at).chain([0]).filter_map(|at| {
            let rest = lower[at..].trim_start();
            let (first, rest) = rest.split_once([' ', '-'])?;
            if !AT.contains(&first) {
                return None;
            }
            let words = rest.split([' ', '-', ',']).filter(|word| !FILLERS.contains(word));
            Some((at, Area::of_words(words)?))
        });
        let Some((at, area)) = starts.next() else { return };
        self.core = self.core[..at].trim_end_matches([' ', ',']);
        self.area = self.area.or(area);
    }
}

/// `third` and `radio button` of `the third radio button`: which one, and the rest.
pub(super) fn turn(core: &str) -> Option<(Turn, &str)> {
    let core = without_article(core);
    let (first, rest) = core.split_once(' ')?;
    let first = first.to_ascii_lowercase();
    let turn = match Turn::of_word(&first) {
        Some(turn) => turn,
        None => Turn::Towards(Area::of_words([first.as_str()])?),
    };
    Some((turn, rest.trim()))
}

pub(super) fn without_article(phrase: &str) -> &str {
    match phrase.split_once(' ') {
        Some((first, rest)) if ARTICLES.iter().any(|a| first.eq_ignore_ascii_case(a)) => {
            rest.trim()
        }
        _ => phrase,
    }
}

fn without_deed(phrase: &str) -> &str {
    let mut rest = phrase.trim();
    for _ in 0..3 {
        let polite = POLITE.iter().find_map(|deed| strip_prefix_ignoring_case(rest, deed));
        let deed = DEEDS.iter().find_map(|deed| strip_prefix_ignoring_case(rest, deed));
        let deed = deed.filter(|rest| without_article(rest) != *rest);
        let Some(found) = polite.or(deed) else { break };
        rest = found.trim_start();
    }
    rest
}

fn without_closing(phrase: &str) -> &str {
    let rest = phrase.trim().trim_end_matches(['.', ',', '!', '?']);
    let cut = CLOSING.iter().find(|end| {
        rest.len() > end.len() && rfind_ignoring_case(rest, end) == Some(rest.len() - end.len())
    });
    match cut {
        // `… at the top on the screen` keeps its place.
        Some(end) => rest[..rest.len() - end.len()].trim_end_matches([' ', ',']),
        // A name may end in a sign, such as `?` or `…`.
        None => phrase.trim(),
    }
}

fn words_of(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split([' ', '-']).filter(|word| !word.is_empty())
}

fn ends_with_word(text: &str, word: &str) -> bool {
    rfind_ignoring_case(text, word)
        .is_some_and(|at| at + word.len() == text.len() && (at == 0 || text[..at].ends_with(' ')))
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// Lower-casing ASCII moves no byte.
fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(wanted)
}

fn rfind_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.to_ascii_lowercase().rfind(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrase: &str, core: &str, area: Option<&str>, beside: Option<(Beside, &[&str])>) {
        let said = Said::of(phrase);
        assert_eq!(said.core, core, "{phrase}");
        let area = area.map(|words| Area::of_words(words.split(' ')).unwrap()).unwrap_or_default();
        assert_eq!(said.area, area, "{phrase}");
        let beside = beside.map(|(relation, others)| (relation, others.to_vec()));
        assert_eq!(said.beside, beside, "{phrase}");
    }

    #[test]
    fn places_are_no_part_of_a_name() {
        check("the Help button at the bottom", "the Help button", Some("bottom"), None);
        check("Close in the top right corner, please", "Close", Some("top right"), None);
        check("please click on OK", "OK", None, None);
        check("on the left-hand side of the window", "", Some("left"), None);
        check("the box right of Town", "the box", None, Some((Beside::RightOf, &["Town"])));
        check(
            "the entry next to the Name label",
            "the entry",
            None,
            Some((Beside::NextTo, &["Name label"])),
        );
        check("B between A and C", "B", None, Some((Beside::Between, &["A", "C"])));
        check("Select the tab", "the tab", None, None);
    }

    #[test]
    fn names_that_only_look_like_places_stay() {
        check("Bottom", "Bottom", None, None);
        check("Sort by name", "Sort by name", None, None);
        check("Align left", "Align left", None, None);
        check("Select all", "Select all", None, None);
        check("what is between", "what is between", None, None);
        check("Wo ist „Über“ rechts?", "Wo ist „Über“ rechts?", None, None);
    }

    #[test]
    fn what_holds_it_is_told_apart() {
        let said = Said::of("Save in the File menu");
        assert_eq!((said.core, said.within), ("Save", Some("File")));
        let said = Said::of("the Open button in the toolbar");
        assert_eq!((said.core, said.within), ("the Open button", Some("")));
        let said = Said::of("the Open button at the top of the page");
        assert_eq!((said.core, said.within), ("the Open button", None));
        assert_eq!(Some(said.area), Area::of_words(["top"]));
    }

    #[test]
    fn which_of_several() {
        assert_eq!(turn("the third radio button"), Some((Turn::Nth(2), "radio button")));
        assert_eq!(turn("last tab"), Some((Turn::Last, "tab")));
        let left = Area::of_words(["left"]).unwrap();
        assert_eq!(turn("the left button"), Some((Turn::Towards(left), "button")));
        assert_eq!(turn("the button"), None);
    }
}
