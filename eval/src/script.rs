//! Doing what a script says: a task's setup, and its oracle.

use std::time::Duration;

use deskbound_agent::action::{Action, Button, Direction, ScreenPx};
use deskbound_agent::chain;
use deskbound_agent::desktop::{Desktop, DesktopError, Observation};

use crate::home::Home;
use crate::task::{Ending, Move};

/// For a window or a widget to show. Starting a program on an emulated machine takes many seconds,
/// and minutes where others use the same cores.
const SHOW_LIMIT: Duration = Duration::from_secs(180);

/// Of the screen that every desktop here has.
const MIDDLE: ScreenPx = ScreenPx { x: 640, y: 400 };
const NOTCHES_MAX: u32 = 100;

/// For some window to get the keyboard.
const KEYBOARD_LIMIT: Duration = Duration::from_secs(3);
/// A window that has it.
const IN_FRONT: &str = "frame|window|dialog|alert|file-chooser active";

#[derive(Debug, thiserror::Error)]
pub(crate) enum ScriptError {
    #[error("the desktop failed at {at}")]
    Desktop { at: String, source: DesktopError },
    #[error("{at} failed: {what}")]
    Failed { at: String, what: String },
}

/// Follows a script to its end, and gives back what it says there.
pub(crate) async fn follow<D: Desktop>(
    home: &mut Home<'_, D>,
    script: &[Move],
) -> Result<Ending, ScriptError> {
    for (number, step) in (1..).zip(script) {
        let at = || format!("step {number} ({step:?})");
        match one(home, step).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(ending))) => return Ok(ending),
            Ok(Err(what)) => return Err(ScriptError::Failed { at: at(), what }),
            Err(source) => return Err(ScriptError::Desktop { at: at(), source }),
        }
    }
    Ok(Ending::Done)
}

async fn one<D: Desktop>(
    home: &mut Home<'_, D>,
    step: &Move,
) -> Result<Result<Option<Ending>, String>, DesktopError> {
    let has_title =
        |title: &str, seen: &Observation| seen.titles().iter().any(|found| found.contains(title));
    let done = match step {
        Move::Run { words } => ran(home, words).await?,
        Move::Launch { words } => {
            let mut words = words.iter().map(|word| home.placed(word));
            let program = words.next().expect("a command has a program");
            home.perform(&Action::Launch { program, args: words.collect() }).await?;
            Ok(())
        }
        Move::AwaitWindow { title } => {
            let seen = home.look_until(SHOW_LIMIT, |seen| has_title(title, seen)).await?;
            seen.map(drop).map_err(|seen| unseen(&seen))
        }
        Move::AwaitGone { title } => {
            let seen = home.look_until(SHOW_LIMIT, |seen| !has_title(title, seen)).await?;
            seen.map(drop).map_err(|seen| unseen(&seen))
        }
        Move::AwaitShown { selector } => shown(home, selector).await?.map(drop),
        Move::Click { selector, count } => match shown(home, selector).await? {
            Ok(at) => {
                home.perform(&Action::press(at, Button::Left, *count)).await?;
                Ok(())
            }
            Err(what) => Err(what),
        },
        Move::Key { chord } => {
            await_keyboard(home).await?;
            home.perform(&Action::chord(chord.clone())).await?;
            Ok(())
        }
        Move::Type { text } => {
            let text = home.placed(text);
            await_keyboard(home).await?;
            home.perform(&Action::Type { text }).await?;
            Ok(())
        }
        Move::Try { words } => match home.run(words).await {
            Ok(_) | Err(DesktopError::Start { .. } | DesktopError::Late { .. }) => Ok(()),
            Err(error) => return Err(error),
        },
        Move::Wait { seconds } => {
            tokio::time::sleep(Duration::from_secs_f64(*seconds)).await;
            Ok(())
        }
        Move::ClickAt { x, y, count } => {
            let at = ScreenPx { x: *x, y: *y };
            home.perform(&match count {
                0 => Action::Move { to: at },
                count => Action::press(at, Button::Left, *count),
            })
            .await?;
            Ok(())
        }
        Move::Scroll { notches } => {
            let direction = if *notches < 0 { Direction::Up } else { Direction::Down };
            let notches = notches.unsigned_abs().min(NOTCHES_MAX);
            home.perform(&Action::Scroll { at: MIDDLE, direction, notches }).await?;
            Ok(())
        }
        Move::End { ending } => return Ok(Ok(Some(*ending))),
    };
    Ok(done.map(|()| None))
}

/// A window that has just appeared gets the keyboard a moment later. Where none wants it, keys are
/// the window manager's.
async fn await_keyboard<D: Desktop>(home: &mut Home<'_, D>) -> Result<(), DesktopError> {
    let has_front = |seen: &Observation| seen.find(IN_FRONT).is_ok_and(|found| !found.is_empty());
    home.look_until(KEYBOARD_LIMIT, has_front).await.map(drop)
}

async fn ran<D: Desktop>(
    home: &mut Home<'_, D>,
    words: &[String],
) -> Result<Result<(), String>, DesktopError> {
    let output = home.run(words).await?;
    if output.status == Some(0) {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(Err(format!("it ended with {:?}: {}", output.status, said.trim())))
}

/// Where something that fits shows.
async fn shown<D: Desktop>(
    home: &mut Home<'_, D>,
    selector: &str,
) -> Result<Result<ScreenPx, String>, DesktopError> {
    let mut found = Ok(None);
    let seen = home
        .look_until(SHOW_LIMIT, |seen| {
            found = seen.find(selector).map(|list| list.into_iter().find_map(|found| found.at));
            // A selector that cannot be read will not read better later.
            !matches!(found, Ok(None))
        })
        .await?;
    Ok(match (found, seen) {
        (Ok(Some(at)), _) => Ok(at),
        (Err(error), _) => Err(chain(&error)),
        (Ok(None), Ok(seen) | Err(seen)) => {
            Err(format!("nothing that fits shows; {}", unseen(&seen)))
        }
    })
}

fn unseen(seen: &Observation) -> String {
    format!("the windows are: {}", seen.titles().join(" | "))
}
