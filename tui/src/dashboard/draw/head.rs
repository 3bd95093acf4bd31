//! The two rows at the top: what the run is doing, how it is locked in, what it is for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::{Dashboard, Tense, theme};
use super::text::{asked, clock, cut, plain, row, seconds, styled, theirs, width};

/// From here on there is more room than an instruction needs.
const WIDE: u16 = 120;

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) {
    let isolation = isolation(dashboard);
    let needed: usize = isolation.iter().map(|span| width(&span.content)).sum();
    let needed = needed.min(usize::from(area.width / 2));
    let left = Rect { width: area.width.saturating_sub(needed as u16 + 1), ..area };
    row(buffer, left, area.y, state(dashboard));
    let right = Rect { x: area.right() - needed as u16, width: needed as u16, ..area };
    row(buffer, right, area.y, isolation);
    purpose(dashboard, buffer, area);
}

/// `▶ ACTING  step 3/50  0:34/5:00`
fn state(dashboard: &Dashboard) -> Vec<Span<'static>> {
    let story = &dashboard.story;
    let phase = dashboard.phase();
    let badge = format!(" {} {} ", phase.glyph(), phase.word());
    let mut spans = vec![styled(badge, theme::badge(phase)), plain(" ")];
    if dashboard.tense == Tense::Past {
        spans.push(styled("RECORD ", theme::title()));
    }
    if dashboard.is_going_on() && !dashboard.controls {
        spans.push(styled("WATCHING ", theme::title()));
    }
    if dashboard.frozen {
        let held = format!("VIEW HELD STILL (+{}) ", dashboard.held_back());
        spans.push(styled(held, theme::warning()));
    }
    let limits = story.heading.as_ref().and_then(|heading| heading.limits);
    let (steps, time) = match limits {
        Some(limits) => (format!("/{}", limits.steps), format!("/{}", clock(limits.time))),
        None => (String::new(), String::new()),
    };
    spans.push(plain(format!(" step {}", story.step)));
    spans.push(styled(steps, theme::quiet()));
    spans.push(plain(format!("  {}", clock(dashboard.elapsed()))));
    spans.push(styled(time, theme::quiet()));
    spans
}

/// How the run is locked in: what the record says, and no more. `VM · EMULATED · no network`
fn isolation(dashboard: &Dashboard) -> Vec<Span<'static>> {
    let Some(heading) = &dashboard.story.heading else { return Vec::new() };
    let (kind, facts) = desktop(&heading.desktop);
    let (machine, style) = match kind.split_once(':') {
        Some(("vm", _)) => ("VM", theme::good()),
        _ => ("NATIVE", theme::warning()),
    };
    let mut spans = vec![styled(machine, style)];
    for fact in facts.split(", ").filter(|fact| !fact.is_empty()) {
        let style = if fact.starts_with("NETWORK") { theme::alarm() } else { Style::new() };
        spans.extend([styled(" · ", theme::quiet()), styled(theirs(fact), style)]);
    }
    spans.push(plain(" "));
    spans
}

/// `vm:minimal` and `EMULATED, no network` of `vm:minimal (EMULATED, no network)`.
fn desktop(name: &str) -> (&str, &str) {
    match name.split_once(" (") {
        Some((kind, facts)) => (kind, facts.strip_suffix(')').unwrap_or(facts)),
        None => (name, ""),
    }
}

/// What models and run take: `trained · thinks 0.2 s · 4.1 tokens/s · 93 % reused · 812 MB`
fn costs(dashboard: &Dashboard, models: &str) -> String {
    let mut facts = vec![theirs(models)];
    if let Some((think, usage)) = dashboard.story.thought {
        facts.push(format!("thinks {}", seconds(think)));
        if !usage.is_none() {
            let per_second = usage.said as f64 / think.as_secs_f64().max(0.001);
            facts.push(format!("{per_second:.1} tokens/s"));
            facts.push(format!("{} % reused", usage.known * 100 / usage.prompt.max(1)));
        }
    }
    if let Some(spent) = dashboard.spent {
        facts.push(format!("{} MB", spent.resident_mb));
    }
    facts.join(" · ")
}

/// `“write a note …”                vm:minimal · trained · thinks 0.2 s`
fn purpose(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) {
    let Some(heading) = &dashboard.story.heading else {
        return row(buffer, area, area.y + 1, vec![styled(" no record yet", theme::quiet())]);
    };
    let costs = costs(dashboard, &heading.models);
    let policy = match heading.policy.as_ref().map(|policy| policy.rules().len()) {
        None => String::new(),
        Some(1) => " · 1 rule".to_owned(),
        Some(rules) => format!(" · {rules} rules"),
    };
    let facts = format!("{}{policy} · {costs} ", theirs(desktop(&heading.desktop).0));
    let most = if area.width < WIDE { area.width / 2 } else { area.width * 3 / 5 };
    let facts = cut(&facts, usize::from(most)).into_owned();
    let needed = width(&facts) as u16;
    let left = Rect { x: area.x + 1, width: area.width.saturating_sub(needed + 2), ..area };
    row(buffer, left, area.y + 1, vec![asked(&heading.instruction)]);
    let right = Rect { x: area.right() - needed, width: needed, ..area };
    row(buffer, right, area.y + 1, vec![styled(facts, theme::quiet())]);
}
