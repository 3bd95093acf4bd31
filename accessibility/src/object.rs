//! A look at one object: which questions it is asked, and in which order. What its application's
//! cache has answered already is not asked again.

use std::{collections::HashSet, sync::Arc};

use atspi_common::{Interface, InterfaceSet, Role, State, StateSet};

use crate::{
    answers::Answer,
    budget::Budget,
    cache::Cache,
    call::{Call, Property},
    geometry::ScreenRect,
    limits::{Scope, TreeLimits},
    line::{Line, bounded},
    reply::{CallError, ObjectRef},
    table,
    toolkit::Toolkit,
    tree::{AppId, NodeFacts, NodeFlags, NodeId},
};

/// Children of one object that are listed at all, to find those among them that show.
const LISTED_MAX: u32 = 5_000;
/// Of those, asked at once whether they show.
const LISTED_AT_ONCE: usize = 64;

/// An object to look at, and where it belongs.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) path: String,
    pub(crate) kind: Kind,
    /// In the order of finding.
    pub(crate) parent: Option<usize>,
    /// Among its siblings.
    pub(crate) place: u32,
    pub(crate) depth: u16,
}

/// What is known of an object before anybody asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    /// A cell of a table that was asked for by its row and column. There are a thousand in view, so
    /// each is asked only for what differs between them.
    Cell,
    /// On a page behind another one: it is nowhere, whatever it says.
    Hidden,
}

/// An object that was looked at, and the paths and kind of the children to look at next.
pub(crate) type Looked = (Found, Vec<String>, Kind);

/// An object that was looked at.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) visit: Visit,
    role: Role,
    states: StateSet,
    interfaces: InterfaceSet,
    pub(crate) bounds: Option<ScreenRect>,
    pub(crate) name: String,
    pub(crate) description: String,
    text: String,
    value: Option<f64>,
    words: Words,
    pub(crate) left_out: LeftOut,
}

/// Whether children of an object are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    Nothing,
    /// Those that could not be read.
    Unreadable,
    /// Those that are scrolled away.
    OutOfView,
    /// Those beyond a limit.
    Limit,
}

/// Whether name, description and text of an object are all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Whole,
    Cut,
}

/// What all looks of one walk share.
pub(crate) struct Look {
    pub(crate) line: Line,
    pub(crate) limits: TreeLimits,
    pub(crate) toolkit: Toolkit,
    pub(crate) cache: Cache,
    /// Pages behind others, by their paths.
    pub(crate) hidden: HashSet<String>,
}

/// What to do about an object's children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Descent {
    /// There is nothing to see below.
    Leaf,
    /// The cache has them all.
    Known(Vec<String>),
    List,
    /// Too many, but not too many to list: the first that show.
    FirstShowing,
    /// Too many, or not to be listed: those in view.
    InView,
    /// They are left out.
    Cut,
}

/// A look that has begun.
pub(crate) enum Begun {
    /// What is known was enough; `None` where the object is not wanted.
    Over(Option<Looked>),
    /// It has to be asked.
    Asks(Asked),
}

/// An object that has to be asked, with what is known of it.
pub(crate) enum Asked {
    Everything(Visit),
    Details(Found, Descent),
}

impl Asked {
    /// In the order of finding.
    pub(crate) fn parent(&self) -> Option<usize> {
        match self {
            Self::Everything(visit) => visit.parent,
            Self::Details(found, _) => found.visit.parent,
        }
    }
}

impl Look {
    /// Without a word to anybody.
    pub(crate) fn begin(&self, mut visit: Visit) -> Begun {
        if self.hidden.contains(&visit.path) {
            visit.kind = Kind::Hidden;
        }
        // The cache is wrong about GTK 4's root.
        let cached = self.cache.item(&visit.path).filter(|_| visit.parent.is_some());
        let Some(item) = cached.filter(|_| visit.kind != Kind::Cell) else {
            return Begun::Asks(Asked::Everything(visit));
        };
        if !self.is_wanted(&visit, item.states) {
            return Begun::Over(None);
        }
        let mut found = Found {
            role: item.role,
            states: item.states,
            interfaces: item.interfaces,
            ..Found::unknown(visit)
        };
        found.is_called(item.name.clone(), item.description.clone(), self.limits.text_chars);
        let descent = self.descent(&found, item.child_count);
        let over = |found: Found, children| {
            let kind = found.visit.kind;
            Begun::Over(Some((found, children, kind)))
        };
        let has_details =
            self.is_somewhere(&found) || found.has_text_to_read() || found.has_value_to_read();
        match descent {
            Descent::Known(children) if !has_details => over(found, children),
            Descent::Leaf if !has_details => over(found, Vec::new()),
            Descent::Cut if !has_details => {
                found.left_out = LeftOut::Limit;
                over(found, Vec::new())
            }
            descent => Begun::Asks(Asked::Details(found, descent)),
        }
    }

