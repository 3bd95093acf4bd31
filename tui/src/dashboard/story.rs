//! A run as it has been told so far: records in, rows and facts out. Nothing here draws or waits.

use std::path::Path;
use std::time::Duration;

use deskbound_agent::action::Action;
use deskbound_agent::journal::{Attached, Entry, Reader, VerifyError};
use deskbound_agent::limits::Limits;
use deskbound_agent::policy::Policy;
use deskbound_agent::record::{Hand, Record};
use deskbound_models::{Decision, Move, Turn, Usage};
use serde::Deserialize as _;
use serde_json::Value;

use super::moment::{Act, Call, LookId, Moment, Split, Steer, What};
use super::phase::Phase;
use super::question::{Question, Wanted};
use crate::verb::run::by_hand;

/// One observation: the files that hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) at: Duration,
    pub(crate) frame: Option<Attached>,
    pub(crate) tree: Option<Attached>,
}

/// What a run was started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) instruction: String,
    pub(crate) models: String,
    pub(crate) desktop: String,
    /// `None` where the record does not say.
    pub(crate) policy: Option<Policy>,
    /// `None` where the record does not say.
    pub(crate) limits: Option<Limits>,
}

#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) heading: Option<Heading>,
    pub(crate) moments: Vec<Moment>,
    pub(crate) looks: Vec<Look>,
    pub(crate) phase: Phase,
    pub(crate) step: u32,
    /// When the last record was made.
    pub(crate) at: Duration,
    /// When the first was: the run's own clock starts there.
    pub(crate) begun: Duration,
    pub(crate) closed: bool,
    /// A question that waits for its answer.
    pub(crate) question: Option<Question>,
    /// What a model wants to know, as long as it waits.
    pub(crate) wanted: Option<Wanted>,
    /// Why the last thing that was done by hand was not taken, until it has been told.
    pub(crate) not_taken: Option<String>,
    /// What the last decision took.
    pub(crate) thought: Option<(Duration, Usage)>,
    /// Time spent since the last row, which the next row gets.
    pending: Split,
    /// The last call, which has not ended yet.
    open_call: Option<usize>,
}

impl Default for Story {
    fn default() -> Self {
        Self {
            heading: None,
            moments: Vec::new(),
            looks: Vec::new(),
            phase: Phase::Starting,
            step: 0,
            at: Duration::ZERO,
            begun: Duration::ZERO,
            closed: false,
            question: None,
            wanted: None,
            not_taken: None,
            thought: None,
            pending: Split::default(),
            open_call: None,
        }
    }
}

impl Story {
    /// All that a journal says so far.
    pub(crate) fn read(run: &Path) -> Result<Self, VerifyError> {
        let (mut story, mut reader) = (Self::default(), Reader::open(run)?);
        while let Some(entry) = reader.next_entry()? {
            story.take(entry);
        }
        Ok(story)
    }

    /// Takes one line of a journal.
    pub(crate) fn take(&mut self, entry: Entry) {
        self.at = Duration::from_millis(entry.mono_ms);
        let Some(value) = entry.record else {
            self.closed = true;
            return;
        };
        match Record::deserialize(&value).ok() {
            Some(Record::Observed { observe, .. }) => {
                let find = |frame| entry.files.iter().find(|file| file.is_frame() == frame);
                let (frame, tree) = (find(true).cloned(), find(false).cloned());
                self.looks.push(Look { at: self.at, frame, tree });
                self.pending.look += observe;
                self.phase = match self.moments.last().map(|moment| &moment.what) {
                    Some(What::Act(Act { effect: None, .. })) => Phase::Observing,
                    _ => Phase::Thinking,
                };
            }
            Some(record) => self.told(record),
            None => self.unknown(&value),
        }
    }

    /// The look that the agent has now, if it has one.
    pub(crate) fn last_look(&self) -> Option<LookId> {
        self.looks.len().checked_sub(1).map(LookId)
    }

    /// The look that came right after this row.
    pub(crate) fn look_after(&self, index: usize) -> Option<LookId> {
        let moment = self.moments.get(index)?;
        let next = moment.look.map_or(0, |LookId(look)| look + 1);
        (next < self.looks.len()).then_some(LookId(next))
    }

