//! Actions by number: pressing, expanding and collapsing.

use std::time::Duration;

use atspi_common::{State, StateSet};
use tokio::time::{Instant, sleep};

use super::{ActError, EVIDENCE_INTERVAL, EVIDENCE_LIMIT, Hand, answer};
use crate::{
    call::{Call, Property},
    change::changed_states,
    effect::Effect,
    reply::CallError,
};

/// Between the first looks at what was pressed, itself.
const QUICK_LOOKS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(1), Duration::from_millis(2), Duration::from_millis(4)];
/// Actions of one object whose names are asked for.
const ACTIONS_MAX: i32 = 8;
/// What toolkits call the action that opens or closes a row or a box.
const UNFOLDING: [&str; 3] = ["expand", "collapse", "toggle"];

impl Hand<'_> {
    /// Does the object's action of that number, and watches its whole application.
    pub(super) async fn press(&self, index: i32) -> Result<Effect, ActError> {
        let states = self.states().await?;
        let before = self.scene_before().await;
        // A button that opens a modal dialog may answer only when the dialog is closed again.
        let (line, path) = (self.line.clone(), self.node.path.clone());
        let mut pressing =
            tokio::spawn(async move { line.ask(&path, Call::DoAction(index)).await });
        let mut said = None;
        let mut seen = Ok(None);
        if let Some(evidence) = self.quick_evidence(states).await {
            return Ok(Effect::confirmed(evidence));
        }
        let until = Instant::now() + EVIDENCE_LIMIT;
        loop {
            if said.is_none() && pressing.is_finished() {
                said = (&mut pressing).await.ok();
                if let Some(Err(error @ CallError::Refused { .. })) = &said {
                    return Err(self.refused(error.to_string()));
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
            let last = Instant::now() >= until;
            if last {
                // Nobody is believed who says that nothing has changed.
                self.reader.application(&self.node.bus_name).mark_stale();
            }
            if seen.is_ok() {
                seen = Ok(before.difference(&self.scene().await));
                if let Ok(Some(evidence)) = seen {
                    return Ok(Effect::confirmed(evidence));
                }
            }
            if last {
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

    /// Most things that are pressed change themselves, and at once: that is cheaper to see than what
    /// becomes of a whole application.
    async fn quick_evidence(&self, before: StateSet) -> Option<String> {
        for wait in QUICK_LOOKS {
            let now = self.line.states(&self.node.path).await.ok()?;
            if let Some(evidence) = changed_states(before, now) {
                return Some(format!("it is {evidence}"));
            }
            sleep(wait).await;
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
        // An only action can be nothing else.
        Ok((count == 1).then_some(0))
    }
}
