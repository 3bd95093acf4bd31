//! Tasks, runs, scores and reports: how well does the agent do what it is told?
//!
//! # From above
//!
//! ```text
//!  Suite ──▶ Plan{ conditions, samples } ──▶ Work ──▶ Store: one file a sample, written once
//!               │ shard 0 … n, anywhere                 │
//!               └──────────── the same folder ──────────┤
//!                                                       ▼
//!              Report · merge · Comparison · baseline · export ◀── Score
//! ```
//!
//! A [`Suite`] holds [`Task`]s; a sample is one wording of a task in one epoch. [`Work`] takes each
//! to a fresh desktop of a [`Bench`], lets the agent try, and looks at the outcome itself: what the
//! agent says of its own success counts for nothing, but where a task cannot be done.
//!
//! # Invariants
//!
//! 1. Desktops, files and set-up are reached only through `deskbound-agent`.
//! 2. A result is a file that is written once. Killed at any instant, a run loses at most the
//!    samples it was at; the same command goes on with the rest.
//! 3. Nobody who does nothing, and nobody who refuses everything, scores above nothing.
//! 4. The agent's failures and the desktop's are never counted together.

mod baseline;
mod bench;
mod compare;
mod contrast;
pub mod digest;
mod emit;
mod export;
mod fitness;
mod gate;
mod ground;
mod harvest;
mod home;
pub mod import;
mod look;
mod merge;
mod outcome;
mod plan;
mod progress;
mod random;
mod report;
mod sample;
mod score;
mod script;
mod sighted;
mod stage;
mod statistics;
mod store;
mod suite;
mod tally;
mod task;
mod trial;
mod work;

pub use baseline::{BaselineError, Change, changes, table};
pub use bench::{Bench, Clones, Decides, Nobody, PrivateServers};
pub use compare::{Answer as Compared, Comparison, Gate};
pub use contrast::{Against, Contrast, FamilyRow, Row};
pub use emit::{Kubernetes, KubernetesError, Shell, Slurm, kubernetes, open_shards, shell, slurm};
pub use export::{Pictures, csv, html, inspect, jsonl};
pub use fitness::{Needs, Unfit, fit};
pub use gate::{Clause, GatePolicy, GatePolicyError, Verdicts};
pub use ground::{
    Answer, Answered, Answers, Asker, Ground, GroundError, GroundPart, GroundScore,
    Item as GroundItem, Kind, SceneFile, Screen, ScreenFile, Sight, Target, Thing, Verdict,
};
pub use harvest::{Harvest, HarvestError};
pub use look::Finding;
pub use merge::{Completeness, MergeError, merge};
pub use outcome::{Outcome, Status, Times, durations};
pub use plan::{Conditions, Extent, Item, Plan, PlanError, Solver, Wordings};
pub use progress::{Family, Host, Newest, Pace, Progress, Shard, Watch, long};
pub use report::{Report, reason};
pub use score::{Part, Passes, Score, Shares, counted};
pub use stage::{Prop, StageError, Staged, stage};
pub use statistics::{Estimate, mcnemar, over_tasks, pass_at, pass_hat};
pub use store::{Held, Store, StoreError};
pub use suite::{Suite, SuiteError, names};
pub use task::{
    Check, Ending, Given, Goal, Half, Move, Printed, Task, TaskError, TaskLimits, What,
};
pub use trial::{Trial, try_task};
pub use work::{Ended, Work, WorkError};
