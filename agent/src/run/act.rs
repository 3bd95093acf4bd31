//! Acting: each action is looked at by the guard, asked for where it says so, performed, recorded.

use std::time::Instant;

use super::hold::{Held, hold};
use super::question::Met;
use super::{End, Outcome, Run, Same};
use crate::action::Action;
use crate::causes::chain;
use crate::control::{Answer, AskId, Extent, Phase};
use crate::desktop::{Desktop, DesktopError, Performed};
use crate::guard::Verdict;
use crate::limits::{AIM_TIME, SAME_MOVE};
use crate::record::{Record, Which};
use crate::secrets;
use crate::skill::Expect;
use crate::view::View;

/// Whether one action was performed.
enum Act {
    Performed,
    TakenOver,
    /// The guard, a person or the desktop says no.
    Refused(String),
}

impl<D: Desktop> Run<'_, D> {
    /// Performs actions one after the other, then verifies.
    pub(super) async fn act(
        &mut self,
        actions: &[Action],
        expect: &Expect,
    ) -> Result<Outcome, End> {
        match self.perform_all(actions, &expect.what).await? {
            Outcome::Met => {}
            other => return Ok(other),
        }
        let outcome = self.verify(expect).await;
        self.inbox.stepped();
        outcome
    }

    /// Performs actions one after the other; met if all were.
    pub(super) async fn perform_all(
        &mut self,
        actions: &[Action],
        expects: &str,
    ) -> Result<Outcome, End> {
        if let Some(reason) = self.stuck(actions, expects) {
            return Ok(Outcome::Over(reason));
        }
        if self.step >= self.request.limits.steps {
            return Err(End::Limit { which: Which::Steps });
        }
        self.step += 1;
        for action in actions {
            match self.act_once(action, expects).await? {
                Act::Performed => {}
                Act::TakenOver => return Ok(Outcome::Interrupted),
                Act::Refused(reason) => return Ok(Outcome::Over(reason)),
            }
        }
        Ok(Outcome::Met)
    }

    async fn act_once(&mut self, action: &Action, expects: &str) -> Result<Act, End> {
        let tree = &self.seen.as_ref().expect("looked before acting").tree;
        match self.guard.check(action, tree) {
            Verdict::Allow => {
                if let Held::TakenOver = self.aim(action).await? {
                    return Ok(Act::TakenOver);
                }
            }
            Verdict::Ask { reason } => match self.ask(action, reason).await? {
                Act::Performed => {}
                other => return Ok(other),
            },
            Verdict::Deny { reason } => return self.denied(action, reason),
        }
        let told = secrets::told(action, &self.seen.as_ref().expect("looked before acting").tree);
        self.inbox.enter(Phase::Acting);
        let begun = Instant::now();
        let deadline = self.deadline()?;
        let performing = async { typed(self.desktop.perform(action).await) };
        match hold(self.inbox, deadline, performing).await? {
            Held::Done(Ok(())) => {}
            Held::Done(Err(reason)) => return Ok(Act::Refused(reason)),
            Held::TakenOver => return Ok(Act::TakenOver),
        }
        self.record(Record::Acted {
            step: self.step,
            action: told,
            expects: expects.to_owned(),
            act: begun.elapsed(),
        })?;
        Ok(Act::Performed)
    }

    /// Says where the pointer is about to be used; whoever holds the control has a moment to see it,
    /// and to take over.
    async fn aim(&mut self, action: &Action) -> Result<Held<()>, End> {
        if !action.is_pointed() {
            return Ok(Held::Done(()));
        }
        self.record(Record::Aimed { step: self.step, action: action.clone() })?;
        if !self.inbox.is_attended() {
            return Ok(Held::Done(()));
        }
        let deadline = self.deadline()?;
        let shown = async {
            tokio::time::sleep(AIM_TIME).await;
            Ok(())
        };
        hold(self.inbox, deadline, shown).await
    }

    fn denied(&mut self, action: &Action, reason: String) -> Result<Act, End> {
        let tree = &self.seen.as_ref().expect("looked before acting").tree;
        let (step, action) = (self.step, secrets::told(action, tree));
        self.record(Record::Denied { step, action, reason: reason.clone() })?;
        Ok(Act::Refused(reason))
    }

    /// Asks a person. Nobody there, and no answer in time, are a no. `Performed` is a yes.
    async fn ask(&mut self, action: &Action, reason: String) -> Result<Act, End> {
        if !self.inbox.is_attended() {
            return self.denied(action, format!("{reason}, and nobody is there to ask"));
        }
        self.asked += 1;
        let ask = AskId(self.asked);
        let begun = Instant::now();
        let tree = &self.seen.as_ref().expect("looked before acting").tree;
        let told = secrets::told(action, tree);
        self.record(Record::Asked { ask, step: self.step, action: told, reason })?;
        let answer = match self.given(ask, |inbox| inbox.answer(ask)).await? {
            Met::Given(answer) => Some(answer),
            Met::Silence => None,
            Met::TakenOver => return Ok(Act::TakenOver),
        };
        let given = answer.unwrap_or(Answer::Deny);
        self.stood += begun.elapsed();
        self.record(Record::Answered { ask, answer, after: begun.elapsed() })?;
        match given {
            Answer::Approve { extent } => {
                if extent == Extent::Run {
                    let tree = &self.seen.as_ref().expect("looked before acting").tree;
                    self.guard.grant(action, tree);
                }
                Ok(Act::Performed)
            }
            Answer::Deny => self.denied(action, "a person said no".to_owned()),
        }
    }

    /// Notices going round in circles.
    fn stuck(&mut self, actions: &[Action], expects: &str) -> Option<String> {
        let view = View::new(&self.seen.as_ref().expect("looked before acting").tree).digest();
        if self.same.view == view && self.same.actions == actions {
            self.same.times += 1;
        } else {
            self.same = Same { actions: actions.to_vec(), view, times: 1 };
        }
        let stuck = self.same.times >= SAME_MOVE;
        stuck.then(|| format!("no progress: it was expected that {expects}"))
    }
}

/// What a model can do something about is a matter of the call; all else is the desktop's.
fn typed(done: Result<Performed, DesktopError>) -> Result<Result<(), String>, DesktopError> {
    match done {
        Ok(_) => Ok(Ok(())),
        Err(error) if error.is_of_the_call() => Ok(Err(chain(&error))),
        Err(error) => Err(error),
    }
}
