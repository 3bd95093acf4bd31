//! Python that calls pyautogui. Nothing of it is run: a list of plain calls is read, and anything
//! else (a variable, a loop) is no answer.

use serde_json::Map;

use super::{CALLS_MAX, Missing, Raw, Said, invocation};
use crate::roles::ToolCall;

/// Names of the arguments that are usually written without theirs.
const SIGNATURES: &[(&str, &[&str])] = &[
    ("click", &["x", "y", "clicks", "interval", "button"]),
    ("leftClick", &["x", "y"]),
    ("rightClick", &["x", "y"]),
    ("middleClick", &["x", "y"]),
    ("doubleClick", &["x", "y"]),
    ("tripleClick", &["x", "y"]),
    ("moveTo", &["x", "y", "duration"]),
    ("dragTo", &["x", "y", "duration", "button"]),
    ("mouseDown", &["x", "y", "button"]),
    ("mouseUp", &["x", "y", "button"]),
    ("write", &["message", "interval"]),
    ("typewrite", &["message", "interval"]),
    ("press", &["keys", "presses"]),
    ("keyDown", &["key"]),
    ("keyUp", &["key"]),
    // One chord, however many keys.
    ("hotkey", &["0", "1", "2", "3", "4", "5", "6", "7"]),
    ("scroll", &["clicks", "x", "y"]),
    ("hscroll", &["clicks", "x", "y"]),
    ("sleep", &["seconds"]),
    ("terminate", &["status", "answer"]),
];

pub(super) fn parse(text: &str) -> Result<Said, Missing> {
    let (thought, code) = fenced(text);
    let mut calls = Vec::new();
    let mut rest = next_statement(code);
    while !rest.is_empty() && calls.len() <= CALLS_MAX {
        let (call, behind) = bare(rest)
            .or_else(|| invocation::read(rest, names))
            .ok_or(Missing("plain call in its code"))?;
        calls.push(Raw::Call(renamed(call)));
        rest = next_statement(behind);
    }
    if calls.is_empty() { Err(Missing("code")) } else { Ok(Said::new(thought, calls)) }
}

/// OSWorld's words for what is no call of pyautogui.
const WORDS: [&str; 3] = ["WAIT", "FAIL", "DONE"];

fn bare(text: &str) -> Option<(ToolCall, &str)> {
    WORDS.into_iter().find_map(|word| {
        let behind = text.strip_prefix(word)?;
        let is_whole =
            !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || "_.(".contains(c));
        is_whole.then(|| (ToolCall { tool: word.to_owned(), arguments: Map::new() }, behind))
    })
}

/// What is before the last fence, and what is in it; without one, all is code.
fn fenced(text: &str) -> (&str, &str) {
    let text = text.trim_end();
    let open = text.strip_suffix("```").unwrap_or(text);
    match open.rsplit_once("```") {
        Some((before, code)) => {
            // The language stands behind the fence.
            let code = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            (before, code)
        }
        None => ("", open),
    }
}

/// Past comments, imports and what is between statements.
fn next_statement(code: &str) -> &str {
    let mut rest = code;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if !(rest.starts_with('#') || rest.starts_with("import ") || rest.starts_with("from ")) {
            return rest;
        }
        rest = rest.split_once('\n').map_or("", |(_, behind)| behind);
    }
}

fn names(call: &str) -> &'static [&'static str] {
    let name = call.rsplit('.').next().unwrap_or(call);
    let known = SIGNATURES.iter().find(|(known, _)| *known == name);
    known.map_or(&[], |(_, names)| names)
}

/// Without its module, and a hotkey's keys as one list.
fn renamed(mut call: ToolCall) -> ToolCall {
    call.tool = call.tool.rsplit('.').next().unwrap_or_default().to_owned();
    if call.tool == "hotkey" {
        let keys = (0..8).map_while(|at| call.arguments.remove(&at.to_string())).collect();
        call.arguments.insert("keys".to_owned(), keys);
    }
    call
}
