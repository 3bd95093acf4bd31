//! Installing what is missing with apt: as root, one at a time on a machine, inside a time limit.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use rustix::process::{Pid, Signal, geteuid, kill_process_group};

use crate::package::{Package, missing};

/// Only root can write into these two folders, so nobody can put a link in the way.
const LOCK: &str = "/run/deskbound-install.lock";
const LOG: &str = "/var/log/deskbound-install.log";

const UPDATE_LIMIT: Duration = Duration::from_secs(5 * 60);
const INSTALL_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Longer than an installation by somebody else may take.
const LOCK_LIMIT: Duration = Duration::from_secs(30 * 60);
const POLL: Duration = Duration::from_millis(100);
/// How often a long stage says that it is still there.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// apt would replace a `qemu-utils` from backports on its own when only the other is asked for,
/// and the two must be of one version.
const ONE_VERSION: [&str; 2] = ["qemu-system-x86", "qemu-utils"];

/// Why the packages are still missing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    #[error("missing Debian packages: {}; only root can install them: {command}", names.join(" "))]
    NotRoot { names: Vec<&'static str>, command: String },
    #[error("cannot use {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("another installation held {LOCK} for {} s", waited.as_secs())]
    Locked { waited: Duration },
    #[error("cannot start `{command}`")]
    Start { command: String, source: io::Error },
    #[error("`{command}` was stopped after {} s; its output is in {LOG}", limit.as_secs())]
    TimedOut { command: String, limit: Duration },
    #[error("`{command}` failed ({status}); its output is in {LOG}")]
    Failed { command: String, status: ExitStatus },
    #[error("apt is content, yet {probe} of package {name} is not there")]
    StillMissing { name: &'static str, probe: &'static str },
}

/// What [`install`] is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Waiting,
    Updating,
    Installing { names: Vec<&'static str> },
    Still { elapsed: Duration },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => write!(f, "waiting for another installation"),
            Self::Updating => write!(f, "reading the package lists (apt-get update)"),
            Self::Installing { names } => write!(f, "installing {}", names.join(" ")),
            Self::Still { elapsed } => write!(f, "… {} s", elapsed.as_secs()),
        }
    }
}

/// Installs these packages; nothing is done where there are none.
///
/// # Errors
/// [`HostError::NotRoot`] names the packages and the command that root would run.
pub fn install(
    packages: &[&'static Package],
    progress: &mut dyn FnMut(&Progress),
) -> Result<(), HostError> {
    if packages.is_empty() {
        return Ok(());
    }
    if !geteuid().is_root() {
        return Err(not_root(packages));
    }
    let _lock = lock(Path::new(LOCK), LOCK_LIMIT, progress)?;
    // Whoever held the lock before may have installed the same.
    let packages: Vec<_> = packages
        .iter()
        .copied()
        .filter(|package| missing(package.purpose).contains(package))
        .collect();
    if packages.is_empty() {
        return Ok(());
    }
    progress(&Progress::Updating);
    apt(&["update"], UPDATE_LIMIT, progress)?;
    let names = transaction(&packages);
    progress(&Progress::Installing { names: names.clone() });
    apt(&install_arguments(&names), INSTALL_LIMIT, progress)?;
    match packages.iter().find(|package| !Path::new(package.probe).exists()) {
        None => Ok(()),
        Some(absent) => Err(HostError::StillMissing { name: absent.name, probe: absent.probe }),
    }
}

fn not_root(packages: &[&'static Package]) -> HostError {
    let names = transaction(packages);
    let command =
        format!("sudo apt-get update && sudo apt-get {}", install_arguments(&names).join(" "));
    HostError::NotRoot { names, command }
}

/// What goes to apt in one go.
fn transaction(packages: &[&'static Package]) -> Vec<&'static str> {
    let mut names: Vec<_> = packages.iter().map(|package| package.name).collect();
    if names.iter().any(|name| ONE_VERSION.contains(name)) {
        names.extend(ONE_VERSION);
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn install_arguments<'a>(names: &[&'a str]) -> Vec<&'a str> {
    [&["install", "-y", "--no-install-recommends"], names].concat()
}

/// Held until the file is dropped; the kernel lets go of it when the process ends.
fn lock(
    path: &Path,
    limit: Duration,
    progress: &mut dyn FnMut(&Progress),
) -> Result<File, HostError> {
    let failed = |source| HostError::File { path: path.to_owned(), source };
    let file = File::create(path).map_err(failed)?;
    let start = Instant::now();
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
            Err(TryLockError::WouldBlock) if start.elapsed() >= limit => {
                return Err(HostError::Locked { waited: limit });
            }
            Err(TryLockError::WouldBlock) => {
                if !told {
                    progress(&Progress::Waiting);
                    told = true;
                }
                thread::sleep(POLL);
            }
        }
    }
}

fn apt(
    arguments: &[&str],
    limit: Duration,
    progress: &mut dyn FnMut(&Progress),
) -> Result<(), HostError> {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8");
    run_logged(command, &format!("apt-get {}", arguments.join(" ")), limit, progress)
}

/// Runs a command with its output in the log; killed, with all its children, at the limit.
fn run_logged(
    mut command: Command,
    shown: &str,
    limit: Duration,
    progress: &mut dyn FnMut(&Progress),
) -> Result<(), HostError> {
    let failed = |source| HostError::File { path: LOG.into(), source };
    let mut log = fs::OpenOptions::new().create(true).append(true).open(LOG).map_err(failed)?;
    writeln!(log, "# {shown}").map_err(failed)?;
    command.stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log);
    // A group of its own: an interrupt at the terminal must not leave dpkg half done.
    let mut child = command
        .process_group(0)
        .spawn()
        .map_err(|source| HostError::Start { command: shown.to_owned(), source })?;
    match wait(&mut child, limit, progress).map_err(failed)? {
        Some(status) if status.success() => Ok(()),
        Some(status) => Err(HostError::Failed { command: shown.to_owned(), status }),
        None => Err(HostError::TimedOut { command: shown.to_owned(), limit }),
    }
}

