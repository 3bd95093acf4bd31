//! The terminal is taken over and given back as it was: when the view is left, when anything
//! panics, and when the process is stopped for a while.
#![allow(unsafe_code)] // Only `raise` stops this very thread before it goes on.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, style};

use super::graphics::KITTY_CLEAR;

/// Whether the terminal is ours at this moment. One process has one terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// Whether pictures may be on it that no cell knows of.
static PICTURED: AtomicBool = AtomicBool::new(false);

/// While it lives, the terminal is ours.
#[derive(Debug)]
pub(crate) struct TerminalGuard(());

impl TerminalGuard {
    pub(crate) fn take() -> io::Result<Self> {
        HOOK.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |panicked| {
                give_back();
                before(panicked);
            }));
        });
        // Colours are the theme's matter; stock, bold and reverse would be lost with them.
        style::force_color_output(true);
        let guard = Self(());
        take()?;
        Ok(guard)
    }

    /// Whether the terminal tells of the pointer too.
    pub(crate) fn mouse(&self, listen: bool) -> io::Result<()> {
        match listen {
            true => execute!(io::stdout(), EnableMouseCapture),
            false => execute!(io::stdout(), DisableMouseCapture),
        }
    }

    /// From here on, pictures are taken away with the rest.
    pub(crate) fn pictured(&self) {
        PICTURED.store(true, Ordering::SeqCst);
    }

    /// Gives the terminal to the shell until this process is continued.
    pub(crate) fn suspend(&self) -> io::Result<()> {
        give_back();
        // SAFETY: no memory is involved; the default action stops the process at once, and where a
        // shell without job control has it ignored, nothing happens.
        unsafe { libc::raise(libc::SIGTSTP) };
        take()
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        give_back();
    }
}

/// Not so after a panic in any thread.
pub(crate) fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        if PICTURED.load(Ordering::SeqCst) {
            let _ = io::stdout().write_all(KITTY_CLEAR.as_bytes());
        }
        // A terminal that has gone away needs nothing back.
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableBracketedPaste,
            Show,
            LeaveAlternateScreen
        );
        let _ = disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read as _;
    use std::process::{Command, Stdio};

    use rustix::fs::{Mode, OFlags, open};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{Termios, tcgetattr};

    use super::*;

    const ASKED: &str = "DESKBOUND_TEST_PANICS";

    /// Does nothing, unless the test below has started it on a terminal of its own.
    #[test]
    fn panics_where_it_was_asked_to() {
        if std::env::var_os(ASKED).is_none() {
            return;
        }
        let guard = TerminalGuard::take().unwrap();
        assert!(is_taken());
        guard.mouse(true).unwrap();
        panic!("as asked");
    }

    #[test]
    fn a_panic_gives_the_terminal_back() {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).and_then(|()| unlockpt(&master)).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY;
        let slave = File::from(open(name.as_c_str(), flags, Mode::empty()).unwrap());
        let before = tcgetattr(&slave).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        let test = "dashboard::guard::tests::panics_where_it_was_asked_to";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ASKED, "1")
            // Nobody reads until it has ended, so it may not say much.
            .env("RUST_BACKTRACE", "0")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        assert!(!child.wait().unwrap().success());
        let after = tcgetattr(&slave).unwrap();
        let modes = |said: &Termios| {
            (said.input_modes, said.output_modes, said.local_modes, said.control_modes)
        };
        assert_eq!(modes(&after), modes(&before));
        drop(slave);
        let mut shown = Vec::new();
        // Ends with an error where the other end is closed; what was read counts.
        let _ = File::from(master).read_to_end(&mut shown);
        let shown = String::from_utf8_lossy(&shown);
        let taken = shown.find("\u{1b}[?1049h").expect("the other screen");
        let left = shown.find("\u{1b}[?1049l").expect("the first screen again");
        let told = shown.find("as asked").expect("what happened");
        assert!(taken < left && left < told, "{shown:?}");
        assert!(shown.contains("\u{1b}[?1000l") && shown.contains("\u{1b}[?25h"), "{shown:?}");
    }
}
