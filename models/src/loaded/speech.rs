//! Messages in, tokens and text out: what all roles of a loaded model share.

use std::ops::ControlFlow;
use std::sync::Arc;

use image::RgbImage;
use serde_json::Value;

use super::{Loaded, LoadedError};
use crate::chat::Chat;
use crate::constrain::Form;
use crate::engine::{
    Ask, Cancel, Constraint, Conversation, EngineError, Prefilled, Progress, Sampling, Scored,
    StopReason,
};
use crate::family::{Picture, Piece};
use crate::profile::{self, Message};

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

/// One turn of a conversation that somebody else holds.
#[derive(Clone, Copy, Debug)]
pub struct Converse<'a> {
    pub messages: &'a [Message],
    /// In the order of their places.
    pub images: &'a [RgbImage],
    /// As OpenAI writes them.
    pub tools: &'a [Value],
    pub sampling: &'a profile::Sampling,
    /// Of an answer in JSON.
    pub schema: Option<&'a Value>,
}

/// What is asked for at once.
pub(super) struct Question<'a> {
    pub(super) messages: &'a [Message],
    /// As OpenAI writes them.
    pub(super) tools: &'a [Value],
    /// In the order of their places.
    pub(super) pictures: Vec<Arc<Picture>>,
    pub(super) prefill: &'a str,
    pub(super) form: Option<Form<'a>>,
    pub(super) sampling: &'a profile::Sampling,
    /// Where the likeliest answer could not be used: by chance, with this seed.
    pub(super) retry: Option<u64>,
    /// Tokens of prompt and answer together, if fewer than the engine takes.
    pub(super) context: Option<u32>,
}

impl<'a> Question<'a> {
    /// Nothing asked yet, and nothing asked for.
    pub(super) fn plain(sampling: &'a profile::Sampling) -> Self {
        Self {
            messages: &[],
            tools: &[],
            pictures: Vec::new(),
            prefill: "",
            form: None,
            sampling,
            retry: None,
            context: None,
        }
    }
}

/// Of an answer that is asked for again.
const RETRY_TEMPERATURE: f32 = 0.7;
const TOP_P: f32 = 0.95;

impl Speech {
    pub(super) fn new(loaded: Loaded) -> Self {
        let conversation = loaded.parts.engine.conversation();
        Self { loaded, conversation }
    }

    /// Answers a conversation that somebody else holds; each new piece of text is told as it comes.
    ///
    /// # Errors
    ///
    /// If the prompt does not fit, or the model takes no images and one is given.
    pub fn converse(
        &mut self,
        turn: &Converse<'_>,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Said, LoadedError> {
        let pictures: Result<Vec<_>, LoadedError> =
            turn.images.iter().map(|image| Ok(self.loaded.picture(image)?.0)).collect();
        let question = Question {
            messages: turn.messages,
            tools: turn.tools,
            pictures: pictures?,
            form: turn.schema.map(Form::Schema),
            ..Question::plain(turn.sampling)
        };
        self.begin();
        self.ask(&question, each)
    }

    pub fn progress(&self) -> Progress {
        self.conversation.progress()
    }

    pub fn cancel(&self) -> Cancel {
        self.conversation.cancel()
    }

    /// Begins a request: what stopped the one before does not stop this one.
    pub(super) fn begin(&mut self) {
        self.conversation.begin();
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
        let pictures = pictures.map_err(|error: LoadedError| error)?;
        self.begin();
        self.ask(&Question { messages, pictures, ..Question::plain(&sampling) }, each)
    }