    /// The object and its children; `None` where it is not wanted.
    pub(crate) async fn finish(self: Arc<Self>, asked: Asked) -> Result<Option<Looked>, CallError> {
        let (mut found, descent) = match asked {
            Asked::Everything(visit) if visit.kind == Kind::Cell => {
                return self.cell(visit).await.map(Some);
            }
            Asked::Everything(visit) => {
                let Some((found, count)) = self.facts(visit).await? else { return Ok(None) };
                let descent = self.descent(&found, count);
                (found, descent)
            }
            Asked::Details(found, descent) => (found, descent),
        };
        let in_view = descent == Descent::InView;
        let listed = self.details(&mut found, &descent).await?;
        let children = self.children(&mut found, descent, listed).await?;
        let kind = if in_view { Kind::Cell } else { found.visit.kind };
        Ok(Some((found, children, kind)))
    }

    async fn cell(&self, visit: Visit) -> Result<Looked, CallError> {
        let path = visit.path.as_str();
        let limit = self.limits.text_chars;
        let asked = [
            Call::States,
            Call::Get(Property::Name),
            Call::Extents,
            Call::Get(Property::CharacterCount),
        ];
        let [states, name, bounds, count] = self.line.ask_of(path, asked).await;
        let states = states?.states()?;
        let text = optional(self.line.text_of(path, count, limit).await)?;
        let mut found = Found {
            role: Role::TableCell,
            states,
            interfaces: [Interface::Component, Interface::Text].into_iter().collect(),
            bounds: optional(bounds.and_then(|reply| reply.bounds()))?.flatten(),
            ..Found::unknown(visit)
        };
        let name = optional(name.and_then(|reply| reply.text_property()))?;
        found.is_called(name.unwrap_or_default(), String::new(), limit);
        found.says(text);
        Ok((found, Vec::new(), Kind::Any))
    }

    /// What every object is asked, and how many children it has where that is known.
    async fn facts(&self, visit: Visit) -> Result<Option<(Found, Option<u32>)>, CallError> {
        let path = visit.path.as_str();
        let [role, interfaces, name, description, count] = [
            Call::Role,
            Call::Interfaces,
            Call::Get(Property::Name),
            Call::Get(Property::Description),
            Call::Get(Property::ChildCount),
        ];
        let (states, facts) = if self.is_wanted(&visit, StateSet::empty()) {
            let asked = [Call::States, role, interfaces, name, description, count];
            let [states, facts @ ..] = self.line.ask_of(path, asked).await;
            (states?.states()?, facts)
        } else {
            // Closed menus are long, and nothing more is asked of what is in them.
            let states = self.line.states(path).await?;
            if !self.is_wanted(&visit, states) {
                return Ok(None);
            }
            let asked = [role, interfaces, name, description, count];
            (states, self.line.ask_of(path, asked).await)
        };
        let [role, interfaces, name, description, count] = facts;
        let role = role?.role()?;
        let name = optional(name.and_then(|reply| reply.text_property()))?;
        let description = optional(description.and_then(|reply| reply.text_property()))?;
        let interfaces = optional(interfaces.and_then(|reply| reply.interfaces()))?;
        let interfaces = interfaces.unwrap_or_default();
        let mut found = Found { role, states, interfaces, ..Found::unknown(visit) };
        let limit = self.limits.text_chars;
        found.is_called(name.unwrap_or_default(), description.unwrap_or_default(), limit);
        // One that is refused or below zero is no number.
        let count = optional(count.and_then(|reply| reply.count_property()))?;
        Ok(Some((found, count.and_then(|count| u32::try_from(count).ok()))))
    }

