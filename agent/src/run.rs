//! The loop of one run: observe, decide, ground, guard, act, verify, record, until there is a
//! reason to end.
//!
//! Everything here that ends a run early is an `Err(End)`, so `?` carries it to [`run`], which lets
//! go of all keys and writes the last record. A person is heard before every move ([`steer`]), and
//! in the middle of every wait where they want the desktop for themselves ([`hold`]).

mod act;
mod call;
mod confirm;
mod decide;
mod grounding;
mod hold;
mod look;
mod question;
mod steer;
mod think;
mod verb;
mod verify;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{Effect, Numbering};
use deskbound_models::{Actor, Decision, Grounder, Hands, ModelError, Move, Prompt, Turn, Viewer};
use image::RgbImage;
use serde_json::Value;

use crate::action::Action;
use crate::causes::chain;
use crate::control::{Inbox, Phase};
use crate::desktop::{Desktop, Observation};
use crate::guard::Guard;
use crate::limits::{DECISIONS, Limits};
use crate::memory::Memory;
use crate::origins::Origins;
use crate::policy::{Policy, Surface};
use crate::record::{End, Record, StepSink, Which};
use crate::sight::Sight;
use crate::skill::Expect;
use crate::view::View;

/// The models of a run.
pub struct Roles {
    pub actor: Box<dyn Actor>,
    pub grounder: Box<dyn Grounder>,
    /// Asked only where the tree is silent; without one, what is there stays unseen.
    pub viewer: Option<Box<dyn Viewer>>,
}

/// What a run is for, and what it may cost.
#[derive(Clone, Debug)]
pub struct Request {
    pub instruction: String,
    /// Which models decide, in the words the user named them; for the record.
    pub models: String,
    /// Which desktop this is, such as `vm:minimal`; for the record.
    pub desktop: String,
    pub limits: Limits,
    pub policy: Policy,
    /// What all of it is, by digest; for the record.
    pub origins: Origins,
    /// Once all is done, an answer as JSON of this schema is asked for.
    pub schema: Option<Value>,
}

impl Request {
    /// On a disposable desktop; models and desktop without names, and the usual limits.
    pub fn new(instruction: impl Into<String>) -> Self {
        Self {
            instruction: instruction.into(),
            models: String::new(),
            desktop: String::new(),
            limits: Limits::default(),
            policy: Policy::of(Surface::Disposable),
            origins: Origins::default(),
            schema: None,
        }
    }
}

/// Does what the request says on a desktop, and what comes through the inbox meanwhile. Always
/// ends, with a reason.
pub async fn run<D: Desktop>(
    desktop: &mut D,
    models: &mut Roles,
    request: &Request,
    inbox: &mut Inbox,
    sink: &mut dyn StepSink,
) -> End {
    let home = desktop.home();
    let mut run = Run {
        guard: Guard::new(&home, request.policy.clone()),
        memory: Memory::new(&home),
        numbering: Numbering::default(),
        sight: Sight::new(models.viewer.take()),
        home,
        desktop,
        models,
        request,
        inbox,
        sink,
        started: Instant::now(),
        stood: Duration::ZERO,
        step: 0,
        asked: 0,
        failures: 0,
        tokens: 0,
        idle: 0,
        history: Vec::new(),
        views: Vec::new(),
        prompts: Vec::new(),
        seen: None,
        same: Same::default(),
    };
    let end = run.drive().await.err().unwrap_or(End::Done);
    run.inbox.enter(Phase::Over);
    run.models.viewer = run.sight.into_viewer();
    let released = run.desktop.release_all().await;
    let end = match (end, released) {
        (End::Done, Err(error)) => End::Error { what: chain(&error) },
        (end, _) => end,
    };
    let took = run.started.elapsed();
    match run.sink.record(&Record::Ended { end: end.clone(), steps: run.step, took }) {
        Ok(()) => end,
        Err(error) => unrecorded(&error),
    }
}

