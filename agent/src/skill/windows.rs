//! `window`: to the front, away, to full size and back, to one half of the screen, closed.
//!
//! ```text
//!   which one ──▶ to the front ──▶ the window manager's key ──▶ it is so
//!                 (click where it shows; else alt+Tab)
//! ```

use deskbound_accessibility::{Role, ScreenPx, ScreenRect, State};
use deskbound_models::{Candidate, Grounding, ModelError};

use super::{Expect, Seen, Skill, SkillMove, programs, things};
use crate::action::Action;
use crate::memory::Touched;
use crate::view::{View, Window};

/// From the edge of a window to where it is clicked.
const INSET_PX: i32 = 4;
/// Between two places in a window that are tried.
const STRIDE_PX: i32 = 24;
/// A window that fills so much of the screen is maximised.
const FULL: f64 = 0.9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Focus,
    Minimise,
    Maximise,
    Restore,
    Close,
    Left,
    Right,
}

/// A window as it is known from one look to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    app: String,
    name: String,
}

impl Known {
    fn of(window: Window<'_>) -> Self {
        let app = window.tree.app(window.id).name.clone();
        Self { app, name: window.name().to_owned() }
    }

    fn is(&self, window: Window<'_>) -> bool {
        window.is_of(&self.app) && window.name() == self.name
    }

    fn shown(&self) -> String {
        crate::sanitize::line(&self.name)
    }
}

pub(super) struct Windows {
    phrase: Option<String>,
    deed: Deed,
    known: Option<Known>,
    /// Where it was before.
    before: Option<ScreenRect>,
    keyed: bool,
}

impl Windows {
    pub(super) fn new(action: &str, phrase: Option<String>) -> Result<Self, String> {
        let deed = match action {
            "focus" => Deed::Focus,
            "minimise" => Deed::Minimise,
            "maximise" => Deed::Maximise,
            "restore" => Deed::Restore,
            "close" => Deed::Close,
            "left" => Deed::Left,
            "right" => Deed::Right,
            _ => {
                return Err("`action` is one of focus, minimise, maximise, restore, close, left, \
                            right"
                    .to_owned());
            }
        };
        Ok(Self { phrase, deed, known: None, before: None, keyed: false })
    }

    /// Which window is meant, in the words of its title or of its application.
    fn which(&self, seen: &mut Seen<'_>) -> Result<Result<Known, SkillMove>, ModelError> {
        let Some(phrase) = &self.phrase else {
            let front = seen.view.front().map(Known::of);
            return Ok(front.ok_or_else(|| SkillMove::failed("no window is in front")));
        };
        let all: Vec<Window<'_>> = seen.view.windows().filter(|window| is_real(*window)).collect();
        if let Some(program) = programs::program(phrase) {
            // The uppermost of several.
            let mut own: Vec<_> = all.iter().filter(|window| program.owns(**window)).collect();
            own.sort_by_key(|window| height(**window));
            if let Some(window) = own.last() {
                return Ok(Ok(Known::of(**window)));
            }
        }
        let titled = |window: &&Window<'_>| {
            let title = window.title().trim_start_matches('*');
            things::same(title, phrase) || things::same(window.name(), phrase)
        };
        if let Some(window) = all.iter().find(titled) {
            return Ok(Ok(Known::of(*window)));
        }
        let candidates = all.iter().map(|window| Candidate {
            role: "window".to_owned(),
            name: window.title().to_owned(),
            context: window.tree.app(window.id).name.clone(),
            bounds: window.node().bounds.map(crate::elements::in_image),
        });
        let found = match all.is_empty() {
            true => Grounding::NotHere { best: 0.0 },
            false => seen.ground.ground(phrase, candidates.collect())?,
        };
        Ok(match found {
            Grounding::Candidate { index, .. } if index < all.len() => Ok(Known::of(all[index])),
            _ => {
                let phrase = things::shown(phrase);
                Err(SkillMove::failed(format!("no window here is “{phrase}”")))
            }
        })
    }

    fn expect(&self, known: &Known) -> Expect {
        let (deed, wanted, before) = (self.deed, known.clone(), self.before);
        let what = format!("the window “{}” {}", known.shown(), deed.outcome());
        Expect::new(what, move |view| {
            let found = view.windows().find(|window| wanted.is(*window));
            let is_front = view.front().is_some_and(|front| wanted.is(front));
            let bounds = found.and_then(|window| window.node().bounds);
            match deed {
                Deed::Focus => is_front,
                Deed::Close => found.is_none(),
                Deed::Minimise => !is_front && found.is_none_or(is_away),
                Deed::Maximise => bounds.is_some_and(|bounds| is_full(bounds, view)),
                Deed::Restore => bounds.is_some() && bounds != before,
                Deed::Left => bounds.is_some_and(|bounds| is_half(bounds, view, false)),
                Deed::Right => bounds.is_some_and(|bounds| is_half(bounds, view, true)),
            }
        })
    }
}

impl Deed {
    fn outcome(self) -> &'static str {
        match self {
            Self::Focus => "is in front",
            Self::Minimise => "is away",
            Self::Maximise => "fills the screen",
            Self::Restore => "has another size",
            Self::Close => "is closed",
            Self::Left => "has the left half",
            Self::Right => "has the right half",
        }
    }

    /// The window manager's own keys.
    fn keys(self) -> &'static str {
        match self {
            Self::Focus => "alt+Tab",
            Self::Minimise => "alt+F9",
            Self::Maximise | Self::Restore => "alt+F10",
            Self::Close => "alt+F4",
            Self::Left => "super+KP_4",
            Self::Right => "super+KP_6",
        }
    }
}

