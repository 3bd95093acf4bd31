//! The desktop while it is a person's: a frame around it, and what is laid over it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};

use super::super::keymap::Wish;
use super::super::line_edit::LineEdit;
use super::super::question::ARM_DELAY;
use super::super::{Dashboard, Over, special, theme};
use super::card;
use super::home::typed;
use super::text::{cut, plain, row, styled, theirs, wrapped};

/// Cells of the text in a card.
const TEXT_CELLS: usize = 56;
/// Lines of a clipboard's text that are shown.
const LINES_SHOWN: usize = 6;

/// Around the desktop, with the words in its upper edge.
pub(super) fn frame(dashboard: &Dashboard, buffer: &mut Buffer, body: Rect) {
    let style = Style::new().fg(Color::Black).bg(Color::Red);
    let title = Rect { height: 1, ..body };
    for position in title.positions() {
        buffer[position].set_char(' ').set_style(style);
    }
    let back = dashboard.keymap.key(Wish::GiveBack);
    let words =
        format!(" YOU HAVE CONTROL: keys and pointer go to the desktop · {back} gives it back ");
    row(buffer, title, title.y, vec![styled(words, style)]);
    let edge = Style::new().fg(Color::Red);
    let mut put = |x, y| {
        buffer[(x, y)].set_char('█').set_style(edge);
    };
    for y in body.top() + 1..body.bottom() {
        put(body.left(), y);
        put(body.right() - 1, y);
    }
    for x in body.left()..body.right() {
        put(x, body.bottom() - 1);
    }
}

/// What lies over the desktop, and the cursor in it.
pub(super) fn over(
    dashboard: &Dashboard,
    over: &Over,
    buffer: &mut Buffer,
    area: Rect,
) -> Option<Position> {
    match over {
        Over::Nothing => None,
        Over::Keys { row } => Some(list(*row, buffer, area)),
        Over::Reset(line) => Some(reset(line, buffer, area)),
        Over::Awaited => {
            let lines = [vec![plain("its text has been asked for   ")], escape("forget it")];
            card::boxed(buffer, area, "the desktop's clipboard", theme::key(), &lines);
            None
        }
        Over::Carried { text, since } => {
            let armed = dashboard.now >= *since + ARM_DELAY;
            carried(text, armed, buffer, area);
            None
        }
    }
}

fn escape(means: &str) -> Vec<ratatui::text::Span<'static>> {
    vec![styled("Esc", theme::key()), plain(format!(" {means}"))]
}

/// What is sent from a list; the cursor is on the chosen row.
fn list(row: usize, buffer: &mut Buffer, area: Rect) -> Position {
    let rows = usize::from(area.height.saturating_sub(5)).clamp(1, special::ROWS.len());
    let first = row.saturating_sub(rows / 2).min(special::ROWS.len() - rows);
    let shown = special::ROWS.iter().enumerate().skip(first).take(rows);
    let mut lines: Vec<_> = shown
        .map(|(index, (name, _))| {
            let style = if index == row { theme::selected() } else { Style::new() };
            vec![styled(format!(" {name:<34}"), style)]
        })
        .collect();
    lines.push(vec![
        styled("Enter", theme::key()),
        plain(" send   "),
        styled("Esc", theme::key()),
        plain(" close"),
    ]);
    let inner = card::boxed(buffer, area, "what a terminal cannot send", theme::key(), &lines);
    Position { x: inner.x, y: inner.y + (row - first) as u16 }
}

fn reset(line: &LineEdit, buffer: &mut Buffer, area: Rect) -> Position {
    let why = "The desktop goes back to where it started. What was done in it is gone, and files \
               that were put into it for this run are gone, too.";
    let mut lines: Vec<_> =
        wrapped(why, TEXT_CELLS).into_iter().map(|line| vec![plain(line)]).collect();
    lines.push(Vec::new());
    let typed_at = lines.len() as u16;
    lines.push(vec![plain(" ".repeat(TEXT_CELLS))]);
    lines.push(vec![
        plain("type "),
        styled("reset", theme::key()),
        plain(" and "),
        styled("Enter", theme::key()),
        plain("   "),
        styled("Esc", theme::key()),
        plain(" leave it as it is"),
    ]);
    let inner = card::boxed(buffer, area, "reset the desktop?", theme::alarm(), &lines);
    let place = Rect { y: inner.y + typed_at, height: 1, ..inner };
    typed(buffer, place, "› ", line)
}

/// How much it is and how it begins, before it goes any further.
fn carried(text: &str, armed: bool, buffer: &mut Buffer, area: Rect) {
    let total = text.lines().count();
    let counted = match (text.chars().count(), total) {
        (1, _) => "1 character".to_owned(),
        (characters, 0 | 1) => format!("{characters} characters"),
        (characters, lines) => format!("{characters} characters in {lines} lines"),
    };
    let mut lines = vec![vec![styled(counted, theme::title())], Vec::new()];
    for shown in text.lines().take(LINES_SHOWN) {
        lines.push(vec![plain(format!("│ {}", cut(&theirs(shown), TEXT_CELLS)))]);
    }
    if total > LINES_SHOWN {
        lines.push(vec![styled(
            format!("  and {} lines more", total - LINES_SHOWN),
            theme::quiet(),
        )]);
    }
    lines.push(Vec::new());
    let key = if armed { theme::key() } else { theme::quiet() };
    lines.push(vec![
        styled("y", key),
        plain(" put it on this terminal's clipboard   "),
        styled("any other key", theme::key()),
        plain(" leave it"),
    ]);
    if !armed {
        lines.push(vec![styled("a yes counts in a moment", theme::quiet())]);
    }
    card::boxed(buffer, area, "from the desktop's clipboard", theme::warning(), &lines);
}
