//! From clauses to tool calls, by rule: halves are joined, `it` is filled in, sums are normalised.

use serde_json::{Map, Value};

use crate::roles::ToolCall;
use crate::starter::clause::{Clause, Intent, Slot};
use crate::starter::expression;

/// Calls that one instruction may come to.
const MAX_CALLS: usize = 16;
/// Tools that change a document, and save it unless they are told not to.
const CHANGES: [&str; 4] = ["append", "prepend", "replace", "delete_line"];

/// The calls in their order, or why there are none, in plain words.
pub(crate) fn calls(clauses: &[Clause]) -> Result<Vec<ToolCall>, String> {
    if clauses.iter().any(|clause| clause.intent == Intent::None) {
        return Err("I do not understand this, or it is beyond me".to_owned());
    }
    let clauses = complete(join(clauses));
    let mut calls = Vec::new();
    for clause in &clauses {
        expand(clause, &mut calls)?;
    }
    leave_unsaved(&mut calls);
    match calls.len() {
        0 => Err("nothing is asked for that I can do".to_owned()),
        1..=MAX_CALLS => Ok(calls),
        found => Err(format!("this takes {found} steps, more than the {MAX_CALLS} I plan")),
    }
}

/// `create a file x` + `write y in it` is one request, said in two halves.
fn join(clauses: &[Clause]) -> Vec<Clause> {
    let mut joined: Vec<Clause> = Vec::new();
    for clause in clauses {
        match joined.last_mut() {
            Some(last) if halves(last, clause) => last.slots.extend(clause.slots.iter().cloned()),
            _ => joined.push(clause.clone()),
        }
    }
    joined
}

fn halves(first: &Clause, second: &Clause) -> bool {
    let Some(about) = first.intent.slots().first() else { return false };
    let apart = first.slots.iter().all(|(slot, _)| second.get(*slot).is_none());
    let open = match first.intent {
        Intent::Save | Intent::Open => false,
        intent if intent.is_halved() => true,
        intent => !intent.needs().is_empty() && first.get(*about).is_none(),
    };
    first.intent == second.intent && open && apart
}

/// Fills in what `it` and `there` stand for, and drops what an earlier clause already says.
fn complete(clauses: Vec<Clause>) -> Vec<Clause> {
    let mut done: Vec<Clause> = Vec::new();
    let count = clauses.len();
    for (index, mut clause) in clauses.into_iter().enumerate() {
        let empty = clause.slots.is_empty();
        match clause.intent {
            // `… and save it`, where the file already has its name.
            Intent::Save if empty && done.iter().any(saves) => continue,
            // `open the file manager and …`
            Intent::Open if empty && done.is_empty() && index + 1 < count => continue,
            _ => {}
        }
        for &slot in clause.intent.needs() {
            let found = match slot {
                Slot::Folder => done.iter().rev().find_map(folder),
                Slot::Target => done.iter().rev().find_map(named),
                _ => None,
            };
            fill(&mut clause, slot, found);
        }
        done.push(clause);
    }
    done
}

/// Whether it leaves nothing of its document unsaved.
fn saves(clause: &Clause) -> bool {
    let keeps = matches!(clause.intent, Intent::Replace | Intent::Prepend | Intent::DeleteLine);
    keeps || named(clause).is_some() && clause.intent != Intent::Open
}

fn fill(clause: &mut Clause, slot: Slot, found: Option<&str>) {
    if let (None, Some(found)) = (clause.get(slot), found) {
        clause.slots.push((slot, found.to_owned()));
    }
}

/// What a clause leaves in hand, for a later `it`.
fn named(clause: &Clause) -> Option<&str> {
    clause.get(Slot::Name).or_else(|| clause.get(Slot::Target))
}

/// The folder a clause leaves in hand, for a later `there`.
fn folder(clause: &Clause) -> Option<&str> {
    match clause.intent {
        Intent::MakeFolder => clause.get(Slot::Name),
        Intent::Open => clause.get(Slot::Target),
        _ => clause.get(Slot::Folder),
    }
}

