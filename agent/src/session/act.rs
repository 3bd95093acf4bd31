//! Acting: a call's target is found, the guard is asked, and what became of it is looked at.

use std::time::{Duration, Instant};

use deskbound_accessibility::Effect;

use super::{Answer, Caller, Failing, Seen, Session};
use crate::action::{Action, Pressed};
use crate::causes::chain;
use crate::consequence::Consequence;
use crate::control::{Phase, Want};
use crate::desktop::Desktop;
use crate::limits::AIM_TIME;
use crate::record::{Record, StepSink};
use crate::secrets;
use crate::tool::Tool;
use crate::view::View;

/// After an action the screen has this long to begin to change.
const CHANGE_LIMIT: Duration = Duration::from_millis(1500);
/// For some window to get the keyboard.
const KEYBOARD_LIMIT: Duration = Duration::from_secs(3);
/// Between two looks for the keyboard.
const LOOK_AGAIN: Duration = Duration::from_millis(700);
const AFRESH: &str = "a person wants the desktop; look at it afresh";
const NO_POINTER: &str = "nobody has moved the pointer yet; move it first";

/// Whether one action was performed, or why not.
pub(super) enum Act {
    Performed,
    Refused(String),
}

impl<D: Desktop, S: StepSink> Session<D, S> {
    /// What is to be done, with its target found.
    pub(super) async fn action(
        &mut self,
        tool: &Tool,
        caller: &Caller<'_>,
    ) -> Result<Result<Action, String>, Failing> {
        if let Tool::Window(window) = tool {
            self.seen = None;
            return Ok(window.action(&self.look().await?.observation.tree));
        }
        let spot = match tool.target() {
            Some(target) => match self.reach(target, caller).await? {
                Ok(spot) => Some(spot),
                Err(reason) => return Ok(Err(reason)),
            },
            None => None,
        };
        Ok(tool.action(spot, &self.home))
    }

    pub(super) async fn act(
        &mut self,
        action: &Action,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        self.look().await?;
        if matches!(action, Action::Type { .. } | Action::Key { .. }) {
            self.await_keyboard().await?;
        }
        if let Act::Refused(reason) = self.perform(action, caller).await? {
            return Ok(Answer::refused(reason));
        }
        let seen = self.seen.take().expect("it was looked right above");
        let unseen = match action {
            Action::Launch { .. } | Action::Open { .. } => {
                Effect::unverifiable("nothing of it shows yet; wait for it")
            }
            Action::Hold { .. } | Action::Button { .. } | Action::Move { .. } => {
                Effect::unverifiable("nothing is to be seen of it")
            }
            _ => Effect::nothing_happened("neither the tree nor a pixel changed"),
        };
        self.came_of(seen, unseen).await
    }

    /// Several actions as one, such as a click while keys are held; what became of all of them is
    /// looked at once. `quick`: not even that, for whoever looks at a picture next.
    pub(crate) async fn act_all(
        &mut self,
        actions: &[Action],
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        self.steer().await?;
        if let Some(over) = self.over() {
            return Ok(Answer::refused(over.to_owned()));
        }
        let mut done = Answer::said("done".to_owned());
        for action in actions {
            self.look().await?;
            if matches!(action, Action::Type { .. } | Action::Key { .. }) {
                self.await_keyboard().await?;
            }
            if let Act::Refused(reason) = self.perform(action, caller).await? {
                self.desktop.release_all().await?;
                return Ok(Answer::refused(reason));
            }
            // Held keys and a pointer on its way make no picture of their own.
            let is_way =
                matches!(action, Action::Hold { .. } | Action::Move { .. } | Action::Button { .. });
            if is_way && actions.len() > 1 {
                continue;
            }
            let seen = self.seen.take().expect("it was looked right above");
            done = self.came_of(seen, Effect::unverifiable("nothing is to be seen of it")).await?;
        }
        Ok(done)
    }

