//! A record as one line for people.

use std::time::Duration;

use deskbound_accessibility::Effect;
use deskbound_agent::control::{Answer, Extent};
use deskbound_agent::desktop::Standing;
use deskbound_agent::record::{Claim, End, Finding, Hand, Record, Which};
use deskbound_agent::sanitize;
use deskbound_models::{Decision, Grounding, Move, Turn};

use crate::terminal::escaped;

/// Digits of a digest that are shown.
const DIGEST_SHOWN: usize = 12;

/// `None` for records that say nothing to a person.
pub(crate) fn line(record: &Record) -> Option<String> {
    Some(match record {
        Record::Started { instruction, .. } => format!("       “{}”", sanitize::line(instruction)),
        Record::Observed { .. }
        | Record::Viewed { .. }
        | Record::Read { .. }
        | Record::Searched { .. } => return None,
        Record::Decided { decision, think } => {
            format!("{} {}", seconds(*think), decided(decision))
        }
        Record::Grounded { phrase, candidates, grounding, ground } => {
            let found = match grounding {
                Grounding::Candidate { index, probability } => {
                    let name = candidates.get(*index).map_or("?", |found| found.name.as_str());
                    format!("“{}” ({probability:.2})", sanitize::line(name))
                }
                Grounding::Point { at, probability } => {
                    format!("the point {},{} ({probability:.2})", at.x, at.y)
                }
                Grounding::NotHere { best } => format!("nothing here (best {best:.2})"),
            };
            format!("{}   “{}” is {found}", seconds(*ground), sanitize::line(phrase))
        }
        Record::Acted { step, action, act, .. } => {
            format!("{}   {step:>3}. {action}", seconds(*act))
        }
        // It is told once it is done.
        Record::Aimed { .. } => return None,
        Record::Denied { step, action, reason } => {
            format!("         {step:>3}. NOT ALLOWED: {action} ({})", sanitize::line(reason))
        }
        Record::Asked { step, action, reason, .. } => {
            format!("         {step:>3}. ASKING: {action} ({})", sanitize::line(reason))
        }
        Record::Answered { answer, after, .. } => {
            format!("{}        {}", seconds(*after), answered(*answer))
        }
        Record::Questioned { question, .. } => {
            format!("       THE MODEL ASKS YOU: “{}”", sanitize::whole_line(question))
        }
        Record::Replied { text, after, .. } => {
            format!("{} {}", seconds(*after), replied(text.as_deref()))
        }
        Record::Prompted { prompt } => format!("       you: “{}”", sanitize::line(&prompt.text)),
        Record::Paused { standing: Standing::Frozen } => {
            "       PAUSED; the desktop stands still too".to_owned()
        }
        Record::Paused { standing: Standing::Live } => "       PAUSED".to_owned(),
        Record::Resumed { after } => format!("{} going on", seconds(*after)),
        Record::TakenOver => "       YOU HAVE CONTROL".to_owned(),
        Record::ByHand { hand, refused } => {
            let refused = refused
                .as_deref()
                .map_or(String::new(), |why| format!(" (not taken: {})", sanitize::line(why)));
            format!("         you: {}{refused}", by_hand(hand))
        }
        Record::GivenBack { after } => format!("{} given back", seconds(*after)),
        Record::Verified { effect, took, .. } => {
            format!("{}        {}", seconds(*took), effected(effect))
        }
        Record::Called { turn: Turn { call, succeeded, answer, .. }, took } => {
            let outcome = if *succeeded { "done" } else { "failed" };
            let tool = sanitize::line(&call.tool);
            format!("{} {tool} {outcome}: {}", seconds(*took), sanitize::line(answer))
        }
        Record::Confirmed { claims } => confirmed(claims),
        Record::Reported { answer } => escaped(&answer.to_string()),
        Record::Ended { end, steps, took } => {
            format!("{} {} after {steps} actions", seconds(*took), ended(end))
        }
    })
}

fn seconds(time: Duration) -> String {
    format!("{:>5.1}s", time.as_secs_f64())
}

/// What became of a model's word that all is done.
fn confirmed(claims: &[Claim]) -> String {
    let claims = claims.iter().map(|Claim { what, finding }| {
        let word = match finding {
            Finding::Confirmed => "seen",
            Finding::Contradicted => "NOT SO",
            Finding::Unknown => "not known",
        };
        format!("{word}: {what}")
    });
    let claims: Vec<String> = claims.collect();
    match claims.is_empty() {
        true => "       it says that it is done; nothing of it can be looked for".to_owned(),
        false => format!("       it says that it is done; {}", claims.join("; ")),
    }
}

