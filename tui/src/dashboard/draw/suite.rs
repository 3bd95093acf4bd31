//! A suite that is run.
//!
//! ```text
//!   eval   desk with trained on x11
//!   ████████░░░░░░░░░░░░░░░░  12 of 77 samples, about 34 min left
//!   8 pass, 3 fail, 1 timeout
//!   pass@1 62 % (48 to 75)
//!  ─ families ───────┬─ machines ──────────
//!                    ├─ open shards ───────
//!  ─ samples ──────────────────────────────
//!   keys
//! ```

use deskbound_eval::{Family, Host, Newest, Pace, Progress, Status, long};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::super::arrangement::{COLUMNS_MIN, ROWS_MIN};
use super::super::phase::Phase;
use super::super::suite::{SuiteView, Which};
use super::super::theme;
use super::text::{cut, plain, row, styled, theirs, width};
use super::{bar, card, keys, titled};

const HEAD_ROWS: u16 = 4;
const NAME_CELLS: usize = 18;
const BAR_CELLS: usize = 24;
const SAMPLE_CELLS: usize = 34;
const STATUS_CELLS: usize = 13;

pub(crate) fn draw(view: &SuiteView, frame: &mut Frame<'_>) {
    let area = frame.area();
    let cursor = paint(view, frame.buffer_mut(), area);
    view.theme.finish(frame.buffer_mut());
    // Screen readers follow it to what is new.
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn paint(view: &SuiteView, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        let small = format!("{}×{} is too small", area.width, area.height);
        card::message(buffer, area, &[small, format!("{COLUMNS_MIN}×{ROWS_MIN} is the least")]);
        return None;
    }
    let Some(progress) = &view.progress else {
        let why = view.fault.as_deref().map_or("reading the results …".to_owned(), theirs);
        card::message(buffer, area, &[why]);
        return None;
    };
    head(view, progress, buffer, area);
    let rest = area.height - HEAD_ROWS - 1;
    let upper = Rect { y: area.y + HEAD_ROWS, height: rest.div_ceil(2), ..area };
    let half = area.width / 2;
    families(progress, buffer, Rect { width: half, ..upper });
    let right = Rect { x: half + 1, width: area.width - half - 1, ..upper };
    let machines = upper.height / 2;
    hosts(progress, buffer, Rect { height: machines, ..right });
    let below = Rect { y: right.y + machines, height: upper.height - machines, ..right };
    shards(progress, buffer, below);
    for y in upper.top()..upper.bottom() {
        let glyph = match y {
            y if y == upper.y => '┬',
            y if y == below.y => '├',
            _ => '│',
        };
        buffer[(half, y)].set_char(glyph).set_style(theme::quiet());
    }
    let lower = Rect { y: upper.bottom(), height: rest - upper.height, ..area };
    let cursor = samples(view, buffer, lower);
    let last = Rect { y: area.bottom() - 1, height: 1, ..area };
    keys::foot(&view.keymap, SuiteView::holds, view.notice.as_deref(), buffer, last);
    if view.help {
        keys::help(&view.keymap, SuiteView::holds, buffer, area);
    }
    let typing =
        view.bar.as_ref().map(|it| bar::draw(it, (&view.keymap, SuiteView::holds), buffer, last));
    typing.or(Some(cursor))
}

fn head(view: &SuiteView, progress: &Progress, buffer: &mut Buffer, area: Rect) {
    let Progress { suite, with, planned, done, .. } = progress;
    let (word, phase) = match done {
        done if done >= planned => (" THROUGH ", Phase::Done),
        _ => (" eval ", Phase::Observing),
    };
    let what = theirs(&format!("{suite} with {with}"));
    row(buffer, area, area.y, vec![styled(word, theme::badge(phase)), plain(format!("  {what}"))]);
    let filled = (done * BAR_CELLS).checked_div(*planned).unwrap_or(0).min(BAR_CELLS);
    let spans = vec![
        plain(" "),
        styled("█".repeat(filled), theme::good()),
        styled("─".repeat(BAR_CELLS - filled), theme::quiet()),
        plain(format!("  {}", progress.line())),
    ];
    row(buffer, area, area.y + 1, spans);
    let mut spans = vec![plain(format!(" {}", progress.statuses_line()))];
    if progress.attempts_spoilt > 0 {
        let said =
            format!("  {} spoilt, {} open for it", progress.attempts_spoilt, progress.unresolved);
        spans.push(styled(said, theme::warning()));
    }
    if progress.junk > 0 {
        spans.push(styled(format!("  {} files are no results", progress.junk), theme::alarm()));
    }
    if let Some(fault) = &view.fault {
        spans.push(styled(format!("  {}", theirs(fault)), theme::alarm()));
    }
    row(buffer, area, area.y + 2, spans);
    if !progress.passes.is_empty() {
        let doubt = styled(", 95 % over tasks", theme::quiet());
        let said = plain(format!(" {}", progress.passes_line()));
        row(buffer, area, area.y + 3, vec![said, doubt]);
    }
}

