//! The thread's side: the model, what each conversation has read, and the images seen.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use candle_core::{Device, Tensor};

use super::conversation::{Prefilled, Scored};
use super::error::EngineError;
use super::progress::{Cancel, Progress};
use crate::family::{Cache, Model, PASS, Picture, Run, Seen, Sequence, log_sum_exp};

const CONVERSATIONS_MAX: usize = 32;
/// Images whose tokens are kept; a screen of 2,000 tokens takes up to 30 MB of them.
const SEEN_MAX: usize = 8;

type Reply<T> = SyncSender<Result<T, EngineError>>;

/// Some tokens of an image.
type Part = (Arc<Seen>, Range<usize>);

/// Logits of what comes next.
pub(super) type Logits = Vec<f32>;

pub(super) enum Job {
    Read {
        id: u64,
        sequence: Sequence,
        watch: (Cancel, Progress),
        reply: Reply<(Prefilled, Logits)>,
    },
    Push {
        id: u64,
        token: u32,
        reply: Reply<Logits>,
    },
    Score {
        id: u64,
        options: Vec<Vec<u32>>,
        cancel: Cancel,
        reply: Reply<Vec<Scored>>,
    },
    Close {
        id: u64,
    },
    End,
}

pub(super) struct Machine {
    model: Model,
    device: Device,
    context: usize,
    held: HashMap<u64, Held>,
    /// Jobs done, by which what is longest unused is told.
    turn: u64,
    /// Last used last.
    seen: VecDeque<([u8; 32], Arc<Seen>)>,
}

/// What one conversation has read.
struct Held {
    sequence: Sequence,
    /// Shorter than the sequence where it was given up for another conversation's.
    cache: Cache,
    logits: Logits,
    used: u64,
}

impl Machine {
    pub(super) fn new(model: Model, device: Device, context: usize) -> Self {
        Self { model, device, context, held: HashMap::new(), turn: 0, seen: VecDeque::new() }
    }

    /// A reply nobody waits for any more is dropped: whoever asked has gone.
    pub(super) fn run(&mut self, job: Job) {
        match job {
            Job::Read { id, sequence, watch, reply } => {
                let _ = reply.send(self.read(id, sequence, &watch));
            }
            Job::Push { id, token, reply } => {
                let _ = reply.send(self.push(id, token));
            }
            Job::Score { id, options, cancel, reply } => {
                let _ = reply.send(self.score(id, &options, &cancel));
            }
            Job::Close { id } => {
                self.held.remove(&id);
            }
            Job::End => {}
        }
    }

    fn read(
        &mut self,
        id: u64,
        sequence: Sequence,
        (cancel, progress): &(Cancel, Progress),
    ) -> Result<(Prefilled, Logits), EngineError> {
        let begun = Instant::now();
        let tokens = sequence.len();
        self.check(&sequence)?;
        if !self.held.contains_key(&id) && self.held.len() >= CONVERSATIONS_MAX {
            return Err(EngineError::TooMany { conversations: CONVERSATIONS_MAX });
        }
        let mut held = match self.held.remove(&id) {
            Some(held) => held,
            None => {
                let (sequence, cache) = (Sequence::default(), self.model.cache(self.context)?);
                Held { sequence, cache, logits: Vec::new(), used: 0 }
            }
        };
        let common = sequence.common(&held.sequence.places[..held.cache.len()]);
        // The last token is always read again: its logits are what is asked for.
        let reused = common.min(tokens - 1);
        held.cache.truncate(reused);
        held.sequence = sequence;
        held.logits.clear();
        progress.begin(tokens);
        let outcome = self.catch_up(&mut held, cancel, progress);
        let prefilled = Prefilled { tokens, reused, took: begun.elapsed() };
        let logits = held.logits.clone();
        self.put_back(id, held);
        outcome.map(|()| (prefilled, logits))
    }

