//! What long work says of itself while it goes on.

/// A step that has begun, or a line about the one under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A new step, in words: "installing 26 packages".
    Step(String),
    /// Where the step under way is.
    Detail(String),
}

/// Receives [`Progress`]; it must not block.
pub type ProgressSink<'a> = &'a mut (dyn FnMut(Progress) + Send);