fn families(progress: &Progress, buffer: &mut Buffer, area: Rect) {
    let inner = titled(buffer, area, "families", false, "passed of tried of all");
    for (y, family) in (inner.y..inner.bottom()).zip(&progress.families) {
        let Family { name, planned, done, passed } = family;
        let name = named(name, NAME_CELLS);
        let spans = vec![
            plain(format!(" {name} ")),
            styled(format!("{passed:>4}"), theme::good()),
            plain(format!(" {done:>5}")),
            styled(format!(" {planned:>6}"), theme::quiet()),
        ];
        row(buffer, inner, y, spans);
    }
    more(buffer, inner, progress.families.len());
}

fn hosts(progress: &Progress, buffer: &mut Buffer, area: Rect) {
    let inner = titled(buffer, area, "machines", false, "");
    for (y, host) in (inner.y..inner.bottom()).zip(&progress.hosts) {
        let Host { name, done, samples_per_hour, silent_s } = host;
        let said = format!("{done:>5} {samples_per_hour:>6.1}/h  {} ago", long(*silent_s));
        row(
            buffer,
            inner,
            y,
            vec![plain(format!(" {} ", named(name, NAME_CELLS - 4))), plain(said)],
        );
    }
    more(buffer, inner, progress.hosts.len());
}

/// Those that stand still first.
fn shards(progress: &Progress, buffer: &mut Buffer, area: Rect) {
    let mut open: Vec<_> =
        progress.shards.iter().filter(|shard| shard.pace != Pace::Through).collect();
    open.sort_by_key(|shard| (shard.pace != Pace::Still, shard.number));
    let title = format!("{} of {}", open.len(), progress.shards.len());
    let inner = titled(buffer, area, "open shards", false, &title);
    for (y, shard) in (inner.y..inner.bottom()).zip(&open) {
        let (word, style) = match shard.pace {
            Pace::Still => ("stands still", theme::warning()),
            Pace::Waiting => ("waits", theme::quiet()),
            Pace::Going | Pace::Through => ("", Style::new()),
        };
        let said = format!(" {:>6}  {:>5} of {:<5} ", shard.number, shard.done, shard.planned);
        row(buffer, inner, y, vec![plain(said), styled(word, style)]);
    }
    more(buffer, inner, open.len());
}

fn samples(view: &SuiteView, buffer: &mut Buffer, area: Rect) -> Position {
    let listed = view.listed();
    let title = match view.which {
        Which::All => "samples, the last one first",
        Which::Failed => "samples that did not pass, the last one first",
    };
    let place = match listed.len() {
        0 => "none".to_owned(),
        total => format!("{}/{total}", view.row + 1),
    };
    let inner = titled(buffer, area, title, true, &place);
    let height = usize::from(inner.height);
    let first = view.row.saturating_sub(height * 2 / 3).min(listed.len().saturating_sub(height));
    for (y, (index, newest)) in (inner.y..inner.bottom()).zip(listed.iter().enumerate().skip(first))
    {
        let Newest { id, status, seconds, host, .. } = newest;
        let style = match status {
            Status::Pass => theme::good(),
            Status::Fail => Style::new(),
            Status::Timeout => theme::warning(),
            Status::AgentError | Status::InfrastructureError => theme::alarm(),
        };
        let spans = vec![
            plain(format!(" {} ", named(id, SAMPLE_CELLS))),
            styled(format!("{status:<STATUS_CELLS$}"), style),
            plain(format!(" {seconds:>5} s  ")),
            styled(theirs(host), theme::quiet()),
        ];
        row(buffer, inner, y, spans);
        if index == view.row {
            buffer.set_style(Rect { y, height: 1, ..inner }, theme::selected());
        }
    }
    Position { x: inner.x, y: inner.y + (view.row - first) as u16 }
}

/// The last row says how many more there are.
fn more(buffer: &mut Buffer, area: Rect, rows: usize) {
    let room = usize::from(area.height);
    if rows > room && room > 0 {
        let said = format!(" … and {} more", rows - room + 1);
        let last = Rect { y: area.bottom() - 1, height: 1, ..area };
        for x in last.left()..last.right() {
            buffer[(x, last.y)].reset();
        }
        row(buffer, last, last.y, vec![styled(said, theme::quiet())]);
    }
}

/// A stranger's name in so many cells.
fn named(name: &str, cells: usize) -> String {
    let name = theirs(name);
    let name = cut(&name, cells);
    format!("{name}{}", " ".repeat(cells.saturating_sub(width(&name))))
}