/// Window managers and panels keep windows that are nobody's business.
fn is_real(window: Window<'_>) -> bool {
    !window.name().trim().is_empty() && !window.is_of("xfwm4") && !window.is_of("xfce4-panel")
}

fn is_away(window: Window<'_>) -> bool {
    let states = window.node().states;
    states.contains(State::Iconified) || !states.contains(State::Showing)
}

/// The screen as far as windows reach.
fn screen(view: View<'_>) -> ScreenRect {
    let all = view.tree().nodes().filter_map(|(_, node)| node.bounds.filter(|_| node.depth <= 1));
    let desk = all.filter(|bounds| bounds.x <= 0 && bounds.y <= 0);
    let largest = desk.max_by_key(|b| u64::from(b.width) * u64::from(b.height));
    largest.unwrap_or(ScreenRect { x: 0, y: 0, width: 1280, height: 800 })
}

fn is_full(bounds: ScreenRect, view: View<'_>) -> bool {
    let screen = screen(view);
    let share = |part: u32, all: u32| f64::from(part) / f64::from(all.max(1));
    share(bounds.width, screen.width) >= FULL && share(bounds.height, screen.height) >= FULL - 0.1
}

fn is_half(bounds: ScreenRect, view: View<'_>, right: bool) -> bool {
    let screen = screen(view);
    let middle = screen.x + (screen.width / 2) as i32;
    let width = f64::from(bounds.width) / f64::from(screen.width.max(1));
    let side = if right { bounds.x >= middle - STRIDE_PX } else { bounds.x < middle / 4 };
    side && (0.4..0.6).contains(&width)
}

fn height(window: Window<'_>) -> usize {
    let placed = window.tree.windows.iter();
    placed.map(|placed| placed.node).position(|node| node == Some(window.id)).unwrap_or(0)
}

/// Somewhere on a window's title bar that no other window lies over. Inside, a click would press
/// something.
fn title_bar(window: Window<'_>) -> Option<ScreenPx> {
    let placed = &window.tree.windows;
    let at = placed.iter().position(|placed| placed.node == Some(window.id))?;
    let (outer, inner) = (placed[at].window.outer(), placed[at].window.bounds);
    let above: Vec<ScreenRect> = placed[at + 1..]
        .iter()
        .filter(|placed| placed.node.is_none_or(|id| !is_away(Window { id, ..window })))
        .map(|placed| placed.window.outer())
        .collect();
    let y = outer.y + INSET_PX;
    // Away from the buttons at both ends of the bar.
    let from = outer.x + 3 * STRIDE_PX;
    let to = outer.x.saturating_add_unsigned(outer.width) - 4 * STRIDE_PX;
    let is_free = |point: &ScreenPx| {
        point.x >= 0 && point.y >= 0 && !above.iter().any(|other| other.contains(*point))
    };
    let points = (from..to).step_by(STRIDE_PX as usize).map(|x| ScreenPx { x, y });
    points.filter(|_| inner.y > y).find(is_free)
}

/// A move that brings a window to the front; `None` where none is that one, or it is there.
pub(super) fn raise(
    view: View<'_>,
    misses: u32,
    wanted: impl Fn(Window<'_>) -> bool,
) -> Option<SkillMove> {
    if view.front().is_some_and(&wanted) {
        return None;
    }
    let window = view.windows().filter(|window| is_real(*window) && wanted(*window));
    let window = window.max_by_key(|window| height(*window))?;
    let known = Known::of(window);
    let what = format!("the window “{}” is in front", known.shown());
    let expect = Expect::new(what, move |view| view.front().is_some_and(|f| known.is(f)));
    let spot = title_bar(window).filter(|_| !is_away(window) && misses == 0);
    let action = spot.map_or_else(|| Action::key("alt+Tab"), Action::click);
    Some(SkillMove::act([action], expect))
}

impl Skill for Windows {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        let known = match self.known.clone() {
            Some(known) => known,
            None => match self.which(seen)? {
                Ok(known) => self.known.insert(known).clone(),
                Err(failed) => return Ok(failed),
            },
        };
        let expect = self.expect(&known);
        let asked = self.keyed || !matches!(self.deed, Deed::Restore);
        if asked && expect.met(seen.view) {
            return Ok(SkillMove::Done { evidence: expect.what, touched: Touched::Nothing });
        }
        if let Some(raising) = raise(seen.view, seen.misses, |window| known.is(window)) {
            return Ok(raising);
        }
        if self.keyed && seen.misses > 1 {
            return Ok(SkillMove::failed(format!("it was expected that {}", expect.what)));
        }
        if self.before.is_none() {
            self.before = seen.view.front().and_then(|front| front.node().bounds);
        }
        self.keyed = true;
        if self.deed == Deed::Close && seen.view.front().is_some_and(is_unsaved) {
            return Ok(SkillMove::failed("its document has changes that are not saved"));
        }
        let expect = self.expect(&known);
        Ok(SkillMove::act([Action::key(self.deed.keys())], expect))
    }
}

/// Editors put a star before the name of what is not saved.
fn is_unsaved(window: Window<'_>) -> bool {
    window.node().role == Role::Frame && window.name().starts_with('*')
}
