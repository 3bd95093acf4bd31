//! The program in an environment of its own, with a bound on how long it may take.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

/// A home folder of its own; nothing of the user who tests is seen or changed.
pub(crate) struct Environment {
    home: tempfile::TempDir,
}

#[must_use]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Environment {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn runs(&self) -> PathBuf {
        self.home.path().join("state/deskbound/runs")
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbound"));
        let home = self.home.path();
        command
            .args(words)
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
        command.env("XDG_STATE_HOME", home.join("state"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        finish(self.command(words))
    }
}

pub(crate) fn finish(mut command: Command) -> Ended {
    let mut child = command.spawn().expect("the program starts");
    let started = Instant::now();
    // Nothing these tests run fills a pipe, so the child can be waited for before it is read.
    while child.try_wait().expect("a child can be waited for").is_none() {
        if started.elapsed() > LIMIT {
            child.kill().expect("a child can be killed");
            panic!("{command:?} took longer than {LIMIT:?}");
        }
        thread::sleep(POLL);
    }
    let Output { status, stdout, stderr } = child.wait_with_output().expect("its output");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}
