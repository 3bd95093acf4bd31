//! Numbers that stay: the same thing has the same number in every picture of one run, another
//! thing another one, and a number is never used twice.
//!
//! ```text
//! node ──▶ path?    the object's own address, while its application's connection lives,
//!      │            believed only where role and name are as they were
//!      ├─▶ place?   what lasts: the number of its parent, its role and name, and its index among
//!      │            the siblings that share both; found again when an application was restarted
//!      │            or has made its objects anew
//!      └─▶ the next number
//! ```
//!
//! All paths are tried before any place: where a sibling of the same name was put in front, the
//! old ones keep their numbers. A parent's number stands for the whole way down from its
//! application, so a place is the role path, and a number vouches for each step of it.
//!
//! An application is one connection to the bus (its unique name comes once in the life of a bus,
//! which a process id and its start time do not promise any better). A new connection of the same
//! name inherits the numbers of one that is gone, first of all where the process is the same.
//!
//! What the caller keeps is bounded: things that were not seen for the longest time are forgotten,
//! and would come back under a new number.

mod program;

use std::{
    collections::{HashMap, HashSet},
    fmt,
    hash::{BuildHasher, Hash, RandomState},
};

use atspi_common::Role;
use serde::{Deserialize, Serialize};

use crate::tree::{Node, NodeId, Tree};

use program::{ProgramId, Programs};

/// Things that are remembered; far above one picture, so that menus and pages come back as they
/// were. What one picture holds is kept in any case.
const THINGS_MAX: usize = 65_536;
/// What is left when there are more: forgetting is work, and is not done for every tree.
const THINGS_KEPT: usize = 49_152;

/// What a thing is called in a run; from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number(pub u64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The numbers of one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// In the order of the tree.
    of: Vec<Number>,
}

impl Numbers {
    /// # Panics
    /// On an id of another tree.
    pub fn of(&self, id: NodeId) -> Number {
        self.of[id.0 as usize]
    }

    /// The node that has this number, if it is in this tree.
    pub fn node(&self, number: Number) -> Option<NodeId> {
        let place = self.of.iter().position(|of| *of == number)?;
        u32::try_from(place).ok().map(NodeId)
    }
}

/// Kept by the caller for as long as a run lasts, and shown every tree of it.
///
/// ```
/// # use deskbound_accessibility::{Numbering, Tree};
/// # let (before, after) = (Tree::default(), Tree::default());
/// let mut numbering = Numbering::default();
/// let then = numbering.number(&before);
/// let now = numbering.number(&after);
/// // What is in both trees has the same number in `then` and `now`.
/// ```
#[derive(Debug, Default)]
pub struct Numbering {
    /// Keyed anew in each run, so that no application can aim at a collision.
    hasher: RandomState,
    last: u64,
    /// Which tree this is, counted.
    moment: u64,
    programs: Programs,
    things: HashMap<Number, Thing>,
    by_path: HashMap<PathKey, Number>,
    by_place: HashMap<PlaceKey, Number>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PathKey(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct PlaceKey(u64);

/// Role and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Look(u64);

#[derive(Clone, Copy, Debug)]
struct Thing {
    role: Role,
    look: Look,
    path: PathKey,
    place: PlaceKey,
    seen: u64,
}

/// Where a place begins.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Above {
    Program(ProgramId),
    Thing(Number),
}

impl Numbering {
    /// The numbers of this tree: those that its things had before, and new ones for the rest.
    pub fn number(&mut self, tree: &Tree) -> Numbers {
        self.moment += 1;
        let programs = self.programs.recognise(&tree.apps, self.moment);
        let mut taken = HashSet::with_capacity(tree.len());
        let known: Vec<Option<Number>> = tree
            .nodes()
            .map(|(id, node)| {
                let number = self.at_path(tree, id, programs[usize::from(node.app.0)])?;
                taken.insert(number).then_some(number)
            })
            .collect();
        let mut of: Vec<Number> = Vec::with_capacity(tree.len());
        let mut siblings: HashMap<(Above, Look), u32> = HashMap::new();
        for ((id, node), known) in tree.nodes().zip(known) {
            let program = programs[usize::from(node.app.0)];
            let above = match node.parent {
                Some(parent) => Above::Thing(of[parent.0 as usize]),
                None => Above::Program(program),
            };
            let look = self.look(tree, id);
            let index = siblings.entry((above, look)).or_default();
            let place = PlaceKey(self.hasher.hash_one((above, look, *index)));
            *index += 1;
            let at_place = || self.by_place.get(&place).copied().filter(|at| !taken.contains(at));
            let number = known.or_else(at_place).unwrap_or_else(|| {
                self.last += 1;
                Number(self.last)
            });
            taken.insert(number);
            let path = self.path(tree, id, program);
            self.remember(number, Thing { role: node.role, look, path, place, seen: self.moment });
            of.push(number);
        }
        if self.things.len() > THINGS_MAX {
            self.forget(THINGS_KEPT.max(tree.len()));
        }
        Numbers { of }
    }

    fn at_path(&self, tree: &Tree, id: NodeId, program: ProgramId) -> Option<Number> {
        let number = *self.by_path.get(&self.path(tree, id, program))?;
        let (thing, node) = (self.things.get(&number)?, tree.node(id));
        // A window goes by its title, and is the same one under the next.
        let same =
            thing.look == self.look(tree, id) || (is_window(node) && thing.role == node.role);
        same.then_some(number)
    }

    fn path(&self, tree: &Tree, id: NodeId, program: ProgramId) -> PathKey {
        PathKey(self.hasher.hash_one((program, &tree.app(id).bus_name, tree.path(id))))
    }

    fn look(&self, tree: &Tree, id: NodeId) -> Look {
        Look(self.hasher.hash_one((tree.node(id).role as u32, tree.name(id).trim())))
    }

    fn remember(&mut self, number: Number, thing: Thing) {
        if let Some(old) = self.things.insert(number, thing) {
            if old.path != thing.path {
                self.unlink(number, old.path);
            }
            if old.place != thing.place {
                self.displace(number, old.place);
            }
        }
        self.by_path.insert(thing.path, number);
        self.by_place.insert(thing.place, number);
    }

    /// Down to `limit` things; those of the present tree are the last to go.
    fn forget(&mut self, limit: usize) {
        let excess = self.things.len().saturating_sub(limit);
        let mut oldest: Vec<(u64, Number)> =
            self.things.iter().map(|(number, thing)| (thing.seen, *number)).collect();
        oldest.sort_unstable();
        for (_, number) in oldest.into_iter().take(excess) {
            if let Some(thing) = self.things.remove(&number) {
                self.unlink(number, thing.path);
                self.displace(number, thing.place);
            }
        }
    }

    fn unlink(&mut self, number: Number, path: PathKey) {
        if self.by_path.get(&path) == Some(&number) {
            self.by_path.remove(&path);
        }
    }

    fn displace(&mut self, number: Number, place: PlaceKey) {
        if self.by_place.get(&place) == Some(&number) {
            self.by_place.remove(&place);
        }
    }
}

fn is_window(node: &Node) -> bool {
    matches!(node.role, Role::Frame | Role::Window | Role::Dialog | Role::Alert | Role::FileChooser)
}

#[cfg(test)]
mod tests;
