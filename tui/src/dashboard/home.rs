//! The first screen: what this machine has, and what was done on it; a run is started, attached to
//! or replayed from here.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::{KeyEvent, KeyEventKind, MouseEventKind};
use ratatui::layout::Size;
use serde::{Deserialize, Serialize};

use super::bar::{Bar, Typed};
use super::keymap::{Keymap, When, Wish};
use super::line_edit::{Edited, LineEdit};
use super::phase::Phase;
use super::theme::Theme;
use super::{Effect, Event, Face};

/// One run, in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunRow {
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) instruction: String,
    pub(crate) state: RunState,
    /// Its steps and how long it took, once it has ended.
    pub(crate) extent: Option<(u32, Duration)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Somebody answers at its door.
    Live,
    Ended(Phase),
    /// Its process was killed.
    CutOff,
    Broken,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DesktopRow {
    pub(crate) name: String,
    pub(crate) state: &'static str,
    /// A recipe that a run can be started on at once.
    pub(crate) is_ready: bool,
}

/// The row of the session that this is started in; never chosen by itself.
pub(crate) const OWN: &str = "x11";

/// Something that can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelRow {
    pub(crate) name: String,
    pub(crate) what: String,
    pub(crate) kind: ModelKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelKind {
    /// A part of this program.
    Shipped,
    /// Weights of others, on this machine.
    Open,
}

/// What the doctor says, in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) is_fit: bool,
    pub(crate) line: String,
}

/// Something that was found out about this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Find {
    Run(RunRow),
    Desktop(DesktopRow),
    Model(ModelRow),
    Verdict(Verdict),
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Choice {
    Start {
        instruction: String,
        recipe: String,
        models: String,
        /// Open weights that decide in place of the shipped ones.
        action: Option<String>,
    },
    Watch {
        folder: String,
        live: bool,
    },
    Doctor,
    /// The newest.
    Evaluation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Runs,
    Desktops,
    Models,
}

#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) size: Size,
    /// The newest first.
    pub(crate) runs: Vec<RunRow>,
    pub(crate) desktops: Vec<DesktopRow>,
    pub(crate) models: Vec<ModelRow>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) section: Section,
    pub(crate) run: usize,
    pub(crate) desktop: usize,
    pub(crate) model: usize,
    /// An instruction that is being typed.
    pub(crate) instruction: Option<LineEdit>,
    /// What runs are to say is being typed.
    pub(crate) finding: Option<LineEdit>,
    /// Only runs that say this are listed.
    pub(crate) filter: String,
    /// A command is being typed.
    pub(crate) bar: Option<Bar>,
    /// Something to be said until the next key.
    pub(crate) notice: Option<String>,
    pub(crate) help: bool,
    mouse: bool,
}

/// What can decide on every machine, and what that is.
const MODELS: [(&str, &str); 2] = [
    ("trained", "the small networks that are shipped"),
    ("rules", "keywords and quotation marks, no network"),
];

impl Home {
    pub(crate) fn new(Face { theme, keymap, .. }: Face) -> Self {
        Self {
            theme,
            keymap,
            size: Size::default(),
            runs: Vec::new(),
            desktops: Vec::new(),
            models: MODELS
                .map(|(name, what)| ModelRow {
                    name: name.to_owned(),
                    what: what.to_owned(),
                    kind: ModelKind::Shipped,
                })
                .into(),
            verdict: None,
            section: Section::Runs,
            run: 0,
            desktop: 0,
            model: 0,
            instruction: None,
            finding: None,
            filter: String::new(),
            bar: None,
            notice: None,
            help: false,
            mouse: false,
        }
    }

    /// The runs that are listed, the newest first.
    pub(crate) fn shown(&self) -> Vec<&RunRow> {
        let words = self.filter.to_lowercase();
        let says = |run: &&RunRow| {
            run.instruction.to_lowercase().contains(&words) || run.name.contains(&words)
        };
        self.runs.iter().filter(says).collect()
    }

    /// What means something on this screen.
    pub(crate) fn holds(when: When) -> bool {
        matches!(when, When::Everywhere | When::Home)
    }

