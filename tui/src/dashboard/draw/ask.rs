//! Cards that want an answer: what the run asks, and what a person is about to do.

use std::time::Duration;

use deskbound_agent::limits::ANSWER_LIMIT;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::moment::{Call, What};
use super::super::picture::{Extent, Picture};
use super::super::question::{Card, Question, Room, Wanted};
use super::super::theme::Glyphs;
use super::super::{Confirm, Dashboard, theme};
use super::text::{clock, plain, quoted, styled, theirs, wrapped};
use super::{card, full, screen, words};

/// Cells of the text in a card.
const TEXT_CELLS: usize = 52;
/// Of one text, so many lines are in a card.
const FOLDED_ROWS: usize = 4;
/// A text of at most so many letters is surely in there as a whole, also where words are long.
const IN_SHORT_CELLS: usize = FOLDED_ROWS * TEXT_CELLS / 2;
/// What a card has around its lines, in columns and in rows.
const CARD_CELLS: usize = 4;
const BORDER_ROWS: usize = 2;
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
    let armed = shown.is_armed(dashboard.now);
    let passed = dashboard.elapsed_since(question.at);
    let mut lines = match shown.room {
        Room::Card => in_short(dashboard, question, shown),
        Room::Full => full::asked(dashboard, question, usize::from(area.width) - CARD_CELLS),
    };
    let answers = answers(armed);
    // The answers go before the picture, and before the end of a long question.
    let room = usize::from(area.height).saturating_sub(answers.len() + BORDER_ROWS + 2);
    lines.truncate(room);
    let crop = dashboard.exhibit.as_ref().and_then(|exhibit| exhibit.crop.as_ref());
    let fits = |crop: &&Picture| lines.len() + usize::from(crop.extent.rows) <= room;
    let crop = crop.filter(|_| shown.room == Room::Full || !shown.explains).filter(fits);
    let crop_at = lines.len() as u16;
    let crop_rows = crop.map_or(0, |crop| crop.extent.rows);
    lines.extend((0..crop_rows).map(|_| Vec::new()));
    lines.push(Vec::new());
    lines.extend(answers);
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

/// What is asked, why, and what it means where that was wished for.
fn in_short(dashboard: &Dashboard, question: &Question, shown: &Card) -> Vec<Vec<Span<'static>>> {
    let mut asked = question.action.to_string();
    let is_whole = question.action.asked() == asked && asked.chars().count() <= IN_SHORT_CELLS;
    if let Some(on) = screen::named(dashboard, &question.points()) {
        asked += &format!(" on {on}");
    }
    let mut lines = folded(&asked, theme::title());
    // What is not seen should not be allowed.
    if !is_whole {
        lines.push(vec![styled("there is more of it: f shows all", theme::warning())]);
    }
    lines.extend(folded(&format!("because {}", theirs(&question.reason)), Style::new()));
    if shown.explains {
        lines.extend(explained(dashboard));
    }
    lines
}

/// The cells of a target's surroundings where a question has the whole terminal.
pub(crate) fn crop_in_full(size: Size) -> Extent {
    let columns = size.width.saturating_sub(CARD_CELLS as u16).clamp(1, 160);
    // A cell is twice as high as it is wide, and a screen 16:10.
    let rows = (columns * 5 / 16).min(size.height / 2).max(1);
    Extent { columns, rows }
}

fn mark(dashboard: &Dashboard, crop: &Picture, buffer: &mut Buffer, place: Rect) {
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
    let lines = wrapped(text, TEXT_CELLS).into_iter().take(FOLDED_ROWS);
    lines.map(|line| vec![styled(line, style)]).collect()
}

/// What a model wants to know, over the panes until somebody says it.
pub(super) fn wanted(dashboard: &Dashboard, wanted: &Wanted, buffer: &mut Buffer, area: Rect) {
    let room = usize::from(area.height).saturating_sub(BORDER_ROWS + 3).max(1);
    let mut lines: Vec<Vec<Span<'static>>> = wrapped(&theirs(&wanted.question), TEXT_CELLS)
        .into_iter()
        .take(room)
        .map(|line| vec![styled(line, theme::title())])
        .collect();
    let left = clock(ANSWER_LIMIT.saturating_sub(dashboard.elapsed_since(wanted.at)));
    lines.push(Vec::new());
    lines.push(vec![styled("p", theme::key()), plain(" answer")]);
    lines.push(vec![styled(format!("without one it goes on in {left}"), theme::quiet())]);
    card::boxed(buffer, area, "ASKING: the model wants to know", theme::warning(), &lines);
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
            plain(" explain   "),
            styled("f", theme::key()),
            plain(" in full"),
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
        Confirm::Take => vec![
            vec![plain("Whoever steers this run now will only watch it.")],
            vec![],
            vec![
                styled("y", theme::key()),
                plain(" take the control   "),
                styled("any other key", theme::key()),
                plain(" go on watching"),
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
        Confirm::Take => "take the control?",
        Confirm::Leave => "leave?",
    };
    card::boxed(buffer, area, title, theme::warning(), &lines);
}
