//! After acting: look again until what was expected is there, or patience is over.

use std::time::{Duration, Instant};

use super::hold::{Held, hold};
use super::{End, Outcome, Run, verdict};
use crate::control::{Phase, Want};
use crate::desktop::Desktop;
use crate::record::Record;
use crate::skill::Expect;
use crate::view::View;

/// What changed on no pixel is looked for after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

impl<D: Desktop> Run<'_, D> {
    /// The observation that settles the matter is the next decision's.
    pub(super) async fn verify(&mut self, expect: &Expect) -> Result<Outcome, End> {
        let begun = Instant::now();
        let stood = self.stood;
        let mut before = self.seen.as_ref().expect("looked before acting").frame.clone();
        let (observation, observe, outcome) = loop {
            self.inbox.enter(Phase::Observing);
            // Standing still in the middle is nothing that the desktop is to be blamed for.
            if self.inbox.want() == Want::StandStill {
                self.steer().await?;
            }
            let deadline = self.deadline()?;
            let changed = self.desktop.changed(&before, LOOK_AGAIN);
            let Held::Done(()) = hold(self.inbox, deadline, changed).await? else {
                return Ok(Outcome::Interrupted);
            };
            let Held::Done((observation, observe)) = self.observe().await? else {
                return Ok(Outcome::Interrupted);
            };
            let view = View::new(&observation.tree);
            if expect.met(view) {
                break (observation, observe, Outcome::Met);
            }
            if let Some(question) = view.question() {
                break (observation, observe, Outcome::Over(question));
            }
            let patience = self.request.limits.patience * self.desktop.slowness();
            let patience = patience + (self.stood - stood);
            if self.desktop.is_patience_over(begun, patience) {
                break (observation, observe, Outcome::Missed);
            }
            before = observation.frame;
        };
        self.saw(observation, observe)?;
        let effect = verdict(matches!(outcome, Outcome::Met), expect);
        self.record(Record::Verified { step: self.step, effect, took: begun.elapsed() })?;
        Ok(outcome)
    }
}
