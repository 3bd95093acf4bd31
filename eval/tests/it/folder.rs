//! A folder of this machine as a desktop: commands run in it, and there is nothing to be seen. With
//! a fault on order.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deskbound_agent::action::Action;
use deskbound_agent::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Standing,
};
use deskbound_agent::eye::Eye;
use deskbound_agent::run::Roles;
use deskbound_agent::{Actor, GroundRequest, Grounder, Grounding, ModelError};
use deskbound_eval::Bench;

pub(crate) struct Folder {
    at: tempfile::TempDir,
    screen: Screen,
}

/// What there is to be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Screen {
    #[default]
    Empty,
    /// Nothing any more, though commands still run: the worst kind of broken desktop.
    Gone,
}

/// Makes folders, and counts them.
#[derive(Default)]
pub(crate) struct Folders {
    pub(crate) made: AtomicU32,
    /// Of the first desktops, this many do not come.
    pub(crate) failing: u32,
    pub(crate) screen: Screen,
    /// Who decides; nobody where there is none.
    pub(crate) actor: Option<fn() -> Box<dyn Actor>>,
}

/// Nobody is asked where something is.
struct Blind;

impl Grounder for Blind {
    fn ground(&mut self, _request: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        Ok(Grounding::NotHere { best: 0.0 })
    }
}

impl Bench for Folders {
    type Desktop = Folder;

    async fn desktop(&self, _recipe: &str) -> Result<Folder, DesktopError> {
        if self.made.fetch_add(1, Ordering::Relaxed) < self.failing {
            return Err(DesktopError::Gone { what: "there is no room".to_owned() });
        }
        let at = tempfile::tempdir().expect("a folder");
        Ok(Folder { at, screen: self.screen })
    }

    fn name(&self, _recipe: &str) -> String {
        "folder".to_owned()
    }

    fn roles(&self, _seed: u64) -> Result<Roles, String> {
        let actor = self.actor.ok_or("nobody decides here")?();
        Ok(Roles { actor, grounder: Box::new(Blind), viewer: None })
    }
}

impl Desktop for Folder {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        if self.screen == Screen::Gone {
            return Err(DesktopError::Gone { what: "the screen is gone".to_owned() });
        }
        let settle = Duration::ZERO;
        // Small, but one that can be recorded.
        let frame = image::RgbImage::new(8, 8).into();
        let tree = Default::default();
        Ok(Observation { frame, tree, settle, pointer: None })
    }

    async fn changed(
        &mut self,
        _since: &image::RgbImage,
        limit: Duration,
    ) -> Result<(), DesktopError> {
        tokio::time::sleep(limit).await;
        Ok(())
    }

    async fn perform(&mut self, _action: &Action) -> Result<Performed, DesktopError> {
        Ok(Performed::Started)
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        Ok(Standing::Live)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    fn is_patience_over(&self, since: Instant, patience: Duration) -> bool {
        since.elapsed() >= patience
    }

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        Ok(None)
    }

    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        Ok(Vec::new())
    }

    fn eye(&self) -> Eye {
        Eye::closed()
    }

    fn home(&self) -> String {
        self.at.path().to_str().expect("UTF-8").to_owned()
    }

    async fn run(&mut self, command: &Command) -> Result<Output, DesktopError> {
        let mut asked = tokio::process::Command::new(&command.program);
        asked.args(&command.args).current_dir(self.at.path()).env("HOME", self.at.path());
        let asked = asked.stdin(Stdio::null()).kill_on_drop(true).output();
        let program = command.program.clone();
        match asked.await {
            Ok(output) => Ok(Output {
                status: output.status.code(),
                stdout: output.stdout,
                stderr: output.stderr,
            }),
            Err(source) => Err(DesktopError::Start { program, source }),
        }
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        Ok(std::fs::read(path).ok())
    }

    async fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), DesktopError> {
        let path = path.to_owned();
        std::fs::write(&path, bytes).map_err(|source| DesktopError::File { path, source })
    }
}
