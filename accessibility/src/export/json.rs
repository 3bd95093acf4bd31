//! A tree that reads well: names of roles and states instead of numbers, texts in their places.
//!
//! The nodes are one flat list, however deep the tree is: a program of one line filters it, and a
//! hostile tree cannot exhaust the stack of whoever reads it.

use serde::{Serialize, Serializer, ser::SerializeSeq};

use crate::{
    flag,
    geometry::ScreenRect,
    numbering::{Number, Numbers},
    tree::{AppStatus, NodeId, Tree},
    window::Fit,
    wire,
};

/// Serialises a tree for a reader. (The tree itself serialises for a connection, by numbers.)
#[derive(Clone, Copy, Debug)]
pub struct Readable<'a> {
    tree: &'a Tree,
    numbers: &'a Numbers,
}

impl<'a> Readable<'a> {
    pub fn new(tree: &'a Tree, numbers: &'a Numbers) -> Self {
        Self { tree, numbers }
    }

    /// One node alone.
    pub fn node(self, id: NodeId) -> impl Serialize + 'a {
        let (tree, numbers, node) = (self.tree, self.numbers, self.tree.node(id));
        NodeView {
            number: numbers.of(id),
            parent: node.parent.map(|parent| numbers.of(parent)),
            depth: node.depth,
            app: &tree.app(id).name,
            role: node.role.name(),
            name: tree.name(id),
            description: tree.description(id),
            text: tree.text(id),
            value: node.value.filter(|value| value.is_finite()),
            states: node.states.iter().map(|state| state.to_static_str()).collect(),
            interfaces: wire::interface_names(node.interfaces).collect(),
            bounds: node.bounds,
            flags: flag::names(node.flags).collect(),
            path: tree.path(id),
        }
    }
}

#[derive(Serialize)]
struct TreeView<'a> {
    apps: Vec<AppView<'a>>,
    /// From the lowest to the uppermost.
    windows: Vec<WindowView<'a>>,
    nodes: Nodes<'a>,
}

#[derive(Serialize)]
struct AppView<'a> {
    name: &'a str,
    toolkit: &'a str,
    toolkit_version: &'a str,
    pid: Option<u32>,
    bus_name: &'a str,
    status: &'static str,
}

#[derive(Serialize)]
struct WindowView<'a> {
    /// Of its node.
    number: Option<Number>,
    title: &'a str,
    class: &'a str,
    pid: Option<u32>,
    bounds: ScreenRect,
    fit: Fit,
}

#[derive(Serialize)]
struct NodeView<'a> {
    number: Number,
    parent: Option<Number>,
    depth: u16,
    app: &'a str,
    role: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    states: Vec<&'static str>,
    interfaces: Vec<&'static str>,
    bounds: Option<ScreenRect>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<&'static str>,
    path: &'a str,
}

/// One at a time, so that a large tree is not held twice.
struct Nodes<'a>(Readable<'a>);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut list = to.serialize_seq(Some(self.0.tree.len()))?;
        for (id, _) in self.0.tree.nodes() {
            list.serialize_element(&self.0.node(id))?;
        }
        list.end()
    }
}

impl Serialize for Readable<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let apps = self.tree.apps.iter().map(|app| AppView {
            name: &app.name,
            toolkit: &app.toolkit,
            toolkit_version: &app.toolkit_version,
            pid: app.pid,
            bus_name: &app.bus_name,
            status: match app.status {
                AppStatus::Complete => "complete",
                AppStatus::Truncated => "truncated",
                AppStatus::Stalled => "stalled",
                AppStatus::Died => "died",
            },
        });
        let windows = self.tree.windows.iter().map(|placed| WindowView {
            number: placed.node.map(|node| self.numbers.of(node)),
            title: &placed.window.title,
            class: &placed.window.class,
            pid: placed.window.pid,
            bounds: placed.window.outer(),
            fit: placed.fit,
        });
        TreeView { apps: apps.collect(), windows: windows.collect(), nodes: Nodes(*self) }
            .serialize(to)
    }
}
