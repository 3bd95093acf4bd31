//! `deskbound eval`: measure how well the agent does.

use clap::{Args, Subcommand};
use deskbound_agent::desktop::DesktopError;
use deskbound_agent::limits::Limits;
use deskbound_agent::run::Roles;
use deskbound_agent::stop::Stop;
use deskbound_agent::vm::VmDesktop;
use deskbound_eval::{Bench, EvalError, Outcome, Plan, Report, Suite, SuiteError, run_suite};

use crate::failure::{Exit, Failure};
use crate::models::Models;
use crate::signal;
use crate::terminal::{escaped, note, say};
use crate::verb::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// The suites there are, and their samples.
    List,
    /// Take every sample of a suite to a fresh desktop.
    Run(Run),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Its name, such as first-steps.
    suite: String,
    /// Which models decide: trained, shuffled:SEED or rules.
    #[arg(long, default_value_t = Models::Trained)]
    models: Models,
    /// The desktop to run on.
    #[arg(long, default_value = "minimal")]
    recipe: String,
    /// The report as JSON on standard output.
    #[arg(long)]
    json: bool,
}

impl Eval {
    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        match self {
            Self::List => {
                for name in deskbound_eval::names() {
                    let suite = Suite::named(name).map_err(broken)?;
                    say(name);
                    suite.samples().for_each(|(id, sample)| {
                        say(format_args!("  {id:<26} {}", sample.instruction));
                    });
                }
                Ok(Exit::Done)
            }
            Self::Run(run) => run.run(setting).await,
        }
    }
}

impl Run {
    async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let plan = Plan {
            suite: Suite::named(&self.suite).map_err(broken)?,
            models: self.models.to_string(),
            limits: Limits::default(),
            results: setting.folders.state.join("evals"),
            runs: setting.folders.runs(),
            stop,
        };
        // A bench that cannot be set up at all is said once, not once a sample.
        let mut bench = Disposable { models: self.models, recipe: self.recipe.clone() };
        bench.models.load().map_err(Failure::missing)?;
        let report = match run_suite(&plan, &mut bench, &mut tell).await {
            Err(EvalError::Stopped { done, planned }) => {
                note(format_args!("stopped after {done} of {planned} samples"));
                return Ok(Exit::Interrupted);
            }
            report => report.map_err(Failure::missing)?,
        };
        self.show(&report);
        Ok(if report.all_passed() { Exit::Done } else { Exit::Failed })
    }

    fn show(&self, report: &Report) {
        if self.json {
            let report = serde_json::to_string_pretty(report).expect("a report is plain data");
            say(escaped(&report));
        } else {
            say(report);
            say(format_args!("results: {}", report.folder.display()));
        }
    }
}

fn tell(outcome: &Outcome) {
    let Outcome { sample, status, times, .. } = outcome;
    note(format_args!("{sample:<26} {status} ({:.1} s)", times.run.as_secs_f64()));
}

fn broken(error: SuiteError) -> Failure {
    match error {
        SuiteError::Unknown { .. } => Failure::usage(error),
        _ => Failure::missing(error),
    }
}

/// A clone for every sample.
struct Disposable {
    models: Models,
    recipe: String,
}

impl Bench for Disposable {
    type Desktop = VmDesktop;

    async fn desktop(&mut self) -> Result<VmDesktop, DesktopError> {
        VmDesktop::start(&self.recipe).await
    }

    fn name(&self) -> String {
        format!("vm:{}", self.recipe)
    }

    fn roles(&mut self) -> Result<Roles, String> {
        self.models.load().map_err(|error| error.to_string())
    }
}
