//! The panes. Each function looks at the dashboard and writes into a buffer; none changes anything
//! but the buffer, and none waits.

mod ask;
mod bar;
mod card;
mod detail;
mod foot;
mod full;
mod head;
mod help;
pub(crate) mod home;
mod keys;
mod log;
mod outline;
mod screen;
mod steps;
pub(crate) mod suite;
mod takeover;
pub(crate) mod text;
mod timeline;
mod words;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use deskbound_accessibility::ScreenPx;

pub(crate) use self::ask::{CROP_COLUMNS, CROP_ROWS, crop_in_full};
pub(crate) use self::full::rows_below as full_rows_below;
pub(crate) use self::help::pages as help_pages;
pub(crate) use self::screen::{raster, targets};
use super::arrangement::{Arrangement, COLUMNS_MIN, ROWS_MIN, Whole};
use super::moment::Moment;
use super::theme;
use super::{Dashboard, Layer, Pane, Showing};

pub(crate) fn draw(dashboard: &Dashboard, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = paint(dashboard, frame.buffer_mut(), area);
    dashboard.theme.finish(frame.buffer_mut());
    // The real cursor rests where the focus is: screen readers and braille displays follow it.
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn paint(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let whole = dashboard.whole();
    let Some(arranged) = Arrangement::of(area.as_size(), dashboard.pane, whole) else {
        card::message(
            buffer,
            area,
            &[
                format!("{}×{} is too small", area.width, area.height),
                format!("{COLUMNS_MIN}×{ROWS_MIN} is the least"),
            ],
        );
        return None;
    };
    head::draw(dashboard, buffer, arranged.head);
    let mut cursor = None;
    if !arranged.screen.is_empty() {
        cursor = match dashboard.showing {
            Showing::Picture => screen::draw(dashboard, buffer, arranged.screen),
            Showing::Outline => outline::draw(dashboard, buffer, arranged.screen),
        };
    }
    if !arranged.steps.is_empty() {
        let row = steps::draw(dashboard, buffer, arranged.steps);
        cursor = if dashboard.pane == Pane::Steps { row } else { cursor };
    }
    if !arranged.log.is_empty() {
        let row = log::draw(dashboard, buffer, arranged.log);
        cursor = if dashboard.pane == Pane::Log { row } else { cursor };
    }
    if whole == Whole::Screen {
        takeover::frame(dashboard, buffer, arranged.body());
    } else {
        detail::draw(dashboard, buffer, arranged.detail);
        rule(buffer, arranged);
    }
    timeline::draw(dashboard, buffer, arranged.timeline);
    foot::draw(dashboard, buffer, arranged.foot);
    if let (Some(wanted), Layer::None | Layer::Prompt(_)) =
        (&dashboard.story.wanted, &dashboard.layer)
        && dashboard.steers()
    {
        ask::wanted(dashboard, wanted, buffer, arranged.body());
    }
    layer(dashboard, buffer, (area, arranged)).or(cursor)
}

/// What lies over the panes, and the cursor in it.
fn layer(
    dashboard: &Dashboard,
    buffer: &mut Buffer,
    (area, arranged): (Rect, Arrangement),
) -> Option<Position> {
    match &dashboard.layer {
        Layer::None => {}
        Layer::Hands { over, .. } => return takeover::over(dashboard, over, buffer, area),
        Layer::Details(details) => {
            return Some(full::draw(dashboard, details.top, buffer, arranged.body()));
        }
        Layer::Command(command) => {
            let offered = (&*dashboard.keymap, |when| dashboard.holds(when));
            return Some(bar::draw(command, offered, buffer, arranged.timeline));
        }
        Layer::Help { page } => help::draw(dashboard, buffer, (area, *page)),
        Layer::Confirm(which) => ask::confirm(*which, buffer, area),
        Layer::Ask(card) => return ask::question(dashboard, card, buffer, area),
        Layer::Prompt(line) | Layer::Find(line) => {
            for position in arranged.timeline.positions() {
                buffer[position].reset();
            }
            let is_find = matches!(dashboard.layer, Layer::Find(_));
            let sign = if is_find { " find › " } else { " say › " };
            return Some(home::typed(buffer, arranged.timeline, sign, line));
        }
    }
    None
}

/// The pixel of the desktop under a cell of the terminal.
pub(crate) fn pixel_under(dashboard: &Dashboard, column: u16, row: u16) -> Option<ScreenPx> {
    let arranged = Arrangement::of(dashboard.size, dashboard.pane, dashboard.whole())?;
    let picture = dashboard.exhibit.as_ref()?.picture.as_ref()?;
    let place = screen::centred(picture, below_title(arranged.screen)?);
    let inside = place.contains(Position { x: column, y: row });
    inside.then(|| picture.pixel(column - place.x, row - place.y))
}

/// The pane under a cell of the terminal.
pub(crate) fn pane_under(dashboard: &Dashboard, column: u16, row: u16) -> Option<Pane> {
    let arranged = Arrangement::of(dashboard.size, dashboard.pane, dashboard.whole())?;
    let panes =
        [(arranged.steps, Pane::Steps), (arranged.screen, Pane::Screen), (arranged.log, Pane::Log)];
    let at = Position { x: column, y: row };
    panes.into_iter().find(|(area, _)| area.contains(at)).map(|(_, pane)| pane)
}

/// The moment under a row of the terminal, where the steps have the focus.
pub(crate) fn moment_under(dashboard: &Dashboard, row: u16) -> Option<usize> {
    let arranged = Arrangement::of(dashboard.size, dashboard.pane, dashboard.whole())?;
    let is_steps = dashboard.pane == Pane::Steps;
    is_steps.then(|| steps::moment_at(dashboard, arranged.steps, row)).flatten()
}

/// All that a moment says in its row and its evidence.
pub(crate) fn says(moment: &Moment) -> String {
    let evidence = words::evidence(moment).map(|(text, _)| text).unwrap_or_default();
    format!("{} {evidence}", words::what(moment))
}

/// Between the two columns of panes, joined to the rules of their titles.
fn rule(buffer: &mut Buffer, arranged: Arrangement) {
    let titles_left = [arranged.screen.y, arranged.detail.y];
    let titles_right = [arranged.steps.y, arranged.log.y];
    for y in arranged.rule.top()..arranged.rule.bottom() {
        let glyph =
            match (y == arranged.rule.y, titles_left.contains(&y), titles_right.contains(&y)) {
                (true, ..) => '┬',
                (_, true, true) => '┼',
                (_, true, false) => '┤',
                (_, false, true) => '├',
                _ => '│',
            };
        buffer[(arranged.rule.x, y)].set_char(glyph).set_style(theme::quiet());
    }
}

/// What a pane has left below its title.
fn below_title(area: Rect) -> Option<Rect> {
    Some(Rect { y: area.y + 1, height: area.height.checked_sub(1)?, ..area })
}

/// A pane's title row; what is left is the pane's own.
fn titled(buffer: &mut Buffer, area: Rect, title: &str, focused: bool, right: &str) -> Rect {
    let rule = "─".repeat(usize::from(area.width));
    buffer.set_string(area.x, area.y, &rule, theme::quiet());
    let (mark, style) = match focused {
        true => ("▸", theme::key()),
        false => (" ", theme::title()),
    };
    let title = text::cut(title, usize::from(area.width.saturating_sub(6)));
    let title = format!("{mark}{title} ");
    let (x, _) = buffer.set_stringn(area.x + 1, area.y, title, usize::from(area.width), style);
    let width = text::width(right) as u16;
    if width > 0 && x + width + 3 < area.right() {
        let at = area.right() - width - 3;
        buffer.set_string(at, area.y, format!(" {right} "), theme::quiet());
    }
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}
