//! What needs a socket, and what real screens show.

mod grounding;
#[cfg(feature = "pull")]
mod hub;
#[cfg(feature = "pull")]
mod pull;
#[path = "../../benches/figures/score.rs"]
mod score;
mod vision;
