//! Which pane lies where.
//!
//! ```text
//!  wide                                   narrow
//!  state · isolation · clock              state · isolation · clock
//!  what was asked for · models            what was asked for
//!  ─ screen ──────────────┐─ steps ─────  ─ screen, or steps, or log: whichever has the focus
//!                         │               ─ this step
//!  ─ this step ───────────│─ log ───────  timeline
//!  timeline                               keys
//!  keys
//! ```

use ratatui::layout::{Rect, Size};

use super::Pane;

/// Below this nothing useful fits.
pub(crate) const COLUMNS_MIN: u16 = 60;
pub(crate) const ROWS_MIN: u16 = 18;
/// From here on two columns of panes fit.
const COLUMNS_WIDE: u16 = 76;
/// The title and three lines.
const DETAIL_ROWS: u16 = 4;

/// Whether one pane has all the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    None,
    Screen,
}

/// Each pane with its title row; empty where a pane is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrangement {
    pub(crate) head: Rect,
    pub(crate) screen: Rect,
    pub(crate) detail: Rect,
    pub(crate) steps: Rect,
    pub(crate) log: Rect,
    /// Between the two columns.
    pub(crate) rule: Rect,
    pub(crate) timeline: Rect,
    pub(crate) foot: Rect,
}

impl Arrangement {
    /// `None` where the terminal is too small.
    pub(crate) fn of(size: Size, focus: Pane, extent: Whole) -> Option<Self> {
        let (width, height) = (size.width, size.height);
        if width < COLUMNS_MIN || height < ROWS_MIN {
            return None;
        }
        let head = Rect::new(0, 0, width, 2);
        let timeline = Rect::new(0, height - 2, width, 1);
        let foot = Rect::new(0, height - 1, width, 1);
        let body = Rect::new(0, 2, width, height - 4);
        let mut arranged = Self {
            head,
            screen: Rect::ZERO,
            detail: Rect::ZERO,
            steps: Rect::ZERO,
            log: Rect::ZERO,
            rule: Rect::ZERO,
            timeline,
            foot,
        };
        if extent == Whole::Screen {
            // A frame is drawn around it, below its title.
            let (width, height) = (body.width - 2, body.height - 1);
            arranged.screen = Rect { x: body.x + 1, width, height, ..body };
        } else if width < COLUMNS_WIDE {
            arranged.narrow(body, focus);
        } else {
            arranged.wide(body);
        }
        Some(arranged)
    }

    /// All between head and timeline.
    pub(crate) fn body(&self) -> Rect {
        let height = self.timeline.y - self.head.bottom();
        Rect { x: self.head.x, y: self.head.bottom(), width: self.head.width, height }
    }

    fn narrow(&mut self, body: Rect, focus: Pane) {
        let main = Rect { height: body.height - DETAIL_ROWS, ..body };
        match focus {
            Pane::Screen => self.screen = main,
            Pane::Steps => self.steps = main,
            Pane::Log => self.log = main,
        }
        self.detail = Rect { y: main.bottom(), height: DETAIL_ROWS, ..body };
    }

    fn wide(&mut self, body: Rect) {
        let left = body.width * 3 / 5;
        // As high as a screen of 16:10 is wide, for a cell is twice as high as it is wide.
        let picture = (left * 5).div_ceil(16) + 1;
        let screen = picture.min(body.height - DETAIL_ROWS);
        self.screen = Rect { width: left, height: screen, ..body };
        self.detail =
            Rect { y: self.screen.bottom(), width: left, height: body.height - screen, ..body };
        self.rule = Rect { x: left, width: 1, ..body };
        let right = Rect { x: left + 1, width: body.width - left - 1, ..body };
        let steps = right.height * 2 / 3;
        self.steps = Rect { height: steps, ..right };
        self.log = Rect { y: right.y + steps, height: right.height - steps, ..right };
    }
}