    /// What only some objects are asked; with it their children, where they are listed.
    async fn details(
        &self,
        found: &mut Found,
        descent: &Descent,
    ) -> Result<Option<Answer>, CallError> {
        let path = found.visit.path.clone();
        let has_bounds = self.is_somewhere(found) || *descent == Descent::InView;
        let questions = [
            (has_bounds, Call::Extents),
            (found.has_text_to_read(), Call::Get(Property::CharacterCount)),
            (found.has_value_to_read(), Call::Get(Property::CurrentValue)),
            (*descent == Descent::List, Call::Children),
        ];
        let asked = questions.into_iter().filter(|(is_asked, _)| *is_asked);
        let asked: Vec<_> = asked.map(|(_, call)| (path.as_str(), call)).collect();
        let mut answers = self.line.ask_all(asked).await.into_iter();
        let [bounds, count, value, children] =
            questions.map(|(is_asked, _)| if is_asked { answers.next() } else { None });
        if let Some(bounds) = bounds {
            found.bounds = optional(bounds.and_then(|reply| reply.bounds()))?.flatten();
        }
        if let Some(value) = value {
            found.value = optional(value.and_then(|reply| reply.value_property()))?;
        }
        if let Some(count) = count {
            found.says(optional(self.line.text_of(&path, count, self.limits.text_chars).await)?);
        }
        Ok(children)
    }

    async fn children(
        &self,
        found: &mut Found,
        descent: Descent,
        listed: Option<Answer>,
    ) -> Result<Vec<String>, CallError> {
        let path = found.visit.path.as_str();
        let limit = self.limits.children as usize;
        let children = match descent {
            Descent::Leaf => return Ok(Vec::new()),
            Descent::Cut => {
                found.left_out = LeftOut::Limit;
                return Ok(Vec::new());
            }
            Descent::Known(paths) => return Ok(paths),
            Descent::List => {
                let listed = listed.expect("it was asked for its children");
                optional(listed.and_then(|reply| reply.objects(limit)))?
            }
            Descent::FirstShowing => {
                found.left_out = LeftOut::Limit;
                let listed = self.line.ask(path, Call::Children).await;
                let listed = listed.and_then(|reply| reply.objects(LISTED_MAX as usize));
                Some(self.first_showing(optional(listed)?.unwrap_or_default()).await?)
            }
            Descent::InView => {
                let Some(bounds) = found.bounds else { return Ok(Vec::new()) };
                let cells = optional(table::cells_in_view(&self.line, path, bounds).await)?;
                found.left_out = cells.as_ref().map_or(LeftOut::Limit, |_| LeftOut::OutOfView);
                return Ok(self.own(found, cells.unwrap_or_default()));
            }
        };
        let Some(mut children) = children else {
            found.left_out = LeftOut::Unreadable;
            return Ok(Vec::new());
        };
        // More may have come since they were counted.
        if children.len() > limit {
            found.left_out = LeftOut::Limit;
            children.truncate(limit);
        }
        Ok(self.own(found, children))
    }

    /// As many of them as may be, in their order.
    async fn first_showing(&self, listed: Vec<ObjectRef>) -> Result<Vec<ObjectRef>, CallError> {
        let limit = self.limits.children as usize;
        let mut showing = Vec::new();
        let mut listed = listed.into_iter();
        while showing.len() < limit {
            let some: Vec<ObjectRef> = listed.by_ref().take(LISTED_AT_ONCE).collect();
            if some.is_empty() {
                break;
            }
            let known: Vec<Option<StateSet>> = some
                .iter()
                .map(|child| self.cache.item(&child.path).map(|item| item.states))
                .collect();
            let unknown = some.iter().zip(&known).filter(|(_, known)| known.is_none());
            let asked: Vec<_> =
                unknown.map(|(child, _)| (child.path.as_str(), Call::States)).collect();
            let mut told = self.line.ask_all(asked).await.into_iter();
            for (child, known) in some.into_iter().zip(known) {
                let states = match known {
                    Some(states) => Some(states),
                    None => {
                        let told = told.next().expect("it was asked");
                        optional(told.and_then(|reply| reply.states()))?
                    }
                };
                if states.is_some_and(|states| self.is_shown(states)) {
                    showing.push(child);
                }
            }
        }
        Ok(showing)
    }

