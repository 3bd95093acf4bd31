//! `deskbound models bench`: how fast a model is on this machine.

use std::ops::ControlFlow;

use clap::Args;
use deskbound_models::profile::{Message, Part, Role};
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::models::{Room, Weights};
use crate::terminal::say;
use crate::verb::Setting;

/// Words of the prompt; a word is a token or two.
const WORDS: usize = 512;
const SAID_TOKENS: u32 = 64;
const MOST_ROUNDS: u32 = 100;

#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// The model: NAME or NAME@PROFILE.
    model: Weights,
    /// How often; the fastest round is told.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_ROUNDS)))]
    rounds: u32,
    #[command(flatten)]
    room: Room,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(super) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let loaded = self.model.load(&setting.folders.data, self.room)?;
        let (mut read_per_s, mut said_per_s, mut tokens) = (0.0_f64, 0.0_f64, 0);
        for round in 0..self.rounds {
            // Another prompt each time: what was read before would not be read again.
            let words = (0..WORDS).map(|at| format!("w{}", at as u32 + round)).collect::<Vec<_>>();
            let parts = vec![Part::Text(words.join(" "))];
            let messages = [Message { role: Role::User, parts }];
            let mut speech = loaded.speech();
            let mut quiet = |_: &str| ControlFlow::Continue(());
            let said = speech.say(&messages, &[], SAID_TOKENS, &mut quiet)?;
            tokens = said.read.tokens;
            read_per_s = read_per_s.max(tokens as f64 / said.read.took.as_secs_f64());
            said_per_s = said_per_s.max(speech.progress().tokens_per_second());
        }
        let memory_mb = loaded.memory().total().div_ceil(1_000_000);
        if self.json {
            say(json!({
                "read_tokens_per_s": read_per_s, "said_tokens_per_s": said_per_s,
                "prompt_tokens": tokens, "memory_mb": memory_mb,
            }));
        } else {
            say(format_args!("reads  {read_per_s:8.1} tokens a second, of {tokens}"));
            say(format_args!("says   {said_per_s:8.1} tokens a second"));
            say(format_args!("needs  {memory_mb:8} MB"));
        }
        Ok(Exit::Done)
    }
}
