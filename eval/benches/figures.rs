//! The figures `eval.*`: what a sample costs beside what the agent does, on private X servers.
//!
//! `cargo bench -p deskbound-eval`, and `-- --json` for one object a line. A task with a screen is
//! solved by its own script in place of an agent, so that the same is done in every round.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use deskbound_agent::stop::Stop;
use deskbound_eval::{
    Conditions, Extent, Nobody, Outcome, Plan, PrivateServers, Solver, Store, Suite, Times, Work,
};
use deskbound_figures::{Aim, Figure, Figures, ROUNDS};

const TASK: &str = "text-write-note";

/// From one sample to the next: a fresh desktop, laid out.
const RESET: Figure = Figure { id: "eval.reset_ms", unit: "ms", aim: Aim::AtMost(2000.0) };
/// Of the time of a sample, the reset aside: all but the run.
const OVERHEAD: Figure = Figure { id: "eval.overhead", unit: "ratio", aim: Aim::AtMost(0.05) };

fn main() {
    let mut figures = Figures::from_args();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("a runtime starts");
    let _entered = runtime.enter();
    let folder = tempfile::tempdir().expect("a folder");
    let samples = measured(folder.path());
    let rounds = samples.len();
    if rounds == 0 {
        for figure in [RESET, OVERHEAD] {
            figures.missing(figure, "no private X server starts here");
        }
        return;
    }
    let mut each = samples.iter();
    figures.absolute(RESET, rounds, || {
        let (times, _) = each.next().expect("a sample a round");
        millis(times.reset_ms)
    });
    let mut each = samples.iter();
    figures.absolute(OVERHEAD, rounds, || {
        let (times, whole) = each.next().expect("a sample a round");
        let rest = whole.as_secs_f64() * 1e3 - millis(times.reset_ms);
        (rest - millis(times.run_ms)) / rest
    });
}

/// The times of each sample, and how long it took in all.
fn measured(folder: &Path) -> Vec<(Times, Duration)> {
    let suite = Suite::named("desk").expect("it is shipped");
    let conditions = Conditions {
        suite: suite.name.clone(),
        suite_digest: suite.digest.clone(),
        program: String::new(),
        solver: Solver::Oracle,
        models: String::new(),
        weights: Default::default(),
        images: Default::default(),
        desktop: "x11".to_owned(),
        recipe: None,
        sight: Default::default(),
        seed: 0,
        label: String::new(),
    };
    let epochs = u32::try_from(ROUNDS).expect("a few");
    let extent = Extent { epochs, only: Some(TASK.to_owned()), ..Extent::default() };
    let plan = Plan::new(&suite, conditions, &extent).expect("the task is shipped");
    let store = Store::make(folder, &plan).expect("a folder");
    let samples = Mutex::new((Instant::now(), Vec::new()));
    let told = |outcome: &Outcome| {
        let mut samples = samples.lock().expect("nobody panicked");
        let whole = samples.0.elapsed();
        samples.0 = Instant::now();
        if outcome.partial == 1.0 {
            samples.1.push((outcome.times, whole));
        }
    };
    let work = Work {
        suite: &suite,
        conditions: &plan.conditions,
        store: &store,
        bench: &PrivateServers(Nobody),
        runs: folder.join("runs"),
        jobs: 1,
        stop: Stop::default(),
        until: None,
        told: &told,
    };
    work.through(plan.items.clone()).expect("results can be kept");
    samples.into_inner().expect("nobody panicked").1
}

fn millis(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64() * 1e3
}
