//! A real terminal: a tmux server of its own, with one window. Keys are sent, and the screen is
//! looked at until it says what was waited for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use deskbound_host::{Purpose, install, missing};

use crate::program::Environment;

/// A screen that does not come in this time does not come. Generous: machines are busy.
const LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);

pub(crate) struct Tmux {
    socket: PathBuf,
    /// Where the shell's variables come from.
    folder: tempfile::TempDir,
}

impl Tmux {
    /// A shell in a terminal of this size, in this environment, with `deskbound` on its path.
    pub(crate) fn open(environment: &Environment, (columns, rows): (u16, u16)) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            install(&missing(Purpose::Test), &mut |step| eprintln!("{step}")).expect("installed");
        });
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("tmux");
        let tmux = Self { socket, folder };
        let program = Path::new(env!("CARGO_BIN_EXE_deskbound"));
        let place = program.parent().expect("a program lies in a folder");
        let rc = tmux.folder.path().join("rc");
        fs::write(&rc, "PS1='ready> '\n").expect("written");
        let (columns, rows) = (columns.to_string(), rows.to_string());
        let shell = format!("exec bash --noprofile --rcfile {}", rc.display());
        let command = environment.command(&[]);
        let variables: Vec<String> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)))
            .map(|(name, value)| format!("{}={}", name.display(), value.display()))
            .chain([
                "LANG=C.UTF-8".to_owned(),
                "TERM=tmux-256color".to_owned(),
                format!("PATH={}:/usr/bin:/bin", place.display()),
            ])
            .collect();
        // What the shell writes is not to lie in the repository.
        let home = environment.home().display().to_string();
        let mut words = vec!["-f", "/dev/null", "new-session", "-d", "-x", &columns, "-y", &rows];
        words.extend(["-c", &home]);
        words.extend(["env", "-i"]);
        words.extend(variables.iter().map(String::as_str));
        words.extend(["sh", "-c", &shell]);
        tmux.run(&words);
        tmux.run(&["set", "-g", "window-size", "manual"]);
        tmux.wait_for("the shell", |screen| screen.contains("ready>"));
        tmux
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        let mut tmux = Command::new("tmux");
        tmux.env_remove("TMUX").arg("-S").arg(&self.socket).args(words);
        let output = tmux.output().expect("tmux starts");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "tmux {words:?}: {error}");
        output
    }

    /// Types a line into the shell.
    pub(crate) fn line(&self, line: &str) {
        self.run(&["send-keys", "-l", line]);
        self.press("Enter");
    }

    /// Keys by their tmux names.
    pub(crate) fn press(&self, keys: &str) {
        let keys: Vec<&str> = keys.split(' ').collect();
        self.run(&[&["send-keys"], &keys[..]].concat());
    }

    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.run(&["resize-window", "-x", &columns.to_string(), "-y", &rows.to_string()]);
    }

    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.run(&["capture-pane", "-p"]).stdout).into_owned()
    }

    /// The screen with its colours.
    pub(crate) fn coloured(&self) -> String {
        String::from_utf8_lossy(&self.run(&["capture-pane", "-p", "-e"]).stdout).into_owned()
    }

    pub(crate) fn is_alternate(&self) -> bool {
        let said = self.run(&["display-message", "-p", "#{alternate_on}"]).stdout;
        said.starts_with(b"1")
    }

    /// The words of a command that shows it on another terminal.
    pub(crate) fn shown_by(&self) -> [String; 4] {
        let socket = self.socket.to_str().expect("UTF-8");
        ["tmux", "-S", socket, "attach"].map(str::to_owned)
    }

    /// The terminal goes away, with everything that is shown on it.
    pub(crate) fn close(&self) {
        self.run(&["kill-server"]);
    }

    /// What the shell has started and waits for.
    pub(crate) fn running(&self) -> Pid {
        let shell = self.run(&["display-message", "-p", "#{pane_pid}"]).stdout;
        let shell = String::from_utf8(shell).expect("a number");
        let shell = shell.trim();
        let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        let children = children.expect("the shell runs");
        let first = children.split_whitespace().next().and_then(|pid| pid.parse().ok());
        first.and_then(Pid::from_raw).expect("the shell has a child")
    }

    /// Looks until the screen is as wanted; says what it was if it never is.
    pub(crate) fn wait_for(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < LIMIT, "waited for {what}, and the screen says:\n{screen}");
            thread::sleep(POLL);
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // The server may have ended with its last window.
        let mut tmux = Command::new("tmux");
        let _ = tmux.arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}
