//! The arithmetic of saying how sure a number is.
//!
//! Tasks are what is drawn at random here, so intervals are over tasks: ten trials of one task are
//! no ten tasks.

use serde::{Deserialize, Serialize};

use crate::random::Random;

/// Draws of one bootstrap. Halving the noise of its ends takes four times as many.
const RESAMPLES: usize = 10_000;
/// Where draws are rationed, the ends of an interval still have five draws beyond them.
const RESAMPLES_MIN: usize = 200;
/// The 97.5th and the 80th percentile of the normal distribution.
const Z_SIDE: f64 = 1.959_963_984_540_054;
const Z_POWER: f64 = 0.841_621_233_572_914;

/// A number, and where it lies with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / count(values.len()) }
}

/// The middle one, or the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() { 0.0 } else { quantile(&sorted, 0.5) }
}

/// The mean of one value a task, with the percentile interval of a bootstrap over tasks. Where all
/// tasks have the same value, a bootstrap knows no doubt; there it is Wilson's interval.
pub fn over_tasks(values: &[f64], seed: u64) -> Estimate {
    over_tasks_in(values, seed, usize::MAX)
}

/// The same from no more than so many draws, as far as [`RESAMPLES_MIN`] goes.
pub(crate) fn over_tasks_in(values: &[f64], seed: u64, draws_max: usize) -> Estimate {
    let value = mean(values);
    match values.first() {
        None => Estimate { value, low: 0.0, high: 1.0 },
        Some(first) if values.iter().all(|other| other == first) && (0.0..=1.0).contains(first) => {
            let (low, high) = wilson(value, values.len());
            Estimate { value, low, high }
        }
        Some(_) => {
            let resamples = (draws_max / values.len()).clamp(RESAMPLES_MIN, RESAMPLES);
            let (low, high) = drawn(values, seed, resamples);
            Estimate { value, low, high }
        }
    }
}

/// The share of what is right, of groups that are drawn whole: each is how many are right, of how
/// many. Where all are right or none is, it is Wilson's interval, as if groups were trials.
pub(crate) fn over_clusters(groups: &[(u32, u32)], seed: u64) -> Estimate {
    let share = |drawn: &mut dyn Iterator<Item = &(u32, u32)>| {
        let (right, all) = drawn.fold((0, 0), |(right, all), (r, a)| (right + r, all + a));
        if all == 0 { 0.0 } else { f64::from(right) / f64::from(all) }
    };
    let value = share(&mut groups.iter());
    if groups.is_empty() {
        return Estimate { value, low: 0.0, high: 1.0 };
    }
    if value <= 0.0 || value >= 1.0 {
        let (low, high) = wilson(value, groups.len());
        return Estimate { value, low, high };
    }
    let mut random = Random::new(seed);
    let mut shares: Vec<f64> = (0..RESAMPLES)
        .map(|_| share(&mut (0..groups.len()).map(|_| &groups[random.below(groups.len())])))
        .collect();
    shares.sort_by(f64::total_cmp);
    Estimate { value, low: quantile(&shares, 0.025), high: quantile(&shares, 0.975) }
}

/// The middle 95 % of the means of samples of the same size, drawn with repetition.
pub(crate) fn bootstrap(values: &[f64], seed: u64) -> (f64, f64) {
    drawn(values, seed, RESAMPLES)
}

fn drawn(values: &[f64], seed: u64, resamples: usize) -> (f64, f64) {
    let mut random = Random::new(seed);
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| {
            let drawn = (0..values.len()).map(|_| values[random.below(values.len())]);
            drawn.sum::<f64>() / count(values.len())
        })
        .collect();
    means.sort_by(f64::total_cmp);
    (quantile(&means, 0.025), quantile(&means, 0.975))
}

/// Between the two nearest, in proportion. The values are sorted.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * count(sorted.len() - 1);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is an index")]
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - count(below))
}

/// Wilson's interval of a share of `trials`.
pub(crate) fn wilson(share: f64, trials: usize) -> (f64, f64) {
    let n = count(trials);
    let square = Z_SIDE * Z_SIDE;
    let middle = (share + square / (2.0 * n)) / (1.0 + square / n);
    let half =
        Z_SIDE / (1.0 + square / n) * (share * (1.0 - share) / n + square / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Of `trials`, of which `passed` passed: the chance that at least one of `k` passes.
pub fn pass_at(k: u32, trials: u32, passed: u32) -> f64 {
    1.0 - none_of(k, trials, trials - passed)
}

/// The chance that all of `k` pass.
pub fn pass_hat(k: u32, trials: u32, passed: u32) -> f64 {
    none_of(k, trials, passed)
}

/// C(`some`, k) ÷ C(`all`, k).
fn none_of(k: u32, all: u32, some: u32) -> f64 {
    (0..k)
        .map(|i| (f64::from(some) - f64::from(i)).max(0.0) / (f64::from(all) - f64::from(i)))
        .product()
}

/// McNemar's exact test, both sides: how often a coin gives as uneven a result as that of `one`
/// times ahead and `other` times behind.
pub fn mcnemar(one: u32, other: u32) -> f64 {
    let (n, least) = (one + other, one.min(other));
    // C(n, i) ÷ 2ⁿ, as a logarithm: it is far below what a number can be where n is large.
    let mut term = -f64::from(n) * std::f64::consts::LN_2;
    let mut sum = term.exp();
    for i in 1..=least {
        term += (f64::from(n - i + 1) / f64::from(i)).ln();
        sum += term.exp();
    }
    (2.0 * sum).min(1.0)
}

/// The smallest true difference that a comparison of this many tasks finds four times of five.
/// Where no task differs, as if one did.
pub(crate) fn least_detectable(differences: &[f64]) -> f64 {
    let n = count(differences.len().max(2));
    let mean = mean(differences);
    let squares: f64 = differences.iter().map(|one| (one - mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0)).sqrt();
    let deviation = if deviation > 0.0 { deviation } else { (1.0 / n).sqrt() };
    (Z_SIDE + Z_POWER) * deviation / n.sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts to 2⁵³ here")]
pub(crate) fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
