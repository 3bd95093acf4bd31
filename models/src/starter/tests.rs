//! The whole of `starter`, from an instruction to its calls and from a phrase to a thing.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::*;
use crate::roles::{Candidate, Context, GroundRequest, Grounding, Move, ToolCall, ToolSpec, Turn};

const fn tool(name: &'static str) -> ToolSpec {
    ToolSpec { name, purpose: "", arguments: &[] }
}

const TOOLS: &[ToolSpec] = &[
    tool("write"),
    tool("save"),
    tool("open"),
    tool("append"),
    tool("rename"),
    tool("move"),
    tool("make_folder"),
    tool("calculate"),
    tool("copy"),
    tool("duplicate"),
    tool("trash"),
    tool("find"),
    tool("list"),
    tool("move_all"),
    tool("copy_all"),
    tool("sort"),
    tool("prepend"),
    tool("replace"),
    tool("delete_line"),
    tool("read"),
    tool("find_text"),
    tool("check"),
    tool("edit"),
    tool("press"),
    tool("choose"),
    tool("set"),
    tool("tab"),
    tool("scroll"),
    tool("key"),
    tool("window"),
    tool("launch"),
    tool("run"),
    tool("wait"),
    tool("wait_for"),
    tool("go"),
    tool("compress"),
    tool("extract"),
];
/// Far above what any plan takes.
const MOST_TURNS: usize = 20;

/// An instruction written by hand, not by the generator, and what it should come to.
#[derive(Deserialize)]
struct Probe {
    say: String,
    /// Nothing where it must be refused.
    calls: Option<Vec<(String, Map<String, Value>)>>,
}

fn probes() -> Vec<Probe> {
    serde_json::from_str(include_str!("../../starter/probe.json")).unwrap()
}

fn load(kind: StarterKind) -> Starter {
    Starter::load(kind).unwrap()
}

/// All calls of a run in which each succeeds, or nothing if it ends in a refusal.
fn run(starter: &mut Starter, instruction: &str) -> Option<Vec<(String, Map<String, Value>)>> {
    let mut history: Vec<Turn> = Vec::new();
    for _ in 0..MOST_TURNS {
        let context = Context {
            instruction,
            tools: TOOLS,
            history: &history,
            prompts: &[],
            elements: "",
            image: None,
            views: &[],
        };
        match starter.actor.decide(&context).unwrap().next {
            Move::Call(call) => history.push(Turn::new(call, true, "")),
            Move::Done => {
                let call = |turn: Turn| (turn.call.tool, turn.call.arguments);
                return Some(history.into_iter().map(call).collect());
            }
            Move::Refuse { .. } => return None,
        }
    }
    panic!("no end to `{instruction}`");
}

/// Of the probes: how many tasks are understood, how many refusals are right, and a line for each
/// that is not.
fn tally(kind: StarterKind) -> (usize, usize, String) {
    let mut starter = load(kind);
    let (mut understood, mut refused, mut missed) = (0, 0, String::new());
    for probe in probes() {
        let found = run(&mut starter, &probe.say);
        match (&found, &probe.calls) {
            (Some(found), Some(calls)) if found == calls => understood += 1,
            (None, None) => refused += 1,
            _ => missed += &format!("\n{:?}\n    came to {found:?}", probe.say),
        }
    }
    (understood, refused, missed)
}

#[test]
fn most_probes_are_understood_and_what_is_beyond_is_refused() {
    let all = probes();
    let tasks = all.iter().filter(|probe| probe.calls.is_some()).count();
    let (understood, refused, missed) = tally(StarterKind::Trained);
    println!("{understood} of {tasks} tasks, {refused} of {} refusals{missed}", all.len() - tasks);
    assert!(understood * 100 >= tasks * 75, "{understood} of {tasks}{missed}");
    assert!(refused * 100 >= (all.len() - tasks) * 85, "{refused}{missed}");
}

