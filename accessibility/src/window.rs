//! What the window system knows and the tree does not: where each window is, and what lies on top.
//!
//! This crate asks no window system. The caller brings a [`Layout`]; [`Tree::place`](crate::Tree::place)
//! finds the frame of each window in it.

use serde::{Deserialize, Serialize};

use crate::{geometry::ScreenRect, tree::NodeId};

/// Two programs may round a rectangle differently.
const TOLERANCE_PX: u32 = 2;
/// The widest shadow that a toolkit draws around its own frame, inside its window.
const SHADOW_PX_MAX: u32 = 64;

/// What a screen shows at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    pub screen: ScreenRect,
    /// From the lowest to the uppermost.
    pub windows: Vec<Window>,
    /// Above all windows.
    pub popups: Vec<Popup>,
}

/// A window that its window manager manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The window system's own number.
    pub id: u32,
    /// Of the process that owns it, as the window system itself knows (XRes), not as it says.
    pub pid: Option<u32>,
    pub title: String,
    /// The second word of `WM_CLASS`: `Mousepad`.
    pub class: String,
    /// As its application draws it: without the manager's border, with shadows of its own.
    pub bounds: ScreenRect,
    /// What the manager has put around it.
    pub border: Border,
}

/// Widths in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Border {
    pub left_px: u32,
    pub right_px: u32,
    pub top_px: u32,
    pub bottom_px: u32,
}

/// A menu, a list of choices, a hint: what shows itself and no window manager manages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Popup {
    pub pid: Option<u32>,
    pub bounds: ScreenRect,
}

/// A window and its frame in the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedWindow {
    pub window: Window,
    /// `None`: the tree has nothing of it.
    pub node: Option<NodeId>,
    #[serde(default)]
    pub fit: Fit,
}

/// Whether a frame is where its window is: what it says of its own place is all that can be held
/// against the window system, and what its toolkit gets wrong there it gets wrong everywhere inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fit {
    /// There is nothing to compare: no frame, no rectangle, or a minimised window.
    #[default]
    Unknown,
    /// To a few pixels.
    Exact,
    /// It was not, and everything inside was moved to where it is.
    Repaired,
    /// It is not, and nobody knows by how much: rectangles inside are not to be trusted.
    Doubtful,
}

impl Window {
    /// With its border.
    pub fn outer(&self) -> ScreenRect {
        let Border { left_px, right_px, top_px, bottom_px } = self.border;
        ScreenRect {
            x: self.bounds.x.saturating_sub_unsigned(left_px),
            y: self.bounds.y.saturating_sub_unsigned(top_px),
            width: self.bounds.width.saturating_add(left_px).saturating_add(right_px),
            height: self.bounds.height.saturating_add(top_px).saturating_add(bottom_px),
        }
    }

    /// With its border, or without, or without the shadow that its toolkit draws into it.
    pub(crate) fn is_where(&self, frame: ScreenRect) -> bool {
        [self.bounds, self.outer()].into_iter().any(|bounds| is_close(bounds, frame))
            || is_within_shadow(self.bounds, frame)
    }

    /// Where a frame of that size belongs that is somewhere else.
    pub(crate) fn place_of(&self, frame: ScreenRect) -> Option<ScreenRect> {
        let fits = |bounds: &ScreenRect| {
            bounds.width.abs_diff(frame.width) <= TOLERANCE_PX
                && bounds.height.abs_diff(frame.height) <= TOLERANCE_PX
        };
        [self.bounds, self.outer()].into_iter().find(fits)
    }
}

fn is_close(a: ScreenRect, b: ScreenRect) -> bool {
    a.x.abs_diff(b.x) <= TOLERANCE_PX
        && a.y.abs_diff(b.y) <= TOLERANCE_PX
        && a.width.abs_diff(b.width) <= TOLERANCE_PX
        && a.height.abs_diff(b.height) <= TOLERANCE_PX
}

/// As wide on the left as on the right; above and below they differ.
fn is_within_shadow(window: ScreenRect, frame: ScreenRect) -> bool {
    let left = i64::from(frame.x) - i64::from(window.x);
    let top = i64::from(frame.y) - i64::from(window.y);
    let right = i64::from(window.width) - i64::from(frame.width) - left;
    let bottom = i64::from(window.height) - i64::from(frame.height) - top;
    let may_be = |px: i64| (0..=i64::from(SHADOW_PX_MAX)).contains(&px);
    [left, top, right, bottom].into_iter().all(may_be)
        && left.abs_diff(right) <= u64::from(TOLERANCE_PX)
}

#[cfg(test)]
mod tests;
