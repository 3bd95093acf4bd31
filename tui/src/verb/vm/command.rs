//! `vm run`: a command inside, its output and its status passed on.

use std::io::{self, Read as _};
use std::thread;
use std::time::Duration;

use clap::Args;
use deskbound_vm::{CommandEnd, CommandInput, CommandSpec, Mode, Stream, User};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::Which;
use super::form::Form;
use super::output::Output;
use super::place::Place;
use crate::failure::{Exit, Failure};
use crate::terminal::note;

/// The status of a program that wrote into a pipe that nobody reads: 128 and the signal's number.
const UNREAD: u8 = 128 + 13;

/// Where nothing is said of the time that a command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(60 * 60);

/// The longest that may be said.
const COMMAND_SECONDS_MAX: u64 = 24 * 60 * 60;

/// Bytes of standard input that are passed on at once.
const INPUT_BYTES: usize = 64 * 1024;

/// Pieces of input that wait to be passed on.
const INPUTS_WAITING_MAX: usize = 16;

/// Of each stream, where it is told at the end.
const KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm run -- cat /etc/os-release
  deskbound vm run desk-12-1 --cwd /tmp -- ls -l
  tar c folder | deskbound vm run desk-12-1 --input -- tar x
  deskbound vm run desk-12-1 --background -- mousepad")]
pub(crate) struct Run {
    /// A desktop that runs; without it, a fresh one that is gone afterwards.
    #[arg(conflicts_with = "recipe")]
    name: Option<String>,
    #[command(flatten)]
    which: Which,
    /// As root, rather than as the desktop's user.
    #[arg(long)]
    root: bool,
    /// The folder to start in; without it, the user's home.
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<String>,
    /// A variable of the command's environment; may be given more than once.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Kill it, with all its children, after so many seconds; an hour where nothing is said.
    #[arg(long, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=COMMAND_SECONDS_MAX))]
    timeout: Option<u64>,
    /// Pass on standard input.
    #[arg(long, short)]
    input: bool,
    /// Only start it; it lives on, and its output goes nowhere.
    #[arg(long, conflicts_with = "input", requires = "name")]
    background: bool,
    /// The program and its arguments; no shell is in between.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    argv: Vec<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a variable is written NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Run {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::of(self.name.as_deref(), &self.which, form).await?;
        let (mut stdout, mut stderr) = (Output::new(io::stdout()), Output::new(io::stderr()));
        let mut kept = Kept::default();
        let gone = Notify::new();
        // A terminal that has gone away stops nothing; a pipe that nobody reads does.
        let mut pass_on = |stream, bytes: &[u8]| {
            let passed = match stream {
                _ if form == Form::Json => kept.add(stream, bytes),
                Stream::Stdout => stdout.pass_on(bytes),
                Stream::Stderr => stderr.pass_on(bytes),
            };
            if passed.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                gone.notify_one();
            }
        };
        let exit = tokio::select! {
            end = place.guest().run_with(self.spec(), self.fed(), &mut pass_on) => {
                let end = end?;
                if end.timed_out && form == Form::Text {
                    let limit = self.limit().as_secs();
                    note(format_args!("its time of {limit} s is over, and it was killed"));
                }
                form.done_to(place.about(), kept.json(end));
                Exit::Status(u8::try_from(end.status).unwrap_or(u8::MAX))
            }
            () = gone.notified() => Exit::Status(UNREAD),
            _ = tokio::signal::ctrl_c() => Exit::Interrupted,
        };
        let _ = stdout.finish().and_then(|()| stderr.finish());
        Ok(exit)
    }

    fn spec(&self) -> CommandSpec {
        let mode = match (self.background, self.input) {
            (true, _) => Mode::Background,
            (false, true) => Mode::Fed,
            (false, false) => Mode::Followed,
        };
        CommandSpec {
            argv: self.argv.clone(),
            cwd: self.cwd.clone(),
            env: self.env.clone(),
            user: if self.root { User::Root } else { User::Session },
            timeout: Some(self.limit()),
            mode,
        }
    }

    fn limit(&self) -> Duration {
        self.timeout.map_or(COMMAND_LIMIT, Duration::from_secs)
    }

    fn fed(&self) -> mpsc::Receiver<CommandInput> {
        let (input, fed) = mpsc::channel(INPUTS_WAITING_MAX);
        if self.input {
            // It may wait in a read for ever, and ends with this process.
            thread::spawn(move || read_input(&input));
        }
        fed
    }
}

/// What a command said, where it is told at the end.
#[derive(Default)]
struct Kept {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    cut: bool,
}

impl Kept {
    /// As [`Output::pass_on`](super::output::Output::pass_on), and always well.
    fn add(&mut self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        let to = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let room = KEPT_BYTES_MAX.saturating_sub(to.len());
        self.cut |= room < bytes.len();
        to.extend_from_slice(&bytes[..room.min(bytes.len())]);
        Ok(())
    }

    fn json(&self, end: CommandEnd) -> Value {
        let [stdout, stderr] =
            [&self.stdout, &self.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        let CommandEnd { status, timed_out, pid } = end;
        json!({
            "status": status, "timed_out": timed_out, "pid": pid, "stdout": stdout,
            "stderr": stderr, "cut": self.cut,
        })
    }
}

/// Standard input to its end, or until nobody wants more of it.
pub(super) fn read_input(input: &mpsc::Sender<CommandInput>) {
    let mut bytes = vec![0; INPUT_BYTES];
    while let Ok(length @ 1..) = io::stdin().lock().read(&mut bytes) {
        if input.blocking_send(CommandInput::Bytes(bytes[..length].to_vec())).is_err() {
            return;
        }
    }
    let _ = input.blocking_send(CommandInput::End);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_told_up_to_a_limit() {
        let mut kept = Kept::default();
        kept.add(Stream::Stdout, b"a \xff").unwrap();
        kept.add(Stream::Stderr, b"b").unwrap();
        let expected = json!({
            "cut": false, "pid": null, "status": 3, "stderr": "b", "stdout": "a \u{fffd}",
            "timed_out": false
        });
        let end = CommandEnd { status: 3, timed_out: false, pid: None };
        assert_eq!(kept.json(end), expected);
        kept.add(Stream::Stdout, &vec![b'x'; KEPT_BYTES_MAX]).unwrap();
        assert_eq!((kept.stdout.len(), kept.cut), (KEPT_BYTES_MAX, true));
    }
}
