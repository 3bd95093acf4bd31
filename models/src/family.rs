//! Open-weight model families, computed as their reference computes them.
//!
//! ```text
//!   folder or file ── Checkpoint ──────────▶ Model
//!   config.json ─┐   headers only:          decoder (tower)
//!   safetensors ─┼─▶ Config, names, needs   weights on a device
//!   GGUF ────────┘
//! ```
//!
//! - `config.rs`, `gguf.rs`: all dialects become one [`Config`], checked once.
//! - `weights.rs`: tensors by name from mapped files; a matrix is f32 or the blocks it is stored in.
//! - `decoder.rs`: one decoder for Llama, Qwen2 and Qwen3; `rope.rs`: their positions;
//!   `cache.rs`, `attention.rs`: what was seen, and looking back at it.
//! - `picture.rs`: an image as patches; `tower.rs`: the towers of Qwen2-VL, Qwen2.5-VL and Qwen3-VL;
//!   `sequence.rs`: text and images in one line, and their positions.
//! - `kernels.rs`: what candle computes slowly on a processor.
//!
//! # Parity
//!
//! `parity/make.py` makes tiny random checkpoints with Hugging Face transformers; the tests compare
//! stage by stage: numbers within 1e-4, tokens exactly, with and without the cache.

mod architecture;
mod attention;
mod cache;
mod checkpoint;
mod config;
mod decoder;
mod error;
mod gguf;
mod kernels;
mod memory;
mod model;
mod picture;
mod rope;
mod sequence;
mod tower;
mod weights;

pub use architecture::Architecture;
pub(crate) use cache::Cache;
pub use checkpoint::Checkpoint;
pub use config::{Activation, Bias, Config, TextConfig, TowerKind, VisionConfig};
pub use error::{LoadError, PictureError};
pub(crate) use kernels::log_sum_exp;
pub use memory::Memory;
pub(crate) use memory::{PASS, available as available_memory};
pub use model::Model;
pub use picture::{Grid, PIXELS_MAX, Picture, PictureRule};
pub use rope::{Pairs, Position, RopeConfig, RopeScaling, Sections, Yarn};
pub use sequence::Piece;
pub(crate) use sequence::{Run, Sequence};
pub(crate) use tower::Seen;

#[cfg(test)]
mod damage;
#[cfg(test)]
mod parity;
