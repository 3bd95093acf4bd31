//! A step in full, over all panes: every word of what it was, why, which rule let it through, what
//! came of it and what it changed.

use deskbound_agent::action::Action;
use deskbound_agent::policy::{Deed, Judgement};
use deskbound_models::Grounding;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Span;

use super::super::arrangement::{Arrangement, Whole};
use super::super::moment::{Act, Call, Moment, What};
use super::super::question::Question;
use super::super::{Dashboard, theme};
use super::text::{clock, quoted, row, seconds, styled, wrapped};
use super::{detail, screen, titled, words};
use crate::terminal::harmless;

/// The set-in text of one fact.
const LABEL_CELLS: usize = 10;

type Line = Vec<Span<'static>>;

/// Facts, one below the other, each with its name at the margin.
struct Facts {
    cells: usize,
    lines: Vec<Line>,
}

impl Facts {
    fn new(cells: usize) -> Self {
        Self { cells: cells.saturating_sub(LABEL_CELLS + 2).max(1), lines: Vec::new() }
    }

    /// A stranger's words or ours, of any length.
    fn add(&mut self, label: &str, text: &str, style: Style) {
        let mut label = label;
        for line in wrapped(&harmless(text), self.cells) {
            self.lines.push(vec![
                styled(format!(" {label:<LABEL_CELLS$}"), theme::quiet()),
                styled(line, style),
            ]);
            label = "";
        }
    }
}

pub(super) fn draw(dashboard: &Dashboard, top: usize, buffer: &mut Buffer, area: Rect) -> Position {
    for position in area.positions() {
        buffer[position].reset();
    }
    let lines = lines(dashboard, area.width);
    let rows = usize::from(area.height) - 1;
    let top = top.min(lines.len().saturating_sub(rows));
    let last = (top + rows).min(lines.len());
    let place = match lines.len() > rows {
        true => format!("{}–{last} of {}", top + 1, lines.len()),
        false => String::new(),
    };
    let title = dashboard.moment().map(detail::title).unwrap_or_default();
    let inner = titled(buffer, area, &format!("{title}, in full"), true, &place);
    for (y, line) in (inner.top()..inner.bottom()).zip(lines.into_iter().skip(top)) {
        row(buffer, inner, y, line);
    }
    inner.as_position()
}

/// How far a step in full can be scrolled.
pub(crate) fn rows_below(dashboard: &Dashboard) -> usize {
    let Some(arranged) = Arrangement::of(dashboard.size, dashboard.pane, Whole::None) else {
        return 0;
    };
    let body = arranged.body();
    lines(dashboard, body.width).len().saturating_sub(usize::from(body.height) - 1)
}

fn lines(dashboard: &Dashboard, width: u16) -> Vec<Line> {
    let mut facts = Facts::new(usize::from(width));
    let Some(moment) = dashboard.moment() else { return facts.lines };
    facts.add("at", &clock(moment.at.saturating_sub(dashboard.story.begun)), Style::new());
    what(dashboard, moment, &mut facts);
    if !matches!(moment.what, What::Call(_))
        && let Some(call) = call_of(dashboard)
    {
        facts.add("for", &words::called(&call.call), Style::new());
        thought(call, &mut facts);
    }
    let spent = moment.split.parts().into_iter().filter(|(_, time)| !time.is_zero());
    let spent: Vec<_> = spent.map(|(name, time)| format!("{name} {}", seconds(time))).collect();
    facts.add("time", &spent.join(" · "), Style::new());
    let exhibit = dashboard.exhibit.as_ref();
    let current = exhibit.filter(|exhibit| dashboard.look() == Some(exhibit.request.look));
    if let Some(exhibit) = current {
        let mut label = "changes";
        for change in exhibit.changes.iter() {
            facts.add(label, change, Style::new());
            label = "";
        }
        if let Some(fault) = &exhibit.fault {
            facts.add("missing", fault, theme::warning());
        }
    }
    facts.lines
}

fn checked(what: &str, holds: bool, facts: &mut Facts) {
    let (word, style) = match holds {
        true => ("yes", theme::good()),
        false => ("no", theme::alarm()),
    };
    facts.add(word, what, style);
}

