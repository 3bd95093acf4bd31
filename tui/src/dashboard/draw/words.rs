//! A moment in words.

use deskbound_accessibility::Effect;
use deskbound_agent::action::Action;
use deskbound_agent::control::{Answer, Extent};
use deskbound_agent::record::{End, Which};
use deskbound_models::{Candidate, Grounding, ToolCall};
use ratatui::style::Style;

use super::super::moment::{Act, Call, Mark, Moment, Steer, What};
use super::super::theme;
use super::text::{quoted, seconds, theirs};

/// One row: what it was.
pub(super) fn what(moment: &Moment) -> String {
    match &moment.what {
        What::Call(Call { call, .. }) => called(call),
        What::Ground { phrase, .. } => format!("find {}", quoted(phrase)),
        What::Act(Act { actions, about, .. }) => {
            let about = about.iter().map(|action| format!("about to {action}"));
            actions.iter().map(Action::to_string).chain(about).collect::<Vec<_>>().join(", ")
        }
        What::Denied { action, .. } => format!("not allowed: {action}"),
        What::Ask { question, .. } => format!("asks: {}", question.action),
        What::Question { question, .. } => format!("asks you: {}", quoted(question)),
        What::Steer(steer) => steered(steer),
        What::Over { refusal: None, .. } => "all is called".to_owned(),
        What::Over { refusal: Some(reason), .. } => format!("refused: {}", theirs(reason)),
        What::Checked(checks) => {
            let holding = checks.iter().filter(|(_, holds)| *holds).count();
            format!("checked: {holding} of {} are so", checks.len())
        }
        What::Other { name, .. } => theirs(name),
        What::End { end, .. } => ended(end),
    }
}

/// `write text “…”`.
pub(super) fn called(call: &ToolCall) -> String {
    let mut words = theirs(&call.tool);
    for (name, value) in &call.arguments {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        words += &format!(" {} {}", theirs(name), quoted(&value));
    }
    words
}

/// What became of it: a glyph, and how to show it. `None` where nothing is to be told.
pub(super) fn outcome(moment: &Moment) -> Option<(char, Style)> {
    match &moment.what {
        What::Call(Call { outcome, .. }) => Some(match outcome {
            None => ('…', theme::quiet()),
            Some((true, _)) => ('✓', theme::good()),
            Some((false, _)) => ('✗', theme::alarm()),
        }),
        What::Act(Act { effect, .. }) => Some(match effect {
            None => ('…', theme::quiet()),
            Some(Effect::Confirmed { .. }) => ('✓', theme::good()),
            Some(Effect::Unverifiable { .. }) => ('~', theme::warning()),
            Some(Effect::NothingHappened { .. }) => ('×', theme::warning()),
        }),
        What::Ground { grounding: Grounding::NotHere { .. }, .. } => Some(('×', theme::warning())),
        What::Ground { .. } => None,
        What::Denied { .. } => Some(('!', theme::alarm())),
        What::Ask { answer, .. } => Some(match answer {
            None => ('?', theme::warning()),
            Some(Some(Answer::Approve { .. })) => ('✓', theme::good()),
            Some(_) => ('✗', theme::alarm()),
        }),
        What::Question { reply, .. } => Some(match reply {
            None => ('?', theme::warning()),
            Some(Some(_)) => ('✓', theme::good()),
            Some(None) => ('✗', theme::alarm()),
        }),
        What::Steer(_) => Some(('◉', theme::warning())),
        What::Over { refusal: Some(_), .. } => Some(('∅', theme::alarm())),
        What::End { end: End::Done, .. } => Some(('✓', theme::good())),
        What::End { .. } => Some(('✗', theme::alarm())),
        What::Checked(_) if moment.mark() == Mark::Failed => Some(('✗', theme::alarm())),
        What::Checked(_) => Some(('✓', theme::good())),
        What::Over { refusal: None, .. } | What::Other { .. } => None,
    }
}

