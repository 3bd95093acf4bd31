//! Keys and commands of the view itself, obeyed. Those that the run is told are in `steering`.

use deskbound_accessibility::ScreenRect;
use ratatui::crossterm::event::KeyEvent;

use super::bar::Bar;
use super::keymap::Wish;
use super::line_edit::LineEdit;
use super::moment::{Mark, Moment};
use super::picture::ZOOM_LEVEL_MAX;
use super::theme::Theme;
use super::{Confirm, Cursor, Dashboard, Details, Effect, Layer, Pane, Showing, Side, draw};

/// Rows of one page.
const PAGE_ROWS: usize = 10;

impl Dashboard {
    /// Does what a key or a command asks for.
    pub(super) fn obey(&mut self, wish: Wish) -> Vec<Effect> {
        match wish {
            Wish::Leave if self.steers() => self.layer = Layer::Confirm(Confirm::Leave),
            Wish::Leave => return vec![Effect::Leave],
            Wish::Suspend => return vec![Effect::Suspend],
            Wish::Redraw => return vec![Effect::Redraw],
            Wish::Pause | Wish::SingleStep | Wish::Prompt | Wish::TakeOver | Wish::Stop => {
                return self.steer(wish);
            }
            Wish::TakeControl => self.layer = Layer::Confirm(Confirm::Take),
            Wish::Details => self.open_details(),
            Wish::Help => self.layer = Layer::Help { page: 0 },
            Wish::Commands => self.layer = Layer::Command(Bar::default()),
            Wish::Theme => self.dress(self.theme.next()),
            Wish::Mouse => {
                self.mouse = !self.mouse;
                return vec![Effect::Mouse(self.mouse)];
            }
            Wish::Back => self.back(),
            Wish::NextPane => self.next_pane(),
            Wish::Up | Wish::Down | Wish::Left | Wish::Right => self.arrow(wish),
            Wish::PageUp => self.scroll(-(PAGE_ROWS as isize)),
            Wish::PageDown => self.scroll(PAGE_ROWS as isize),
            Wish::First => self.go(Cursor::At(0)),
            Wish::Newest => self.go(Cursor::Newest),
            Wish::NextMark => self.jump_to_mark(1),
            Wish::PreviousMark => self.jump_to_mark(-1),
            Wish::NextQuestion => self.jump_to("question", |moment| moment.mark() == Mark::Asked),
            Wish::NextDenial => self.jump_to("denial", Moment::is_denial),
            Wish::NextFailure => self.jump_to("failure", |moment| moment.mark() == Mark::Failed),
            Wish::ZoomIn => self.zoom = (self.zoom + 1).min(ZOOM_LEVEL_MAX),
            Wish::ZoomOut => self.zoom = self.zoom.saturating_sub(1),
            Wish::Outline => self.toggle_outline(),
            Wish::After => {
                self.side = if self.side == Side::Before { Side::After } else { Side::Before };
            }
            Wish::Freeze => self.toggle_freeze(),
            Wish::Play => self.toggle_play(),
            Wish::Choose => self.choose(),
            Wish::Find => self.layer = Layer::Find(LineEdit::default()),
            Wish::New
            | Wish::Doctor
            | Wish::Evaluation
            | Wish::Which
            | Wish::GiveBack
            | Wish::SpecialKeys => {}
        }
        Vec::new()
    }

    pub(super) fn dress(&mut self, theme: Theme) {
        self.theme = theme;
        if !theme.shows_pictures() {
            self.showing = Showing::Outline;
        }
        self.say(format!("theme: {}", theme.name()));
    }

    pub(super) fn dress_as(&mut self, name: &str) {
        match self.theme.named(name) {
            Ok(theme) => self.dress(theme),
            Err(why) => self.say(why),
        }
    }

    pub(super) fn toggle_outline(&mut self) {
        self.showing = match self.showing {
            Showing::Picture => Showing::Outline,
            // Without colours there is no picture to go back to.
            Showing::Outline if !self.theme.shows_pictures() => Showing::Outline,
            Showing::Outline => Showing::Picture,
        };
        self.chosen = None;
        self.pane = Pane::Screen;
    }

    /// The chosen element on the picture; where there is no picture, its place in numbers.
    pub(super) fn choose(&mut self) {
        let Some(row) = self.outline().get(self.outline_row).map(|row| (*row).clone()) else {
            return;
        };
        if self.theme.shows_pictures() {
            self.chosen = Some(row);
            self.showing = Showing::Picture;
            return;
        }
        let place = match row.bounds {
            Some(ScreenRect { x, y, width, height }) => format!("at {x},{y}, {width}×{height}"),
            None => "at no place that is known".to_owned(),
        };
        self.say(format!("{} “{}” {place}", row.role, row.name));
    }

    fn open_details(&mut self) {
        let Some(index) = self.index() else { return };
        self.layer = Layer::Details(Details { top: 0, before: self.cursor });
        // What is read in full stays, whatever comes.
        self.cursor = Cursor::At(index);
    }

    /// A key while a step is shown in full.
    pub(super) fn in_full(&mut self, key: KeyEvent) -> Vec<Effect> {
        let Some(wish) = self.keymap.wish(key, |when| self.holds(when)) else { return Vec::new() };
        let (most, index) = (draw::full_rows_below(self), self.index());
        let Layer::Details(details) = &mut self.layer else { return Vec::new() };
        let by = match wish {
            Wish::Back | Wish::Details | Wish::Choose => {
                let before = details.before;
                self.layer = Layer::None;
                if before == Cursor::Newest {
                    self.cursor = before;
                }
                return Vec::new();
            }
            Wish::Up => -1,
            Wish::Down => 1,
            Wish::PageUp => -(PAGE_ROWS as isize),
            Wish::PageDown => PAGE_ROWS as isize,
            Wish::First => isize::MIN,
            Wish::Newest => isize::MAX,
            Wish::Left | Wish::Right => {
                details.top = 0;
                self.step(if wish == Wish::Left { -1 } else { 1 });
                return Vec::new();
            }
            other => {
                let kept = *details;
                let effects = self.obey(other);
                if self.index() != index && matches!(self.layer, Layer::Details(_)) {
                    self.layer = Layer::Details(Details { top: 0, ..kept });
                }
                return effects;
            }
        };
        details.top = details.top.saturating_add_signed(by).min(most);
        Vec::new()
    }

    pub(super) fn toggle_freeze(&mut self) {
        self.frozen = !self.frozen;
        if !self.frozen {
            let waiting = std::mem::take(&mut self.waiting);
            self.told(waiting);
        }
    }
}
