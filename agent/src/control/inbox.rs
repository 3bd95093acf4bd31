//! The run's end: commands become what is wanted, what is said to the models, and what is typed by
//! hand.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, watch};

use super::command::{Answer, AskId, Command, PROMPT_CHARS};
use super::phase::Phase;
use crate::action::Action;
use crate::stop::Stop;

/// What a person wants of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    GoOn,
    OneStep,
    StandStill,
    /// The person's hands on the desktop, not the run's.
    Hands,
}

/// What a person who has taken over does to the desktop.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Touch {
    Input(Action),
    Reset,
    /// Asks for the clipboard's text.
    Carry,
}

pub struct Inbox {
    commands: mpsc::Receiver<Command>,
    phase: watch::Sender<Phase>,
    carried: watch::Sender<Option<Arc<str>>>,
    attending: Arc<AtomicUsize>,
    stop: Stop,
    want: Want,
    prompts: Vec<String>,
    hand: VecDeque<Touch>,
    answer: Option<(AskId, Answer)>,
}

impl Inbox {
    pub(super) fn new(
        commands: mpsc::Receiver<Command>,
        (phase, carried): (watch::Sender<Phase>, watch::Sender<Option<Arc<str>>>),
        attending: Arc<AtomicUsize>,
        stop: Stop,
    ) -> Self {
        let (want, prompts, hand) = (Want::GoOn, Vec::new(), VecDeque::new());
        Self { commands, phase, carried, attending, stop, want, prompts, hand, answer: None }
    }

