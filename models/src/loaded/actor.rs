//! The actor: what is to be done next, in the words that the model was trained to say it in.

use std::ops::ControlFlow;
use std::sync::Arc;

use image::RgbImage;
use serde_json::Value;

use super::speech::Question;
use super::{Loaded, LoadedError, Said, Speech, verb};
use crate::constrain::{CallForm, Form, Thought};
use crate::engine::{Cancel, EngineError, Progress};
use crate::error::ModelError;
use crate::family::Picture;
use crate::profile::{
    ActionProfile, ActionRequest, Asked, ImageSize, Message, Part, Past, Reply, Role, Shown,
};
use crate::roles::{Actor, Context, Decision, Hands, Move, Turn, Usage};

/// How often an answer that makes no sense is asked for again.
const RETRIES: u64 = 2;
/// Of what a model may think before it answers.
const THOUGHT_CHARS: u32 = 600;
/// What profiles tell models to say that are given tools alone.
const DONE: &str = "done";
const CANNOT: &str = "cannot:";
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
        let mut question = Question {
            messages: &messages,
            tools: if own { context.tools } else { &[] },
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
                    let decision = decision(reply, said, shown.map(|shown| shown.image));
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
        let steps = steps(context.history);
        let past: Vec<Past> = steps.iter().map(|turns| past(turns)).collect();
        let mut messages = loaded.profile().ask_what(&ActionRequest {
            instruction: &instruction(context),
            elements: context.elements,
            past: &past,
            shown,
        })?;
        // What was seen before a step is what was seen before its first turn.
        let turns = steps.iter().scan(0, |at, turns| {
            let first = *at;
            *at += turns.len();
            Some(first)
        });
        let mut views: Vec<Option<&RgbImage>> =
            turns.map(|turn| context.views.get(turn)?.as_deref()).collect();
        views.push(context.image);
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
        let own = action.reply.calls.is_empty();
        let question = Question {
            messages: &messages,
            tools: if own { context.tools } else { &[] },
            pictures,
            context: action.context,
            ..Question::plain(&action.sampling)
        };
        let scores = self.speech.score(&question, options)?;
        Ok(shares(scores.iter().map(|score| score.log_probability)))
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

/// What persons said meanwhile belongs to the task.
fn instruction(context: &Context<'_>) -> String {
    let said = context.prompts.iter().map(|prompt| prompt.text.as_str());
    [context.instruction].into_iter().chain(said).collect::<Vec<_>>().join("\n")
}

/// Turns by the reply that they came from.
fn steps(history: &[Turn]) -> Vec<&[Turn]> {
    history.chunk_by(|_, next| next.said.is_none()).collect()
}

fn past(turns: &[Turn]) -> Past {
    let summary = |turn: &Turn| {
        let arguments = serde_json::Value::Object(turn.call.arguments.clone());
        format!("{} {arguments}", turn.call.tool)
    };
    let list = |line: &dyn Fn(&Turn) -> String, between| {
        turns.iter().map(line).collect::<Vec<_>>().join(between)
    };
    let outcome = |turn: &Turn| {
        let failed = if turn.succeeded { "" } else { "failed: " };
        format!("{failed}{}", turn.answer)
    };
    Past {
        said: turns.first().and_then(|turn| turn.said.clone()).unwrap_or_default(),
        thought: String::new(),
        summary: list(&summary, "; "),
        outcome: list(&outcome, "\n"),
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

fn decision(reply: Reply, said: Said, image: Option<ImageSize>) -> Decision {
    let words = said.text.trim();
    let mut calls = Vec::new();
    let mut end = None;
    for asked in reply.asked {
        match asked {
            Asked::Tool(call) => calls.push(call),
            Asked::Ui(call) => match verb::of(call, image.unwrap_or(verb::POINTLESS)) {
                verb::Verb::Call(call) => calls.push(call),
                verb::Verb::End(ended) => {
                    end = Some(ended);
                    break;
                }
            },
        }
    }
    let mut calls = calls.into_iter();
    let next = match (calls.next(), end) {
        (Some(call), _) => Move::Call(call),
        (None, Some(end)) => end,
        (None, None) => spoken(words),
    };
    let (then, said_so) = (calls.collect(), Some(said.text));
    Decision { then, said: said_so, ..Decision::new(next, said.confidence, reply.thought) }
}

/// An answer in words, of a model that was given tools.
fn spoken(words: &str) -> Move {
    match words.strip_prefix(CANNOT) {
        Some(reason) => Move::Refuse { reason: reason.trim().to_owned() },
        None if words.eq_ignore_ascii_case(DONE) => Move::Done,
        None => Move::Refuse { reason: words.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::roles::ToolCall;

    fn turn(said: Option<&str>, succeeded: bool) -> Turn {
        let arguments = Map::from_iter([("keys".to_owned(), json!("Return"))]);
        Turn {
            call: ToolCall { tool: "key".to_owned(), arguments },
            succeeded,
            answer: "seen".to_owned(),
            said: said.map(str::to_owned),
        }
    }

    #[test]
    fn turns_of_one_reply_are_one_step() {
        let history = [turn(Some("a"), true), turn(None, false), turn(Some("b"), true)];
        let steps: Vec<_> = steps(&history).into_iter().map(past).collect();
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].said, "a");
        assert_eq!(steps[0].summary, r#"key {"keys":"Return"}; key {"keys":"Return"}"#);
        assert_eq!(steps[0].outcome, "seen\nfailed: seen");
        assert_eq!(steps[1].said, "b");
    }

    #[test]
    fn words_end_a_run() {
        let check = |words: &str, expected: Move| assert_eq!(spoken(words), expected);
        check("Done", Move::Done);
        check("cannot: no printer", Move::Refuse { reason: "no printer".to_owned() });
        check("Hello", Move::Refuse { reason: "Hello".to_owned() });
    }

    #[test]
    fn places_of_views_that_are_not_kept_go() {
        let image = |step| Message { role: Role::User, parts: vec![Part::Image { step }] };
        let mut messages = [image(0), image(1)];
        let kept = pictures(&mut messages, |step| Ok((step == 1).then_some(step))).unwrap();
        assert_eq!(kept, [1]);
        assert!(messages[0].parts.is_empty() && messages[1].parts.len() == 1);
    }
}
