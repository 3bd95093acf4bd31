//! Between a run's turns and what a model that writes is told of them, whoever computes it: a model
//! in this process, or another program on this machine.

use image::RgbImage;

use crate::loaded::verb;
use crate::profile::{Asked, ImageSize, Past, Reply};
use crate::roles::{Context, Decision, Move, Turn};

/// What profiles tell models to say that are given tools alone.
const DONE: &str = "done";
const CANNOT: &str = "cannot:";

/// What persons said meanwhile belongs to the task.
pub fn instruction(context: &Context<'_>) -> String {
    let said = context.prompts.iter().map(|prompt| prompt.text.as_str());
    [context.instruction].into_iter().chain(said).collect::<Vec<_>>().join("\n")
}

/// What was before, as profiles tell it: one step for each reply.
pub fn past(history: &[Turn]) -> Vec<Past> {
    steps(history).into_iter().map(step).collect()
}

/// What was seen before each step, and last what is seen now. What was seen before a step is what
/// was seen before its first turn.
pub fn views<'c>(context: &Context<'c>) -> Vec<Option<&'c RgbImage>> {
    let turns = steps(context.history).into_iter().scan(0, |at, turns| {
        let first = *at;
        *at += turns.len();
        Some(first)
    });
    let (seen, now) = (context.views, context.image);
    turns.map(|turn| seen.get(turn)?.as_deref()).chain([now]).collect()
}

/// Turns by the reply that they came from.
fn steps(history: &[Turn]) -> Vec<&[Turn]> {
    history.chunk_by(|_, next| next.said.is_none()).collect()
}

fn step(turns: &[Turn]) -> Past {
    let summary = |turn: &Turn| {
        let arguments = serde_json::Value::Object(turn.call.arguments.clone());
        format!("{} {arguments}", turn.call.tool)
    };
    let list = |line: &dyn Fn(&Turn) -> String, between| {
        turns.iter().map(line).collect::<Vec<_>>().join(between)
    };
    let outcome = |turn: &Turn| {
        let failed = if turn.succeeded { "" } else { "failed: " };
        format!("{failed}{}", turn.answer)
    };
    Past {
        said: turns.first().and_then(|turn| turn.said.clone()).unwrap_or_default(),
        thought: String::new(),
        summary: list(&summary, "; "),
        outcome: list(&outcome, "\n"),
    }
}

/// What a reply decides. `image` is the size of what the model was shown.
pub fn decision(reply: Reply, text: String, confidence: f32, image: Option<ImageSize>) -> Decision {
    let mut calls = Vec::new();
    let mut end = None;
    for asked in reply.asked {
        match asked {
            Asked::Tool(call) => calls.push(call),
            Asked::Ui(call) => match verb::of(call, image.unwrap_or(verb::POINTLESS)) {
                verb::Verb::Call(call) => calls.push(call),
                verb::Verb::End(ended) => {
                    end = Some(ended);
                    break;
                }
            },
        }
    }
    let mut calls = calls.into_iter();
    let next = match (calls.next(), end) {
        (Some(call), _) => Move::Call(call),
        (None, Some(end)) => end,
        (None, None) => spoken(text.trim()),
    };
    let (then, said) = (calls.collect(), Some(text));
    Decision { then, said, ..Decision::new(next, confidence, reply.thought) }
}

/// An answer in words, of a model that was given tools.
fn spoken(words: &str) -> Move {
    match words.strip_prefix(CANNOT) {
        Some(reason) => Move::Refuse { reason: reason.trim().to_owned() },
        None if words.eq_ignore_ascii_case(DONE) => Move::Done,
        None => Move::Refuse { reason: words.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::roles::ToolCall;

    fn turn(said: Option<&str>, succeeded: bool) -> Turn {
        let arguments = Map::from_iter([("keys".to_owned(), json!("Return"))]);
        Turn {
            call: ToolCall { tool: "key".to_owned(), arguments },
            succeeded,
            answer: "seen".to_owned(),
            said: said.map(str::to_owned),
        }
    }

    #[test]
    fn turns_of_one_reply_are_one_step() {
        let history = [turn(Some("a"), true), turn(None, false), turn(Some("b"), true)];
        let steps = past(&history);
        assert_eq!(steps.len(), 2);
        assert_eq!(steps[0].said, "a");
        assert_eq!(steps[0].summary, r#"key {"keys":"Return"}; key {"keys":"Return"}"#);
        assert_eq!(steps[0].outcome, "seen\nfailed: seen");
        assert_eq!(steps[1].said, "b");
    }

    #[test]
    fn words_end_a_run() {
        let check = |words: &str, expected: Move| assert_eq!(spoken(words), expected);
        check("Done", Move::Done);
        check("cannot: no printer", Move::Refuse { reason: "no printer".to_owned() });
        check("Hello", Move::Refuse { reason: "Hello".to_owned() });
    }
}
