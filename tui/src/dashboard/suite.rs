//! A suite that is run, here or on many machines: how far it is and how good, by its folder alone,
//! and every sample down to its record.

use std::sync::Arc;

use deskbound_eval::{Newest, Progress, Status};
use ratatui::crossterm::event::{KeyEvent, KeyEventKind, MouseEventKind};
use ratatui::layout::Size;

use super::bar::{Bar, Typed};
use super::home::Choice;
use super::keymap::{Keymap, When, Wish};
use super::theme::Theme;
use super::{Effect, Event, Face};

const PAGE_ROWS: isize = 10;

/// Which samples are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// Those that did not pass.
    Failed,
}

#[derive(Debug)]
pub(crate) struct SuiteView {
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) size: Size,
    /// None until the folder was read.
    pub(crate) progress: Option<Box<Progress>>,
    /// Why the folder cannot be read at the moment.
    pub(crate) fault: Option<String>,
    pub(crate) which: Which,
    /// The chosen one of the samples that are listed.
    pub(crate) row: usize,
    /// Something to be said until the next key.
    pub(crate) notice: Option<String>,
    /// A command is being typed.
    pub(crate) bar: Option<Bar>,
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
            which: Which::All,
            row: 0,
            notice: None,
            bar: None,
            help: false,
            mouse: false,
        }
    }

    /// What means something in this view.
    pub(crate) fn holds(when: When) -> bool {
        matches!(when, When::Everywhere | When::Suite)
    }

    /// The samples that are listed, the last one first.
    pub(crate) fn listed(&self) -> Vec<&Newest> {
        let all = self.progress.iter().flat_map(|progress| &progress.newest);
        let fits = |newest: &&Newest| self.which == Which::All || newest.status != Status::Pass;
        all.filter(fits).collect()
    }

    pub(crate) fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Measured(progress) => self.measured(progress),
            Event::Broken(why) => self.fault = Some(why),
            Event::Resized(size) => self.size = size,
            Event::Pasted(text) => {
                if let Some(bar) = &mut self.bar {
                    bar.line.paste(&text);
                }
            }
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

    /// What is chosen stays chosen when others come before it; the first row stays the first.
    fn measured(&mut self, progress: Box<Progress>) {
        let chosen = self.listed().get(self.row).map(|newest| newest.id.clone());
        self.progress = Some(progress);
        self.fault = None;
        if self.row > 0 {
            let again = self.listed().iter().position(|newest| Some(&newest.id) == chosen.as_ref());
            self.row = again.unwrap_or(self.row);
        }
        self.go(0);
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        if let Some(bar) = &mut self.bar {
            let typed = bar.pressed(key, &self.keymap, Self::holds);
            if typed == Typed::Going {
                return None;
            }
            self.bar = None;
            let wish = typed.without_a_run(&mut self.theme, &mut self.notice)?;
            return self.obey(wish);
        }
        self.notice = None;
        let wish = self.keymap.wish(key, Self::holds)?;
        if std::mem::take(&mut self.help) && !matches!(wish, Wish::Suspend | Wish::Redraw) {
            return None;
        }
        self.obey(wish)
    }

    fn obey(&mut self, wish: Wish) -> Option<Effect> {
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
            Wish::Commands => self.bar = Some(Bar::default()),
            Wish::Up => self.go(-1),
            Wish::Down => self.go(1),
            Wish::First => self.go(isize::MIN),
            Wish::Newest => self.go(isize::MAX),
            Wish::PageUp => self.go(-PAGE_ROWS),
            Wish::PageDown => self.go(PAGE_ROWS),
            Wish::Which => {
                (self.which, self.row) = match self.which {
                    Which::All => (Which::Failed, 0),
                    Which::Failed => (Which::All, 0),
                };
            }
            Wish::Choose => return self.open(),
            _ => {}
        }
        None
    }

    /// The record of the chosen sample. Whether it is on this machine is for others to find out.
    fn open(&mut self) -> Option<Effect> {
        let chosen = self.listed().get(self.row).map(|newest| newest.journal.clone())?;
        match chosen {
            Some(folder) => {
                let folder = folder.to_string_lossy().into_owned();
                Some(Effect::Chosen(Choice::Watch { folder, live: false }))
            }
            None => {
                self.notice = Some("there is no record of it".to_owned());
                None
            }
        }
    }

    fn go(&mut self, by: isize) {
        let rows = self.listed().len();
        self.row = self.row.saturating_add_signed(by).min(rows.saturating_sub(1));
    }
}
