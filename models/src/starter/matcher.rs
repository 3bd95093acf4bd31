//! The trained [`Grounder`]: which of these things does the phrase mean?
//!
//! ```text
//!   phrase ──▶ Said{ name and kind, place, neighbour } ──▶ a name to the letter ──▶ one: that one
//!                                          │                        │ several: by place, then by
//!                                          ├──▶ only a kind: by place, turn or neighbour      │ network
//!                                          └──▶ network, led by place ──▶ calibrated probability
//! ```
//!
//! Every word gets an embedding from its hashed features and a weight; each word of the phrase looks
//! for its best partner in a thing's name, role and context, and each word of the name for its best
//! partner in the phrase; and both are compared as wholes, of their words and pairs of words. "None
//! of them" competes as one more candidate.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Linear, Module};

use crate::error::ModelError;
use crate::roles::{Candidate, GroundRequest, Grounder, Grounding};
use crate::starter::clause::log_softmax;
use crate::starter::guide::Guide;
use crate::starter::names;
use crate::starter::weights::Weights;
use crate::starter::words::{self, Table};

const BUCKETS: usize = 16_384;
/// So that a slip or an ending changes little.
const GRAMS_WEIGH: f32 = 3.0;
const WIDTH: usize = 96;
const HIDDEN: usize = 192;
const MAX_PHRASE_CHARS: usize = 400;
const MAX_CANDIDATES: usize = 4_000;
/// Words read of the phrase, and of a thing's name, role and context.
const PHRASE_WORDS: usize = 24;
const THING_WORDS: [usize; 3] = [16, 4, 12];
const NAME: usize = 1;
const FIELDS: usize = 4;
/// A choice is told where it is at least so many times as probable as that nothing is meant; how much
/// it is to be believed says its probability. See MODELS.md for what it costs and saves.
const BOLD: f32 = 0.5;
/// A name said to the letter that only one thing bears; not measured.
const EXACT: f32 = 0.99;
/// One of several things that bear the name said.
const EXACT_SHARED: f32 = 0.9;
/// A name in pixels that is nearly the one said, and no other is.
const NEARLY: f32 = 0.9;
/// The only one of its kind, or the one of its kind that stands where it was said to.
const PLACED: f32 = 0.75;

pub(crate) struct Matcher {
    table: Table,
    hidden: Linear,
    embed: Linear,
    /// Two outputs: the weight of a word in a phrase, and in a thing.
    weight: Linear,
    pool: Linear,
    deep: Linear,
    deeper: Linear,
    field_scale: Vec<f32>,
    field_weight: Vec<f32>,
    mix: Vec<f32>,
    /// At one thing, and for each e-fold of things.
    nothing: Vec<f32>,
    temperature: f32,
    calibration: Calibration,
}

/// A word in a phrase or a thing: its embedding, of length 1, and how much it counts.
struct Word {
    at: Vec<f32>,
    weight: f32,
    field: usize,
}

impl Matcher {
    pub(crate) fn new(weights: &Weights) -> std::result::Result<Self, ModelError> {
        debug_assert_eq!(weights.model(), "matcher");
        Ok(Self {
            table: Table {
                values: weights.values("table", &[BUCKETS, WIDTH])?,
                width: WIDTH,
                grams_weigh: GRAMS_WEIGH,
            },
            hidden: weights.linear("hidden", WIDTH, WIDTH)?,
            embed: weights.linear("embed", WIDTH, WIDTH)?,
            weight: weights.linear("weight", WIDTH, 2)?,
            pool: weights.linear("pool", WIDTH, WIDTH)?,
            deep: weights.linear("deep", WIDTH, HIDDEN)?,
            deeper: weights.linear("deeper", HIDDEN, WIDTH)?,
            field_scale: weights.values("field_scale", &[FIELDS])?,
            field_weight: weights.values("field_weight", &[FIELDS])?,
            mix: weights.values("mix", &[3])?,
            nothing: weights.values("nothing", &[2])?,
            temperature: weights.values("temperature", &[1])?[0],
            calibration: Calibration(weights.values("calibration", &[2, 2, 2])?),
        })
    }

