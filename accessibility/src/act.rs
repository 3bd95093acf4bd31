//! Acting on one object, and looking for the effect.
//!
//! Toolkits say `true` before anything happens, or without it. So every action here is: refuse what
//! was measured not to work in that toolkit; read the object again and refuse if it is another one
//! now; act; then look for evidence until there is some or the limit is over.

mod press;
mod text;
mod value;

use std::{future::Future, time::Duration};

use atspi_common::{Role, State, StateSet};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{
    call::{Call, Property},
    change::Scene,
    effect::Effect,
    geometry::ScreenRect,
    limits::TreeLimits,
    line::Line,
    reader::Reader,
    reply::{CallError, Reply},
    toolkit::{ActionKind, Toolkit},
    tree::{NodeId, Tree, TreeBuilder},
    walk::Picture,
    wire,
};

/// How long the effect of an action may take to show.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(1);
/// Between two looks.
const EVIDENCE_INTERVAL: Duration = Duration::from_millis(20);
/// For pictures that are compared.
const EVIDENCE_LIMITS: TreeLimits =
    TreeLimits { deadline: EVIDENCE_LIMIT, app_deadline: EVIDENCE_LIMIT, ..TreeLimits::DEFAULT };
/// How long an application may say nothing while it is acted on.
const SILENCE: Duration = Duration::from_secs(1);

/// A node as it can be found again, outside its tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeRef {
    pub bus_name: String,
    pub path: String,
    #[serde(with = "wire::role")]
    pub role: Role,
    pub name: String,
    #[serde(with = "wire::states")]
    pub states: StateSet,
    /// As its toolkit said them, right or wrong.
    pub bounds: Option<ScreenRect>,
    /// The name may go on beyond a limit.
    #[serde(default)]
    pub text_cut: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeAction {
    /// The default action: a button is pressed, a box ticked, a menu opened.
    Press,
    /// The whole content of a text field, replaced.
    SetText(String),
    /// More text, before the character at `at`; behind all where there are not so many.
    InsertText {
        at: u32,
        text: String,
    },
    /// Of a slider or a spin button, in its own unit.
    SetValue(f64),
    Focus,
    /// Chosen among its siblings: a tab, a list item, an icon.
    Select,
    /// Into view.
    ScrollTo,
    Expand,
    Collapse,
    /// Nothing is done: it is only looked whether the node is still the same, at the same place.
    Check,
}

/// What an object says it is, as far as an action depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    #[serde(with = "wire::role")]
    pub role: Role,
    pub name: String,
    #[serde(with = "wire::states")]
    pub states: StateSet,
    pub bounds: Option<ScreenRect>,
}

/// Why nothing was done. (What was done without effect is an [`Effect`].)
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActError {
    #[error("the node has changed: it was {expected} and is {found} now")]
    Changed { expected: Box<Identity>, found: Box<Identity> },
    #[error("{node} is gone: {reason}")]
    Gone { node: Box<Identity>, reason: String },
    #[error("the application of {node} has said nothing for {limit:?}")]
    Silent { node: Box<Identity>, limit: Duration },
    /// The node does not offer this action, or its toolkit only says that it does.
    #[error("{node} refuses: {reason}")]
    Refused { node: Box<Identity>, reason: String },
    #[error("a text of {chars} characters is longer than {limit}")]
    TextTooLong { chars: usize, limit: u32 },
    #[error("the accessibility bus is lost: {reason}")]
    BusLost { reason: String },
}

impl NodeAction {
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::Press => ActionKind::Press,
            Self::SetText(_) => ActionKind::SetText,
            Self::InsertText { .. } => ActionKind::InsertText,
            Self::SetValue(_) => ActionKind::SetValue,
            Self::Focus => ActionKind::Focus,
            Self::Select => ActionKind::Select,
            Self::ScrollTo => ActionKind::ScrollTo,
            Self::Expand => ActionKind::Expand,
            Self::Collapse => ActionKind::Collapse,
            Self::Check => ActionKind::Check,
        }
    }
}

impl Tree {
    /// What [`Reader::act`] needs to find the node again.
    pub fn node_ref(&self, id: NodeId) -> NodeRef {
        let node = self.node(id);
        NodeRef {
            bus_name: self.app(id).bus_name.clone(),
            path: self.path(id).to_owned(),
            role: node.role,
            name: self.name(id).to_owned(),
            states: node.states,
            bounds: self.said_bounds(id),
            text_cut: node.flags.text_cut,
        }
    }
}

