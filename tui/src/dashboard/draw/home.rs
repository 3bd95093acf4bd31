//! The first screen.
//!
//! ```text
//!   deskbound   the desktop agent that never leaves your desk
//!   ✓ fit for runs · QEMU 7.2.22 · emulated
//!  ─ new run ──────────────────────────────
//!   › …
//!  ─ runs ─────────────────────────────────
//!   2026-11-22 09:34  ✓ DONE  “…”
//!  ─ desktops ───────┬─ models ────────────
//!  keys
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::arrangement::{COLUMNS_MIN, ROWS_MIN};
use super::super::home::{Home, RunRow, RunState, Section};
use super::super::phase::Phase;
use super::super::theme;
use super::text::{asked, clock, cut, plain, quoted, row, styled, theirs, width};
use super::{bar, card, keys, titled};

/// The title and four rows.
const BOTTOM_ROWS: u16 = 5;
/// The cells of a state such as `✗ NOT UNDERSTOOD `.
const STATE_CELLS: usize = 17;

pub(crate) fn draw(home: &Home, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = paint(home, frame.buffer_mut(), area);
    home.theme.finish(frame.buffer_mut());
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn paint(home: &Home, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        let small = format!("{}×{} is too small", area.width, area.height);
        card::message(buffer, area, &[small, format!("{COLUMNS_MIN}×{ROWS_MIN} is the least")]);
        return None;
    }
    head(home, buffer, area);
    let prompt = Rect { y: area.y + 2, height: 2, ..area };
    let typing = prompted(home, buffer, prompt);
    let runs = Rect { y: area.y + 4, height: area.height - 5 - BOTTOM_ROWS, ..area };
    let mut cursor = rows_of_runs(home, buffer, runs);
    let half = area.width / 2;
    let desktops = Rect { y: runs.bottom(), height: BOTTOM_ROWS, width: half, ..area };
    let models = Rect { x: half + 1, width: area.width - half - 1, ..desktops };
    cursor = cursor.or(rows_of_desktops(home, buffer, desktops));
    cursor = cursor.or(rows_of_models(home, buffer, models));
    for y in desktops.top()..desktops.bottom() {
        let glyph = if y == desktops.y { '┬' } else { '│' };
        buffer[(half, y)].set_char(glyph).set_style(theme::quiet());
    }
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    keys::foot(&home.keymap, Home::holds, home.notice.as_deref(), buffer, last);
    if home.help {
        keys::help(&home.keymap, Home::holds, buffer, area);
    }
    let command =
        home.bar.as_ref().map(|it| bar::draw(it, (&home.keymap, Home::holds), buffer, last));
    command.or(typing).or(cursor)
}

fn head(home: &Home, buffer: &mut Buffer, area: Rect) {
    let words = "the desktop agent that never leaves your desk";
    let name = styled(" deskbound ", theme::badge(Phase::Observing));
    row(buffer, area, area.y, vec![name, styled(format!("  {words}"), theme::quiet())]);
    let spans = match &home.verdict {
        None => vec![styled(" … looking at this machine", theme::quiet())],
        Some(verdict) => {
            let (glyph, style) = match verdict.is_fit {
                true => ('✓', theme::good()),
                false => ('!', theme::alarm()),
            };
            vec![styled(format!(" {glyph} "), style), plain(theirs(&verdict.line))]
        }
    };
    row(buffer, area, area.y + 1, spans);
}

fn prompted(home: &Home, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let recipe = home.desktops.get(home.desktop).map_or("minimal", |row| row.name.as_str());
    let on = format!("on {} with {}", theirs(recipe), theirs(&home.models[home.model].name));
    let inner = titled(buffer, area, "new run", home.instruction.is_some(), &on);
    let Some(line) = &home.instruction else {
        let hint = " n: type what is to be done, in words";
        row(buffer, inner, inner.y, vec![styled(hint, theme::quiet())]);
        return None;
    };
    Some(typed(buffer, inner, " › ", line))
}

/// A line that is being typed; its end stays in sight.
pub(super) fn typed(
    buffer: &mut Buffer,
    area: Rect,
    sign: &str,
    line: &super::super::line_edit::LineEdit,
) -> Position {
    let text = crate::terminal::harmless(&line.text());
    let before = width(&crate::terminal::harmless(&line.before()));
    let room = usize::from(area.width).saturating_sub(width(sign) + 1);
    let (mut shown, mut hidden) = (text.as_str(), 0);
    while before - hidden > room {
        let mut characters = shown.chars();
        let Some(first) = characters.next() else { break };
        hidden += width(first.encode_utf8(&mut [0; 4]));
        shown = characters.as_str();
    }
    let x = area.x + width(sign) as u16 + (before - hidden) as u16;
    row(buffer, area, area.y, vec![styled(sign.to_owned(), theme::key()), plain(shown)]);
    Position { x, y: area.y }
}

