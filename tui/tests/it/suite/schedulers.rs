//! A plan run by whatever starts processes: a script for a shell, GNU parallel, and the command of a
//! job of Kubernetes. All come to the bytes of one run after the other.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::slurm::Planned;
use crate::program::finish_within;

/// Six samples, two at a time.
const LIMIT: Duration = Duration::from_secs(600);

fn ran(mut command: Command, planned: &Planned) {
    let home = planned.environment.home();
    command.env("HOME", home).env("XDG_STATE_HOME", home.join("state"));
    let ended = finish_within(command, LIMIT);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
}

#[test]
#[ignore = "long: twenty-four samples are run"]
fn long_any_scheduler_comes_to_the_bytes_of_a_serial_run() {
    drop(deskbound_testbed::Testbed::start().expect("a desktop starts on this machine"));
    let serial = Planned::new("--shards=1");
    serial.eval(&["run-shard", serial.path(), "--shard=0"]);
    let expected = serial.merged();

    let planned = Planned::new("--shards=4");
    let script = planned.eval(&["emit", "shell", planned.path(), "--at-once=2"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]);
    ran(shell, &planned);
    assert_eq!(planned.merged(), expected);
    assert_eq!(planned.eval(&["emit", "list", planned.path()]), "");

    let planned = Planned::new("--shards=4");
    let job = planned.eval(&["emit", "kubernetes", planned.path(), "--image=x", "--claim=y"]);
    let job: Value = serde_json::from_str(&job).expect("JSON");
    let command = &job["spec"]["template"]["spec"]["containers"][0]["command"];
    let script = command[2].as_str().expect("a script");
    let program = env!("CARGO_BIN_EXE_deskbound");
    let script = script.replace("exec deskbound", &format!("exec {program}"));
    for index in 0..job["spec"]["completions"].as_u64().expect("a number") {
        let mut pod = Command::new("sh");
        pod.args(["-c", &script, "sh", planned.path()]);
        pod.env("JOB_COMPLETION_INDEX", index.to_string());
        ran(pod, &planned);
    }
    assert_eq!(planned.merged(), expected);

    if !["/usr/bin/parallel", "/bin/parallel"].iter().any(|path| Path::new(path).exists()) {
        eprintln!("SKIPPED: GNU parallel is not installed");
        return;
    }
    let planned = Planned::new("--shards=4");
    let open = planned.eval(&["emit", "list", planned.path()]);
    assert_eq!(open, "0\n1\n2\n3\n");
    let mut parallel = Command::new("sh");
    let line = "echo \"$2\" | parallel --will-cite --jobs 2 \"$0\" eval run-shard \"$1\" --shard";
    parallel.args(["-c", line, program, planned.path(), open.trim()]);
    ran(parallel, &planned);
    assert_eq!(planned.merged(), expected);
}
