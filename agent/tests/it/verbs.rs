//! Verbs on a real desktop: a click and some keys at a time, by a script and by random weights of
//! real architectures.

use std::path::PathBuf;
use std::time::Duration;

use deskbound_agent::action::{Action, Openable};
use deskbound_agent::control::{Answer, AskId, Command, Extent, Inbox, Phase};
use deskbound_agent::journal::Journal;
use deskbound_agent::limits::FILE_BYTES;
use deskbound_agent::record::{End, Record, StepSink as _};
use deskbound_agent::replay::{Difference, replay};
use deskbound_agent::run::{Request, Roles, run};
use deskbound_agent::stop::Stop;
use deskbound_models::engine::{DeviceChoice, EngineOptions};
use deskbound_models::loaded::Loaded;
use deskbound_models::profile::Profiles;
use deskbound_models::{
    Actor, Context, Decision, Hands, ModelError, Move, Starter, StarterKind, ToolCall,
};
use serde_json::{Value, json};

use crate::bed::{Bed, Kept};

/// One reply after the other, each of some calls.
struct Replies(Vec<Vec<(&'static str, Value)>>);

impl Actor for Replies {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let replies = context.history.iter().filter(|turn| turn.said.is_some()).count();
        if let Some(turn) = context.history.last().filter(|turn| !turn.succeeded) {
            return Ok(Decision::new(Move::Refuse { reason: turn.answer.clone() }, 1.0, ""));
        }
        let Some(calls) = self.0.get(replies) else {
            return Ok(Decision::new(Move::Done, 1.0, ""));
        };
        let mut calls = calls.iter().map(|(tool, arguments)| ToolCall {
            tool: (*tool).to_owned(),
            arguments: arguments.as_object().cloned().expect("arguments are an object"),
        });
        let first = Move::Call(calls.next().expect("a reply has a call"));
        let said = Some(format!("reply {replies}"));
        Ok(Decision { then: calls.collect(), said, ..Decision::new(first, 1.0, "") })
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

/// With the shipped grounder.
fn roles(actor: impl Actor + 'static) -> Roles {
    let starter = Starter::load(StarterKind::Trained);
    let Starter { grounder, .. } = starter.expect("its weights are in the program");
    Roles { actor: Box::new(actor), grounder, viewer: None }
}

async fn drive(bed: &mut Bed, request: &Request, models: &mut Roles) -> (End, Vec<Record>) {
    let mut kept = Kept::default();
    let mut inbox = Inbox::unattended(Stop::default());
    let end = run(&mut bed.desktop, models, request, &mut inbox, &mut kept).await;
    (end, kept.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_written_by_verbs() {
    let mut bed = Bed::start().await;
    let actor = Replies(vec![
        vec![("launch", json!({"application": "mousepad"}))],
        vec![("wait", json!({"text": "Untitled", "seconds": "60"}))],
        vec![
            ("click", json!({"description": "the Edit menu"})),
            ("key", json!({"keys": "Escape"})),
        ],
        vec![("type", json!({"text": "by hand"})), ("key", json!({"keys": "ctrl+s"}))],
        vec![("wait", json!({"text": "Save As", "seconds": 30}))],
        vec![
            ("key", json!({"keys": "ctrl+a"})),
            ("type", json!({"text": "verbs.txt"})),
            // The dialog thinks about the name before it lets itself be answered.
            ("wait", json!({"seconds": 3})),
            ("key", json!({"keys": "Return"})),
        ],
        vec![
            ("wait", json!({"text": "verbs.txt - Mousepad", "seconds": 30})),
            ("note", json!({"text": ""})),
        ],
        vec![("read_file", json!({"path": "verbs.txt"}))],
    ]);
    let mut models = roles(actor);
    let (end, records) = drive(&mut bed, &Request::new("by hand"), &mut models).await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("verbs.txt").as_deref(), Some("by hand"));
    let read = records.iter().any(|record| match record {
        Record::Called { turn, .. } => turn.call.tool == "read_file" && turn.answer == "by hand",
        _ => false,
    });
    assert!(read, "the model was not told what the file says");
}

#[tokio::test(flavor = "multi_thread")]
async fn things_windows_and_the_clipboard_are_reached_by_verbs() {
    let mut bed = Bed::start().await;
    bed.given("maple.txt", "red\n");
    bed.given("walnut.txt", "brown\n");
    let home = bed.path("").to_str().expect("its path is text").trim_end_matches('/').to_owned();
    let actor = Replies(vec![
        vec![("launch", json!({"application": "thunar", "file": home}))],
        vec![("wait", json!({"text": "2 files", "seconds": "60"}))],
        // As a list, in which files are things of the tree.
        vec![("key", json!({"keys": "ctrl+2"}))],
        vec![("wait", json!({"text": "walnut.txt", "seconds": "60"}))],
        vec![
            ("element", json!({"description": "maple.txt", "act": "select"})),
            ("click", json!({"description": "walnut.txt", "modifiers": "ctrl"})),
        ],
        vec![("launch", json!({"application": "mousepad"}))],
        vec![("wait", json!({"text": "Untitled", "seconds": "60"}))],
        vec![("clipboard", json!({"text": "from the clipboard"}))],
        vec![
            ("window", json!({"title": "Mousepad", "act": "focus"})),
            ("key", json!({"keys": "ctrl+v"})),
            ("clipboard", json!({})),
            ("window", json!({"title": "Thunar", "act": "close"})),
        ],
    ]);
    let mut models = roles(actor);
    let (end, records) = drive(&mut bed, &Request::new("by hand"), &mut models).await;
    let turns: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Called { turn, .. } => Some((turn.call.tool.as_str(), turn.answer.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(end, End::Done, "{turns:?}");
    assert!(turns.contains(&("clipboard", "from the clipboard")), "{turns:?}");
    let trees: Vec<_> = records.iter().filter_map(Record::tree).collect();
    let selected = |tree: &deskbound_accessibility::Tree| {
        let is_selected = |name: &str| {
            tree.nodes().any(|(id, node)| {
                tree.name(id) == name
                    && node.states.contains(deskbound_accessibility::State::Selected)
            })
        };
        is_selected("maple.txt") && is_selected("walnut.txt")
    };
    assert!(trees.iter().any(|tree| selected(tree)), "both files were never selected");
    let last = trees.last().expect("it was looked");
    assert!(last.nodes().any(|(id, _)| last.text(id) == "from the clipboard"));
    assert!(last.windows.iter().all(|placed| !placed.window.title.contains("Thunar")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_opened_with_what_the_desktop_has_for_it() {
    let mut bed = Bed::start().await;
    bed.given("maple.txt", "red leaves\n");
    let actor = Replies(vec![
        vec![("open", json!({"target": "maple.txt"}))],
        vec![("wait", json!({"text": "red leaves", "seconds": "60"}))],
    ]);
    let mut models = roles(actor);
    let (end, records) = drive(&mut bed, &Request::new("by hand"), &mut models).await;
    assert_eq!(end, End::Done);
    let path = bed.path("maple.txt");
    let opened = records.iter().any(|record| match record {
        Record::Acted { action: Action::Open { target: Openable::File { path: it } }, .. } => {
            *it == path.to_string_lossy()
        }
        _ => false,
    });
    assert!(opened, "what was opened is recorded");

    for (target, part) in [
        ("walnut.txt", "walnut.txt` could not be used"),
        ("/etc/passwd", "not inside the home folder"),
        ("javascript://x", "are not opened"),
    ] {
        let mut models = roles(Replies(vec![vec![("open", json!({"target": target}))]]));
        let (end, _) = drive(&mut bed, &Request::new("by hand"), &mut models).await;
        let End::Failed { reason } = end else { panic!("{end:?}") };
        assert!(reason.contains(part), "{reason}");
    }
}

fn asks() -> Replies {
    Replies(vec![vec![("ask", json!({"question": "Which colour?"}))]])
}

/// What each call came to.
fn turns(records: &[Record]) -> Vec<(&str, &str)> {
    let called = records.iter().filter_map(|record| match record {
        Record::Called { turn, .. } => Some((turn.call.tool.as_str(), turn.answer.as_str())),
        _ => None,
    });
    called.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_asks_and_what_the_person_says_next_is_the_answer() {
    let mut bed = Bed::start().await;
    let approve = Answer::Approve { extent: Extent::Once };
    for (said, expected) in
        [(Some("dark red"), Ok("the person says: dark red")), (None, Err("no answer was given"))]
    {
        let mut phases = Vec::new();
        let (end, records) = bed
            .run_steered(&Request::new("by hand"), roles(asks()), |record, control| {
                let tell = |command| control.tell(command).expect("the inbox has room");
                match record {
                    // Before the question: no answer to it.
                    Record::Decided { .. } => {
                        tell(Command::Prompt { text: "mind the gap".to_owned() });
                        tell(Command::Answer { ask: AskId(1), answer: approve });
                    }
                    Record::Questioned { ask, question } => {
                        assert_eq!(question, "Which colour?");
                        tell(match said {
                            Some(text) => Command::Prompt { text: text.to_owned() },
                            None => Command::Answer { ask: *ask, answer: Answer::Deny },
                        });
                    }
                    Record::Replied { .. } => phases.push(*control.phase().borrow()),
                    _ => {}
                }
            })
            .await;
        match expected {
            Ok(answer) => {
                assert_eq!(end, End::Done);
                assert_eq!(turns(&records), [("ask", answer)]);
            }
            Err(part) => {
                let End::Failed { reason } = end else { panic!("{end:?}") };
                assert!(reason.contains(part), "{reason}");
            }
        }
        assert_eq!(phases, [Phase::Asking(AskId(1))], "it said that it waits");
        assert_eq!(replayed(&records).await, None);
        let prompted = |record: &&Record| matches!(record, Record::Prompted { .. });
        assert!(records.iter().filter(prompted).count() > 0, "what was said before is a prompt");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_is_there_a_question_is_answered_at_once() {
    let mut bed = Bed::start().await;
    let (end, records) = drive(&mut bed, &Request::new("by hand"), &mut roles(asks())).await;
    assert_eq!(end, End::Failed { reason: "nobody is there to answer".to_owned() });
    assert!(!records.iter().any(|record| matches!(record, Record::Questioned { .. })));
    assert_eq!(replayed(&records).await, None);
}

/// Where a playback of these records first differs, by the same model.
async fn replayed(records: &[Record]) -> Option<Difference> {
    let runs = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::create(runs.path()).expect("a journal");
    let folder = journal.folder().to_owned();
    records.iter().for_each(|record| journal.record(record).expect("recorded"));
    journal.close().expect("closed");
    let replayed = replay(&folder, &mut roles(asks())).await.expect("it is whole");
    assert!(replayed.compared > 1, "{replayed:?}");
    replayed.difference
}

/// What cannot be read is the call's matter, and the model is told why.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_large_ends_no_run() {
    let mut bed = Bed::start().await;
    let huge = std::fs::File::create(bed.path("huge")).expect("made");
    huge.set_len(FILE_BYTES + 1).expect("it has holes");
    let actor = Replies(vec![vec![("read_file", json!({"path": "huge"}))]]);
    let mut models = roles(actor);
    let (end, _) = drive(&mut bed, &Request::new("read"), &mut models).await;
    let End::Failed { reason } = end else { panic!("{end:?}") };
    assert!(reason.contains("could not be used"), "{reason}");
}

/// Nonsense, but every call is one that can be made, and the run ends for a reason of its own.
#[tokio::test(flavor = "multi_thread")]
async fn random_weights_run_to_an_end() {
    let mut bed = Bed::start().await;
    let profiles = Profiles::embedded();
    for (folder, profile) in [("qwen3", "qwen"), ("qwen2_5_vl", "ui-tars-1.5")] {
        let path: PathBuf =
            [env!("CARGO_MANIFEST_DIR"), "../models/parity", folder].iter().collect();
        let mut profile = profiles.named(profile).unwrap().clone();
        // Its patches are so small that a whole screen would be 16,000 of them.
        if let Some(image) = &mut profile.image {
            image.max_px = 256 * 256;
            image.min_px = image.min_px.min(image.max_px);
        }
        let options = EngineOptions { device: DeviceChoice::Cpu, ..EngineOptions::default() };
        let loaded = Loaded::open(&path, profile, &options).unwrap();
        let Starter { grounder, .. } = Starter::load(StarterKind::Trained).unwrap();
        let grounder = if loaded.sees() { Box::new(loaded.grounder().unwrap()) } else { grounder };
        let mut models = Roles { actor: Box::new(loaded.actor().unwrap()), grounder, viewer: None };
        let mut request = Request::new("Write a letter");
        request.limits.steps = 3;
        request.limits.time = Duration::from_secs(120);
        let (end, records) = drive(&mut bed, &request, &mut models).await;
        assert!(!matches!(end, End::Error { .. }), "{folder}: {end:?}");
        let decided = records.iter().filter(|it| matches!(it, Record::Decided { .. })).count();
        assert!(decided > 0, "{folder} decided nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_all_is_done_is_looked_into() {
    let mut bed = Bed::start().await;
    let request = Request::new("Write \"oats\" and save it as breakfast.txt");
    let mut models = roles(Replies(vec![]));
    let (end, records) = drive(&mut bed, &request, &mut models).await;
    let reason = "it is not done: this is not so: breakfast.txt says “oats”".to_owned();
    assert_eq!(end, End::Failed { reason });
    assert!(records.iter().any(|record| matches!(record, Record::Confirmed { .. })));

    bed.given("breakfast.txt", "oats and honey\n");
    let mut models = roles(Replies(vec![]));
    assert_eq!(drive(&mut bed, &request, &mut models).await.0, End::Done);
}
