//! Running, stopping, going on, and putting together.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use deskbound_agent::stop::Stop;
use deskbound_eval::{
    Completeness, Conditions, Ended, Extent, Held, Item, Outcome, Plan, Report, Solver, Status,
    Store, Suite, Work, WorkError, merge,
};

use crate::folder::Folders;

/// Tasks of the shipped suite that a plain folder can have, six of them.
const ONLY: &str = "line";

pub(crate) fn planned(solver: Solver, shards: u32) -> (Suite, Plan) {
    let suite = Suite::named("first-steps").expect("it is shipped");
    let conditions = Conditions {
        suite: suite.name.clone(),
        suite_digest: suite.digest.clone(),
        program: String::new(),
        solver,
        models: "none".to_owned(),
        weights: Default::default(),
        images: Default::default(),
        desktop: "folder".to_owned(),
        recipe: None,
        sight: Default::default(),
        seed: 0,
        label: String::new(),
    };
    let extent = Extent { epochs: 2, only: Some(ONLY.to_owned()), shards, ..Extent::default() };
    let plan = Plan::new(&suite, conditions, &extent).expect("there are such tasks");
    assert_eq!(plan.items.len(), 6);
    (suite, plan)
}

struct Session<'s> {
    suite: &'s Suite,
    plan: &'s Plan,
    folder: &'s Path,
    bench: &'s Folders,
    jobs: usize,
    /// Asks to stop after this many samples.
    most: usize,
}

impl Session<'_> {
    fn run(&self, items: Vec<Item>) -> (Ended, Vec<Outcome>) {
        let store = Store::make(self.folder, self.plan).expect("a folder that can be written");
        let (stop, told) = (Stop::default(), Mutex::new(Vec::new()));
        let tell = |outcome: &Outcome| {
            let mut told = told.lock().expect("nobody panicked");
            told.push(outcome.clone());
            if told.len() >= self.most {
                stop.ask();
            }
        };
        let work = Work {
            suite: self.suite,
            conditions: &self.plan.conditions,
            store: &store,
            bench: self.bench,
            runs: self.folder.join("runs"),
            jobs: self.jobs,
            stop: stop.clone(),
            until: None,
            told: &tell,
        };
        let ended = tokio::task::block_in_place(|| work.through(items));
        (ended.expect("results can be kept"), told.into_inner().expect("nobody panicked"))
    }
}

fn whole(folder: &Path) -> Vec<u8> {
    let held = Store::read(folder).expect("results");
    merge(&held, Completeness::Whole).expect("nothing is missing")
}

fn serial() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (suite, plan) = planned(Solver::Oracle, 1);
    let bench = Folders::default();
    let session = Session {
        suite: &suite,
        plan: &plan,
        folder: folder.path(),
        bench: &bench,
        jobs: 1,
        most: usize::MAX,
    };
    let (ended, told) = session.run(plan.items.clone());
    assert_eq!(ended, Ended::Through);
    assert!(told.iter().all(|outcome| outcome.status == Status::Pass), "{told:#?}");
    whole(folder.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_does_only_what_is_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let (suite, plan) = planned(Solver::Oracle, 1);
    let bench = Folders::default();
    let session = |most| Session {
        suite: &suite,
        plan: &plan,
        folder: folder.path(),
        bench: &bench,
        jobs: 1,
        most,
    };
    let (ended, told) = session(2).run(plan.items.clone());
    assert_eq!((ended, told.len()), (Ended::Stopped, 2));
    let (ended, told) = session(usize::MAX).run(plan.items.clone());
    assert_eq!((ended, told.len()), (Ended::Through, 4));
    let (ended, told) = session(usize::MAX).run(plan.items.clone());
    assert_eq!((ended, told.len()), (Ended::Through, 0));
    assert_eq!(bench.made.load(Ordering::Relaxed), 6);
    assert_eq!(whole(folder.path()), serial());
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_and_jobs_give_the_bytes_of_one_after_the_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (suite, plan) = planned(Solver::Oracle, 4);
    let bench = Folders::default();
    let session = Session {
        suite: &suite,
        plan: &plan,
        folder: folder.path(),
        bench: &bench,
        jobs: 3,
        most: usize::MAX,
    };
    // In any order, and one of them twice.
    for shard in [2, 0, 3, 1, 0] {
        session.run(plan.shard(shard).expect("there are four"));
    }
    let serial: serde_json::Value = serde_json::from_slice(&serial()).expect("JSON");
    let merged: serde_json::Value = serde_json::from_slice(&whole(folder.path())).expect("JSON");
    assert_eq!(merged, serial);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_fails_is_tried_again_and_is_nobodys_failure() {
    for (failing, spoilt, open) in [(1, 1, 0), (3, 3, 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let (suite, plan) = planned(Solver::Oracle, 1);
        let bench = Folders { failing, ..Folders::default() };
        let session = Session {
            suite: &suite,
            plan: &plan,
            folder: folder.path(),
            bench: &bench,
            jobs: 1,
            most: usize::MAX,
        };
        let (_, told) = session.run(plan.items.clone());
        let broken = told.iter().filter(|it| it.status == Status::InfrastructureError);
        assert_eq!(broken.count(), spoilt);
        let held: Held = Store::read(folder.path()).expect("results");
        assert_eq!(held.open().len(), open);
        let report = Report::of(&held, folder.path().to_owned());
        assert_eq!((report.broken(), report.all_passed()), (open, open == 0));
        // The next time there is a desktop, and nothing is lost.
        session.run(plan.items.clone());
        assert_eq!(whole(folder.path()), serial());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_suite_than_was_planned_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut suite, plan) = planned(Solver::Oracle, 1);
    suite.digest = "another".to_owned();
    let store = Store::make(folder.path(), &plan).expect("a folder");
    let work = Work {
        suite: &suite,
        conditions: &plan.conditions,
        store: &store,
        bench: &Folders::default(),
        runs: folder.path().join("runs"),
        jobs: 1,
        stop: Stop::default(),
        until: None,
        told: &|_| {},
    };
    assert!(matches!(work.through(plan.items.clone()), Err(WorkError::OtherSuite { .. })));
}
