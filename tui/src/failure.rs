//! What a user sees when something did not work, and the status a script sees.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use deskbound_agent::desktop::DesktopError;
use deskbound_host::HostError;
use deskbound_vm::VmError;

use crate::terminal;

/// Exit statuses. `clap` itself exits with 2 on wrong usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    /// The task was not done, or a check does not hold.
    Failed,
    Usage,
    /// Something the command needs is not there, does not work, or broke.
    Missing,
    Interrupted,
    /// A panic.
    Bug,
    /// The status of a command inside a desktop, passed on.
    Status(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Missing => 3,
            Exit::Interrupted => 130,
            Exit::Bug => 255,
            Exit::Status(status) => status,
        })
    }
}

/// An error on its way to the user: what, why, and what may help.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    error: Box<dyn Error>,
    hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, error: impl Into<Box<dyn Error>>) -> Self {
        Self { exit, error: error.into(), hint: None }
    }

    /// The environment lacks something.
    pub(crate) fn missing(error: impl Into<Box<dyn Error>>) -> Self {
        Self::new(Exit::Missing, error)
    }

    pub(crate) fn usage(error: impl Into<Box<dyn Error>>) -> Self {
        Self::new(Exit::Usage, error)
    }

    /// Without the word that begins an error on a terminal.
    pub(crate) fn reason(&self) -> String {
        let told = self.to_string();
        told.strip_prefix("error: ").unwrap_or(&told).to_owned()
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", harmless(&*self.error))?;
        let causes = std::iter::successors(self.error.source(), |error| (*error).source());
        for cause in causes {
            write!(f, "\n  caused by: {}", harmless(cause))?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// An error may quote a guest or QEMU. Whole, for it may also name a command to be typed.
fn harmless(error: &dyn Error) -> String {
    terminal::harmless(&error.to_string())
}

impl From<VmError> for Failure {
    fn from(error: VmError) -> Self {
        let hint = match &error {
            VmError::NotBuilt { recipe } => {
                Some(format!("build it with `deskbound vm build --recipe {recipe}`"))
            }
            VmError::Vanished { recipe, .. } => Some(format!(
                "somebody removed it; build it again with `deskbound vm build --recipe {recipe}`. \
                 Desktops that run already go on"
            )),
            VmError::OutOfDate { recipe, .. } => {
                Some(format!("start it once anew with `deskbound vm settle --recipe {recipe}`"))
            }
            VmError::OfAnotherMachine { .. } => {
                Some("make it again from a desktop of today".to_owned())
            }
            VmError::DiskFull { .. } => {
                Some("`deskbound vm prune` removes desktops that nothing leads to".to_owned())
            }
            VmError::TooManyClones { .. } | VmError::TooMuchMemory { .. } => Some(
                "end one of them, or set DESKBOUND_CLONES_MAX or DESKBOUND_MEMORY_MIB_MAX"
                    .to_owned(),
            ),
            VmError::NoNamespace { .. } => Some(
                "build it as root, or give this user ids of his own: `usermod --add-subuids \
                 100000-165535 --add-subgids 100000-165535 NAME`, with the package `uidmap`"
                    .to_owned(),
            ),
            VmError::NoLook { .. } => Some(
                "`sysctl kernel.yama.ptrace_scope=1` lets a program look into those that it started"
                    .to_owned(),
            ),
            VmError::ProgramMissing { .. } => {
                Some("`deskbound doctor` lists what is missing".to_owned())
            }
            VmError::NotRunning { .. } => {
                Some("`deskbound vm start` starts a desktop and names it".to_owned())
            }
            VmError::NoRecipe { .. } | VmError::NoName { .. } | VmError::OffScreen { .. } => {
                return Self::usage(error);
            }
            _ => None,
        };
        Self { hint, ..Self::missing(error) }
    }
}

impl From<DesktopError> for Failure {
    fn from(error: DesktopError) -> Self {
        Self::missing(error)
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let hint = match &error {
            HostError::NotRoot { command, .. } => Some(format!("run: {command}")),
            _ => None,
        };
        Self { hint, ..Self::missing(error) }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_failure_says_what_why_and_what_helps() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        let error = DesktopError::File { path: "a.txt".to_owned(), source };
        assert_eq!(
            Failure::from(error).hint("look").to_string(),
            "error: the file `a.txt` could not be used\n  caused by: entity not found\nhint: look"
        );
        let long = format!("{}\u{1b}[2J\nhint: rm", "x".repeat(500));
        let shown = Failure::missing(long).to_string();
        assert!(shown.ends_with("x·[2J·hint: rm") && shown.len() > 500, "{shown}");
        let missing = Failure::from(VmError::NotBuilt { recipe: "minimal".to_owned() });
        assert_eq!(missing.exit, Exit::Missing);
        assert!(
            missing.to_string().ends_with("`deskbound vm build --recipe minimal`"),
            "{missing}"
        );
        let path = "/x/disk.qcow2".into();
        let vanished = Failure::from(VmError::Vanished { recipe: "xfce".to_owned(), path });
        assert_eq!(
            vanished.to_string(),
            "error: of the desktop of the recipe `xfce` there is no /x/disk.qcow2 any more\n\
             hint: somebody removed it; build it again with `deskbound vm build --recipe xfce`. \
             Desktops that run already go on"
        );
    }
}
