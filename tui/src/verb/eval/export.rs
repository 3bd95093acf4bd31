//! `deskbound eval export` and `deskbound eval emit`: for other programs, on standard output.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use deskbound_eval::{
    Kubernetes, Pictures, Report, Shell, Slurm, Store, csv, html, inspect, jsonl, kubernetes,
    open_shards, shell, slurm,
};

use super::kept::read;
use crate::failure::{Exit, Failure};
use crate::terminal::{note, say};
use crate::verb::Setting;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One sample a line.
    Jsonl,
    Csv,
    /// The log of inspect_ai, for its viewer: name the file with the ending .eval.
    Inspect,
    /// One page that needs nothing else.
    Html,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// A run, by its name or its folder.
    run: PathBuf,
    #[arg(long = "as", value_enum)]
    form: Form,
    /// With what was seen, on the page.
    #[arg(long)]
    pictures: bool,
}

impl Export {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (held, folder) = read(setting, &self.run)?;
        let bytes = match self.form {
            Form::Jsonl => jsonl(&held.outcomes(), &held.untried()).into_bytes(),
            Form::Csv => csv(&held.outcomes(), &held.untried()).into_bytes(),
            Form::Inspect => inspect(&held.plan, &held.outcomes()).map_err(Failure::missing)?,
            Form::Html => {
                let pictures = if self.pictures { Pictures::Shown } else { Pictures::Left };
                html(&Report::of(&held, folder), pictures).into_bytes()
            }
        };
        let open = held.open().len();
        if open > 0 {
            note(format_args!("note: the run is PARTIAL, {open} samples are open"));
        }
        if io::stdout().is_terminal() {
            let error = "this is for a file, not for a terminal";
            return Err(Failure::usage(error).hint("add `> FILE`"));
        }
        io::stdout().write_all(&bytes).map_err(Failure::missing)?;
        Ok(Exit::Done)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Emit {
    /// A script for sbatch, with the shards that are still open.
    Slurm(EmitSlurm),
    /// A script for one machine or, with GNU parallel, for as many as it is told of.
    Shell(EmitShell),
    /// A job of Kubernetes with an index for every shard that is open.
    Kubernetes(EmitKubernetes),
    /// The numbers of the shards that are still open, one a line, for any other scheduler.
    List(EmitList),
}

#[derive(Debug, Args)]
pub(crate) struct EmitSlurm {
    /// The folder of the plan, on a path that every node has.
    folder: PathBuf,
    /// Shards at the same time.
    #[arg(long, value_name = "N")]
    at_once: Option<u32>,
    /// Of one shard; one that is cut off goes on where it was.
    #[arg(long, value_name = "N", default_value_t = 120)]
    minutes: u32,
    #[arg(long, value_name = "N", default_value_t = 2)]
    cpus: u32,
    #[arg(long, value_name = "MIB", default_value_t = 3072)]
    memory: u32,
    /// A folder on a disk of each node, to which weights and desktops are brought first.
    #[arg(long, value_name = "FOLDER")]
    scratch: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EmitShell {
    /// The folder of the plan.
    folder: PathBuf,
    /// Shards at the same time.
    #[arg(long, value_name = "N", default_value_t = 1)]
    at_once: u32,
}

#[derive(Debug, Args)]
pub(crate) struct EmitKubernetes {
    /// The folder of the plan, as it is here.
    folder: PathBuf,
    /// An image of a container with this very program in its path.
    #[arg(long)]
    image: String,
    /// The claim of a volume that has the folder of the plan.
    #[arg(long, value_name = "NAME")]
    claim: String,
    /// Where the folder of the plan is below that volume.
    #[arg(long, value_name = "PATH", default_value = ".")]
    below: PathBuf,
    #[arg(long, value_name = "N", default_value_t = 2)]
    cpus: u32,
    #[arg(long, value_name = "MIB", default_value_t = 3072)]
    memory: u32,
    /// Shards at the same time.
    #[arg(long, value_name = "N", default_value_t = 4)]
    at_once: u32,
}

#[derive(Debug, Args)]
pub(crate) struct EmitList {
    /// The folder of the plan.
    folder: PathBuf,
}

impl Emit {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let folder = match self {
            Self::Slurm(EmitSlurm { folder, .. })
            | Self::Shell(EmitShell { folder, .. })
            | Self::Kubernetes(EmitKubernetes { folder, .. })
            | Self::List(EmitList { folder }) => folder,
        };
        let held = Store::read(folder).map_err(Failure::usage)?;
        let program = env::current_exe().map_err(Failure::missing)?;
        let folder = folder.canonicalize().map_err(Failure::usage)?;
        let script = match self {
            Self::Slurm(asked) => slurm(
                &held,
                &Slurm {
                    program: &program,
                    folder: &folder,
                    at_once: asked.at_once,
                    minutes: asked.minutes,
                    cpus: asked.cpus,
                    memory_mib: asked.memory,
                    scratch: asked.scratch.as_deref(),
                },
            ),
            Self::Shell(asked) => {
                shell(&held, &Shell { program: &program, folder: &folder, at_once: asked.at_once })
            }
            Self::Kubernetes(asked) => kubernetes(
                &held,
                &Kubernetes {
                    image: &asked.image,
                    claim: &asked.claim,
                    below: &asked.below,
                    at_once: asked.at_once,
                    cpus: asked.cpus,
                    memory_mib: asked.memory,
                },
            )
            .map_err(Failure::usage)?,
            Self::List(_) => {
                open_shards(&held.plan, &held).iter().map(|shard| format!("{shard}\n")).collect()
            }
        };
        if !script.is_empty() {
            say(script.trim_end());
        }
        Ok(Exit::Done)
    }
}
