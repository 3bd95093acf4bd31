//! A recorded run, written by the real journal: a screen with two windows, a tree of it, and the
//! records of an agent that writes a note, misses once, is denied once and ends.

use std::path::{Path, PathBuf};
use std::time::Duration;

use deskbound_accessibility::{
    App, AppStatus, Effect, InterfaceSet, NodeFacts, NodeFlags, NodeId, Role, ScreenPx, ScreenRect,
    State, StateSet, Tree, TreeBuilder,
};
use deskbound_agent::action::Action;
use deskbound_agent::control::{Answer, AskId};
use deskbound_agent::desktop::Standing;
use deskbound_agent::journal::{Entry, Journal, Reader};
use deskbound_agent::limits::Limits;
use deskbound_agent::policy::{Policy, Surface};
use deskbound_agent::record::{End, Record, StepSink};
use deskbound_models::{Candidate, Decision, Grounding, Move, ToolCall, Turn};
use image::{Rgb, RgbImage};
use serde_json::json;

const SECOND: Duration = Duration::from_secs(1);

/// A run on disk, as it would have been left.
pub(super) struct Recorded {
    base: tempfile::TempDir,
    run: PathBuf,
    journal: Option<Journal>,
}

impl Recorded {
    pub(super) fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        let journal = Journal::create(base.path()).unwrap();
        Self { run: journal.folder().to_owned(), base, journal: Some(journal) }
    }

    pub(super) fn of(records: &[Record]) -> Self {
        let mut recorded = Self::new();
        records.iter().for_each(|record| recorded.push(record));
        recorded
    }

    pub(super) fn push(&mut self, record: &Record) {
        self.journal.as_mut().expect("still open").record(record).unwrap();
    }

    /// What is no record of a run's own.
    pub(super) fn append(&mut self, value: &serde_json::Value) {
        self.journal.as_mut().expect("still open").append(value, &[]).unwrap();
    }

    pub(super) fn close(&mut self) {
        self.journal.take().expect("still open").close().unwrap();
    }

    pub(super) fn run(&self) -> &Path {
        assert!(self.base.path().exists());
        &self.run
    }

    /// What a reader finds, with a clock of two seconds a line: real ones differ every time.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut reader = Reader::open(&self.run).unwrap();
        let mut entries = Vec::new();
        while let Some(mut entry) = reader.next_entry().unwrap() {
            entry.mono_ms = entry.seq * 2000;
            entries.push(entry);
        }
        entries
    }
}

pub(super) fn started() -> Record {
    Record::Started {
        instruction: "Write “the ladder is back” and save it as ladder.txt".to_owned(),
        models: "trained".to_owned(),
        desktop: "vm:minimal (EMULATED, no network)".to_owned(),
        limits: Limits::default(),
        policy: Policy::of(Surface::Disposable),
        home: "/home/desk".to_owned(),
        origins: Default::default(),
    }
}

pub(super) fn observed(step: u32) -> Record {
    Record::Observed {
        step,
        frame: screen(step).into(),
        tree: tree(step).into(),
        observe: SECOND,
        settle: SECOND / 2,
    }
}

pub(super) fn decided(tool: &str, text: &str, thought: &str) -> Record {
    let arguments = json!({ "text": text }).as_object().cloned().unwrap();
    Record::Decided {
        decision: Decision::new(
            Move::Call(ToolCall { tool: tool.to_owned(), arguments }),
            0.93,
            thought,
        ),
        think: SECOND / 4,
    }
}

pub(super) fn grounded(phrase: &str) -> Record {
    let candidate = Candidate {
        role: "push button".to_owned(),
        name: "Save".to_owned(),
        context: "Save As".to_owned(),
        bounds: None,
    };
    Record::Grounded {
        phrase: phrase.to_owned(),
        candidates: vec![candidate],
        grounding: Grounding::Candidate { index: 0, probability: 0.97 },
        ground: SECOND / 10,
    }
}

pub(super) fn acted(step: u32, action: Action, expects: &str) -> Record {
    Record::Acted { step, action, expects: expects.to_owned(), act: SECOND / 5 }
}

pub(super) fn verified(step: u32, effect: Effect) -> Record {
    Record::Verified { step, effect, took: 3 * SECOND }
}

pub(super) fn called(tool: &str, succeeded: bool, answer: &str) -> Record {
    let call = ToolCall { tool: tool.to_owned(), arguments: Default::default() };
    let turn = Turn::new(call, succeeded, answer);
    Record::Called { turn, took: 9 * SECOND }
}

pub(super) fn ended(end: End) -> Record {
    Record::Ended { end, steps: 3, took: 40 * SECOND }
}

pub(super) fn asked() -> Record {
    let action = Action::click(SAVE);
    let reason = "rule “saving”: ask before a file is saved".to_owned();
    Record::Asked { ask: AskId(1), step: 1, action, reason }
}

