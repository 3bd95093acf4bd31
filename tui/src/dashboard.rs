//! The dashboard: a run seen from a terminal, while it goes on or long after.
//!
//! # From above
//!
//! ```text
//!  journal ─▶ feed ─┐                                       ┌─▶ gallery (reads, scales) ─┐
//!  keys ───▶ stage ─┼─▶ Event ─▶ Dashboard::update ─▶ Effect┤                            │
//!  signals ─────────┘                │                      └─▶ leave, suspend, …        │
//!       ▲                            ▼                                                   │
//!       │                     draw(&Dashboard) ─▶ terminal            Event::Fetched ◀───┘
//! ```
//!
//! [`Dashboard`] is plain data. Events come in, it changes, effects go out; [`draw`](draw::draw)
//! only looks at it. Whatever takes time (reading, unpacking and scaling pictures) is done elsewhere
//! and comes back as an event, so a key is answered at once however large a run is.
//!
//! The view stands on the journal alone: what is drawn of a live run is what was recorded of it,
//! and a view that dies takes nothing with it.
//!
//! # Code map
//!
//! - `story`, `moment`, `phase`: what a run has said so far, as rows.
//! - `helm`: the line to a run that goes on; `steering`, `question`: what a person tells it;
//!   `takeover`, `hands`, `clipboard`: the desktop in a person's own hands.
//! - `keymap`: every key, what it does, and its help, in one table; `bar`: the same by name;
//!   `special`: keys that a terminal cannot pass on.
//! - `picture`: a screen as coloured cells; `graphics`: in a terminal's own pixels; `gallery`: the
//!   thread that makes them.
//! - `home`: the first screen, from which runs are started and opened.
//! - `suite`: how far the evaluation of a suite is, in place of one run.
//! - `theme`: colours and glyphs, and what is left of them where a terminal has neither.
//! - `arrangement`: which pane lies where; `draw`: the panes, one file each.
//! - `cursor`, `obedience`: moving about, and what the keys of the view do; `exhibition`: which
//!   picture that needs; `layer`: what lies over the panes.
//! - `stage`: the loop between terminal and dashboard; `doorway`, `keyboard`: what comes in;
//!   `guard`: the terminal is given back as it was, whatever happens; `pace`: how often a slow line
//!   is drawn to.
//!
//! # Invariants
//!
//! 1. Text from a desktop or a model goes through `sanitize` before it is drawn.
//! 2. The thread that draws never reads a file and never waits for anything but the terminal.
//! 3. Closing the view stops no run.

pub(crate) mod arrangement;
pub(crate) mod bar;
pub(crate) mod clipboard;
mod cursor;
pub(crate) mod doorway;
pub(crate) mod draw;
mod event;
mod exhibition;
pub(crate) mod feed;
pub(crate) mod gallery;
pub(crate) mod graphics;
pub(crate) mod guard;
mod hands;
pub(crate) mod helm;
pub(crate) mod home;
mod keyboard;
pub(crate) mod keymap;
mod layer;
pub(crate) mod line_edit;
pub(crate) mod moment;
mod obedience;
pub(crate) mod pace;
pub(crate) mod phase;
pub(crate) mod picture;
pub(crate) mod question;
pub(crate) mod special;
pub(crate) mod stage;
mod steering;
pub(crate) mod story;
pub(crate) mod suite;
mod takeover;
#[cfg(test)]
mod tests;
pub(crate) mod theme;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::ScreenPx;
use deskbound_agent::control::Phase as RunPhase;
use deskbound_agent::journal::Entry;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use arrangement::Whole;
use clipboard::Carrying;
pub(crate) use cursor::{Cursor, Side};
pub(crate) use event::{Effect, Event};
use gallery::{Exhibit, OutlineRow, Request};
use graphics::{Graphics, Means};
use helm::{Sight, Spent};
use keymap::{Keymap, When, Wish};
pub(crate) use layer::{Confirm, Details, Layer, Over};
use line_edit::LineEdit;
use pace::LinkFigures;
use story::Story;
use theme::Theme;

/// Lines of the log that are kept.
const LOG_LINES: usize = 400;
/// How long a step is shown when steps are played.
const PLAY_EVERY: Duration = Duration::from_millis(800);
/// A run that is over has its end on record so long after its line is gone.
const PARTING_TIME: Duration = Duration::from_secs(1);
/// How long something is said in the foot's row.
const NOTICE_TIME: Duration = Duration::from_secs(5);

/// What a user has settled of the view itself.
#[derive(Clone, Debug)]
pub(crate) struct Face {
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) graphics: Graphics,
    pub(crate) carrying: Carrying,
}

