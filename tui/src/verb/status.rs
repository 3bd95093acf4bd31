//! `deskbound status`: what runs are doing, for people and for scripts.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use deskbound_agent::attach::{FromRun, Heard, Part, Visitor};
use deskbound_agent::control::Phase;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::dashboard::story::Story;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, note, say};
use crate::verb::Setting;
use crate::verb::runs::{all, named};

/// For a run to say what it is doing.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound status
  deskbound status last --json")]
pub(crate) struct Status {
    /// The run: its name or the beginning of it, its folder, or `last`; all that go on where none is
    /// given.
    run: Option<String>,
    /// One object a run, on a line.
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let folder = setting.folders.runs();
        let (runs, only_live) = match &self.run {
            Some(run) => (vec![named(&folder, run)?], false),
            None => (all(&folder)?, true),
        };
        let mut told = 0;
        for run in runs {
            let phase = phase(&run).await;
            if only_live && phase.is_none() {
                continue;
            }
            told += 1;
            let status = status(&run, phase)?;
            say(if self.json { escaped(&status.to_string()) } else { line(&status) });
        }
        if told == 0 {
            note("no run goes on");
        }
        Ok(Exit::Done)
    }
}

/// What a run says it is doing; `None` where it does not go on.
async fn phase(run: &Path) -> Option<Phase> {
    let mut visitor = Visitor::connect(run, Part::Watcher).await.ok()?;
    let said = timeout(ANSWER_LIMIT, async {
        loop {
            if let Heard::Said(FromRun::Phase { phase }) = visitor.hearing.next().await.ok()? {
                return Some(phase);
            }
        }
    });
    said.await.ok().flatten()
}

/// By the record, and by the run's own word where it goes on.
fn status(run: &Path, phase: Option<Phase>) -> Result<Value, Failure> {
    let story = Story::read(run).map_err(|error| Failure::new(Exit::Failed, error))?;
    let state = match phase {
        Some(phase) => crate::dashboard::phase::Phase::of_run(phase, story.phase),
        None => story.phase,
    };
    let question = story.question.as_ref().filter(|_| phase.is_some());
    Ok(json!({
        "run": run.file_name().unwrap_or_default().to_string_lossy(),
        "goes_on": phase.is_some(),
        "state": state.word(),
        "instruction": story.heading.as_ref().map(|heading| &heading.instruction),
        "desktop": story.heading.as_ref().map(|heading| &heading.desktop),
        "models": story.heading.as_ref().map(|heading| &heading.models),
        "step": story.step,
        "elapsed_ms": u64::try_from(story.at.saturating_sub(story.begun).as_millis()).unwrap_or(u64::MAX),
        "asks": question.map(|question| question.action.to_string()),
    }))
}

fn line(status: &Value) -> String {
    let text = |name: &str| harmless(status[name].as_str().unwrap_or("-"));
    let asks = match status["asks"].as_str() {
        Some(asked) => format!(", asks: {}", harmless(asked)),
        None => String::new(),
    };
    format!(
        "{}  {}, step {}{asks}: {}",
        text("run"),
        text("state"),
        status["step"],
        text("instruction")
    )
}
