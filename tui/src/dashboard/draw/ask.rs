//! Cards that want an answer: what the run asks, and what a person is about to do.

use std::time::Duration;

use deskbound_agent::limits::ANSWER_LIMIT;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::Span;

use super::super::keymap::Wish;
use super::super::moment::{Call, What};
use super::super::question::Card;
use super::super::theme::Glyphs;
use super::super::{Confirm, Dashboard, special, theme};
use super::text::{clock, plain, quoted, styled, theirs, wrapped};
use super::{card, screen, words};

/// Cells of the text in a card.
const TEXT_CELLS: usize = 52;
/// The cells of the target's surroundings.
pub(crate) const CROP_COLUMNS: u16 = 44;
pub(crate) const CROP_ROWS: u16 = 7;

/// `None` where the question is gone again.
pub(super) fn question(
    dashboard: &Dashboard,
    shown: &Card,
    buffer: &mut Buffer,
    area: Rect,
) -> Option<Position> {
    let question = dashboard.story.question.as_ref()?;
    let mut asked = question.action.to_string();
    if let Some(on) = screen::named(dashboard, &question.points()) {
        asked += &format!(" on {on}");
    }
    let mut lines = folded(&asked, theme::title());
    lines.extend(folded(&format!("because {}", theirs(&question.reason)), Style::new()));
    if shown.explains {
        lines.extend(explained(dashboard));
    }
    let crop = dashboard.exhibit.as_ref().and_then(|exhibit| exhibit.crop.as_ref());
    let crop = crop.filter(|_| !shown.explains);
    let crop_at = lines.len() as u16;
    let crop_rows = crop.map_or(0, |crop| crop.extent.rows);
    lines.extend((0..crop_rows).map(|_| Vec::new()));
    lines.push(Vec::new());
    let armed = shown.is_armed(dashboard.now);
    lines.extend(answers(armed));
    let passed = dashboard.elapsed_since(question.at);
    lines.push(remaining(passed, armed));
    let inner = card::boxed(buffer, area, "ASKING: may this be done?", theme::warning(), &lines);
    if let Some(crop) = crop {
        let place = Rect {
            x: inner.x + inner.width.saturating_sub(crop.extent.columns) / 2,
            y: inner.y + crop_at,
            width: crop.extent.columns.min(inner.width),
            height: crop.extent.rows.min(inner.height.saturating_sub(crop_at)),
        };
        screen::blocks(crop, dashboard.theme.glyphs, buffer, place);
        mark(dashboard, crop, buffer, place);
    }
    let y = inner.y + crop_at + crop_rows + 1;
    (y < inner.bottom()).then_some(Position { x: inner.x, y })
}

fn mark(
    dashboard: &Dashboard,
    crop: &super::super::picture::Picture,
    buffer: &mut Buffer,
    place: Rect,
) {
    let glyph = if dashboard.theme.glyphs == Glyphs::Unicode { '✛' } else { '+' };
    let points = dashboard.story.question.as_ref().map(|question| question.points());
    for at in points.unwrap_or_default() {
        if let Some((column, row)) = crop.column_row(at)
            && column < place.width
            && row < place.height
        {
            let cell = &mut buffer[(place.x + column, place.y + row)];
            cell.set_char(glyph).set_style(theme::target());
        }
    }
}

fn folded(text: &str, style: Style) -> Vec<Vec<Span<'static>>> {
    let lines = wrapped(text, TEXT_CELLS).into_iter().take(4);
    lines.map(|line| vec![styled(line, style)]).collect()
}

