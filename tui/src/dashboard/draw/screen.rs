//! The desktop, with the target of the step on it.

use std::sync::Arc;

use deskbound_accessibility::{ScreenPx, ScreenRect, State, Tree};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Color;

use super::super::arrangement::Arrangement;
use super::super::gallery::Exhibit;
use super::super::graphics::Placed;
use super::super::picture::{Picture, Rgb};
use super::super::theme::Glyphs;
use super::super::{Dashboard, Layer, Over, Pane, Showing, Side, theme};
use super::text::{cut, theirs, width};
use super::{below_title, card, titled};

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let focused = dashboard.pane == Pane::Screen;
    let inner = titled(buffer, area, &title(dashboard), focused, &zoomed(dashboard));
    let Some(exhibit) = &dashboard.exhibit else {
        let is_known = !dashboard.story.moments.is_empty();
        let why = if is_known { "reading the screen …" } else { "nothing has been seen yet" };
        card::message(buffer, inner, &[why.to_owned()]);
        return None;
    };
    let Some(picture) = &exhibit.picture else {
        let why = exhibit.fault.as_deref().unwrap_or("this look has no picture");
        card::message(buffer, inner, &[theirs(why)]);
        return None;
    };
    let place = centred(picture, inner);
    // Cells under pixels stay empty.
    if raster(dashboard).is_none() {
        blocks(picture, dashboard.theme.glyphs, buffer, place);
        mark(&targets(dashboard), picture, buffer, place);
    }
    focused.then(|| place.as_position())
}

fn title(dashboard: &Dashboard) -> String {
    let side = match (dashboard.follows(), dashboard.side) {
        (true, _) if dashboard.sight.is_some() && dashboard.is_going_on() => ", live",
        (true, _) => "",
        (false, Side::Before) => ", before",
        (false, Side::After) => ", after",
    };
    format!("screen{side}")
}

fn zoomed(dashboard: &Dashboard) -> String {
    match dashboard.zoom {
        0 => String::new(),
        level => format!("×{}", 1u32 << level),
    }
}

/// A picture of another look than the one that is wanted is about to be replaced.
fn is_current(dashboard: &Dashboard, exhibit: &Exhibit) -> bool {
    dashboard.look() == Some(exhibit.request.look)
}

pub(super) fn centred(picture: &Picture, inner: Rect) -> Rect {
    let width = picture.extent.columns.min(inner.width);
    let height = picture.extent.rows.min(inner.height);
    Rect {
        x: inner.x + (inner.width - width) / 2,
        y: inner.y + (inner.height - height) / 2,
        width,
        height,
    }
}

pub(super) fn blocks(picture: &Picture, glyphs: Glyphs, buffer: &mut Buffer, place: Rect) {
    let colour = |[r, g, b]: Rgb| Color::Rgb(r, g, b);
    let glyph = if glyphs == Glyphs::Unicode { '▀' } else { ' ' };
    for row in 0..place.height {
        for column in 0..place.width {
            let [upper, lower] = picture.cell(column, row);
            let cell = &mut buffer[(place.x + column, place.y + row)];
            if upper == lower {
                cell.set_char(' ').set_fg(Color::Reset).set_bg(colour(lower));
            } else {
                cell.set_char(glyph).set_fg(colour(upper)).set_bg(colour(lower));
            }
        }
    }
}

/// The picture in the terminal's own pixels, and where; `None` where cells are needed: there is
/// none, or something lies over it.
pub(crate) fn raster(dashboard: &Dashboard) -> Option<Placed> {
    dashboard.means?;
    let is_bare = matches!(dashboard.layer, Layer::None | Layer::Hands { over: Over::Nothing, .. });
    if !is_bare || dashboard.showing != Showing::Picture {
        return None;
    }
    let exhibit = dashboard.exhibit.as_ref()?;
    let bytes = Arc::clone(exhibit.raster.as_ref()?);
    let extent = exhibit.picture.as_ref()?.extent;
    let arranged = Arrangement::of(dashboard.size, dashboard.pane, dashboard.whole())?;
    let inner = below_title(arranged.screen)?;
    let fits = extent.columns <= inner.width && extent.rows <= inner.height;
    // One for another size is about to be replaced.
    let place = centred(exhibit.picture.as_ref()?, inner);
    fits.then_some(Placed { bytes, place })
}

/// What is marked on the picture.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub(crate) points: Vec<ScreenPx>,
    /// With a stranger's name for each.
    pub(crate) boxes: Vec<(ScreenRect, String)>,
}

