//! The step that is looked at, in full: what, why, what came of it, where the time went, and what
//! it changed on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::moment::{Call, Moment, Split, What};
use super::super::{Dashboard, theme};
use super::text::{plain, row, seconds, styled, theirs, wrapped};
use super::{screen, titled, words};

/// The set-in text of one fact.
const LABEL_CELLS: usize = 8;

pub(super) fn draw(dashboard: &Dashboard, buffer: &mut Buffer, area: Rect) {
    let Some(moment) = dashboard.moment() else {
        titled(buffer, area, "this step", false, "");
        return;
    };
    let inner = titled(buffer, area, &title(moment), false, "");
    let cells = usize::from(inner.width).saturating_sub(LABEL_CELLS + 1);
    let room = usize::from(inner.height);
    let mut lines = Vec::new();
    // Where there is room for no more, each fact has one line.
    let fold = |text: &str, most: usize| {
        let mut folded = wrapped(text, cells);
        if room <= 3 {
            folded = vec![text.to_owned()];
        }
        folded.truncate(most.max(1));
        folded
    };
    let mut does = words::what(moment);
    if let Some(on) = screen::named(dashboard, &moment.points()) {
        does += &format!(" on {on}");
    }
    fact(&mut lines, "does", fold(&does, room / 3), style(moment));
    if let Some((text, style)) = words::evidence(moment) {
        fact(&mut lines, "so", fold(&text, room / 3), style);
    }
    if moment.split != Split::default() {
        lines.push(times(&moment.split));
    }
    if let Some(thought) = thought(dashboard, moment) {
        fact(&mut lines, "thinks", fold(&thought, room / 4), Style::new());
    }
    if let Some(expects) = expects(moment) {
        fact(&mut lines, "expects", fold(&expects, 2), theme::quiet());
    }
    lines.extend(changes(dashboard));
    for (y, line) in (inner.top()..inner.bottom()).zip(lines) {
        row(buffer, inner, y, line);
    }
}

pub(super) fn title(moment: &Moment) -> String {
    match &moment.what {
        What::Act(act) => format!("step {}", act.step),
        What::Denied { step, .. } => format!("step {step}"),
        What::Call(_) => "call".to_owned(),
        What::End { .. } => "end".to_owned(),
        _ => "this step".to_owned(),
    }
}

fn style(moment: &Moment) -> Style {
    match moment.what {
        What::Denied { .. } => theme::alarm(),
        _ => theme::title(),
    }
}

fn fact(lines: &mut Vec<Vec<Span<'static>>>, label: &str, texts: Vec<String>, style: Style) {
    for (index, text) in texts.into_iter().enumerate() {
        let label = if index == 0 { label } else { "" };
        let label = format!(" {label:<width$}", width = LABEL_CELLS);
        lines.push(vec![styled(label, theme::quiet()), styled(text, style)]);
    }
}

/// ` time    look 1.0 s · act 0.2 s · check 12 s`
fn times(split: &Split) -> Vec<Span<'static>> {
    let mut line = vec![styled(format!(" {:<LABEL_CELLS$}", "time"), theme::quiet())];
    let spent = split.parts().into_iter().filter(|(_, time)| !time.is_zero());
    for (index, (name, time)) in spent.enumerate() {
        if index > 0 {
            line.push(styled(" · ", theme::quiet()));
        }
        line.push(styled(format!("{name} "), theme::quiet()));
        line.push(plain(seconds(time)));
    }
    line
}

/// The thought of the call that this belongs to.
fn thought(dashboard: &Dashboard, moment: &Moment) -> Option<String> {
    let of = |moment: &Moment| match &moment.what {
        What::Call(Call { thought, confidence, call, .. }) => {
            let thought = match thought.as_str() {
                "" => "no reason given".to_owned(),
                thought => theirs(thought),
            };
            Some((thought, *confidence, words::called(call)))
        }
        _ => None,
    };
    if let Some((thought, confidence, _)) = of(moment) {
        return Some(format!("{thought} (sure to {confidence:.2})"));
    }
    let before = &dashboard.story.moments[..dashboard.index()?];
    let (thought, _, call) = before.iter().rev().find_map(of)?;
    Some(format!("{thought}: {call}"))
}

fn expects(moment: &Moment) -> Option<String> {
    match &moment.what {
        What::Act(act) if act.effect.is_some() => Some(theirs(&act.expects)),
        _ => None,
    }
}

/// What the step changed; of another step than the one that is looked at, nothing is said.
fn changes(dashboard: &Dashboard) -> Vec<Vec<Span<'static>>> {
    let current = dashboard
        .exhibit
        .as_ref()
        .filter(|exhibit| dashboard.look() == Some(exhibit.request.look) && !dashboard.follows());
    let Some(exhibit) = current else { return Vec::new() };
    let mut lines = Vec::new();
    for (index, change) in exhibit.changes.iter().enumerate() {
        let label = if index == 0 { "changes" } else { "" };
        let label = format!(" {label:<LABEL_CELLS$}");
        lines.push(vec![styled(label, theme::quiet()), plain(theirs(change))]);
    }
    lines
}