/// The call that led here, and what the answers mean.
fn explained(dashboard: &Dashboard) -> Vec<Vec<Span<'static>>> {
    let mut lines = vec![Vec::new()];
    let last = dashboard.story.moments.iter().rev().find_map(|moment| match &moment.what {
        What::Call(Call { call, thought, .. }) => Some((words::called(call), thought)),
        _ => None,
    });
    if let Some((call, thought)) = last {
        lines.extend(folded(&format!("It serves {call}."), Style::new()));
        if !thought.is_empty() {
            lines.extend(folded(&format!("The model's reason: {}", quoted(thought)), Style::new()));
        }
    }
    let meaning = "“yes, in this run” also allows every later action of this kind on this \
                   application until the run ends. No answer is a no.";
    lines.extend(folded(meaning, theme::quiet()));
    lines
}

/// No stands first and is chosen; a yes that is not armed yet is quiet.
fn answers(armed: bool) -> Vec<Vec<Span<'static>>> {
    let key = |armed| if armed { theme::key() } else { theme::quiet() };
    let word = |armed| if armed { Style::new() } else { theme::quiet() };
    vec![
        vec![
            styled(" n no (Enter) ", theme::selected()),
            plain("  "),
            styled("y", key(armed)),
            styled(" yes, once   ", word(armed)),
            styled("a", key(armed)),
            styled(" yes, in this run", word(armed)),
        ],
        vec![
            styled(" x", theme::key()),
            plain(" no, and stop   "),
            styled("e", theme::key()),
            plain(" explain"),
        ],
    ]
}

fn remaining(passed: Duration, armed: bool) -> Vec<Span<'static>> {
    let left = clock(ANSWER_LIMIT.saturating_sub(passed));
    let wait = if armed { "" } else { "   a yes counts in a moment" };
    vec![styled(format!("no answer in {left} is a no{wait}"), theme::quiet())]
}

pub(super) fn confirm(which: Confirm, buffer: &mut Buffer, area: Rect) {
    let lines = match which {
        Confirm::Stop => vec![
            vec![plain("The run ends, and its desktop with it.")],
            vec![],
            vec![
                styled("y", theme::key()),
                plain(" stop the run   "),
                styled("any other key", theme::key()),
                plain(" go on"),
            ],
        ],
        Confirm::Leave => vec![
            vec![plain("The run goes on without this view.")],
            vec![],
            vec![
                styled("q", theme::key()),
                plain(" leave   "),
                styled("s", theme::key()),
                plain(" stop the run   "),
                styled("any other key", theme::key()),
                plain(" stay"),
            ],
        ],
    };
    let title = match which {
        Confirm::Stop => "stop?",
        Confirm::Leave => "leave?",
    };
    card::boxed(buffer, area, title, theme::warning(), &lines);
}

/// Keys that are sent from a list; the cursor is on the chosen one.
pub(super) fn special(row: usize, buffer: &mut Buffer, area: Rect) -> Position {
    let rows = usize::from(area.height.saturating_sub(5)).clamp(1, special::KEYS.len());
    let first = row.saturating_sub(rows / 2).min(special::KEYS.len() - rows);
    let shown = special::KEYS.iter().enumerate().skip(first).take(rows);
    let mut lines: Vec<_> = shown
        .map(|(index, (name, _))| {
            let style = if index == row { theme::selected() } else { Style::new() };
            vec![styled(format!(" {name:<24}"), style)]
        })
        .collect();
    lines.push(vec![
        styled("Enter", theme::key()),
        plain(" send   "),
        styled("Esc", theme::key()),
        plain(" close"),
    ]);
    let inner = card::boxed(buffer, area, "send a key", theme::key(), &lines);
    Position { x: inner.x, y: inner.y + (row - first) as u16 }
}

/// The frame around the desktop while it is a person's.
pub(super) fn hands(dashboard: &Dashboard, buffer: &mut Buffer, title: Rect) {
    let back = dashboard.keymap.key(Wish::GiveBack);
    let words =
        format!(" YOU HAVE CONTROL: keys and pointer go to the desktop · {back} gives it back ");
    let style = Style::new().fg(Color::Black).bg(Color::Magenta);
    buffer.set_style(title, style);
    super::text::row(buffer, title, title.y, vec![styled(words, style)]);
}
