//! A tree placed among windows: which frame is whose, whether it is where it says, what lies on top.
//!
//! ```text
//! window ─▶ its frame ─▶ says where it is? ─ yes ─────────────▶ Exact
//!                          │ no: GTK 4, or the same size ─ move ─▶ Repaired
//!                          └ no, and of another size ─ mark ────▶ Doubtful
//! ```

use atspi_common::{Role, State};

use crate::{
    geometry::{ScreenPx, ScreenRect},
    repair::Shift,
    toolkit::Toolkit,
    tree::{NodeId, Tree},
    window::{Fit, Layout, PlacedWindow, Popup, Window},
};

impl Tree {
    /// Brings tree and windows together. Afterwards [`Tree::windows`] says which is which, bounds
    /// are on the screen or marked as doubtful, and nodes under another window or off the screen
    /// are marked.
    pub fn place(&mut self, layout: Layout) {
        let Layout { screen, windows, popups } = layout;
        let mut taken: Vec<NodeId> = Vec::new();
        let mut placed: Vec<PlacedWindow> = Vec::with_capacity(windows.len());
        for window in windows {
            let node = self.frame_of(&window, &taken);
            taken.extend(node);
            let fit = node.map_or(Fit::Unknown, |frame| self.fit(frame, &window));
            placed.push(PlacedWindow { window, node, fit });
        }
        for at in 0..placed.len() {
            let Some(frame) = placed[at].node else { continue };
            let above: Vec<ScreenRect> =
                placed[at + 1..].iter().map(|placed| placed.window.outer()).collect();
            self.mark_covered(frame, &above, &popups);
        }
        self.mark_off_screen(screen);
        self.windows = placed;
    }

    /// By process; among several, by title, then by place.
    fn frame_of(&self, window: &Window, taken: &[NodeId]) -> Option<NodeId> {
        let is_frame = |id: &NodeId| {
            let node = self.node(*id);
            let app = &self.apps[usize::from(node.app.0)];
            let same_process = match (window.pid, app.pid) {
                (Some(window), Some(app)) => window == app,
                // In another name space: the title has to do.
                _ => self.name(*id) == window.title,
            };
            node.depth == 1 && same_process && !taken.contains(id)
        };
        let frames: Vec<NodeId> = self.nodes().map(|(id, _)| id).filter(is_frame).collect();
        let said = |id: &&NodeId| self.name(**id) == window.title;
        let there =
            |id: &&NodeId| self.node(**id).bounds.is_some_and(|bounds| window.is_where(bounds));
        let both = frames.iter().find(|id| said(id) && there(id));
        let either =
            both.or_else(|| frames.iter().find(said)).or_else(|| frames.iter().find(there));
        // A title may be decorated by the manager or not be told; an only frame can be no other.
        either.or(frames.first().filter(|_| frames.len() == 1)).copied()
    }

    /// Holds what a frame says of itself against its window, and repairs what is inside.
    fn fit(&mut self, frame: NodeId, window: &Window) -> Fit {
        let node = self.node(frame);
        let Some(said) = node.bounds.filter(|_| !node.states.contains(State::Iconified)) else {
            return Fit::Unknown;
        };
        if window.is_where(said) {
            return Fit::Exact;
        }
        let is_gtk4 = Toolkit::of_app(self.app(frame)) == Toolkit::Gtk4;
        let shift = if is_gtk4 { within(window.bounds, said) } else { None };
        let shift =
            shift.or_else(|| window.place_of(said).map(|place| Shift::between(said, place)));
        for id in self.subtree_ids(frame) {
            match shift {
                Some(shift) => self.repair(id, shift),
                None => self.node_mut(id).flags.doubtful = true,
            }
        }
        if shift.is_some() { Fit::Repaired } else { Fit::Doubtful }
    }