/// The calls of one clause.
fn expand(clause: &Clause, calls: &mut Vec<ToolCall>) -> Result<(), String> {
    if clause.intent.works_in_window()
        && let Some(window) = clause.get(Slot::Window)
    {
        calls.push(call("window", &[("action", "focus"), ("window", window)]));
    }
    let repeated = clause.intent.repeats();
    let count = repeated.map_or(1, |slot| clause.all(slot).count().max(1));
    for index in 0..count {
        let mut made = call(clause.intent.tool(), clause.intent.fixed());
        for &slot in clause.intent.slots() {
            if slot == Slot::Window && clause.intent.works_in_window() {
                continue;
            }
            let found = clause.all(slot).count();
            let several = Some(slot) == repeated;
            if found > 1 && !several {
                return Err(format!("I find more than one {} for this", slot.argument()));
            }
            let Some(value) = clause.all(slot).nth(if several { index } else { 0 }) else {
                missing(clause, slot, calls)?;
                continue;
            };
            let value = if slot == Slot::Expression { plain(value)? } else { value.to_owned() };
            made.arguments.insert(slot.argument().to_owned(), Value::String(value));
        }
        calls.push(made);
    }
    Ok(())
}

/// What is changed only to be saved under another name stays as it is under its own.
fn leave_unsaved(calls: &mut [ToolCall]) {
    let changes = |call: &ToolCall| CHANGES.contains(&&*call.tool);
    for at in 1..calls.len() {
        let (changed, save) = (&calls[at - 1], &calls[at]);
        let is_saved_as = save.tool == "save"
            && save.arguments.contains_key("name")
            && !save.arguments.contains_key("text")
            && save.arguments.get("name") != changed.arguments.get("target");
        // No call begins with a document that another one left unsaved.
        let is_first = at < 2 || !changes(&calls[at - 2]);
        if is_saved_as && is_first && changes(changed) {
            calls[at - 1].arguments.insert("leave".to_owned(), "unsaved".into());
        }
    }
}

fn call(tool: &str, told: &[(&str, &str)]) -> ToolCall {
    let argument = |&(name, value): &(&str, &str)| (name.to_owned(), Value::from(value));
    ToolCall { tool: tool.to_owned(), arguments: told.iter().map(argument).collect::<Map<_, _>>() }
}

fn plain(said: &str) -> Result<String, String> {
    expression::plain(said).ok_or_else(|| format!("I cannot read the sum \u{201c}{said}\u{201d}"))
}

fn missing(clause: &Clause, slot: Slot, before: &[ToolCall]) -> Result<(), String> {
    let what = match (clause.intent, slot) {
        // A text that was just written needs a name; what is open has one.
        (Intent::Save, Slot::Name) if before.iter().any(is_new) => "the name to save under",
        (Intent::DeleteLine, Slot::Value) if clause.get(Slot::Sought).is_none() => "which line",
        (intent, slot) if !intent.needs().contains(&slot) => return Ok(()),
        (Intent::Rename, Slot::Name) => "the new name",
        (Intent::MakeFolder, Slot::Name) => "the name of the new folder",
        (Intent::Rename, _) => "what to rename",
        (Intent::Move, Slot::Folder) => "the folder to move to",
        (Intent::Move, _) => "what to move",
        (_, Slot::Text) => "what to write",
        (_, Slot::Line) => "the line to add",
        (_, Slot::Expression) => "the sum",
        (_, Slot::Folder) => "the folder",
        (_, Slot::Target | Slot::Name) => "the file",
        (_, Slot::Control | Slot::Menu) => "what on the screen is meant",
        (_, Slot::Value) => "the new value",
        (_, Slot::Window) => "the window or application",
        (_, Slot::Command) => "the command",
        (_, Slot::Sought) => "what to look for",
    };
    Err(format!("I cannot find {what} in the instruction"))
}

