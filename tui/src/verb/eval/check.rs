//! `deskbound eval check`: is a suite one that measures anything?

use std::sync::{Mutex, PoisonError};

use clap::Args;
use deskbound_eval::{Bench, Clones, Nobody, PrivateServers, Suite, Task, Trial, try_task};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use super::bench::{Place, mode};
use super::broken;
use super::run::jobs;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, note, say};

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Its name, such as desk, or the folder of one.
    suite: String,
    /// What its tasks are tried on.
    #[arg(long, value_enum, default_value_t = Place::Vm)]
    desktop: Place,
    /// A virtual desktop in place of the tasks' own.
    #[arg(long)]
    recipe: Option<String>,
    /// Only tasks with this in their name, or of this family or tag.
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
    /// Tasks at the same time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = jobs)]
    jobs: usize,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) async fn run(&self) -> Result<Exit, Failure> {
        let suite = Suite::named(&self.suite).map_err(broken)?;
        let trials = match self.desktop {
            Place::Vm => self.all(&suite, &Clones { decides: Nobody, mode: mode().await? }),
            Place::X11 => self.all(&suite, &PrivateServers(Nobody)),
        };
        if trials.is_empty() {
            return Err(Failure::usage("no task of the suite is called so"));
        }
        let is_broken = trials.iter().any(|trial| trial.broken.is_some());
        let sound = trials.iter().filter(|trial| trial.is_sound()).count();
        if self.json {
            let trials = serde_json::to_string_pretty(&trials).expect("trials are plain data");
            say(escaped(&trials));
        } else {
            say(format_args!("{sound} of {} tasks are sound", trials.len()));
        }
        Ok(match trials.len() - sound {
            0 => Exit::Done,
            _ if is_broken => Exit::Missing,
            _ => Exit::Failed,
        })
    }

    /// Each task by itself, in the order of the suite however they come.
    fn all(&self, suite: &Suite, bench: &impl Bench) -> Vec<Trial> {
        let fits = |task: &&Task| self.only.as_ref().is_none_or(|only| task.answers_to(only));
        let open = suite.tasks.iter().filter(fits).enumerate();
        let (open, trials) = (Mutex::new(open), Mutex::new(Vec::new()));
        let here = Handle::current();
        let work = || {
            loop {
                let next = open.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((at, task)) = next else { return };
                let trial = here.block_on(try_task(bench, self.recipe.as_deref(), task));
                tell(&trial);
                trials.lock().unwrap_or_else(PoisonError::into_inner).push((at, trial));
            }
        };
        block_in_place(|| {
            std::thread::scope(|scope| {
                for _ in 0..self.jobs.min(suite.tasks.len()) {
                    scope.spawn(work);
                }
            });
        });
        let mut trials = trials.into_inner().unwrap_or_else(PoisonError::into_inner);
        trials.sort_by_key(|(at, _)| *at);
        trials.into_iter().map(|(_, trial)| trial).collect()
    }
}

fn tell(trial: &Trial) {
    let word = match trial {
        Trial { broken: Some(_), .. } => "the desktop failed it",
        trial if trial.is_sound() => "sound",
        _ => "WRONG",
    };
    note(format_args!("{:<30} {word}", trial.task));
    for fault in trial.faults.iter().chain(&trial.broken) {
        note(format_args!("    {}", harmless(fault)));
    }
}
