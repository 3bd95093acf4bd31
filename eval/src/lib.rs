//! Tasks, runs, scores and reports: how well does the agent do what it is told?
//!
//! A [`Suite`] holds tasks, a task holds samples, and a [`Sample`] is an instruction, what is laid
//! out before it ([`Given`]) and what must be so after it ([`Check`]). [`run_suite`] takes each
//! sample to a fresh desktop, lets the agent try, and looks at the outcome itself: what the agent
//! says of its own success counts for nothing.
//!
//! Desktops, files and set-up are reached only through `deskbound-agent`.

mod check;
mod outcome;
mod report;
mod run;
mod suite;
mod world;

pub use check::Finding;
pub use outcome::{EvalError, Outcome, Status, Times};
pub use report::Report;
pub use run::{Bench, Plan, run_suite};
pub use suite::{Check, Given, Sample, Suite, SuiteError, Task, names};
