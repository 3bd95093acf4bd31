//! Opening views: of a run that is recorded, of one that goes on, and of one that is started here.
//!
//! A run that is started on a terminal is a process of its own, which the view is attached to like
//! any other. So whatever becomes of the view or its terminal, the run goes on.

use std::io::{self, IsTerminal as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use deskbound_agent::attach::{Part, Visitor};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::ChildStderr;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::dashboard::stage::{self, Curtain, Play};
use crate::dashboard::{Face, Reach, Tense};
use crate::failure::{Exit, Failure};
use crate::signal;
use crate::terminal::note;

/// What a run that was asked to announces itself by, before the path of its record.
pub(crate) const ANNOUNCED: &str = "record: ";
/// Between two looks at a run that is starting or ending.
const POLL: Duration = Duration::from_millis(50);

pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Opens the view of a run, and returns when it is left. One of a run that goes on has a visitor,
/// and may come to steer it, or not.
pub(crate) async fn view(
    run: PathBuf,
    tense: Tense,
    visitor: Option<(Visitor, Reach)>,
    face: Face,
) -> Result<(), Failure> {
    let curtain = Curtain::default();
    signal::draw(&curtain).map_err(Failure::missing)?;
    let reach = visitor.as_ref().map_or(Reach::Watch, |(_, reach)| *reach);
    let play = Play { run, tense, face, reach };
    let visitor = visitor.map(|(visitor, _)| (visitor, Handle::current()));
    let shown = spawn_blocking(move || stage::open(play, visitor, &curtain)).await;
    shown.map_err(|error| Failure::new(Exit::Bug, error))?.map_err(Failure::missing)
}

/// A run as a process of its own, that was started for a view.
#[derive(Debug)]
pub(crate) struct Aside {
    child: Child,
}

impl Aside {
    /// With the words of this process's own command line.
    pub(crate) fn start() -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["run", "--plain", "--announce"]);
        command.args(std::env::args_os().skip_while(|word| word != "run").skip(1));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // Keys that a terminal makes signals of are the view's.
        command.process_group(0);
        Ok(Self { child: command.spawn()? })
    }

    /// Opens the view on it, and returns when that is left.
    pub(crate) async fn watch(mut self, face: Face) -> Result<Exit, Failure> {
        let said = self.child.stderr.take().expect("it was asked for");
        let said = ChildStderr::from_std(said).map_err(Failure::missing)?;
        let mut said = BufReader::new(said).lines();
        let Some(folder) = self.announced(&mut said).await? else {
            return self.ended(said).await;
        };
        match self.visitor(&folder).await? {
            Some(visitor) => {
                let visitor = Some((visitor, Reach::Steer));
                view(folder.clone(), Tense::Live, visitor, face).await?;
            }
            None => return self.ended(said).await,
        }
        if self.status()?.is_none() && is_live(&folder).await {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            note(format_args!("the run goes on; `deskbound attach {name}` shows it again"));
            return Ok(Exit::Done);
        }
        self.ended(said).await
    }

    /// The folder of the record, once the run has named it; `None` where it ended before.
    async fn announced(
        &self,
        said: &mut Lines<BufReader<ChildStderr>>,
    ) -> Result<Option<PathBuf>, Failure> {
        loop {
            tokio::select! {
                line = said.next_line() => match line.map_err(Failure::missing)? {
                    Some(line) => match line.strip_prefix(ANNOUNCED) {
                        Some(folder) => return Ok(Some(PathBuf::from(folder))),
                        None => note(line),
                    },
                    None => return Ok(None),
                },
                _ = tokio::signal::ctrl_c() => self.interrupt(),
            }
        }
    }

    /// `None` where the run ended before its door was open.
    async fn visitor(&mut self, folder: &Path) -> Result<Option<Visitor>, Failure> {
        loop {
            if let Ok(visitor) = Visitor::connect(folder, Part::Controller).await {
                return Ok(Some(visitor));
            }
            if self.status()?.is_some() {
                return Ok(None);
            }
            tokio::select! {
                () = sleep(POLL) => {}
                _ = tokio::signal::ctrl_c() => self.interrupt(),
            }
        }
    }

    /// Waits for the end of the run, passes on what it says, and its status.
    async fn ended(mut self, mut said: Lines<BufReader<ChildStderr>>) -> Result<Exit, Failure> {
        while let Ok(Some(line)) = said.next_line().await {
            note(line);
        }
        let status = loop {
            match self.status()? {
                Some(status) => break status,
                None => sleep(POLL).await,
            }
        };
        Ok(match status.code().and_then(|code| u8::try_from(code).ok()) {
            Some(0) => Exit::Done,
            Some(code) => Exit::Status(code),
            None => Exit::Interrupted,
        })
    }

    fn status(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child.try_wait().map_err(Failure::missing)
    }

    fn interrupt(&self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It has ended already: as good.
            let _ = kill_process(pid, Signal::INT);
        }
    }
}

/// Whether somebody answers at the run's door.
pub(crate) async fn is_live(folder: &Path) -> bool {
    Visitor::connect(folder, Part::Watcher).await.is_ok()
}
