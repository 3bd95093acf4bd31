//! A suite that is run, here or on many machines: how far it is, by its folder alone.

use std::sync::Arc;

use deskbound_eval::Progress;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind, MouseEventKind};
use ratatui::layout::Size;

use super::keymap::{Keymap, When, Wish};
use super::theme::Theme;
use super::{Effect, Event, Face};

const PAGE_ROWS: isize = 10;

#[derive(Debug)]
pub(crate) struct SuiteView {
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) size: Size,
    /// None until the folder was read.
    pub(crate) progress: Option<Box<Progress>>,
    /// Why the folder cannot be read at the moment.
    pub(crate) fault: Option<String>,
    /// The first row that is shown of the newest results.
    pub(crate) row: usize,
    pub(crate) help: bool,
    mouse: bool,
}

impl SuiteView {
    pub(crate) fn new(Face { theme, keymap, .. }: Face) -> Self {
        Self {
            theme,
            keymap,
            size: Size::default(),
            progress: None,
            fault: None,
            row: 0,
            help: false,
            mouse: false,
        }
    }

    /// What means something in this view.
    pub(crate) fn holds(when: When) -> bool {
        when == When::Everywhere
    }

    pub(crate) fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Measured(progress) => {
                self.progress = Some(progress);
                self.fault = None;
                self.go(0);
            }
            Event::Broken(why) => self.fault = Some(why),
            Event::Resized(size) => self.size = size,
            Event::Mouse(mouse) if self.mouse => match mouse.kind {
                MouseEventKind::ScrollUp => self.go(-1),
                MouseEventKind::ScrollDown => self.go(1),
                _ => {}
            },
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                return self.key(key).into_iter().collect();
            }
            _ => {}
        }
        Vec::new()
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        let wish = self.keymap.wish(key, Self::holds)?;
        if std::mem::take(&mut self.help) && !matches!(wish, Wish::Suspend | Wish::Redraw) {
            return None;
        }
        match wish {
            Wish::Leave | Wish::Back => return Some(Effect::Leave),
            Wish::Theme => self.theme = self.theme.next(),
            Wish::Mouse => {
                self.mouse = !self.mouse;
                return Some(Effect::Mouse(self.mouse));
            }
            Wish::Suspend => return Some(Effect::Suspend),
            Wish::Redraw => return Some(Effect::Redraw),
            Wish::Help => self.help = true,
            Wish::Up => self.go(-1),
            Wish::Down => self.go(1),
            Wish::First => self.go(isize::MIN),
            Wish::Newest => self.go(isize::MAX),
            Wish::PageUp => self.go(-PAGE_ROWS),
            Wish::PageDown => self.go(PAGE_ROWS),
            _ => {}
        }
        None
    }

    fn go(&mut self, by: isize) {
        let rows = self.progress.as_ref().map_or(0, |progress| progress.newest.len());
        self.row = self.row.saturating_add_signed(by).min(rows.saturating_sub(1));
    }
}
