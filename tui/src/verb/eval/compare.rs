//! `deskbound eval compare` and `deskbound eval baseline`: against another run, and against what
//! was kept.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use deskbound_eval::{
    Clause, Compared, Comparison, Conditions, Contrast, Gate, GatePolicy, Held, Verdicts, changes,
    table,
};

use super::kept::read;
use crate::failure::{Exit, Failure};
use crate::terminal::{escaped, harmless, note, say};
use crate::verb::Setting;

/// Neither better nor worse.
const CANNOT_TELL: u8 = 4;

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// A run, by its name or its folder.
    a: PathBuf,
    /// The run that may be better or worse.
    b: PathBuf,
    /// Ask instead whether the second may take the place of the first, if it may be worse by so
    /// many points: GO exits with 0, NO-GO with 1, INCONCLUSIVE with 4.
    #[arg(long, value_name = "POINTS", value_parser = clap::value_parser!(u8).range(0..=100))]
    gate: Option<u8>,
    /// The same by a file that says what must not get worse, and by how much.
    #[arg(long, value_name = "FILE", conflicts_with = "gate")]
    policy: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Compare {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (a, _) = read(setting, &self.a)?;
        let (b, _) = read(setting, &self.b)?;
        let (one, other) = (&a.plan.conditions, &b.plan.conditions);
        if one.suite_digest != other.suite_digest {
            let error = "the two runs are of different suites, or of different texts of one";
            return Err(Failure::usage(error).hint("run both on the suite as it is today"));
        }
        if let Some(policy) = &self.policy {
            let policy = GatePolicy::read(policy).map_err(Failure::usage)?;
            let open = a.open().len() + b.open().len();
            return Ok(self.judged(&policy.judge(&a.outcomes(), &b.outcomes(), open), open));
        }
        let comparison = Comparison::of(&a.outcomes(), &b.outcomes());
        if self.json {
            let text = serde_json::to_string_pretty(&comparison).expect("it is plain data");
            say(escaped(&text));
        } else {
            show(&comparison, (one, other));
        }
        for (run, held) in [(&self.a, &a), (&self.b, &b)] {
            let open = held.open().len();
            if open > 0 {
                note(format_args!("note: {} is PARTIAL, {open} samples are open", run.display()));
            }
        }
        if let Some(points) = self.gate {
            // What is open could have gone either way.
            let is_whole = a.open().is_empty() && b.open().is_empty();
            let gate = match comparison.gate(f64::from(points) / 100.0) {
                Gate::Go if !is_whole => Gate::Inconclusive,
                gate => gate,
            };
            return Ok(through(gate, self.json));
        }
        Ok(match comparison.answer {
            Compared::Better => Exit::Done,
            Compared::Worse => Exit::Failed,
            Compared::CannotTell => Exit::Status(CANNOT_TELL),
        })
    }
}

impl Compare {
    fn judged(&self, verdicts: &Verdicts, open: usize) -> Exit {
        if self.json {
            let text = serde_json::to_string_pretty(verdicts).expect("it is plain data");
            say(escaped(&text));
        } else {
            for Clause { what, held, found } in &verdicts.clauses {
                say(harmless(&format!("{held:<21} {what:<20} {found}")));
            }
        }
        if open > 0 {
            note(format_args!("note: {open} samples are open, which may go either way"));
        }
        through(verdicts.gate, self.json)
    }
}

fn through(gate: Gate, json: bool) -> Exit {
    let (word, exit) = match gate {
        Gate::Go => ("GO", Exit::Done),
        Gate::NoGo => ("NO-GO", Exit::Failed),
        Gate::Inconclusive => ("INCONCLUSIVE", Exit::Status(CANNOT_TELL)),
    };
    // Standard output has JSON alone.
    if json {
        note(word)
    } else {
        say(word)
    }
    exit
}

