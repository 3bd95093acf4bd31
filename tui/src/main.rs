//! The `deskbound` command.
//!
//! `main` parses the arguments, puts on the confinement of the verb, and only then starts a
//! thread. What a verb does is in its own file under [`verb`]; whether it may use the network is
//! in one table, [`reach`]; what a failure looks like is in [`failure`].
//!
//! Everything that was read on a desktop goes through `sanitize` before it is printed.

mod config;
mod dashboard;
mod failure;
mod models;
mod reach;
mod signal;
mod terminal;
mod tree;
mod typed;
mod verb;

use std::io::{self, IsTerminal as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;

use clap::{CommandFactory as _, FromArgMatches as _};
use deskbound_agent::confine::{Confinement, FileCage, Folders};

use deskbound_models::engine::set_threads;

use crate::config::Config;
use crate::dashboard::keymap::Keymap;
use crate::failure::{Exit, Failure};
use crate::reach::{Reach, reach};
use crate::verb::{Cli, Setting, Verb};

fn main() -> ExitCode {
    let (matches, keymap) = match command() {
        Ok((command, keymap)) => (command.get_matches(), keymap),
        Err(failure) => {
            terminal::note(&failure);
            return failure.exit.into();
        }
    };
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    if cli.verb.is_none() && !interactive {
        let _ = Cli::command().print_help();
        return Exit::Usage.into();
    }
    let verb = cli.verb.as_ref();
    // The first screen's supervisor starts verbs of both kinds; what it shows, a confined one does.
    let reach = if verb.is_none() { Reach::Online } else { reach(&matches) };
    let exit = match catch_unwind(AssertUnwindSafe(|| start(verb, reach, keymap))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            terminal::note(&failure);
            failure.exit
        }
        // The panic hook has said where.
        Err(_) => Exit::Bug,
    };
    exit.into()
}

/// What can be typed, with what the user has settled. Where there is no home there is no such file.
fn command() -> Result<(clap::Command, Keymap), Failure> {
    let Ok(folders) = Folders::of_user() else { return Ok((Cli::command(), Keymap::default())) };
    let config = Config::read(&folders.config)?;
    Ok((config.apply(Cli::command()), config.keymap().clone()))
}

/// Without a verb, the first screen.
fn start(verb: Option<&Verb>, reach: Reach, keymap: Keymap) -> Result<Exit, Failure> {
    let folders = Folders::of_user().map_err(Failure::missing)?;
    let launcher = verb.map_or(Ok(None), Verb::launcher).map_err(Failure::missing)?;
    let aside = verb.map_or(Ok(None), Verb::aside).map_err(Failure::missing)?;
    let confined = match reach {
        Reach::Online => None,
        Reach::Confined => {
            let mut confinement = Confinement::of(&folders);
            for folder in verb.map(Verb::writes).unwrap_or_default() {
                confinement = confinement.and_writable(folder);
            }
            let on = confinement.put_on().map_err(Failure::missing)?;
            if on.files != FileCage::Whole {
                terminal::note(
                    "note: this kernel guards files only in part; see `deskbound doctor`",
                );
            }
            Some(on)
        }
    };
    let threads = verb.and_then(Verb::threads).map(usize::from);
    set_threads(threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::missing)?;
    let setting =
        Setting { folders, confined, launcher, keymap: Arc::new(keymap), aside: Mutex::new(aside) };
    runtime.block_on(async {
        match verb {
            Some(verb) => verb.run(&setting).await,
            None => verb::first::run(&setting).await,
        }
    })
}
