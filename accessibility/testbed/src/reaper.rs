//! Ends what belongs to a testbed and is nobody's child: services activated by a bus, and
//! everything, where the owner was killed and could not drop it.

use std::{
    fs,
    io::PipeWriter,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// Every process of a testbed carries this in its environment, with the testbed's folder.
pub(crate) const MARK: &str = "DESKBOUND_TESTBED";

/// A process can start another while the list is read; how long to go on looking.
const SWEEP_LIMIT: Duration = Duration::from_secs(5);
const SWEEP_INTERVAL: Duration = Duration::from_millis(10);

/// Waits for the end of its standard input, which comes with the end of the owner in any way.
const SCRIPT: &str = r#"
read -r _
for signal in TERM KILL KILL; do
    for entry in $(grep -lszx "$1" /proc/[0-9]*/environ); do
        process=${entry#/proc/}
        kill -s $signal "${process%/environ}" 2>/dev/null
    done
    sleep 0.2
done
rm -rf "$2"
"#;

pub(crate) struct Reaper {
    folder: PathBuf,
    script: Child,
    /// Closed by the kernel when the owner ends.
    lifeline: Option<PipeWriter>,
}

impl Reaper {
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let (reader, lifeline) = std::io::pipe()?;
        let mark = format!("{MARK}={}", folder.display());
        let script = Command::new("sh")
            .args(["-c", SCRIPT, "testbed-reaper", &mark])
            .arg(folder)
            .env_remove(MARK)
            .stdin(reader)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the reaper")?;
        Ok(Self { folder: folder.to_owned(), script, lifeline: Some(lifeline) })
    }

    /// Kills every process that carries the mark.
    pub(crate) fn sweep(&self) {
        let until = Instant::now() + SWEEP_LIMIT;
        loop {
            let left = marked(&self.folder);
            if left.is_empty() || Instant::now() >= until {
                return;
            }
            for process in left {
                let _ = kill_process(process, Signal::KILL);
            }
            std::thread::sleep(SWEEP_INTERVAL);
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.sweep();
        // The script would only find what the sweep has ended already.
        let _ = self.script.kill();
        let _ = self.script.wait();
        self.lifeline = None;
    }
}

/// Processes of a testbed. A zombie has no environment left and is not listed.
pub(crate) fn marked(folder: &Path) -> Vec<Pid> {
    let mark = format!("{MARK}={}", folder.display());
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<i32>().ok();
    let is_marked = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    let pids = entries.flatten().filter_map(number).filter(is_marked);
    pids.filter_map(Pid::from_raw).collect()
}
