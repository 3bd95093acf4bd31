//! Asking a person before what only they may allow: the one at the client, where it can ask, else
//! whoever watches with the control in hand.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use deskbound_accessibility::Tree;

use super::{Failing, Session};
use crate::action::Action;
use crate::control::{Answer, AskId, Extent, Phase, Want};
use crate::desktop::Desktop;
use crate::guard::Verdict;
use crate::limits::ANSWER_LIMIT;
use crate::record::{Record, StepSink};
use crate::stop::Stop;

/// Longest question: a command that is not shown to its end cannot be allowed.
const ASKED_CHARS: usize = 1000;

/// An answer on its way; `None` where nobody gives one.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Option<Answer>> + Send + 'a>>;

/// A way to the person at the other end of a session.
pub trait Approver: Send + Sync {
    fn ask<'a>(&'a self, question: &'a str) -> Asking<'a>;
}

/// Whoever made a call.
#[derive(Clone, Copy)]
pub struct Caller<'c> {
    /// `None` where the client cannot ask.
    pub approver: Option<&'c dyn Approver>,
    /// Asked when the caller gives the call up.
    pub cancelled: &'c Stop,
}

impl<D: Desktop, S: StepSink> Session<D, S> {
    /// `Err` says why not.
    pub(super) async fn is_approved(
        &mut self,
        (judged, told): (&Action, &Action),
        tree: &Tree,
        reason: String,
        caller: &Caller<'_>,
    ) -> Result<Result<(), String>, Failing> {
        if caller.approver.is_none() && !self.inbox.is_attended() {
            return Ok(Err(format!("{reason}, and nobody is there to ask")));
        }
        let asked = told.asked();
        if asked.chars().count() > ASKED_CHARS {
            return Ok(Err(format!("{reason}, and this is too long to ask a person about")));
        }
        self.asked += 1;
        let (ask, step, begun) = (AskId(self.asked), self.step, Instant::now());
        let action = told.clone();
        self.record(&Record::Asked { ask, step, action, reason: reason.clone() })?;
        let answer = self.given(ask, &format!("Allow “{asked}”? ({reason})"), caller).await?;
        self.stood += begun.elapsed();
        self.record(&Record::Answered { ask, answer, after: begun.elapsed() })?;
        Ok(match answer {
            Some(Answer::Approve { extent }) => {
                if extent == Extent::Run {
                    self.guard.grant(judged, tree);
                }
                Ok(())
            }
            Some(Answer::Deny) => Err("a person said no".to_owned()),
            None => Err("no person answered".to_owned()),
        })
    }

    /// The first answer from either side; none in time, and a call that was given up, are a no.
    async fn given(
        &mut self,
        ask: AskId,
        question: &str,
        caller: &Caller<'_>,
    ) -> Result<Option<Answer>, Failing> {
        self.inbox.enter(Phase::Asking(ask));
        let stop = self.inbox.stop().clone();
        let mut client = caller.approver.map(|approver| approver.ask(question));
        let limit = tokio::time::sleep(ANSWER_LIMIT);
        tokio::pin!(limit);
        loop {
            if let Some(answer) = self.inbox.answer(ask) {
                return Ok(Some(answer));
            }
            let of_client = async {
                match client.as_mut() {
                    Some(asking) => asking.await,
                    None => std::future::pending().await,
                }
            };
            if self.inbox.want() == Want::Hands {
                // They have other plans.
                return Ok(None);
            }
            tokio::select! {
                answer = of_client => {
                    client = None;
                    if answer.is_some() || !self.inbox.is_attended() {
                        return Ok(answer);
                    }
                }
                () = &mut limit => return Ok(None),
                () = caller.cancelled.asked() => return Ok(None),
                () = stop.asked() => return Err(Failing::Stopped),
                () = self.inbox.heard() => {}
            }
        }
    }

    /// Why the policy, or a person, does not let this be done.
    pub(super) async fn forbidden(
        &mut self,
        (judged, told): (&Action, &Action),
        tree: &Tree,
        caller: &Caller<'_>,
    ) -> Result<Option<String>, Failing> {
        let reason = match self.guard.check(judged, tree) {
            Verdict::Allow => None,
            Verdict::Ask { reason } => {
                self.is_approved((judged, told), tree, reason, caller).await?.err()
            }
            Verdict::Deny { reason } => Some(reason),
        };
        if let Some(reason) = &reason {
            let (step, action, reason) = (self.step, told.clone(), reason.clone());
            self.record(&Record::Denied { step, action, reason })?;
        }
        Ok(reason)
    }
}
