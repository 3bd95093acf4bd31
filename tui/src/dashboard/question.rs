//! A question of the run, and a person's answer.
//!
//! The answer that comes of itself is no: `Enter` and `Esc` mean it, and so does silence. A yes
//! counts only after the card has been in sight for [`ARM_DELAY`], so that a key which was meant for
//! something else approves nothing.

use std::time::Duration;

use deskbound_accessibility::ScreenPx;
use deskbound_agent::action::Action;
use deskbound_agent::control::{Answer, AskId, Extent};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::moment::points;

/// From the first sight of the card until it takes a yes.
pub(crate) const ARM_DELAY: Duration = Duration::from_millis(500);

/// A question that has no answer yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) ask: AskId,
    pub(crate) step: u32,
    pub(crate) action: Action,
    pub(crate) reason: String,
    /// By the run's clock.
    pub(crate) at: Duration,
}

impl Question {
    /// Where on the screen it would go.
    pub(crate) fn points(&self) -> Vec<ScreenPx> {
        points(&self.action)
    }
}

/// Something that a model wants to know, and nobody has said yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) question: String,
    /// By the run's clock.
    pub(crate) at: Duration,
}

/// The card over the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) ask: AskId,
    /// By the view's clock.
    pub(crate) shown: Duration,
    pub(crate) explains: bool,
    pub(crate) room: Room,
}

/// How much of the terminal it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Card,
    /// All of it: every word, and a larger picture of the target.
    Full,
}

/// What a key means to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Answer(Answer),
    /// No, and the run is over.
    DenyAndStop,
    Explain,
    /// In full, or as a card again.
    Turn,
    /// A yes that came too early, or a key that means nothing here.
    Nothing,
}

impl Card {
    pub(crate) fn new(ask: AskId, shown: Duration) -> Self {
        Self { ask, shown, explains: false, room: Room::Card }
    }

    pub(crate) fn is_armed(&self, now: Duration) -> bool {
        now >= self.shown + ARM_DELAY
    }

    pub(crate) fn reply(&self, key: KeyEvent, now: Duration) -> Reply {
        if !(key.modifiers - KeyModifiers::SHIFT).is_empty() {
            return Reply::Nothing;
        }
        let yes = |extent| match self.is_armed(now) {
            true => Reply::Answer(Answer::Approve { extent }),
            false => Reply::Nothing,
        };
        match key.code {
            KeyCode::Char('y') => yes(Extent::Once),
            KeyCode::Char('a') => yes(Extent::Run),
            KeyCode::Char('n') | KeyCode::Enter | KeyCode::Esc => Reply::Answer(Answer::Deny),
            KeyCode::Char('x') => Reply::DenyAndStop,
            KeyCode::Char('e') => Reply::Explain,
            KeyCode::Char('f') => Reply::Turn,
            _ => Reply::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn check(code: KeyCode, after: Duration, expected: Reply) {
        let card = Card::new(AskId(1), MS(1000));
        let key = KeyEvent::new(code, KeyModifiers::NONE);
        assert_eq!(card.reply(key, MS(1000) + after), expected, "{code:?} {after:?}");
    }

    #[test]
    fn a_yes_has_to_wait_and_a_no_does_not() {
        let once = Reply::Answer(Answer::Approve { extent: Extent::Once });
        let always = Reply::Answer(Answer::Approve { extent: Extent::Run });
        let no = Reply::Answer(Answer::Deny);
        check(KeyCode::Char('y'), MS(0), Reply::Nothing);
        check(KeyCode::Char('y'), MS(499), Reply::Nothing);
        check(KeyCode::Char('y'), MS(500), once);
        check(KeyCode::Char('a'), MS(499), Reply::Nothing);
        check(KeyCode::Char('a'), MS(500), always);
        check(KeyCode::Char('x'), MS(0), Reply::DenyAndStop);
        for code in [KeyCode::Enter, KeyCode::Esc, KeyCode::Char('n')] {
            check(code, MS(0), no);
            check(code, MS(900), no);
        }
        for code in [KeyCode::Char(' '), KeyCode::Char('q'), KeyCode::Tab, KeyCode::Char('Y')] {
            check(code, MS(900), Reply::Nothing);
        }
    }

    #[test]
    fn keys_that_are_held_with_others_answer_nothing() {
        let card = Card::new(AskId(1), MS(0));
        let key = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::CONTROL);
        assert_eq!(card.reply(key, MS(900)), Reply::Nothing);
    }
}
