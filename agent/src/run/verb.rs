//! A verb's call: its target is found at the very moment, one action is performed, and what became
//! of it is the answer.
//!
//! ```text
//!   Verb ──▶ looked afresh ──▶ target ──▶ act ──▶ looked again ──▶ what changed
//!     └────▶ wait, read_file, look, ask, note: nothing is done
//! ```

use std::time::{Duration, Instant};

use deskbound_accessibility::{Effect, Number};
use deskbound_models::{ModelError, ToolCall};

use super::decide::{see, witnessed};
use super::grounding::GroundingSeat;
use super::hold::{Held, hold};
use super::think::Mind;
use super::{End, Outcome, Run, unrecorded};
use crate::action::Action;
use crate::aim::{Meant, Spot, absolute, meant, shows};
use crate::consequence::Consequence;
use crate::control::Phase;
use crate::desktop::{Desktop, Observation};
use crate::elements::elements;
use crate::record::Record;
use crate::skill::{File, Ground};
use crate::tool::{Clipboard, Place, ReadFile, Target, Tool, Wait};
use crate::verbs::Verb;

/// After an action the screen has this long to begin to change.
const CHANGE_LIMIT: Duration = Duration::from_millis(1500);
/// Longest wait of one call.
const WAIT_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks for a text.
const LOOK_AGAIN: Duration = Duration::from_millis(700);
/// Of a file or a clipboard that was read, the model is told so much.
const FILE_CHARS: usize = 4000;
pub(super) const AFRESH: &str = "a person had the desktop meanwhile; look at it afresh";

/// What a call came to: the evidence, or the reason.
pub(super) type Ended = Result<String, String>;

