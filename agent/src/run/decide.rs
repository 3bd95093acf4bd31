//! Asking the actor: all that it may know is put together, and what it says is recorded.

use std::time::Instant;

use deskbound_models::{Actor, Context, Decision, Hands, ModelError, ToolSpec};

use super::think::Mind;
use super::{End, Run, model_end, unrecorded};
use crate::control::{Phase, Want};
use crate::desktop::{Desktop, Observation};
use crate::elements::{Element, elements, outline};
use crate::record::{Record, StepSink, Which};
use crate::sight::{Seen, Sight};
use crate::skill::TOOLS;
use crate::verbs::VERBS;

impl<D: Desktop> Run<'_, D> {
    /// What was asked for beside the deed.
    pub(super) fn answer(&mut self, hands: Hands) -> Result<(), End> {
        let Some(schema) = &self.request.schema else { return Ok(()) };
        let answered = self.ask_actor(hands, |actor, context| actor.answer(context, schema))?;
        let Some(answer) = answered.flatten() else {
            let reason = "all is done, but this model gives no structured answer".to_owned();
            return Err(End::Failed { reason });
        };
        self.record(Record::Reported { answer })
    }

    /// `None` where a person took over meanwhile.
    pub(super) fn decide(&mut self, hands: Hands) -> Result<Option<Decision>, End> {
        let asked = Instant::now();
        let decided = self.ask_actor(hands, |actor, context| actor.decide(context))?;
        let Some(decision) = decided else { return Ok(None) };
        self.record(Record::Decided { decision: decision.clone(), think: asked.elapsed() })?;
        self.tokens += decision.usage.spent();
        if self.tokens > self.request.limits.tokens {
            return Err(End::Limit { which: Which::Tokens });
        }
        Ok(Some(decision))
    }

    /// Asks the actor something, with all that it may know; `None` where a person took over.
    fn ask_actor<T: Send>(
        &mut self,
        hands: Hands,
        ask: impl FnOnce(&mut dyn Actor, &Context<'_>) -> Result<T, ModelError> + Send,
    ) -> Result<Option<T>, End> {
        self.inbox.enter(Phase::Thinking);
        let deadline = self.deadline()?;
        let observation = self.seen.as_ref().expect("looked before deciding");
        let numbers = self.numbering.number(&observation.tree);
        let mut list = elements(&observation.tree, &numbers);
        let mut mind = Mind { inbox: self.inbox, deadline };
        let seen = match see(&mut self.sight, &mut mind, observation) {
            Ok(seen) => seen,
            Err(error) => return self.thought(Err(error)),
        };
        list.extend(witnessed(seen, self.sink)?);
        let list = outline(&list);
        let context = Context {
            instruction: &self.request.instruction,
            tools: tools(hands),
            history: &self.history,
            prompts: &self.prompts,
            elements: &list,
            image: Some(&observation.frame),
            views: &self.views,
        };
        let actor = self.models.actor.as_mut();
        let mut mind = Mind { inbox: self.inbox, deadline };
        let thought = mind.think(actor.cancel(), || ask(actor, &context));
        self.thought(thought)
    }

    /// What a model came to; `None` where it was told to end, since a person took over.
    pub(super) fn thought<T>(&mut self, thought: Result<T, ModelError>) -> Result<Option<T>, End> {
        match thought {
            Ok(thought) => Ok(Some(thought)),
            Err(error) => {
                self.deadline()?;
                match self.inbox.want() {
                    Want::Hands => Ok(None),
                    _ => Err(model_end(&error)),
                }
            }
        }
    }
}

/// Things that only the pixels show, while persons are heard.
pub(super) fn see(
    sight: &mut Sight,
    mind: &mut Mind<'_>,
    observation: &Observation,
) -> Result<Seen, ModelError> {
    mind.think(sight.cancel(), || sight.see(observation))
}

/// A new look at the pixels is recorded.
pub(super) fn witnessed(seen: Seen, sink: &mut dyn StepSink) -> Result<Vec<Element>, End> {
    if let Some((scene, see)) = seen.viewed {
        sink.record(&Record::Viewed { scene, see }).map_err(|error| unrecorded(&error))?;
    }
    Ok(seen.elements)
}

fn tools(hands: Hands) -> &'static [ToolSpec] {
    match hands {
        Hands::Skills => TOOLS,
        Hands::Verbs => VERBS,
    }
}