/// What was chosen in the outline; else what is to be clicked, as soon as it is known.
pub(crate) fn targets(dashboard: &Dashboard) -> Targets {
    if let Some(row) = &dashboard.chosen {
        let chosen = row.bounds.map(|bounds| (bounds, row.name.clone()));
        return Targets { boxes: chosen.into_iter().collect(), ..Targets::default() };
    }
    let exhibit = dashboard.exhibit.as_ref().filter(|exhibit| is_current(dashboard, exhibit));
    let (Some(moment), Some(exhibit)) = (dashboard.moment(), exhibit) else {
        return Targets::default();
    };
    if let Some(found) = moment.found() {
        let rows = exhibit.outline.iter().filter(|row| row.is(found));
        let boxes = rows.filter_map(|row| Some((row.bounds?, row.name.clone()))).take(1);
        return Targets { boxes: boxes.collect(), ..Targets::default() };
    }
    let points = moment.points();
    let tree = exhibit.tree.as_deref();
    let named = points.iter().filter_map(|at| under(tree?, *at));
    let boxes = named.map(|(bounds, name)| (bounds, name.to_owned())).collect();
    Targets { points, boxes }
}

fn mark(targets: &Targets, picture: &Picture, buffer: &mut Buffer, place: Rect) {
    for (bounds, name) in &targets.boxes {
        frame(picture, *bounds, &theirs(name), buffer, place);
    }
    for at in &targets.points {
        if let Some((column, row)) = picture.column_row(*at)
            && column < place.width
            && row < place.height
        {
            let cell = &mut buffer[(place.x + column, place.y + row)];
            cell.set_char('✛').set_style(theme::target());
        }
    }
}

/// `button “Save”` of what is acted on, where the tree knows it.
pub(super) fn named(dashboard: &Dashboard, points: &[ScreenPx]) -> Option<String> {
    let exhibit = dashboard.exhibit.as_ref().filter(|exhibit| is_current(dashboard, exhibit))?;
    let (_, name) = under(exhibit.tree.as_deref()?, *points.last()?)?;
    Some(super::text::quoted(name))
}

/// The smallest thing with a name that shows at this point.
fn under(tree: &Tree, at: ScreenPx) -> Option<(ScreenRect, &str)> {
    let hit = tree.nodes().filter_map(|(id, node)| {
        let bounds = node.bounds.filter(|bounds| bounds.contains(at))?;
        let shown = node.states.contains(State::Showing) && !tree.name(id).is_empty();
        shown.then(|| (bounds, tree.name(id)))
    });
    hit.min_by_key(|(bounds, _)| u64::from(bounds.width) * u64::from(bounds.height))
}

/// A box around a thing, with its name above it.
fn frame(picture: &Picture, bounds: ScreenRect, name: &str, buffer: &mut Buffer, place: Rect) {
    let Some((left, top, right, bottom)) = corners(picture, bounds) else { return };
    // The picture may still be one for a larger terminal.
    let mut put = |column: u16, row: u16, glyph: char| {
        if column < place.width && row < place.height {
            let cell = &mut buffer[(place.x + column, place.y + row)];
            cell.set_char(glyph).set_style(theme::target());
        }
    };
    if left == right || top == bottom {
        (left..=right).for_each(|column| put(column, top, '━'));
        (top..=bottom).for_each(|row| put(left, row, '┃'));
    } else {
        for column in left..=right {
            put(column, top, '─');
            put(column, bottom, '─');
        }
        for row in top..=bottom {
            put(left, row, '│');
            put(right, row, '│');
        }
        put(left, top, '┌');
        put(right, top, '┐');
        put(left, bottom, '└');
        put(right, bottom, '┘');
    }
    label(name, (left, top, bottom), buffer, place);
}

/// The cells of the corners, as far as they are on the picture.
fn corners(picture: &Picture, bounds: ScreenRect) -> Option<(u16, u16, u16, u16)> {
    let part = picture.part;
    let clamp = |at: i64, from: i32, length: u32| {
        at.clamp(i64::from(from), i64::from(from) + i64::from(length) - 1) as i32
    };
    let (x, y) = (i64::from(bounds.x), i64::from(bounds.y));
    let (end_x, end_y) = (x + i64::from(bounds.width) - 1, y + i64::from(bounds.height) - 1);
    let (part_x, part_y) = (i64::from(part.x), i64::from(part.y));
    let apart = end_x < part_x
        || end_y < part_y
        || x >= part_x + i64::from(part.width)
        || y >= part_y + i64::from(part.height);
    if apart {
        return None;
    }
    let point = |x, y| {
        picture.column_row(ScreenPx {
            x: clamp(x, part.x, part.width),
            y: clamp(y, part.y, part.height),
        })
    };
    let ((left, top), (right, bottom)) = (point(x, y)?, point(end_x, end_y)?);
    Some((left, top, right, bottom))
}

/// Above the box, or below it, or not at all.
fn label(name: &str, (left, top, bottom): (u16, u16, u16), buffer: &mut Buffer, place: Rect) {
    if name.trim().is_empty() {
        return;
    }
    let row = match top.checked_sub(1) {
        Some(above) => above,
        None if bottom + 1 < place.height => bottom + 1,
        None => return,
    };
    if row >= place.height {
        return;
    }
    let text = format!(" {} ", cut(name, usize::from(place.width).saturating_sub(2)));
    let room = place.width.saturating_sub(width(&text) as u16);
    let style = theme::target();
    buffer.set_stringn(
        place.x + left.min(room),
        place.y + row,
        &text,
        usize::from(place.width),
        style,
    );
}
