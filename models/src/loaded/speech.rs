//! Messages in, tokens and text out: what all roles of a loaded model share.

use std::ops::ControlFlow;
use std::sync::Arc;

use image::RgbImage;

use super::{Loaded, LoadedError};
use crate::chat::Chat;
use crate::constrain::Form;
use crate::engine::{
    Ask, Cancel, Constraint, Conversation, EngineError, Prefilled, Progress, Sampling, StopReason,
};
use crate::family::{Picture, Piece};
use crate::profile::{self, Message};
use crate::roles::ToolSpec;

/// A conversation with a loaded model. It remembers nothing but what its cache holds: every prompt
/// is given whole.
#[derive(Debug)]
pub struct Speech {
    loaded: Loaded,
    conversation: Conversation,
}

/// An answer, and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub text: String,
    pub tokens: usize,
    pub stop: StopReason,
    /// The geometric mean of its tokens' probabilities, each among those allowed, 0..=1.
    pub confidence: f32,
    pub read: Prefilled,
}

/// What is asked for at once.
pub(super) struct Question<'a> {
    pub(super) messages: &'a [Message],
    pub(super) tools: &'a [ToolSpec],
    /// In the order of their places.
    pub(super) pictures: Vec<Arc<Picture>>,
    pub(super) prefill: &'a str,
    pub(super) form: Option<Form<'a>>,
    pub(super) sampling: &'a profile::Sampling,
    /// Where the likeliest answer could not be used: by chance, with this seed.
    pub(super) retry: Option<u64>,
}

/// Of an answer that is asked for again.
const RETRY_TEMPERATURE: f32 = 0.7;
const TOP_P: f32 = 0.95;

impl Speech {
    pub(super) fn new(loaded: Loaded) -> Self {
        let conversation = loaded.parts.engine.conversation();
        Self { loaded, conversation }
    }

    pub fn progress(&self) -> Progress {
        self.conversation.progress()
    }

    pub fn cancel(&self) -> Cancel {
        self.conversation.cancel()
    }

    /// Answers in words, of at most `limit` tokens; each new piece of text is told as it comes.
    ///
    /// # Errors
    ///
    /// If the prompt does not fit, or the model takes no images and one is given.
    pub fn say(
        &mut self,
        messages: &[Message],
        images: &[&RgbImage],
        limit: u32,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Said, LoadedError> {
        let pictures: Result<Vec<_>, _> =
            images.iter().map(|image| Ok(self.loaded.picture(image)?.0)).collect();
        let sampling = profile::Sampling { temperature: 0.0, max_tokens: limit, stop: Vec::new() };
        let question = Question {
            messages,
            tools: &[],
            pictures: pictures.map_err(|error: LoadedError| error)?,
            prefill: "",
            form: None,
            sampling: &sampling,
            retry: None,
        };
        self.ask(&question, each)
    }

    pub(super) fn ask(
        &mut self,
        question: &Question<'_>,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Said, LoadedError> {
        let prompt = self.prompt(question)?;
        let read = self.conversation.prefill(&prompt)?;
        let parts = Arc::clone(&self.loaded.parts);
        let mut guide = match &question.form {
            Some(form) => Some(parts.vocabulary.guide(form)?),
            None => None,
        };
        let ask = Ask {
            limit: question.sampling.max_tokens as usize,
            ends: parts.vocabulary.ends(),
            sampling: sampling(question),
            constraint: guide.as_mut().map(|guide| guide as &mut dyn Constraint),
        };
        let (mut ids, mut text) = (Vec::new(), question.prefill.to_owned());
        let (begun, mut failed) = (text.len(), None);
        let answer = self.conversation.answer(ask, &mut |token| {
            ids.push(token);
            match parts.tokenizer.decode(&ids, false) {
                // A character may be made of several tokens.
                Ok(whole) if whole.ends_with('\u{fffd}') => ControlFlow::Continue(()),
                Ok(whole) => {
                    let told = text.len() - begun;
                    let new = whole.get(told..).unwrap_or_default().to_owned();
                    text.push_str(&new);
                    let ended = question.sampling.stop.iter().any(|stop| whole.contains(stop));
                    if ended { ControlFlow::Break(()) } else { each(&new) }
                }
                Err(error) => {
                    failed = Some(LoadedError::Tokenizer { reason: error.to_string() });
                    ControlFlow::Break(())
                }
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        // What was said until then is no answer.
        if answer.stop == StopReason::Cancelled {
            return Err(EngineError::Cancelled.into());
        }
        for stop in &question.sampling.stop {
            if let Some(at) = text.find(stop.as_str()) {
                text.truncate(at);
            }
        }
        let tokens = answer.tokens.len();
        let confidence = (answer.log_probability / tokens.max(1) as f64).exp() as f32;
        Ok(Said { text, tokens, stop: answer.stop, confidence, read })
    }

    fn prompt(&self, question: &Question<'_>) -> Result<Vec<Piece>, LoadedError> {
        let parts = &self.loaded.parts;
        let text = parts.template.render(&Chat {
            messages: question.messages,
            tools: question.tools,
            flags: &parts.profile.template,
            tokens: &parts.marks,
            prefill: question.prefill,
            now: parts.since,
        })?;
        let encoded = parts
            .tokenizer
            .encode(text, false)
            .map_err(|error| LoadedError::Tokenizer { reason: error.to_string() })?;
        let mark = self.conversation.config().vision.as_ref().map(|vision| vision.image_token);
        in_places(encoded.get_ids(), mark, &question.pictures)
    }
}

fn sampling(question: &Question<'_>) -> Sampling {
    let temperature = question.sampling.temperature;
    match question.retry {
        Some(seed) => {
            Sampling::Chance { temperature: temperature.max(RETRY_TEMPERATURE), top_p: TOP_P, seed }
        }
        None if temperature > 0.0 => Sampling::Chance { temperature, top_p: TOP_P, seed: 0 },
        None => Sampling::Greedy,
    }
}

/// Puts each picture where the template has left a mark for it. Whether a template leaves one mark
/// or as many as there will be tokens, they are one place.
fn in_places(
    ids: &[u32],
    mark: Option<u32>,
    pictures: &[Arc<Picture>],
) -> Result<Vec<Piece>, LoadedError> {
    let is_mark = |id: &u32| Some(*id) == mark;
    let (mut pieces, mut places) = (Vec::new(), 0);
    for run in ids.chunk_by(|one, other| is_mark(one) == is_mark(other)) {
        if !is_mark(&run[0]) {
            pieces.push(Piece::Tokens(run.to_vec()));
            continue;
        }
        if let Some(picture) = pictures.get(places) {
            pieces.push(Piece::Picture(Arc::clone(picture)));
        }
        places += 1;
    }
    if places == pictures.len() {
        Ok(pieces)
    } else {
        Err(LoadedError::Places { places, images: pictures.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_pictures_must_be_as_many() {
        let check = |ids: &[u32], mark, fits: bool| {
            assert_eq!(in_places(ids, mark, &[]).is_ok(), fits, "{ids:?}");
        };
        check(&[1, 2, 3], None, true);
        check(&[1, 2, 3], Some(9), true);
        check(&[1, 9, 9, 3], Some(9), false);
    }
}
