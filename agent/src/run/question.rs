//! Asking a person: whether an action may be done, or for something that a model wants to know.

use std::time::Instant;

use super::verb::{AFRESH, Ended};
use super::{End, Run};
use crate::control::{Answer, AskId, Inbox, Phase, Want};
use crate::desktop::Desktop;
use crate::limits::ANSWER_LIMIT;
use crate::record::Record;

const NOBODY: &str = "nobody is there to answer";
const NO_ANSWER: &str = "no answer was given; go on without one, or give up";

/// How a person met a question.
pub(super) enum Met<T> {
    Given(T),
    /// Nothing came within [`ANSWER_LIMIT`], or the run's own time.
    Silence,
    TakenOver,
}

/// What a person said to a model's question; `None` where they said that they do not.
type Said = Option<String>;

impl<D: Desktop> Run<'_, D> {
    /// Waits until `take` finds an answer to this question in the inbox.
    pub(super) async fn given<T>(
        &mut self,
        ask: AskId,
        take: impl Fn(&mut Inbox) -> Option<T>,
    ) -> Result<Met<T>, End> {
        self.inbox.enter(Phase::Asking(ask));
        let deadline = (Instant::now() + ANSWER_LIMIT).min(self.deadline()?);
        let stop = self.inbox.stop().clone();
        loop {
            if let Some(given) = take(self.inbox) {
                return Ok(Met::Given(given));
            }
            tokio::select! {
                () = stop.asked() => return Err(End::Stopped),
                () = tokio::time::sleep_until(deadline.into()) => return Ok(Met::Silence),
                () = self.inbox.heard() => {}
            }
            if self.inbox.want() == Want::Hands {
                return Ok(Met::TakenOver);
            }
        }
    }

    /// What the person says next is the answer. The wait is the run's own time: the model chose it.
    pub(super) async fn question(&mut self, question: String) -> Result<Ended, End> {
        if !self.inbox.is_attended() {
            return Ok(Err(NOBODY.to_owned()));
        }
        self.asked += 1;
        let (ask, begun) = (AskId(self.asked), Instant::now());
        // What was said before it is no answer to it.
        self.inbox.want();
        self.listen()?;
        self.inbox.answer(ask);
        self.record(Record::Questioned { ask, question })?;
        let met = self.given(ask, |inbox| said(inbox, ask)).await?;
        let (text, otherwise) = match met {
            Met::Given(text) => (text, NO_ANSWER),
            Met::Silence => (None, NO_ANSWER),
            Met::TakenOver => (None, AFRESH),
        };
        self.record(Record::Replied { ask, text: text.clone(), after: begun.elapsed() })?;
        Ok(match text {
            Some(text) => Ok(format!("the person says: {text}")),
            None => Err(otherwise.to_owned()),
        })
    }
}

/// Words, or the short answers that questions about actions have.
fn said(inbox: &mut Inbox, ask: AskId) -> Option<Said> {
    match inbox.answer(ask) {
        Some(Answer::Approve { .. }) => return Some(Some("yes".to_owned())),
        Some(Answer::Deny) => return Some(None),
        None => {}
    }
    let texts = inbox.prompts();
    (!texts.is_empty()).then(|| Some(texts.join("\n")))
}
