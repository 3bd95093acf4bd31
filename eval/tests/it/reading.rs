//! What others make of our results.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use deskbound_agent::stop::Stop;
use deskbound_eval::{Store, Work, inspect};

use crate::folder::Folders;
use crate::resuming::planned;

const INSPECT: &str = "inspect_ai==0.3.285";

/// Asks inspect_ai itself what is in a log.
const READER: &str = r#"
import json, sys
from inspect_ai.log import read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
log = read_eval_log(sys.argv[1])
sample = read_eval_log_sample(sys.argv[1], id=log.samples[0].id, epoch=2)
print(json.dumps({
    "version": log.version, "status": log.status, "task": log.eval.task, "model": log.eval.model,
    "samples": len(log.samples), "planned": log.results.total_samples,
    "summaries": len(read_eval_log_sample_summaries(sys.argv[1])),
    "strict": {s.name: s for s in log.results.scores}["strict"].metrics["mean"].value,
    "passed": sum(s.scores["strict"].value for s in log.samples),
    "epoch": sample.epoch, "input": sample.input,
}))
"#;

fn ran(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A Python of our own, with inspect_ai as PyPI has it.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("inspect");
    let python = folder.join("bin/python");
    if !folder.join("whole").exists() {
        ran(Command::new("python3").args(["-m", "venv"]).arg(&folder));
        ran(Command::new(&python).args(["-m", "pip", "install", "--quiet", INSPECT]));
        fs::write(folder.join("whole"), "").expect("a folder of ours");
    }
    python
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: inspect_ai is installed from PyPI"]
async fn long_inspect_ai_opens_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (suite, plan) = planned(deskbound_eval::Solver::Oracle, 1);
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
    tokio::task::block_in_place(|| work.through(plan.items.clone())).expect("results are kept");
    let outcomes = Store::read(folder.path()).expect("results").outcomes();
    let log = folder.path().join("run.eval");
    fs::write(&log, inspect(&plan, &outcomes).expect("a small archive")).expect("it is kept");
    let said = tokio::task::block_in_place(|| {
        ran(Command::new(python()).args(["-c", READER]).arg(&log).env("HOME", folder.path()))
    });
    let found: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let expected = serde_json::json!({
        "version": 2, "status": "success", "task": "first-steps", "model": "deskbound/oracle",
        "samples": 6, "planned": 6, "summaries": 6, "strict": 1.0, "passed": 6, "epoch": 2,
        "input": suite.task("add-a-line-1").expect("it is there").wordings[0],
    });
    assert_eq!(found, expected);
}
