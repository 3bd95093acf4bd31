//! All keys that mean something now, read from the one table; page by page where a terminal is low.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::super::keymap::Bound;
use super::super::{Dashboard, theme};
use super::card;
use super::text::{plain, styled, width};

/// The border, and the line about the line.
const FRAME_ROWS: usize = 3;

/// How many pages there are in this terminal.
pub(crate) fn pages(dashboard: &Dashboard) -> usize {
    valid(dashboard).count().div_ceil(page_rows(dashboard.size.height))
}

fn page_rows(height: u16) -> usize {
    usize::from(height).saturating_sub(FRAME_ROWS).max(1)
}

fn valid(dashboard: &Dashboard) -> impl Iterator<Item = &Bound> {
    let shown = dashboard.keymap.valid(|when| dashboard.holds(when));
    shown.filter(|row| !row.strokes.is_empty())
}

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, (area, page): (Rect, usize)) {
    let rows = page_rows(area.height);
    let widest = valid(dashboard).map(|row| width(&row.keys())).max().unwrap_or(0);
    let mut lines: Vec<Vec<Span<'static>>> = valid(dashboard)
        .skip(page * rows)
        .take(rows)
        .map(|row| {
            let gap = " ".repeat(widest - width(&row.keys()) + 2);
            vec![styled(row.keys(), theme::key()), plain(gap), plain(row.binding.help)]
        })
        .collect();
    let link = dashboard.link;
    let figures = format!(
        "line {} KB/s · {} pictures/s · longest block {} ms ",
        link.bytes_per_second.div_ceil(1000),
        link.pictures_per_second,
        link.block_max.as_millis()
    );
    lines.push(vec![styled(figures, theme::quiet())]);
    let title = match pages(dashboard) {
        1 => "keys".to_owned(),
        all => format!("keys, {} of {all} (?: the next)", page + 1),
    };
    card::boxed(buffer, area, &title, theme::key(), &lines);
}
