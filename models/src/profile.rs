//! Profiles: how one model is asked and how its answers are read, as data (TOML).
//!
//! ```text
//!  phrase, instruction, history
//!     │ prompt.rs     messages: texts, and the places of images in them
//!     ▼
//!  (chat template, tokens, weights)
//!     │ text
//!     ▼
//!  grammar.rs         points or calls, in the model's own words and coordinates
//!     │ action.rs     names → canonical calls; key.rs, scroll.rs: how the model writes those
//!     │ space.rs      coordinates → Unit; a point outside its image is an error
//!     ▼
//!  Spot · UiCall      Unit::pixel → ImagePx
//! ```
//!
//! The profiles of the models we know are compiled in (`models/profiles`); a user's own lie beside
//! each other in one folder and go before an embedded one of the same id ([`Profiles`]). A profile
//! that has not yet been run on its real weights says `trust = "unverified"`.
//!
//! What a model writes is a stranger's text: it is parsed within named bounds ([`grammar`]), and no
//! text whatever makes a parser panic, recurse without end or take long.

mod action;
mod call;
mod catalogue;
mod check;
mod error;
pub mod grammar;
mod inventory;
mod key;
mod pixels;
mod prompt;
mod read;
mod record;
mod scroll;
mod space;
mod zoom;

#[cfg(test)]
mod tests;

pub use action::{Axis, Flag, Meaning, PointArgument, Status};
pub use call::{Button, Opened, UiCall};
pub use catalogue::{Origin, Profiles};
pub use error::{ProfileError, ReplyError};
pub use grammar::OutputGrammar;
pub use inventory::VisionProfile;
pub use key::{Chord, KeyStyle};
pub use pixels::{ImageSize, PixelLimits, SizeError};
pub use prompt::{ActionRequest, Message, Part, Past, Role, Text};
pub use read::{Asked, Reply, Spot};
pub use record::{
    ActionProfile, Family, GroundingProfile, History, HistoryStyle, Profile, Prompt, Refusal,
    ReplyForm, Sampling, TemplateFlag, Thinking, Trust,
};
pub use scroll::{ScrollStyle, ScrollUnit, Upwards};
pub use space::{CoordinateSpace, Shown};
pub use zoom::{Crop, Zoom};