fn rows_of_runs(home: &Home, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let focused = home.section == Section::Runs && home.instruction.is_none();
    let runs = home.shown();
    let (title, count) = match home.filter.as_str() {
        "" => ("runs".to_owned(), home.runs.len().to_string()),
        filter => (
            format!("runs that say {}", quoted(filter)),
            format!("{}/{}", runs.len(), home.runs.len()),
        ),
    };
    let mut inner = titled(buffer, area, &title, focused, &count);
    let mut typing = None;
    if let Some(line) = &home.finding {
        typing = Some(typed(buffer, inner, " find › ", line));
        inner = Rect { y: inner.y + 1, height: inner.height - 1, ..inner };
    }
    if runs.is_empty() {
        let why = if home.runs.is_empty() { "nothing has been done yet" } else { "none does" };
        card::message(buffer, inner, &[why.to_owned()]);
        return typing;
    }
    let height = usize::from(inner.height);
    let first = home.run.saturating_sub(height * 2 / 3);
    let first = first.min(runs.len().saturating_sub(height));
    for (y, (index, run)) in (inner.y..).zip(runs.into_iter().enumerate().skip(first).take(height))
    {
        let line = Rect { y, height: 1, ..inner };
        run_row(buffer, line, run);
        if focused && index == home.run {
            buffer.set_style(line, theme::selected());
        }
    }
    let y = inner.y + (home.run - first) as u16;
    typing.or(focused.then_some(Position { x: inner.x, y }))
}

fn run_row(buffer: &mut Buffer, area: Rect, run: &RunRow) {
    let (glyph, word, style) = match run.state {
        RunState::Live => ('▶', "GOING ON", theme::good()),
        RunState::CutOff => ('…', "CUT OFF", theme::warning()),
        RunState::Broken => ('!', "BROKEN", theme::alarm()),
        RunState::Ended(phase @ Phase::Done) => (phase.glyph(), phase.word(), theme::good()),
        RunState::Ended(phase) => (phase.glyph(), phase.word(), theme::warning()),
    };
    let state = format!("{glyph} {word:<width$}", width = STATE_CELLS - 2);
    let extent = match run.extent {
        Some((steps, took)) => format!(" {steps} steps {:>5} ", clock(took)),
        None => String::new(),
    };
    let cells = width(&extent) as u16;
    let place = Rect { x: area.right() - cells, width: cells, ..area };
    row(buffer, place, area.y, vec![styled(extent, theme::quiet())]);
    let area = Rect { width: area.width - cells, ..area };
    let mut spans =
        vec![styled(format!(" {}  ", moment(&run.name)), theme::quiet()), styled(state, style)];
    if run.state != RunState::Broken {
        spans.push(asked(&run.instruction));
    }
    row(buffer, area, area.y, spans);
}

/// `2026-11-22 09:34` of `20261122T093416Z-718ccc`; else the name.
fn moment(name: &str) -> String {
    let shape = name.len() >= 13 && name.is_ascii() && name.as_bytes()[8] == b'T';
    if !shape {
        return cut(&theirs(name), 16).into_owned();
    }
    let part = |from: usize, to: usize| &name[from..to];
    let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
    theirs(&format!("{year}-{month}-{day} {}:{}", part(9, 11), part(11, 13)))
}

fn rows_of_desktops(home: &Home, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let rows: Vec<_> = home
        .desktops
        .iter()
        .map(|row| {
            let style = if row.is_ready { theme::good() } else { theme::quiet() };
            (theirs(&row.name), row.state.to_owned(), style)
        })
        .collect();
    list(home, buffer, (area, Section::Desktops, "desktops"), &rows, home.desktop)
}

fn rows_of_models(home: &Home, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let rows: Vec<_> = home
        .models
        .iter()
        .map(|row| (theirs(&row.name), theirs(&row.what), theme::quiet()))
        .collect();
    list(home, buffer, (area, Section::Models, "models"), &rows, home.model)
}

/// A short list of which one row is chosen.
fn list(
    home: &Home,
    buffer: &mut Buffer,
    (area, section, title): (Rect, Section, &str),
    rows: &[(String, String, Style)],
    chosen: usize,
) -> Option<Position> {
    let focused = home.section == section && home.instruction.is_none();
    let inner = titled(buffer, area, title, focused, "");
    let height = usize::from(inner.height);
    let first = chosen.saturating_sub(height - 1).min(rows.len().saturating_sub(height));
    for (y, (index, (name, what, style))) in
        (inner.y..).zip(rows.iter().enumerate().skip(first).take(height))
    {
        let mark = if index == chosen { '●' } else { '○' };
        let spans = vec![
            styled(format!(" {mark} "), theme::key()),
            plain(format!("{name:<9} ")),
            styled(what.clone(), *style),
        ];
        row(buffer, inner, y, spans);
        if focused && index == chosen {
            buffer.set_style(Rect { y, height: 1, ..inner }, theme::selected());
        }
    }
    let y = inner.y + (chosen - first.min(chosen)) as u16;
    focused.then_some(Position { x: inner.x, y })
}
