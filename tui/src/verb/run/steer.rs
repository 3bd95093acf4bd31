//! Commands from standard input, a line each, while a run goes on.

use std::io::{self, IsTerminal as _};

use deskbound_agent::control::{Attendance, Control};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::terminal::{harmless, note};
use crate::typed::{HELP, Typed, lines, read};

/// Ends with the run.
pub(super) struct Steering {
    obeying: JoinHandle<()>,
}

impl Drop for Steering {
    fn drop(&mut self) {
        self.obeying.abort();
    }
}

/// Reads where a person sits at a terminal, or where it was asked for.
pub(super) fn start(control: &Control, asked_for: bool) -> Option<Steering> {
    let is_terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !(asked_for || is_terminal) {
        return None;
    }
    let obeying = tokio::spawn(obey(lines(), control.clone(), control.attend()));
    Some(Steering { obeying })
}

/// Who has ended the input is no longer there to be asked.
async fn obey(mut lines: mpsc::Receiver<String>, control: Control, _attendance: Attendance) {
    let mut carried = control.carried();
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            Ok(()) = carried.changed() => {
                let text = carried.borrow_and_update().clone().unwrap_or_default();
                text.lines().for_each(|line| note(harmless(line)));
                continue;
            }
        };
        let Some(line) = line else { return };
        match read(&line, control.asked()) {
            Ok(Typed::Tell(command)) => {
                if let Err(error) = control.tell(command) {
                    note(format_args!("not taken: {error}"));
                }
            }
            Ok(Typed::Stop) => control.stop().ask(),
            Ok(Typed::Help) => note(HELP),
            Ok(Typed::Nothing) => {}
            Err(why) => note(why),
        }
    }
}