    /// One action, asked for where the policy wants that. What was seen before stays seen.
    pub(super) async fn perform(
        &mut self,
        action: &Action,
        caller: &Caller<'_>,
    ) -> Result<Act, Failing> {
        let seen = self.seen.as_ref().expect("it was looked before");
        let tree = seen.observation.tree.clone();
        let told = secrets::told(action, &tree);
        self.step += 1;
        let step = self.step;
        let Some(judged) = self.judged(action) else {
            return Ok(Act::Refused(NO_POINTER.to_owned()));
        };
        if let Some(reason) = self.forbidden((&judged, &told), &tree, caller).await? {
            return Ok(Act::Refused(reason));
        }
        if action.is_pointed() && self.is_interrupted_at(action).await? {
            return Ok(Act::Refused(AFRESH.to_owned()));
        }
        self.inbox.enter(Phase::Acting);
        let begun = Instant::now();
        let stop = self.inbox.stop().clone();
        let done = tokio::select! {
            biased;
            // What it was in the middle of is let go at the session's end.
            () = stop.asked() => return Err(Failing::Stopped),
            done = self.desktop.perform(action) => done,
        };
        match done {
            Ok(_) => {}
            Err(error) if error.is_of_the_call() => {
                self.desktop.release_all().await?;
                return Ok(Act::Refused(chain(&error)));
            }
            Err(error) => return Err(error.into()),
        }
        self.pointed(action);
        let (expects, act) = (String::new(), begun.elapsed());
        self.record(&Record::Acted { step, action: told, expects, act })?;
        Ok(Act::Performed)
    }

    /// Says where the pointer is about to be used; whoever holds the control has a moment to see it,
    /// and to take over.
    async fn is_interrupted_at(&mut self, action: &Action) -> Result<bool, Failing> {
        self.record(&Record::Aimed { step: self.step, action: action.clone() })?;
        if self.inbox.is_attended() {
            tokio::time::sleep(AIM_TIME).await;
        }
        Ok(!matches!(self.inbox.want(), Want::GoOn | Want::OneStep))
    }

    /// What the guard is asked about. A button that goes down is a click where the pointer is, one
    /// that comes up the end of a drag.
    fn judged(&self, action: &Action) -> Option<Action> {
        let Action::Button { button, pressed } = action else { return Some(action.clone()) };
        let at = self.pointer?;
        Some(match pressed {
            Pressed::Down => Action::press(at, *button, 1),
            Pressed::Up => Action::Drag { path: vec![at], button: *button },
        })
    }

    fn pointed(&mut self, action: &Action) {
        let at = match action {
            Action::Click { at, .. } | Action::Scroll { at, .. } => Some(*at),
            Action::Move { to } => Some(*to),
            Action::Drag { path, .. } => path.last().copied(),
            _ => None,
        };
        self.pointer = at.or(self.pointer);
    }

    /// A window that has just appeared gets the keyboard a moment later; what is typed before is
    /// typed nowhere. Where no window wants it, keys are the window manager's.
    async fn await_keyboard(&mut self) -> Result<(), Failing> {
        let begun = Instant::now();
        loop {
            let seen = self.look().await?;
            let has_front = View::new(&seen.observation.tree).front().is_some();
            if has_front || begun.elapsed() >= KEYBOARD_LIMIT {
                return Ok(());
            }
            let frame = seen.observation.frame.clone();
            self.desktop.changed(&frame, LOOK_AGAIN).await?;
            self.seen = None;
        }
    }

    /// What became of an action: differences in the tree, else in the pixels.
    /// `unseen` is for where neither did.
    async fn came_of(&mut self, before: Seen, unseen: Effect) -> Result<Answer, Failing> {
        let begun = Instant::now();
        self.desktop.changed(&before.observation.frame, CHANGE_LIMIT).await?;
        let after = self.look().await?;
        let (then, now) =
            ((&before.observation, &before.numbers), (&after.observation, &after.numbers));
        let came = Consequence::between(then, now, unseen);
        let step = self.step;
        self.record(&Record::Verified {
            step,
            effect: came.effect.clone(),
            took: begun.elapsed(),
        })?;
        Ok(Answer::acted(&came))
    }
}
