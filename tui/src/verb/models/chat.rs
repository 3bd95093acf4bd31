//! `deskbound models chat`: a model in words, from a terminal or through a pipe.

use std::io::{BufRead, Write, stdin, stdout};
use std::ops::ControlFlow;

use clap::Args;
use deskbound_models::engine::StopReason;
use deskbound_models::profile::{Message, Part, Role};

use crate::failure::{Exit, Failure};
use crate::models::{Room, Weights};
use crate::terminal::{escaped, note};
use crate::verb::Setting;

/// Turns that are kept in mind.
const TURNS_MAX: usize = 64;
/// The longest line that is read.
const LINE_BYTES: usize = 1 << 16;

#[derive(Args, Debug)]
pub(crate) struct Chat {
    /// The model: NAME or NAME@PROFILE.
    model: Weights,
    /// One question; a conversation, line by line, where there is none.
    question: Option<String>,
    /// Tokens of an answer.
    #[arg(long, value_name = "N", default_value_t = 512)]
    limit: u32,
    #[command(flatten)]
    room: Room,
}

impl Chat {
    pub(super) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let loaded = self.model.load(&setting.folders.data, self.room)?;
        let mut speech = loaded.speech();
        let mut messages = Vec::new();
        let mut asked = self.question.clone();
        loop {
            let line = match asked.take() {
                Some(line) => line,
                None if self.question.is_some() => return Ok(Exit::Done),
                None => match read_line()? {
                    Some(line) => line,
                    None => return Ok(Exit::Done),
                },
            };
            messages.push(said(Role::User, line));
            let mut tell = |text: &str| match print(text) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let answer = speech.say(&messages, &[], self.limit, &mut tell)?;
            print("\n").map_err(Failure::missing)?;
            let speed = speech.progress().tokens_per_second();
            let read = answer.read;
            note(format_args!(
                "{} tokens, {speed:.1} a second; {} read, {} of them known before{}",
                answer.tokens,
                read.tokens,
                read.reused,
                why(answer.stop)
            ));
            messages.push(said(Role::Assistant, answer.text));
            if messages.len() > TURNS_MAX {
                messages.drain(..2);
            }
        }
    }
}

fn said(role: Role, text: String) -> Message {
    Message { role, parts: vec![Part::Text(text)] }
}

fn why(stop: StopReason) -> &'static str {
    match stop {
        StopReason::Limit => "; cut at its limit",
        StopReason::ContextFull => "; no more fits",
        _ => "",
    }
}

/// A model's words are a stranger's.
fn print(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.write_all(b"\n")?;
        }
        write!(out, "{}", escaped(line))?;
    }
    out.flush()
}

fn read_line() -> Result<Option<String>, Failure> {
    let mut line = Vec::new();
    let mut input = std::io::Read::take(stdin().lock(), LINE_BYTES as u64);
    let read = input.read_until(b'\n', &mut line).map_err(Failure::missing)?;
    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
    Ok((read > 0).then_some(line))
}
