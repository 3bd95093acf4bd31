//! The actor: what is to be done next, in the words that the model was trained to say it in.

use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::Value;

use super::speech::Question;
use super::{Loaded, LoadedError, Speech};
use crate::chat::tool;
use crate::constrain::{CallForm, Form, Thought};
use crate::engine::{Cancel, EngineError, Progress};
use crate::error::ModelError;
use crate::family::Picture;
use crate::profile::{ActionProfile, ActionRequest, Message, Part, Role, Shown};
use crate::roles::{Actor, Context, Decision, Hands, Usage};
use crate::turns::{decision, instruction, past, views};

/// How often an answer that makes no sense is asked for again.
const RETRIES: u64 = 2;
/// Of what a model may think before it answers.
const THOUGHT_CHARS: u32 = 600;
/// How the answer to the whole is asked for.
const FINAL: &str = "All of it is done. Answer now, in nothing but JSON of this schema:";

#[derive(Debug)]
pub struct LoadedActor {
    loaded: Loaded,
    speech: Speech,
}

impl LoadedActor {
    pub(super) fn new(loaded: Loaded) -> Result<Self, LoadedError> {
        let actor = Self { speech: loaded.speech(), loaded };
        actor.profile()?;
        Ok(actor)
    }

    fn profile(&self) -> Result<&ActionProfile, LoadedError> {
        let profile = self.loaded.profile();
        profile
            .action
            .as_ref()
            .ok_or_else(|| LoadedError::NoRole { profile: profile.id.clone(), role: "action" })
    }

    /// As much of what was before as fits.
    fn ask(
        &mut self,
        context: &Context<'_>,
        each: &mut dyn FnMut(&str),
    ) -> Result<Decision, LoadedError> {
        self.speech.begin();
        let is_too_long = |tried: &Result<_, LoadedError>| {
            matches!(tried, Err(LoadedError::Engine(EngineError::TooLong { .. })))
        };
        let mut tried = self.ask_recalling(context, each);
        for (history, views) in [(context.history, &[][..]), (&[], &[])] {
            if is_too_long(&tried) {
                tried = self.ask_recalling(&Context { history, views, ..*context }, each);
            }
        }
        tried
    }

    fn ask_recalling(
        &mut self,
        context: &Context<'_>,
        each: &mut dyn FnMut(&str),
    ) -> Result<Decision, LoadedError> {
        let loaded = self.loaded.clone();
        let profile = loaded.profile();
        let action = self.profile()?.clone();
        let Asking { messages, pictures, shown } = self.asking(context)?;
        let own = action.reply.calls.is_empty();
        let calls = match own {
            true => CallForm::of_tools(context.tools),
            false => CallForm::of_reply(&action.reply),
        };
        let form = if own {
            Form::CallOrWords { reply: &action.reply, calls: &calls }
        } else {
            let (thought, shown) = (Thought::UpTo(THOUGHT_CHARS), shown.as_ref());
            Form::Call { reply: &action.reply, calls: &calls, shown, thought }
        };
        let tools = tools(&action, context);
        let mut question = Question {
            messages: &messages,
            tools: &tools,
            pictures,
            prefill: action.prompt.prefill.as_deref().unwrap_or_default(),
            form: Some(form),
            context: action.context,
            ..Question::plain(&action.sampling)
        };
        let mut tell = |text: &str| {
            each(text);
            ControlFlow::Continue(())
        };
        let mut usage = Usage::default();
        loop {
            let said = self.speech.ask(&question, &mut tell)?;
            usage.prompt += said.read.tokens as u64;
            usage.known += said.read.reused as u64;
            usage.said += said.tokens as u64;
            match profile.read_what(&said.text, shown.as_ref()) {
                Ok(reply) => {
                    let image = shown.map(|shown| shown.image);
                    let decision = decision(reply, said.text, said.confidence, image);
                    return Ok(Decision { usage, ..decision });
                }
                Err(error) => match question.retry {
                    Some(RETRIES) => return Err(error.into()),
                    tried => question.retry = Some(tried.unwrap_or(0) + 1),
                },
            }
        }
    }

    /// The messages of a context, with the pictures that they have places for.
    fn asking(&self, context: &Context<'_>) -> Result<Asking, LoadedError> {
        let loaded = &self.loaded;
        let sees = loaded.sees();
        let seen = match context.image {
            Some(image) if sees => Some(loaded.picture(image)?),
            _ => None,
        };
        let shown = seen.as_ref().map(|(_, shown)| *shown);
        let past = past(context.history);
        let mut messages = loaded.profile().ask_what(&ActionRequest {
            instruction: &instruction(context),
            elements: context.elements,
            past: &past,
            shown,
        })?;
        let views = views(context);
        let pictures = pictures(&mut messages, |step| {
            let image = if sees { views.get(step).copied().flatten() } else { None };
            image.map(|image| loaded.picture(image).map(|(picture, _)| picture)).transpose()
        })?;
        Ok(Asking { messages, pictures, shown })
    }

