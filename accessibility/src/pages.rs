//! Pages of GTK 4 that lie behind another one.
//!
//! GTK 4 says of its window alone whether it shows, and a page that was left keeps the rectangles
//! that it had. But it says which tab is selected. So the pages that a list of tabs switches between
//! are found (as many panels side by side, called as the tabs are, and of several such the nearest),
//! and all but the selected one are hidden.

use std::collections::HashSet;

use atspi_common::{Role, State};

use crate::cache::{Cache, Item};

/// Above an object, up to its window.
const ANCESTORS_MAX: usize = 60;
/// Lists of tabs in one application.
const LISTS_MAX: usize = 200;

/// Tabs or pages, side by side.
struct Row<'c> {
    of: &'c Item,
    items: Vec<&'c Item>,
}

impl Row<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.name.as_str())
    }
}

/// Paths of hidden pages.
pub(crate) fn hidden(cache: &Cache) -> HashSet<String> {
    let lists = rows(cache, Role::PageTab).filter(|row| row.of.role == Role::PageTabList);
    let mut holders: Vec<Row<'_>> = rows(cache, Role::Panel).collect();
    let mut hidden = HashSet::new();
    for tabs in lists.take(LISTS_MAX) {
        let is_selected = |item: &&Item| item.states.contains(State::Selected);
        let mut selected = (0..).zip(&tabs.items).filter(|(_, tab)| is_selected(tab));
        let (Some((shown, _)), None) = (selected.next(), selected.next()) else { continue };
        let above = ancestors(cache, tabs.of);
        let mut near: Vec<(usize, usize)> = holders
            .iter()
            .enumerate()
            .filter(|(_, pages)| pages.names().eq(tabs.names()))
            .filter_map(|(at, pages)| Some((meet(&above, &ancestors(cache, pages.of))?, at)))
            .collect();
        near.sort_unstable();
        let at = match near[..] {
            [(_, at)] => at,
            [(nearest, at), (next, _), ..] if nearest < next => at,
            // None, or nobody knows which.
            _ => continue,
        };
        let pages = holders.swap_remove(at);
        let behind = (0_usize..).zip(pages.items).filter(|(at, _)| *at != shown);
        hidden.extend(behind.map(|(_, page)| page.path.clone()));
    }
    hidden
}

/// Children of one object that are all of that role, buttons to turn pages aside.
fn rows(cache: &Cache, role: Role) -> impl Iterator<Item = Row<'_>> {
    cache.items().filter_map(move |of| {
        let paths = cache.children(of).filter(|paths| paths.len() > 1)?;
        let items: Vec<&Item> = paths.iter().filter_map(|path| cache.item(path)).collect();
        let is_other = |item: &&Item| item.role != role && item.role != Role::Button;
        let items = (!items.iter().any(is_other)).then_some(items)?;
        let items: Vec<&Item> = items.into_iter().filter(|item| item.role == role).collect();
        (items.len() > 1).then_some(Row { of, items })
    })
}

/// From the object itself up.
fn ancestors<'c>(cache: &'c Cache, of: &'c Item) -> Vec<&'c str> {
    let above = std::iter::successors(Some(of), |item| cache.item(&item.parent));
    above.take(ANCESTORS_MAX).map(|item| item.path.as_str()).collect()
}

/// How far above the first the nearest is that both are in.
fn meet(first: &[&str], second: &[&str]) -> Option<usize> {
    first.iter().position(|path| second.contains(path))
}

#[cfg(test)]
mod tests {
    use atspi_common::{InterfaceSet, StateSet};

    use super::*;

    /// Path, role, name, whether it is selected; `/0/1` is the second child of `/0`.
    type Sketch = (&'static str, Role, &'static str, bool);

    fn cache(sketches: &[Sketch]) -> Cache {
        let count = |path: &str| {
            let is_child = |other: &&Sketch| {
                other.0.rsplit_once('/').is_some_and(|(parent, _)| parent == path)
            };
            u32::try_from(sketches.iter().filter(is_child).count()).unwrap()
        };
        let items = sketches.iter().map(|(path, role, name, selected)| {
            let (parent, index) = path.rsplit_once('/').unwrap();
            Item {
                path: (*path).to_owned(),
                parent: parent.to_owned(),
                index: index.parse().ok(),
                child_count: Some(count(path)),
                role: *role,
                states: selected.then_some(State::Selected).into_iter().collect::<StateSet>(),
                interfaces: InterfaceSet::empty(),
                name: (*name).to_owned(),
                description: String::new(),
            }
        });
        Cache::new(items.collect())
    }

    #[track_caller]
    fn check(sketches: &[Sketch], expected: &[&str]) {
        let hidden = hidden(&cache(sketches));
        let mut hidden: Vec<&str> = hidden.iter().map(String::as_str).collect();
        hidden.sort_unstable();
        assert_eq!(hidden, expected);
    }

    #[test]
    fn pages_behind_the_selected_one_are_hidden() {
        use Role::{Button, Frame, PageTab, PageTabList, Panel};
        let stack = |selected: [bool; 2]| {
            [
                ("/0", Frame, "", false),
                ("/0/0", Panel, "", false),
                ("/0/0/0", Panel, "One", false),
                ("/0/0/1", Panel, "Two", false),
                ("/0/0/1/0", Button, "OK", false),
                ("/0/1", PageTabList, "", false),
                ("/0/1/0", PageTab, "One", selected[0]),
                ("/0/1/1", PageTab, "Two", selected[1]),
            ]
        };
        check(&stack([true, false]), &["/0/0/1"]);
        check(&stack([false, true]), &["/0/0/0"]);
        // Whatever that is, it says nothing about pages.
        check(&stack([false, false]), &[]);
        check(&stack([true, true]), &[]);
        let mut other = stack([true, false]);
        other[3].2 = "Three";
        check(&other, &[]);
    }

    #[test]
    fn tabs_of_the_same_names_belong_to_the_nearest_pages() {
        use Role::{Button, Filler, Frame, PageTab, PageTabList, Panel};
        check(
            &[
                ("/0", Frame, "", false),
                ("/0/0", Filler, "first", false),
                ("/0/0/0", Panel, "", false),
                ("/0/0/0/0", Panel, "Tab", false),
                ("/0/0/0/1", Panel, "Tab", false),
                ("/0/0/1", PageTabList, "", false),
                ("/0/0/1/0", PageTab, "Tab", false),
                ("/0/0/1/1", PageTab, "Tab", true),
                ("/0/1", Filler, "second", false),
                ("/0/1/0", PageTabList, "", false),
                ("/0/1/0/0", Button, "Previous tab", false),
                ("/0/1/0/1", PageTab, "Tab", true),
                ("/0/1/0/2", PageTab, "Tab", false),
                ("/0/1/1", Panel, "", false),
                ("/0/1/1/0", Panel, "Tab", false),
                ("/0/1/1/1", Panel, "Tab", false),
            ],
            &["/0/0/0/0", "/0/1/1/1"],
        );
    }
}
