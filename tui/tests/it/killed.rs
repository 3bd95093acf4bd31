//! A run that is killed outright: what it had recorded stands, to the last step.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use deskbound_agent::journal::{self, Ending};
use deskbound_testbed::Testbed;

use crate::program::Environment;

const POLICY: &str = "[[rule]]\nname = \"work\"\ndecision = \"allow\"\n";
const TASK: &str = "Write \"the kettle is on\" and save it as kettle.txt, then add the line \"two\" \
                    to it and make a folder called Tea";
/// Runs on one private desktop: what they leave open grows.
const RUNS_A_BED: u32 = 8;
/// For the first record, on a machine that is busy.
const START_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(5);
/// Kills come at another instant of this time each.
const SPREAD_MS: u64 = 4001;

/// The folder of the one run, once it has a record.
fn begun(runs: &Path) -> PathBuf {
    let began = Instant::now();
    loop {
        let folders = fs::read_dir(runs).into_iter().flatten().flatten();
        let mut folders = folders.map(|folder| folder.path());
        let with_record = |folder: &PathBuf| {
            fs::metadata(folder.join("journal.jsonl")).is_ok_and(|journal| journal.len() > 0)
        };
        if let Some(folder) = folders.find(with_record) {
            return folder;
        }
        assert!(began.elapsed() < START_LIMIT, "no record in {}", runs.display());
        thread::sleep(POLL);
    }
}

/// Whole lines that can be read while the run goes on.
fn lines(folder: &Path) -> Vec<u8> {
    let mut journal = fs::read(folder.join("journal.jsonl")).expect("a journal");
    let whole = journal.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    journal.truncate(whole);
    journal
}

/// Kills a run; what it had written before, and how much of that is sound now.
fn kill_once(bed: &Testbed, trial: u32) -> u64 {
    let environment = Environment::new();
    let policy = environment.home().join("policy.toml");
    fs::write(&policy, POLICY).expect("written");
    let words = ["run", "--desktop", "x11", "--plain", "--models", "rules", "--policy"];
    let mut command = environment.command(&words);
    command.arg(&policy).args(["--", TASK]).envs(bed.env());
    let mut run = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("run");
    let folder = begun(&environment.runs());
    thread::sleep(Duration::from_millis(u64::from(trial + 1) * 7919 % SPREAD_MS));
    let before = lines(&folder);
    run.kill().expect("it can be killed");
    run.wait().expect("it can be waited for");

    let after = fs::read(folder.join("journal.jsonl")).expect("a journal");
    assert!(after.starts_with(&before), "trial {trial}: what was written is not there any more");
    let (entries, verified) = journal::entries(&folder).expect("every whole line holds");
    let kinds = entries.iter().filter_map(|entry| entry.record.as_ref()?["record"].as_str());
    let kinds: Vec<&str> = kinds.collect();
    assert_eq!(kinds[0], "started", "trial {trial}");
    // Nothing is done that was not seen and recorded before.
    let acted = kinds.iter().position(|kind| *kind == "acted");
    let seen = kinds.iter().position(|kind| *kind == "observed");
    assert!(acted.is_none_or(|acted| seen.is_some_and(|seen| seen < acted)), "{kinds:?}");
    let is_over = kinds.last() == Some(&"checked");
    assert_eq!(verified.ending == Ending::Closed, is_over, "trial {trial}: {kinds:?}");
    verified.records
}

fn kill_at_some_instants(trials: u32) {
    let mut bed = Testbed::start().expect("a private desktop");
    let mut records = Vec::new();
    for trial in 0..trials {
        if trial > 0 && trial % RUNS_A_BED == 0 {
            bed = Testbed::start().expect("a private desktop");
        }
        records.push(kill_once(&bed, trial));
    }
    // They were killed at different steps, or the trials say nothing.
    let (least, most) = (records.iter().min(), records.iter().max());
    assert!(least < most, "{records:?}");
}

#[test]
fn whatever_was_recorded_outlives_a_kill() {
    kill_at_some_instants(5);
}

#[test]
#[ignore = "long: two hundred kills"]
fn long_whatever_was_recorded_outlives_a_kill() {
    kill_at_some_instants(200);
}
