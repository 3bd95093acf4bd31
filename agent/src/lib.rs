//! One instruction, observed, decided, guarded, done, verified and recorded.
//!
//! # From above
//!
//! ```text
//!  Request ──▶ run ──▶ Desktop::observe ──▶ Observation{ frame, tree, settle }
//!               ▲                                │
//!               │      elements ──▶ Actor ──▶ Decision: a tool call, done, or a refusal
//!               │                                │
//!               │      skill ──▶ next move, by what is seen; Grounder for what a phrase means
//!               │                                │
//!               │      Guard ──▶ allow · deny    │
//!               │                                ▼
//!               └──── Expect met? ◀── Desktop::perform(Action)
//!
//!  every value on the way ──▶ Record ──▶ StepSink (the journal, the terminal), before the next
//! ```
//!
//! A model is asked for whole skills (`write`, `rename`, …), not for clicks. A skill is a small
//! machine that decides one move at a time from what is seen, and says of every move what it is to
//! bring about; whether that came is the next observation's to say, never the toolkit's.
//!
//! # Code map
//!
//! - [`desktop`]: the face of every desktop; [`x11`]: an X server; `settle`: waiting for stillness, but not for `blinkers`.
//! - [`action`]: what can be done, as data; `openable`: what can be opened; `element`: how a hand does what a toolkit does not.
//! - [`control`]: what a person may tell a run while it goes on; [`attach`]: from another program;
//!   [`eye`]: the screen as it is between two records.
//! - [`run`](mod@run): the loop; [`limits`], [`stop`]: what ends it; [`record`]: what it says about itself.
//! - [`serve`]: a desktop for somebody else's model: [`session`] does what its [`tool`]s ask for;
//!   `aim`: where what a call names is; `person`: whoever takes a desktop out of a program's hands.
//! - [`elsewhere`]: a role that another program on this machine computes.
//! - `skill`: one file per skill, and what two applications have in common: `editor`, `files`.
//! - `verbs`: what a model asks for that finds its own way; `consequence`: what became of it.
//! - `view`, [`elements`]: a tree in the words of skills, and in the words of models; `sight`: what
//!   pixels say where it is silent.
//! - [`guard`]: looks at every action; [`policy`]: the rules it goes by; [`sanitize`]: text from strangers, for terminals;
//!   `secrets`: what nobody is to see.
//! - [`journal`]: keeps records; [`origins`]: what a run was made with; [`replay`]: decides by them again; [`confine`]: what the process may still do; [`launcher`]: what
//!   starts the user's own applications outside of that.
//!
//! # Invariants
//!
//! 1. Only [`run`](mod@run) and [`session`] change a desktop, and only by an
//!    [`Action`](action::Action) that the guard allowed.
//! 2. A skill is done only when the desktop, or the file on its disk, shows it.
//! 3. No question about overwriting or deleting is ever answered with yes.
//! 4. A record that cannot be kept ends the run at once.
//! 5. Every run ends, with a reason, and with no key or button held.

pub mod action;
mod aim;
pub mod attach;
mod blinkers;
mod causes;
pub mod confine;
mod consequence;
pub mod control;
pub mod desktop;
mod element;
pub mod elements;
pub mod elsewhere;
pub mod eye;
pub mod guard;
pub mod journal;
pub mod launcher;
pub mod limits;
mod memory;
mod openable;
pub mod origins;
mod person;
pub mod policy;
pub mod record;
pub mod replay;
pub mod run;
pub mod sanitize;
mod secrets;
pub mod serve;
pub mod session;
mod settle;
mod sight;
mod skill;
pub mod stop;
pub mod tool;
mod verbs;
mod view;
pub mod vm;
pub mod x11;

pub use causes::chain;
/// What models are asked and what they answer, for whoever asks them without a run.
pub use deskbound_models::{
    Actor, Candidate, Context, Decision, Find, GroundRequest, Grounder, Grounding, ImageRect,
    ModelError, Move, Scene, Viewer,
};
pub use skill::TOOLS;
pub use verbs::VERBS;