/// What became of it, in words.
pub(super) fn evidence(moment: &Moment) -> Option<(String, Style)> {
    match &moment.what {
        What::Call(Call { outcome: Some((succeeded, answer)), took, .. }) => {
            let (word, style) = match succeeded {
                true => ("done", theme::good()),
                false => ("failed", theme::alarm()),
            };
            Some((format!("{word} in {}: {}", seconds(*took), theirs(answer)), style))
        }
        What::Call(Call { outcome: None, .. }) => Some(("going on".to_owned(), theme::quiet())),
        What::Act(Act { effect, expects, .. }) => Some(match effect {
            None if expects.is_empty() => return None,
            None => (format!("expects that {}", theirs(expects)), theme::quiet()),
            Some(Effect::Confirmed { evidence }) => {
                (format!("confirmed: {}", theirs(evidence)), theme::good())
            }
            Some(Effect::Unverifiable { reason }) => {
                (format!("unverifiable: {}", theirs(reason)), theme::warning())
            }
            Some(Effect::NothingHappened { reason }) => {
                (format!("nothing happened: {}", theirs(reason)), theme::warning())
            }
        }),
        What::Ground { candidates, grounding, .. } => Some(found(candidates, grounding)),
        What::Denied { reason, .. } => Some((theirs(reason), theme::alarm())),
        What::Ask { question, answer } => {
            Some((format!("{}; {}", theirs(&question.reason), answered(*answer)), theme::warning()))
        }
        What::Question { reply, .. } => {
            let said = match reply {
                None => "no answer yet".to_owned(),
                Some(None) => "no answer was given".to_owned(),
                Some(Some(text)) => format!("you said {}", quoted(text)),
            };
            Some((said, theme::warning()))
        }
        What::Steer(Steer::ByHand { refused: Some(why), .. }) => {
            Some((format!("not taken: {}", theirs(why)), theme::warning()))
        }
        What::Steer(Steer::ByHand { text: Some(text), .. }) => {
            Some((format!("the last text: {}", theirs(text)), theme::quiet()))
        }
        What::Steer(_) => None,
        What::Over { thought, .. } => {
            (!thought.is_empty()).then(|| (theirs(thought), Style::new()))
        }
        What::Checked(checks) => {
            let wrong = checks.iter().find(|(_, holds)| !holds);
            let (text, style) = match wrong {
                Some((what, _)) => (format!("it is not so that {}", theirs(what)), theme::alarm()),
                None => ("all that was looked for is so".to_owned(), theme::good()),
            };
            Some((text, style))
        }
        What::Other { text, .. } => Some((theirs(text), theme::quiet())),
        What::End { end, steps, took } => {
            let style = if *end == End::Done { theme::good() } else { theme::alarm() };
            let took = seconds(*took);
            Some((format!("{} after {steps} steps and {took}", ended(end)), style))
        }
    }
}

fn found(candidates: &[Candidate], grounding: &Grounding) -> (String, Style) {
    match grounding {
        Grounding::Candidate { index, probability } => {
            let (role, name) = match candidates.get(*index) {
                Some(candidate) => (theirs(&candidate.role), quoted(&candidate.name)),
                None => ("?".to_owned(), String::new()),
            };
            (format!("it is {role} {name} ({probability:.2})"), theme::good())
        }
        Grounding::Point { at, probability } => {
            (format!("it is at {},{} ({probability:.2})", at.x, at.y), theme::good())
        }
        Grounding::NotHere { best } => {
            (format!("it is not here (best {best:.2})"), theme::warning())
        }
    }
}

fn steered(steer: &Steer) -> String {
    match steer {
        Steer::Prompted(text) => format!("you said {}", quoted(text)),
        Steer::Paused => "paused by you".to_owned(),
        Steer::Resumed => "goes on".to_owned(),
        Steer::TakenOver => "you took over".to_owned(),
        Steer::ByHand { times: 1, .. } => "by your hand, once".to_owned(),
        Steer::ByHand { times, .. } => format!("by your hand, {times} times"),
        Steer::GivenBack => "given back".to_owned(),
    }
}

fn answered(answer: Option<Option<Answer>>) -> &'static str {
    match answer {
        None => "no answer yet",
        Some(None) => "no answer came, which is a no",
        Some(Some(Answer::Deny)) => "you said no",
        Some(Some(Answer::Approve { extent: Extent::Once })) => "you said yes, once",
        Some(Some(Answer::Approve { extent: Extent::Run })) => "you said yes, in this run",
    }
}

pub(super) fn ended(end: &End) -> String {
    match end {
        End::Done => "done".to_owned(),
        End::Failed { reason } => format!("failed: {}", theirs(reason)),
        End::Infeasible { reason } => format!("not understood: {}", theirs(reason)),
        End::Limit { which: Which::Steps } => "out of steps".to_owned(),
        End::Limit { which: Which::Time } => "out of time".to_owned(),
        End::Limit { which: Which::Decisions } => "out of decisions".to_owned(),
        End::Limit { which: Which::Tokens } => "out of tokens".to_owned(),
        End::Stopped => "stopped".to_owned(),
        End::Error { what } => format!("error: {}", theirs(what)),
    }
}
