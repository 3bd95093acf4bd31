//! Ends what belongs to a desktop and is nobody's child: services activated by a bus, and
//! everything, where the owner was killed and could not drop it.

use std::{
    fs,
    io::PipeWriter,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::PrivateError;

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
    /// `NAME=FOLDER`, as it stands in the environment of every process of the desktop.
    mark: String,
    script: Child,
    /// Closed by the kernel when the owner ends.
    lifeline: Option<PipeWriter>,
}

impl Reaper {
    pub(crate) fn start(name: &str, folder: &Path) -> Result<Self, PrivateError> {
        let failed = |source| PrivateError::Start { program: "sh".to_owned(), source };
        let (reader, lifeline) = std::io::pipe().map_err(failed)?;
        let mark = format!("{name}={}", folder.display());
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "deskbound-reaper", &mark]).arg(folder).env_remove(name);
        // What ends its owner's group ends it not.
        command.process_group(0).stdin(reader).stdout(Stdio::null()).stderr(Stdio::null());
        let script = command.spawn().map_err(failed)?;
        Ok(Self { mark, script, lifeline: Some(lifeline) })
    }

    /// Kills every process that carries the mark.
    pub(crate) fn sweep(&self) {
        let until = Instant::now() + SWEEP_LIMIT;
        loop {
            let left = marked(&self.mark);
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

/// Processes of a desktop. A zombie has no environment left and is not listed.
fn marked(mark: &str) -> Vec<Pid> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<i32>().ok();
    let is_marked = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == mark.as_bytes())
    };
    let pids = entries.flatten().filter_map(number).filter(is_marked);
    pids.filter_map(Pid::from_raw).collect()
}
