//! Models that run inside the process, behind three roles.

mod error;
mod roles;
mod space;

pub use error::ModelError;
pub use roles::{
    Actor, ArgumentSpec, Candidate, Context, Decision, Find, GroundRequest, Grounder, Grounding,
    Move, Scene, ToolCall, ToolSpec, Turn, Viewer,
};
pub use space::{ImagePx, ImageRect, Unit};
