//! Lines for the user. A terminal that has gone away is no reason to fail.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use deskbound_vm::Progress;

/// Results, on standard output.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// What goes on, and errors, on standard error.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Details of one step come at most this often.
const DETAIL_EVERY: Duration = Duration::from_secs(5);

/// Says what long work is doing: each step, and now and then where it is.
pub(crate) struct Steps {
    started: Instant,
    told: Instant,
}

impl Steps {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), told: Instant::now() }
    }

    pub(crate) fn show(&mut self, progress: &Progress) {
        let elapsed = self.started.elapsed().as_secs();
        match progress {
            Progress::Step(step) => note(format_args!("[{elapsed:>4} s] {step}")),
            Progress::Detail(detail) if self.told.elapsed() >= DETAIL_EVERY => {
                note(format_args!(
                    "[{elapsed:>4} s]   {}",
                    deskbound_agent::sanitize::line(detail)
                ));
            }
            Progress::Detail(_) => return,
        }
        self.told = Instant::now();
    }
}
