//! The keys that mean something now, and what the line carries.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::keymap::Wish;
use super::super::{Dashboard, Layer, Tense, theme};
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
    for (key, word) in keys(dashboard) {
        let cells = width(&key) + width(word) + 3;
        let Some(rest) = left.checked_sub(cells as u16) else { break };
        left = rest;
        spans.extend([styled(key, theme::key()), plain(format!(" {word}  "))]);
    }
    row(buffer, area, area.y, spans);
    buffer.set_string(area.right() - needed, area.y, link, theme::quiet());
}

/// Those that the table has a word for; over a step in full, what moves about in it first.
fn keys(dashboard: &Dashboard) -> Vec<(String, &'static str)> {
    let mut keys = Vec::new();
    if let Layer::Details(_) = dashboard.layer {
        let key = |wish| dashboard.keymap.key(wish);
        keys.push((key(Wish::Back), "back"));
        keys.push((format!("{} {}", key(Wish::Up), key(Wish::Down)), "scroll"));
        keys.push((format!("{} {}", key(Wish::Left), key(Wish::Right)), "other steps"));
    }
    let valid = dashboard.keymap.valid(|when| dashboard.holds(when));
    let is_shut = |wish| wish == Wish::Details && !keys.is_empty();
    let valid = valid.filter(|row| !is_shut(row.binding.wish));
    let worded: Vec<_> = valid.map(|row| (row.key(), row.binding.word)).collect();
    keys.extend(worded.into_iter().filter(|(key, word)| !key.is_empty() && !word.is_empty()));
    keys
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
