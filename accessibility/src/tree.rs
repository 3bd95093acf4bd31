//! The picture of a desktop: an arena of nodes in document order, with interned strings.
//!
//! A `Tree` crosses from guest to host whole, so it is flat, compact and checked on arrival
//! ([`Tree::check`]): an index that points nowhere is an error, never a panic.

use std::collections::HashMap;

use atspi_common::{InterfaceSet, Role, StateSet};
use serde::{Deserialize, Serialize};

use crate::{geometry::ScreenRect, repair::Shift, window::PlacedWindow, wire};

/// A node's place in its own [`Tree`]; worthless in another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// An application's place in [`Tree::apps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AppId(pub u16);

/// A string in [`Tree`]'s pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct StringId(u32);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    pub name: String,
    /// As the toolkit spells itself: `gtk`, `Qt`, `Chromium`, …
    pub toolkit: String,
    pub toolkit_version: String,
    pub pid: Option<u32>,
    /// When that process was started, in the kernel's ticks since its machine was.
    #[serde(default)]
    pub started: Option<u64>,
    /// The unique name on the accessibility bus.
    pub bus_name: String,
    pub status: AppStatus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppStatus {
    Complete,
    /// A limit cut the walk; what was read is here.
    Truncated,
    /// No answer within its silence; a partial tree is kept.
    Stalled,
    /// The connection ended in the middle of the walk.
    Died,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeFlags {
    /// Children were left out: beyond a limit, out of view, or they could not be read.
    pub truncated: bool,
    /// Its name, description or text goes on beyond a limit.
    #[serde(default)]
    pub text_cut: bool,
    /// `bounds` differ from what the toolkit said.
    pub repaired: bool,
    /// Another window lies over its centre.
    pub covered: bool,
    /// Its centre is not on the screen.
    pub off_screen: bool,
    /// Its window is not where it says, so `bounds` may be wrong too.
    #[serde(default)]
    pub doubtful: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub parent: Option<NodeId>,
    pub depth: u16,
    pub app: AppId,
    #[serde(with = "wire::role")]
    pub role: Role,
    #[serde(with = "wire::states")]
    pub states: StateSet,
    #[serde(with = "wire::interfaces")]
    pub interfaces: InterfaceSet,
    pub bounds: Option<ScreenRect>,
    name: StringId,
    description: StringId,
    text: StringId,
    path: StringId,
    pub value: Option<f64>,
    pub flags: NodeFlags,
    /// By which `bounds` were repaired.
    #[serde(default)]
    shift: Shift,
}

/// What a walk found out about one object; [`TreeBuilder::push`] interns its strings.
#[derive(Clone, Debug)]
pub struct NodeFacts<'a> {
    pub parent: Option<NodeId>,
    pub app: AppId,
    pub role: Role,
    pub states: StateSet,
    pub interfaces: InterfaceSet,
    pub bounds: Option<ScreenRect>,
    pub name: &'a str,
    pub description: &'a str,
    /// Content of a text object, cut at the limit.
    pub text: &'a str,
    /// D-Bus object path.
    pub path: &'a str,
    pub value: Option<f64>,
    pub flags: NodeFlags,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    pub apps: Vec<App>,
    /// From the lowest to the uppermost; empty until the tree is placed.
    pub windows: Vec<PlacedWindow>,
    nodes: Vec<Node>,
    strings: Vec<Box<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {node} points outside its tree ({what})")]
pub struct BrokenTree {
    pub node: usize,
    pub what: &'static str,
}

impl Tree {
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(index, node)| (NodeId(index as u32), node))
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// # Panics
    /// On an id of another tree.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn app(&self, id: NodeId) -> &App {
        &self.apps[self.node(id).app.0 as usize]
    }

    pub fn name(&self, id: NodeId) -> &str {
        self.string(self.node(id).name)
    }

    pub fn description(&self, id: NodeId) -> &str {
        self.string(self.node(id).description)
    }

    pub fn text(&self, id: NodeId) -> &str {
        self.string(self.node(id).text)
    }

    /// Takes a secret out. Its string goes too, where nothing else has the same.
    pub fn clear_text(&mut self, id: NodeId) {
        let secret = self.node(id).text;
        let empty = self.strings.iter().position(|string| string.is_empty());
        let empty = empty.unwrap_or_else(|| {
            self.strings.push("".into());
            self.strings.len() - 1
        });
        self.nodes[id.0 as usize].text = StringId(empty as u32);
        let is_used = self
            .nodes
            .iter()
            .any(|node| [node.name, node.description, node.text, node.path].contains(&secret));
        if !is_used {
            self.strings[secret.0 as usize] = "".into();
        }
    }

    pub fn path(&self, id: NodeId) -> &str {
        self.string(self.node(id).path)
    }

    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        self.subtree(id).skip(1).filter(move |child| self.node(*child).parent == Some(id))
    }

    /// The node itself and everything below it, in document order.
    pub fn subtree(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let depth = self.node(id).depth;
        let below =
            self.nodes[id.0 as usize + 1..].iter().take_while(move |node| node.depth > depth);
        let count = below.count() as u32;
        (id.0..=id.0 + count).map(NodeId)
    }

    /// From the parent up to the application's root.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).parent, |at| self.node(*at).parent)
    }

    /// Checks every index, for a tree that came from somewhere else.
    pub fn check(&self) -> Result<(), BrokenTree> {
        // From the root of the current subtree down to the node before.
        let mut path: Vec<NodeId> = Vec::new();
        for (id, node) in self.nodes() {
            let broken = |what| Err(BrokenTree { node: id.0 as usize, what });
            if usize::from(node.app.0) >= self.apps.len() {
                return broken("application");
            }
            let strings = [node.name, node.description, node.text, node.path];
            if strings.iter().any(|id| id.0 as usize >= self.strings.len()) {
                return broken("string");
            }
            let depth = usize::from(node.depth);
            if depth > path.len() {
                return broken("depth");
            }
            path.truncate(depth);
            if node.parent != path.last().copied() {
                return broken("parent");
            }
            path.push(id);
        }
        for placed in &self.windows {
            if let Some(node) = placed.node.filter(|node| node.0 as usize >= self.nodes.len()) {
                return Err(BrokenTree { node: node.0 as usize, what: "window" });
            }
        }
        Ok(())
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// Puts a rectangle right that its toolkit says wrong.
    pub(crate) fn repair(&mut self, id: NodeId, shift: Shift) {
        let node = self.node_mut(id);
        if let Some(bounds) = node.bounds.filter(|_| !shift.is_none()) {
            node.bounds = Some(shift.apply(bounds));
            node.shift = node.shift.and(shift);
            node.flags.repaired = true;
        }
    }

    /// The rectangle as its toolkit said it.
    pub(crate) fn said_bounds(&self, id: NodeId) -> Option<ScreenRect> {
        let node = self.node(id);
        node.bounds.map(|bounds| node.shift.reversed().apply(bounds))
    }

    /// [`Tree::subtree`], without holding on to the tree.
    pub(crate) fn subtree_ids(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        let count = self.subtree(id).count() as u32;
        (id.0..id.0 + count).map(NodeId)
    }

    fn string(&self, id: StringId) -> &str {
        &self.strings[id.0 as usize]
    }
}

