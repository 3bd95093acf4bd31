//! Actions by number: pressing, expanding and collapsing.

use std::time::Duration;

use atspi_common::{Role, State, StateSet};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

use super::{ActError, EVIDENCE_INTERVAL, EVIDENCE_LIMIT, Hand, answer};
use crate::{
    call::{Call, Property},
    change::{Scene, changed_states},
    effect::Effect,
    reply::{CallError, Reply},
};

/// Looks at what was pressed, itself, one right after the other: each is a question to its
/// application, which answers when it has done what came before.
const QUICK_LOOKS: usize = 8;
/// Between the looks that come then.
const QUICK_WAITS: [Duration; 3] =
    [Duration::from_millis(1), Duration::from_millis(2), Duration::from_millis(4)];
/// The default action, in every toolkit.
const DEFAULT_ACTION: i32 = 0;
/// Actions of one object whose names are asked for.
const ACTIONS_MAX: i32 = 8;
/// What toolkits call the action that opens or closes a row or a box.
const UNFOLDING: [&str; 4] = ["expand", "collapse", "toggle", "showmenu"];

/// What has been seen since the press.
enum Seen {
    /// Enough.
    Evidence(String),
    Nothing,
    /// The application cannot be read.
    Trouble(CallError),
}

impl Hand<'_> {
    /// Does the object's default action, and watches: the object itself where it is one that shows
    /// what it is by its own states, its whole application otherwise.
    pub(super) async fn press(&self, states: StateSet) -> Result<Effect, ActError> {
        let before = if self.shows_itself(states) { None } else { Some(self.scene_before().await) };
        // A button that opens a modal dialog may answer only when the dialog is closed again.
        let (line, path) = (self.line.clone(), self.node.path.clone());
        let mut pressing: JoinHandle<Result<Reply, CallError>> =
            tokio::spawn(async move { line.ask(&path, Call::DoAction(DEFAULT_ACTION)).await });
        if let Some(evidence) = self.quick_evidence(states).await {
            return Ok(Effect::confirmed(evidence));
        }
        let mut said = None;
        let until = Instant::now() + EVIDENCE_LIMIT;
        loop {
            if said.is_none() && pressing.is_finished() {
                said = (&mut pressing).await.ok();
                if let Some(Err(error @ CallError::Refused { .. })) = &said {
                    return Err(self.refused(error.to_string()));
                }
            }
            let last = Instant::now() >= until;
            if last {
                // Nobody is believed who says that nothing has changed.
                self.reader.application(&self.node.bus_name).mark_stale();
            }
            let seen = match (self.own_evidence(states).await, &before) {
                (Seen::Nothing, Some(before)) => {
                    let change = before.difference(&self.scene().await);
                    change.map_or(Seen::Nothing, Seen::Evidence)
                }
                (own, _) => own,
            };
            if let Seen::Evidence(evidence) = seen {
                return Ok(Effect::confirmed(evidence));
            }
            if last {
                return Ok(without_evidence(&seen, before.as_ref(), said.as_ref()));
            }
            sleep(EVIDENCE_INTERVAL).await;
        }
    }

    /// Of a box to tick, its own states are all the evidence there can be, and the cheapest.
    fn shows_itself(&self, states: StateSet) -> bool {
        let is_box = matches!(
            self.node.role,
            Role::CheckBox | Role::RadioButton | Role::CheckMenuItem | Role::RadioMenuItem
        );
        is_box && states.contains(State::Checkable)
    }

    async fn own_evidence(&self, before: StateSet) -> Seen {
        match self.line.states(&self.node.path).await {
            Ok(now) => match changed_states(before, now) {
                Some(evidence) => Seen::Evidence(format!("it is {evidence}")),
                None => Seen::Nothing,
            },
            Err(CallError::Gone) => Seen::Evidence("the application has ended".to_owned()),
            Err(error) if error.is_no_object() => {
                Seen::Evidence(format!("{} is gone", self.node.identity()))
            }
            Err(error) => Seen::Trouble(error),
        }
    }

    /// Most things that are pressed change themselves, and at once: that is cheaper to see than what
    /// becomes of a whole application.
    async fn quick_evidence(&self, before: StateSet) -> Option<String> {
        let waits = [Duration::ZERO; QUICK_LOOKS].into_iter().chain(QUICK_WAITS);
        for wait in waits {
            if !wait.is_zero() {
                sleep(wait).await;
            }
            let now = self.line.states(&self.node.path).await.ok()?;
            if let Some(evidence) = changed_states(before, now) {
                return Some(format!("it is {evidence}"));
            }
        }
        None
    }

    /// To [`State::Expanded`] or to [`State::Collapsed`], which most toolkits tell by the absence
    /// of the other.
    pub(super) async fn unfold(&self, wanted: State) -> Result<Effect, ActError> {
        let states = self.states().await?;
        let is_open = states.contains(State::Expanded);
        if !is_open && !states.contains(State::Expandable) {
            return Err(self.refused("there is nothing to unfold"));
        }
        if is_open == (wanted == State::Expanded) {
            return Ok(Effect::confirmed(format!("it was {wanted} before")));
        }
        let Some(index) = self.unfolding_action().await? else {
            return Err(self.refused("it has no action that unfolds it"));
        };
        let said = self.line.ask(&self.node.path, Call::DoAction(index)).await;
        self.accept(&said)?;
        let read = || async {
            let now = self.line.states(&self.node.path).await?.contains(State::Expanded);
            Ok((now != is_open).then(|| format!("it is {wanted}")))
        };
        Ok(match self.evidence(read).await? {
            Some(evidence) => Effect::confirmed(evidence),
            None => Effect::nothing_happened(format!(
                "{} and it is not {wanted} after {EVIDENCE_LIMIT:?}",
                answer(Some(&said))
            )),
        })
    }

    async fn unfolding_action(&self) -> Result<Option<i32>, ActError> {
        let path = &self.node.path;
        let lost = |error| self.lost(error);
        let count = self.line.ask(path, Call::Get(Property::ActionCount)).await.map_err(lost)?;
        let count = count.count_property().map_err(lost)?.min(ACTIONS_MAX);
        for index in 0..count {
            let name = self.line.ask(path, Call::ActionName(index)).await.map_err(lost)?;
            let name = name.text().map_err(lost)?.to_lowercase();
            if UNFOLDING.iter().any(|unfolding| name.contains(unfolding)) {
                return Ok(Some(index));
            }
        }
        // An only action can be nothing else, and of what folds in a browser the first is that.
        let is_it = count == 1 || (count > 0 && self.toolkit.unfolds_by_default());
        Ok(is_it.then_some(DEFAULT_ACTION))
    }
}

/// The time is over.
fn without_evidence(
    seen: &Seen,
    before: Option<&Scene>,
    said: Option<&Result<Reply, CallError>>,
) -> Effect {
    let answer = answer(said);
    match (seen, before) {
        (Seen::Trouble(error), _) => {
            Effect::unverifiable(format!("the application cannot be read: {error}"))
        }
        (_, Some(before)) if !before.is_whole() => {
            Effect::unverifiable("the application is too large or too slow to be compared")
        }
        (_, Some(_)) => Effect::nothing_happened(format!(
            "{answer} and nothing in its application changed in {EVIDENCE_LIMIT:?}"
        )),
        (_, None) => Effect::nothing_happened(format!(
            "{answer} and it is as it was after {EVIDENCE_LIMIT:?}"
        )),
    }
}
