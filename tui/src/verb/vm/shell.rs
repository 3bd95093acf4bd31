//! `vm shell`: a terminal inside, on this terminal.

mod filter;

use std::io::{self, IsTerminal as _, Write as _};
use std::thread;

use clap::Args;
use deskbound_vm::{CommandInput, TerminalSize};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use self::filter::Filter;
use super::Which;
use super::command::read_input;
use super::form::Form;
use super::place::Place;
use crate::failure::{Exit, Failure};

/// Keys and sizes that wait to be passed on.
const INPUTS_WAITING_MAX: usize = 64;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm shell
  deskbound vm shell desk-12-1")]
pub(crate) struct Shell {
    /// A desktop that runs; without it, a fresh one that is gone afterwards.
    #[arg(conflicts_with = "recipe")]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
}

impl Shell {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            let failure = Failure::usage("a shell needs a terminal");
            return Err(failure.hint("`deskbound vm run NAME -- COMMAND` needs none"));
        }
        let place = Place::of(self.name.as_deref(), &self.which, form).await?;
        let (input, passed_on) = mpsc::channel(INPUTS_WAITING_MAX);
        let mut resized = signal(SignalKind::window_change()).map_err(Failure::missing)?;
        let raw = Raw::start().map_err(Failure::missing)?;
        let keys = input.clone();
        // It waits in a read, and ends with this process.
        thread::spawn(move || read_input(&keys));
        let mut filter = Filter::default();
        // A terminal that has gone away takes no more; the shell hears of it by its input's end.
        let mut show = |_, bytes: &[u8]| {
            let mut stdout = io::stdout().lock();
            let _ = stdout.write_all(&filter.harmless(bytes)).and_then(|()| stdout.flush());
        };
        let shell = place.guest().shell(size(), passed_on, &mut show);
        let resizing = async {
            while resized.recv().await.is_some() {
                if input.send(CommandInput::Resize(size())).await.is_err() {
                    break;
                }
            }
            std::future::pending::<()>().await;
        };
        let status = tokio::select! {
            end = shell => end?.status,
            () = resizing => unreachable!("it waits for ever"),
        };
        drop(raw);
        form.done_to(place.about(), json!({ "status": status }));
        Ok(Exit::Status(u8::try_from(status).unwrap_or(u8::MAX)))
    }
}

fn size() -> TerminalSize {
    match tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => {
            TerminalSize { columns: size.ws_col, rows: size.ws_row }
        }
        _ => TerminalSize { columns: 80, rows: 24 },
    }
}

/// The terminal gives every key as it is; as it was, when dropped.
struct Raw(Termios);

impl Raw {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(io::stdin(), OptionalActions::Now, &raw)?;
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Colours, keys and the other screen that a program inside may have left on.
        let _ = write!(io::stdout(), "\x1b[?1049l\x1b[?1l\x1b[?25h\x1b[?2004l\x1b[m\r\n");
        let _ = io::stdout().flush();
        // A terminal that has gone away needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &self.0);
    }
}
