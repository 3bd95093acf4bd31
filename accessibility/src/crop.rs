//! A part of a tree, as a tree.

use crate::tree::{NodeFacts, NodeId, Tree, TreeBuilder};

impl Tree {
    /// What stands directly below an application's root.
    pub fn windows(&self) -> impl Iterator<Item = NodeId> {
        self.nodes().filter(|(_, node)| node.depth == 1).map(|(id, _)| id)
    }

    /// These nodes, with all that is above and below them. Every application stays in
    /// [`Tree::apps`].
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
        builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use atspi_common::Role;

    use super::*;
    use crate::sample::Sample;

    #[test]
    fn a_part_keeps_its_way_up_and_down() {
        let tree = Sample::default()
            .app("a")
            .put(1, Role::Frame, "A")
            .put(2, Role::Button, "x")
            .put(1, Role::Frame, "B")
            .put(2, Role::Panel, "p")
            .put(3, Role::Button, "y")
            .app("b")
            .put(1, Role::Frame, "C")
            .finish();
        let check = |to: &[u32], names: &[&str]| {
            let ids: Vec<NodeId> = to.iter().map(|id| NodeId(*id)).collect();
            let part = tree.cropped(&ids);
            assert_eq!(part.check(), Ok(()));
            let found: Vec<&str> = part.nodes().map(|(id, _)| part.name(id)).collect();
            assert_eq!(found, names);
            assert_eq!(part.apps, tree.apps);
        };
        check(&[], &[]);
        check(&[3], &["a", "B", "p", "y"]);
        check(&[5, 7], &["a", "B", "p", "y", "b", "C"]);
        let windows: Vec<NodeId> = tree.windows().collect();
        assert_eq!(windows, [NodeId(1), NodeId(3), NodeId(7)]);
        let whole = tree.cropped(&[NodeId(0), NodeId(6)]);
        assert_eq!(whole, tree);
    }
}