#[test]
fn nothing_is_understood_once_the_weights_are_shuffled() {
    let (understood, refused, _) = tally(StarterKind::Shuffled { seed: 1 });
    println!("{understood} tasks, {refused} refusals once shuffled");
    assert!(understood <= 1, "{understood}");
}

#[test]
fn rules_alone_understand_less_than_the_networks() {
    let (trained, ..) = tally(StarterKind::Trained);
    let (rules, refused, missed) = tally(StarterKind::RulesAlone);
    println!("{rules} tasks, {refused} refusals by rules alone{missed}");
    assert!((5..trained).contains(&rules), "{rules} by rules, {trained} by the networks");
}

#[test]
fn a_failed_call_ends_in_its_answer() {
    let mut starter = load(StarterKind::Trained);
    let call = ToolCall { tool: "open".to_owned(), arguments: Map::new() };
    let answer = "there is no such file".to_owned();
    let history = [Turn::new(call, false, answer.clone())];
    let context = Context {
        instruction: "Open garden.txt",
        tools: TOOLS,
        history: &history,
        prompts: &[],
        elements: "",
        image: None,
        views: &[],
    };
    let decision = starter.actor.decide(&context).unwrap();
    assert_eq!(decision.next, Move::Refuse { reason: answer });
}

fn ground(starter: &mut Starter, phrase: &str) -> String {
    const SCREEN: [(&str, &str, &str); 14] = [
        ("menu", "File", "menu bar"),
        ("menu item", "Save", "File"),
        ("menu item", "Save As...", "File"),
        ("menu item", "Open...", "File"),
        ("menu item", "Create Folder...", "File"),
        ("menu item", "Rename...", "Edit"),
        ("menu item", "Paste", "Edit"),
        ("push button", "Cancel", "dialog"),
        ("push button", "Close", "dialog"),
        ("table cell", "grocery-list.txt", ""),
        ("table cell", "piano_lessons.md", ""),
        ("table cell", "piano_tuner.md", ""),
        ("table cell", "HolidayPhotos", "folder"),
        ("table cell", "photo-frame.txt", ""),
    ];
    let thing = |(role, name, context): (&str, &str, &str)| Candidate {
        role: role.to_owned(),
        name: name.to_owned(),
        context: context.to_owned(),
        bounds: None,
    };
    let candidates = SCREEN.map(thing);
    let request = GroundRequest { phrase, candidates: &candidates, image: None };
    match starter.grounder.ground(&request).unwrap().if_sure() {
        Grounding::Candidate { index, .. } => candidates[index].name.clone(),
        Grounding::NotHere { .. } => "not here".to_owned(),
        Grounding::Point { .. } => "a point".to_owned(),
    }
}

#[test]
fn phrases_find_what_they_mean() {
    let mut starter = load(StarterKind::Trained);
    let mut check =
        |phrase, expected| assert_eq!(ground(&mut starter, phrase), expected, "{phrase}");
    check("grocery-list.txt", "grocery-list.txt");
    check("my grocery list", "grocery-list.txt");
    check("the shopping list", "grocery-list.txt");
    check("the lessons for piano", "piano_lessons.md");
    check("piano tuners", "piano_tuner.md");
    check("my holiday pictures", "HolidayPhotos");
    check("the button that saves", "Save");
    check("new folder", "Create Folder...");
    check("the file menu", "File");
    check("abort", "Cancel");
    check("the tax return", "not here");
    check("a picture of my dog", "not here");
}

#[test]
fn phrases_find_nothing_once_the_weights_are_shuffled() {
    let mut starter = load(StarterKind::Shuffled { seed: 1 });
    let found =
        ["save under another name", "abort", "my holiday pictures", "the lessons for piano"]
            .map(|phrase| ground(&mut starter, phrase));
    let right = ["Save As...", "Cancel", "HolidayPhotos", "piano_lessons.md"];
    assert!(found.iter().zip(right).filter(|(f, r)| f == r).count() <= 1, "{found:?}");
}