fn decided(Decision { next, confidence, thought, .. }: &Decision) -> String {
    let next = match next {
        Move::Call(call) => {
            let arguments = serde_json::to_string(&call.arguments).unwrap_or_default();
            format!("{} {}", sanitize::line(&call.tool), sanitize::line(&arguments))
        }
        Move::Done => "all is done".to_owned(),
        Move::Refuse { reason } => format!("refused: {}", sanitize::line(reason)),
    };
    match thought.as_str() {
        "" => format!("{next} ({confidence:.2})"),
        thought => format!("{next} ({confidence:.2}; {})", sanitize::line(thought)),
    }
}

fn answered(answer: Option<Answer>) -> &'static str {
    match answer {
        Some(Answer::Approve { extent: Extent::Once }) => "approved",
        Some(Answer::Approve { extent: Extent::Run }) => "approved for this run",
        Some(Answer::Deny) => "denied",
        None => "denied, for no answer came",
    }
}

fn replied(text: Option<&str>) -> String {
    text.map_or("no answer was given".to_owned(), |text| format!("you: “{}”", sanitize::line(text)))
}

pub(crate) fn by_hand(hand: &Hand) -> String {
    match hand {
        Hand::Pointer { action } => action.to_string(),
        Hand::Keys => "keys".to_owned(),
        Hand::Text { characters, .. } => format!("{characters} characters{}", digested(hand)),
        Hand::Launch { program } => format!("start {}", sanitize::line(program)),
        Hand::Reset => "back to where it started".to_owned(),
        Hand::Carried { characters, .. } => {
            format!("{characters} characters of its clipboard, out{}", digested(hand))
        }
    }
}

/// ` (digest 5bdcc146bf60)`: enough to see whether two texts are the same.
fn digested(hand: &Hand) -> String {
    let shown = |digest: &str| digest.chars().take(DIGEST_SHOWN).collect::<String>();
    hand.digest().map_or(String::new(), |it| format!(" (digest {})", sanitize::line(&shown(it))))
}

fn effected(effect: &Effect) -> String {
    match effect {
        Effect::Confirmed { evidence } => format!("confirmed: {}", sanitize::line(evidence)),
        Effect::Unverifiable { reason } => format!("unverifiable: {}", sanitize::line(reason)),
        Effect::NothingHappened { reason } => {
            format!("nothing happened: {}", sanitize::line(reason))
        }
    }
}

pub(super) fn ended(end: &End) -> String {
    match end {
        End::Done => "done".to_owned(),
        End::Failed { reason } => format!("failed ({})", sanitize::line(reason)),
        End::Infeasible { reason } => format!("infeasible ({})", sanitize::line(reason)),
        End::Limit { which: Which::Steps } => "out of steps".to_owned(),
        End::Limit { which: Which::Time } => "out of time".to_owned(),
        End::Limit { which: Which::Decisions } => "out of decisions".to_owned(),
        End::Limit { which: Which::Tokens } => "out of tokens".to_owned(),
        End::Stopped => "stopped".to_owned(),
        End::Error { what } => format!("error ({})", sanitize::line(what)),
    }
}

#[cfg(test)]
mod tests {
    use deskbound_agent::control::AskId;
    use deskbound_models::ToolCall;

    use super::*;

    #[test]
    fn no_words_of_a_stranger_reach_the_terminal_raw() {
        let evil = "\u{1b}[2J\nok\u{202e}".to_owned();
        let took = Duration::from_millis(1260);
        let call = ToolCall { tool: evil.clone(), arguments: Default::default() };
        let grounding = Grounding::NotHere { best: 0.5 };
        let digest = Some(evil.clone());
        let hand = Hand::Text { characters: 4, digest };
        let told = line(&Record::ByHand { hand, refused: None }).unwrap();
        assert!(
            told.contains("you: 4 characters (digest ") && !told.contains('\u{1b}'),
            "{told:?}"
        );
        let records = [
            Record::Decided {
                decision: Decision::new(Move::Refuse { reason: evil.clone() }, 0.5, evil.clone()),
                think: took,
            },
            Record::Grounded { phrase: evil.clone(), candidates: vec![], grounding, ground: took },
            Record::Called { turn: Turn::new(call, true, evil.clone()), took },
            Record::Verified { step: 1, effect: Effect::confirmed(evil.clone()), took },
            Record::Ended { end: End::Error { what: evil }, steps: 2, took },
        ];
        let question =
            Record::Questioned { ask: AskId(1), question: "\u{1b}[2Jok\u{202e}?".into() };
        let line_of = line(&question).unwrap();
        assert!(line_of.contains("ASKS YOU") && !line_of.contains(['\u{1b}', '\u{202e}']));
        for record in records {
            let line = line(&record).unwrap();
            assert!(line.starts_with("  1.3s"), "{line:?}");
            assert!(!line.contains(['\u{1b}', '\n', '\u{202e}']), "{line:?}");
        }
    }
}
