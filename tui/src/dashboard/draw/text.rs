//! Text in cells.

use std::borrow::Cow;
use std::time::Duration;

use deskbound_agent::sanitize;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::super::theme;

pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// As much as fits into so many cells; what is cut off is shown by `…`.
pub(crate) fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let mut room = cells.saturating_sub(1);
    let mut shown = String::new();
    for character in text.chars() {
        let Some(left) = room.checked_sub(character.width().unwrap_or(0)) else { break };
        room = left;
        shown.push(character);
    }
    if cells > 0 {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// A stranger's words, harmless.
pub(crate) fn theirs(text: &str) -> String {
    sanitize::line(text)
}

/// `“…”`, harmless.
pub(crate) fn quoted(text: &str) -> String {
    format!("“{}”", theirs(text))
}

/// What a run was asked for. A client's session goes without.
pub(crate) fn asked(instruction: &str) -> Span<'static> {
    match instruction {
        "" => styled("no instruction: a client drives it", theme::quiet()),
        instruction => plain(quoted(instruction)),
    }
}

/// Spans in one row, the last of them cut where the row ends.
pub(crate) fn row(buffer: &mut Buffer, area: Rect, y: u16, spans: Vec<Span<'_>>) {
    if y >= area.bottom() {
        return;
    }
    let mut left = usize::from(area.width);
    let mut fitted = Vec::with_capacity(spans.len());
    for span in spans {
        let content = cut(&span.content, left).into_owned();
        left -= content.width().min(left);
        fitted.push(Span::styled(content, span.style));
        if left == 0 {
            break;
        }
    }
    buffer.set_line(area.x, y, &Line::from(fitted), area.width);
}

/// Lines of at most so many cells, broken between words where that is possible.
pub(crate) fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is one from the start");
        let joint = usize::from(!last.is_empty());
        if last.width() + joint + word.width() <= cells {
            last.extend([&" "[..joint], word]);
        } else if word.width() <= cells {
            lines.push(word.to_owned());
        } else {
            lines.extend(broken(word, cells));
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn broken(word: &str, cells: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for character in word.chars() {
        let last = lines.last_mut().expect("there is one from the start");
        if last.width() + character.width().unwrap_or(0) > cells && !last.is_empty() {
            lines.push(character.to_string());
        } else {
            last.push(character);
        }
    }
    lines
}

/// `0:07`, `12:34`, `1:02:03`.
pub(crate) fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `0.2 s`, `12 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{seconds} s"),
    }
}

pub(crate) fn plain(text: impl Into<String>) -> Span<'static> {
    Span::raw(text.into())
}

pub(crate) fn styled(text: impl Into<String>, style: Style) -> Span<'static> {
    Span::styled(text.into(), style)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_cells() {
        for (text, cells, expected) in [
            ("short", 5, "short"),
            ("longer", 5, "long…"),
            ("文字文字", 5, "文字…"),
            ("文字文字", 4, "文…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ] {
            assert_eq!(cut(text, cells), expected);
            assert!(width(&cut(text, cells)) <= cells);
        }
    }

    #[test]
    fn text_is_broken_between_words() {
        for (text, expected) in [
            ("one two three", vec!["one two", "three"]),
            ("onetwothree", vec!["onetwoth", "ree"]),
            ("", vec![]),
            ("a  b", vec!["a  b"]),
        ] {
            assert_eq!(wrapped(text, 8), expected);
        }
    }

    #[test]
    fn times_are_short() {
        assert_eq!(clock(Duration::from_secs(3723)), "1:02:03");
        assert_eq!(clock(Duration::from_secs(7)), "0:07");
        assert_eq!(seconds(Duration::from_millis(12_345)), "12 s");
        assert_eq!(seconds(Duration::from_millis(234)), "0.2 s");
    }
}
