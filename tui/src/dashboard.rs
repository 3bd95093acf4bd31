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
//! - `helm`: the line to a run that goes on; `steering`, `hands`, `question`: what a person tells it.
//! - `keymap`: every key, what it does, and its help, in one table; `bar`: the same by name;
//!   `special`: keys that a terminal cannot pass on.
//! - `picture`: a screen as coloured cells; `graphics`: in a terminal's own pixels; `gallery`: the
//!   thread that makes them.
//! - `home`: the first screen, from which runs are started and opened.
//! - `suite`: how far the evaluation of a suite is, in place of one run.
//! - `theme`: colours and glyphs, and what is left of them where a terminal has neither.
//! - `arrangement`: which pane lies where; `draw`: the panes, one file each.
//! - `stage`: the loop between terminal and dashboard; `guard`: the terminal is given back as it
//!   was, whatever happens; `pace`: how often a slow line is drawn to.
//!
//! # Invariants
//!
//! 1. Text from a desktop or a model goes through `sanitize` before it is drawn.
//! 2. The thread that draws never reads a file and never waits for anything but the terminal.
//! 3. Closing the view stops no run.

pub(crate) mod arrangement;
pub(crate) mod bar;
pub(crate) mod draw;
pub(crate) mod feed;
pub(crate) mod gallery;
pub(crate) mod graphics;
pub(crate) mod guard;
mod hands;
pub(crate) mod helm;
pub(crate) mod home;
pub(crate) mod keymap;
pub(crate) mod line_edit;
pub(crate) mod moment;
pub(crate) mod pace;
pub(crate) mod phase;
pub(crate) mod picture;
pub(crate) mod question;
pub(crate) mod special;
pub(crate) mod stage;
mod steering;
pub(crate) mod story;
pub(crate) mod suite;
#[cfg(test)]
mod tests;
pub(crate) mod theme;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use deskbound_accessibility::ScreenPx;
use deskbound_agent::control::Phase as RunPhase;
use deskbound_agent::journal::Entry;
use deskbound_eval::Progress;
use ratatui::crossterm::event::{KeyEvent, KeyEventKind, MouseEvent};
use ratatui::layout::Size;

use arrangement::{Arrangement, Whole};
use bar::Bar;
use clap::ValueEnum as _;
use gallery::{Exhibit, OutlineRow, Request};
use graphics::{Graphics, Marks, Means};
use helm::{Order, Sight, Spent};
use home::{Choice, Find};
use keymap::{Keymap, When, Wish};
use line_edit::LineEdit;
use moment::{LookId, Mark, Moment};
use pace::LinkFigures;
use picture::{Extent, Fidelity, ZOOM_LEVEL_MAX, Zoom};
use question::Card;
use story::Story;
use theme::{Glyphs, Palette, Theme};

/// Lines of the log that are kept.
const LOG_LINES: usize = 400;
/// How long a step is shown when steps are played.
const PLAY_EVERY: Duration = Duration::from_millis(800);
/// How long something is said in the foot's row.
const NOTICE_TIME: Duration = Duration::from_secs(5);
/// Rows of one page.
const PAGE_ROWS: usize = 10;

/// What happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// Lines of the journal, in order.
    Told(Vec<Entry>),
    /// What the run is doing, by its own word.
    Phase(RunPhase),
    /// The screen between two records.
    Sighted(Sight),
    /// What the run takes of this machine.
    Spent(Spent),
    /// An order was not taken.
    Refused(String),
    /// Another view holds the control now.
    Succeeded,
    /// The line to the run is gone.
    Parted(String),
    Mouse(MouseEvent),
    /// The journal cannot be read on.
    Broken(String),
    Key(KeyEvent),
    Pasted(String),
    Resized(Size),
    Fetched(Box<Exhibit>),
    /// The time since the view was opened, now and then.
    Tick(Duration),
    Link(LinkFigures),
    /// Something about this machine.
    Found(Find),
    /// How far a suite is.
    Measured(Box<Progress>),
}

/// What is to be done, by somebody else.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Leave,
    Suspend,
    Redraw,
    Fetch(Request),
    /// Something for the run.
    Order(Order),
    /// Whether the pointer is listened to.
    Mouse(bool),
    /// The first screen is left for this.
    Chosen(Choice),
}