    pub(super) fn ask(
        &mut self,
        question: &Question<'_>,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Said, LoadedError> {
        let (read, left) = self.read(question)?;
        let parts = Arc::clone(&self.loaded.parts);
        let mut guide = match &question.form {
            Some(form) => Some(parts.vocabulary.guide(form)?),
            None => None,
        };
        let ask = Ask {
            limit: left.min(question.sampling.max_tokens as usize),
            ends: parts.vocabulary.ends(),
            sampling: sampling(question),
            constraint: guide.as_mut().map(|guide| guide as &mut dyn Constraint),
        };
        let mut text = Growing::new(question.prefill, &question.sampling.stop);
        let mut decoder = parts.tokenizer.decode_stream(false);
        let mut failed = None;
        let answer = self.conversation.answer(ask, &mut |token| match decoder.step(token) {
            // A character may be made of several tokens.
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(new)) => match text.grow(&new) {
                Grown::More => each(&new),
                Grown::Stopped => ControlFlow::Break(()),
            },
            Err(error) => {
                failed = Some(unusable(&error));
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        // What was said until then is no answer.
        if answer.stop == StopReason::Cancelled {
            return Err(EngineError::Cancelled.into());
        }
        let tokens = answer.tokens.len();
        let confidence = (answer.log_probability / tokens.max(1) as f64).exp() as f32;
        Ok(Said { text: text.text, tokens, stop: answer.stop, confidence, read })
    }

    /// How probable each of some answers is, said in full.
    pub(super) fn score(
        &mut self,
        question: &Question<'_>,
        options: &[&str],
    ) -> Result<Vec<Scored>, LoadedError> {
        self.read(question)?;
        let tokens = |option: &&str| {
            let encoded = self.loaded.parts.tokenizer.encode(*option, false);
            encoded.map(|encoded| encoded.get_ids().to_vec()).map_err(|error| unusable(&error))
        };
        let tokens = options.iter().map(tokens).collect::<Result<Vec<_>, _>>()?;
        Ok(self.conversation.score(&tokens)?)
    }

    #[cfg(test)]
    pub(super) fn read_alone(&mut self, question: &Question<'_>) -> Result<Prefilled, LoadedError> {
        self.read(question).map(|(read, _)| read)
    }

    /// Reads the prompt, and says how many tokens are left for an answer.
    fn read(&mut self, question: &Question<'_>) -> Result<(Prefilled, usize), LoadedError> {
        let prompt = self.prompt(question)?;
        let most = self.conversation.context();
        let context = question.context.map_or(most, |context| most.min(context as usize));
        let tokens = prompt.iter().map(Piece::tokens).fold(0, usize::saturating_add);
        if tokens > context {
            return Err(EngineError::TooLong { tokens, context }.into());
        }
        Ok((self.conversation.prefill(&prompt)?, context - tokens))
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
        let encoded = parts.tokenizer.encode(text, false).map_err(|error| unusable(&error))?;
        let mark = self.conversation.config().vision.as_ref().map(|vision| vision.image_token);
        in_places(encoded.get_ids(), mark, &question.pictures)
    }
}

/// An answer as it grows, up to the first of some texts that end it.
struct Growing<'a> {
    text: String,
    /// What is the model's own begins here.
    begun: usize,
    stops: &'a [String],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grown {
    More,
    Stopped,
}

impl<'a> Growing<'a> {
    fn new(prefill: &str, stops: &'a [String]) -> Self {
        Self { text: prefill.to_owned(), begun: prefill.len(), stops }
    }

    /// Looks for an end only where a new one can be.
    fn grow(&mut self, new: &str) -> Grown {
        let before = self.text.len();
        self.text.push_str(new);
        let end = self.stops.iter().filter_map(|stop| {
            let from = before.saturating_sub(stop.len()).max(self.begun);
            let is_boundary = |at: &usize| self.text.is_char_boundary(*at);
            let from = (0..=from).rev().find(is_boundary).unwrap_or(0);
            self.text[from..].find(stop.as_str()).map(|at| from + at)
        });
        match end.min() {
            Some(end) => {
                self.text.truncate(end);
                Grown::Stopped
            }
            None => Grown::More,
        }
    }
}

fn unusable(error: &tokenizers::Error) -> LoadedError {
    LoadedError::Tokenizer { reason: error.to_string() }
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
    fn an_answer_ends_at_the_first_of_its_ends() {
        let check = |pieces: &[&str], expected: &str, grown: Grown| {
            let stops = ["\nUser:".to_owned(), "é!".to_owned()];
            let mut text = Growing::new("é! ", &stops);
            let last = pieces.iter().map(|piece| text.grow(piece)).last();
            assert_eq!((text.text.as_str(), last), (expected, Some(grown)));
        };
        check(&["a", "é", "b"], "é! aéb", Grown::More);
        check(&["a", "\nUs", "er", ": b é!"], "é! a", Grown::Stopped);
        check(&["a", "é", "!"], "é! a", Grown::Stopped);
        check(&["!"], "é! !", Grown::More);
    }

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
