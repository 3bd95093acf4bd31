//! Finding nodes by what they are.

mod query;

use atspi_common::{Role, State, StateSet};
use serde::{Deserialize, Serialize};

use crate::{
    tree::{NodeId, Tree},
    wire,
};

pub use query::QueryError;

/// What a node must be; what is left open matches everything.
///
/// ```
/// use deskbound_accessibility::{Role, Selector, State};
///
/// let save = Selector::role(Role::Button).named("Save").with(State::Enabled);
/// assert_eq!("button \"Save\" enabled".parse(), Ok(save));
/// ```
///
/// # As text
///
/// Terms with white space between them, all of which must hold:
///
/// | term | the node |
/// | --- | --- |
/// | `button`, `menu-item`, `button\|link`, `role=button` | has this role, or one of these; `field` is any that text is typed into |
/// | `enabled`, `!checked`, `state=focused` | is, or is not; `disabled` is neither enabled nor sensitive |
/// | `"Save"`, `name="Save"` | is called so, white space around it aside |
/// | `~"save"`, `name~"save"` | has this in its name, large or small letters |
/// | `text="…"`, `text~"…"` | holds this text |
/// | `app=mousepad`, `app~pad` | belongs to this application |
/// | `in="Save As"`, `in~"save"` | stands below something of this name |
///
/// In quotes, `\"`, `\\`, `\n` and `\t` are a quote, a backslash, a new line and a tab.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selector {
    /// One of them; none: any.
    #[serde(with = "roles")]
    pub roles: Vec<Role>,
    pub name: Option<Wording>,
    pub text: Option<Wording>,
    pub app: Option<Wording>,
    /// The name of something it is in.
    pub inside: Option<Wording>,
    /// All of them.
    #[serde(with = "wire::states")]
    pub states: StateSet,
    /// None of them.
    #[serde(with = "wire::states")]
    pub without: StateSet,
}

/// What a name or text must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wording {
    /// White space around it aside: some applications pad the names of their menu items.
    Is(String),
    /// In large or small letters.
    Has(String),
}

impl Wording {
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Is(whole) => whole.trim() == text.trim(),
            Self::Has(part) => text.to_lowercase().contains(&part.to_lowercase()),
        }
    }
}

impl Selector {
    pub fn role(role: Role) -> Self {
        Self { roles: vec![role], ..Self::default() }
    }

    pub fn name(name: impl Into<String>) -> Self {
        Self::default().named(name)
    }

    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(Wording::Is(name.into())), ..self }
    }

    #[must_use]
    pub fn with(mut self, state: State) -> Self {
        self.states.insert(state);
        self
    }

    #[must_use]
    pub fn without(mut self, state: State) -> Self {
        self.without.insert(state);
        self
    }

    pub fn matches(&self, tree: &Tree, id: NodeId) -> bool {
        let node = tree.node(id);
        let fits = |wording: &Option<Wording>, text: &str| {
            wording.as_ref().is_none_or(|wording| wording.fits(text))
        };
        (self.roles.is_empty() || self.roles.contains(&node.role))
            && self.states.iter().all(|state| node.states.contains(state))
            && !self.without.iter().any(|state| node.states.contains(state))
            && fits(&self.name, tree.name(id))
            && fits(&self.text, tree.text(id))
            && fits(&self.app, &tree.app(id).name)
            && self.inside.as_ref().is_none_or(|wording| {
                tree.ancestors(id).any(|above| wording.fits(tree.name(above)))
            })
    }
}

impl Tree {
    /// All that match, in document order.
    pub fn find(&self, selector: &Selector) -> impl Iterator<Item = NodeId> {
        self.nodes().map(|(id, _)| id).filter(move |id| selector.matches(self, *id))
    }
}

mod roles {
    use atspi_common::Role;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::wire::role_of;

    pub(super) fn serialize<S: Serializer>(roles: &[Role], to: S) -> Result<S::Ok, S::Error> {
        roles.iter().map(|role| *role as u32).collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Role>, D::Error> {
        Ok(Vec::<u32>::deserialize(from)?.into_iter().map(role_of).collect())
    }
}

#[cfg(test)]
mod tests;