    /// One logit for each candidate, and a last one for none of them.
    fn logits(&self, phrase: &str, candidates: &[Candidate]) -> Result<Vec<f32>> {
        let said = symbols(phrase).into_iter().take(PHRASE_WORDS).map(|word| (word, 0)).collect();
        let things = candidates.iter().map(|c| {
            let fields = [&c.name, &c.role, &c.context].into_iter().zip(THING_WORDS);
            let fields = fields.zip(NAME..FIELDS);
            fields
                .flat_map(|((text, limit), field)| {
                    symbols(text).into_iter().take(limit).map(move |word| (word, field))
                })
                .collect()
        });
        let all: Vec<Vec<(String, usize)>> = [said].into_iter().chain(things).collect();
        let mut words = self.words(&all)?;
        let phrase = words.remove(0);
        let pairs: Vec<Vec<f32>> = all.iter().map(|list| self.pairs(list)).collect();
        let pooled = self.pooled(&words, &phrase, &pairs)?;
        let whole = pooled.iter().skip(1).map(|thing| dot(&pooled[0], thing));
        let scores = words.iter().zip(whole).map(|(thing, whole)| match thing.as_slice() {
            [] => f32::NEG_INFINITY,
            thing => {
                self.mix[0] * self.said(&phrase, thing)
                    + self.mix[1] * shown(&phrase, thing)
                    + self.mix[2] * whole
            }
        });
        let scores: Vec<f32> = scores.collect();
        let count = scores.iter().filter(|score| score.is_finite()).count() as f32;
        let nothing = self.nothing[0] + self.nothing[1] * count.ln_1p();
        Ok(scores.into_iter().chain([nothing]).collect())
    }

    /// The sum of what neighbouring words of a phrase or of a name are together.
    fn pairs(&self, words: &[(String, usize)]) -> Vec<f32> {
        let mut sum = vec![0.0; WIDTH];
        for pair in words.windows(2).filter(|pair| pair.iter().all(|(_, field)| *field <= NAME)) {
            let row = self.table.pair(&pair[0].0, &pair[1].0);
            sum.iter_mut().zip(row).for_each(|(s, x)| *s += x);
        }
        sum
    }

    fn words(&self, lists: &[Vec<(String, usize)>]) -> Result<Vec<Vec<Word>>> {
        let flat: Vec<&(String, usize)> = lists.iter().flatten().collect();
        if flat.is_empty() {
            return Ok(lists.iter().map(|_| Vec::new()).collect());
        }
        let bag: Vec<f32> = flat.iter().flat_map(|(word, _)| self.table.embed(word)).collect();
        let bag = Tensor::from_vec(bag, (flat.len(), WIDTH), &Device::Cpu)?;
        let hidden = self.hidden.forward(&bag)?.relu()?;
        let at: Vec<Vec<f32>> = (self.embed.forward(&hidden)? + bag)?.to_vec2()?;
        let weights: Vec<Vec<f32>> = self.weight.forward(&hidden)?.to_vec2()?;
        let mut words = at.into_iter().zip(weights).zip(flat).map(|((at, weights), (_, field))| {
            let raw = if *field == 0 { weights[0] } else { weights[1] + self.field_weight[*field] };
            Word { at: unit(at), weight: softplus(raw), field: *field }
        });
        Ok(lists.iter().map(|list| words.by_ref().take(list.len()).collect()).collect())
    }

    /// One vector of length 1 for the phrase, then one for each thing.
    fn pooled(
        &self,
        things: &[Vec<Word>],
        phrase: &[Word],
        pairs: &[Vec<f32>],
    ) -> Result<Vec<Vec<f32>>> {
        let mut sums = Vec::with_capacity((things.len() + 1) * WIDTH);
        let lists = [phrase].into_iter().chain(things.iter().map(Vec::as_slice));
        for (words, pairs) in lists.zip(pairs) {
            let mut sum = pairs.clone();
            for word in words {
                sum.iter_mut().zip(&word.at).for_each(|(s, x)| *s += word.weight * x);
            }
            sums.extend(sum);
        }
        let sums = Tensor::from_vec(sums, (things.len() + 1, WIDTH), &Device::Cpu)?;
        let deep = self.deeper.forward(&self.deep.forward(&sums)?.relu()?)?;
        let pooled: Vec<Vec<f32>> = (self.pool.forward(&sums)? + deep)?.to_vec2()?;
        Ok(pooled.into_iter().map(unit).collect())
    }

