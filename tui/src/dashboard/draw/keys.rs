//! The keys of the screens that are no run's view.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::keymap::{Keymap, When};
use super::super::theme;
use super::card;
use super::text::{plain, row, styled, theirs, width};

/// The row at the foot: what is to be said, or the keys.
pub(super) fn foot(
    keymap: &Keymap,
    holds: fn(When) -> bool,
    notice: Option<&str>,
    buffer: &mut Buffer,
    area: Rect,
) {
    if let Some(notice) = notice {
        let said = styled(format!(" {}", theirs(notice)), theme::warning());
        return row(buffer, area, area.y, vec![said]);
    }
    let mut spans = vec![plain(" ")];
    for row in keymap.valid(holds).filter(|row| !row.binding.word.is_empty()) {
        spans.push(styled(row.key(), theme::key()));
        spans.push(plain(format!(" {}  ", row.binding.word)));
    }
    row(buffer, area, area.y, spans);
}

/// All of them, over the screen.
pub(super) fn help(keymap: &Keymap, holds: fn(When) -> bool, buffer: &mut Buffer, area: Rect) {
    let rows: Vec<_> = keymap.valid(holds).collect();
    let widest = rows.iter().map(|row| width(&row.keys())).max().unwrap_or(0);
    let lines: Vec<_> = rows
        .iter()
        .map(|row| {
            let gap = " ".repeat(widest - width(&row.keys()) + 2);
            vec![styled(row.keys(), theme::key()), plain(gap), plain(row.binding.help)]
        })
        .collect();
    card::boxed(buffer, area, "keys", theme::key(), &lines);
}
