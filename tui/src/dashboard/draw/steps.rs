//! What was done, one row each: when, what, and what became of it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::moment::{Mark, Moment, What};
use super::super::{Dashboard, Pane, theme};
use super::text::{clock, plain, row, styled};
use super::{card, titled, words};

/// The cells of a time such as `12:34 `.
const TIME_CELLS: usize = 6;

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let moments = &dashboard.story.moments;
    let place = match dashboard.index() {
        Some(_) if dashboard.follows() => "newest".to_owned(),
        Some(index) => format!("{}/{}", index + 1, moments.len()),
        None => String::new(),
    };
    let inner = titled(buffer, area, "steps", dashboard.pane == Pane::Steps, &place);
    let Some(index) = dashboard.index() else {
        card::message(buffer, inner, &["nothing yet".to_owned()]);
        return None;
    };
    let rows = usize::from(inner.height);
    let first = first_row(index, moments.len(), rows);
    for (offset, moment) in moments[first..].iter().take(rows).enumerate() {
        let y = inner.y + offset as u16;
        let chosen = first + offset == index;
        line(dashboard, moment, buffer, Rect { y, height: 1, ..inner });
        if chosen {
            buffer.set_style(Rect { y, height: 1, ..inner }, theme::selected());
        }
    }
    Some(Position { x: inner.x, y: inner.y + (index - first) as u16 })
}

/// The moment that lies in this row of the terminal.
pub(super) fn moment_at(dashboard: &Dashboard, area: Rect, row: u16) -> Option<usize> {
    let total = dashboard.story.moments.len();
    let rows = usize::from(area.height.checked_sub(1)?);
    let offset = usize::from(row.checked_sub(area.y + 1)?);
    let index = first_row(dashboard.index()?, total, rows) + offset;
    (offset < rows && index < total).then_some(index)
}

/// The chosen row stays in sight, a third from the end where there is more.
fn first_row(index: usize, total: usize, rows: usize) -> usize {
    let wanted = index.saturating_sub(rows * 2 / 3);
    wanted.min(total.saturating_sub(rows))
}

fn line(dashboard: &Dashboard, moment: &Moment, buffer: &mut Buffer, area: Rect) {
    let at = moment.at.saturating_sub(dashboard.story.begun);
    let time = styled(format!("{:>width$} ", clock(at), width = TIME_CELLS - 1), theme::quiet());
    let mut spans = vec![time];
    spans.extend(lead(moment));
    spans.push(styled(words::what(moment), style(moment)));
    let narrow = Rect { width: area.width.saturating_sub(2), ..area };
    row(buffer, narrow, area.y, spans);
    if let Some((glyph, style)) = words::outcome(moment) {
        let cell = &mut buffer[(area.right() - 1, area.y)];
        cell.set_char(glyph).set_style(style);
    }
}

/// Calls stand at the margin, what they do is set in.
fn lead(moment: &Moment) -> Vec<Span<'static>> {
    match &moment.what {
        What::Call(_) | What::Over { .. } => vec![styled("▸ ", theme::key())],
        What::End { .. } | What::Checked(_) => vec![styled("■ ", theme::key())],
        What::Ask { .. } => vec![styled("? ", theme::warning())],
        What::Steer(_) => vec![styled("◉ ", theme::warning())],
        What::Act(act) => vec![styled(format!("{:>3} ", act.step), theme::quiet())],
        What::Denied { step, .. } => vec![styled(format!("{step:>3} "), theme::quiet())],
        _ => vec![plain("    ")],
    }
}

fn style(moment: &Moment) -> Style {
    match (moment.mark(), &moment.what) {
        (Mark::Denied | Mark::Failed, _) => theme::alarm(),
        (Mark::Asked | Mark::Steered, _) => theme::warning(),
        (_, What::Call(_)) => theme::title(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::first_row;

    #[test]
    fn the_chosen_row_is_always_in_sight() {
        for total in 1..40 {
            for rows in 1..20 {
                for index in 0..total {
                    let first = first_row(index, total, rows);
                    assert!((first..first + rows).contains(&index), "{index} {total} {rows}");
                    assert!(first == 0 || first + rows <= total, "{index} {total} {rows}");
                }
            }
        }
    }
}
