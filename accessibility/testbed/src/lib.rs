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
//! Nothing of the caller's own session is touched, and everything is owned ([`deskbound_private`]):
//! dropping an [`App`] ends it, dropping the [`Testbed`] ends the rest.

mod packages;
mod picture;

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::Result;
use deskbound_private::{Private, Wanted};

pub use deskbound_private::{Process as App, wait_for, wait_until};
pub use picture::{Colour, Picture, Rect};

/// The desktop's size in pixels.
pub const SCREEN: (u32, u32) = (1280, 800);

/// How long the accessibility bus may take to have an address, on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(90);

const WANTED: Wanted<'_> = Wanted {
    prefix: "testbed-",
    screen: SCREEN,
    mark: "DESKBOUND_TESTBED",
    env: &[("GSETTINGS_BACKEND", "memory")],
};

/// A running private desktop. See the crate's text.
pub struct Testbed {
    private: Private,
    a11y_bus: String,
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
        let private = Private::start(&WANTED)?;
        let what = "the accessibility bus has an address";
        let a11y_bus = wait_for(what, START_LIMIT, || private.a11y_bus_address())?;
        Ok(Self { private, a11y_bus })
    }

    /// Starts an application on this desktop. Its output goes to [`App::log`].
    pub fn launch(&self, program: &str, args: &[&str]) -> Result<App> {
        Ok(self.private.launch(program, args)?)
    }

    /// [`launch`](Self::launch), with more in its environment.
    pub fn launch_with(&self, program: &str, args: &[&str], env: &[(&str, &str)]) -> Result<App> {
        // `env` sets what follows and becomes the program: the process stays the same.
        let mut all: Vec<String> =
            env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        all.push(program.to_owned());
        all.extend(args.iter().map(|arg| (*arg).to_owned()));
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.launch("env", &all)
    }

    /// The whole environment of a process on this desktop.
    pub fn env(&self) -> Vec<(String, String)> {
        self.private.env()
    }

    /// Such as `:3`.
    pub fn display(&self) -> &str {
        self.private.display()
    }

    pub fn session_bus_address(&self) -> &str {
        self.private.session_bus_address()
    }

    pub fn a11y_bus_address(&self) -> &str {
        &self.a11y_bus
    }

    /// What is on the screen now.
    pub fn picture(&self) -> Result<Picture> {
        Picture::take(self.display())
    }

    /// The home folder of every process here.
    pub fn home(&self) -> PathBuf {
        self.private.home()
    }

    /// A command with this desktop's environment, not started and not owned.
    pub fn command(&self, program: &str) -> Command {
        self.private.command(program)
    }
}
