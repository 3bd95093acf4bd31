//! `deskbound demo`: from nothing to a task done and checked, in one command.
//!
//! A supervisor: it installs and builds, which needs the network, and so it may not touch weights
//! or journals. The run itself is a process of its own, which confines itself. Whether the
//! task was done is decided here, by reading the files that the run took out of the desktop.

mod task;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::failure::{Exit, Failure};
use crate::models::Models;
use crate::terminal::{note, say};
use crate::verb::Setting;
use crate::verb::ours::{Seat, ours};
use crate::verb::watch::is_terminal;
use clap::Args;
use deskbound_host::{Purpose, install, missing};

/// For the run, on a machine that emulates and is busy with something else.
const RUN_LIMIT_S: u32 = 900;

#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// The desktop to build and use.
    #[arg(long, default_value = "minimal")]
    recipe: String,
    /// Which models decide: trained, shuffled:SEED or rules.
    #[arg(long, default_value_t = Models::Trained)]
    models: Models,
    /// One line a step, and nothing that moves.
    #[arg(long)]
    plain: bool,
}

impl Demo {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let started = Instant::now();
        note("1/4 what this needs from Debian");
        install(&missing(Purpose::Run), &mut |progress| note(format_args!("    {progress}")))?;
        note("2/4 a desktop");
        let built = ours(&["vm", "build", "--recipe", &self.recipe], Seat::Aside).await?;
        if built != Exit::Done {
            return Ok(built);
        }
        note(format_args!("3/4 the task: {}", task::INSTRUCTION));
        let desk = Desk::make(&setting.folders.cache).map_err(Failure::missing)?;
        let ran = self.try_once(&desk).await?;
        if ran == Exit::Interrupted {
            return Ok(ran);
        }
        note("4/4 the check: the files, as they were taken out of the desktop");
        let found = task::found(&desk.given, &desk.taken);
        for (what, holds) in &found {
            note(format_args!("    {} {what}", if *holds { "yes:" } else { "NO:" }));
        }
        let is_right = found.iter().all(|(_, holds)| *holds);
        match ran {
            Exit::Done if is_right => {
                let took = started.elapsed().as_secs();
                say(format_args!("all of it was done, and nothing left this desk: {took} s"));
                Ok(Exit::Done)
            }
            Exit::Done => Err(Failure::new(Exit::Failed, "the task was not done")),
            other => Ok(other),
        }
    }

    async fn try_once(&self, desk: &Desk) -> Result<Exit, Failure> {
        let models = self.models.to_string();
        let words = ["run", task::INSTRUCTION, "--recipe", &self.recipe, "--models", &models];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        words.extend(task::lay_out(&desk.given).map_err(Failure::missing)?);
        words.extend(task::look());
        words.extend(["--into".to_owned(), desk.taken.display().to_string()]);
        words.extend(["--max-time".to_owned(), RUN_LIMIT_S.to_string()]);
        if self.plain {
            words.push("--plain".to_owned());
        }
        let seat = if is_terminal() && !self.plain { Seat::Terminal } else { Seat::Aside };
        ours(&words, seat).await
    }
}

/// What goes into the desktop and what comes out of it; gone with the demo.
struct Desk {
    folder: PathBuf,
    given: PathBuf,
    taken: PathBuf,
}

impl Desk {
    fn make(cache: &Path) -> io::Result<Self> {
        let folder = cache.join(format!("demo-{}", std::process::id()));
        let (given, taken) = (folder.join("given"), folder.join("taken"));
        fs::create_dir_all(&given)?;
        fs::create_dir_all(&taken)?;
        Ok(Self { folder, given, taken })
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // What is left over lies in the cache.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
