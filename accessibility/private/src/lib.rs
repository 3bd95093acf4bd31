//! A private desktop: an X server that nobody sees, with its own buses, window manager and home
//! folder. It is gone with its owner.
//!
//! ```text
//!   start ── Xvfb ── session bus ── accessibility bus ── window manager ──▶ ready
//!     │                                                                      │ dropped
//!     └── reaper: reads a pipe that only the owner holds ── owner gone ──▶ ends all, removes home
//! ```
//!
//! Nothing of the caller's own session is touched: children get [`Private::env`] and nothing else.
//! Dropping a [`Process`] ends it, dropping the [`Private`] ends the rest, also what a bus activated
//! on its own, and the reaper does the same where the owner was killed. What runs on it shares the
//! confinement of the process that started it.

mod process;
mod reaper;
mod wait;

use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tempfile::TempDir;

pub use process::Process;
use reaper::Reaper;
pub use wait::{TooLate, wait_for, wait_until};

/// How long each part of the desktop may take to be there; generous: on a busy machine a window
/// manager waits for its settings for half a minute.
const START_LIMIT: Duration = Duration::from_secs(90);
/// How long servers get to remove their sockets and locks.
const SERVER_GRACE: Duration = Duration::from_secs(2);
/// The end of what a part has complained of, that an error quotes.
const SAID_CHARS: usize = 300;
const BUS_LAUNCHER: &str = "/usr/libexec/at-spi-bus-launcher";

