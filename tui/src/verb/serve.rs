//! `deskbound serve`: desktops for other people's models, by the Model Context Protocol.

mod desks;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use deskbound_agent::launcher::Launcher;
use deskbound_agent::serve::dialect::Dialect;
use deskbound_agent::serve::host::LEASE;
use deskbound_agent::serve::house::{House, SESSIONS, Wish};
use deskbound_agent::serve::{self, Manner, socket};
use deskbound_agent::stop::Stop;
use deskbound_agent::tool::Toolbox;

use self::desks::Desks;
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::terminal::{note, say};
use crate::verb::Setting;
use crate::verb::run::{Where, network};

/// More than any one machine has room for.
const SESSIONS_MAX: i64 = 1024;
/// One desktop has one pointer.
const SESSIONS_OF_ONE: usize = 1;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound serve                                     a desktop for the client that starts this
  deskbound serve --vm desk-12-1                      that desktop, which `vm start` started
  deskbound serve --dialect anthropic-20250124        as the tools that this model was trained on
  deskbound serve --socket ~/.local/state/deskbound/serve/mcp
                                                      a desktop for every client of this socket
  deskbound serve --socket FILE --attach invoices     join that session, or begin it")]
pub(crate) struct Serve {
    /// The desktop that clients get.
    #[arg(long, value_enum, default_value_t = Where::Vm)]
    desktop: Where,
    /// What a virtual desktop is made of.
    #[arg(long, default_value = "minimal")]
    recipe: String,
    /// A virtual desktop that runs already, by the name that `vm start` told; it stays when the
    /// session ends.
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    vm: Option<String>,
    /// What is allowed, asked for and denied, in place of the user's own policy.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Let desktops reach what their recipe calls so; may be given more than once.
    #[arg(long, value_name = "NAME")]
    allow_forward: Vec<String>,
    /// Serve on this unix socket, in place of standard input and output. Its folder must be yours
    /// alone; it is made where there is none.
    #[arg(long, value_name = "FILE")]
    socket: Option<PathBuf>,
    /// Be the client of the server at `--socket`: join its session of this name, or begin it.
    #[arg(long, value_name = "NAME", requires = "socket")]
    attach: Option<String>,
    /// How long a session is waited for a client that stays away; what a person pauses does not
    /// count.
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE.as_secs())]
    lease: u64,
    /// Sessions at one time.
    #[arg(long, value_name = "N", default_value_t = SESSIONS,
          value_parser = clap::value_parser!(u16).range(1..=SESSIONS_MAX))]
    sessions: u16,
    /// How many tools are offered.
    #[arg(long, value_enum, default_value_t = Tools::Basic)]
    tools: Tools,
    /// Offer the tools that a model was trained on, in place of ours.
    #[arg(long, value_name = "NAME")]
    dialect: Option<String>,
    /// List the dialects, and end.
    #[arg(long)]
    list_dialects: bool,
    /// Refuse calls after this many actions of a session.
    #[arg(long, value_name = "N")]
    max_steps: Option<u32>,
    /// Refuse calls after this many seconds of a session.
    #[arg(long, value_name = "SECONDS")]
    max_time: Option<u64>,
}

/// What has to be writable for a socket: its folder, or where that is going to be made.
pub(crate) fn folder_of(socket: &Path) -> PathBuf {
    let folder = socket.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let there = folder.ancestors().find(|folder| folder.exists());
    there.unwrap_or(Path::new(".")).to_owned()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tools {
    /// What most tasks need.
    Basic,
    /// All there are.
    Full,
}

impl Serve {
    pub(crate) fn writes(&self) -> Option<PathBuf> {
        if self.attach.is_some() {
            return None;
        }
        self.socket.as_deref().map(folder_of)
    }

    pub(crate) fn launcher(&self) -> std::io::Result<Option<Launcher>> {
        if self.attach.is_some() || self.list_dialects {
            return Ok(None);
        }
        self.desktop.launcher()
    }

    pub(crate) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        if self.list_dialects {
            for dialect in Dialect::all() {
                say(format_args!("{:<20} {}", dialect.id(), dialect.title()));
            }
            return Ok(Exit::Done);
        }
        if let (Some(name), Some(path)) = (&self.attach, &self.socket) {
            let joined = socket::bridge(path, self.wish(name)).await;
            let hint = format!("`deskbound serve --socket {}` serves there", path.display());
            return joined.map(|()| Exit::Done).map_err(|error| Failure::missing(error).hint(hint));
        }
        let manner = self.manner()?;
        if self.vm.is_some() && self.desktop != Where::Vm {
            return Err(Failure::usage("`--vm` is a virtual desktop, and `--desktop` is another"));
        }
        if self.desktop == Where::Vm && self.vm.is_none() {
            network(&self.recipe, &self.allow_forward)?;
        }
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let desks = Desks::new(self, setting, stop.clone())?;
        match &self.socket {
            Some(socket) => self.listen(socket, desks, manner, &stop).await,
            None => self.at_standard_streams(desks, &manner, &stop).await,
        }
    }

    fn manner(&self) -> Result<Manner, Failure> {
        let dialect = self.dialect.as_deref().map(Dialect::named).transpose();
        let dialect = dialect.map_err(Failure::usage)?;
        Ok(Manner { toolbox: self.toolbox(), dialect })
    }

    fn toolbox(&self) -> Toolbox {
        match self.tools {
            Tools::Basic => Toolbox::Basic,
            Tools::Full => Toolbox::Full,
        }
    }

    /// What was typed, for a server that decides about the rest.
    fn wish(&self, name: &str) -> Wish {
        Wish {
            session: Some(name.to_owned()),
            lease_s: Some(self.lease),
            desktop: self.vm.clone(),
            recipe: (self.recipe != "minimal").then(|| self.recipe.clone()),
            tools: (self.tools == Tools::Full).then_some(Toolbox::Full),
            dialect: self.dialect.clone(),
            max_steps: self.max_steps,
            max_time_s: self.max_time,
        }
    }

    async fn at_standard_streams(
        &self,
        desks: Desks,
        manner: &Manner,
        stop: &Stop,
    ) -> Result<Exit, Failure> {
        if std::io::stdin().is_terminal() {
            note("a client is waited for on standard input; this is nothing to be typed by hand");
        }
        // Its client is its lease.
        let handle = desks.without_lease().open(&Wish::default()).await?;
        let served = serve::at_standard_streams(&handle, manner).await;
        handle.end();
        desks.finish().await;
        served.map_err(Failure::missing)?;
        Ok(if stop.is_asked() { Exit::Interrupted } else { Exit::Done })
    }

    async fn listen(
        &self,
        path: &Path,
        desks: Desks,
        manner: Manner,
        stop: &Stop,
    ) -> Result<Exit, Failure> {
        let listener = socket::bind(path).map_err(|error| {
            Failure::missing(error).hint("only you may reach the folder of a socket: mode 0700")
        })?;
        note(format_args!("serving at {}; interrupt to end it", path.display()));
        let is_one = self.desktop == Where::X11 || self.vm.is_some();
        let most = if is_one { SESSIONS_OF_ONE } else { usize::from(self.sessions) };
        let house = Arc::new(House::new(desks, most));
        socket::listen(listener, Arc::clone(&house), manner, stop).await;
        house.maker().finish().await;
        let _ = std::fs::remove_file(path);
        Ok(Exit::Interrupted)
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(self.lease)
    }
}
