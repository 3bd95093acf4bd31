//! Which picture the view needs: of which look, how close, how large, with what on it.

use deskbound_accessibility::ScreenPx;

use super::arrangement::Arrangement;
use super::gallery::Request;
use super::graphics::Marks;
use super::picture::{Extent, Fidelity, Zoom};
use super::question::Room;
use super::theme::Glyphs;
use super::{Dashboard, Layer, draw};

/// Of a picture that is not shown.
const SPECK: Extent = Extent { columns: 1, rows: 1 };

impl Dashboard {
    /// The picture that the view needs, unless it has been asked for.
    pub(super) fn wanted(&mut self) -> Option<Request> {
        let look = self.look()?;
        // Where there is no pane for it, its tree may still be needed, or its surroundings.
        let unseen = matches!(self.layer, Layer::Details(_) | Layer::Ask(_)).then_some(SPECK);
        let room = self.room().or(unseen)?;
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
    pub(super) fn crop(&self) -> Option<(ScreenPx, Extent)> {
        let question = self.story.question.as_ref()?;
        let is_full = matches!(&self.layer, Layer::Ask(card) if card.room == Room::Full);
        let room = match is_full {
            true => draw::crop_in_full(self.size),
            false => Extent { columns: draw::CROP_COLUMNS, rows: draw::CROP_ROWS },
        };
        question.points().last().map(|at| (*at, room))
    }

    /// What is marked on the picture: what is to be clicked, or what was chosen in the outline.
    pub(super) fn marks(&self) -> Marks {
        let targets = draw::targets(self);
        Marks { points: targets.points, boxes: targets.boxes.into_iter().map(|(b, _)| b).collect() }
    }

    /// What the picture is to be around.
    pub(super) fn focus_point(&self) -> ScreenPx {
        let chosen = || Some(self.chosen.as_ref()?.bounds?.centre());
        let target = || self.moment()?.points().last().copied();
        self.centre.or_else(chosen).or_else(target).unwrap_or(ScreenPx { x: 640, y: 400 })
    }

    pub(super) fn room(&self) -> Option<Extent> {
        let screen = Arrangement::of(self.size, self.pane, self.whole())?.screen;
        let (columns, rows) = (screen.width, screen.height.saturating_sub(1));
        (columns > 0 && rows > 0).then_some(Extent { columns, rows })
    }
}