/// `None` when the limit was reached; the process group is gone then.
fn wait(
    child: &mut Child,
    limit: Duration,
    progress: &mut dyn FnMut(&Progress),
) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut told = Duration::ZERO;
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() - told >= TOLD_EVERY {
            told = start.elapsed();
            progress(&Progress::Still { elapsed: told });
        }
        thread::sleep(POLL);
    }
    kill_process_group(Pid::from_child(child), Signal::KILL)?;
    child.wait()?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PACKAGES;

    fn named(name: &str) -> &'static Package {
        PACKAGES.iter().find(|package| package.name == name).unwrap()
    }

    #[test]
    fn one_qemu_package_brings_the_other_into_the_same_transaction() {
        let qemu = ["qemu-system-x86", "qemu-utils"];
        assert_eq!(transaction(&[named("qemu-system-x86")]), qemu);
        assert_eq!(transaction(&[named("qemu-utils")]), qemu);
        assert_eq!(transaction(&[named("thunar")]), ["thunar"]);
    }

    #[test]
    fn without_root_the_error_is_the_command_to_run() {
        let error = not_root(&[named("xvfb"), named("mmdebstrap")]);
        assert_eq!(
            error.to_string(),
            "missing Debian packages: mmdebstrap xvfb; only root can install them: \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends mmdebstrap xvfb"
        );
    }

    #[test]
    fn nothing_to_install_asks_nobody() {
        install(&[], &mut |said| panic!("{said}")).unwrap();
    }

    #[test]
    fn a_second_installation_waits_says_so_and_gives_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let mut said = Vec::new();
        let held = lock(&path, Duration::ZERO, &mut |now| said.push(now.clone())).unwrap();
        assert_eq!(said, []);
        let second = lock(&path, POLL * 3, &mut |now| said.push(now.clone()));
        assert!(matches!(second, Err(HostError::Locked { .. })), "{second:?}");
        assert_eq!(said, [Progress::Waiting]);
        drop(held);
        lock(&path, Duration::ZERO, &mut |_| {}).unwrap();
    }

    #[test]
    fn a_command_past_its_limit_is_killed_with_its_children() {
        let mut shell = Command::new("sh");
        let mut child = shell.args(["-c", "sleep 600 & wait"]).process_group(0).spawn().unwrap();
        let group = Pid::from_child(&child);
        assert_eq!(wait(&mut child, POLL * 3, &mut |_| {}).unwrap(), None);
        let gone = Instant::now() + Duration::from_secs(5);
        while rustix::process::test_kill_process_group(group).is_ok() {
            assert!(Instant::now() < gone, "a child outlived its limit");
            thread::sleep(POLL);
        }
    }
}
