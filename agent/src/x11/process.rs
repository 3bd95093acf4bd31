//! Programs of the session: applications that stay, and commands that are waited for.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use deskbound_vm::open_with;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process;
use tokio::time::timeout;

use super::Programs;
use crate::action::Openable;
use crate::desktop::{Command, DesktopError, Output};
use crate::limits::{FILE_BYTES, OUTPUT_BYTES};

/// A command's end is not held up by a grandchild that keeps its output open.
const OUTPUT_AFTER_END: Duration = Duration::from_millis(300);

pub(super) struct Session {
    pub(super) home: String,
    pub(super) programs: Programs,
}

/// A command and all that it has started, ended when nobody waits for it any more.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &process::Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// The command has ended by itself: what it leaves behind was meant to stay.
    fn leave(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // There may be nobody left.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

impl Session {
    /// The program outlives the run, as it would had a person started it.
    pub(super) fn launch(&self, program: &str, args: &[String]) -> Result<(), DesktopError> {
        if let Programs::Users(launcher) = &self.programs {
            let files: Vec<PathBuf> = args.iter().map(PathBuf::from).collect();
            let started = launcher.start(program, &files);
            return started.map_err(|source| start_error(program, source));
        }
        self.spawn(program, args).map_err(|source| start_error(program, source))
    }

    fn spawn(&self, program: &str, args: &[String]) -> std::io::Result<()> {
        let mut command = self.command(program, args);
        command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        command.spawn().map(drop)
    }

    /// With what the session has for it.
    pub(super) fn open(&self, target: &Openable) -> Result<(), DesktopError> {
        let opened = match &self.programs {
            Programs::Users(launcher) => launcher.open(target),
            Programs::Ours { .. } => {
                if let Openable::File { path } = target
                    && !Path::new(path).exists()
                {
                    return Err(DesktopError::no_file(path));
                }
                open_with(target.as_str(), |start| self.spawn(&start.argv[0], &start.argv[1..]))
            }
        };
        opened.map_err(|source| start_error(target.as_str(), source))
    }

    pub(super) async fn run(&self, command: &Command) -> Result<Output, DesktopError> {
        let failed = |source| start_error(&command.program, source);
        let mut starting = self.command(&command.program, &command.args);
        starting.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child = starting.spawn().map_err(failed)?;
        let mut group = Group::of(&child);
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = async {
            let reading = async {
                let (out, err) = tokio::join!(read(out, &mut stdout), read(err, &mut stderr));
                out.and(err)
            };
            tokio::pin!(reading);
            tokio::select! {
                read = &mut reading => {
                    read?;
                    child.wait().await
                }
                status = child.wait() => match timeout(OUTPUT_AFTER_END, reading).await {
                    Ok(Err(error)) => Err(error),
                    Ok(Ok(())) | Err(_) => status,
                },
            }
        };
        let Ok(status) = timeout(command.limit, ended).await else {
            let (what, limit) = (command.program.clone(), command.limit);
            return Err(DesktopError::Late { what, limit });
        };
        let status = status.map_err(failed)?.code();
        group.leave();
        Ok(Output { status, stdout, stderr })
    }

    fn command(&self, program: &str, args: &[String]) -> process::Command {
        let mut command = process::Command::new(program);
        command.args(args);
        if let Programs::Ours { env } = &self.programs {
            command.env_clear().envs(env.iter().cloned());
        }
        command.current_dir(&self.home).stdin(Stdio::null());
        command
    }
}

pub(super) async fn read_file(path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
    let read = async {
        let file = tokio::fs::File::open(path).await?;
        let mut bytes = Vec::new();
        file.take(FILE_BYTES + 1).read_to_end(&mut bytes).await?;
        std::io::Result::Ok(bytes)
    };
    match read.await {
        Ok(bytes) if bytes.len() as u64 > FILE_BYTES => Err(DesktopError::too_large(path)),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
            Ok(None)
        }
        Err(source) => Err(DesktopError::File { path: path.to_owned(), source }),
    }
}

/// All of it is read, so that nobody waits for room; the first bytes are kept.
async fn read(from: Option<impl AsyncRead + Unpin>, into: &mut Vec<u8>) -> std::io::Result<()> {
    let Some(mut from) = from else { return Ok(()) };
    let mut piece = [0; 8 << 10];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(());
        }
        let room = OUTPUT_BYTES.saturating_sub(into.len());
        into.extend_from_slice(&piece[..length.min(room)]);
    }
}

fn start_error(program: &str, source: std::io::Error) -> DesktopError {
    DesktopError::Start { program: program.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Instant;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    async fn run(home: &Path, script: &str, limit: Duration) -> Result<Output, DesktopError> {
        let programs = Programs::Ours { env: vec![("PATH".into(), "/usr/bin:/bin".into())] };
        let session = Session { home: home.to_str().unwrap().to_owned(), programs };
        let args = vec!["-c".to_owned(), script.to_owned()];
        session.run(&Command { program: "sh".to_owned(), args, limit }).await
    }

    /// Whether the process whose number was printed is still there; one that nobody has waited for
    /// is not.
    fn lives(pid: &str) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
        status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    }

    #[tokio::test]
    async fn what_a_command_leaves_behind_stays_and_holds_nothing_up() {
        let home = tempfile::tempdir().unwrap();
        let begun = Instant::now();
        let output = run(home.path(), "sleep 60 & echo $!", LONG).await.unwrap();
        assert!(begun.elapsed() < LONG / 2, "it was waited for");
        let pid = String::from_utf8(output.stdout).unwrap();
        assert!(lives(&pid));
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
    }

    #[tokio::test]
    async fn a_command_that_is_late_goes_with_all_that_it_has_started() {
        let home = tempfile::tempdir().unwrap();
        let script = "sleep 60 & echo $! > pid; wait";
        let late = run(home.path(), script, Duration::from_millis(500)).await;
        assert!(matches!(late, Err(DesktopError::Late { .. })), "{late:?}");
        let pid = fs::read_to_string(home.path().join("pid")).unwrap();
        let begun = Instant::now();
        while lives(&pid) {
            assert!(begun.elapsed() < LONG, "it goes on");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn of_a_long_output_the_beginning_is_kept() {
        let home = tempfile::tempdir().unwrap();
        let script = format!("head -c {} /dev/zero; exit 3", OUTPUT_BYTES * 2);
        let output = run(home.path(), &script, LONG).await.unwrap();
        assert_eq!((output.stdout.len(), output.status), (OUTPUT_BYTES, Some(3)));
    }
}
