//! A private desktop for tests, benchmarks and harvesting: X server, session bus, accessibility
//! bus, window manager and real applications, in a home folder of its own.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let bed = deskbound_testbed::Testbed::start()?;
//! let editor = bed.launch("mousepad", &[])?;
//! assert!(editor.is_alive());
//! # Ok(()) }
//! ```
//!
//! Nothing of the caller's own session is touched: children get [`Testbed::env`] and nothing else.
//! Everything is owned: dropping an [`App`] ends it, dropping the [`Testbed`] ends the rest, also
//! what a bus activated on its own, and a [`reaper`] does the same where the owner was killed.

mod packages;
mod picture;
mod process;
mod reaper;
mod wait;

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;

pub use picture::{Colour, Picture, Rect};
pub use process::App;
pub use wait::{wait_for, wait_until};

use reaper::Reaper;

/// The desktop's size in pixels.
pub const SCREEN: (u32, u32) = (1280, 800);

/// How long each part of the desktop may take to be there; generous, for a busy machine.
const START_LIMIT: Duration = Duration::from_secs(90);
/// How long servers get to remove their sockets and locks.
const SERVER_GRACE: Duration = Duration::from_secs(2);
const BUS_LAUNCHER: &str = "/usr/libexec/at-spi-bus-launcher";

/// A running private desktop. See the crate's text.
pub struct Testbed {
    display: String,
    session_bus: String,
    a11y_bus: String,
    launched: AtomicU32,
    // Ended in this order: clients before the servers they talk to, the sweep of what is left, the
    // folder last.
    servers: Vec<App>,
    reaper: Reaper,
    folder: TempDir,
}

impl Testbed {
    /// [`start`](Self::start) with large applications and peers on the machine, for long tests and
    /// benchmarks.
    pub fn start_large() -> Result<Self> {
        packages::ensure_long()?;
        Self::start()
    }

    /// Starts all parts and waits for each. Missing Debian packages are installed before; where
    /// only root could do that, the error names them and the command.
    pub fn start() -> Result<Self> {
        packages::ensure()?;
        let folder = tempfile::Builder::new().prefix("testbed-").tempdir()?;
        for (name, mode) in [("home", 0o755), ("run", 0o700), ("log", 0o755)] {
            let path = folder.path().join(name);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        }
        let mut bed = Self {
            display: String::new(),
            session_bus: String::new(),
            a11y_bus: String::new(),
            launched: AtomicU32::new(0),
            servers: Vec::new(),
            reaper: Reaper::start(folder.path())?,
            folder,
        };
        bed.start_display()?;
        bed.start_session_bus()?;
        bed.start_accessibility()?;
        bed.start_window_manager()?;
        Ok(bed)
    }

    /// Starts an application on this desktop. Its output goes to [`App::log`].
    pub fn launch(&self, program: &str, args: &[&str]) -> Result<App> {
        self.spawn(program, args, Duration::ZERO)
    }

    /// [`launch`](Self::launch), with more in its environment.
    pub fn launch_with(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> Result<App> {
        // `env` sets what follows and becomes the program: the process stays the same.
        let mut all: Vec<String> =
            env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        all.push(program.to_owned());
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.spawn("env", &all, Duration::ZERO)
    }

    /// The whole environment of a process on this desktop.
    pub fn env(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let run = self.folder.path().join("run");
        let home = self.home();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut env = vec![
            ("PATH".to_owned(), format!("{path}:/usr/bin:/bin")),
            ("HOME".to_owned(), text(&home)),
            ("XDG_RUNTIME_DIR".to_owned(), text(&run)),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("GSETTINGS_BACKEND".to_owned(), "memory".to_owned()),
            ("QT_QPA_PLATFORM".to_owned(), "xcb".to_owned()),
            (reaper::MARK.to_owned(), text(self.folder.path())),
        ];
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

    pub fn a11y_bus_address(&self) -> &str {
        &self.a11y_bus
    }

    /// What is on the screen now.
    pub fn picture(&self) -> Result<Picture> {
        Picture::take(&self.display)
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

    fn spawn(&self, program: &str, args: &[&str], grace: Duration) -> Result<App> {
        let number = self.launched.fetch_add(1, Ordering::Relaxed);
        let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
        let log = self.folder.path().join(format!("log/{number:02}-{name}"));
        let output = File::create(&log)?;
        let mut command = self.command(program);
        command.args(args).stdout(output.try_clone()?).stderr(output);
        App::spawn(command, log, grace)
    }

    fn start_display(&mut self) -> Result<()> {
        let (width, height) = SCREEN;
        let screen = format!("{width}x{height}x24");
        let args =
            ["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset", "-s", "0"];
        let server = self.spawn("Xvfb", &args, SERVER_GRACE)?;
        let number = wait_for("the X server names its display", START_LIMIT, || {
            let log = server.log();
            // The number comes alone on a line; anything else there is a complaint.
            let complete = &log[..log.rfind('\n')?];
            complete.lines().find_map(|line| line.trim().parse::<u32>().ok())
        })
        .with_context(|| server.log())?;
        self.display = format!(":{number}");
        self.servers.push(server);
        Ok(())
    }

    fn start_session_bus(&mut self) -> Result<()> {
        let socket = self.folder.path().join("run/bus");
        self.session_bus = format!("unix:path={}", socket.display());
        let address = format!("--address={}", self.session_bus);
        let args = ["--session", "--nofork", "--nopidfile", &address];
        let bus = self.spawn("dbus-daemon", &args, SERVER_GRACE)?;
        wait_until("the session bus listens", START_LIMIT, || socket.exists())
            .with_context(|| bus.log())?;
        self.servers.push(bus);
        Ok(())
    }

    fn start_accessibility(&mut self) -> Result<()> {
        let launcher = self.spawn(BUS_LAUNCHER, &["--launch-immediately"], SERVER_GRACE)?;
        self.servers.push(launcher);
        // Firefox and Chromium look at this once, when they start.
        let enable = ["string:org.a11y.Status", "string:IsEnabled", "variant:boolean:true"]
            .map(String::from);
        wait_until("accessibility is switched on", START_LIMIT, || {
            self.ask_a11y("org.freedesktop.DBus.Properties.Set", &enable).is_ok()
        })?;
        self.a11y_bus = wait_for("the accessibility bus has an address", START_LIMIT, || {
            self.ask_a11y("org.a11y.Bus.GetAddress", &[]).ok().filter(|found| !found.is_empty())
        })?;
        Ok(())
    }

    fn start_window_manager(&mut self) -> Result<()> {
        let manager = self.spawn("xfwm4", &["--compositor=off"], Duration::ZERO)?;
        wait_until("the window manager manages", START_LIMIT, || {
            let asked = self.command("xprop").args(["-root", "_NET_SUPPORTING_WM_CHECK"]).output();
            asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("window id"))
        })
        .with_context(|| manager.log())?;
        self.servers.push(manager);
        Ok(())
    }

    fn ask_a11y(&self, method: &str, args: &[String]) -> Result<String> {
        let mut command = self.command("dbus-send");
        command.args(["--session", "--dest=org.a11y.Bus", "--print-reply=literal"]);
        let said = command.args(["/org/a11y/bus", method]).args(args).output()?;
        if !said.status.success() {
            bail!("{method}: {}", String::from_utf8_lossy(&said.stderr).trim());
        }
        let text = String::from_utf8(said.stdout).context("the answer of dbus-send")?;
        ensure!(!text.contains('\0'), "{method} answered bytes");
        Ok(text.trim().to_owned())
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        while let Some(server) = self.servers.pop() {
            drop(server);
        }
        self.reaper.sweep();
    }
}
