//! What breaks while the agent is at it, and whose failure that is.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use deskbound_agent::stop::Stop;
use deskbound_agent::{Actor, Context, Decision, ModelError, Move};
use deskbound_eval::{Ended, Outcome, Solver, Status, Store, Work};

use crate::folder::{Folders, Screen};
use crate::resuming::planned;

/// Says at once that all is done.
struct Done;

impl Actor for Done {
    fn decide(&mut self, _context: &Context<'_>) -> Result<Decision, ModelError> {
        Ok(Decision::new(Move::Done, 1.0, String::new()))
    }
}

/// Cannot answer.
struct Broken;

impl Actor for Broken {
    fn decide(&mut self, _context: &Context<'_>) -> Result<Decision, ModelError> {
        Err(ModelError::TooLong { what: "words", found: 2, limit: 1 })
    }
}

/// One sample, and all that was kept of it.
fn tried(bench: &Folders, folder: &Path, runs: &Path) -> (Ended, Vec<Outcome>, Store) {
    let (suite, plan) = planned(Solver::Models, 1);
    let store = Store::make(folder, &plan).expect("a folder");
    let told = Mutex::new(Vec::new());
    let work = Work {
        suite: &suite,
        conditions: &plan.conditions,
        store: &store,
        bench,
        runs: runs.to_owned(),
        jobs: 1,
        stop: Stop::default(),
        until: None,
        told: &|outcome: &Outcome| told.lock().expect("nobody panicked").push(outcome.clone()),
    };
    let ended = tokio::task::block_in_place(|| work.through(plan.items[..1].to_vec()));
    let told = std::mem::take(&mut *told.lock().expect("nobody panicked"));
    (ended.expect("results can be kept"), told, store.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machines_failures_and_the_agents_are_kept_apart() {
    for (actor, screen, journal, expected) in [
        (done as fn() -> Box<dyn Actor>, Screen::Empty, true, Status::Fail),
        (broken, Screen::Empty, true, Status::AgentError),
        // Commands still run, and the checks could be looked at.
        (done, Screen::Gone, true, Status::InfrastructureError),
        (broken, Screen::Gone, true, Status::InfrastructureError),
        // Nothing can be written.
        (done, Screen::Empty, false, Status::InfrastructureError),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let runs = folder.path().join("runs");
        if !journal {
            fs::write(&runs, "in the way").expect("a file");
        }
        let bench = Folders { actor: Some(actor), screen, ..Folders::default() };
        let (_, told, store) = tried(&bench, folder.path(), &runs);
        let what = format!("{screen:?} {journal}: {told:#?}");
        assert!(told.iter().all(|outcome| outcome.status == expected), "{what}");
        let is_broken = expected == Status::InfrastructureError;
        // Tried once more at once, and open for the next time.
        assert_eq!(told.len(), if is_broken { 2 } else { 1 }, "{what}");
        assert_eq!(store.has(&told[0].item.id), !is_broken, "{what}");
        assert_eq!(told[0].error.is_some(), expected != Status::Fail, "{what}");
    }
}

fn done() -> Box<dyn Actor> {
    Box::new(Done)
}

fn broken() -> Box<dyn Actor> {
    Box::new(Broken)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sample_is_begun_when_the_time_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let (suite, plan) = planned(Solver::Oracle, 1);
    let store = Store::make(folder.path(), &plan).expect("a folder");
    let bench = Folders::default();
    let work = |until| {
        let work = Work {
            suite: &suite,
            conditions: &plan.conditions,
            store: &store,
            bench: &bench,
            runs: folder.path().join("runs"),
            jobs: 2,
            stop: Stop::default(),
            until,
            told: &|_| {},
        };
        tokio::task::block_in_place(|| work.through(plan.items.clone())).expect("they are kept")
    };
    assert_eq!(work(Some(Instant::now())), Ended::OutOfTime);
    assert_eq!(Store::read(folder.path()).expect("results").results.len(), 0);
    assert_eq!(work(None), Ended::Through);
    // Where nothing is left, nothing was missed.
    assert_eq!(work(Some(Instant::now())), Ended::Through);
}
