//! Between two moves a person is heard: the run stands still, is handed over, or is told something.

use deskbound_models::Prompt;

use super::{End, Run, unrecorded};
use crate::causes::chain;
use crate::control::Want;
use crate::desktop::Desktop;
use crate::person::{Broken, How, LetGo, Person};
use crate::record::{Record, StepSink};

impl<D: Desktop> Run<'_, D> {
    /// Returns when the run is to go on.
    pub(super) async fn steer(&mut self) -> Result<(), End> {
        loop {
            let want = self.inbox.want();
            self.listen()?;
            match want {
                Want::GoOn | Want::OneStep => return Ok(()),
                Want::StandStill => self.stand_still().await?,
                Want::Hands => self.hand_over().await?,
            }
        }
    }

    /// What was said to the models.
    pub(super) fn listen(&mut self) -> Result<(), End> {
        for text in self.inbox.prompts() {
            let prompt = Prompt { after: self.history.len(), text };
            self.record(Record::Prompted { prompt: prompt.clone() })?;
            self.prompts.push(prompt);
        }
        Ok(())
    }

    /// As long as a person likes; none of it is the run's own time.
    async fn stand_still(&mut self) -> Result<(), End> {
        let (after, prompts) = (self.history.len(), &mut self.prompts);
        let mut person = Person { desktop: self.desktop, inbox: self.inbox, sink: self.sink };
        let mut listen = |texts: Vec<String>, sink: &mut dyn StepSink| {
            texts.into_iter().try_for_each(|text| {
                let prompt = Prompt { after, text };
                sink.record(&Record::Prompted { prompt: prompt.clone() })?;
                prompts.push(prompt);
                Ok(())
            })
        };
        let let_go = person.stand_still(&mut listen).await;
        self.go_on(let_go)
    }

    /// The person's input is performed as it comes. Whatever they did, the run looks again.
    async fn hand_over(&mut self) -> Result<(), End> {
        self.seen = None;
        let mut person = Person { desktop: self.desktop, inbox: self.inbox, sink: self.sink };
        let let_go = person.hand_over().await;
        self.go_on(let_go)
    }

    fn go_on(&mut self, let_go: Result<LetGo, Broken>) -> Result<(), End> {
        let LetGo { after, how } = let_go.map_err(|broken| match broken {
            Broken::Desktop(error) => End::Error { what: chain(&error) },
            Broken::Record(error) => unrecorded(&error),
        })?;
        self.stood += after;
        match how {
            How::AsItWas => Ok(()),
            How::Changed => {
                self.seen = None;
                Ok(())
            }
            How::Stopped => Err(End::Stopped),
        }
    }
}