impl Reader {
    /// Acts on the node if it is still the same, and says what came of it. Takes a few seconds at
    /// most.
    pub async fn act(&self, node: &NodeRef, action: &NodeAction) -> Result<Effect, ActError> {
        let line = self.line(&node.bus_name, SILENCE).await;
        let line = line.map_err(|error| lost(node, error))?;
        let toolkit = self.application(&node.bus_name).toolkit().unwrap_or(Toolkit::Unknown);
        let hand = Hand { reader: self, line, toolkit, node };
        if !toolkit.honours(action.kind()) {
            let reason = format!("{} does nothing in {toolkit}", action.kind());
            return Err(ActError::Refused { node: Box::new(node.identity()), reason });
        }
        let states = hand.check_identity().await?;
        let effect = match action {
            NodeAction::Press => hand.press(states).await,
            NodeAction::SetText(text) => hand.set_text(text).await,
            NodeAction::InsertText { at, text } => hand.insert_text(*at, text).await,
            NodeAction::SetValue(value) => hand.set_value(*value).await,
            NodeAction::Focus => hand.focus().await,
            NodeAction::Select => hand.select().await,
            NodeAction::ScrollTo => hand.scroll_to().await,
            NodeAction::Expand => hand.unfold(State::Expanded).await,
            NodeAction::Collapse => hand.unfold(State::Collapsed).await,
            NodeAction::Check => return Ok(Effect::confirmed("it is still there")),
        };
        // Events may still be on their way.
        self.application(&node.bus_name).mark_stale();
        effect
    }
}

/// One action on one node.
struct Hand<'a> {
    reader: &'a Reader,
    line: Line,
    toolkit: Toolkit,
    node: &'a NodeRef,
}

impl Hand<'_> {
    /// What it is now, in its states.
    async fn check_identity(&self) -> Result<StateSet, ActError> {
        let path = &self.node.path;
        let (role, name, states, bounds) = tokio::join!(
            self.line.role(path),
            self.line.string(path, Property::Name),
            self.line.states(path),
            self.bounds(),
        );
        let found = Identity {
            role: role.map_err(|error| self.lost(error))?,
            name: name.map_err(|error| self.lost(error))?,
            states: states.map_err(|error| self.lost(error))?,
            bounds: bounds.map_err(|error| self.lost(error))?,
        };
        let expected = self.node.identity();
        if expected.is_still(&found, self.node.text_cut) {
            return Ok(found.states);
        }
        Err(ActError::Changed { expected: Box::new(expected), found: Box::new(found) })
    }

    /// Only where the node had any.
    async fn bounds(&self) -> Result<Option<ScreenRect>, CallError> {
        if self.node.bounds.is_none() {
            return Ok(None);
        }
        self.line.ask(&self.node.path, Call::Extents).await?.bounds()
    }

    async fn await_state(
        &self,
        wanted: State,
        said: Result<Reply, CallError>,
    ) -> Result<Effect, ActError> {
        let read = || async {
            let states = self.line.states(&self.node.path).await?;
            Ok(states.contains(wanted).then(|| format!("it is {wanted}")))
        };
        Ok(match self.evidence(read).await? {
            Some(evidence) => Effect::confirmed(evidence),
            None => Effect::nothing_happened(format!(
                "{} and it is not {wanted} after {EVIDENCE_LIMIT:?}",
                answer(Some(&said))
            )),
        })
    }

    /// Looks until there is evidence or the time is over.
    async fn evidence<F>(&self, look: impl Fn() -> F) -> Result<Option<String>, ActError>
    where
        F: Future<Output = Result<Option<String>, CallError>>,
    {
        let until = Instant::now() + EVIDENCE_LIMIT;
        loop {
            let seen = look().await.map_err(|error| self.lost(error))?;
            if seen.is_some() || Instant::now() >= until {
                return Ok(seen);
            }
            sleep(EVIDENCE_INTERVAL).await;
        }
    }

    async fn states(&self) -> Result<StateSet, ActError> {
        self.line.states(&self.node.path).await.map_err(|error| self.lost(error))
    }

    /// The application as it was before anything was done; mostly that is known.
    async fn scene_before(&self) -> Scene {
        scene(&*self.reader.recent(&self.node.bus_name, &EVIDENCE_LIMITS).await)
    }

    async fn scene(&self) -> Scene {
        scene(&*self.reader.picture(&self.node.bus_name, &EVIDENCE_LIMITS).await)
    }

    /// An error reply ends the action; silence does not, for the deed may be done.
    fn accept(&self, said: &Result<Reply, CallError>) -> Result<(), ActError> {
        match said {
            Ok(_) | Err(CallError::Silent { .. }) => Ok(()),
            Err(error @ CallError::Refused { .. }) => Err(self.refused(error.to_string())),
            Err(error) => Err(self.lost(error.clone())),
        }
    }

    fn refused(&self, reason: impl Into<String>) -> ActError {
        ActError::Refused { node: Box::new(self.node.identity()), reason: reason.into() }
    }

    fn lost(&self, error: CallError) -> ActError {
        lost(self.node, error)
    }
}

