//! The trained [`Actor`]: reads the instruction once, then hands out its calls one by one.

use std::collections::HashMap;

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

/// Texts whose plans are kept.
const KNOWN_MAX: usize = 64;

/// What an instruction comes to, and how sure that is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) calls: Result<Vec<ToolCall>, String>,
    pub(crate) confidence: f32,
}

/// Two readers: one that knows eight kinds of request, and one that knows them all. Where the second
/// is sure that there is more than the eight, or nothing, or is the surer one, its reading counts.
pub(crate) struct StarterActor {
    eight: Reader,
    wide: Reader,
    /// What was read in this run: its instruction and its prompts are asked about again and again.
    known: HashMap<String, Plan>,
}

impl StarterActor {
    pub(crate) fn new(eight: Reader, wide: Reader) -> Self {
        Self { eight, wide, known: HashMap::new() }
    }

    /// What a text comes to; nothing where it is not understood.
    pub(crate) fn calls(&mut self, text: &str) -> Result<Vec<ToolCall>, ModelError> {
        Ok(self.plan(text)?.calls.unwrap_or_default())
    }

    fn plan(&mut self, text: &str) -> Result<Plan, ModelError> {
        if let Some(plan) = self.known.get(text) {
            return Ok(plan.clone());
        }
        let words = bounded(text)?;
        let plan = if words.len() == 0 { nothing() } else { self.read(&words)? };
        if self.known.len() >= KNOWN_MAX {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), plan.clone());
        Ok(plan)
    }

    fn read(&self, words: &Words<'_>) -> Result<Plan, ModelError> {
        Ok(routed(read(&self.eight, words)?.0, read(&self.wide, words)?))
    }
}

/// What an instruction comes to, and whether it asks for anything beyond the eight kinds.
fn read(reader: &Reader, words: &Words<'_>) -> Result<(Plan, bool), ModelError> {
    let Parse { clauses, confidence } = clause::parse(reader, words)?;
    let beyond = clauses.iter().any(|clause| !clause.intent.is_of_eight());
    let calls = plan::calls(&clauses);
    let unsure = calls.is_ok() && confidence < MIN_CONFIDENCE;
    let doubt = || Err("I am not sure that I understand this".to_owned());
    Ok((Plan { calls: if unsure { doubt() } else { calls }, confidence }, beyond))
}

/// Of two readings, the one to go by: the surer one, but what one network was never shown it cannot
/// be sure about.
fn routed(eight: Plan, (wide, beyond): (Plan, bool)) -> Plan {
    let is_surer = beyond || wide.confidence > eight.confidence;
    let is_wide = is_surer && wide.confidence >= MIN_CONFIDENCE;
    if is_wide || eight.calls.is_err() { wide } else { eight }
}

impl Actor for StarterActor {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let plan = whole(context, |text| self.plan(text))?;
        Ok(next(plan, context))
    }
}

/// The plan of the instruction, with what was said later put in where it was said. A prompt with
/// the word `instead` takes the place of all that was still to come; one that is not understood
/// changes nothing.
pub(crate) fn whole(
    context: &Context<'_>,
    mut read: impl FnMut(&str) -> Result<Plan, ModelError>,
) -> Result<Plan, ModelError> {
    let mut plan = read(context.instruction)?;
    let mut put = 0..0;
    for prompt in context.prompts {
        let said = read(&prompt.text)?;
        let Ok(said_calls) = said.calls else { continue };
        let turns = &context.history[..prompt.after.min(context.history.len())];
        let done = turns.iter().filter(|turn| turn.succeeded).count();
        // Behind another prompt of the same moment.
        let at = if put.start == done { put.end } else { done };
        let mut calls = plan.calls.unwrap_or_default();
        let at = at.min(calls.len());
        let rest = calls.split_off(at);
        let count = said_calls.len();
        calls.extend(said_calls);
        if !is_instead(&prompt.text) {
            calls.extend(rest);
        }
        put = done..at + count;
        plan = Plan { calls: Ok(calls), confidence: plan.confidence.min(said.confidence) };
    }
    Ok(plan)
}

