//! `deskbound eval watch`: how far a run of a suite is, by its folder alone, while it goes on here or
//! anywhere else, and each sample down to its record.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use clap::Args;
use deskbound_agent::journal::JOURNAL;
use deskbound_agent::stop::Stop;
use deskbound_eval::{Progress, Watch};
use tokio::task::{block_in_place, spawn_blocking};

use super::kept;
use crate::dashboard::doorway::Doorway;
use crate::dashboard::home::Choice;
use crate::dashboard::stage::{self, Curtain};
use crate::dashboard::suite::SuiteView;
use crate::dashboard::{Event, Tense};
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::terminal::{harmless, say};
use crate::verb::Setting;
use crate::verb::looks::Looks;
use crate::verb::watch::{is_terminal, view};

/// Between two looks at a folder, which may be on the disk of another machine.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Between two looks whether the view is still there.
const POLL: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
pub(crate) struct Follow {
    /// A run, by its name, or the folder of a plan; the newest of this machine where none is given.
    run: Option<PathBuf>,
    /// A line for each sample that ends, until all have a result; also where this is no terminal.
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    looks: Looks,
}

impl Follow {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let folder = match &self.run {
            Some(run) => kept::found(setting, run),
            None => newest(&kept::folder(setting))?,
        };
        let mut watch = Watch::open(&folder).map_err(kept::unnamed)?;
        if self.plain || !is_terminal() {
            let stop = Stop::default();
            signal::pass_on(&stop).map_err(Failure::missing)?;
            return block_in_place(|| lines(watch, &stop));
        }
        // What ends the view of a record ends this one, too.
        let curtain = Curtain::default();
        signal::draw(&curtain).map_err(Failure::missing)?;
        let mut suite = SuiteView::new(self.looks.face(setting));
        loop {
            let chosen;
            (suite, chosen) = shown(suite, watch, curtain.clone()).await?;
            let Some(Choice::Watch { folder: record, .. }) = chosen else { return Ok(Exit::Done) };
            let record = PathBuf::from(record);
            match record.join(JOURNAL).is_file() {
                true => view(record, Tense::Past, None, self.looks.face(setting)).await?,
                false => {
                    let away = format!("its record is not on this machine: {}", record.display());
                    suite.notice = Some(away);
                }
            }
            watch = Watch::open(&folder).map_err(kept::unnamed)?;
        }
    }
}

/// The view until it is left, as it was then, and the record that it was left for.
async fn shown(
    mut suite: SuiteView,
    watch: Watch,
    curtain: Curtain,
) -> Result<(SuiteView, Option<Choice>), Failure> {
    let over = Arc::<AtomicBool>::default();
    let ended = Arc::clone(&over);
    let shown = spawn_blocking(move || {
        let chosen = stage::open_suite(&mut suite, &curtain, |doorway| {
            thread::spawn(move || measure(watch, &doorway, &ended));
        });
        (suite, chosen)
    });
    let shown = shown.await;
    over.store(true, Ordering::SeqCst);
    let (suite, chosen) = shown.map_err(|error| Failure::new(Exit::Bug, error))?;
    Ok((suite, chosen.map_err(Failure::missing)?))
}

/// The plan that something was added to last.
fn newest(folder: &Path) -> Result<PathBuf, Failure> {
    let changed = |folder: &Path| {
        let parts = ["plan.json", "results", "broken"].map(|part| folder.join(part));
        let times = parts.iter().filter_map(|part| fs::metadata(part).ok()?.modified().ok());
        times.max().filter(|_| folder.join("plan.json").exists())
    };
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    let newest = found.filter_map(|entry| Some((changed(&entry.path())?, entry.path()))).max();
    newest.map(|(_, folder)| folder).ok_or_else(|| {
        Failure::usage("there is no evaluation on this machine yet")
            .hint("`deskbound eval run SUITE` makes one; the folder of any other can be named")
    })
}

/// Looks until nobody wants to know any more.
fn measure(mut watch: Watch, doorway: &Doorway, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        let event = match watch.look() {
            Ok(progress) => Event::Measured(Box::new(progress)),
            Err(error) => Event::Broken(error.to_string()),
        };
        if !doorway.hand_in_if_free(event) {
            return;
        }
        rest(|| over.load(Ordering::SeqCst));
    }
}

fn rest(is_over: impl Fn() -> bool) {
    let mut rested = Duration::ZERO;
    while rested < LOOK_EVERY && !is_over() {
        thread::sleep(POLL);
        rested += POLL;
    }
}

fn lines(mut watch: Watch, stop: &Stop) -> Result<Exit, Failure> {
    let mut told: Option<usize> = None;
    loop {
        let progress = watch.look().map_err(Failure::missing)?;
        if told != Some(progress.done) {
            let new = progress.done - told.unwrap_or(progress.done).min(progress.done);
            tell(&progress, new);
            told = Some(progress.done);
        }
        if progress.done >= progress.planned {
            return Ok(Exit::Done);
        }
        rest(|| stop.is_asked());
        if stop.is_asked() {
            return Ok(Exit::Interrupted);
        }
    }
}

/// The newest come first in a progress, and are told last. Of very many at once some are left out.
fn tell(progress: &Progress, new: usize) {
    for newest in progress.newest.iter().take(new).rev() {
        let (id, host) = (harmless(&newest.id), harmless(&newest.host));
        say(format_args!("{id:<34} {} ({} s) {host}", newest.status, newest.seconds));
    }
    say(progress.line());
}
