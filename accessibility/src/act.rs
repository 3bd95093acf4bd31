//! Acting on one object, and looking for the effect.
//!
//! Toolkits say `true` before anything happens, or without it. So every action here is: read the
//! object again and refuse if it is another one now; act; then look for evidence until there is
//! some or the limit is over.

use std::{future::Future, time::Duration};

use atspi_common::{Role, State, StateSet};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::{
    call::{Call, Property},
    change::{Scene, changed_states},
    effect::Effect,
    limits::TreeLimits,
    line::Line,
    reader::Reader,
    reply::{CallError, Reply},
    tree::{NodeId, Tree},
    wire,
};

/// How long the effect of an action may take to show.
const EVIDENCE_LIMIT: Duration = Duration::from_secs(1);
/// Between two looks.
const EVIDENCE_INTERVAL: Duration = Duration::from_millis(20);
/// How long an application may say nothing while it is acted on.
const SILENCE: Duration = Duration::from_secs(1);
/// Characters of one text to set.
const SET_TEXT_CHARS_MAX: u32 = 1_000_000;

/// A node as it can be found again, outside its tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeRef {
    pub bus_name: String,
    pub path: String,
    #[serde(with = "wire::role")]
    pub role: Role,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeAction {
    /// The default action: a button is pressed, a box ticked, a menu opened.
    Press,
    /// The whole content of a text field, replaced.
    SetText(String),
    Focus,
    /// Chosen among its siblings: a tab, a list item, an icon.
    Select,
}

/// What an object says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    #[serde(with = "wire::role")]
    pub role: Role,
    pub name: String,
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?}", self.role, self.name)
    }
}

/// Why nothing was done. (What was done without effect is an [`Effect`].)
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActError {
    #[error("the node has changed: it was {expected} and is {found} now")]
    Changed { expected: Identity, found: Identity },
    #[error("{node} is gone: {reason}")]
    Gone { node: Identity, reason: String },
    #[error("the application of {node} has said nothing for {limit:?}")]
    Silent { node: Identity, limit: Duration },
    /// The node does not offer this action.
    #[error("{node} refuses: {reason}")]
    Refused { node: Identity, reason: String },
    #[error("a text of {chars} characters is longer than {limit}")]
    TextTooLong { chars: usize, limit: u32 },
    #[error("the accessibility bus is lost: {reason}")]
    BusLost { reason: String },
}

impl Tree {
    /// What [`Reader::act`] needs to find the node again.
    pub fn node_ref(&self, id: NodeId) -> NodeRef {
        NodeRef {
            bus_name: self.app(id).bus_name.clone(),
            path: self.path(id).to_owned(),
            role: self.node(id).role,
            name: self.name(id).to_owned(),
        }
    }
}

impl Reader {
    /// Acts on the node if it is still the same, and says what came of it. Takes a few seconds at
    /// most.
    pub async fn act(&self, node: &NodeRef, action: &NodeAction) -> Result<Effect, ActError> {
        let hand = Hand { reader: self, line: self.line(&node.bus_name, SILENCE), node };
        hand.check_identity().await?;
        match action {
            NodeAction::Press => hand.press().await,
            NodeAction::SetText(text) => hand.set_text(text).await,
            NodeAction::Focus => hand.focus().await,
            NodeAction::Select => hand.select().await,
        }
    }
}

/// One action on one node.
struct Hand<'a> {
    reader: &'a Reader,
    line: Line,
    node: &'a NodeRef,
}