    pub(crate) fn update(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Found(find) => self.found(find),
            Event::Resized(size) => self.size = size,
            Event::Pasted(text) => {
                let bar = self.bar.as_mut().map(|bar| &mut bar.line);
                if let Some(line) = self.instruction.as_mut().or(self.finding.as_mut()).or(bar) {
                    line.paste(&text);
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

    fn found(&mut self, find: Find) {
        match find {
            Find::Run(row) => {
                let at = self.runs.partition_point(|known| known.name > row.name);
                self.runs.insert(at, row);
            }
            Find::Desktop(row) => {
                self.desktops.push(row);
                if let Some(ready) = self.desktops.iter().position(|row| row.is_ready) {
                    self.desktop = self.desktop.max(ready);
                }
            }
            Find::Model(row) => self.models.push(row),
            Find::Verdict(verdict) => self.verdict = Some(verdict),
        }
    }

    fn key(&mut self, key: KeyEvent) -> Option<Effect> {
        if let Some(line) = &mut self.instruction {
            match line.key(key) {
                Edited::Going => {}
                Edited::Left => self.instruction = None,
                Edited::Given(instruction) => {
                    self.instruction = None;
                    return Some(self.start(instruction));
                }
            }
            return None;
        }
        if self.finding.is_some() {
            self.looked_for(key);
            return None;
        }
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
            Wish::Back if !self.filter.is_empty() => self.look_for(String::new()),
            Wish::Leave | Wish::Back => return Some(Effect::Leave),
            Wish::Find => {
                (self.finding, self.section) = (Some(LineEdit::default()), Section::Runs);
            }
            Wish::Theme => self.theme = self.theme.next(),
            Wish::Mouse => {
                self.mouse = !self.mouse;
                return Some(Effect::Mouse(self.mouse));
            }
            Wish::Suspend => return Some(Effect::Suspend),
            Wish::Redraw => return Some(Effect::Redraw),
            Wish::Help => self.help = true,
            Wish::Commands => self.bar = Some(Bar::default()),
            Wish::New => self.instruction = Some(LineEdit::default()),
            Wish::Evaluation => return Some(Effect::Chosen(Choice::Evaluation)),
            Wish::Doctor => return Some(Effect::Chosen(Choice::Doctor)),
            Wish::NextPane => {
                self.section = match self.section {
                    Section::Runs => Section::Desktops,
                    Section::Desktops => Section::Models,
                    Section::Models => Section::Runs,
                };
            }
            Wish::Up => self.go(-1),
            Wish::Down => self.go(1),
            Wish::First => self.go(isize::MIN),
            Wish::Newest => self.go(isize::MAX),
            Wish::PageUp => self.go(-10),
            Wish::PageDown => self.go(10),
            Wish::Choose if self.section == Section::Runs => {
                let run = *self.shown().get(self.run)?;
                let folder = run.folder.to_string_lossy().into_owned();
                let live = run.state == RunState::Live;
                return Some(Effect::Chosen(Choice::Watch { folder, live }));
            }
            Wish::Choose => self.instruction = Some(LineEdit::default()),
            _ => {}
        }
        None
    }

    /// A key while what runs are to say is being typed.
    fn looked_for(&mut self, key: KeyEvent) {
        let Some(line) = &mut self.finding else { return };
        let edited = line.key(key);
        let text = line.text();
        match edited {
            Edited::Going => self.look_for(text),
            Edited::Given(_) => self.finding = None,
            Edited::Left => {
                self.finding = None;
                self.look_for(String::new());
            }
        }
    }

    fn look_for(&mut self, text: String) {
        (self.filter, self.run) = (text, 0);
    }

    fn go(&mut self, by: isize) {
        let shown = self.shown().len();
        let (row, total) = match self.section {
            Section::Runs => (&mut self.run, shown),
            Section::Desktops => (&mut self.desktop, self.desktops.len()),
            Section::Models => (&mut self.model, self.models.len()),
        };
        *row = row.saturating_add_signed(by).min(total.saturating_sub(1));
    }

    fn start(&self, instruction: String) -> Effect {
        let model = &self.models[self.model];
        let (models, action) = match model.kind {
            ModelKind::Shipped => (model.name.clone(), None),
            ModelKind::Open => (MODELS[0].0.to_owned(), Some(model.name.clone())),
        };
        let recipe = self.desktops.get(self.desktop).map(|row| row.name.clone());
        Effect::Chosen(Choice::Start {
            instruction,
            recipe: recipe.unwrap_or_else(|| "minimal".to_owned()),
            models,
            action,
        })
    }
}
