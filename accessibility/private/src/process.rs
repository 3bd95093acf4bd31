//! A process with an owner: its own process group, ended and waited for when dropped.

use std::{
    fs, io,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, ExitStatus},
    sync::Mutex,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{PrivateError, wait::wait_until};

/// A running application, or a part of the desktop. Dropping it ends its whole process group.
pub struct Process {
    child: Mutex<Child>,
    group: Pid,
    log: PathBuf,
    grace: Duration,
}

impl Process {
    pub(crate) fn spawn(
        mut command: Command,
        log: PathBuf,
        grace: Duration,
    ) -> Result<Self, PrivateError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn();
        let child = child.map_err(|source| PrivateError::Start { program, source })?;
        let group = Pid::from_child(&child);
        Ok(Self { child: Mutex::new(child), group, log, grace })
    }

    pub fn pid(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    pub fn is_alive(&self) -> bool {
        self.exit_status().is_none()
    }

    /// How it ended, if it did.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        let mut child = self.child.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        child.try_wait().ok().flatten()
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// SIGSTOP: the process stays, and answers nothing.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT, after [`freeze`](Self::freeze).
    pub fn thaw(&self) -> io::Result<()> {
        self.signal(Signal::CONT)
    }

    /// SIGKILL.
    pub fn kill(&self) -> io::Result<()> {
        self.signal(Signal::KILL)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process_group(self.group, signal)?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.grace.is_zero() && self.is_alive() && self.signal(Signal::TERM).is_ok() {
            // A server that does not end in time is killed below all the same.
            let _ = wait_until("the process ends", self.grace, || !self.is_alive());
        }
        // Also where the leader has ended: the rest of its group may live.
        let _ = self.signal(Signal::KILL);
        let child = self.child.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let _ = child.wait();
    }
}
