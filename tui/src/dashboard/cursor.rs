//! Which row is looked at, and moving about: in the steps, on the picture, in the outline and the log.

use deskbound_accessibility::ScreenPx;

use super::keymap::Wish;
use super::moment::{LookId, Mark, Moment};
use super::{Dashboard, Pane, Showing, Tense, draw};

/// Which row is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Always the newest.
    Newest,
    At(usize),
}

/// Which screen belongs to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one it was decided on, with its target.
    Before,
    After,
}

impl Dashboard {
    /// The row that is looked at.
    pub(crate) fn index(&self) -> Option<usize> {
        let last = self.story.moments.len().checked_sub(1)?;
        Some(match self.cursor {
            Cursor::Newest => last,
            Cursor::At(index) => index.min(last),
        })
    }

    pub(crate) fn moment(&self) -> Option<&Moment> {
        self.story.moments.get(self.index()?)
    }

    pub(crate) fn follows(&self) -> bool {
        self.cursor == Cursor::Newest
    }

    /// The look that is shown: the newest while following, else the one of the row.
    pub(crate) fn look(&self) -> Option<LookId> {
        if self.follows() {
            return self.story.last_look();
        }
        let index = self.index()?;
        let before = self.story.moments[index].look;
        match self.side {
            Side::Before => before.or(self.story.look_after(index)),
            Side::After => self.story.look_after(index).or(before),
        }
    }

    pub(crate) fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// One level back, whatever it is.
    pub(super) fn back(&mut self) {
        let closed = self.chosen.take().is_some() || !std::mem::take(&mut self.filter).is_empty();
        if closed {
            return;
        }
        if self.zoom > 0 {
            (self.zoom, self.centre) = (0, None);
        } else if self.log_back > 0 {
            self.log_back = 0;
        } else if self.pane != Pane::Steps {
            self.pane = Pane::Steps;
        } else if self.tense == Tense::Live {
            self.cursor = Cursor::Newest;
        }
    }

    pub(super) fn next_pane(&mut self) {
        self.pane = match self.pane {
            Pane::Steps => Pane::Screen,
            Pane::Screen => Pane::Log,
            Pane::Log => Pane::Steps,
        };
    }

    pub(super) fn arrow(&mut self, wish: Wish) {
        let (dx, dy) = match wish {
            Wish::Up => (0, -1),
            Wish::Down => (0, 1),
            Wish::Left => (-1, 0),
            _ => (1, 0),
        };
        match self.pane {
            Pane::Screen if self.showing == Showing::Picture && self.zoom > 0 => self.pan(dx, dy),
            Pane::Screen | Pane::Log => self.scroll(dy),
            Pane::Steps => self.step(dx + dy),
        }
    }

    pub(super) fn scroll(&mut self, rows: isize) {
        match self.pane {
            Pane::Steps => self.step(rows),
            Pane::Log => {
                let most = self.log.len().saturating_sub(1);
                self.log_back = self.log_back.saturating_add_signed(-rows).min(most);
            }
            Pane::Screen => {
                let rows_max = self.outline().len();
                let row = self.outline_row.saturating_add_signed(rows);
                self.outline_row = row.min(rows_max.saturating_sub(1));
            }
        }
    }

    pub(super) fn step(&mut self, by: isize) {
        let Some(index) = self.index() else { return };
        let last = self.story.moments.len() - 1;
        let to = index.saturating_add_signed(by);
        self.go(if to > last && self.tense == Tense::Live {
            Cursor::Newest
        } else {
            Cursor::At(to.min(last))
        });
    }

    pub(super) fn go(&mut self, cursor: Cursor) {
        self.cursor = match (cursor, self.tense) {
            (Cursor::Newest, Tense::Past) => Cursor::At(self.story.moments.len().saturating_sub(1)),
            (cursor, _) => cursor,
        };
        (self.centre, self.chosen) = (None, None);
    }

    pub(super) fn jump_to_mark(&mut self, direction: isize) {
        let Some(from) = self.index() else { return };
        let marked = |index: &usize| self.story.moments[*index].mark() > Mark::Missed;
        let found = match direction {
            1 => (from + 1..self.story.moments.len()).find(marked),
            _ => (0..from).rev().find(marked),
        };
        match found {
            Some(index) => self.go(Cursor::At(index)),
            None if direction > 0 => self.say("nothing is marked after this".to_owned()),
            None => self.say("nothing is marked before this".to_owned()),
        }
    }

    /// To the next that fits, from the first again after the last.
    pub(super) fn jump_to(&mut self, what: &str, fits: impl Fn(&Moment) -> bool) {
        let Some(from) = self.index() else { return };
        let total = self.story.moments.len();
        let found =
            (1..=total).map(|by| (from + by) % total).find(|at| fits(&self.story.moments[*at]));
        match found {
            Some(index) => self.go(Cursor::At(index)),
            None => self.say(format!("there is no {what} in this run")),
        }
    }

    /// To the next step that says this, in any case of letters.
    pub(super) fn find(&mut self, text: &str) {
        let wanted = text.to_lowercase();
        let says = |moment: &Moment| draw::says(moment).to_lowercase().contains(&wanted);
        self.jump_to(&format!("“{text}”"), says);
    }

    pub(super) fn toggle_play(&mut self) {
        let at_end = self.index() == self.story.moments.len().checked_sub(1);
        self.playing = match self.playing {
            Some(_) => None,
            None => Some(self.now),
        };
        if self.playing.is_some() && at_end {
            self.go(Cursor::At(0));
        }
    }

    pub(super) fn pan(&mut self, dx: isize, dy: isize) {
        let Some(picture) = self.exhibit.as_ref().and_then(|exhibit| exhibit.picture.as_ref())
        else {
            return;
        };
        let from = picture.part.centre();
        let quarter = |length: u32, by: isize| (length / 4) as i32 * by as i32;
        self.centre = Some(ScreenPx {
            x: from.x + quarter(picture.part.width, dx),
            y: from.y + quarter(picture.part.height, dy),
        });
    }
}
