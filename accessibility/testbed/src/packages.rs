//! Getting the desktop's Debian packages onto this machine, once a process.

use std::io::{self, Write};
use std::sync::OnceLock;

use deskbound_host::{HostError, Progress, Purpose, install, missing};

/// Installs what the table of packages lists for tests and this machine lacks. Tests that start
/// together wait for the first, and what it was told is told to all.
pub(crate) fn ensure() -> Result<(), &'static HostError> {
    static INSTALLED: OnceLock<Result<(), HostError>> = OnceLock::new();
    INSTALLED.get_or_init(|| install_for(Purpose::Test)).as_ref().copied()
}

/// The same for what only long tests and benchmarks need.
pub(crate) fn ensure_long() -> Result<(), &'static HostError> {
    static INSTALLED: OnceLock<Result<(), HostError>> = OnceLock::new();
    INSTALLED.get_or_init(|| install_for(Purpose::Long)).as_ref().copied()
}

fn install_for(purpose: Purpose) -> Result<(), HostError> {
    // Not `eprintln`, which a test harness keeps to itself.
    let mut say = |progress: &Progress| {
        let _ = writeln!(io::stderr(), "testbed: {progress}");
    };
    install(&missing(purpose), &mut say)
}
