//! Choosing a token.

use super::error::EngineError;
use crate::family::log_sum_exp;

/// How a token is chosen among those that may come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sampling {
    /// The most probable; the first of equals.
    Greedy,
    /// By chance among the most probable ones that together reach `top_p`. The same seed gives the
    /// same tokens.
    Chance { temperature: f32, top_p: f32, seed: u64 },
}

/// A token and the logarithm of its probability among those that were allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) token: u32,
    pub(super) log_probability: f64,
}

pub(super) struct Chooser {
    sampling: Sampling,
    state: u64,
}

impl Chooser {
    pub(super) fn new(sampling: Sampling) -> Self {
        let seed = match sampling {
            Sampling::Greedy => 0,
            Sampling::Chance { seed, .. } => seed,
        };
        Self { sampling, state: seed }
    }

    pub(super) fn choose(&mut self, logits: &[f32]) -> Result<Choice, EngineError> {
        let best = best(logits)?;
        let token = match self.sampling {
            Sampling::Chance { temperature, top_p, .. } if temperature > 0.0 => {
                self.drawn(logits, temperature, top_p)
            }
            _ => best,
        };
        let log_probability = f64::from(logits[token]) - log_sum_exp(logits);
        Ok(Choice { token: token as u32, log_probability })
    }

    fn drawn(&mut self, logits: &[f32], temperature: f32, top_p: f32) -> usize {
        let warm = |logit: f32| f64::from(logit / temperature);
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut weights: Vec<(usize, f64)> = logits
            .iter()
            .enumerate()
            .map(|(token, logit)| (token, (warm(*logit) - warm(most)).exp()))
            .filter(|(_, weight)| *weight > 0.0)
            .collect();
        weights.sort_unstable_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let enough = all * f64::from(top_p.clamp(0.0, 1.0));
        let mut sum = 0.0;
        let kept = weights.iter().position(|(_, weight)| {
            sum += weight;
            sum >= enough
        });
        weights.truncate(kept.map_or(weights.len(), |last| last + 1));
        let mut left = self.unit() * weights.iter().map(|(_, weight)| weight).sum::<f64>();
        for (token, weight) in &weights {
            left -= weight;
            if left <= 0.0 {
                return *token;
            }
        }
        weights.last().expect("the most probable token has a weight").0
    }

    /// 0..1, by SplitMix64.
    fn unit(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The first of the largest.
fn best(logits: &[f32]) -> Result<usize, EngineError> {
    let mut best: Option<usize> = None;
    for (token, logit) in logits.iter().enumerate() {
        if logit.is_nan() || *logit == f32::INFINITY {
            return Err(EngineError::NotFinite);
        }
        if *logit > best.map_or(f32::NEG_INFINITY, |best| logits[best]) {
            best = Some(token);
        }
    }
    best.ok_or(EngineError::NothingAllowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: f32 = f32::NEG_INFINITY;

    #[test]
    fn the_first_of_the_most_probable_is_chosen() {
        let mut chooser = Chooser::new(Sampling::Greedy);
        let choice = chooser.choose(&[0.0, 2.0, 2.0, NONE]).unwrap();
        assert_eq!(choice.token, 1);
        let expected = 2.0 - (1.0 + 2.0 * 2f64.exp()).ln();
        assert!((choice.log_probability - expected).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_chosen_from_is_said() {
        let mut chooser = Chooser::new(Sampling::Greedy);
        let mut check = |logits: &[f32], expected: &str| {
            assert_eq!(chooser.choose(logits).unwrap_err().to_string(), expected);
        };
        check(&[NONE, NONE], "no token may come next");
        check(&[], "no token may come next");
        let damaged =
            "the model's answer is not a number; its weights are damaged, or too large for f32";
        check(&[0.0, f32::NAN], damaged);
        check(&[0.0, f32::INFINITY], damaged);
    }

    #[test]
    fn chance_keeps_to_the_probable_and_to_its_seed() {
        let logits = [3.0, 2.9, -9.0, NONE];
        let draw = |top_p, seed| {
            let sampling = Sampling::Chance { temperature: 1.0, top_p, seed };
            let mut chooser = Chooser::new(sampling);
            (0..200).map(|_| chooser.choose(&logits).unwrap().token).collect::<Vec<_>>()
        };
        let tokens = draw(0.9, 7);
        assert_eq!(tokens, draw(0.9, 7));
        assert!(
            tokens.contains(&0) && tokens.contains(&1) && tokens.iter().all(|token| *token < 2)
        );
        assert!(draw(0.1, 7).iter().all(|token| *token == 0));
    }
}