    /// Runs all of the sequence that the cache does not hold, in passes.
    fn catch_up(
        &mut self,
        held: &mut Held,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Result<(), EngineError> {
        let tokens = held.sequence.len();
        self.make_room(tokens)?;
        while held.cache.len() < tokens {
            if cancel.is_cancelled() {
                return Err(EngineError::Cancelled);
            }
            let from = held.cache.len();
            let range = from..tokens.min(from + PASS);
            let (embedded, deep) = self.embed(&held.sequence, &range)?;
            let positions = &held.sequence.positions[range.clone()];
            let (model, cache) = (&self.model, &mut held.cache);
            let last = range.end == tokens;
            let logits = self.device.with_context(|| {
                let hidden = model.forward(&embedded, positions, &deep, cache)?;
                // Only the last place of all says what comes next.
                if last { one_row(model, &hidden).map(Some) } else { Ok(None) }
            })?;
            held.logits = logits.unwrap_or_default();
            progress.read(range.end);
        }
        finite(&held.logits)
    }

    fn push(&mut self, id: u64, token: u32) -> Result<Logits, EngineError> {
        check_token(token, self.model.config().text.vocabulary)?;
        let mut held = self.take(id)?;
        if held.sequence.len() >= self.context {
            let tokens = held.sequence.len() + 1;
            self.put_back(id, held);
            return Err(EngineError::TooLong { tokens, context: self.context });
        }
        held.sequence.push(token);
        held.logits.clear();
        let outcome = self.catch_up(&mut held, &Cancel::default(), &Progress::default());
        let logits = held.logits.clone();
        self.put_back(id, held);
        outcome.map(|()| logits)
    }

    /// How probable each continuation is, token by token; the conversation stays where it is.
    fn score(
        &mut self,
        id: u64,
        options: &[Vec<u32>],
        cancel: &Cancel,
    ) -> Result<Vec<Scored>, EngineError> {
        let mut held = self.take(id)?;
        let scores = self.catch_up(&mut held, cancel, &Progress::default()).and_then(|()| {
            options.iter().map(|it| self.score_one(&mut held, it, cancel)).collect()
        });
        self.put_back(id, held);
        scores
    }

    fn score_one(
        &self,
        held: &mut Held,
        option: &[u32],
        cancel: &Cancel,
    ) -> Result<Scored, EngineError> {
        if cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let begin = held.cache.len();
        let known = self.model.config().text.vocabulary;
        let Some((first, rest)) = option.split_first() else {
            return Err(EngineError::Empty);
        };
        option.iter().try_for_each(|token| check_token(*token, known))?;
        let tokens = begin + option.len();
        if tokens > self.context {
            return Err(EngineError::TooLong { tokens, context: self.context });
        }
        let mut sum = log_probability(&held.logits, *first);
        if !rest.is_empty() {
            let read = &option[..rest.len()];
            let mut longer = held.sequence.clone();
            read.iter().for_each(|token| longer.push(*token));
            let (model, cache) = (&self.model, &mut held.cache);
            let rows = self.device.with_context(|| {
                let embedded = model.embed(read)?;
                let hidden = model.forward(&embedded, &longer.positions[begin..], &[], cache)?;
                model.logits(&hidden)?.to_vec2::<f32>()
            });
            held.cache.truncate(begin);
            for (row, token) in rows?.iter().zip(rest) {
                finite(row)?;
                sum += log_probability(row, *token);
            }
        }
        Ok(Scored { log_probability: sum, tokens: option.len() })
    }

    /// A conversation that something can follow.
    fn take(&mut self, id: u64) -> Result<Held, EngineError> {
        match self.held.remove(&id) {
            Some(held) if !held.logits.is_empty() => Ok(held),
            silent => {
                self.held.extend(silent.map(|held| (id, held)));
                Err(EngineError::Silent)
            }
        }
    }

    fn put_back(&mut self, id: u64, mut held: Held) {
        self.turn += 1;
        held.used = self.turn;
        self.held.insert(id, held);
    }

    /// Gives up the caches of the conversations held, the longest unused first, until so many tokens
    /// of the one in hand fit beside them.
    fn make_room(&mut self, tokens: usize) -> Result<(), EngineError> {
        loop {
            let others = self.held.values().filter(|held| held.cache.len() > 0);
            let all: usize = others.map(|held| held.cache.len()).sum();
            if all + tokens <= self.context {
                return Ok(());
            }
            let others = self.held.values_mut().filter(|held| held.cache.len() > 0);
            let Some(oldest) = others.min_by_key(|held| held.used) else { return Ok(()) };
            oldest.cache = self.model.cache(self.context)?;
        }
    }

    fn check(&self, sequence: &Sequence) -> Result<(), EngineError> {
        let tokens = sequence.len();
        if tokens == 0 {
            return Err(EngineError::Empty);
        }
        if tokens > self.context {
            return Err(EngineError::TooLong { tokens, context: self.context });
        }
        let config = self.model.config();
        for run in sequence.runs(&(0..tokens)) {
            match run {
                Run::Tokens(ids) => {
                    ids.iter().try_for_each(|id| check_token(*id, config.text.vocabulary))?;
                }
                Run::Seen { picture, .. } => {
                    let vision = config.vision.as_ref().ok_or(EngineError::Blind)?;
                    let (found, expected) = (picture.patch_len(), vision.patch_len());
                    if found != expected {
                        return Err(EngineError::ForeignPicture { found, expected });
                    }
                }
            }
        }
        Ok(())
    }

    /// Embeddings of a range, and what is added to the first layers (nothing, for text alone).
    fn embed(
        &mut self,
        sequence: &Sequence,
        range: &Range<usize>,
    ) -> Result<(Tensor, Vec<Tensor>), EngineError> {
        let mut parts = Vec::new();
        let mut deep: Vec<Option<Part>> = Vec::new();
        for run in sequence.runs(range) {
            match run {
                Run::Tokens(ids) => {
                    parts.push(self.model.embed(&ids)?);
                    deep.push(None);
                }
                Run::Seen { picture, tokens } => {
                    let seen = self.see(&picture)?;
                    parts.push(seen.tokens.narrow(0, tokens.start, tokens.len())?);
                    deep.push(Some((seen, tokens)));
                }
            }
        }
        let layers = deep.iter().flatten().map(|(seen, _)| seen.deep.len()).max().unwrap_or(0);
        let layer = |at: usize| {
            let part = |(part, deep): (&Tensor, &Option<Part>)| match deep {
                Some((seen, tokens)) => seen.deep[at].narrow(0, tokens.start, tokens.len()),
                None => part.zeros_like(),
            };
            let parts = parts.iter().zip(&deep).map(part).collect::<Result<Vec<_>, _>>()?;
            Tensor::cat(&parts, 0)
        };
        let deep = (0..layers).map(layer).collect::<Result<Vec<_>, _>>()?;
        Ok((Tensor::cat(&parts, 0)?, deep))
    }

    /// The tower's view of an image, computed once.
    fn see(&mut self, picture: &Picture) -> Result<Arc<Seen>, EngineError> {
        let known = self.seen.iter().position(|(digest, _)| *digest == picture.digest);
        let entry = match known.and_then(|at| self.seen.remove(at)) {
            Some(entry) => entry,
            None => {
                let model = &self.model;
                let seen = self.device.with_context(|| model.see(picture))?;
                (picture.digest, Arc::new(seen.ok_or(EngineError::Blind)?))
            }
        };
        let seen = Arc::clone(&entry.1);
        self.seen.push_back(entry);
        if self.seen.len() > SEEN_MAX {
            self.seen.pop_front();
        }
        Ok(seen)
    }
}

/// Logits of the last place only.
fn one_row(model: &Model, hidden: &Tensor) -> candle_core::Result<Logits> {
    let last = hidden.narrow(0, hidden.dim(0)? - 1, 1)?;
    model.logits(&last)?.squeeze(0)?.to_vec1()
}

fn finite(logits: &[f32]) -> Result<(), EngineError> {
    let sound = logits.iter().all(|logit| logit.is_finite());
    if sound { Ok(()) } else { Err(EngineError::NotFinite) }
}

fn check_token(token: u32, vocabulary: usize) -> Result<(), EngineError> {
    let known = (token as usize) < vocabulary;
    if known { Ok(()) } else { Err(EngineError::UnknownToken { token, vocabulary }) }
}

fn log_probability(logits: &[f32], token: u32) -> f64 {
    f64::from(logits[token as usize]) - log_sum_exp(logits)
}
