//! The desktop of a playback: shows what was seen then, whatever is done to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{Effect, Tree};
use image::RgbImage;

use super::tape::{Tape, Taped};
use crate::action::Action;
use crate::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Standing,
};
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
    fn next(&mut self, fits: impl Fn(&Record) -> bool) -> Option<&'t Taped> {
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
        Ok(Observation { frame, tree, settle: Duration::ZERO, pointer: None })
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
            Action::Launch { .. } | Action::Open { .. } => Performed::Started,
            Action::Window { .. } | Action::Copy { .. } => Performed::Told,
            Action::Element { .. } => {
                Performed::Tree { effect: Effect::unverifiable("a journal does nothing") }
            }
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

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        Err(DesktopError::refused("the clipboard cannot be read", "a journal has none"))
    }

    /// One, of the size of what is seen next, or was seen last.
    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        let is_seen = |taped: &&Taped| matches!(taped.record, Record::Observed { .. });
        let (past, rest) = self.tape.taped.split_at(self.at);
        let seen = rest.iter().find(is_seen).or_else(|| past.iter().rev().find(is_seen));
        let sight = self.tape.sight(seen.ok_or_else(over)?);
        let sight = sight.map_err(|fault| DesktopError::Gone { what: fault.to_string() })?;
        Ok(vec![Monitor::only(sight.frame.dimensions())])
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

#[cfg(test)]
mod tests {
    use deskbound_accessibility::ScreenPx;

    use super::*;
    use crate::journal::Journal;
    use crate::limits::Limits;
    use crate::policy::{Policy, Surface};
    use crate::record::StepSink as _;
    use crate::view::sample;

    fn observed(step: u32, shade: u8, tree: Tree) -> Record {
        let frame = RgbImage::from_pixel(64, 48, image::Rgb([shade, 0, 0]));
        let (observe, settle) = (Duration::from_millis(9), Duration::from_millis(7));
        Record::Observed { step, frame: Arc::new(frame), tree: Arc::new(tree), observe, settle }
    }

    fn tape(runs: &std::path::Path) -> Tape {
        let mut journal = Journal::create(runs).unwrap();
        let folder = journal.folder().to_owned();
        let read = |text: Option<&str>| Record::Read {
            path: "/home/user/a".to_owned(),
            text: text.map(str::to_owned),
        };
        for record in [
            Record::Started {
                instruction: "look".to_owned(),
                models: String::new(),
                desktop: String::new(),
                limits: Limits::default(),
                policy: Policy::of(Surface::Disposable),
                home: "/home/user".to_owned(),
                origins: Default::default(),
            },
            observed(0, 1, sample::document("a - Mousepad", "one")),
            read(Some("one")),
            observed(1, 2, sample::document("a - Mousepad", "two")),
            read(None),
        ] {
            journal.record(&record).unwrap();
        }
        journal.close().unwrap();
        Tape::read(&folder).unwrap()
    }

    /// What every desktop promises, as far as a journal can keep it.
    #[tokio::test]
    async fn a_journal_is_a_desktop() {
        let runs = tempfile::tempdir().unwrap();
        let tape = tape(runs.path());
        let mut desktop = ReplayDesktop::new(&tape);
        assert_eq!(desktop.home(), "/home/user");
        let monitors = desktop.monitors().await.unwrap();
        assert_eq!(monitors, [Monitor::only((64, 48))]);
        for (shade, text) in [(1, Some(&b"one"[..])), (2, None)] {
            let seen = desktop.observe().await.unwrap();
            assert_eq!(seen.frame.get_pixel(5, 5).0[0], shade);
            assert_eq!(seen.titles(), ["a - Mousepad"]);
            let at = ScreenPx { x: 1, y: 1 };
            assert_eq!(desktop.perform(&Action::click(at)).await.unwrap(), Performed::Input);
            let (id, _) = seen.tree.nodes().last().unwrap();
            let act = Action::element(&seen.tree, id, crate::action::NodeAction::Select);
            assert!(matches!(desktop.perform(&act).await, Ok(Performed::Tree { .. })));
            desktop.changed(&seen.frame, Duration::from_secs(60)).await.unwrap();
            let read = desktop.read_file("/home/user/a").await.unwrap();
            assert_eq!(read.as_deref(), text);
        }
        assert!(matches!(desktop.clipboard().await, Err(DesktopError::Refused { .. })));
        assert_eq!(desktop.freeze().await.unwrap(), Standing::Frozen);
        desktop.thaw().await.unwrap();
        desktop.release_all().await.unwrap();
        assert!(desktop.eye().frame().await.unwrap().is_none());
        assert!(desktop.write_file("/home/user/a", b"x").await.is_err());
        assert!(matches!(desktop.observe().await, Err(DesktopError::Gone { .. })));
    }
}