/// What a view may come to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It looks, and can do nothing else.
    Watch,
    /// It holds the control, or may take it.
    Steer,
}

/// Whether the run still goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tense {
    Live,
    Past,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pane {
    Steps,
    Screen,
    Log,
}

/// What the screen's pane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    Picture,
    Outline,
}

#[derive(Debug)]
pub(crate) struct Dashboard {
    pub(crate) story: Story,
    pub(crate) tense: Tense,
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) size: Size,
    pub(crate) cursor: Cursor,
    pub(crate) pane: Pane,
    pub(crate) showing: Showing,
    pub(crate) side: Side,
    pub(crate) layer: Layer,
    pub(crate) zoom: u8,
    /// Where a person moved the picture to; `None` follows the target.
    pub(crate) centre: Option<ScreenPx>,
    pub(crate) outline_row: usize,
    /// A thing of the outline that is shown on the picture.
    pub(crate) chosen: Option<OutlineRow>,
    /// Only things that say this are in the outline.
    pub(crate) filter: String,
    pub(crate) exhibit: Option<Box<Exhibit>>,
    pub(crate) log: VecDeque<String>,
    /// How far the log is scrolled back.
    pub(crate) log_back: usize,
    pub(crate) fault: Option<String>,
    pub(crate) frozen: bool,
    /// The pointer chooses and scrolls here; without, a terminal marks text with it.
    pub(crate) mouse: bool,
    pub(crate) link: LinkFigures,
    /// How pictures are given to the terminal; `None` for half-blocks.
    pub(crate) means: Option<Means>,
    pub(crate) now: Duration,
    /// The run's own word for what it is doing.
    pub(crate) live: Option<RunPhase>,
    /// Whether orders of this view are taken.
    pub(crate) controls: bool,
    pub(crate) reach: Reach,
    /// What becomes of the desktop's clipboard.
    carrying: Carrying,
    pub(crate) sight: Option<Sight>,
    pub(crate) spent: Option<Spent>,
    /// Something to be said for a while, and since when.
    pub(crate) notice: Option<(String, Duration)>,
    /// Why the line to the run is gone, and since when, until it is known whether the run is over.
    parting: Option<(String, Duration)>,
    /// What was typed when a question came between.
    draft: LineEdit,
    /// When the last record came, by the view's clock.
    heard: Duration,
    playing: Option<Duration>,
    asked: Option<Request>,
    /// Came in while the view was held still.
    waiting: Vec<Entry>,
}

impl Dashboard {
    pub(crate) fn new(tense: Tense, Face { theme, keymap, carrying, .. }: Face) -> Self {
        Self {
            story: Story::default(),
            tense,
            theme,
            keymap,
            size: Size::default(),
            cursor: match tense {
                Tense::Live => Cursor::Newest,
                Tense::Past => Cursor::At(0),
            },
            pane: Pane::Steps,
            showing: if theme.shows_pictures() { Showing::Picture } else { Showing::Outline },
            side: Side::Before,
            layer: Layer::None,
            zoom: 0,
            centre: None,
            outline_row: 0,
            chosen: None,
            filter: String::new(),
            exhibit: None,
            log: VecDeque::new(),
            log_back: 0,
            fault: None,
            frozen: false,
            mouse: false,
            link: LinkFigures::default(),
            means: None,
            now: Duration::ZERO,
            live: None,
            controls: false,
            reach: Reach::Watch,
            carrying,
            sight: None,
            spent: None,
            notice: None,
            parting: None,
            draft: LineEdit::default(),
            heard: Duration::ZERO,
            playing: None,
            asked: None,
            waiting: Vec::new(),
        }
    }