/// Fills a [`Tree`] in document order.
#[derive(Default)]
pub struct TreeBuilder {
    tree: Tree,
    interned: HashMap<Box<str>, StringId>,
}

impl TreeBuilder {
    pub fn push_app(&mut self, app: App) -> AppId {
        self.tree.apps.push(app);
        AppId((self.tree.apps.len() - 1) as u16)
    }

    /// A parent comes before its children, and a subtree is contiguous.
    pub fn push(&mut self, facts: NodeFacts<'_>) -> NodeId {
        let depth = facts.parent.map_or(0, |parent| self.tree.node(parent).depth + 1);
        let node = Node {
            parent: facts.parent,
            depth,
            app: facts.app,
            role: facts.role,
            states: facts.states,
            interfaces: facts.interfaces,
            bounds: facts.bounds,
            name: self.intern(facts.name),
            description: self.intern(facts.description),
            text: self.intern(facts.text),
            path: self.intern(facts.path),
            value: facts.value,
            flags: facts.flags,
            shift: Shift::default(),
        };
        self.tree.nodes.push(node);
        NodeId((self.tree.nodes.len() - 1) as u32)
    }

    pub(crate) fn repair(&mut self, id: NodeId, shift: Shift) {
        self.tree.repair(id, shift);
    }

    pub fn finish(self) -> Tree {
        self.tree
    }

    fn intern(&mut self, text: &str) -> StringId {
        if let Some(id) = self.interned.get(text) {
            return *id;
        }
        let id = StringId(self.tree.strings.len() as u32);
        self.tree.strings.push(text.into());
        self.interned.insert(text.into(), id);
        id
    }
}