fn show(comparison: &Comparison, (one, other): (&Conditions, &Conditions)) {
    for (name, a, b) in differing(one, other) {
        say(format_args!("{name:<8}  A {a}   B {b}"));
    }
    let Comparison { tasks, unpaired, a, b, difference, ahead, behind, p, .. } = comparison;
    let (a, b) = (a * 100.0, b * 100.0);
    say(format_args!("{tasks} tasks of both, {unpaired} of one only"));
    say(format_args!("strict   A {a:.0} %   B {b:.0} %   B less A {difference}, 95 % over tasks"));
    say(format_args!(
        "B is ahead in {}, behind in {}; McNemar p = {p:.3}",
        ahead.len(),
        behind.len()
    ));
    let least = comparison.least_detectable * 100.0;
    say(format_args!("a difference of {least:.0} points would be found four times of five"));
    for (word, tasks) in [("ahead", ahead), ("behind", behind)] {
        for task in tasks {
            say(format_args!("  {word:<7} {task}"));
        }
    }
    say(match comparison.answer {
        Compared::Better => "B is better",
        Compared::Worse => "B is worse",
        Compared::CannotTell => "cannot tell",
    });
}

/// What the two were run with that is not the same.
fn differing<'c>(
    a: &'c Conditions,
    b: &'c Conditions,
) -> impl Iterator<Item = (&'static str, String, String)> + 'c {
    let solver = |it: &Conditions| it.solver.to_string();
    let recipe = |it: &Conditions| it.recipe.clone().unwrap_or_else(|| "the tasks'".to_owned());
    let program = |it: &Conditions| it.program.chars().take(12).collect::<String>();
    let images = |it: &Conditions| it.images.values().cloned().collect::<Vec<_>>().join(" ");
    let facts = [
        ("solver", solver(a), solver(b)),
        ("models", a.models.clone(), b.models.clone()),
        ("desktop", a.desktop.clone(), b.desktop.clone()),
        ("recipe", recipe(a), recipe(b)),
        ("program", program(a), program(b)),
        ("sight", a.sight.to_string(), b.sight.to_string()),
        ("seed", a.seed.to_string(), b.seed.to_string()),
        ("label", a.label.clone(), b.label.clone()),
        ("images", images(a), images(b)),
    ];
    facts.into_iter().filter(|(_, a, b)| a != b)
}

#[derive(Debug, Args)]
pub(crate) struct Table {
    /// Runs, by their names or folders; the others are held against the first.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// As a table in Markdown.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// A row a family in place of a row a run.
    #[arg(long, requires = "markdown")]
    families: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl Table {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let held = self.runs.iter().map(|run| read(setting, run).map(|(held, _)| held));
        let held = held.collect::<Result<Vec<Held>, Failure>>()?;
        let contrast = Contrast::of(&held);
        if self.json {
            let text = serde_json::to_string_pretty(&contrast).expect("it is plain data");
            say(escaped(&text));
        } else if self.families {
            say(contrast.families().trim_end());
        } else if self.markdown {
            say(contrast.markdown().trim_end());
        } else {
            say(&contrast);
        }
        Ok(Exit::Done)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Baseline {
    /// A run, by its name or its folder.
    run: PathBuf,
    /// Say what has changed since this table was kept, and fail where anything has.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
}

impl Baseline {
    pub(crate) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let (held, _) = read(setting, &self.run)?;
        let outcomes = held.outcomes();
        let Some(file) = &self.against else {
            say(table(&outcomes).trim_end());
            return Ok(Exit::Done);
        };
        let kept = fs::read_to_string(file).map_err(Failure::usage)?;
        let changes = changes(&kept, &outcomes).map_err(Failure::usage)?;
        for change in &changes {
            let told = |row: Option<(usize, usize)>| {
                row.map_or("none".to_owned(), |(passed, of)| format!("{passed} of {of}"))
            };
            let sign = if change.is_gain() { '+' } else { '-' };
            let (was, is) = (told(change.was), told(change.is));
            say(format_args!("{sign} {:<34} {was} → {is}", change.task));
        }
        Ok(if changes.is_empty() { Exit::Done } else { Exit::Failed })
    }
}
