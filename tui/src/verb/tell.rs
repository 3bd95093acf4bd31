//! `deskbound tell`: one word to a run that goes on, from a script or another terminal.

use std::time::Duration;

use clap::Args;
use deskbound_agent::attach::{FromRun, Heard, Hearing, Part, Visitor};
use deskbound_agent::control::{AskId, Command, Phase};
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::terminal::{harmless, note, say};
use crate::typed::{HELP, Typed, read};
use crate::verb::Setting;
use crate::verb::attach::unreachable;
use crate::verb::runs::named;

/// For the run to say what it is doing, and then to do something about what it was told.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound tell last pause
  deskbound tell last say save it as b.txt
  deskbound tell last y
  deskbound tell last stop")]
pub(crate) struct Tell {
    /// The run: its name or the beginning of it, its folder, or `last`.
    run: String,
    /// Take the control from whoever holds it.
    #[arg(long)]
    take: bool,
    /// What the run is told: pause, step, resume, say TEXT, y, a, n, take, give, stop …
    #[arg(required = true, trailing_var_arg = true)]
    words: Vec<String>,
}

impl Tell {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let run = named(&setting.folders.runs(), &self.run)?;
        let part = if self.take { Part::Successor } else { Part::Controller };
        let visitor = Visitor::connect(&run, part).await;
        let Visitor { mut hearing, mut telling, control, .. } =
            visitor.map_err(|error| unreachable(error, &run))?;
        if !control {
            return Err(Failure::usage("another view holds the control of this run")
                .hint("`--take` takes it from there"));
        }
        let asked = asked(&mut hearing).await;
        let mut wanted = Wanted::Anything;
        let told = match read(&self.words.join(" "), asked).map_err(Failure::usage)? {
            Typed::Tell(command) => {
                if command == Command::Carry {
                    wanted = Wanted::Text;
                }
                telling.tell(command).await
            }
            Typed::Stop => telling.stop().await,
            Typed::Help => {
                say(HELP);
                return Ok(Exit::Done);
            }
            Typed::Nothing => return Ok(Exit::Done),
        };
        told.map_err(Failure::missing)?;
        taken(&mut hearing, wanted).await
    }
}

/// What shows that the run has done what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Anything,
    /// That of the desktop's clipboard.
    Text,
}

/// The question that waits, by the run's own word, which is the first thing it says.
async fn asked(hearing: &mut Hearing) -> Option<AskId> {
    let said = timeout(ANSWER_LIMIT, async {
        loop {
            if let Heard::Said(FromRun::Phase { phase }) = hearing.next().await.ok()? {
                return Some(phase);
            }
        }
    });
    match said.await {
        Ok(Some(Phase::Asking(ask))) => Some(ask),
        _ => None,
    }
}

/// A run says what it does not take, and otherwise goes on with something.
async fn taken(hearing: &mut Hearing, wanted: Wanted) -> Result<Exit, Failure> {
    let answer = timeout(ANSWER_LIMIT, async {
        let mut before = None;
        loop {
            match hearing.next().await {
                Ok(Heard::Said(FromRun::NotTaken { reason })) => return Some(reason),
                // The first count comes by itself.
                Ok(Heard::Said(FromRun::Recorded { records })) => {
                    if *before.get_or_insert(records) != records && wanted == Wanted::Anything {
                        return None;
                    }
                }
                Ok(Heard::Said(FromRun::Carried { text })) => {
                    text.lines().for_each(|line| say(harmless(line)));
                    return None;
                }
                Ok(Heard::Said(FromRun::Welcome { .. }) | Heard::Picture(_)) => {}
                Ok(Heard::Said(FromRun::Phase { .. } | FromRun::Succeeded)) | Err(_) => {
                    return None;
                }
            }
        }
    });
    match answer.await {
        Ok(Some(reason)) => {
            Err(Failure::new(Exit::Failed, reason).hint("`deskbound status RUN` says what it does"))
        }
        Ok(None) => Ok(Exit::Done),
        Err(_) => {
            note("told; the run has not done anything about it yet");
            Ok(Exit::Done)
        }
    }
}
