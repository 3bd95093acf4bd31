//! `deskbound replay`: a run that is over, looked at again.

use clap::Args;
use deskbound_agent::journal::Reader;

use crate::dashboard::Tense;
use crate::dashboard::feed;
use crate::failure::{Exit, Failure};
use crate::terminal::say;
use crate::verb::Setting;
use crate::verb::looks::Looks;
use crate::verb::runs::named;
use crate::verb::watch::{is_terminal, view};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound replay last
  deskbound replay 20260131T09 --plain")]
pub(crate) struct Replay {
    /// The run: its name or the beginning of it, its folder, or `last`.
    run: String,
    /// One line an event, and nothing that moves; also where the output is no terminal.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    looks: Looks,
}

impl Replay {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let run = named(&setting.folders.runs(), &self.run)?;
        if self.plain || !is_terminal() {
            let mut reader = Reader::open(&run).map_err(Failure::missing)?;
            while let Some(entry) = reader.next_entry().map_err(broken)? {
                feed::line(&entry).into_iter().for_each(say);
            }
            return Ok(Exit::Done);
        }
        view(run, Tense::Past, None, self.looks.face(setting)).await?;
        Ok(Exit::Done)
    }
}

fn broken(error: deskbound_agent::journal::VerifyError) -> Failure {
    Failure::new(Exit::Failed, error)
        .hint("`deskbound runs verify` says of every record whether it is as it was written")
}