    fn told(&mut self, record: Record) {
        match record {
            Record::Started { instruction, models, desktop, limits, policy, .. } => {
                let (limits, policy) = (Some(limits), Some(policy));
                self.begin(Heading { instruction, models, desktop, policy, limits });
            }
            // A look is taken apart in `take`, which knows its files; a read shows in its verdict.
            Record::Observed { .. }
            | Record::Viewed { .. }
            | Record::Read { .. }
            | Record::Searched { .. }
            | Record::Confirmed { .. }
            | Record::Reported { .. } => {}
            Record::Decided { decision, think } => {
                self.pending.think += think;
                self.thought = Some((think, decision.usage));
                self.decided(decision);
            }
            Record::Grounded { phrase, candidates, grounding, ground } => {
                self.pending.ground += ground;
                self.push(What::Ground { phrase, candidates, grounding });
                self.phase = Phase::Acting;
            }
            Record::Acted { step, action, expects, act } => {
                self.step = step;
                self.phase = Phase::Observing;
                if let Some(Moment { what: What::Act(last), split, .. }) = self.moments.last_mut()
                    && last.step == step
                {
                    last.actions.push(action);
                    (last.about, last.expects) = (None, expects);
                    split.act += act;
                } else {
                    self.pending.act += act;
                    let (about, actions, effect) = (None, vec![action], None);
                    self.push(What::Act(Act { step, about, actions, expects, effect }));
                }
            }
            Record::Aimed { step, action } => self.aimed(step, action),
            Record::Denied { step, action, reason } => {
                self.step = step;
                self.push(What::Denied { step, action, reason });
            }
            Record::Verified { effect, took, .. } => {
                let mut acts = self.moments.iter_mut().rev();
                let last = acts.find_map(|moment| match &mut moment.what {
                    What::Act(act) => Some((act, &mut moment.split)),
                    _ => None,
                });
                if let Some((act, split)) = last {
                    (act.effect, split.check) = (Some(effect), took);
                }
                self.phase = Phase::Acting;
            }
            Record::Called { turn, took } => self.called(turn, took),
            Record::Ended { end, steps, took } => {
                (self.question, self.wanted) = (None, None);
                self.phase = Phase::of_end(&end);
                self.push(What::End { end, steps, took });
            }
            Record::Asked { .. }
            | Record::Answered { .. }
            | Record::Questioned { .. }
            | Record::Replied { .. }
            | Record::Prompted { .. }
            | Record::Paused { .. }
            | Record::Resumed { .. }
            | Record::TakenOver
            | Record::ByHand { .. }
            | Record::GivenBack { .. } => self.person(record),
        }
    }

    fn aimed(&mut self, step: u32, action: Action) {
        self.phase = Phase::Acting;
        let about = Some(action);
        match self.moments.last_mut().map(|moment| &mut moment.what) {
            Some(What::Act(last)) if last.step == step => last.about = about,
            _ => {
                let (actions, expects, effect) = (Vec::new(), String::new(), None);
                self.push(What::Act(Act { step, about, actions, expects, effect }));
            }
        }
    }

    /// What a person was asked, said and did.
    fn person(&mut self, record: Record) {
        match record {
            Record::Asked { ask, step, action, reason } => {
                let question = Question { ask, step, action, reason, at: self.at };
                self.question = Some(question.clone());
                self.push(What::Ask { question, answer: None });
                self.phase = Phase::Asking;
            }
            Record::Answered { ask, answer: given, .. } => {
                self.question = None;
                let asked =
                    self.moments.iter_mut().rev().find_map(|moment| match &mut moment.what {
                        What::Ask { question, answer } if question.ask == ask => Some(answer),
                        _ => None,
                    });
                if let Some(answer) = asked {
                    *answer = Some(given);
                }
                self.phase = Phase::Acting;
            }
            Record::Questioned { ask, question } => {
                self.wanted = Some(Wanted { question: question.clone(), at: self.at });
                self.push(What::Question { ask, question, reply: None });
                self.phase = Phase::Asking;
            }
            Record::Replied { ask: replied, text, .. } => {
                self.wanted = None;
                let mut latest = self.moments.iter_mut().rev().map(|moment| &mut moment.what);
                let asked = latest.find_map(|what| match what {
                    What::Question { ask, reply, .. } if *ask == replied => Some(reply),
                    _ => None,
                });
                if let Some(reply) = asked {
                    *reply = Some(text);
                }
                self.phase = Phase::Acting;
            }
            Record::Prompted { prompt } => self.push(What::Steer(Steer::Prompted(prompt.text))),
            Record::Paused { .. } => self.steered(Steer::Paused, Phase::Paused),
            Record::Resumed { .. } => self.steered(Steer::Resumed, Phase::Observing),
            Record::TakenOver => self.steered(Steer::TakenOver, Phase::Control),
            Record::GivenBack { .. } => self.steered(Steer::GivenBack, Phase::Observing),
            Record::ByHand { hand, refused } => self.by_hand(&hand, refused),
            _ => {}
        }
    }