    /// Those of this application. One that is embedded from another process is walked on its own.
    fn own(&self, found: &mut Found, children: Vec<ObjectRef>) -> Vec<String> {
        let all = children.len();
        let own = children.into_iter().filter(|child| child.bus_name == self.line.bus_name());
        let own: Vec<String> = own.map(|child| child.path).collect();
        if own.len() < all {
            found.left_out = LeftOut::Limit;
        }
        own
    }

    /// What is hidden keeps the rectangle that it had, or has none that means anything.
    fn is_somewhere(&self, found: &Found) -> bool {
        let shows = found.states.contains(State::Showing) || !self.toolkit.says_showing();
        let has_place = found.visit.kind != Kind::Hidden;
        found.interfaces.contains(Interface::Component) && shows && has_place
    }

    fn is_wanted(&self, visit: &Visit, states: StateSet) -> bool {
        let is_behind = visit.kind == Kind::Hidden && self.limits.scope == Scope::Shown;
        visit.parent.is_none() || (self.is_shown(states) && !is_behind)
    }

    /// Or may be, or is wanted all the same.
    fn is_shown(&self, states: StateSet) -> bool {
        let showing = states.contains(State::Showing) || states.contains(State::Iconified);
        let all = self.limits.scope == Scope::Whole || !self.toolkit.says_showing();
        showing || all
    }

    fn descent(&self, found: &Found, count: Option<u32>) -> Descent {
        let managed = found.states.contains(State::ManagesDescendants);
        let iconified = found.states.contains(State::Iconified);
        let closed = iconified && self.limits.scope == Scope::Shown;
        if count == Some(0) || closed {
            return Descent::Leaf;
        }
        if found.visit.depth >= self.limits.depth {
            return Descent::Cut;
        }
        let few = count.is_some_and(|count| count <= self.limits.children);
        let too_many = count.is_some() && !few;
        // A spreadsheet has 2³¹ children, and dies of listing them.
        let deadly = managed && !few && !self.toolkit.lists_managed();
        if too_many || deadly {
            let table = found.interfaces.contains(Interface::Table);
            let listed = !deadly && count.is_some_and(|count| count <= LISTED_MAX);
            return match (table, listed) {
                (true, _) => Descent::InView,
                (false, true) => Descent::FirstShowing,
                (false, false) => Descent::Cut,
            };
        }
        let item = self.cache.item(&found.visit.path).filter(|_| found.visit.parent.is_some());
        let known = item.and_then(|item| self.cache.children(item));
        known.map_or(Descent::List, Descent::Known)
    }
}

impl Found {
    fn unknown(visit: Visit) -> Self {
        Self {
            visit,
            role: Role::Unknown,
            states: StateSet::empty(),
            interfaces: InterfaceSet::empty(),
            bounds: None,
            name: String::new(),
            description: String::new(),
            text: String::new(),
            value: None,
            words: Words::Whole,
            left_out: LeftOut::Nothing,
        }
    }

    fn is_called(&mut self, name: String, description: String, limit: u32) {
        for (to, words) in [(&mut self.name, name), (&mut self.description, description)] {
            let bytes = words.len();
            *to = bounded(words, limit);
            if to.len() < bytes {
                self.words = Words::Cut;
            }
        }
    }

    /// A text, and whether it goes on.
    fn says(&mut self, text: Option<(String, bool)>) {
        let (text, goes_on) = text.unwrap_or_default();
        self.text = text;
        if goes_on {
            self.words = Words::Cut;
        }
    }

    pub(crate) fn text_bytes(&self) -> usize {
        self.name.len() + self.description.len() + self.text.len() + self.visit.path.len()
    }

    /// Keeps as much of its words as there is room for; whether that is all.
    pub(crate) fn cut_to(&mut self, budget: &Budget) -> bool {
        let before = self.text_bytes();
        for words in [&mut self.name, &mut self.description, &mut self.text] {
            budget.cut(words);
        }
        let whole = self.text_bytes() == before;
        if !whole {
            self.words = Words::Cut;
        }
        whole
    }

    /// One of its children could not be read.
    pub(crate) fn miss_child(&mut self) {
        if self.left_out == LeftOut::Nothing {
            self.left_out = LeftOut::Unreadable;
        }
    }

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
            flags: NodeFlags {
                truncated: self.left_out != LeftOut::Nothing,
                text_cut: self.words == Words::Cut,
                ..NodeFlags::default()
            },
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
