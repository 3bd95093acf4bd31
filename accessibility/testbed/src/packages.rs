//! Getting the desktop's Debian packages onto this machine, once a process.

use std::io::{self, Write};
use std::sync::OnceLock;

use deskbound_host::{HostError, Progress, Purpose, install, missing};

/// Installs what the table of packages lists for tests and this machine lacks. Tests that start
/// together wait for the first, and what it was told is told to all.
pub(crate) fn ensure() -> Result<(), &'static HostError> {
    static INSTALLED: OnceLock<Result<(), HostError>> = OnceLock::new();
    // Not `eprintln`, which a test harness keeps to itself.
    let mut say = |progress: &Progress| {
        let _ = writeln!(io::stderr(), "testbed: {progress}");
    };
    INSTALLED.get_or_init(|| install(&missing(Purpose::Test), &mut say)).as_ref().copied()
}
