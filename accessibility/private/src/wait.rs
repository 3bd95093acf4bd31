//! Waiting for a state, with a limit and a name.

use std::{
    thread,
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_millis(20);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("waited {limit:?}, and not yet: {what}")]
pub struct TooLate {
    pub what: String,
    pub limit: Duration,
}

/// Asks until `ready`; the error says what was waited for, and how long.
pub fn wait_until(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> bool,
) -> Result<(), TooLate> {
    wait_for(what, limit, || ready().then_some(()))
}

/// Asks until there is something, and returns it.
pub fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut found: impl FnMut() -> Option<T>,
) -> Result<T, TooLate> {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = found() {
            return Ok(found);
        }
        if Instant::now() >= until {
            return Err(TooLate { what: what.to_owned(), limit });
        }
        thread::sleep(INTERVAL);
    }
}