struct Run<'r, D> {
    desktop: &'r mut D,
    models: &'r mut Roles,
    request: &'r Request,
    inbox: &'r mut Inbox,
    sink: &'r mut dyn StepSink,
    home: String,
    guard: Guard,
    memory: Memory,
    /// What things are called to models, the same in every step.
    numbering: Numbering,
    sight: Sight,
    started: Instant,
    /// How long persons made it stand still or had it in their hands; that time is theirs.
    stood: Duration,
    step: u32,
    /// Questions to a person so far.
    asked: u32,
    /// Calls that failed: all of a skill's, and a verb's since the last that did not.
    failures: u32,
    /// Of the actor, so far.
    tokens: u64,
    /// Verbs in a row that changed nothing.
    idle: u32,
    history: Vec<Turn>,
    /// What was on the screen before each turn, as far as it is kept.
    views: Vec<Option<Arc<RgbImage>>>,
    prompts: Vec<Prompt>,
    /// What was seen last, since the last action.
    seen: Option<Observation>,
    same: Same,
}

/// The same actions on the same view, and how often.
#[derive(Default)]
struct Same {
    actions: Vec<Action>,
    view: u64,
    times: u32,
}

/// How a skill's action turned out.
enum Outcome {
    Met,
    Missed,
    /// A person had the desktop meanwhile: decide again, by what is seen now.
    Interrupted,
    /// The call is over: a question nobody answers, a denial, no progress.
    Over(String),
}

impl<D: Desktop> Run<'_, D> {
    async fn drive(&mut self) -> Result<(), End> {
        self.record(Record::Started {
            instruction: self.request.instruction.clone(),
            models: self.request.models.clone(),
            desktop: self.request.desktop.clone(),
            limits: self.request.limits,
            policy: self.request.policy.clone(),
            home: self.home.clone(),
            origins: self.request.origins.clone(),
        })?;
        let hands = self.models.actor.hands();
        let decisions = match hands {
            Hands::Skills => DECISIONS,
            Hands::Verbs => DECISIONS.max(self.request.limits.steps),
        };
        for _ in 0..decisions {
            self.steer().await?;
            self.look().await?;
            let Some(decision) = self.decide(hands)? else { continue };
            let Decision { next, then, mut said, .. } = decision;
            match next {
                // Every call of a skill was verified itself.
                Move::Done if hands == Hands::Skills => return self.answer(hands),
                Move::Done if self.is_confirmed().await? => return self.answer(hands),
                Move::Done => {}
                Move::Refuse { reason } => return Err(self.refused(reason)),
                Move::Call(call) => {
                    for call in std::iter::once(call).chain(then) {
                        // The rest of a reply was written without the question that came up.
                        if !self.call(call, said.take(), hands).await? || self.is_asked() {
                            break;
                        }
                    }
                }
            }
        }
        Err(End::Limit { which: Which::Decisions })
    }

    /// Whether a dialog wants something decided, as far as has been looked.
    fn is_asked(&self) -> bool {
        let question = |seen: &Observation| View::new(&seen.tree).question();
        self.seen.as_ref().and_then(question).is_some()
    }

    /// A refusal before anything was tried is the instruction's fault; after a failed call it is
    /// that call's.
    fn refused(&self, reason: String) -> End {
        match self.history.last() {
            None => End::Infeasible { reason },
            Some(turn) if !turn.succeeded => End::Failed { reason: turn.answer.clone() },
            Some(_) => End::Failed { reason },
        }
    }

    fn record(&mut self, record: Record) -> Result<(), End> {
        self.sink.record(&record).map_err(|error| unrecorded(&error))
    }
}

fn unrecorded(error: &io::Error) -> End {
    End::Error { what: format!("the record of this run could not be kept: {}", chain(error)) }
}

fn model_end(error: &ModelError) -> End {
    End::Error { what: chain(error) }
}

/// A verdict, as the record of it says.
fn verdict(met: bool, expect: &Expect) -> Effect {
    if met {
        Effect::confirmed(expect.what.clone())
    } else {
        Effect::nothing_happened(format!("it was expected that {}", expect.what))
    }
}
