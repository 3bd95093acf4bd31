//! A person at a desktop that a program drives: it stands still for them, or is in their hands.
//!
//! A run and a session have both, between two moves; what they do before and after is theirs.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::causes::chain;
use crate::control::{Inbox, Phase, Touch, Want};
use crate::desktop::{Desktop, DesktopError, Standing};
use crate::limits::CLIPBOARD_BYTES;
use crate::record::{Hand, Record, StepSink};

/// The desktop, how the person is heard, and where it is recorded.
pub(crate) struct Person<'p, D> {
    pub(crate) desktop: &'p mut D,
    pub(crate) inbox: &'p mut Inbox,
    pub(crate) sink: &'p mut dyn StepSink,
}

/// Takes what a person said while all stood still.
pub(crate) type Listen<'l> =
    dyn FnMut(Vec<String>, &mut dyn StepSink) -> io::Result<()> + Send + 'l;

/// How a person let go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LetGo {
    /// How long they had it.
    pub(crate) after: Duration,
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Nothing has changed but the time outside.
    AsItWas,
    /// It has to be looked at again.
    Changed,
    /// They want it to end.
    Stopped,
}

#[derive(Debug)]
pub(crate) enum Broken {
    Desktop(DesktopError),
    Record(io::Error),
}

impl From<DesktopError> for Broken {
    fn from(error: DesktopError) -> Self {
        Self::Desktop(error)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Record(error)
    }
}

impl<D: Desktop> Person<'_, D> {
    /// As long as they like. `listen` is told what they said meanwhile.
    pub(crate) async fn stand_still(&mut self, listen: &mut Listen<'_>) -> Result<LetGo, Broken> {
        let begun = Instant::now();
        let standing = self.desktop.freeze().await?;
        self.sink.record(&Record::Paused { standing })?;
        self.inbox.enter(Phase::Paused);
        let stopped = loop {
            if self.inbox.want() != Want::StandStill {
                break false;
            }
            listen(self.inbox.prompts(), self.sink)?;
            if self.inbox.heard_or_stopped().await {
                break true;
            }
        };
        self.desktop.thaw().await?;
        let after = begun.elapsed();
        if stopped {
            return Ok(LetGo { after, how: How::Stopped });
        }
        self.sink.record(&Record::Resumed { after })?;
        let how = if standing == Standing::Live { How::Changed } else { How::AsItWas };
        Ok(LetGo { after, how })
    }

    /// Their input is performed as it comes.
    pub(crate) async fn hand_over(&mut self) -> Result<LetGo, Broken> {
        let begun = Instant::now();
        self.desktop.release_all().await?;
        self.sink.record(&Record::TakenOver)?;
        self.inbox.enter(Phase::TakenOver);
        let stopped = 'over: loop {
            let want = self.inbox.want();
            while let Some(touch) = self.inbox.by_hand() {
                if self.is_stopped_at(&touch).await? {
                    break 'over true;
                }
            }
            if want != Want::Hands {
                break false;
            }
            if self.inbox.heard_or_stopped().await {
                break true;
            }
        };
        self.desktop.release_all().await?;
        let after = begun.elapsed();
        if stopped {
            return Ok(LetGo { after, how: How::Stopped });
        }
        self.sink.record(&Record::GivenBack { after })?;
        Ok(LetGo { after, how: How::Changed })
    }

    /// What a person cannot do by hand ends nothing.
    async fn is_stopped_at(&mut self, touch: &Touch) -> Result<bool, Broken> {
        let stop = self.inbox.stop().clone();
        let desktop = &mut *self.desktop;
        let mut carried = None;
        let done = async {
            match touch {
                Touch::Input(action) => desktop.perform(action).await.map(drop),
                Touch::Reset => desktop.reset().await,
                Touch::Carry => {
                    carried = Some(carried_out(desktop.clipboard().await?)?);
                    Ok(())
                }
            }
        };
        let done = tokio::select! {
            () = stop.asked() => return Ok(true),
            done = done => done,
        };
        let refused = match done {
            Ok(()) => None,
            Err(error) if error.is_of_the_call() => Some(chain(&error)),
            Err(error) => return Err(error.into()),
        };
        let text = match touch {
            Touch::Input(action) => Hand::text_of(action),
            Touch::Reset => None,
            Touch::Carry => carried.as_deref(),
        };
        let characters = text.map_or(0, |text| text.chars().count());
        let digest = match text {
            Some(text) if characters > 1 => self.sink.digest(text)?,
            _ => None,
        };
        let hand = match touch {
            Touch::Input(action) => Hand::of(action, digest),
            Touch::Reset => Hand::Reset,
            Touch::Carry => Hand::Carried { characters, digest },
        };
        self.sink.record(&Record::ByHand { hand, refused })?;
        // It leaves once that it does is on record.
        if let Some(text) = carried {
            self.inbox.carry(text);
        }
        Ok(false)
    }
}

/// What of a clipboard may leave the desktop: a text, and no longer one than terminals take.
fn carried_out(text: Option<String>) -> Result<Arc<str>, DesktopError> {
    let refused = |why: String| DesktopError::refused("the clipboard is not carried out", why);
    match text {
        None => Err(refused("there is no text on it".to_owned())),
        Some(text) if text.len() > CLIPBOARD_BYTES => {
            Err(refused(format!("it has {} bytes, more than {CLIPBOARD_BYTES}", text.len())))
        }
        Some(text) => Ok(text.into()),
    }
}