impl Hand<'_> {
    async fn check_identity(&self) -> Result<(), ActError> {
        let path = &self.node.path;
        let (role, name) =
            tokio::join!(self.line.role(path), self.line.string(path, Property::Name));
        let role = role.map_err(|error| self.lost(error))?;
        let name = name.map_err(|error| self.lost(error))?;
        // The name in a snapshot may have been cut.
        let same = role == self.node.role && is_same_name(&name, &self.node.name);
        if same {
            return Ok(());
        }
        Err(ActError::Changed { expected: self.node.identity(), found: Identity { role, name } })
    }

    async fn press(&self) -> Result<Effect, ActError> {
        let states = self.states().await?;
        let before = self.scene().await;
        // A button that opens a modal dialog may answer only when the dialog is closed again.
        let (line, path) = (self.line.clone(), self.node.path.clone());
        let mut pressing =
            tokio::spawn(async move { line.ask(&path, Call::DoDefaultAction).await });
        let mut said = None;
        let mut seen = Ok(None);
        let until = Instant::now() + EVIDENCE_LIMIT;
        loop {
            if said.is_none() && pressing.is_finished() {
                said = (&mut pressing).await.ok();
                if let Some(Err(error @ CallError::Refused { .. })) = said {
                    return Err(self.refused(error));
                }
            }
            match self.line.states(&self.node.path).await {
                Ok(now) => {
                    if let Some(evidence) = changed_states(states, now) {
                        return Ok(Effect::confirmed(format!("it is {evidence}")));
                    }
                }
                Err(CallError::Gone) => return Ok(Effect::confirmed("the application has ended")),
                Err(CallError::Refused { .. }) => {
                    return Ok(Effect::confirmed(format!("{} is gone", self.node.identity())));
                }
                Err(error) => seen = Err(error),
            }
            if seen.is_ok() {
                seen = Ok(before.difference(&self.scene().await));
                if let Ok(Some(evidence)) = seen {
                    return Ok(Effect::confirmed(evidence));
                }
            }
            if Instant::now() >= until {
                break;
            }
            sleep(EVIDENCE_INTERVAL).await;
        }
        Ok(match seen {
            Err(error) => Effect::unverifiable(format!("the application cannot be read: {error}")),
            Ok(_) if !before.is_whole() => {
                Effect::unverifiable("the application is too large or too slow to be compared")
            }
            Ok(_) => Effect::nothing_happened(format!(
                "{} and nothing in its application changed in {EVIDENCE_LIMIT:?}",
                answer(said.as_ref())
            )),
        })
    }

    async fn set_text(&self, text: &str) -> Result<Effect, ActError> {
        let chars = text.chars().count();
        if chars > SET_TEXT_CHARS_MAX as usize {
            return Err(ActError::TextTooLong { chars, limit: SET_TEXT_CHARS_MAX });
        }
        let before = self.line.text(&self.node.path, SET_TEXT_CHARS_MAX).await;
        let said = self.line.ask(&self.node.path, Call::SetText(text)).await;
        self.accept(&said)?;
        if self.node.role == Role::PasswordText {
            return Ok(Effect::unverifiable("a password is not read back"));
        }
        let read = || async {
            let now = self.line.text(&self.node.path, SET_TEXT_CHARS_MAX).await?;
            Ok((now.0 == text).then(|| format!("the text reads back, {chars} characters")))
        };
        if let Some(evidence) = self.evidence(read).await? {
            return Ok(Effect::confirmed(evidence));
        }
        let now = self.line.text(&self.node.path, SET_TEXT_CHARS_MAX).await;
        let said = answer(Some(&said));
        Ok(match (before, now) {
            (Ok(before), Ok(now)) if before == now => {
                Effect::nothing_happened(format!("{said} and the text is as before"))
            }
            (_, Ok((now, _))) => Effect::unverifiable(format!(
                "the text is another one than was set, of {} characters",
                now.chars().count()
            )),
            (_, Err(error)) => Effect::unverifiable(format!("it cannot be read back: {error}")),
        })
    }

    async fn focus(&self) -> Result<Effect, ActError> {
        let said = self.line.ask(&self.node.path, Call::GrabFocus).await;
        self.accept(&said)?;
        self.await_state(State::Focused, said).await
    }

    async fn select(&self) -> Result<Effect, ActError> {
        let path = &self.node.path;
        let (parent, index) = tokio::join!(
            self.line.ask(path, Call::Get(Property::Parent)),
            self.line.ask(path, Call::IndexInParent),
        );
        let parent = parent.and_then(|reply| reply.object_property());
        let index = index.and_then(|reply| reply.number()).map_err(|error| self.lost(error))?;
        let parent = parent.map_err(|error| self.lost(error))?;
        let parent = parent.filter(|parent| parent.bus_name == self.node.bus_name && index >= 0);
        let Some(parent) = parent else {
            let reason = "it has no place among siblings".to_owned();
            return Err(ActError::Refused { node: self.node.identity(), reason });
        };
        let said = self.line.ask(&parent.path, Call::SelectChild(index)).await;
        self.accept(&said)?;
        self.await_state(State::Selected, said).await
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

    async fn scene(&self) -> Scene {
        let limits = TreeLimits {
            deadline: EVIDENCE_LIMIT,
            app_deadline: EVIDENCE_LIMIT,
            ..TreeLimits::default()
        };
        Scene::new(self.reader.picture(&self.node.bus_name, &limits).await)
    }

    /// An error reply ends the action; silence does not, for the deed may be done.
    fn accept(&self, said: &Result<Reply, CallError>) -> Result<(), ActError> {
        match said {
            Ok(_) | Err(CallError::Silent { .. }) => Ok(()),
            Err(error @ CallError::Refused { .. }) => Err(self.refused(error.clone())),
            Err(error) => Err(self.lost(error.clone())),
        }
    }

    fn refused(&self, error: CallError) -> ActError {
        ActError::Refused { node: self.node.identity(), reason: error.to_string() }
    }

    fn lost(&self, error: CallError) -> ActError {
        let node = self.node.identity();
        match error {
            CallError::Silent { limit } => ActError::Silent { node, limit },
            CallError::BusLost(reason) => ActError::BusLost { reason },
            other => ActError::Gone { node, reason: other.to_string() },
        }
    }
}

impl NodeRef {
    pub fn identity(&self) -> Identity {
        Identity { role: self.role, name: self.name.clone() }
    }
}

/// A name in a snapshot may have been cut at its limit.
fn is_same_name(now: &str, then: &str) -> bool {
    let cut = TreeLimits::default().text_chars as usize;
    now == then || (now.starts_with(then) && then.chars().count() >= cut)
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
        let long = "x".repeat(2_100);
        assert!(is_same_name(&long, &long[..2_000]));
        assert!(!is_same_name("Save as", "Save"));
        assert!(is_same_name("Save", "Save"));
    }
}