fn what(dashboard: &Dashboard, moment: &Moment, facts: &mut Facts) {
    match &moment.what {
        What::Call(call) => {
            facts.add("calls", &call.call.tool, theme::title());
            for (name, value) in &call.call.arguments {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                facts.add("with", &format!("{name}: {value}"), Style::new());
            }
            thought(call, facts);
            if let Some((succeeded, answer)) = &call.outcome {
                let (word, style) = match succeeded {
                    true => ("done", theme::good()),
                    false => ("failed", theme::alarm()),
                };
                facts.add("so", &format!("{word} in {}: {answer}", seconds(call.took)), style);
            }
        }
        What::Ground { phrase, candidates, grounding } => {
            facts.add("looks for", phrase, theme::title());
            let found = match grounding {
                Grounding::Candidate { index, .. } => Some(*index),
                _ => None,
            };
            for (index, candidate) in candidates.iter().enumerate() {
                let mark = if found == Some(index) { '●' } else { '○' };
                let (role, name) = (&candidate.role, &candidate.name);
                let text = format!("{mark} {role} “{name}” {}", candidate.context);
                facts.add(if index == 0 { "among" } else { "" }, &text, Style::new());
            }
            evidence(moment, facts);
        }
        What::Act(act) => acted(dashboard, act, moment, facts),
        What::Ask { question, .. } => {
            facts.add("asks", &question.action.to_string(), theme::title());
            written(&question.action, facts);
            on(dashboard, moment, facts);
            evidence(moment, facts);
        }
        What::Question { question, .. } => {
            facts.add("asks", question, theme::title());
            evidence(moment, facts);
        }
        What::Denied { action, reason, .. } => {
            facts.add("denied", &action.to_string(), theme::alarm());
            written(action, facts);
            on(dashboard, moment, facts);
            facts.add("because", reason, theme::alarm());
        }
        What::Over { thought, refusal } => {
            facts.add("is", &words::what(moment), theme::title());
            facts.add("because", refusal.as_deref().unwrap_or_default(), theme::alarm());
            facts.add("thinks", thought, Style::new());
        }
        What::Checked(checks) => {
            facts.add("is", &words::what(moment), theme::title());
            checks.iter().for_each(|(what, holds)| checked(what, *holds, facts));
        }
        What::Other { name, text } => {
            facts.add("is", name, theme::title());
            facts.add("says", text, Style::new());
        }
        What::Steer(_) | What::End { .. } => {
            facts.add("is", &words::what(moment), theme::title());
            evidence(moment, facts);
        }
    }
}

fn acted(dashboard: &Dashboard, act: &Act, moment: &Moment, facts: &mut Facts) {
    let mut label = "does";
    for action in act.actions.iter().chain(&act.about) {
        facts.add(label, &action.to_string(), theme::title());
        written(action, facts);
        label = "";
        if let Some((ruling, style)) = ruled(dashboard, moment, action) {
            facts.add("rule", &ruling, style);
        }
    }
    on(dashboard, moment, facts);
    facts.add("expects", &act.expects, Style::new());
    if act.effect.is_some() {
        evidence(moment, facts);
    }
}

/// What came of it, in words that may be cut where they are very long.
fn evidence(moment: &Moment, facts: &mut Facts) {
    if let Some((text, style)) = words::evidence(moment) {
        facts.add("so", &text, style);
    }
}

/// A long text is cut in the words of an action.
fn written(action: &Action, facts: &mut Facts) {
    let text = match action {
        Action::Type { text } | Action::Copy { text } | Action::WriteFile { text, .. } => text,
        Action::Shell { command } => command,
        _ => return,
    };
    let mut label = "text";
    for line in text.lines() {
        facts.add(label, line, Style::new());
        label = "";
    }
}

fn on(dashboard: &Dashboard, moment: &Moment, facts: &mut Facts) {
    if let Some(on) = screen::named(dashboard, &moment.points()) {
        facts.add("on", &on, Style::new());
    }
}

fn thought(call: &Call, facts: &mut Facts) {
    facts.add("thinks", &call.thought, Style::new());
    facts.add("sure to", &format!("{:.2}", call.confidence), Style::new());
}

/// The call that a row belongs to.
fn call_of(dashboard: &Dashboard) -> Option<&Call> {
    let before = &dashboard.story.moments[..dashboard.index()?];
    before.iter().rev().find_map(|moment| match &moment.what {
        What::Call(call) => Some(call),
        _ => None,
    })
}

/// The rule of the recorded policy that this falls under, on the screen it was decided on.
fn ruled(dashboard: &Dashboard, moment: &Moment, action: &Action) -> Option<(String, Style)> {
    let policy = dashboard.story.heading.as_ref()?.policy.as_ref()?;
    let exhibit = dashboard.exhibit.as_ref()?;
    let tree = exhibit.tree.as_ref().filter(|_| Some(exhibit.request.look) == moment.look)?;
    let ruling = policy.judge(&Deed::of(action, tree));
    let (word, style) = match ruling.judgement {
        Judgement::Allow => ("allowed", Style::new()),
        Judgement::Ask => ("to be asked for", theme::warning()),
        Judgement::Deny => ("denied", theme::alarm()),
    };
    Some((format!("{word}: {}", quoted(&ruling.rule)), style))
}

/// What is asked, in full.
pub(super) fn asked(dashboard: &Dashboard, question: &Question, cells: usize) -> Vec<Line> {
    let mut facts = Facts::new(cells);
    facts.add("asks", &question.action.to_string(), theme::title());
    written(&question.action, &mut facts);
    if let Some(on) = screen::named(dashboard, &question.points()) {
        facts.add("on", &on, Style::new());
    }
    facts.add("because", &question.reason, Style::new());
    if let Some(call) = call_of(dashboard) {
        facts.add("for", &words::called(&call.call), Style::new());
        thought(call, &mut facts);
    }
    facts.lines
}
