//! An application's own cache, read at once: every object it keeps, without a call for each.
//!
//! The cache is not the tree. Objects that are made on demand (cells of a list) are missing, a
//! place or a number of children may be unknown, and GTK 4 says that its root has none. So the walk
//! goes from the root as ever; what stands here answers for an object, and nothing more.

use std::collections::HashMap;

use atspi_common::{InterfaceSet, Role, StateSet};

/// What an application keeps of one object.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) path: String,
    pub(crate) parent: String,
    /// Among its siblings, where that is known.
    pub(crate) index: Option<u32>,
    pub(crate) child_count: Option<u32>,
    pub(crate) role: Role,
    pub(crate) states: StateSet,
    pub(crate) interfaces: InterfaceSet,
    pub(crate) name: String,
    pub(crate) description: String,
}

#[derive(Debug, Default)]
pub(crate) struct Cache {
    items: HashMap<String, Item>,
    /// By the parent's path: places and paths of its children.
    children: HashMap<String, Vec<(u32, String)>>,
}

impl Cache {
    pub(crate) fn new(items: Vec<Item>) -> Self {
        let mut cache = Self::default();
        for item in items {
            if let Some(index) = item.index {
                let siblings = cache.children.entry(item.parent.clone()).or_default();
                siblings.push((index, item.path.clone()));
            }
            cache.items.insert(item.path.clone(), item);
        }
        for siblings in cache.children.values_mut() {
            siblings.sort();
            siblings.dedup();
        }
        cache
    }

    pub(crate) fn item(&self, path: &str) -> Option<&Item> {
        self.items.get(path)
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The children in their order; `None` where the cache does not have each of them.
    pub(crate) fn children(&self, item: &Item) -> Option<Vec<String>> {
        let count = item.child_count? as usize;
        let known = self.children.get(&item.path).map_or(&[][..], Vec::as_slice);
        let whole =
            known.len() == count && (0_u32..).zip(known).all(|(place, (index, _))| place == *index);
        whole.then(|| known.iter().map(|(_, path)| path.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(path: &str, parent: &str, index: Option<u32>, child_count: Option<u32>) -> Item {
        Item {
            path: path.to_owned(),
            parent: parent.to_owned(),
            index,
            child_count,
            role: Role::Panel,
            states: StateSet::empty(),
            interfaces: InterfaceSet::empty(),
            name: String::new(),
            description: String::new(),
        }
    }

    #[test]
    fn children_are_known_only_where_all_are() {
        let check = |rows: Vec<Item>, expected: Option<&[&str]>| {
            let root = item("/0", "", Some(0), Some(2));
            let cache = Cache::new(rows.into_iter().chain([root.clone()]).collect());
            let expected =
                expected.map(|paths| paths.iter().map(|path| path.to_string()).collect());
            assert_eq!(cache.children(&root), expected);
        };
        let first = item("/a", "/0", Some(0), Some(0));
        let second = item("/b", "/0", Some(1), Some(0));
        check(vec![second.clone(), first.clone()], Some(&["/a", "/b"]));
        // One is missing, or stands in a place that nobody knows, or in one that is taken.
        check(vec![second.clone()], None);
        check(vec![first.clone(), item("/b", "/0", None, Some(0))], None);
        check(vec![first.clone(), item("/b", "/0", Some(0), Some(0))], None);
        // The same object twice is one.
        check(vec![first.clone(), first, second], Some(&["/a", "/b"]));
    }

    #[test]
    fn an_unknown_number_of_children_is_asked_for() {
        let lazy = item("/0", "", Some(0), None);
        assert_eq!(Cache::new(vec![lazy.clone()]).children(&lazy), None);
        let leaf = item("/0", "", Some(0), Some(0));
        assert_eq!(Cache::new(vec![leaf.clone()]).children(&leaf), Some(Vec::new()));
    }
}