    fn ask_for(&mut self, context: &Context<'_>, schema: &Value) -> Result<Value, LoadedError> {
        self.speech.begin();
        let Asking { mut messages, pictures, .. } = self.asking(context)?;
        let part = Part::Text(format!("{FINAL}\n{schema}"));
        match messages.last_mut() {
            Some(last) if last.role == Role::User => last.parts.push(part),
            _ => messages.push(Message { role: Role::User, parts: vec![part] }),
        }
        let action = self.profile()?.clone();
        let question = Question {
            messages: &messages,
            pictures,
            form: Some(Form::Schema(schema)),
            context: action.context,
            ..Question::plain(&action.sampling)
        };
        let said = self.speech.ask(&question, &mut |_| ControlFlow::Continue(()))?;
        serde_json::from_str(&said.text)
            .map_err(|source| LoadedError::Json { file: "the answer", source })
    }

    /// What reading the prompt takes.
    #[cfg(test)]
    pub(super) fn read_anew(&mut self, context: &Context<'_>) -> crate::engine::Prefilled {
        let Asking { messages, pictures, .. } = self.asking(context).expect("it can be asked");
        let action = self.profile().expect("it is an actor").clone();
        let question =
            Question { messages: &messages, pictures, ..Question::plain(&action.sampling) };
        self.speech.read_alone(&question).expect("it fits")
    }

    fn score(&mut self, context: &Context<'_>, options: &[&str]) -> Result<Vec<f32>, LoadedError> {
        self.speech.begin();
        let Asking { messages, pictures, .. } = self.asking(context)?;
        let action = self.profile()?.clone();
        let tools = tools(&action, context);
        let question = Question {
            messages: &messages,
            tools: &tools,
            pictures,
            context: action.context,
            ..Question::plain(&action.sampling)
        };
        let scores = self.speech.score(&question, options)?;
        Ok(shares(scores.iter().map(|score| score.log_probability)))
    }
}

/// For a model that calls tools in its own way.
fn tools(action: &ActionProfile, context: &Context<'_>) -> Vec<Value> {
    match action.reply.calls.is_empty() {
        true => context.tools.iter().map(tool).collect(),
        false => Vec::new(),
    }
}

/// Logarithms as shares of 1.
fn shares(logs: impl Iterator<Item = f64> + Clone) -> Vec<f32> {
    let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logs.clone().map(|log| (log - most).exp()).sum();
    logs.map(|log| ((log - most).exp() / sum) as f32).collect()
}

/// A prompt before it is text.
struct Asking {
    messages: Vec<Message>,
    pictures: Vec<Arc<Picture>>,
    shown: Option<Shown>,
}

impl Actor for LoadedActor {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        self.ask(context, &mut |_| ()).map_err(ModelError::from)
    }

    fn decide_aloud(
        &mut self,
        context: &Context<'_>,
        each: &mut dyn FnMut(&str),
    ) -> Result<Decision, ModelError> {
        self.ask(context, each).map_err(ModelError::from)
    }

    fn weigh(
        &mut self,
        context: &Context<'_>,
        options: &[&str],
    ) -> Result<Option<Vec<f32>>, ModelError> {
        Ok(Some(self.score(context, options)?))
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.speech.cancel())
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.speech.progress())
    }

    fn answer(
        &mut self,
        context: &Context<'_>,
        schema: &Value,
    ) -> Result<Option<Value>, ModelError> {
        Ok(Some(self.ask_for(context, schema)?))
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

/// The pictures that messages have places for, in order; places of what is not kept go.
fn pictures<T>(
    messages: &mut [Message],
    picture: impl Fn(usize) -> Result<Option<T>, LoadedError>,
) -> Result<Vec<T>, LoadedError> {
    let mut pictures = Vec::new();
    for message in messages {
        let mut kept = Vec::new();
        for part in std::mem::take(&mut message.parts) {
            if let Part::Image { step } = part {
                match picture(step)? {
                    Some(picture) => pictures.push(picture),
                    None => continue,
                }
            }
            kept.push(part);
        }
        message.parts = kept;
    }
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_views_that_are_not_kept_go() {
        let image = |step| Message { role: Role::User, parts: vec![Part::Image { step }] };
        let mut messages = [image(0), image(1)];
        let kept = pictures(&mut messages, |step| Ok((step == 1).then_some(step))).unwrap();
        assert_eq!(kept, [1]);
        assert!(messages[0].parts.is_empty() && messages[1].parts.len() == 1);
    }
}