    /// How much of what was said is found in the thing.
    fn said(&self, phrase: &[Word], thing: &[Word]) -> f32 {
        let best = |p: &Word| {
            let found = thing.iter().map(|t| dot(&p.at, &t.at) * self.field_scale[t.field]);
            found.fold(-1.0, f32::max)
        };
        weighted(phrase.iter().map(|p| (best(p), p.weight)))
    }
}

/// How much of the thing's name was said.
fn shown(phrase: &[Word], thing: &[Word]) -> f32 {
    let best = |t: &Word| phrase.iter().map(|p| dot(&p.at, &t.at)).fold(-1.0, f32::max);
    weighted(thing.iter().filter(|t| t.field == NAME).map(|t| (best(t), t.weight)))
}

fn weighted(values: impl Iterator<Item = (f32, f32)>) -> f32 {
    let (sum, weight) = values.fold((0.0, 0.0), |(s, w), (v, weight)| (s + v * weight, w + weight));
    sum / (weight + 1e-4)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = dot(&vector, &vector).sqrt().max(1e-12);
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The words of a label; a label of signs alone is one word.
fn symbols(text: &str) -> Vec<String> {
    let found = words::subwords(text);
    let whole = text.trim();
    match found.is_empty() && !whole.is_empty() {
        true => vec![whole.to_ascii_lowercase()],
        false => found,
    }
}

/// The limits that every request keeps, whoever answers it.
pub(crate) fn bounded(request: &GroundRequest<'_>) -> std::result::Result<(), ModelError> {
    let measures = [
        ("characters", request.phrase.chars().count(), MAX_PHRASE_CHARS),
        ("candidates", request.candidates.len(), MAX_CANDIDATES),
    ];
    for (what, found, limit) in measures {
        if found > limit {
            return Err(ModelError::TooLong { what, found, limit });
        }
    }
    Ok(())
}

impl Grounder for Matcher {
    fn ground(
        &mut self,
        request: &GroundRequest<'_>,
    ) -> std::result::Result<Grounding, ModelError> {
        bounded(request)?;
        let GroundRequest { phrase, candidates, .. } = *request;
        if candidates.is_empty() || phrase.trim().is_empty() {
            return Ok(Grounding::NotHere { best: 0.0 });
        }
        let found = self.found(phrase, candidates);
        found.map_err(|source| ModelError::Compute { model: "matcher", source })
    }
}

impl Matcher {
    fn found(&self, phrase: &str, candidates: &[Candidate]) -> Result<Grounding> {
        let certain = |index, probability| Ok(Grounding::Candidate { index, probability });
        let guide = Guide::of(phrase, candidates);
        let exact = guide.exact();
        match exact[..] {
            [index] => return certain(index, EXACT),
            [] => {}
            _ => {
                let logits = self.logits(phrase, candidates)?;
                return certain(first_best(&exact, |i| logits[i]), EXACT_SHARED);
            }
        }
        if let Some(index) = guide.placed() {
            return certain(index, PLACED);
        }
        if let [index] = guide.nearly()[..] {
            return certain(index, NEARLY);
        }
        let mut logits = self.logits(guide.core(), candidates)?;
        logits.iter_mut().for_each(|logit| *logit /= self.temperature);
        logits.iter_mut().zip(guide.leaning()).for_each(|(logit, lean)| *logit += lean);
        Ok(self.choose(&log_softmax(&logits), candidates))
    }

    /// Things of one name are one choice: its probability is theirs together.
    fn choose(&self, logs: &[f32], candidates: &[Candidate]) -> Grounding {
        let all: Vec<usize> = (0..candidates.len()).collect();
        let index = first_best(&all, |i| logs[i]);
        let name = candidates[index].name.trim();
        let same = all.iter().filter(|&&i| candidates[i].name.trim().eq_ignore_ascii_case(name));
        let together: f32 = same.map(|&i| logs[i].exp()).sum::<f32>().min(1.0);
        let nothing = logs[candidates.len()].exp();
        let sight = Sight::of(candidates);
        let probability = self.calibration.of(sight, Answer::Chosen, together);
        if together > BOLD * nothing {
            return Grounding::Candidate { index, probability };
        }
        Grounding::NotHere { best: 1.0 - self.calibration.of(sight, Answer::Nothing, nothing) }
    }
}

/// Whether candidates come from a tree, or from pixels.
#[derive(Clone, Copy)]
enum Sight {
    Tree,
    Pixels,
}

impl Sight {
    fn of(candidates: &[Candidate]) -> Self {
        let seen = candidates.iter().filter(|c| c.context.starts_with(names::SEEN)).count();
        if seen * 2 > candidates.len() { Self::Pixels } else { Self::Tree }
    }
}

#[derive(Clone, Copy)]
enum Answer {
    Chosen,
    Nothing,
}

/// By sight and answer: offset and slope from the network's log-odds to those of being right.
struct Calibration(Vec<f32>);

impl Calibration {
    fn of(&self, sight: Sight, answer: Answer, probability: f32) -> f32 {
        let at = (sight as usize * 2 + answer as usize) * 2;
        let odds = probability.clamp(LEAST, 1.0 - LEAST);
        let odds = (odds / (1.0 - odds)).ln();
        1.0 / (1.0 + (-(self.0[at] + self.0[at + 1] * odds)).exp())
    }
}

/// Of a probability, so that its log-odds are finite.
const LEAST: f32 = 1e-4;

fn first_best(among: &[usize], score: impl Fn(usize) -> f32) -> usize {
    among.iter().copied().fold(among[0], |b, i| if score(i) > score(b) { i } else { b })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::starter::weights;

    /// The trainer's answers, in f32, from the exported weights.
    #[derive(Deserialize)]
    struct Golden {
        phrase: String,
        candidates: Vec<[String; 3]>,
        phrase_tokens: Vec<String>,
        features: Vec<Vec<usize>>,
        logits: Vec<f32>,
    }

    const TOLERANCE: f32 = 1e-3;

    fn thing([role, name, context]: [&str; 3]) -> Candidate {
        Candidate { role: role.into(), name: name.into(), context: context.into(), bounds: None }
    }

    fn matcher() -> Matcher {
        Matcher::new(&Weights::load(&weights::MATCHER).unwrap()).unwrap()
    }

    #[test]
    fn answers_are_those_of_the_trainer() {
        let golden = include_str!("../../starter/golden/matcher.json");
        let golden: Vec<Golden> = serde_json::from_str(golden).unwrap();
        let matcher = matcher();
        assert!(golden.len() >= 5);
        for case in golden {
            assert_eq!(symbols(&case.phrase), case.phrase_tokens);
            for (token, expected) in case.phrase_tokens.iter().zip(&case.features) {
                let found = words::features(token, BUCKETS, GRAMS_WEIGH);
                assert_eq!(&found.iter().map(|f| f.0).collect::<Vec<_>>(), expected);
            }
            let things: Vec<Candidate> =
                case.candidates.iter().map(|c| thing(c.each_ref().map(String::as_str))).collect();
            let found = matcher.logits(&case.phrase, &things).unwrap();
            assert_eq!(found.len(), case.logits.len());
            for (found, expected) in found.iter().zip(&case.logits) {
                let near = (found - expected).abs() < TOLERANCE;
                assert!(near || found < &-1e3, "{}: {found} is not {expected}", case.phrase);
            }
        }
    }

    #[test]
    fn requests_are_bounded() {
        let many = vec![thing(["icon", "a", ""]); MAX_CANDIDATES + 1];
        let request = GroundRequest { phrase: "a", candidates: &many, image: None };
        let error = matcher().ground(&request).unwrap_err().to_string();
        assert_eq!(error, "the request has 4001 candidates, more than the 4000 that fit");
    }
}