impl<D: Desktop> Run<'_, D> {
    pub(super) async fn verb(&mut self, call: &ToolCall) -> Result<Ended, End> {
        let tool = match Verb::read(call) {
            Ok(Verb::Tool(tool)) => tool,
            Ok(Verb::Held(action)) => return self.do_once(&action).await,
            Ok(Verb::Ask { question }) => return self.question(question).await,
            Ok(Verb::Note) => return Ok(Ok("it is noted".to_owned())),
            Err(reason) => return Ok(Err(reason)),
        };
        match &tool {
            Tool::Look(_) => {
                self.seen = None;
                Ok(Ok("looked again".to_owned()))
            }
            Tool::Wait(wait) => self.wait(wait).await,
            Tool::ReadFile(ReadFile { path }) => self.read_for_model(path).await,
            Tool::Clipboard(Clipboard { text: None }) => self.read_clipboard().await,
            Tool::Window(window) => {
                self.look().await?;
                let tree = &self.seen.as_ref().expect("looked right above").tree;
                match window.action(tree) {
                    Ok(action) => self.do_once(&action).await,
                    Err(reason) => Ok(Err(reason)),
                }
            }
            acting => {
                if acting.target().is_some() {
                    // Models take their time; a target is looked for where it is now.
                    self.seen = None;
                    self.look().await?;
                }
                let spot = match acting.target() {
                    Some(target) => match self.reach(target).await? {
                        Ok(spot) => Some(spot),
                        Err(reason) => return Ok(Err(reason)),
                    },
                    None => None,
                };
                match acting.action(spot, &self.home) {
                    Ok(action) => self.do_once(&action).await,
                    Err(reason) => Ok(Err(reason)),
                }
            }
        }
    }

    async fn do_once(&mut self, action: &Action) -> Result<Ended, End> {
        self.look().await?;
        let actions = std::slice::from_ref(action);
        match self.perform_all(actions, "the screen changes").await? {
            Outcome::Met => {}
            Outcome::Missed | Outcome::Interrupted => return Ok(Err(AFRESH.to_owned())),
            Outcome::Over(reason) => return Ok(Err(reason)),
        }
        let came = self.come_of(CHANGE_LIMIT).await;
        self.inbox.stepped();
        came
    }

    /// What is seen after an action that may have any consequence, or none.
    async fn come_of(&mut self, limit: Duration) -> Result<Ended, End> {
        let begun = Instant::now();
        let before = self.seen.take().expect("looked before acting");
        let numbers = self.numbering.number(&before.tree);
        let Held::Done(after) = self.next_look(&before, limit).await? else {
            return Ok(Err(AFRESH.to_owned()));
        };
        let unseen = Effect::nothing_happened("neither the tree nor a pixel changed");
        let now = self.numbering.number(&after.tree);
        let came = Consequence::between((&before, &numbers), (&after, &now), unseen);
        let answer = came.told();
        let is_something = !matches!(came.effect, Effect::NothingHappened { .. });
        self.idle = if is_something { 0 } else { self.idle + 1 };
        let (effect, took) = (came.effect, begun.elapsed());
        self.record(Record::Verified { step: self.step, effect, took })?;
        Ok(Ok(answer))
    }

    /// Waits for a change, and looks.
    async fn next_look(
        &mut self,
        before: &Observation,
        limit: Duration,
    ) -> Result<Held<Observation>, End> {
        self.inbox.enter(Phase::Observing);
        let deadline = self.deadline()?;
        let changed = self.desktop.changed(&before.frame, limit);
        let Held::Done(()) = hold(self.inbox, deadline, changed).await? else {
            return Ok(Held::TakenOver);
        };
        let Held::Done((observation, observe)) = self.observe().await? else {
            return Ok(Held::TakenOver);
        };
        self.saw(observation.clone(), observe)?;
        Ok(Held::Done(observation))
    }

    /// Where a target is now, its window brought to the front where another one covers it.
    async fn reach(&mut self, target: &Target) -> Result<Result<Spot, String>, End> {
        let spot = self.place(target)?;
        let Some(raise) = spot.as_ref().ok().and_then(Spot::raise) else {
            return Ok(spot);
        };
        match self.perform_all(&[raise], "its window comes to the front").await? {
            Outcome::Met => {}
            Outcome::Missed | Outcome::Interrupted => return Ok(Err(AFRESH.to_owned())),
            Outcome::Over(reason) => return Ok(Err(reason)),
        }
        self.seen = None;
        self.look().await?;
        self.place(target)
    }

    /// Where a target is now; `Err` is for the model.
    fn place(&mut self, target: &Target) -> Result<Result<Spot, String>, End> {
        let deadline = self.deadline()?;
        let observation = self.seen.as_ref().expect("looked before a target is found");
        let numbers = self.numbering.number(&observation.tree);
        let place = match target.place() {
            Ok(Place::Point(at)) => return Ok(Ok(Spot::at(at))),
            Ok(place) => place,
            Err(reason) => return Ok(Err(reason.to_owned())),
        };
        // Only what has a number may be one of those that were seen.
        let mut mind = Mind { inbox: self.inbox, deadline };
        let seen = match see(&mut self.sight, &mut mind, observation) {
            Ok(seen) => seen,
            Err(error) => return self.afresh(error),
        };
        let finds = witnessed(seen, self.sink)?;
        let number = match place {
            Place::Point(at) => return Ok(Ok(Spot::at(at))),
            Place::Element(number) => Number(number),
            Place::Words(words) => {
                let mut list = elements(&observation.tree, &numbers);
                list.extend(finds.iter().cloned());
                let candidates = list.iter().map(|element| element.candidate.clone()).collect();
                let mut seat = GroundingSeat {
                    mind: Mind { inbox: self.inbox, deadline },
                    grounder: self.models.grounder.as_mut(),
                    frame: &observation.frame,
                    asked: Vec::new(),
                };
                let found = seat.ground(words, candidates);
                for asked in seat.asked {
                    self.sink.record(&asked).map_err(|error| unrecorded(&error))?;
                }
                let found = match found {
                    Ok(found) => found,
                    Err(error) => return self.afresh(error),
                };
                match meant(words, &found, &list) {
                    Ok(Meant::Element(number)) => number,
                    Ok(Meant::Point(at)) => return Ok(Ok(Spot::at(at))),
                    Err(reason) => return Ok(Err(reason)),
                }
            }
        };
        Ok(Spot::of(number, (&observation.tree, &numbers), &finds))
    }

    /// A model that was told to end, for a person took over.
    fn afresh<T>(&mut self, error: ModelError) -> Result<Result<T, String>, End> {
        self.thought::<T>(Err(error)).map(|_| Err(AFRESH.to_owned()))
    }

    async fn wait(&mut self, wait: &Wait) -> Result<Ended, End> {
        let limit = Duration::from_secs(wait.seconds.into()).min(WAIT_LIMIT);
        self.look().await?;
        let Some(text) = &wait.text else {
            let came = self.come_of(limit).await?;
            // To wait in vain is no idling: it was asked for.
            self.idle = 0;
            return Ok(came);
        };
        let begun = Instant::now();
        loop {
            let before = self.seen.clone().expect("looked before waiting");
            if shows(&before.tree, text) {
                return Ok(Ok("it can be seen".to_owned()));
            }
            if self.desktop.is_patience_over(begun, limit) {
                return Ok(Err(format!("not seen within {} s", limit.as_secs())));
            }
            let Held::Done(_) = self.next_look(&before, LOOK_AGAIN).await? else {
                return Ok(Err(AFRESH.to_owned()));
            };
        }
    }

    async fn read_clipboard(&mut self) -> Result<Ended, End> {
        let deadline = self.deadline()?;
        let reading = self.desktop.clipboard();
        Ok(match hold(self.inbox, deadline, reading).await? {
            Held::Done(Some(text)) => Ok(text.chars().take(FILE_CHARS).collect()),
            Held::Done(None) => Err("there is no text in the clipboard".to_owned()),
            Held::TakenOver => Err(AFRESH.to_owned()),
        })
    }

    async fn read_for_model(&mut self, path: &str) -> Result<Ended, End> {
        let path = absolute(&self.home, path);
        Ok(match self.read(path.clone()).await? {
            Held::Done(Ok(File { text: Some(text), .. })) => {
                Ok(text.chars().take(FILE_CHARS).collect())
            }
            Held::Done(Ok(File { text: None, .. })) => Err(format!("there is no file {path}")),
            Held::Done(Err(reason)) => Err(reason),
            Held::TakenOver => Err(AFRESH.to_owned()),
        })
    }
}
