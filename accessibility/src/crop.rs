//! A part of a tree, as a tree.

use crate::{
    tree::{NodeFacts, NodeId, Tree, TreeBuilder},
    window::PlacedWindow,
};

impl Tree {
    /// What stands directly below an application's root.
    pub fn frames(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(|(_, node)| node.depth == 1).map(|(id, _)| id)
    }

    /// These nodes, with all that is above and below them. Every application stays in
    /// [`Tree::apps`], and of [`Tree::windows`] those that have their node here.
    pub fn cropped(&self, to: &[NodeId]) -> Self {
        let mut keeps = vec![false; self.len()];
        for id in to {
            for kept in self.ancestors(*id).chain(self.subtree(*id)) {
                keeps[kept.0 as usize] = true;
            }
        }
        let mut builder = TreeBuilder::default();
        for app in &self.apps {
            builder.push_app(app.clone());
        }
        let mut places: Vec<Option<NodeId>> = vec![None; self.len()];
        for (id, node) in self.nodes().filter(|(id, _)| keeps[id.0 as usize]) {
            let place = builder.push(NodeFacts {
                parent: node.parent.and_then(|parent| places[parent.0 as usize]),
                app: node.app,
                role: node.role,
                states: node.states,
                interfaces: node.interfaces,
                bounds: node.bounds,
                name: self.name(id),
                description: self.description(id),
                text: self.text(id),
                path: self.path(id),
                value: node.value,
                flags: node.flags,
            });
            places[id.0 as usize] = Some(place);
        }
        let mut cropped = builder.finish();
        let placed = self.windows.iter().filter_map(|placed| {
            let node = places[placed.node?.0 as usize]?;
            Some(PlacedWindow { node: Some(node), ..placed.clone() })
        });
        cropped.windows = placed.collect();
        cropped
    }
}

#[cfg(test)]
mod tests {
    use atspi_common::Role;

    use super::*;
    use crate::{
        geometry::ScreenRect,
        sample::Sample,
        window::{Border, Fit, Window},
    };

    fn placed((node, title): (u32, &str)) -> PlacedWindow {
        let window = Window {
            id: node,
            pid: None,
            title: title.to_owned(),
            class: String::new(),
            bounds: ScreenRect { x: 0, y: 0, width: 1, height: 1 },
            border: Border::default(),
        };
        PlacedWindow { window, node: Some(NodeId(node)), fit: Fit::Unknown }
    }

    #[test]
    fn a_part_keeps_its_way_up_and_down() {
        let mut tree = Sample::default()
            .app("a")
            .put(1, Role::Frame, "A")
            .put(2, Role::Button, "x")
            .put(1, Role::Frame, "B")
            .put(2, Role::Panel, "p")
            .put(3, Role::Button, "y")
            .app("b")
            .put(1, Role::Frame, "C")
            .finish();
        tree.windows = [(1, "A"), (3, "B")].map(placed).to_vec();
        let check = |to: &[u32], names: &[&str]| {
            let ids: Vec<NodeId> = to.iter().map(|id| NodeId(*id)).collect();
            let part = tree.cropped(&ids);
            assert_eq!(part.check(), Ok(()));
            let found: Vec<&str> = part.nodes().map(|(id, _)| part.name(id)).collect();
            assert_eq!(found, names);
            assert_eq!(part.apps, tree.apps);
            for placed in &part.windows {
                assert_eq!(placed.node.map(|node| part.name(node)), Some(&*placed.window.title));
            }
            assert_eq!(
                part.windows.len(),
                names.iter().filter(|name| "AB".contains(**name)).count()
            );
        };
        check(&[], &[]);
        check(&[3], &["a", "B", "p", "y"]);
        check(&[5, 7], &["a", "B", "p", "y", "b", "C"]);
        let frames: Vec<NodeId> = tree.frames().collect();
        assert_eq!(frames, [NodeId(1), NodeId(3), NodeId(7)]);
        let whole = tree.cropped(&[NodeId(0), NodeId(6)]);
        assert_eq!(whole, tree);
    }
}
