//! A plan run by Slurm, the real one, on this machine: an array, and all that goes wrong with one.
//! Whatever happened, the results come to the same bytes as those of one run after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::{Environment, finish_within};

/// One sample takes some seconds; there are six of them, twice.
const LIMIT: Duration = Duration::from_secs(600);
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);
const PACKAGES: [&str; 4] = ["slurmctld", "slurmd", "slurm-client", "munge"];
const PORTS: (u16, u16) = (17_817, 17_818);

/// A cluster of one node; its daemons end with it.
struct Cluster {
    folder: tempfile::TempDir,
    munge: Child,
    controller: Child,
    node: Child,
}

fn ran(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn wait(what: &str, limit: Duration, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(POLL);
    }
}

impl Cluster {
    /// `None` where Slurm is not to be had.
    fn start() -> Option<Self> {
        if !Path::new("/usr/sbin/slurmctld").exists() {
            let mut install = Command::new("apt-get");
            install.args(["install", "--yes", "--no-install-recommends"]).args(PACKAGES);
            let installed = install.env("DEBIAN_FRONTEND", "noninteractive").status();
            if !installed.is_ok_and(|status| status.success()) {
                return None;
            }
        }
        let folder =
            tempfile::Builder::new().prefix("slurm-").tempdir_in("/var/tmp").expect("a folder");
        let at = folder.path();
        for inner in ["state", "spool"] {
            fs::create_dir(at.join(inner)).expect("a folder");
        }
        let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("it has a name");
        let (controller, node) = PORTS;
        let text = format!(
            "ClusterName=test\nSlurmctldHost={host}\nSlurmUser=root\nAuthType=auth/munge\n\
             AuthInfo=socket={at}/munge.socket,cred_expire=5\nStateSaveLocation={at}/state\n\
             SlurmdSpoolDir={at}/spool\nSlurmctldPidFile={at}/controller.pid\n\
             SlurmdPidFile={at}/node.pid\nSlurmctldPort={controller}\nSlurmdPort={node}\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nMpiDefault=none\n\
             ReturnToService=2\nSlurmctldTimeout=10\nMinJobAge=600\n\
             NodeName={host} CPUs=2 RealMemory=4000 State=UNKNOWN\n\
             PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n",
            host = host.trim(),
            at = at.display(),
        );
        fs::write(at.join("slurm.conf"), text).expect("a folder of ours");
        // Munge wants folders that only its user can write, up to the root.
        fs::write(at.join("key"), [7u8; 128]).expect("a folder of ours");
        ran(Command::new("chmod").arg("600").arg(at.join("key")));
        ran(Command::new("chmod").arg("755").arg(at));
        let mut munge = Command::new("munged");
        munge.args(["--foreground", "--force"]);
        for (option, name) in [
            ("--key-file", "key"),
            ("--socket", "munge.socket"),
            ("--pid-file", "munge.pid"),
            ("--log-file", "munge.log"),
            ("--seed-file", "munge.seed"),
        ] {
            munge.arg(format!("{option}={}", at.join(name).display()));
        }
        let munge = quiet(&mut munge);
        wait("munge answers", START_LIMIT, || at.join("munge.socket").exists());
        let controller = daemon(at, "slurmctld");
        let node = daemon(at, "slurmd");
        let cluster = Self { folder, munge, controller, node };
        wait("the node is idle", START_LIMIT, || {
            let said = cluster.slurm("sinfo", &["--noheader", "--format=%t"]);
            said.is_ok_and(|said| said.trim() == "idle")
        });
        Some(cluster)
    }

