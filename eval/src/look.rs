//! Looking at what became of a task.

use std::time::{Duration, Instant};

use deskbound_agent::desktop::{Desktop, DesktopError, Observation};
use serde::{Deserialize, Serialize};

use crate::digest;
use crate::home::Home;
use crate::import::osworld::Evaluator;
use crate::script::{ScriptError, follow};
use crate::task::{Check, Move, Printed, Task, What};

/// How much of a file or of the window titles a finding quotes.
const QUOTED_CHARS: usize = 200;
/// How far a colour may be from the one that is asked for, in each of its parts.
const COLOUR_FAR: u8 = 8;
/// Applications write what they were told a moment later.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// One check, and what was there when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What should be so, for people.
    pub check: String,
    pub weight: u32,
    pub holds: bool,
    /// How much of it, between nothing and 1, where it is not all or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Words from inside the desktop: a stranger's.
    pub found: String,
}

/// Whether there is time for what has not come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Some,
    None,
}

/// Every check of a task. What does not hold is looked at again for a moment.
pub(crate) async fn look<D: Desktop>(
    home: &mut Home<'_, D>,
    checks: &[Check],
    patience: Patience,
) -> Result<Vec<Finding>, DesktopError> {
    let begun = Instant::now();
    // Their last steps are not to be taken twice.
    let is_once = checks.iter().any(|check| matches!(check.what, What::Evaluated { .. }));
    loop {
        let findings = look_once(home, checks).await?;
        let is_over = patience == Patience::None || is_once || begun.elapsed() >= PATIENCE;
        if is_over || findings.iter().all(|finding| finding.holds) {
            return Ok(findings);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn look_once<D: Desktop>(
    home: &mut Home<'_, D>,
    checks: &[Check],
) -> Result<Vec<Finding>, DesktopError> {
    let (mut findings, mut seen) = (Vec::new(), None);
    for Check { weight, what } in checks {
        if needs_a_look(what) && seen.is_none() {
            seen = Some(home.observe().await?);
        }
        let (mut share, check) = (None, what.to_string());
        let (holds, found) = match (&seen, what) {
            (Some(seen), what) if needs_a_look(what) => on_screen(what, seen),
            (_, What::Evaluated { evaluator, after }) => {
                let (score, found) = evaluated(home, evaluator, after).await?;
                share = Some(score);
                (score >= 1.0, found)
            }
            _ => elsewhere(home, what).await?,
        };
        let found = found.chars().take(QUOTED_CHARS).collect();
        findings.push(Finding { check, weight: *weight, holds, share, found });
    }
    Ok(findings)
}

fn needs_a_look(what: &What) -> bool {
    matches!(
        what,
        What::Window { .. }
            | What::NoWindow { .. }
            | What::Shows { .. }
            | What::Hides { .. }
            | What::Pixel { .. }
    )
}

fn on_screen(what: &What, seen: &Observation) -> (bool, String) {
    let titles = seen.titles();
    let has = |title: &String| titles.iter().any(|found| found.contains(title));
    let shows = |selector: &str| match seen.find(selector) {
        Ok(found) => {
            let names = found.iter().map(|found| format!("{} {}", found.name, found.text));
            Ok((!found.is_empty(), names.collect::<Vec<_>>().join(" | ")))
        }
        Err(error) => Err((false, error.to_string())),
    };
    match what {
        What::Window { title } => (has(title), titles.join(" | ")),
        What::NoWindow { title } => (!has(title), titles.join(" | ")),
        What::Shows { selector } => shows(selector).unwrap_or_else(|wrong| wrong),
        What::Hides { selector } => {
            shows(selector).map_or_else(|wrong| wrong, |(any, found)| (!any, found))
        }
        What::Pixel { at, colour } => match pixel(seen, *at) {
            Some(found) => {
                let near = |(one, other): (&u8, &u8)| one.abs_diff(*other) <= COLOUR_FAR;
                (found.iter().zip(colour).all(near), format!("{found:02x?}"))
            }
            None => (false, "it is not on the screen".to_owned()),
        },
        _ => unreachable!("only what needs a look is looked at"),
    }
}

fn pixel(seen: &Observation, [x, y]: [i32; 2]) -> Option<[u8; 3]> {
    let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
    seen.frame.get_pixel_checked(x, y).map(|pixel| pixel.0)
}

async fn elsewhere<D: Desktop>(
    home: &mut Home<'_, D>,
    what: &What,
) -> Result<(bool, String), DesktopError> {
    Ok(match what {
        What::Text { file, text } => match home.read(file).await? {
            None => (false, NO_FILE.to_owned()),
            Some(bytes) => (same(&bytes, text), String::from_utf8_lossy(&bytes).into_owned()),
        },
        What::Words { file, contains, lacks } => match home.read(file).await? {
            None => (false, NO_FILE.to_owned()),
            Some(bytes) => {
                let found = String::from_utf8_lossy(&bytes).into_owned();
                (has_words(&found, contains, lacks), found)
            }
        },
        What::Json { file, at, is } => match home.read(file).await? {
            None => (false, NO_FILE.to_owned()),
            Some(bytes) => match serde_json::from_slice::<serde_json::Value>(&bytes) {
                Ok(value) => {
                    let found = value.pointer(at);
                    (found == Some(is), found.map_or("nothing".to_owned(), ToString::to_string))
                }
                Err(error) => (false, format!("no JSON: {error}")),
            },
        },
        What::Missing { path } => match home.exists(path).await? {
            true => (false, "it is there".to_owned()),
            false => (true, "nothing".to_owned()),
        },
        What::Folder { path } => match home.is_folder(path).await? {
            true => (true, "a folder".to_owned()),
            false => (false, "no such folder".to_owned()),
        },
        What::Prints { run, printed } => {
            let output = home.run(run).await?;
            let found = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            let holds = match printed {
                Printed::Is(text) => found == text.trim(),
                Printed::Has { contains, lacks } => has_words(&found, contains, lacks),
            };
            match output.status {
                Some(0) => (holds, found),
                status => (false, format!("it ended with {status:?}")),
            }
        }
        _ => unreachable!("what needs a look was looked at"),
    })
}

/// A score of others, and how it is told.
async fn evaluated<D: Desktop>(
    home: &mut Home<'_, D>,
    evaluator: &Evaluator,
    after: &[Move],
) -> Result<(f64, String), DesktopError> {
    match follow(home, after).await {
        Ok(_) => {
            let score = evaluator.score(home).await?;
            Ok((score, format!("{score:.2}")))
        }
        Err(ScriptError::Failed { what, .. }) => Ok((0.0, what)),
        Err(ScriptError::Desktop { source, .. }) => Err(source),
    }
}

const NO_FILE: &str = "no such file";

/// Editors end a file with a newline or do not; nothing else may differ.
fn same(found: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    found.strip_suffix(b"\n").unwrap_or(found) == text.strip_suffix(b"\n").unwrap_or(text)
}

fn has_words(found: &str, contains: &[String], lacks: &[String]) -> bool {
    contains.iter().all(|words| found.contains(words.as_str()))
        && !lacks.iter().any(|words| found.contains(words.as_str()))
}

/// The digests of what must stay as it is; `None` where there is nothing.
pub(crate) async fn sealed<D: Desktop>(
    home: &mut Home<'_, D>,
    task: &Task,
) -> Result<Vec<Option<String>>, DesktopError> {
    let mut sealed = Vec::new();
    for path in &task.untouched {
        let bytes = home.read(path).await?;
        sealed.push(bytes.map(|bytes| digest::of(&bytes)));
    }
    Ok(sealed)
}

#[cfg(test)]
mod tests;
