//! `deskbound attach`: a run that goes on, watched and steered from another terminal.

mod plain;

use clap::Args;
use deskbound_agent::attach::{AttachError, Part, Visitor};

use self::plain::{Form, follow};
use crate::dashboard::{Reach, Tense};
use crate::failure::{Exit, Failure};
use crate::verb::Setting;
use crate::verb::looks::Looks;
use crate::verb::runs::named;
use crate::verb::watch::{is_terminal, view};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound attach last
  deskbound attach 20260131T09 --read-only
  deskbound attach last --plain")]
pub(crate) struct Attach {
    /// The run: its name or the beginning of it, its folder, or `last`.
    run: String,
    /// Only look: nothing can be told to the run from here.
    #[arg(long)]
    read_only: bool,
    /// Take the control from whoever holds it.
    #[arg(long, conflicts_with = "read_only")]
    take: bool,
    /// One line an event, and answers that are typed; also where this is no terminal.
    #[arg(long)]
    plain: bool,
    /// Every record as a line of JSON.
    #[arg(long, conflicts_with = "plain")]
    json: bool,
    #[command(flatten)]
    looks: Looks,
}

impl Attach {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let run = named(&setting.folders.runs(), &self.run)?;
        let part = match (self.read_only, self.take) {
            (true, _) => Part::Watcher,
            (_, true) => Part::Successor,
            _ => Part::Controller,
        };
        let visitor =
            Visitor::connect(&run, part).await.map_err(|error| unreachable(error, &run))?;
        if self.json {
            return follow(&run, visitor, Form::Json).await;
        }
        if self.plain || !is_terminal() {
            return follow(&run, visitor, Form::Lines).await;
        }
        let reach = if self.read_only { Reach::Watch } else { Reach::Steer };
        view(run, Tense::Live, Some((visitor, reach)), self.looks.face(setting)).await?;
        Ok(Exit::Done)
    }
}

pub(super) fn unreachable(error: AttachError, run: &std::path::Path) -> Failure {
    let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let hint = match error {
        AttachError::NotRunning { .. } => format!("`deskbound replay {name}` shows what it did"),
        _ => "`deskbound runs list` names all runs".to_owned(),
    };
    Failure::missing(error).hint(hint)
}