    /// Takes one event in; what comes out is for others to do.
    pub(crate) fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Told(entries) => self.told(entries),
            Event::Broken(why) => {
                self.note(format!("BROKEN: {why}"));
                self.fault = Some(why);
            }
            Event::Key(key) if key.kind != KeyEventKind::Release => effects.extend(self.key(key)),
            Event::Pasted(text) => effects.extend(self.pasted(text)),
            Event::Mouse(mouse) => effects.extend(self.pointed(mouse)),
            Event::Phase(phase) => effects.extend(self.heard(phase)),
            Event::Sighted(sight) if !self.frozen => self.sight = Some(sight),
            Event::Spent(spent) => self.spent = Some(spent),
            Event::Refused(why) => self.say(format!("not taken: {why}")),
            Event::Succeeded => {
                effects.extend(self.parted(String::new()));
                self.say("another view has the control now; this one watches".to_owned());
            }
            Event::Controls => {
                self.controls = true;
                self.say("this view has the control now".to_owned());
            }
            Event::Carried(text) => self.carried(text),
            Event::Parted(why) => effects.extend(self.parted(why)),
            Event::Key(_) | Event::Found(_) | Event::Sighted(_) | Event::Measured(_) => {}
            Event::Resized(size) => self.size = size,
            Event::Fetched(exhibit) => self.exhibit = Some(exhibit),
            Event::Tick(now) => self.tick(now),
            Event::Link(figures) => self.link = figures,
        }
        effects.extend(self.attend());
        effects.extend(self.wanted().map(Effect::Fetch));
        effects
    }

    /// The run's own time: it goes on between two records of a live one.
    pub(crate) fn elapsed(&self) -> Duration {
        let told = self.story.at.saturating_sub(self.story.begun);
        match self.tense {
            Tense::Live if !self.story.phase.is_over() => {
                told + self.now.saturating_sub(self.heard)
            }
            _ => told,
        }
    }

    /// By the run's clock: a live one's goes on between two records.
    pub(crate) fn elapsed_since(&self, at: Duration) -> Duration {
        (self.elapsed() + self.story.begun).saturating_sub(at)
    }

    pub(crate) fn whole(&self) -> Whole {
        match self.layer {
            Layer::Hands { .. } => Whole::Screen,
            _ => Whole::None,
        }
    }

    /// The things on the screen, as far as they say what is looked for.
    pub(crate) fn outline(&self) -> Vec<&OutlineRow> {
        let all = self.exhibit.iter().flat_map(|exhibit| exhibit.outline.iter());
        all.filter(|row| row.says(&self.filter)).collect()
    }

    /// How much came in while the view is held still.
    pub(crate) fn held_back(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn holds(&self, when: When) -> bool {
        if let Layer::Hands { .. } = self.layer {
            return when == When::Hands;
        }
        match when {
            When::Everywhere | When::View => true,
            When::Home | When::Suite | When::Hands => false,
            When::Past => self.tense == Tense::Past,
            When::Live => self.tense == Tense::Live,
            When::Steering => self.steers(),
            When::Watching => self.reach == Reach::Steer && self.is_going_on() && !self.controls,
            When::Outline => self.showing == Showing::Outline && self.pane == Pane::Screen,
            When::Steps => self.pane == Pane::Steps,
        }
    }

    fn told(&mut self, entries: Vec<Entry>) {
        if self.frozen {
            self.waiting.extend(entries);
            return;
        }
        self.heard = self.now;
        let unseen = entries.len().saturating_sub(LOG_LINES);
        for (index, entry) in entries.into_iter().enumerate() {
            // Of thousands that come at once only the last lines can stay.
            if index >= unseen
                && let Some(line) = feed::line(&entry)
            {
                self.note(line);
            }
            self.story.take(entry);
        }
        if let Some(why) = self.story.not_taken.take() {
            self.not_taken(&why);
        }
        if self.story.phase.is_over() && self.tense == Tense::Live && self.story.closed {
            self.tense = Tense::Past;
        }
    }

    fn note(&mut self, line: String) {
        if self.log.len() == LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back(line);
        if self.log_back > 0 {
            self.log_back = (self.log_back + 1).min(self.log.len());
        }
    }

    fn tick(&mut self, now: Duration) {
        self.now = now;
        if self.notice.as_ref().is_some_and(|(_, since)| now >= *since + NOTICE_TIME) {
            self.notice = None;
        }
        if let Some((why, _)) = self.parting.take_if(|(_, since)| now >= *since + PARTING_TIME)
            && self.is_going_on()
        {
            self.say(why);
        }
        let due = self.playing.is_some_and(|shown| now >= shown + PLAY_EVERY);
        if due {
            self.playing = Some(now);
            self.step(1);
            if self.index() == self.story.moments.len().checked_sub(1) {
                self.playing = None;
            }
        }
    }

    fn key(&mut self, key: KeyEvent) -> Vec<Effect> {
        if let Some(effects) = self.layered(key) {
            return effects;
        }
        let Some(wish) = self.keymap.wish(key, |when| self.holds(when)) else {
            return Vec::new();
        };
        if let Layer::Help { page } = self.layer
            && !matches!(wish, Wish::Suspend | Wish::Redraw)
        {
            let more = wish == Wish::Help && draw::help_pages(self) > page + 1;
            self.layer = if more { Layer::Help { page: page + 1 } } else { Layer::None };
            return Vec::new();
        }
        self.obey(wish)
    }
}
