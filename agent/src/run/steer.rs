//! Between two moves a person is heard: the run stands still, is handed over, or is told something.

use std::time::Instant;

use deskbound_models::Prompt;

use super::{End, Run};
use crate::action::Action;
use crate::causes::chain;
use crate::control::{Phase, Want};
use crate::desktop::{Desktop, DesktopError, Standing};
use crate::record::{Hand, Record};

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
    fn listen(&mut self) -> Result<(), End> {
        for text in self.inbox.prompts() {
            let prompt = Prompt { after: self.history.len(), text };
            self.record(Record::Prompted { prompt: prompt.clone() })?;
            self.prompts.push(prompt);
        }
        Ok(())
    }

    /// As long as a person likes; none of it is the run's own time.
    async fn stand_still(&mut self) -> Result<(), End> {
        let begun = Instant::now();
        let standing = self.desktop.freeze().await.map_err(|error| broken(&error))?;
        self.record(Record::Paused { standing })?;
        self.inbox.enter(Phase::Paused);
        let stopped = loop {
            if self.inbox.want() != Want::StandStill {
                break false;
            }
            self.listen()?;
            if self.inbox.heard_or_stopped().await {
                break true;
            }
        };
        self.desktop.thaw().await.map_err(|error| broken(&error))?;
        self.stood += begun.elapsed();
        if stopped {
            return Err(End::Stopped);
        }
        if standing == Standing::Live {
            self.seen = None;
        }
        self.record(Record::Resumed { after: begun.elapsed() })
    }

    /// The person's input is performed as it comes. Whatever they did, the run looks again.
    async fn hand_over(&mut self) -> Result<(), End> {
        let begun = Instant::now();
        self.seen = None;
        self.desktop.release_all().await.map_err(|error| broken(&error))?;
        self.record(Record::TakenOver)?;
        self.inbox.enter(Phase::TakenOver);
        let stopped = loop {
            let want = self.inbox.want();
            while let Some(action) = self.inbox.by_hand() {
                self.hand(&action).await?;
            }
            if want != Want::Hands {
                break false;
            }
            if self.inbox.heard_or_stopped().await {
                break true;
            }
        };
        self.desktop.release_all().await.map_err(|error| broken(&error))?;
        self.stood += begun.elapsed();
        if stopped {
            return Err(End::Stopped);
        }
        self.record(Record::GivenBack { after: begun.elapsed() })
    }

    /// What a person cannot do by hand ends nothing.
    async fn hand(&mut self, action: &Action) -> Result<(), End> {
        let stop = self.inbox.stop().clone();
        let performed = tokio::select! {
            () = stop.asked() => return Err(End::Stopped),
            performed = self.desktop.perform(action) => performed,
        };
        let refused = match performed {
            Ok(_) => None,
            Err(error) if error.is_of_the_call() => Some(chain(&error)),
            Err(error) => return Err(broken(&error)),
        };
        self.record(Record::ByHand { hand: Hand::of(action), refused })
    }
}

fn broken(error: &DesktopError) -> End {
    End::Error { what: chain(error) }
}
