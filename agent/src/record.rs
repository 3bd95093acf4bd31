//! What a run says about itself, as it happens. The journal keeps these, the terminal shows them;
//! a run whose record cannot be kept stops at once.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::{Effect, NodeAction, Tree};
use deskbound_models::{Candidate, Decision, Grounding, Prompt, Scene, Turn};
use image::RgbImage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::Action;
use crate::control::{Answer, AskId};
use crate::desktop::Standing;
use crate::limits::Limits;
use crate::origins::Origins;
use crate::policy::{Policy, Surface};

/// Takes every record before the run goes on.
pub trait StepSink: Send {
    fn record(&mut self, record: &Record) -> io::Result<()>;

    /// What stands in a record for a text that is not to be kept; `None` where nothing does. Who
    /// passes records on passes this on, too.
    fn digest(&mut self, text: &str) -> io::Result<Option<String>> {
        let _ = text;
        Ok(None)
    }
}

/// Frames and trees are shared, not copied, and are not part of the serialised record: whoever
/// keeps records keeps them beside it ([`Record::frame`], [`Record::tree`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "record")]
pub enum Record {
    Started {
        instruction: String,
        /// Which models decide, in the words the user named them.
        models: String,
        /// Which desktop this is, such as `vm:minimal`.
        desktop: String,
        limits: Limits,
        /// Runs from before there were policies had none.
        #[serde(default = "none_but_the_surfaces")]
        policy: Policy,
        home: String,
        #[serde(default)]
        origins: Origins,
    },
    Observed {
        step: u32,
        #[serde(skip)]
        frame: Arc<RgbImage>,
        #[serde(skip)]
        tree: Arc<Tree>,
        /// The whole of looking; `settle` is the part spent waiting for stillness.
        observe: Duration,
        settle: Duration,
    },
    Decided {
        decision: Decision,
        think: Duration,
    },
    Grounded {
        phrase: String,
        candidates: Vec<Candidate>,
        grounding: Grounding,
        ground: Duration,
    },
    /// Vision was asked, for there are windows that the tree says nothing of.
    Viewed {
        scene: Scene,
        see: Duration,
    },
    /// A file was read to verify.
    Read {
        path: String,
        /// `None` where there is no such file.
        text: Option<String>,
    },
    /// The pointer is about to be used there: told before, so that whoever watches sees where.
    Aimed {
        step: u32,
        action: Action,
    },
    Acted {
        step: u32,
        action: Action,
        /// What the action is to bring about.
        expects: String,
        act: Duration,
    },
    /// The guard did not allow an action.
    Denied {
        step: u32,
        action: Action,
        reason: String,
    },
    /// A person is asked before this action.
    Asked {
        ask: AskId,
        step: u32,
        action: Action,
        reason: String,
    },
    Answered {
        ask: AskId,
        /// `None` where none came in time, which is a no.
        answer: Option<Answer>,
        after: Duration,
    },
    /// A model asks a person something, and waits for words.
    Questioned {
        ask: AskId,
        question: String,
    },
    /// The end of that wait.
    Replied {
        ask: AskId,
        /// `None` where no answer was given.
        text: Option<String>,
        after: Duration,
    },
    /// A person said this to the models.
    Prompted {
        prompt: Prompt,
    },
    /// A person made the run stand still.
    Paused {
        standing: Standing,
    },
    Resumed {
        after: Duration,
    },
    /// A person gives the input from here on.
    TakenOver,
    ByHand {
        hand: Hand,
        /// Why the desktop did not take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    GivenBack {
        after: Duration,
    },
    /// What became of the actions of one step.
    Verified {
        step: u32,
        effect: Effect,
        /// From the last action to this verdict.
        took: Duration,
    },
    /// A tool call came to its end.
    Called {
        turn: Turn,
        took: Duration,
    },
    /// A name was looked for in the home folder.
    Searched {
        name: String,
        /// `None` where it could not be looked for.
        paths: Option<Vec<String>>,
    },
    /// What was looked for before a model's word that all is done was believed.
    Confirmed {
        claims: Vec<Claim>,
    },
    /// The answer that was asked for beside the deed.
    Reported {
        answer: Value,
    },
    Ended {
        end: End,
        steps: u32,
        took: Duration,
    },
}

fn none_but_the_surfaces() -> Policy {
    Policy::of(Surface::Disposable)
}

impl Record {
    pub fn frame(&self) -> Option<&Arc<RgbImage>> {
        match self {
            Self::Observed { frame, .. } => Some(frame),
            _ => None,
        }
    }

    pub fn tree(&self) -> Option<&Arc<Tree>> {
        match self {
            Self::Observed { tree, .. } => Some(tree),
            _ => None,
        }
    }
}

/// What a person did by hand. What they typed may be a password, so it is counted, not kept. Of a
/// text that was pasted or carried there is a digest as well ([`journal::Key`](crate::journal::Key));
/// runs from before there was one have none. Of single keys there is none: what is told apart letter
/// by letter is as good as told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "hand")]
pub enum Hand {
    Pointer {
        action: Action,
    },
    Keys,
    Text {
        characters: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
    Launch {
        program: String,
    },
    /// The desktop went back to where it started.
    Reset,
    /// The text on the clipboard was given to the person.
    Carried {
        characters: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
}

impl Hand {
    /// The text that an action brings to the desktop.
    pub(crate) fn text_of(action: &Action) -> Option<&str> {
        match action {
            Action::Type { text }
            | Action::Copy { text }
            | Action::Element { act: NodeAction::SetText(text), .. }
            | Action::Element { act: NodeAction::InsertText { text, .. }, .. } => Some(text),
            _ => None,
        }
    }

    /// An action, and the digest of its text.
    pub(crate) fn of(action: &Action, digest: Option<String>) -> Self {
        if let Some(text) = Self::text_of(action) {
            return Self::Text { characters: text.chars().count(), digest };
        }
        match action {
            Action::Key { .. } | Action::Hold { .. } => Self::Keys,
            Action::Launch { program, .. } => Self::Launch { program: program.clone() },
            // What is not done by hand is among these: it is told who was refused what.
            other => Self::Pointer { action: other.clone() },
        }
    }

    /// The digest of the text that was pasted or carried.
    pub fn digest(&self) -> Option<&str> {
        match self {
            Self::Text { digest, .. } | Self::Carried { digest, .. } => digest.as_deref(),
            _ => None,
        }
    }
}

/// Something that is so, if all that was asked for has been done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub what: String,
    pub finding: Finding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    Confirmed,
    Contradicted,
    /// It could not be looked at.
    Unknown,
}

/// Why a run is over. Every run has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "end")]
pub enum End {
    /// All that was asked for was called, and every call was verified.
    Done,
    Failed {
        reason: String,
    },
    /// Nothing was tried: the instruction is not understood, or beyond the models.
    Infeasible {
        reason: String,
    },
    Limit {
        which: Which,
    },
    Stopped,
    Error {
        what: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    Steps,
    Time,
    Decisions,
    Tokens,
}
