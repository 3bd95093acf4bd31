//! `deskbound a11y watch`: what changes, as it changes.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use deskbound_accessibility::{Numbered, Numbering, news};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use super::Which;
use super::source::Source;
use crate::failure::{Exit, Failure};
use crate::terminal::{harmless, note};

/// At the latest, after a change that nobody has told us.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// What belongs to one change comes in several pieces.
const TOGETHER: Duration = Duration::from_millis(60);

pub(super) async fn run(which: &Which) -> Result<Exit, Failure> {
    let source = which.source().await?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::missing)?;
    tokio::select! {
        ended = watch(which, &source) => ended,
        _ = tokio::signal::ctrl_c() => Ok(Exit::Done),
        _ = terminate.recv() => Ok(Exit::Done),
    }
}

async fn watch(which: &Which, source: &Source) -> Result<Exit, Failure> {
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
            let line = harmless(&one.to_string());
            if writeln!(io::stdout(), "{elapsed:>7.1} s  {line}").is_err() {
                // Nobody reads any more.
                return Ok(Exit::Done);
            }
        }
        (before, then) = (after, now);
    }
}
