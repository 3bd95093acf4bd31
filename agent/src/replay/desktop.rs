//! The desktop of a playback: shows what was seen then, whatever is done to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::Tree;
use image::RgbImage;

use super::tape::Tape;
use crate::action::Action;
use crate::desktop::{Command, Desktop, DesktopError, Observation, Output, Performed, Standing};
use crate::eye::Eye;
use crate::record::Record;

pub(super) struct ReplayDesktop<'t> {
    tape: &'t Tape,
    /// The next record to be seen or read.
    at: usize,
}

impl<'t> ReplayDesktop<'t> {
    pub(super) fn new(tape: &'t Tape) -> Self {
        Self { tape, at: 0 }
    }

    /// The next record that fits, and steps behind it.
    fn next(&mut self, fits: impl Fn(&Record) -> bool) -> Option<&'t super::tape::Taped> {
        let rest = &self.tape.taped[self.at..];
        let ahead = rest.iter().position(|taped| fits(&taped.record))?;
        self.at += ahead + 1;
        Some(&rest[ahead])
    }
}

fn over() -> DesktopError {
    DesktopError::Gone { what: "the journal says no more".to_owned() }
}

impl Desktop for ReplayDesktop<'_> {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        let seen = self.next(|record| matches!(record, Record::Observed { .. }));
        let seen = seen.ok_or_else(over)?;
        let sight = self.tape.sight(seen);
        let sight = sight.map_err(|fault| DesktopError::Gone { what: fault.to_string() })?;
        let (frame, tree): (Arc<RgbImage>, Arc<Tree>) = (sight.frame, sight.tree);
        Ok(Observation { frame, tree, settle: Duration::ZERO })
    }

    async fn changed(&mut self, _: &RgbImage, _: Duration) -> Result<(), DesktopError> {
        Ok(())
    }

    /// Looks of one step follow each other; its verdict ends them.
    fn is_patience_over(&self, _: Instant, _: Duration) -> bool {
        let rest = self.tape.taped[self.at..].iter().map(|taped| &taped.record);
        let next = rest
            .into_iter()
            .find(|record| matches!(record, Record::Observed { .. } | Record::Verified { .. }));
        !matches!(next, Some(Record::Observed { .. }))
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        Ok(match action {
            Action::Launch { .. } => Performed::Started,
            _ => Performed::Input,
        })
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        Ok(Standing::Frozen)
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        Ok(())
    }

    fn eye(&self) -> Eye {
        Eye::closed()
    }

    fn home(&self) -> String {
        self.tape.home.clone()
    }

    /// A run runs nothing but what looks for a name.
    async fn run(&mut self, command: &Command) -> Result<Output, DesktopError> {
        let searched = self.next(|record| matches!(record, Record::Searched { .. }));
        if let Some(Record::Searched { paths: Some(paths), .. }) = searched.map(|it| &it.record) {
            let stdout = paths.join("\n").into_bytes();
            return Ok(Output { status: Some(0), stdout, stderr: Vec::new() });
        }
        let source = std::io::Error::other("a journal runs no commands");
        Err(DesktopError::Start { program: command.program.clone(), source })
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        let read =
            self.next(|record| matches!(record, Record::Read { path: other, .. } if other == path));
        match read.map(|taped| &taped.record) {
            Some(Record::Read { text, .. }) => Ok(text.clone().map(String::into_bytes)),
            _ => Err(over()),
        }
    }

    async fn write_file(&mut self, path: &str, _: &[u8]) -> Result<(), DesktopError> {
        let source = std::io::Error::other("a journal is not written to");
        Err(DesktopError::File { path: path.to_owned(), source })
    }
}