    fn mark_covered(&mut self, frame: NodeId, above: &[ScreenRect], popups: &[Popup]) {
        let over = self.over(frame, popups);
        for id in self.subtree_ids(frame) {
            let Some(bounds) = self.node(id).bounds else { continue };
            let centre = bounds.centre();
            let hides = |popup: &Popup| match over {
                Over::All => true,
                Over::Others(pid) => popup.pid != pid,
                Over::AllButItsOwn(pid) => {
                    popup.pid != pid || !(is_inside(bounds, popup.bounds) && self.is_of_popup(id))
                }
            };
            let is_covered = above.iter().any(|window| window.contains(centre))
                || popups.iter().any(|popup| popup.bounds.contains(centre) && hides(popup));
            self.node_mut(id).flags.covered = is_covered;
        }
    }

    /// What stands in a popup may stand below the frame that it belongs to. In which way was
    /// measured of GTK 3 and Qt; elsewhere a popup of its own hides nothing of an application.
    fn over(&self, frame: NodeId, popups: &[Popup]) -> Over {
        let app = self.app(frame);
        let has_own = popups.iter().any(|popup| popup.pid.is_some() && popup.pid == app.pid);
        match Toolkit::of_app(app) {
            _ if !has_own => Over::All,
            Toolkit::Gtk3 | Toolkit::Qt => Over::AllButItsOwn(app.pid),
            _ => Over::Others(app.pid),
        }
    }

    /// It, or something that it is in, opens as a popup.
    fn is_of_popup(&self, id: NodeId) -> bool {
        let opens = |id: NodeId| {
            matches!(
                self.node(id).role,
                Role::Menu | Role::PopupMenu | Role::ComboBox | Role::ToolTip | Role::Window
            )
        };
        opens(id) || self.ancestors(id).any(opens)
    }

    fn mark_off_screen(&mut self, screen: ScreenRect) {
        for id in (0..self.len() as u32).map(NodeId) {
            let node = self.node_mut(id);
            let centre: Option<ScreenPx> = node.bounds.map(|bounds| bounds.centre());
            node.flags.off_screen = centre.is_some_and(|centre| !screen.contains(centre));
        }
    }

    /// The frame, dialog or menu that a node is in.
    pub fn window_of(&self, id: NodeId) -> Option<NodeId> {
        let itself = Some(id).filter(|id| self.node(*id).depth == 1);
        itself.or_else(|| self.ancestors(id).find(|above| self.node(*above).depth == 1))
    }

    /// Windows in which something could be read, as the tree alone knows them.
    pub(crate) fn shown_frames(&self) -> impl Iterator<Item = NodeId> {
        let is_frame = |id: &NodeId| {
            let node = self.node(*id);
            let kind = matches!(node.role, Role::Frame | Role::Window | Role::Dialog);
            kind && node.depth == 1 && node.states.contains(State::Showing)
        };
        self.nodes().map(|(id, _)| id).filter(is_frame)
    }
}

/// Which popups hide what is in a window, with the process that the window is of.
#[derive(Clone, Copy)]
enum Over {
    All,
    Others(Option<u32>),
    AllButItsOwn(Option<u32>),
}

/// GTK 4 says where things are in their window, without the shadow around it.
fn within(window: ScreenRect, said: ScreenRect) -> Option<Shift> {
    let shadow = |outer: u32, inner: u32| i32::try_from(outer.checked_sub(inner)? / 2).ok();
    let (left, top) = (shadow(window.width, said.width)?, shadow(window.height, said.height)?);
    Some(Shift { dx: window.x.saturating_add(left), dy: window.y.saturating_add(top) })
}

fn is_inside(inner: ScreenRect, outer: ScreenRect) -> bool {
    let far = |at: i32, length: u32| i64::from(at) + i64::from(length);
    inner.x >= outer.x
        && inner.y >= outer.y
        && far(inner.x, inner.width) <= far(outer.x, outer.width)
        && far(inner.y, inner.height) <= far(outer.y, outer.height)
}