    fn slurm(&self, program: &str, words: &[&str]) -> Result<String, String> {
        let mut command = Command::new(program);
        command.args(words).env("SLURM_CONF", self.folder.path().join("slurm.conf"));
        let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Submits a script, and gives back the number of its job.
    fn submit(&self, script: &Path, more: &[&str]) -> String {
        let log = self.folder.path().join("job-%A-%a.log");
        let output = format!("--output={}", log.display());
        let mut words = vec!["--parsable", &output];
        words.extend(more);
        words.push(script.to_str().expect("UTF-8"));
        self.slurm("sbatch", &words).expect("it is taken").trim().to_owned()
    }

    fn is_idle(&self) -> bool {
        self.slurm("squeue", &["--noheader"]).is_ok_and(|said| said.trim().is_empty())
    }

    fn logs(&self) -> String {
        let files = fs::read_dir(self.folder.path()).into_iter().flatten().flatten();
        let logs = files.filter(|file| file.path().extension().is_some_and(|it| it == "log"));
        logs.map(|file| fs::read_to_string(file.path()).unwrap_or_default()).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in [&mut self.node, &mut self.controller, &mut self.munge] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn quiet(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("it starts")
}

fn daemon(at: &Path, program: &str) -> Child {
    let mut command = Command::new(program);
    command.arg("-D").arg("-f").arg(at.join("slurm.conf"));
    command.arg("-L").arg(at.join(format!("{program}.log")));
    quiet(&mut command)
}

/// One plan, and the results there are of it.
pub(super) struct Planned {
    pub(super) environment: Environment,
    folder: PathBuf,
}

impl Planned {
    /// Three tasks, twice, solved by their own scripts on private X servers.
    pub(super) fn new(shards: &str) -> Self {
        let environment = Environment::new();
        let folder = environment.home().join("shared");
        let planned = Self { environment, folder };
        planned.eval(&[
            "plan",
            planned.path(),
            "first-steps",
            "--only=rename",
            "--epochs=2",
            "--solver=oracle",
            "--desktop=x11",
            "--models=rules",
            shards,
        ]);
        planned
    }

    pub(super) fn path(&self) -> &str {
        self.folder.to_str().expect("UTF-8")
    }

    pub(super) fn eval(&self, words: &[&str]) -> String {
        let words: Vec<&str> = std::iter::once("eval").chain(words.iter().copied()).collect();
        let ended = finish_within(self.environment.command(&words), LIMIT);
        assert_eq!(ended.code, Some(0), "{words:?}: {}{}", ended.stdout, ended.stderr);
        ended.stdout
    }

    /// The script for what is open, with this user's folders in it.
    fn script(&self) -> PathBuf {
        let script = self.eval(&["emit", "slurm", self.path(), "--memory=512", "--cpus=1"]);
        let state = self.environment.home().join("state");
        let home = format!(
            "export HOME={} XDG_STATE_HOME={}\nset -u\n",
            self.environment.home().display(),
            state.display()
        );
        let script = script.replacen("set -u\n", &home, 1);
        let path = self.environment.home().join("run.sh");
        fs::write(&path, script).expect("a folder of ours");
        path
    }

    fn results(&self) -> usize {
        let listed = fs::read_dir(self.folder.join("results")).into_iter().flatten().flatten();
        listed.filter(|file| !file.file_name().to_string_lossy().starts_with('.')).count()
    }

    pub(super) fn merged(&self) -> String {
        self.eval(&["merge", self.path()])
    }
}

/// Processes of our program that run a shard.
fn workers() -> Vec<Pid> {
    let processes = fs::read_dir("/proc").expect("there is one").flatten();
    let is_ours = |entry: &fs::DirEntry| {
        fs::read(entry.path().join("cmdline")).is_ok_and(|line| {
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains("deskbound eval run-shard")
        })
    };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    processes.filter(is_ours).filter_map(number).filter_map(Pid::from_raw).collect()
}

#[test]
#[ignore = "long: Slurm is installed and started, and forty samples are run"]
fn long_slurm_comes_to_the_bytes_of_a_serial_run() {
    drop(deskbound_testbed::Testbed::start().expect("a desktop starts on this machine"));
    let serial = Planned::new("--shards=1");
    serial.eval(&["run-shard", serial.path(), "--shard=0"]);
    let expected = serial.merged();
    let Some(mut cluster) = Cluster::start() else {
        eprintln!("SKIPPED: {PACKAGES:?} are neither here nor to be had by apt-get");
        return;
    };
    let done = |cluster: &Cluster| wait("the queue is empty", LIMIT, || cluster.is_idle());

    // An array; and the same array at the same time.
    let planned = Planned::new("--shards=2");
    let script = planned.script();
    let tested = ["--test-only", script.to_str().expect("UTF-8")];
    cluster.slurm("sbatch", &tested).expect("it would be taken");
    cluster.submit(&script, &[]);
    cluster.submit(&script, &[]);
    done(&cluster);
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());

    // A requeue in the middle.
    let planned = Planned::new("--shards=1");
    let job = cluster.submit(&planned.script(), &[]);
    wait("a first result", LIMIT, || planned.results() > 0);
    cluster.slurm("scontrol", &["requeue", &format!("{job}_0")]).expect("it is requeued");
    done(&cluster);
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());

    // A worker that is killed; what is open is submitted again.
    let planned = Planned::new("--shards=2");
    cluster.submit(&planned.script(), &[]);
    wait("a first result", LIMIT, || planned.results() > 0);
    let worker = workers().pop().expect("one runs");
    kill_process(worker, Signal::KILL).expect("it can be killed");
    done(&cluster);
    assert!(planned.results() < 6, "nobody was killed");
    cluster.submit(&planned.script(), &[]);
    done(&cluster);
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());

    // A controller that is killed while its jobs run.
    let planned = Planned::new("--shards=1");
    cluster.submit(&planned.script(), &[]);
    wait("a first result", LIMIT, || planned.results() > 0);
    cluster.controller.kill().expect("it runs");
    cluster.controller.wait().expect("it is a child");
    cluster.controller = daemon(cluster.folder.path(), "slurmctld");
    wait("all results", LIMIT, || planned.results() == 6 && cluster.is_idle());
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());

    // The daemon of the node is killed while its jobs run.
    let planned = Planned::new("--shards=1");
    cluster.submit(&planned.script(), &[]);
    wait("a first result", LIMIT, || planned.results() > 0);
    cluster.node.kill().expect("it runs");
    cluster.node.wait().expect("it is a child");
    cluster.node = daemon(cluster.folder.path(), "slurmd");
    wait("all results", LIMIT, || planned.results() == 6 && cluster.is_idle());
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());

    // Out of time: told a little before, the shard stops after its sample and asks for another go.
    let planned = Planned::new("--shards=1");
    cluster.submit(&planned.script(), &["--time=1", "--signal=B:USR1@50"]);
    done(&cluster);
    assert_eq!(planned.merged(), expected, "{}", cluster.logs());
}