/// What a user has settled of the view itself.
#[derive(Clone, Debug)]
pub(crate) struct Face {
    pub(crate) theme: Theme,
    pub(crate) keymap: Arc<Keymap>,
    pub(crate) graphics: Graphics,
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

/// Which screen belongs to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one it was decided on, with its target.
    Before,
    After,
}

/// What lies over the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    None,
    Help {
        page: usize,
    },
    /// Something for the models is being typed.
    Prompt(LineEdit),
    /// What is looked for is being typed.
    Find(LineEdit),
    /// A command is being typed.
    Command(Bar),
    Ask(Card),
    Confirm(Confirm),
    /// Keys and pointer go to the desktop; `taken` once the run has said so.
    Hands {
        taken: bool,
        /// The row of the list of special keys, while it is open.
        menu: Option<usize>,
    },
}

/// What a person has to say twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confirm {
    Stop,
    Leave,
}

/// Which row is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// Always the newest.
    Newest,
    At(usize),
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
    pub(crate) sight: Option<Sight>,
    pub(crate) spent: Option<Spent>,
    /// Something to be said for a while, and since when.
    pub(crate) notice: Option<(String, Duration)>,
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
    pub(crate) fn new(tense: Tense, Face { theme, keymap, .. }: Face) -> Self {
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
            sight: None,
            spent: None,
            notice: None,
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

    pub(crate) fn is_playing(&self) -> bool {
        self.playing.is_some()
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
            When::Home | When::Hands => false,
            When::Past => self.tense == Tense::Past,
            When::Live => self.tense == Tense::Live,
            When::Steering => self.steers(),
            When::Outline => self.showing == Showing::Outline,
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

    /// Does what a key or a command asks for.
    fn obey(&mut self, wish: Wish) -> Vec<Effect> {
        match wish {
            Wish::Leave if self.steers() => self.layer = Layer::Confirm(Confirm::Leave),
            Wish::Leave => return vec![Effect::Leave],
            Wish::Suspend => return vec![Effect::Suspend],
            Wish::Redraw => return vec![Effect::Redraw],
            Wish::Pause | Wish::SingleStep | Wish::Prompt | Wish::TakeOver | Wish::Stop => {
                return self.steer(wish);
            }
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
            Wish::New | Wish::Doctor | Wish::GiveBack | Wish::SpecialKeys => {}
        }
        Vec::new()
    }

    /// One level back, whatever it is.
    fn back(&mut self) {
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

    fn next_pane(&mut self) {
        self.pane = match self.pane {
            Pane::Steps => Pane::Screen,
            Pane::Screen => Pane::Log,
            Pane::Log => Pane::Steps,
        };
    }

    fn arrow(&mut self, wish: Wish) {
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

    fn scroll(&mut self, rows: isize) {
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

    fn step(&mut self, by: isize) {
        let Some(index) = self.index() else { return };
        let last = self.story.moments.len() - 1;
        let to = index.saturating_add_signed(by);
        self.go(if to > last && self.tense == Tense::Live {
            Cursor::Newest
        } else {
            Cursor::At(to.min(last))
        });
    }

    fn go(&mut self, cursor: Cursor) {
        self.cursor = match (cursor, self.tense) {
            (Cursor::Newest, Tense::Past) => Cursor::At(self.story.moments.len().saturating_sub(1)),
            (cursor, _) => cursor,
        };
        (self.centre, self.chosen) = (None, None);
    }

    fn jump_to_mark(&mut self, direction: isize) {
        let Some(from) = self.index() else { return };
        let marked = |index: &usize| self.story.moments[*index].mark() > Mark::Missed;
        let found = match direction {
            1 => (from + 1..self.story.moments.len()).find(marked),
            _ => (0..from).rev().find(marked),
        };
        if let Some(index) = found {
            self.go(Cursor::At(index));
        }
    }

    /// To the next that fits, from the first again after the last.
    fn jump_to(&mut self, what: &str, fits: impl Fn(&Moment) -> bool) {
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
    fn find(&mut self, text: &str) {
        let wanted = text.to_lowercase();
        let says = |moment: &Moment| draw::says(moment).to_lowercase().contains(&wanted);
        self.jump_to(&format!("“{text}”"), says);
    }

    fn dress(&mut self, theme: Theme) {
        self.theme = theme;
        if !theme.shows_pictures() {
            self.showing = Showing::Outline;
        }
        self.say(format!("theme: {}", theme.name()));
    }

    /// A theme by its name; where the terminal shows no colours, there is but one.
    fn dress_as(&mut self, name: &str) {
        match Palette::from_str(name, true) {
            Ok(palette) if self.theme.shows_pictures() => {
                self.dress(Theme { palette, ..self.theme });
            }
            Ok(_) => self.say("this terminal is to show no colours".to_owned()),
            Err(_) => self.say(format!("`{name}` is no theme")),
        }
    }

    fn toggle_outline(&mut self) {
        self.showing = match self.showing {
            Showing::Picture => Showing::Outline,
            // Without colours there is no picture to go back to.
            Showing::Outline if !self.theme.shows_pictures() => Showing::Outline,
            Showing::Outline => Showing::Picture,
        };
        self.chosen = None;
        self.pane = Pane::Screen;
    }

    fn choose(&mut self) {
        let row = self.outline().get(self.outline_row).map(|row| (*row).clone());
        if self.theme.shows_pictures() && row.is_some() {
            self.chosen = row;
            self.showing = Showing::Picture;
        }
    }

    fn toggle_freeze(&mut self) {
        self.frozen = !self.frozen;
        if !self.frozen {
            let waiting = std::mem::take(&mut self.waiting);
            self.told(waiting);
        }
    }

    fn toggle_play(&mut self) {
        let at_end = self.index() == self.story.moments.len().checked_sub(1);
        self.playing = match self.playing {
            Some(_) => None,
            None => Some(self.now),
        };
        if self.playing.is_some() && at_end {
            self.go(Cursor::At(0));
        }
    }

    fn pan(&mut self, dx: isize, dy: isize) {
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

    /// The picture that the view needs, unless it has been asked for.
    fn wanted(&mut self) -> Option<Request> {
        let look = self.look()?;
        let room = self.room()?;
        let stored = self.story.looks.get(look.0)?;
        let after = self.story.looks.get(look.0 + 1).and_then(|after| after.tree.clone());
        let fidelity = match self.theme.glyphs {
            Glyphs::Unicode => Fidelity::Half,
            Glyphs::Ascii => Fidelity::Whole,
        };
        let request = Request {
            look,
            frame: stored.frame.clone(),
            tree: stored.tree.clone(),
            after,
            sight: self.sight.clone().filter(|_| self.follows() && self.is_going_on()),
            crop: self.crop(),
            zoom: Zoom { level: self.zoom, centre: self.focus_point() },
            room,
            fidelity: self.theme.shows_pictures().then_some(fidelity),
            raster: self.means.map(|means| (means, self.marks())),
        };
        if self.asked.as_ref() == Some(&request) {
            return None;
        }
        self.asked = Some(request.clone());
        Some(request)
    }

    /// The surroundings of what is asked about.
    fn crop(&self) -> Option<(ScreenPx, Extent)> {
        let question = self.story.question.as_ref()?;
        let room = Extent { columns: draw::CROP_COLUMNS, rows: draw::CROP_ROWS };
        question.points().last().map(|at| (*at, room))
    }

    /// What is marked on the picture: what is to be clicked, or what was chosen in the outline.
    fn marks(&self) -> Marks {
        let targets = draw::targets(self);
        Marks { points: targets.points, boxes: targets.boxes.into_iter().map(|(b, _)| b).collect() }
    }

    /// What the picture is to be around.
    fn focus_point(&self) -> ScreenPx {
        let chosen = || Some(self.chosen.as_ref()?.bounds?.centre());
        let target = || self.moment()?.points().last().copied();
        self.centre.or_else(chosen).or_else(target).unwrap_or(ScreenPx { x: 640, y: 400 })
    }

    fn room(&self) -> Option<Extent> {
        let screen = Arrangement::of(self.size, self.pane, self.whole())?.screen;
        let (columns, rows) = (screen.width, screen.height.saturating_sub(1));
        (columns > 0 && rows > 0).then_some(Extent { columns, rows })
    }
}