    /// Of a run that nobody attends and that can only be stopped.
    pub fn unattended(stop: Stop) -> Self {
        let (control, inbox) = super::control();
        drop(control);
        Self { stop, ..inbox }
    }

    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|now| std::mem::replace(now, phase) != phase);
    }

    pub(crate) fn is_attended(&self) -> bool {
        self.attending.load(Ordering::SeqCst) > 0
    }

    /// What is wanted now, after all commands that have come.
    pub(crate) fn want(&mut self) -> Want {
        while let Ok(command) = self.commands.try_recv() {
            self.take(command);
        }
        self.want
    }

    /// Waits for the next command. Never returns where nobody is left to give one.
    pub(crate) async fn heard(&mut self) {
        match self.commands.recv().await {
            Some(command) => self.take(command),
            None => std::future::pending().await,
        }
    }

    /// Waits for the next command, or until a stop is asked for: then it is true.
    pub(crate) async fn heard_or_stopped(&mut self) -> bool {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.asked() => true,
            () = self.heard() => false,
        }
    }

    /// Waits until a person wants to take over.
    pub(crate) async fn taken_over(&mut self) {
        while self.want != Want::Hands {
            self.heard().await;
        }
    }

    /// A step has ended.
    pub(crate) fn stepped(&mut self) {
        if self.want == Want::OneStep {
            self.want = Want::StandStill;
        }
    }

    /// What was said to the models since the last time.
    pub(crate) fn prompts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.prompts)
    }

    pub(crate) fn by_hand(&mut self) -> Option<Touch> {
        self.hand.pop_front()
    }

    /// The clipboard's text, for whoever holds the control.
    pub(crate) fn carry(&self, text: Arc<str>) {
        self.carried.send_replace(Some(text));
    }

    /// The answer to this question; one to any other is dropped.
    pub(crate) fn answer(&mut self, asked: AskId) -> Option<Answer> {
        self.answer.take().filter(|(ask, _)| *ask == asked).map(|(_, answer)| answer)
    }

    fn take(&mut self, command: Command) {
        match (command, self.want) {
            (Command::Prompt { text }, _) => {
                self.prompts.push(text.chars().take(PROMPT_CHARS).collect());
            }
            (Command::Answer { ask, answer }, _) => self.answer = Some((ask, answer)),
            (Command::TakeOver, _) => self.want = Want::Hands,
            (Command::Hand { action }, Want::Hands) => self.hand.push_back(Touch::Input(action)),
            (Command::Reset, Want::Hands) => self.hand.push_back(Touch::Reset),
            (Command::Carry, Want::Hands) => self.hand.push_back(Touch::Carry),
            (Command::GiveBack, Want::Hands) => self.want = Want::GoOn,
            (Command::Pause, Want::GoOn | Want::OneStep) => self.want = Want::StandStill,
            (Command::Resume, Want::StandStill | Want::OneStep) => self.want = Want::GoOn,
            (Command::Step, Want::StandStill) => self.want = Want::OneStep,
            // Said to a run that is not in the state for it: a person who sees it late.
            (
                Command::Hand { .. }
                | Command::Reset
                | Command::Carry
                | Command::GiveBack
                | Command::Pause
                | Command::Resume
                | Command::Step,
                _,
            ) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Control, Extent, NotTaken, control};
    use super::*;

    fn check(commands: &[Command], expected: Want) {
        let (control, mut inbox) = control();
        for command in commands {
            control.tell(command.clone()).unwrap();
        }
        assert_eq!(inbox.want(), expected, "{commands:?}");
    }

    #[test]
    fn commands_change_what_is_wanted() {
        use Command::{GiveBack, Pause, Resume, Step, TakeOver};
        check(&[], Want::GoOn);
        check(&[Pause], Want::StandStill);
        check(&[Pause, Pause, Resume], Want::GoOn);
        check(&[Pause, Step], Want::OneStep);
        check(&[Step], Want::GoOn);
        check(&[Pause, Step, Pause], Want::StandStill);
        check(&[Pause, TakeOver], Want::Hands);
        check(&[TakeOver, Resume], Want::Hands);
        check(&[TakeOver, Pause, GiveBack], Want::GoOn);
        check(&[GiveBack], Want::GoOn);
    }

    #[test]
    fn one_step_is_one() {
        let (control, mut inbox) = control();
        control.tell(Command::Pause).unwrap();
        control.tell(Command::Step).unwrap();
        assert_eq!(inbox.want(), Want::OneStep);
        inbox.stepped();
        assert_eq!(inbox.want(), Want::StandStill);
    }

    #[test]
    fn hands_count_only_after_taking_over_and_answers_only_for_their_question() {
        let hand = || Command::Hand { action: Action::key("a") };
        let approve = Answer::Approve { extent: Extent::Once };
        let (control, mut inbox) = control();
        for early in [hand(), Command::Reset, Command::Carry] {
            control.tell(early).unwrap();
        }
        control.tell(Command::TakeOver).unwrap();
        control.tell(hand()).unwrap();
        control.tell(Command::Reset).unwrap();
        control.tell(Command::Answer { ask: AskId(1), answer: approve }).unwrap();
        inbox.want();
        assert_eq!(inbox.by_hand(), Some(Touch::Input(Action::key("a"))));
        assert_eq!((inbox.by_hand(), inbox.by_hand()), (Some(Touch::Reset), None));
        assert_eq!(inbox.answer(AskId(2)), None);
        assert_eq!(inbox.answer(AskId(1)), None);
        control.tell(Command::Answer { ask: AskId(2), answer: approve }).unwrap();
        inbox.want();
        assert_eq!(inbox.answer(AskId(2)), Some(approve));
    }

    #[test]
    fn the_inbox_is_bounded_and_ends_with_the_run() {
        let (control, inbox) = control();
        let tell = |control: &Control| control.tell(Command::Pause);
        assert_eq!((0..64).try_for_each(|_| tell(&control)), Ok(()));
        assert_eq!(tell(&control), Err(NotTaken::Full));
        drop(inbox);
        assert_eq!(tell(&control), Err(NotTaken::Over));
    }

    #[test]
    fn somebody_is_there_for_as_long_as_they_attend() {
        let (control, inbox) = control();
        let one = control.attend();
        let two = control.clone().attend();
        drop(one);
        assert!(inbox.is_attended());
        drop(two);
        assert!(!inbox.is_attended());
    }
}
