//! Waiting for a state, with a limit and a name.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

const INTERVAL: Duration = Duration::from_millis(20);

/// Asks until `ready`; the error says what was waited for, and how long.
pub fn wait_until(what: &str, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
    wait_for(what, limit, || ready().then_some(()))
}

/// Asks until there is something, and returns it.
pub fn wait_for<T>(what: &str, limit: Duration, mut found: impl FnMut() -> Option<T>) -> Result<T> {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = found() {
            return Ok(found);
        }
        if Instant::now() >= until {
            bail!("waited {limit:?}, and not yet: {what}");
        }
        thread::sleep(INTERVAL);
    }
}