fn is_new(call: &ToolCall) -> bool {
    matches!(call.tool.as_str(), "write" | "calculate")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn clause(intent: Intent, slots: &[(Slot, &str)]) -> Clause {
        Clause { intent, slots: slots.iter().map(|(s, t)| (*s, (*t).to_owned())).collect() }
    }

    fn check(clauses: &[Clause], expected: &str) {
        let found = match calls(clauses) {
            Ok(calls) => {
                // Whether a map keeps its order is for its library to say.
                let show = |c: &ToolCall| {
                    let sorted: BTreeMap<_, _> = c.arguments.iter().collect();
                    format!("{} {}", c.tool, serde_json::json!(sorted))
                };
                calls.iter().map(show).collect::<Vec<_>>().join("; ")
            }
            Err(reason) => reason,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn halves_are_joined_and_empty_clauses_dropped() {
        use Intent::{Append, Open, Save, Write};
        let create = clause(Write, &[(Slot::Name, "a.txt")]);
        let fill = clause(Write, &[(Slot::Text, "hi")]);
        let whole = r#"write {"name":"a.txt","text":"hi"}"#;
        check(&[create.clone(), fill.clone()], whole);
        check(&[create.clone(), fill.clone(), clause(Save, &[])], whole);
        check(&[clause(Write, &[]), fill.clone()], r#"write {"text":"hi"}"#);
        check(
            &[fill.clone(), clause(Save, &[])],
            "I cannot find the name to save under in the instruction",
        );
        check(&[create], "I cannot find what to write in the instruction");
        let line = clause(Append, &[(Slot::Line, "x")]);
        check(&[clause(Open, &[]), line], r#"append {"line":"x"}"#);
        let line = |target: &str| clause(Append, &[(Slot::Line, "x"), (Slot::Target, target)]);
        let save = clause(Save, &[(Slot::Name, "b")]);
        check(
            &[line("a"), save.clone()],
            r#"append {"leave":"unsaved","line":"x","target":"a"}; save {"name":"b"}"#,
        );
        check(&[line("b"), save], r#"append {"line":"x","target":"b"}; save {"name":"b"}"#);
        check(&[fill, clause(Intent::None, &[])], "I do not understand this, or it is beyond me");
    }

    #[test]
    fn it_and_there_are_filled_in() {
        use Intent::{MakeFolder, Move, Open, Rename};
        let made = clause(MakeFolder, &[(Slot::Name, "New")]);
        let into = clause(Move, &[(Slot::Target, "a"), (Slot::Target, "b")]);
        check(
            &[made, into],
            r#"make_folder {"name":"New"}; move {"folder":"New","target":"a"}; move {"folder":"New","target":"b"}"#,
        );
        let open = clause(Open, &[(Slot::Target, "a")]);
        let rename = clause(Rename, &[(Slot::Name, "b")]);
        let away = clause(Move, &[(Slot::Folder, "C")]);
        check(
            &[open, rename, away],
            r#"open {"target":"a"}; rename {"name":"b","target":"a"}; move {"folder":"C","target":"b"}"#,
        );
    }

    #[test]
    fn a_window_comes_to_the_front_before_what_is_done_in_it() {
        use Intent::{Choose, Press, Save, SelectAll, Untick};
        let all = clause(SelectAll, &[(Slot::Window, "editor")]);
        check(
            &[all],
            r#"window {"action":"focus","window":"editor"}; edit {"action":"select all"}"#,
        );
        let menu = clause(Choose, &[(Slot::Menu, "View")]);
        let item = clause(Choose, &[(Slot::Control, "Reload")]);
        check(&[menu, item], r#"choose {"control":"Reload","menu":"View"}"#);
        let press = clause(Press, &[(Slot::Control, "OK")]);
        check(&[press, clause(Press, &[])], r#"press {"control":"OK"}"#);
        let untick = clause(Untick, &[(Slot::Control, "Bold")]);
        check(&[untick, clause(Save, &[])], r#"check {"control":"Bold","state":"off"}; save {}"#);
    }

    #[test]
    fn two_values_for_one_slot_are_refused() {
        let names = [(Slot::Target, "a"), (Slot::Name, "b"), (Slot::Name, "c")];
        check(&[clause(Intent::Rename, &names)], "I find more than one name for this");
    }

    #[test]
    fn sums_are_made_plain() {
        let sum = |said| clause(Intent::Calculate, &[(Slot::Expression, said)]);
        check(&[sum("six times 7")], r#"calculate {"expression":"6*7"}"#);
        check(&[sum("the root of 9")], "I cannot read the sum “the root of 9”");
    }
}
