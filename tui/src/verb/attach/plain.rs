//! A run that goes on, as lines: one for each event, and answers that are typed. Nothing moves, so a
//! screen reader, a braille display or a pipe can follow.

use std::path::Path;
use std::time::Duration;

use deskbound_agent::attach::{FromRun, Heard, Hearing, Telling, Visitor};
use deskbound_agent::chain;
use deskbound_agent::control::{AskId, Phase};
use deskbound_agent::journal::{Entry, Reader, VerifyError};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::dashboard::feed;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, note, say};
use crate::typed::{HELP, Typed, lines, read};

/// Between two looks at the journal.
const POLL: Duration = Duration::from_millis(100);

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Lines,
    Json,
}

/// What is followed, and what of it has been told.
struct Following {
    reader: Reader,
    form: Form,
    phase: Option<Phase>,
    /// What answers the last question.
    answers: &'static str,
}

/// What can be typed to a question about an action, and to one of a model.
const TO_ACTION: &str = "answer y (once), a (in this run) or n; no answer is a no";
const TO_MODEL: &str = "answer `say TEXT`, or y; n gives no answer";

pub(super) async fn follow(run: &Path, visitor: Visitor, form: Form) -> Result<Exit, Failure> {
    let Visitor { hearing, telling, control, .. } = visitor;
    let reader = Reader::open(run).map_err(broken)?;
    let mut following = Following { reader, form, phase: None, answers: TO_ACTION };
    let typed = if control { lines() } else { mpsc::channel(1).1 };
    note(match control {
        true => "attached; `help` lists what can be typed",
        false => "attached, to watch only",
    });
    following.through(hearing, telling, typed).await
}

impl Following {
    async fn through(
        &mut self,
        mut hearing: Hearing,
        mut telling: Telling,
        mut typed: mpsc::Receiver<String>,
    ) -> Result<Exit, Failure> {
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (heard, mut said) = mpsc::channel(16);
        // Half a message cannot be given up, so it is read beside.
        let listening = tokio::spawn(async move {
            while let Ok(message) = hearing.next().await {
                if heard.send(message).await.is_err() {
                    return;
                }
            }
        });
        let over = loop {
            tokio::select! {
                _ = ticks.tick() => if self.tell_new()? { break Exit::Done },
                message = said.recv() => match message {
                    Some(Heard::Said(message)) => self.heard(message),
                    Some(Heard::Picture(_)) => {}
                    None => {
                        // What was recorded before its door closed.
                        self.tell_new()?;
                        note("the run has ended");
                        break Exit::Done;
                    }
                },
                Some(line) = typed.recv() => {
                    let asked = self.asked();
                    if let Err(error) = obey(&line, asked, &mut telling).await {
                        note(format_args!("not taken: {}", chain(&error)));
                    }
                }
                _ = tokio::signal::ctrl_c() => {
                    note("left; the run goes on");
                    break Exit::Done;
                }
            }
        };
        listening.abort();
        Ok(over)
    }

    fn asked(&self) -> Option<AskId> {
        match self.phase {
            Some(Phase::Asking(ask)) => Some(ask),
            _ => None,
        }
    }

    fn heard(&mut self, message: FromRun) {
        match message {
            FromRun::Phase { phase } => {
                self.phase = Some(phase);
                if let (Phase::Asking(_), Form::Lines) = (phase, self.form) {
                    // The question itself is a record, and is told before this.
                    let _ = self.tell_new();
                    note(self.answers);
                }
            }
            FromRun::NotTaken { reason } => note(format_args!("not taken: {reason}")),
            FromRun::Succeeded => note("another view has the control now; this one watches"),
            FromRun::Carried { text } => {
                note(format_args!("the desktop's clipboard, {} characters:", text.chars().count()));
                text.lines().for_each(|line| note(harmless(line)));
            }
            FromRun::Welcome { .. } | FromRun::Recorded { .. } => {}
        }
    }

    /// Tells what has been recorded since the last time; whether that was the end.
    fn tell_new(&mut self) -> Result<bool, Failure> {
        while let Some(entry) = self.reader.next_entry().map_err(broken)? {
            if entry.record.is_none() {
                return Ok(true);
            }
            self.tell(&entry);
        }
        Ok(false)
    }

    fn tell(&mut self, entry: &Entry) {
        match entry.record.as_ref().and_then(|record| record["record"].as_str()) {
            Some("asked") => self.answers = TO_ACTION,
            Some("questioned") => self.answers = TO_MODEL,
            _ => {}
        }
        match self.form {
            Form::Lines => feed::line(entry).into_iter().for_each(say),
            Form::Json => {
                let record = entry.record.as_ref().map(ToString::to_string);
                record.into_iter().for_each(|record| say(escaped(&record)));
            }
        }
    }
}

async fn obey(
    line: &str,
    asked: Option<AskId>,
    telling: &mut Telling,
) -> Result<(), deskbound_agent::attach::AttachError> {
    match read(line, asked) {
        Ok(Typed::Tell(command)) => telling.tell(command).await,
        Ok(Typed::Stop) => telling.stop().await,
        Ok(Typed::Help) => {
            note(HELP);
            Ok(())
        }
        Ok(Typed::Nothing) => Ok(()),
        Err(why) => {
            note(why);
            Ok(())
        }
    }
}

fn broken(error: VerifyError) -> Failure {
    Failure::new(Exit::Failed, error)
        .hint("`deskbound runs verify` says of every record whether it is as it was written")
}
