//! What can be typed. One file per verb.

pub(crate) mod a11y;
mod attach;
mod config;
mod demo;
mod doctor;
mod eval;
pub(crate) mod first;
mod home;
mod launcher;
mod looks;
mod manual;
pub(crate) mod models;
mod ours;
mod policy;
mod replay;
pub(crate) mod run;
mod runs;
pub(crate) mod serve;
mod status;
mod tell;
mod vm;
mod watch;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::{Parser, Subcommand};
use deskbound_agent::confine::{Confined, Folders};
use deskbound_agent::launcher::Launcher;
use deskbound_agent::policy::{Policy, Surface};

use crate::dashboard::keymap::Keymap;
use crate::failure::{Exit, Failure};

/// The desktop agent that never leaves your desk.
#[derive(Debug, Parser)]
#[command(name = "deskbound", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// None on a terminal is the first screen.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Install what is missing, build a desktop, do one thing on it, and check that it was done.
    Demo(demo::Demo),
    /// Do what an instruction says, on a fresh disposable desktop.
    Run(run::Run),
    /// Give a desktop to another program's model, by the Model Context Protocol.
    Serve(serve::Serve),
    /// Watch and steer a run that goes on.
    Attach(attach::Attach),
    /// Say what runs are doing.
    Status(status::Status),
    /// Tell a run something: pause, step, resume, an answer, stop.
    Tell(tell::Tell),
    /// Look at a run again, step by step.
    Replay(replay::Replay),
    /// Say what this machine has, lacks, and guards.
    Doctor(doctor::Doctor),
    /// Build desktops, and look into them.
    Vm(vm::Vm),
    /// What applications show to the accessibility bus.
    #[command(subcommand)]
    A11y(a11y::A11y),
    /// Weights: which are here, and whether they are the right ones.
    #[command(subcommand)]
    Models(models::Models),
    /// Measure how well the agent does.
    #[command(subcommand)]
    Eval(eval::Eval),
    /// What runs are allowed to do.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// What is settled for all runs, and where.
    #[command(subcommand)]
    Config(config::Config),
    /// The records of what was done.
    #[command(subcommand)]
    Runs(runs::Runs),
    /// Print what makes a shell complete these words.
    Completions(manual::Completions),
    /// Write the manual's pages.
    Man(manual::Man),
    /// The first screen itself.
    #[command(hide = true)]
    Home(home::Home),
    /// Starts applications for a run on the user's own desktop.
    #[command(hide = true)]
    Launcher,
    /// Tries sockets for the doctor, under whatever it was started under.
    #[command(hide = true)]
    Probe,
}

const EXAMPLES: &str = "\
Examples:
  deskbound                                        the first screen: start, attach, replay
  deskbound demo                                   from nothing to a task done and checked
  deskbound run 'Make a folder called Invoices'    one instruction, on a fresh desktop
  deskbound attach last                            watch and steer the run that goes on
  deskbound tell last pause                        one word to it, from a script
  deskbound replay last                            the last run again, step by step
  deskbound doctor                                 what this machine has, lacks and guards
  deskbound completions bash > ~/.local/share/bash-completion/completions/deskbound";

/// What every verb is told.
pub(crate) struct Setting {
    pub(crate) folders: Folders,
    /// `None` for an online verb.
    pub(crate) confined: Option<Confined>,
    /// For a run on the user's own desktop.
    pub(crate) launcher: Option<Launcher>,
    /// The keys of the dashboard.
    pub(crate) keymap: Arc<Keymap>,
    /// The run that was started for a view.
    pub(crate) aside: Mutex<Option<watch::Aside>>,
}

impl Setting {
    /// The policy in that file, else the user's own, else none but the surface's.
    pub(crate) fn policy(&self, named: Option<&Path>, surface: Surface) -> Result<Policy, Failure> {
        let usual = self.folders.config.join("policy.toml");
        let file = named.or_else(|| usual.exists().then_some(&*usual));
        let read = file.map_or(Ok(Policy::of(surface)), |file| Policy::read(file, surface));
        read.map_err(|error| {
            Failure::usage(error).hint("`deskbound policy lint FILE` checks a policy")
        })
    }
}

impl Verb {
    /// Folders outside our own that this verb has to write, because the user named them.
    pub(crate) fn writes(&self) -> Vec<PathBuf> {
        let named = match self {
            Self::Run(run) => run.writes(),
            Self::Vm(vm) => vm.writes(),
            Self::Runs(runs) => runs.writes(),
            Self::Serve(serve) => serve.writes(),
            Self::Man(man) => Some(man.writes()),
            Self::Models(models) => models.writes(),
            Self::Eval(eval) => return eval.writes(),
            _ => None,
        };
        named.into_iter().collect()
    }

    /// How many threads models are to compute with, where somebody says.
    pub(crate) fn threads(&self) -> Option<u16> {
        match self {
            Self::Run(run) => run.threads(),
            _ => None,
        }
    }

    /// What this verb needs from before the confinement.
    pub(crate) fn launcher(&self) -> io::Result<Option<Launcher>> {
        match self {
            Self::Run(run) => run.launcher(),
            Self::Serve(serve) => serve.launcher(),
            _ => Ok(None),
        }
    }

    /// A run that is to be watched confines itself, so it is started from outside of ours.
    pub(crate) fn aside(&self) -> io::Result<Option<watch::Aside>> {
        match self {
            Self::Run(run) if run.is_watched() => watch::Aside::start().map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        match self {
            Self::Demo(verb) => verb.run(setting).await,
            Self::Run(verb) => verb.run(setting).await,
            Self::Serve(verb) => verb.run(setting).await,
            Self::Attach(verb) => verb.run(setting).await,
            Self::Status(verb) => verb.run(setting).await,
            Self::Tell(verb) => verb.run(setting).await,
            Self::Replay(verb) => verb.run(setting).await,
            Self::Doctor(verb) => verb.run(setting).await,
            Self::Vm(verb) => verb.run().await,
            Self::A11y(verb) => verb.run().await,
            Self::Models(verb) => verb.run(setting).await,
            Self::Eval(verb) => verb.run(setting).await,
            Self::Policy(verb) => verb.run(setting),
            Self::Runs(verb) => verb.run(setting).await,
            Self::Home(verb) => verb.run(setting).await,
            Self::Launcher => launcher::run(),
            Self::Probe => doctor::probe(),
            Self::Config(config) => config.run(setting),
            Self::Completions(verb) => Ok(verb.run()),
            Self::Man(verb) => verb.run(),
        }
    }
}
