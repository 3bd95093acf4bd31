//! What long work says of itself while it goes on.

/// A step that has begun, or a line about the one under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A new step, in words: "installing 26 packages".
    Step(String),
    /// Where the step under way is, in words.
    Detail(String),
    /// How much of the step under way is done, where somebody can tell.
    Share { done: u64, of: u64 },
}

/// Receives [`Progress`]; it must not block.
pub type ProgressSink<'a> = &'a mut (dyn FnMut(Progress) + Send);