    fn steered(&mut self, steer: Steer, phase: Phase) {
        self.push(What::Steer(steer));
        self.phase = phase;
    }

    /// Every key would be a row.
    fn by_hand(&mut self, hand: &Hand, why: Option<String>) {
        self.not_taken = why.clone();
        let said = hand.digest().map(|_| by_hand(hand));
        match self.moments.last_mut().map(|moment| &mut moment.what) {
            Some(What::Steer(Steer::ByHand { times, refused, text })) => {
                *times += 1;
                *refused = why.or(refused.take());
                *text = said.or(text.take());
            }
            _ => self.push(What::Steer(Steer::ByHand { times: 1, refused: why, text: said })),
        }
    }

    fn decided(&mut self, Decision { next, confidence, thought, .. }: Decision) {
        match next {
            Move::Call(call) => {
                self.open_call = Some(self.moments.len());
                let took = Duration::ZERO;
                self.push(What::Call(Call { call, thought, confidence, outcome: None, took }));
                self.phase = Phase::Acting;
            }
            Move::Done => self.push(What::Over { thought, refusal: None }),
            Move::Refuse { reason } => self.push(What::Over { thought, refusal: Some(reason) }),
        }
    }

    fn called(&mut self, Turn { call, succeeded, answer, .. }: Turn, took: Duration) {
        if self.open_call.is_none() {
            // One of several calls of one reply.
            self.open_call = Some(self.moments.len());
            let (thought, confidence) = (String::new(), 1.0);
            self.push(What::Call(Call { call, thought, confidence, outcome: None, took }));
        }
        let open = self.open_call.take().and_then(|index| self.moments.get_mut(index));
        if let Some(Moment { what: What::Call(call), .. }) = open {
            (call.outcome, call.took) = (Some((succeeded, answer)), took);
        }
        self.phase = Phase::Thinking;
    }

    fn begin(&mut self, heading: Heading) {
        self.heading = Some(heading);
        self.begun = self.at;
        self.phase = Phase::Observing;
    }

    /// A record of a kind that came after this program, or of a shape from before it.
    fn unknown(&mut self, value: &Value) {
        let text = |name| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let name = text("record");
        if name == "started" {
            let limits = value.get("limits").and_then(|limits| Limits::deserialize(limits).ok());
            let (instruction, models) = (text("instruction"), text("models"));
            let (desktop, policy) = (text("desktop"), None);
            return self.begin(Heading { instruction, models, desktop, policy, limits });
        }
        match checks(value) {
            Some(checks) if checks.is_empty() => {}
            Some(checks) => self.push(What::Checked(checks)),
            None => self.push(What::Other { name, text: value.to_string() }),
        }
    }

    fn push(&mut self, what: What) {
        let split = std::mem::take(&mut self.pending);
        self.moments.push(Moment { at: self.at, what, look: self.last_look(), split });
    }
}

/// What was looked for after the end, and whether it was so; `None` of any other record.
pub(crate) fn checks(record: &Value) -> Option<Vec<(String, bool)>> {
    let checks = record.get("checks")?.as_array().filter(|_| record["record"] == "checked")?;
    let text = |check: &Value, name: &str| Some(check.get(name)?.as_str()?.to_owned());
    let said = |check: &Value| {
        let what = match (text(check, "file"), text(check, "missing")) {
            (Some(file), _) => format!("{file} says what it should"),
            (None, Some(file)) => format!("{file} is gone"),
            (None, None) => check.to_string(),
        };
        (what, check["holds"] == true)
    };
    Some(checks.iter().map(said).collect())
}
