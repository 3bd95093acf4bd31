//! The trained [`Actor`]: reads the instruction once, then hands out its calls one by one.

use crate::error::ModelError;
use crate::roles::{Actor, Context, Decision, Move, ToolCall};
use crate::starter::clause::{self, Parse};
use crate::starter::plan;
use crate::starter::reader::Reader;
use crate::starter::words::Words;

pub(crate) const MAX_CHARS: usize = 2_000;
pub(crate) const MAX_TOKENS: usize = 256;
/// Below this the instruction is handed back; see MODELS.md for what it costs and saves.
const MIN_CONFIDENCE: f32 = 0.5;

/// What an instruction comes to, and how sure that is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) calls: Result<Vec<ToolCall>, String>,
    pub(crate) confidence: f32,
}

pub(crate) struct StarterActor {
    reader: Reader,
    /// The last instruction and its plan: a run asks about the same one again and again.
    last: Option<(String, Plan)>,
}

impl StarterActor {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader, last: None }
    }

    fn plan(&mut self, instruction: &str) -> Result<Plan, ModelError> {
        if let Some((_, plan)) = self.last.as_ref().filter(|(text, _)| text == instruction) {
            return Ok(plan.clone());
        }
        let words = bounded(instruction)?;
        let plan = if words.len() == 0 { nothing() } else { self.read(&words)? };
        self.last = Some((instruction.to_owned(), plan.clone()));
        Ok(plan)
    }

    fn read(&self, words: &Words<'_>) -> Result<Plan, ModelError> {
        let Parse { clauses, confidence } = clause::parse(&self.reader, words)?;
        let calls = plan::calls(&clauses);
        let unsure = calls.is_ok() && confidence < MIN_CONFIDENCE;
        let doubt = || Err("I am not sure that I understand this".to_owned());
        Ok(Plan { calls: if unsure { doubt() } else { calls }, confidence })
    }
}

impl Actor for StarterActor {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let plan = self.plan(context.instruction)?;
        Ok(next(plan, context))
    }
}

/// The words of an instruction that is short enough.
pub(crate) fn bounded(instruction: &str) -> Result<Words<'_>, ModelError> {
    let found = instruction.chars().count();
    if found > MAX_CHARS {
        return Err(ModelError::TooLong { what: "characters", found, limit: MAX_CHARS });
    }
    let words = Words::new(instruction);
    let found = words.len();
    if found > MAX_TOKENS {
        return Err(ModelError::TooLong { what: "words", found, limit: MAX_TOKENS });
    }
    Ok(words)
}

pub(crate) fn nothing() -> Plan {
    Plan { calls: Err("the instruction is empty".to_owned()), confidence: 1.0 }
}

/// The first call that has not succeeded yet. Trying again is the caller's business, so a call that
/// failed ends the plan.
pub(crate) fn next(plan: Plan, context: &Context<'_>) -> Decision {
    let Plan { calls, confidence } = plan;
    let decision = |next| Decision { next, confidence, thought: String::new() };
    let refuse = |reason: String| decision(Move::Refuse { reason });
    let calls = match calls {
        Ok(calls) => calls,
        Err(reason) => return refuse(reason),
    };
    if let Some(turn) = context.history.last().filter(|turn| !turn.succeeded) {
        return refuse(turn.answer.clone());
    }
    let done = context.history.iter().filter(|turn| turn.succeeded).count();
    let Some(call) = calls.get(done) else { return decision(Move::Done) };
    if !context.tools.iter().any(|tool| tool.name == call.tool) {
        return refuse(format!("there is no tool `{}` here", call.tool));
    }
    let thought = format!("step {} of {}", done + 1, calls.len());
    Decision { next: Move::Call(call.clone()), confidence, thought }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::roles::{ToolSpec, Turn};

    const TOOLS: &[ToolSpec] = &[ToolSpec { name: "open", purpose: "", arguments: &[] }];

    fn call(tool: &str) -> ToolCall {
        ToolCall { tool: tool.to_owned(), arguments: Map::new() }
    }

    fn check(calls: &[&str], turns: &[bool], expected: Move) {
        let plan = Plan { calls: Ok(calls.iter().map(|c| call(c)).collect()), confidence: 0.9 };
        let turn =
            |&succeeded: &bool| Turn { call: call("open"), succeeded, answer: "a".to_owned() };
        let history: Vec<Turn> = turns.iter().map(turn).collect();
        let context =
            Context { instruction: "", tools: TOOLS, history: &history, elements: "", image: None };
        assert_eq!(next(plan, &context).next, expected);
    }

    #[test]
    fn the_plan_is_walked_by_what_succeeded() {
        let refused = |reason: &str| Move::Refuse { reason: reason.to_owned() };
        check(&["open", "open"], &[], Move::Call(call("open")));
        check(&["open", "open"], &[true], Move::Call(call("open")));
        check(&["open", "open"], &[false, true], Move::Call(call("open")));
        check(&["open", "open"], &[true, true], Move::Done);
        check(&["open", "open"], &[true, false], refused("a"));
        check(&["save"], &[], refused("there is no tool `save` here"));
    }

    #[test]
    fn long_instructions_are_refused() {
        let found = |text: String| bounded(&text).err().expect("too long").to_string();
        assert_eq!(
            found("a".repeat(MAX_CHARS + 1)),
            "the request has 2001 characters, more than the 2000 that fit"
        );
        assert_eq!(
            found("a ".repeat(MAX_TOKENS + 1)),
            "the request has 257 words, more than the 256 that fit"
        );
    }
}
