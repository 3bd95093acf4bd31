//! Laying out a sample, and looking at what became of it.

use deskbound_agent::desktop::DesktopError;
use serde::Serialize;

use crate::suite::{Check, Given, Sample};
use crate::world::World;

/// How much of a file or of the window titles a finding quotes.
const QUOTED_CHARS: usize = 200;

/// One check, and what was there when it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub check: Check,
    pub holds: bool,
    /// Words from inside the desktop: a stranger's.
    pub found: String,
}

pub(crate) async fn lay_out(world: &mut impl World, sample: &Sample) -> Result<(), DesktopError> {
    for given in &sample.given {
        match given {
            Given::File { path, text } => world.put(path, text).await?,
            Given::Folder { path } => world.make_folder(path).await?,
        }
    }
    Ok(())
}

pub(crate) async fn look(
    world: &mut impl World,
    checks: &[Check],
) -> Result<Vec<Finding>, DesktopError> {
    let mut findings = Vec::new();
    for check in checks {
        let (holds, found) = look_at(world, check).await?;
        let found = found.chars().take(QUOTED_CHARS).collect();
        findings.push(Finding { check: check.clone(), holds, found });
    }
    Ok(findings)
}

async fn look_at(world: &mut impl World, check: &Check) -> Result<(bool, String), DesktopError> {
    Ok(match check {
        Check::File { path, text } => match world.read(path).await? {
            None => (false, "no such file".to_owned()),
            Some(bytes) => (same(&bytes, text), String::from_utf8_lossy(&bytes).into_owned()),
        },
        Check::Missing { path } => match world.exists(path).await? {
            true => (false, "it is there".to_owned()),
            false => (true, "nothing".to_owned()),
        },
        Check::Folder { path } => match world.is_folder(path).await? {
            true => (true, "a folder".to_owned()),
            false => (false, "no such folder".to_owned()),
        },
        Check::Window { title } => {
            let windows = world.windows().await?;
            (windows.iter().any(|window| window.contains(title)), windows.join(" | "))
        }
    })
}

/// Editors end a file with a newline or do not; nothing else may differ.
fn same(found: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    found.strip_suffix(b"\n").unwrap_or(found) == text.strip_suffix(b"\n").unwrap_or(text)
}

#[cfg(test)]
mod tests;
