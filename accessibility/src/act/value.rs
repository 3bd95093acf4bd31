//! Values, focus, selection and what is in view.

use atspi_common::State;

use super::{ActError, EVIDENCE_LIMIT, Hand, answer};
use crate::{
    call::{Call, Property},
    effect::Effect,
    reply::CallError,
};

/// A slider may round to its own steps; closer than this is the same.
const VALUE_TOLERANCE: f64 = 1e-6;

impl Hand<'_> {
    pub(super) async fn set_value(&self, wanted: f64) -> Result<Effect, ActError> {
        if !wanted.is_finite() {
            return Err(self.refused(format!("{wanted} is no value")));
        }
        let before = self.value().await.map_err(|error| self.lost(error))?;
        let said = self.line.ask(&self.node.path, Call::SetValue(wanted)).await;
        self.accept(&said)?;
        let look = || async {
            let now = self.value().await?;
            Ok(is_close(now, wanted).then(|| format!("the value is {now}")))
        };
        if let Some(evidence) = self.evidence(look).await? {
            return Ok(Effect::confirmed(evidence));
        }
        let now = self.value().await.map_err(|error| self.lost(error))?;
        Ok(if is_close(now, before) {
            Effect::nothing_happened(format!("the value is {now}, as before"))
        } else {
            Effect::unverifiable(format!("the value is {now}, neither {before} nor {wanted}"))
        })
    }

    pub(super) async fn focus(&self) -> Result<Effect, ActError> {
        let said = self.line.ask(&self.node.path, Call::GrabFocus).await;
        self.accept(&said)?;
        self.await_state(State::Focused, said).await
    }

    pub(super) async fn select(&self) -> Result<Effect, ActError> {
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
            return Err(self.refused("it has no place among siblings"));
        };
        let said = self.line.ask(&parent.path, Call::SelectChild(index)).await;
        self.accept(&said)?;
        self.await_state(State::Selected, said).await
    }

    pub(super) async fn scroll_to(&self) -> Result<Effect, ActError> {
        let before = self.extents().await.map_err(|error| self.lost(error))?;
        let said = self.line.ask(&self.node.path, Call::ScrollTo).await;
        self.accept(&said)?;
        let look = || async {
            let now = self.extents().await?;
            let moved = now != before && now.is_some();
            Ok(moved.then(|| format!("it has moved to {now:?}")))
        };
        Ok(match self.evidence(look).await? {
            Some(evidence) => Effect::confirmed(evidence),
            // What is in view already does not move.
            None if self.states().await?.contains(State::Showing) => {
                Effect::unverifiable("it has not moved, and may have been in view before")
            }
            None => Effect::nothing_happened(format!(
                "{} and it has not moved in {EVIDENCE_LIMIT:?}",
                answer(Some(&said))
            )),
        })
    }

    async fn extents(&self) -> Result<Option<crate::ScreenRect>, CallError> {
        self.line.ask(&self.node.path, Call::Extents).await?.bounds()
    }

    async fn value(&self) -> Result<f64, CallError> {
        self.line.ask(&self.node.path, Call::Get(Property::CurrentValue)).await?.value_property()
    }
}

fn is_close(a: f64, b: f64) -> bool {
    (a - b).abs() <= VALUE_TOLERANCE * a.abs().max(b.abs()).max(1.0)
}
