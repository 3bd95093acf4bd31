//! A look at one object: which questions it is asked, and in which order.

use atspi_common::{Interface, InterfaceSet, Role, State, StateSet};

use crate::{
    call::{Call, Property},
    geometry::ScreenRect,
    limits::TreeLimits,
    line::{Line, bounded},
    reply::{CallError, ObjectRef},
    tree::{AppId, NodeFacts, NodeFlags, NodeId},
    walk::Habits,
};

/// An object to look at, and where it belongs.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) path: String,
    /// In the order of finding.
    pub(crate) parent: Option<usize>,
    /// Among its siblings.
    pub(crate) place: u32,
    pub(crate) depth: u16,
}

/// An object that was looked at.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) visit: Visit,
    role: Role,
    states: StateSet,
    interfaces: InterfaceSet,
    bounds: Option<ScreenRect>,
    name: String,
    description: String,
    text: String,
    value: Option<f64>,
    /// Children were left out.
    pub(crate) truncated: bool,
}

/// What all looks of one walk share.
#[derive(Clone)]
pub(crate) struct Look {
    pub(crate) line: Line,
    pub(crate) limits: TreeLimits,
    pub(crate) habits: Habits,
}

/// What to do about an object's children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Descent {
    List,
    /// There is nothing to see below.
    Leaf,
    /// There is, and it is left out.
    Cut,
}

impl Look {
    /// The object and its children; `None` where it is not showing.
    pub(crate) async fn visit(
        self,
        visit: Visit,
    ) -> Result<Option<(Found, Vec<ObjectRef>)>, CallError> {
        let path = visit.path.as_str();
        let (states, role) = tokio::join!(self.line.states(path), self.line.role(path));
        let (states, role) = (states?, role?);
        if !self.is_wanted(&visit, states) {
            return Ok(None);
        }
        let (interfaces, name, description, count) = tokio::join!(
            self.interfaces(path),
            self.line.string(path, Property::Name),
            self.line.string(path, Property::Description),
            self.child_count(path),
        );
        let limit = self.limits.text_chars;
        let mut found = Found {
            role,
            states,
            interfaces: optional(interfaces)?.unwrap_or_default(),
            bounds: None,
            name: bounded(optional(name)?.unwrap_or_default(), limit),
            description: bounded(optional(description)?.unwrap_or_default(), limit),
            text: String::new(),
            value: None,
            truncated: false,
            visit,
        };
        let descent = self.descent(&found, optional(count)?.unwrap_or(0));
        found.truncated = descent == Descent::Cut;
        let children = self.details(&mut found, descent).await?;
        Ok(Some((found, children)))
    }

    /// The second round: what only some objects are asked.
    async fn details(
        &self,
        found: &mut Found,
        descent: Descent,
    ) -> Result<Vec<ObjectRef>, CallError> {
        let path = found.visit.path.as_str();
        let (bounds, text, value, children) = tokio::join!(
            async {
                if !found.interfaces.contains(Interface::Component) {
                    return Ok(None);
                }
                self.line.ask(path, Call::Extents).await?.bounds()
            },
            async {
                if !found.has_text_to_read() {
                    return Ok(String::new());
                }
                self.line.text(path, self.limits.text_chars).await.map(|(text, _)| text)
            },
            async {
                if !found.has_value_to_read() {
                    return Ok(None);
                }
                let call = Call::Get(Property::CurrentValue);
                self.line.ask(path, call).await?.value_property().map(Some)
            },
            async {
                if descent != Descent::List {
                    return Ok(Vec::new());
                }
                self.line.ask(path, Call::Children).await?.objects()
            },
        );
        found.bounds = optional(bounds)?.flatten();
        found.text = optional(text)?.unwrap_or_default();
        found.value = optional(value)?.flatten();
        let mut children = optional(children)?.unwrap_or_default();
        // More may have come since they were counted.
        let limit = self.limits.children as usize;
        found.truncated |= children.len() > limit;
        children.truncate(limit);
        Ok(children)
    }

    fn is_wanted(&self, visit: &Visit, states: StateSet) -> bool {
        let showing = states.contains(State::Showing) || states.contains(State::Iconified);
        visit.parent.is_none() || showing || !self.habits.says_showing
    }

    fn descent(&self, found: &Found, count: i32) -> Descent {
        let managed = found.states.contains(State::ManagesDescendants);
        let iconified = found.states.contains(State::Iconified);
        let count = u32::try_from(count).unwrap_or(0);
        if count == 0 || iconified {
            Descent::Leaf
        } else if count > self.limits.children
            || found.visit.depth >= self.limits.depth
            || (managed && !self.habits.lists_managed)
        {
            Descent::Cut
        } else {
            Descent::List
        }
    }

    async fn interfaces(&self, path: &str) -> Result<InterfaceSet, CallError> {
        self.line.ask(path, Call::Interfaces).await?.interfaces()
    }

    async fn child_count(&self, path: &str) -> Result<i32, CallError> {
        self.line.ask(path, Call::Get(Property::ChildCount)).await?.count_property()
    }
}

impl Found {
    /// What is typed is always read; of the rest, only what has no name to go by.
    fn has_text_to_read(&self) -> bool {
        let text_role = matches!(self.role, Role::Text | Role::Entry | Role::Terminal);
        let wanted = self.states.contains(State::Editable) || text_role || self.name.is_empty();
        self.interfaces.contains(Interface::Text) && self.role != Role::PasswordText && wanted
    }

    fn has_value_to_read(&self) -> bool {
        let valued = matches!(
            self.role,
            Role::Slider | Role::SpinButton | Role::ProgressBar | Role::Dial | Role::LevelBar
        );
        valued && self.interfaces.contains(Interface::Value)
    }

    pub(crate) fn facts(&self, app: AppId, parent: Option<NodeId>) -> NodeFacts<'_> {
        NodeFacts {
            parent,
            app,
            role: self.role,
            states: self.states,
            interfaces: self.interfaces,
            bounds: self.bounds,
            name: &self.name,
            description: &self.description,
            text: &self.text,
            path: &self.visit.path,
            value: self.value,
            flags: NodeFlags { truncated: self.truncated, repaired: false },
        }
    }
}

/// A question that one object may refuse without failing as a whole.
fn optional<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.is_final() => Err(error),
        Err(_) => Ok(None),
    }
}
