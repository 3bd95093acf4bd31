//! What candle computes slowly on a processor, computed here.
//!
//! Each is an operation of candle with a body for the processor only; on another device the same is
//! said with candle's own operations (`attention.rs`, `decoder/block.rs`), which is also what the
//! tests compare with.

mod causal;
mod gate;
mod lanes;

pub(super) use causal::Causal;
pub(super) use gate::Gate;

/// ln Σ exp, without overflow. As long as a vocabulary, it is worth vectors.
pub(crate) fn log_sum_exp(values: &[f32]) -> f64 {
    let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum = lanes::exponentials(&mut values.to_vec());
    f64::from(most) + f64::from(sum).ln()
}