fn is_instead(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| word.eq_ignore_ascii_case("instead"))
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
    let decision = |next| Decision::new(next, confidence, "");
    let refuse = |reason: String| decision(Move::Refuse { reason });
    let calls = match calls {
        Ok(calls) => calls,
        Err(reason) => return refuse(reason),
    };
    let spoken_to = context.prompts.last().is_some_and(|it| it.after == context.history.len());
    if let Some(turn) = context.history.last().filter(|turn| !turn.succeeded && !spoken_to) {
        return refuse(turn.answer.clone());
    }
    let done = context.history.iter().filter(|turn| turn.succeeded).count();
    let Some(call) = calls.get(done) else { return decision(Move::Done) };
    if !context.tools.iter().any(|tool| tool.name == call.tool) {
        return refuse(format!("there is no tool `{}` here", call.tool));
    }
    let thought = format!("step {} of {}", done + 1, calls.len());
    Decision::new(Move::Call(call.clone()), confidence, thought)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::roles::{Prompt, ToolSpec, Turn};

    const TOOLS: &[ToolSpec] = &[ToolSpec { name: "open", purpose: "", arguments: &[] }];

    fn call(tool: &str) -> ToolCall {
        ToolCall { tool: tool.to_owned(), arguments: Map::new() }
    }

    fn check(calls: &[&str], turns: &[bool], expected: Move) {
        let plan = Plan { calls: Ok(calls.iter().map(|c| call(c)).collect()), confidence: 0.9 };
        let turn = |&succeeded: &bool| Turn::new(call("open"), succeeded, "a");
        let history: Vec<Turn> = turns.iter().map(turn).collect();
        assert_eq!(next(plan, &context(&history, &[])).next, expected);
    }

    fn context<'a>(history: &'a [Turn], prompts: &'a [Prompt]) -> Context<'a> {
        Context {
            instruction: "",
            tools: TOOLS,
            history,
            prompts,
            elements: "",
            image: None,
            views: &[],
        }
    }

    /// Each letter of a text is a call; a capital is one that is not understood.
    fn spelled(text: &str) -> Result<Plan, ModelError> {
        let letters = text.trim_end_matches(" instead");
        let calls = match letters.chars().any(char::is_uppercase) {
            true => Err("what?".to_owned()),
            false => Ok(letters.chars().map(|letter| call(&letter.to_string())).collect()),
        };
        Ok(Plan { calls, confidence: 0.9 })
    }

    fn check_whole(instruction: &str, turns: &[bool], prompts: &[(usize, &str)], expected: &str) {
        let turn = |&succeeded: &bool| Turn::new(call("open"), succeeded, "a");
        let history: Vec<Turn> = turns.iter().map(turn).collect();
        let prompts = prompts.iter().map(|&(after, text)| Prompt { after, text: text.to_owned() });
        let prompts: Vec<Prompt> = prompts.collect();
        let context = Context { instruction, ..context(&history, &prompts) };
        let calls = whole(&context, spelled).unwrap().calls.unwrap();
        let tools: String = calls.iter().map(|call| call.tool.as_str()).collect();
        assert_eq!(tools, expected);
    }

    #[test]
    fn the_wide_reading_counts_where_the_other_cannot_know() {
        let plan = |calls: Result<&[&str], &str>, confidence| Plan {
            calls: calls
                .map(|calls| calls.iter().map(|tool| call(tool)).collect())
                .map_err(str::to_owned),
            confidence,
        };
        let (open, press) = (plan(Ok(&["open"]), 0.9), plan(Ok(&["press"]), 0.8));
        let (no, unsure) = (plan(Err("what?"), 0.9), plan(Err("unsure"), 0.3));
        assert_eq!(routed(open.clone(), (press.clone(), true)), press);
        assert_eq!(routed(open.clone(), (no.clone(), true)), no);
        assert_eq!(routed(open.clone(), (unsure.clone(), true)), open);
        let save = |confidence| plan(Ok(&["save"]), confidence);
        assert_eq!(routed(open.clone(), (save(0.9), false)), open);
        assert_eq!(routed(open.clone(), (save(0.95), false)), save(0.95));
        assert_eq!(routed(no, (press.clone(), true)), press);
    }

    #[test]
    fn what_is_said_meanwhile_is_put_in_where_it_was_said() {
        check_whole("abc", &[], &[], "abc");
        check_whole("abc", &[true], &[(1, "x")], "axbc");
        check_whole("abc", &[true, true], &[(1, "x"), (2, "y")], "axybc");
        check_whole("abc", &[true], &[(1, "x"), (1, "yz")], "axyzbc");
        check_whole("abc", &[true, false], &[(2, "x")], "axbc");
        check_whole("abc", &[true], &[(1, "x instead")], "ax");
        check_whole("abc", &[true], &[(1, "X")], "abc");
        check_whole("ABC", &[], &[(0, "x")], "x");
        check_whole("ab", &[true, true], &[(2, "x")], "abx");
    }

    #[test]
    fn a_person_may_go_on_where_a_call_failed() {
        let failed = [Turn::new(call("open"), false, "a")];
        let said = [Prompt { after: 1, text: String::new() }];
        let plan = Plan { calls: Ok(vec![call("open")]), confidence: 0.9 };
        assert_eq!(next(plan, &context(&failed, &said)).next, Move::Call(call("open")));
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