fn scene(picture: &Picture) -> Scene {
    let mut tree = TreeBuilder::default();
    picture.write(&mut tree);
    Scene::new(tree.finish())
}

fn lost(node: &NodeRef, error: CallError) -> ActError {
    let node = Box::new(node.identity());
    match error {
        CallError::Silent { limit } => ActError::Silent { node, limit },
        CallError::Lost(reason) => ActError::BusLost { reason },
        other => ActError::Gone { node, reason: other.to_string() },
    }
}

impl NodeRef {
    pub fn identity(&self) -> Identity {
        let Self { role, name, states, bounds, .. } = self.clone();
        Identity { role, name, states, bounds }
    }
}

/// What must not be lost for an action to mean the same.
const KEPT: [State; 3] = [State::Showing, State::Enabled, State::Sensitive];

impl Identity {
    /// It may have been focused or ticked in the meantime; it may not have become another thing,
    /// gone away, been switched off or moved.
    fn is_still(&self, now: &Self, was_cut: bool) -> bool {
        let lost = |state: &State| self.states.contains(*state) && !now.states.contains(*state);
        self.role == now.role
            && is_same_name(&now.name, &self.name, was_cut)
            && !KEPT.iter().any(lost)
            && self.bounds.is_none_or(|bounds| now.bounds == Some(bounds))
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.role, self.name)?;
        if let Some(ScreenRect { x, y, width, height }) = self.bounds {
            write!(f, " at {x},{y} of {width}x{height}")?;
        }
        if !self.states.contains(State::Showing) {
            f.write_str(", not showing")?;
        }
        if !self.states.contains(State::Enabled) && !self.states.contains(State::Sensitive) {
            f.write_str(", disabled")?;
        }
        Ok(())
    }
}

/// A name in a snapshot may have been cut at its limit. One of which nothing is left says nothing.
fn is_same_name(now: &str, then: &str, was_cut: bool) -> bool {
    now == then || (was_cut && !then.is_empty() && now.starts_with(then))
}

/// What the application said, which is no evidence but worth a word.
fn answer(said: Option<&Result<Reply, CallError>>) -> &'static str {
    match said.map(|said| said.as_ref().map(|reply| reply.yes())) {
        None | Some(Err(_)) => "the application has not answered",
        Some(Ok(Ok(false))) => "the application said no",
        Some(Ok(_)) => "the application said yes",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_name_is_the_same_name() {
        let check = |now, then, was_cut, same| {
            assert_eq!(is_same_name(now, then, was_cut), same, "{now} {then} {was_cut}");
        };
        check("Save as", "Save", true, true);
        check("Save as", "Save", false, false);
        check("Save", "Save", false, true);
        check("Delete", "Save", true, false);
        check("Delete", "", true, false);
    }

    #[test]
    fn what_matters_of_an_identity() {
        let there = Identity {
            role: Role::Button,
            name: "Save".to_owned(),
            states: [State::Showing, State::Enabled].into_iter().collect(),
            bounds: Some(ScreenRect { x: 1, y: 2, width: 30, height: 20 }),
        };
        let check =
            |now: Identity, same: bool| assert_eq!(there.is_still(&now, false), same, "{now}");
        check(there.clone(), true);
        let with = |states: &[State]| Identity {
            states: states.iter().copied().collect(),
            ..there.clone()
        };
        check(with(&[State::Showing, State::Enabled, State::Focused, State::Checked]), true);
        check(with(&[State::Showing]), false);
        check(with(&[State::Enabled]), false);
        check(Identity { name: "Delete".to_owned(), ..there.clone() }, false);
        check(Identity { role: Role::Label, ..there.clone() }, false);
        let moved = ScreenRect { x: 2, y: 2, width: 30, height: 20 };
        check(Identity { bounds: Some(moved), ..there.clone() }, false);
        check(Identity { bounds: None, ..there.clone() }, false);
        assert_eq!(there.to_string(), r#"button "Save" at 1,2 of 30x20"#);
    }
}