/// What a private desktop is to be.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Its folder's name begins with it.
    pub prefix: &'w str,
    /// Width and height in pixels.
    pub screen: (u32, u32),
    /// In the environment of everything that belongs to it, with its folder.
    pub mark: &'static str,
    /// What else is in that environment.
    pub env: &'w [(&'w str, &'w str)],
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateError {
    #[error("`{}` cannot be made", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("`{program}` could not be started")]
    Start { program: String, source: io::Error },
    #[error("{what} did not come about within {limit:?}; it says “{said}”")]
    Late { what: &'static str, limit: Duration, said: String },
}

/// A running private desktop.
pub struct Private {
    display: String,
    session_bus: String,
    mark: &'static str,
    env: Vec<(String, String)>,
    launched: AtomicU32,
    // Ended in this order: clients before the servers they talk to, the sweep of what is left, the
    // folder last.
    servers: Vec<Process>,
    reaper: Reaper,
    folder: TempDir,
}

impl Private {
    /// Starts all parts and waits for each.
    pub fn start(wanted: &Wanted<'_>) -> Result<Self, PrivateError> {
        // Made for its owner alone.
        let folder = tempfile::Builder::new().prefix(wanted.prefix).tempdir();
        let folder =
            folder.map_err(|source| PrivateError::File { path: std::env::temp_dir(), source })?;
        for (name, mode) in [("home", 0o755), ("run", 0o700), ("log", 0o755)] {
            let path = folder.path().join(name);
            let made = DirBuilder::new().mode(mode).create(&path);
            made.map_err(|source| PrivateError::File { path, source })?;
        }
        let env = wanted.env.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let mut desktop = Self {
            display: String::new(),
            session_bus: String::new(),
            mark: wanted.mark,
            env: env.collect(),
            launched: AtomicU32::new(0),
            servers: Vec::new(),
            reaper: Reaper::start(wanted.mark, folder.path())?,
            folder,
        };
        desktop.start_display(wanted.screen)?;
        desktop.start_session_bus()?;
        desktop.start_accessibility()?;
        desktop.start_window_manager()?;
        Ok(desktop)
    }

    /// Starts an application on this desktop. Its output goes to [`Process::log`].
    pub fn launch(&self, program: &str, args: &[&str]) -> Result<Process, PrivateError> {
        self.spawn(program, args, Duration::ZERO)
    }

    /// The whole environment of a process on this desktop.
    pub fn env(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut env = vec![
            ("PATH".to_owned(), format!("{path}:/usr/bin:/bin")),
            ("HOME".to_owned(), text(&self.home())),
            ("XDG_RUNTIME_DIR".to_owned(), text(&self.folder.path().join("run"))),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("QT_QPA_PLATFORM".to_owned(), "xcb".to_owned()),
            (self.mark.to_owned(), text(self.folder.path())),
        ];
        env.extend(self.env.iter().cloned());
        for (name, value) in
            [("DISPLAY", &self.display), ("DBUS_SESSION_BUS_ADDRESS", &self.session_bus)]
        {
            if !value.is_empty() {
                env.push((name.to_owned(), value.clone()));
            }
        }
        env
    }

    /// Such as `:3`.
    pub fn display(&self) -> &str {
        &self.display
    }

    pub fn session_bus_address(&self) -> &str {
        &self.session_bus
    }

    /// As the session bus tells it; `None` where it does not.
    pub fn a11y_bus_address(&self) -> Option<String> {
        self.ask_a11y("org.a11y.Bus.GetAddress", &[]).filter(|found| !found.is_empty())
    }

    /// The home folder of every process here.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A command with this desktop's environment, not started and not owned.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.env()).current_dir(self.home()).stdin(Stdio::null());
        command
    }

    fn spawn(
        &self,
        program: &str,
        args: &[&str],
        grace: Duration,
    ) -> Result<Process, PrivateError> {
        let number = self.launched.fetch_add(1, Ordering::Relaxed);
        let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
        let log = self.folder.path().join(format!("log/{number:02}-{name}"));
        let failed = |source| PrivateError::File { path: log.clone(), source };
        let output = File::create(&log).map_err(failed)?;
        let mut command = self.command(program);
        command.args(args).stdout(output.try_clone().map_err(failed)?).stderr(output);
        Process::spawn(command, log, grace)
    }

    fn start_display(&mut self, (width, height): (u32, u32)) -> Result<(), PrivateError> {
        let screen = format!("{width}x{height}x24");
        let args =
            ["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset", "-s", "0"];
        let server = self.spawn("Xvfb", &args, SERVER_GRACE)?;
        let number = wait_for("the X server's display", START_LIMIT, || {
            let log = server.log();
            // The number comes alone on a line; anything else there is a complaint.
            let complete = &log[..log.rfind('\n')?];
            complete.lines().find_map(|line| line.trim().parse::<u32>().ok())
        });
        let number = number.map_err(|_| late("the X server's display", &server))?;
        self.display = format!(":{number}");
        self.servers.push(server);
        Ok(())
    }

    fn start_session_bus(&mut self) -> Result<(), PrivateError> {
        let socket = self.folder.path().join("run/bus");
        let address = format!("unix:path={}", socket.display());
        let flag = format!("--address={address}");
        let args = ["--session", "--nofork", "--nopidfile", &flag];
        self.serve("the session bus", "dbus-daemon", &args, |_| socket.exists())?;
        self.session_bus = address;
        Ok(())
    }

    fn start_accessibility(&mut self) -> Result<(), PrivateError> {
        // Browsers look at this once, when they start.
        let enable = ["string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true"];
        let args = ["--launch-immediately"];
        self.serve("the accessibility bus", BUS_LAUNCHER, &args, |desktop| {
            desktop.ask_a11y("org.freedesktop.DBus.Properties.Set", &enable).is_some()
        })
    }

    fn start_window_manager(&mut self) -> Result<(), PrivateError> {
        self.serve("the window manager", "xfwm4", &["--compositor=off"], |desktop| {
            let mut ask = desktop.command("xprop");
            let said = ask.args(["-root", "_NET_SUPPORTING_WM_CHECK"]).output();
            said.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("window id"))
        })
    }

    /// Starts a part, and waits until it is there.
    fn serve(
        &mut self,
        what: &'static str,
        program: &str,
        args: &[&str],
        is_there: impl Fn(&Self) -> bool,
    ) -> Result<(), PrivateError> {
        let server = self.spawn(program, args, SERVER_GRACE)?;
        let waited = wait_until(what, START_LIMIT, || is_there(self));
        waited.map_err(|_| late(what, &server))?;
        self.servers.push(server);
        Ok(())
    }

    /// What the accessibility bus answers; `None` where it does not.
    fn ask_a11y(&self, method: &str, args: &[&str]) -> Option<String> {
        let mut command = self.command("dbus-send");
        command.args(["--session", "--dest=org.a11y.Bus", "--print-reply=literal"]);
        let said = command.args(["/org/a11y/bus", method]).args(args).output().ok()?;
        let text = said.status.success().then(|| String::from_utf8(said.stdout))?.ok()?;
        Some(text.trim().to_owned())
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        while let Some(server) = self.servers.pop() {
            drop(server);
        }
        self.reaper.sweep();
    }
}

fn late(what: &'static str, server: &Process) -> PrivateError {
    let said = server.log();
    let skipped = said.trim().chars().count().saturating_sub(SAID_CHARS);
    let said = said.trim().chars().skip(skipped).collect();
    PrivateError::Late { what, limit: START_LIMIT, said }
}
