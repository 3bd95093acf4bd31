//! `deskbound a11y watch`: what changes, as it changes.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use clap::Args;
use deskbound_accessibility::{News, Numbered, Numbering, news};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::Which;
use super::source::Source;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, note};

/// At the latest, after a change that nobody has told us.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// What belongs to one change comes in several pieces.
const TOGETHER: Duration = Duration::from_millis(60);

#[derive(Args, Debug)]
pub(crate) struct Watch {
    #[command(flatten)]
    which: Which,
    /// As JSON, one object on each line.
    #[arg(long)]
    json: bool,
}

/// One line for programs.
#[derive(Serialize)]
struct Told<'a> {
    /// Since the watch began.
    after_s: f64,
    #[serde(flatten)]
    news: &'a News,
}

impl Watch {
    pub(super) async fn run(&self) -> Result<Exit, Failure> {
        let source = self.which.source().await?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Failure::missing)?;
        tokio::select! {
            ended = watch(&self.which, &source, self.json) => ended,
            _ = tokio::signal::ctrl_c() => Ok(Exit::Done),
            _ = terminate.recv() => Ok(Exit::Done),
        }
    }
}

async fn watch(which: &Which, source: &Source, json: bool) -> Result<Exit, Failure> {
    let begun = Instant::now();
    let mut changes = source.changes().await;
    let mut numbering = Numbering::default();
    let mut before = which.tree(source).await?;
    let mut then = numbering.number(&before);
    note(format_args!("watching {} nodes; interrupt to end it", before.len()));
    loop {
        // What nobody tells, and what nobody can tell any more, is looked for all the same.
        let _ = timeout(LOOK_AGAIN, changes.next()).await;
        sleep(TOGETHER).await;
        let after = which.tree(source).await?;
        let now = numbering.number(&after);
        let elapsed = begun.elapsed().as_secs_f64();
        let told = news(
            Numbered { tree: &before, numbers: &then },
            Numbered { tree: &after, numbers: &now },
        );
        for one in told {
            let line = if json {
                let told = Told { after_s: elapsed, news: &one };
                escaped(&serde_json::to_string(&told).expect("names and numbers"))
            } else {
                format!("{elapsed:>7.1} s  {}", harmless(&one.to_string()))
            };
            if writeln!(io::stdout(), "{line}").is_err() {
                // Nobody reads any more.
                return Ok(Exit::Done);
            }
        }
        (before, then) = (after, now);
    }
}
