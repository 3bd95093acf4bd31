//! One row of a run's story.

use std::time::Duration;

use deskbound_accessibility::{Effect, ScreenPx};
use deskbound_agent::action::Action;
use deskbound_agent::control::{Answer, AskId};
use deskbound_agent::record::End;
use deskbound_models::{Candidate, Grounding, ToolCall};

use super::question::Question;

/// Place of a [`Look`](super::story::Look) in its story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LookId(pub(crate) usize);

#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// Since the run's journal was made.
    pub(crate) at: Duration,
    pub(crate) what: What,
    /// What was on the screen when this was decided.
    pub(crate) look: Option<LookId>,
    pub(crate) split: Split,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A model asked for a skill.
    Call(Call),
    /// A phrase was looked for on the screen.
    Ground {
        phrase: String,
        candidates: Vec<Candidate>,
        grounding: Grounding,
    },
    /// One step: actions that belong together, and what they brought about.
    Act(Act),
    /// A person was asked.
    Ask {
        question: Question,
        /// `None` while it waits; then the answer, which is `None` where none came.
        answer: Option<Option<Answer>>,
    },
    /// A model asked the person something.
    Question {
        ask: AskId,
        question: String,
        /// `None` while it waits; then the answer, which is `None` where none was given.
        reply: Option<Option<String>>,
    },
    /// A person came in.
    Steer(Steer),
    Denied {
        step: u32,
        action: Action,
        reason: String,
    },
    /// Nothing more is called.
    Over {
        thought: String,
        refusal: Option<String>,
    },
    /// What was looked for when the run was over, each with whether it was found so.
    Checked(Vec<(String, bool)>),
    /// Something this program has no word for yet.
    Other {
        name: String,
        text: String,
    },
    End {
        end: End,
        steps: u32,
        took: Duration,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) call: ToolCall,
    pub(crate) thought: String,
    pub(crate) confidence: f32,
    /// How it ended: whether it succeeded, and what it answered.
    pub(crate) outcome: Option<(bool, String)>,
    /// From the decision to that end.
    pub(crate) took: Duration,
}

#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) step: u32,
    /// What the pointer is about to do.
    pub(crate) about: Option<Action>,
    pub(crate) actions: Vec<Action>,
    pub(crate) expects: String,
    /// `None` while it is not known yet.
    pub(crate) effect: Option<Effect>,
}

/// What a person did to the run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Steer {
    Prompted(String),
    Paused,
    Resumed,
    TakenOver,
    /// How much was done by hand until it was given back, what of it was refused last, and the
    /// text that was pasted or carried last.
    ByHand {
        times: u32,
        refused: Option<String>,
        text: Option<String>,
    },
    GivenBack,
}

/// Where the time of a step went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) look: Duration,
    pub(crate) think: Duration,
    pub(crate) ground: Duration,
    pub(crate) act: Duration,
    pub(crate) check: Duration,
}

impl Split {
    pub(crate) fn parts(&self) -> [(&'static str, Duration); 5] {
        [
            ("look", self.look),
            ("think", self.think),
            ("find", self.ground),
            ("act", self.act),
            ("check", self.check),
        ]
    }
}

/// What a person would want to jump to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    Plain,
    /// An action without effect.
    Missed,
    /// A person came in.
    Steered,
    Asked,
    Denied,
    Failed,
}

impl Moment {
    pub(crate) fn mark(&self) -> Mark {
        match &self.what {
            What::Call(Call { outcome: Some((false, _)), .. }) => Mark::Failed,
            What::Over { refusal: Some(_), .. } => Mark::Failed,
            What::Checked(checks) if checks.iter().any(|(_, holds)| !holds) => Mark::Failed,
            What::End { end, .. } if *end != End::Done => Mark::Failed,
            What::Denied { .. } => Mark::Denied,
            What::Ask { .. } | What::Question { .. } => Mark::Asked,
            What::Steer(_) => Mark::Steered,
            What::Act(Act { effect: Some(Effect::NothingHappened { .. }), .. }) => Mark::Missed,
            _ => Mark::Plain,
        }
    }

    /// Whether something was not allowed, by the guard or by a person.
    pub(crate) fn is_denial(&self) -> bool {
        match &self.what {
            What::Denied { .. } => true,
            What::Ask { answer: Some(answer), .. } => {
                !matches!(answer, Some(Answer::Approve { .. }))
            }
            _ => false,
        }
    }

    /// What a phrase was found to mean: the target of what comes next.
    pub(crate) fn found(&self) -> Option<&Candidate> {
        match &self.what {
            What::Ground { candidates, grounding: Grounding::Candidate { index, .. }, .. } => {
                candidates.get(*index)
            }
            _ => None,
        }
    }

    /// Where on the screen its action goes.
    pub(crate) fn points(&self) -> Vec<ScreenPx> {
        match &self.what {
            What::Act(Act { about: Some(action), .. }) => points(action),
            What::Act(act) => act.actions.iter().flat_map(points).collect(),
            What::Denied { action, .. } => points(action),
            What::Ask { question, .. } => question.points(),
            _ => Vec::new(),
        }
    }
}

/// Where on the screen an action goes.
pub(crate) fn points(action: &Action) -> Vec<ScreenPx> {
    match action {
        Action::Click { at, .. } | Action::Scroll { at, .. } => vec![*at],
        Action::Move { to } => vec![*to],
        Action::Drag { path, .. } => path.first().into_iter().chain(path.last()).copied().collect(),
        Action::Element { bounds, .. } => bounds.iter().map(|bounds| bounds.centre()).collect(),
        Action::Button { .. }
        | Action::Copy { .. }
        | Action::Key { .. }
        | Action::Hold { .. }
        | Action::Type { .. }
        | Action::Window { .. }
        | Action::Launch { .. }
        | Action::Open { .. }
        | Action::ReadClipboard
        | Action::ReadFile { .. }
        | Action::Shell { .. }
        | Action::WriteFile { .. } => Vec::new(),
    }
}
