//! The two kinds of desktop that samples are taken to, and who decides there.

use std::path::PathBuf;

use clap::ValueEnum;
use deskbound_agent::run::Roles;
use deskbound_eval::{Decides, Needs};
use deskbound_vm::{Accel, Store};

use crate::failure::Failure;
use crate::models::Seats;
use crate::terminal::note;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Place {
    /// A virtual machine, cloned for every sample.
    Vm,
    /// A private X server on this machine, with the applications that are installed here.
    X11,
}

impl Place {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vm => "vm",
            Self::X11 => "x11",
        }
    }

    /// What one of them takes.
    pub(crate) fn needs(self) -> Needs {
        match self {
            Self::Vm => Needs::VM,
            Self::X11 => Needs::X11,
        }
    }

    /// As it stands in a plan.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Vm, Self::X11].into_iter().find(|place| place.name() == name)
    }
}

/// Who decides, and where weights of others are.
#[derive(Clone)]
pub(crate) struct Deciders {
    pub(crate) seats: Seats,
    pub(crate) data: PathBuf,
}

impl Deciders {
    pub(crate) fn load(&self) -> Result<Roles, Failure> {
        self.seats.load(&self.data)
    }
}

impl Decides for Deciders {
    fn roles(&self, _seed: u64) -> Result<Roles, String> {
        self.load().map_err(|error| error.to_string())
    }
}

/// How virtual desktops are run here, which is said once.
pub(super) async fn mode() -> Result<String, Failure> {
    let mode = Accel::here(&Store::open()?).await?;
    note(format_args!("virtual desktops are run {mode}"));
    Ok(mode.to_string())
}
