//! The keys that mean something now, and what the line carries.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::{Dashboard, Tense, theme};
use super::text::{plain, row, styled, theirs, width};

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) {
    let link = link(dashboard);
    let needed = width(&link) as u16;
    let mut left = area.width.saturating_sub(needed + 1);
    let mut spans = vec![plain(" ")];
    if let Some(fault) = &dashboard.fault {
        spans.push(styled(format!("BROKEN: {}", theirs(fault)), theme::alarm()));
        return row(buffer, area, area.y, spans);
    }
    if let Some((notice, _)) = &dashboard.notice {
        spans.push(styled(theirs(notice), theme::warning()));
        return row(buffer, area, area.y, spans);
    }
    for row in dashboard.keymap.valid(|when| dashboard.holds(when)) {
        let (key, word) = (row.key(), row.binding.word);
        if key.is_empty() || word.is_empty() {
            continue;
        }
        let cells = width(&key) + width(word) + 3;
        let Some(rest) = left.checked_sub(cells as u16) else { break };
        left = rest;
        spans.extend([styled(key, theme::key()), plain(format!(" {word}  "))]);
    }
    row(buffer, area, area.y, spans);
    buffer.set_string(area.right() - needed, area.y, link, theme::quiet());
}

fn link(dashboard: &Dashboard) -> String {
    let figures = dashboard.link;
    match dashboard.tense {
        Tense::Live if figures.bytes_per_second > 0 => format!(
            "{} fps {} KB/s ",
            figures.pictures_per_second,
            figures.bytes_per_second.div_ceil(1000)
        ),
        _ => String::new(),
    }
}
