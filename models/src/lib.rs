//! Models that run inside the process, behind three roles.
//!
//! Pixels and text go in, words and points come out. Nothing here opens a socket, starts a process
//! or touches a desktop, and no other crate of this workspace is imported.
//!
//! # The parts
//!
//! - [`Grounder`], [`Viewer`], [`Actor`] (`roles.rs`): what a model can be asked, as traits without
//!   state towards the caller, and the plain values that pass through them. All of a request comes
//!   with the request, so one model can take another's place and a recorded request can be repeated.
//! - [`ImagePx`], [`ImageRect`], [`Unit`] (`space.rs`): the two spaces of an image that a model saw.
//! - [`ModelError`] (`error.rs`): why a model could not be loaded or could not answer. A refusal is
//!   not an error: it is a [`Move`] or a [`Grounding`].
//! - [`family`] (`family.rs`, `family/`): open-weight networks, loaded from safetensors and GGUF and
//!   computed as their reference computes them.
//! - [`engine`] (`engine.rs`, `engine/`): the thread that owns such a model, and conversations with it.
//! - [`profile`] (`profile.rs`, `profile/`, `profiles/*.toml`): how each model that we know is
//!   asked and how its answers are read.
//! - [`store`] (`store.rs`, `store/`): weights on this machine, pinned and verified.
//! - [`chat`] (`chat.rs`, `chat/`): messages and tools as the text a model was trained on.
//! - [`constrain`] (`constrain.rs`, `constrain/`): a model's answer is held to its form while it is
//!   written.
//! - [`loaded`] (`loaded.rs`, `loaded/`): all of these together, behind the roles; [`turns`]
//!   (`turns.rs`): a run's turns in a model's words, also for one that computes elsewhere.
//! - [`Starter`] (`starter.rs`, `starter/`): an actor, a grounder and a viewer ([`Eyes`]) whose weights
//!   are compiled in, so that everything works at first start, with no download.
//!
//! # `starter`, from text to calls
//!
//! ```text
//! instruction ─ words ─ reader ─ clause ─ plan ─▶ ToolCall, one by one, as the history grows
//!                 │    (network)  decode   rules
//!                 │                          └─ expression, number: sums in words made plain
//!                 └─── names ─ matcher ─▶ Grounding
//!                      to the   (network)
//!                      letter
//!
//! pixels ─ detector ─┬─ widgets ───────────────┬─▶ Scene
//!          (network) └─ lines ─ recogniser ────┘
//!                               (network)
//! ```
//!
//! The networks choose, the rules keep order: what is in quotation marks is never cut, a slot is
//! copied from the instruction as it was written, a clause that cannot be done refuses the whole
//! before anything has been done, and so does a parse below a measured confidence.
//!
//! # Invariants
//!
//! 1. Weights are used only if their SHA-256 is the one in the source (`weights.rs`).
//! 2. Every input has a named bound, checked before any work: characters, words, candidates, pixels.
//! 3. The Rust networks answer as the trainer's do, within 1e-3 (`starter/golden`).
//! 4. With shuffled weights nothing works: what is understood was learned, not coded in.
//!
//! How the networks were trained, on what, and what they can and cannot do: `starter/MODELS.md`.

pub mod chat;
pub mod constrain;
pub mod engine;
mod error;
pub mod family;
mod hex;
pub mod loaded;
pub mod profile;
mod roles;
mod space;
mod starter;
pub mod store;
pub mod turns;

pub use engine::{Cancel, Progress};
pub use error::ModelError;
pub use roles::{
    Actor, ArgumentSpec, Candidate, Context, Decision, Find, GroundRequest, Grounder, Grounding,
    Hands, Move, Prompt, Scene, ToolCall, ToolSpec, Turn, Usage, Viewer,
};
pub use space::{ImagePx, ImageRect, Unit};
pub use starter::{Eyes, Starter, StarterKind, Word, understood};
