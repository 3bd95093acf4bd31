//! Every bound of a run, in one place.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one run may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Moves that act on the desktop.
    pub steps: u32,
    /// From the first observation to the end.
    pub time: Duration,
    /// How long the desktop may take to show what an action was for. Starting a program on an
    /// emulated machine takes many seconds.
    pub patience: Duration,
    /// Tool calls that may fail before the run does.
    pub failures: u32,
    /// Tokens that the actor may read and write; what it still knew is not counted.
    #[serde(default = "usual_tokens")]
    pub tokens: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: 50,
            time: Duration::from_secs(5 * 60),
            patience: Duration::from_secs(20),
            failures: 2,
            tokens: usual_tokens(),
        }
    }
}

fn usual_tokens() -> u64 {
    1_000_000
}

/// The same actions on the same view, this often, are no progress.
pub(crate) const SAME_MOVE: u32 = 3;
/// Expectations in a row that are not met, before a skill is given up.
pub(crate) const MISSES: u32 = 4;
/// Failed calls in a row, of a model that finds its own way.
pub(crate) const FAILURES_OF_VERBS: u32 = 5;
/// Calls in a row that change nothing, of such a model.
pub(crate) const IDLE_VERBS: u32 = 6;
/// Screens of earlier turns that such a model can be shown again.
pub(crate) const VIEWS_KEPT: usize = 8;
/// Decisions in one run of skills; each may take several steps.
pub(crate) const DECISIONS: u32 = 20;
/// Moves of one skill that do not act: reads, and answers to what was missed.
pub(crate) const SKILL_MOVES: u32 = 60;
/// Of a file that is read to verify, so much is looked at and recorded.
pub(crate) const READ_BYTES: usize = 1 << 20;
/// The largest file that is taken out of a desktop.
pub const FILE_BYTES: u64 = 64 << 20;
/// The most that is kept of either output of a command.
pub(crate) const OUTPUT_BYTES: usize = 1 << 20;
/// The longest text that is carried from a desktop's clipboard to a person's terminal.
pub(crate) const CLIPBOARD_BYTES: usize = 48 << 10;
/// Clicks of one action. Three in a row mean something to toolkits; more are a mistake.
pub(crate) const CLICKS: u8 = 3;
/// Notches of a wheel of one action.
pub(crate) const NOTCHES: u32 = 100;
/// From the moment that the target is shown until it is used, where somebody holds the control.
pub(crate) const AIM_TIME: Duration = Duration::from_millis(300);
/// Longest time that keys are held.
pub(crate) const HOLD_LIMIT: Duration = Duration::from_secs(10);
/// How long a person has to answer a question; none is a no.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5 * 60);
