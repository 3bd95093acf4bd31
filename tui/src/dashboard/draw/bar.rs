//! The command bar: what is typed in a row at the foot, what it may become above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::super::bar::Bar;
use super::super::keymap::{Keymap, When};
use super::super::theme;
use super::text::{plain, row, styled, width};

/// Offers that are shown at once.
const ROWS_MAX: usize = 10;

pub(super) fn draw(
    bar: &Bar,
    (keymap, holds): (&Keymap, impl Fn(When) -> bool),
    buffer: &mut Buffer,
    line: Rect,
) -> Position {
    let offers = bar.offers(keymap, holds);
    let rows = offers.len().min(ROWS_MAX);
    let chosen = bar.chosen.min(offers.len().saturating_sub(1));
    let first = chosen.saturating_sub(ROWS_MAX / 2).min(offers.len() - rows);
    let list = Rect { y: line.y - rows as u16, height: rows as u16, ..line };
    for position in list.positions().chain(line.positions()) {
        buffer[position].reset();
    }
    let widest = offers.iter().map(|offer| width(offer.name)).max().unwrap_or(0);
    let keys = offers.iter().map(|offer| width(&offer.key)).max().unwrap_or(0);
    for (y, (index, offer)) in (list.y..).zip(offers.iter().enumerate().skip(first).take(rows)) {
        let gap = " ".repeat(keys - width(&offer.key));
        let spans = vec![
            plain(format!("   {:<widest$}  ", offer.name)),
            styled(format!("{}{gap}  ", offer.key), theme::key()),
            styled(offer.help, theme::quiet()),
        ];
        row(buffer, list, y, spans);
        if index == chosen {
            buffer.set_style(Rect { y, height: 1, ..list }, theme::selected());
        }
    }
    super::home::typed(buffer, line, " : ", &bar.line)
}