/// The answer to [`asked`]: no.
pub(super) fn denied_by_hand() -> Record {
    Record::Answered { ask: AskId(1), answer: Some(Answer::Deny), after: SECOND }
}

pub(super) fn paused() -> Record {
    Record::Paused { standing: Standing::Frozen }
}

/// Where the sample's button is.
pub(super) const SAVE: ScreenPx = ScreenPx { x: 380, y: 292 };

/// A whole run that ends like this.
pub(super) fn records(end: End) -> Vec<Record> {
    let typed = Action::Type { text: "the ladder is back".to_owned() };
    let program = "mousepad".to_owned();
    vec![
        started(),
        observed(0),
        decided("write", "the ladder is back", "step 1 of 2"),
        acted(1, Action::Launch { program, args: vec![] }, "an empty document is in front"),
        observed(1),
        verified(1, Effect::confirmed("an empty document is in front")),
        acted(2, typed, "the document says the text"),
        observed(2),
        verified(2, Effect::nothing_happened("it was expected that the document says the text")),
        called("write", true, "the text stands in a new document"),
        decided("save", "ladder.txt", "step 2 of 2"),
        grounded("the button that saves"),
        acted(3, Action::click(SAVE), "the file is saved"),
        observed(3),
        verified(3, Effect::confirmed("the file is saved")),
        Record::Denied {
            step: 4,
            action: Action::click(ScreenPx { x: 200, y: 150 }),
            reason: "“Replace” would destroy something".to_owned(),
        },
        called("save", end == End::Done, "the file is there"),
        ended(end),
    ]
}

/// A panel, a window, and a dialog with a button that lies further right at every step.
fn screen(step: u32) -> RgbImage {
    let shift = step * 10;
    RgbImage::from_fn(640, 400, |x, y| {
        Rgb(match (x, y) {
            (_, 0..13) => [40, 44, 52],
            _ if x >= 350 + shift && x < 410 + shift && (285..300).contains(&y) => [60, 120, 216],
            _ if (250..450).contains(&x) && (150..310).contains(&y) => [235, 235, 235],
            _ if (60..350).contains(&x) && (40..260).contains(&y) => [252, 252, 252],
            _ => [28, 70, 92],
        })
    })
}

fn tree(step: u32) -> Tree {
    let mut sample = Sample::new("mousepad");
    let title = if step < 2 { "Untitled 1 - Mousepad" } else { "*Untitled 1 - Mousepad" };
    let frame = sample.push(None, Role::Frame, title, (60, 40, 290, 220));
    sample.push(Some(frame), Role::Text, "", (62, 55, 285, 200));
    let dialog = sample.push(None, Role::Dialog, "Save As", (250, 150, 200, 160));
    sample.push(Some(dialog), Role::Label, "Name:", (260, 165, 30, 12));
    sample.push(Some(dialog), Role::Button, "Cancel", (270, 285, 60, 15));
    sample.push(Some(dialog), Role::Button, "Save", (350, 285, 60, 15));
    sample.tree.finish()
}

/// One application whose every name is a stranger's.
pub(super) fn hostile_tree(evil: &str) -> Tree {
    let mut sample = Sample::new(evil);
    let frame = sample.push(None, Role::Frame, evil, (0, 0, 1280, 800));
    sample.push(Some(frame), Role::Button, evil, (350, 285, 60, 15));
    sample.tree.finish()
}

struct Sample {
    tree: TreeBuilder,
    root: NodeId,
}

impl Sample {
    fn new(app: &str) -> Self {
        let mut tree = TreeBuilder::default();
        tree.push_app(App {
            name: app.to_owned(),
            toolkit: "gtk".to_owned(),
            toolkit_version: "3.24.38".to_owned(),
            pid: None,
            bus_name: ":1.1".to_owned(),
            status: AppStatus::Complete,
            started: None,
        });
        let mut sample = Self { tree, root: NodeId(0) };
        sample.root = sample.node(None, Role::Application, app, (0, 0, 0, 0));
        sample
    }

    fn push(
        &mut self,
        parent: Option<NodeId>,
        role: Role,
        name: &str,
        bounds: (i32, i32, i32, i32),
    ) -> NodeId {
        self.node(Some(parent.unwrap_or(self.root)), role, name, bounds)
    }

    fn node(
        &mut self,
        parent: Option<NodeId>,
        role: Role,
        name: &str,
        (x, y, width, height): (i32, i32, i32, i32),
    ) -> NodeId {
        self.tree.push(NodeFacts {
            parent,
            app: deskbound_accessibility::AppId(0),
            role,
            states: StateSet::new(State::Showing),
            interfaces: InterfaceSet::empty(),
            bounds: ScreenRect::from_extents(x, y, width, height),
            name,
            description: "",
            text: "",
            path: "/org/a11y/atspi/accessible/1",
            value: None,
            flags: NodeFlags::default(),
        })
    }
}
