//! The loop between a terminal and a dashboard: one thread takes events in, one at a time, and
//! draws when something has changed. Keys, journal, pictures and signals come from threads of their
//! own, through one bounded channel.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use deskbound_agent::attach::Visitor;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::{Frame, Terminal};
use tokio::runtime::Handle;

use super::doorway::{Doorway, EVENTS_MAX, doorway};
use super::feed::Feed;
use super::gallery::{Exhibit, Gallery};
use super::graphics::{Between, Canvas, Means, Placed, detect};
use super::guard::{self, TerminalGuard};
use super::helm::Helm;
use super::home::{Choice, Home};
use super::keyboard::Keyboard;
use super::pace::{Line, Pace};
use super::suite::SuiteView;
use super::{Dashboard, Effect, Event, Face, Reach, Tense, clipboard, draw};

/// Clocks and figures are looked at this often.
const TICK: Duration = Duration::from_millis(250);

/// What is watched.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) run: PathBuf,
    pub(crate) tense: Tense,
    pub(crate) face: Face,
    pub(crate) reach: Reach,
}

/// Ends a view from outside: a signal does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Curtain(Arc<AtomicBool>);

impl Curtain {
    pub(crate) fn fall(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn has_fallen(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What is drawn and what takes events in; the stage knows no more of it.
pub(crate) trait Scene {
    fn take(&mut self, event: Event) -> Vec<Effect>;
    fn draw(&self, frame: &mut Frame<'_>);
    /// What lies over the cells, in the terminal's own pixels.
    fn raster(&self) -> Option<Placed> {
        None
    }
}

impl Scene for Dashboard {
    fn take(&mut self, event: Event) -> Vec<Effect> {
        self.update(event)
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        draw::draw(self, frame);
    }

    fn raster(&self) -> Option<Placed> {
        draw::raster(self)
    }
}

impl Scene for Home {
    fn take(&mut self, event: Event) -> Vec<Effect> {
        self.update(event)
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        draw::home::draw(self, frame);
    }
}

impl Scene for &mut SuiteView {
    fn take(&mut self, event: Event) -> Vec<Effect> {
        self.update(event)
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        draw::suite::draw(self, frame);
    }
}

/// Opens a run's view and returns when it is left. Blocks its thread. A visitor is given with the
/// runtime that its tasks are for.
pub(crate) fn open(
    play: Play,
    visitor: Option<(Visitor, Handle)>,
    curtain: &Curtain,
) -> io::Result<()> {
    let (doorway, inbox) = doorway();
    let gallery = {
        let doorway = doorway.clone();
        Gallery::open(play.run.clone(), move |exhibit| {
            doorway.hand_in(Event::Fetched(Box::new(exhibit)));
        })
    };
    let feed = {
        let doorway = doorway.clone();
        Feed::open(play.run.clone(), play.tense, move |told| {
            doorway.hand_in(told);
        })
    };
    let mut dashboard = Dashboard::new(play.tense, play.face.clone());
    dashboard.controls = visitor.as_ref().is_some_and(|(visitor, _)| visitor.control);
    dashboard.reach = play.reach;
    let run = play.run;
    let helm = visitor.map(|(visitor, runtime)| Helm::hold(visitor, run, &doorway, &runtime));
    let mut stage = Stage::set(dashboard, Some(gallery), helm)?;
    // Before anybody else reads what the terminal says.
    let means = detect(play.face.graphics, play.face.theme);
    stage.means(means);
    stage.scene.means = means;
    let outcome = stage.run(doorway, &inbox, curtain);
    // Threads that wait to deliver are let go before they are waited for.
    drop(inbox);
    drop(feed);
    drop(stage);
    outcome.map(drop)
}

/// Opens the first screen; what was chosen on it, or `None` where it was left. `look_around` is
/// given where to hand in what it finds.
pub(crate) fn open_home(
    face: Face,
    curtain: &Curtain,
    look_around: impl FnOnce(Doorway),
) -> io::Result<Option<Choice>> {
    let (doorway, inbox) = doorway();
    look_around(doorway.clone());
    Stage::set(Home::new(face), None, None)?.run(doorway, &inbox, curtain)
}

/// Opens the view of a suite; the record that was chosen in it, or `None` where it was left.
/// `measure` is given where to hand in how far it is.
pub(crate) fn open_suite(
    view: &mut SuiteView,
    curtain: &Curtain,
    measure: impl FnOnce(Doorway),
) -> io::Result<Option<Choice>> {
    let (doorway, inbox) = doorway();
    measure(doorway.clone());
    Stage::set(view, None, None)?.run(doorway, &inbox, curtain)
}

struct Stage<S> {
    scene: S,
    terminal: Terminal<CrosstermBackend<Counted>>,
    guard: TerminalGuard,
    gallery: Option<Gallery>,
    helm: Option<Helm>,
    pace: Pace,
    written: Arc<AtomicU64>,
    opened: Instant,
    /// A picture that the line cannot carry yet.
    held: Option<Box<Exhibit>>,
    means: Option<Means>,
    canvas: Canvas,
}

enum Next {
    GoOn,
    Leave(Option<Choice>),
}

impl<S: Scene> Stage<S> {
    fn set(scene: S, gallery: Option<Gallery>, helm: Option<Helm>) -> io::Result<Self> {
        let guard = TerminalGuard::take()?;
        let written = Arc::<AtomicU64>::default();
        let writer = Counted { bytes: Vec::new(), written: Arc::clone(&written) };
        let terminal = Terminal::new(CrosstermBackend::new(writer))?;
        let pace = Pace::new(Line::of_environment());
        let opened = Instant::now();
        let (held, means, canvas) = (None, None, Canvas::default());
        Ok(Self {
            scene,
            terminal,
            guard,
            gallery,
            helm,
            pace,
            written,
            opened,
            held,
            means,
            canvas,
        })
    }

    /// Pictures are given to the terminal in this way.
    fn means(&mut self, means: Option<Means>) {
        self.means = means;
        if means.is_some() {
            self.guard.pictured();
        }
    }

    fn run(
        &mut self,
        doorway: Doorway,
        inbox: &Receiver<Event>,
        curtain: &Curtain,
    ) -> io::Result<Option<Choice>> {
        let _keyboard = Keyboard::listen(doorway);
        let size = self.terminal.size()?;
        self.take(Event::Resized(size))?;
        self.draw(false)?;
        loop {
            let mut picture = false;
            match inbox.recv_timeout(self.patience()) {
                Ok(event) => {
                    self.take(Event::Tick(self.opened.elapsed()))?;
                    // What has come meanwhile is drawn together.
                    let events = std::iter::once(event).chain(inbox.try_iter()).take(EVENTS_MAX);
                    for event in events {
                        match self.arrived(event)? {
                            (Next::Leave(choice), _) => return Ok(choice),
                            (Next::GoOn, shown) => picture |= shown,
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
            if curtain.has_fallen() {
                return Ok(None);
            }
            if !guard::is_taken() {
                return Err(io::Error::other("a thread of the view has panicked"));
            }
            picture |= self.show_held()?;
            self.take(Event::Tick(self.opened.elapsed()))?;
            if let Some(figures) = self.pace.figures(self.opened.elapsed()) {
                self.take(Event::Link(figures))?;
            }
            self.draw(picture)?;
        }
    }

    /// Until something is due on its own.
    fn patience(&self) -> Duration {
        match self.held {
            Some(_) => self.pace.next_picture().saturating_sub(self.opened.elapsed()).min(TICK),
            None => TICK,
        }
    }

    /// A picture that comes too early for the line waits; a newer one takes its place.
    fn arrived(&mut self, event: Event) -> io::Result<(Next, bool)> {
        match event {
            Event::Resized(_) => {
                // Where a size is new, all is drawn anew.
                self.clear()?;
                Ok((self.take(event)?, false))
            }
            Event::Fetched(exhibit) if self.opened.elapsed() < self.pace.next_picture() => {
                self.held = Some(exhibit);
                Ok((Next::GoOn, false))
            }
            Event::Fetched(exhibit) => {
                self.held = None;
                Ok((self.take(Event::Fetched(exhibit))?, true))
            }
            event => Ok((self.take(event)?, false)),
        }
    }

    fn show_held(&mut self) -> io::Result<bool> {
        if self.opened.elapsed() < self.pace.next_picture() {
            return Ok(false);
        }
        match self.held.take() {
            Some(exhibit) => self.take(Event::Fetched(exhibit)).map(|_| true),
            None => Ok(false),
        }
    }

    fn take(&mut self, event: Event) -> io::Result<Next> {
        for effect in self.scene.take(event) {
            match effect {
                Effect::Leave => return Ok(Next::Leave(None)),
                Effect::Chosen(choice) => return Ok(Next::Leave(Some(choice))),
                Effect::Fetch(request) => {
                    self.gallery.iter().for_each(|gallery| gallery.ask(request.clone()));
                }
                Effect::Order(order) => {
                    let taken = self.helm.as_ref().is_some_and(|helm| helm.order(order));
                    if !taken {
                        let why = "the run takes no more orders at the moment".to_owned();
                        self.scene.take(Event::Refused(why));
                    }
                }
                Effect::Carry(text) => {
                    let out = self.terminal.backend_mut();
                    out.write_all(clipboard::sequence(&text).as_bytes())?;
                    Write::flush(out)?;
                }
                Effect::Mouse(listen) => self.guard.mouse(listen)?,
                Effect::Redraw => self.clear()?,
                Effect::Suspend => {
                    self.guard.suspend()?;
                    self.clear()?;
                }
            }
        }
        Ok(Next::GoOn)
    }

    /// Every cell is written again, and every picture sent.
    fn clear(&mut self) -> io::Result<()> {
        if let Some(means) = self.means {
            let out = self.terminal.backend_mut();
            self.canvas.remove(means, out)?;
            // Its writer is replaced below, with all that it still holds.
            Write::flush(out)?;
        }
        // Its own way of clearing asks where the cursor is, and would wait for an answer.
        let writer = Counted { bytes: Vec::new(), written: Arc::clone(&self.written) };
        let mut backend = CrosstermBackend::new(writer);
        Backend::clear(&mut backend)?;
        self.terminal = Terminal::new(backend)?;
        Ok(())
    }

    fn draw(&mut self, picture: bool) -> io::Result<()> {
        let (begun, before) = (Instant::now(), self.written.load(Ordering::Relaxed));
        let raster = self.scene.raster();
        if self.canvas.is_in_the_way(raster.as_ref()) {
            self.clear()?;
        }
        let scene = &self.scene;
        self.terminal.draw(|frame| scene.draw(frame))?;
        let between = self.means.map_or(Between::Nothing, |means| means.between);
        if self.canvas.show(raster, between, self.terminal.backend_mut())? {
            Write::flush(self.terminal.backend_mut())?;
        }
        let bytes = self.written.load(Ordering::Relaxed) - before;
        self.pace.drew(self.opened.elapsed(), bytes, begun.elapsed(), picture);
        Ok(())
    }
}

impl<S> Drop for Stage<S> {
    /// What no cell knows of is taken away before the terminal is given back.
    fn drop(&mut self) {
        if let Some(means) = self.means {
            let out = self.terminal.backend_mut();
            // A terminal that has gone away needs nothing.
            let _ = self.canvas.remove(means, out).and_then(|()| Write::flush(out));
        }
    }
}

/// Gathers what one drawing writes, hands it to the terminal in one piece, and counts it.
struct Counted {
    bytes: Vec<u8>,
    written: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(&self.bytes)?;
        self.written.fetch_add(self.bytes.len() as u64, Ordering::Relaxed);
        self.bytes.clear();
        stdout.flush()
    }
}
