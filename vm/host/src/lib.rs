//! What Debian must provide, and how it gets there.
//!
//! One table ([`PACKAGES`]) names every package that building and running a VM, or testing, asks
//! of the host, each with a file that proves it is there. [`missing`] reads it; [`install`] asks
//! apt for the rest, as root, one at a time on a machine, inside a time limit. It is the only
//! place in this workspace that installs anything, and it imports nothing of ours, so that any
//! crate's tests may use it.

mod install;
mod package;

pub use install::{HostError, Progress, install};
pub use package::{PACKAGES, Package, Purpose, missing};
