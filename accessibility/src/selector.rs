//! Finding nodes by what they are.

use atspi_common::{Role, State, StateSet};
use serde::{Deserialize, Serialize};

use crate::{
    tree::{NodeId, Tree},
    wire,
};

/// What a node must be; what is left open matches everything.
///
/// ```
/// use deskbound_accessibility::{Role, Selector, State};
///
/// let save = Selector::role(Role::Button).named("Save").with(State::Enabled);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    #[serde(with = "role_option")]
    pub role: Option<Role>,
    /// Exactly, white space around it aside: some applications pad the names of their menu items.
    pub name: Option<String>,
    /// All of them.
    #[serde(with = "wire::states")]
    pub states: StateSet,
}

impl Selector {
    pub fn role(role: Role) -> Self {
        Self { role: Some(role), ..Self::default() }
    }

    pub fn name(name: impl Into<String>) -> Self {
        Self::default().named(name)
    }

    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    #[must_use]
    pub fn with(mut self, state: State) -> Self {
        self.states.insert(state);
        self
    }

    pub fn matches(&self, tree: &Tree, id: NodeId) -> bool {
        let node = tree.node(id);
        self.role.is_none_or(|role| role == node.role)
            && self.name.as_deref().is_none_or(|name| name.trim() == tree.name(id).trim())
            && self.states.iter().all(|state| node.states.contains(state))
    }
}

impl Tree {
    /// All that match, in document order.
    pub fn find(&self, selector: &Selector) -> impl Iterator<Item = NodeId> {
        self.nodes().map(|(id, _)| id).filter(move |id| selector.matches(self, *id))
    }
}

mod role_option {
    use atspi_common::Role;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::wire::role_of;

    pub(super) fn serialize<S: Serializer>(role: &Option<Role>, to: S) -> Result<S::Ok, S::Error> {
        role.map(|role| role as u32).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Role>, D::Error> {
        Ok(Option::<u32>::deserialize(from)?.map(role_of))
    }
}
