//! A desktop of which only a part is told: its tree, or its pixels. What is left away was there all
//! the same; whoever decides did not know it. And whether the desktop itself broke under it, which
//! is no failure of whoever decided.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_agent::action::Action;
use deskbound_agent::chain;
use deskbound_agent::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Standing,
};
use deskbound_agent::eye::Eye;
use image::RgbImage;

use crate::ground::Sight;

pub(crate) struct Sighted<'d, D> {
    desktop: &'d mut D,
    sight: Sight,
    /// What was really seen, for whoever waits until it is no longer so.
    frame: Option<Arc<RgbImage>>,
    /// What the desktop itself ended with.
    lost: Option<String>,
}

impl<'d, D> Sighted<'d, D> {
    pub(crate) fn new(desktop: &'d mut D, sight: Sight) -> Self {
        Self { desktop, sight, frame: None, lost: None }
    }

    pub(crate) fn into_lost(self) -> Option<String> {
        self.lost
    }

    /// Remembers an error that no call is to blame for.
    fn kept<T>(&mut self, outcome: Result<T, DesktopError>) -> Result<T, DesktopError> {
        if let Err(error) = &outcome
            && !error.is_of_the_call()
        {
            self.lost = Some(chain(error));
        }
        outcome
    }
}

impl<D: Desktop> Desktop for Sighted<'_, D> {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        let seen = self.desktop.observe().await;
        let mut seen = self.kept(seen)?;
        match self.sight {
            Sight::Both => {}
            Sight::Pixels => seen.tree = Arc::default(),
            Sight::Tree => {
                let (width, height) = seen.frame.dimensions();
                let blank = Arc::new(RgbImage::new(width, height));
                self.frame = Some(std::mem::replace(&mut seen.frame, blank));
            }
        }
        Ok(seen)
    }

    async fn changed(&mut self, since: &RgbImage, limit: Duration) -> Result<(), DesktopError> {
        let changed = match &self.frame {
            Some(real) => self.desktop.changed(real, limit).await,
            None => self.desktop.changed(since, limit).await,
        };
        self.kept(changed)
    }

    fn is_patience_over(&self, since: Instant, patience: Duration) -> bool {
        self.desktop.is_patience_over(since, patience)
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        let performed = self.desktop.perform(action).await;
        self.kept(performed)
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        let released = self.desktop.release_all().await;
        self.kept(released)
    }

    async fn freeze(&mut self) -> Result<Standing, DesktopError> {
        self.desktop.freeze().await
    }

    async fn thaw(&mut self) -> Result<(), DesktopError> {
        self.desktop.thaw().await
    }

    async fn clipboard(&mut self) -> Result<Option<String>, DesktopError> {
        self.desktop.clipboard().await
    }

    async fn monitors(&mut self) -> Result<Vec<Monitor>, DesktopError> {
        self.desktop.monitors().await
    }

    fn slowness(&self) -> u32 {
        self.desktop.slowness()
    }

    fn eye(&self) -> Eye {
        self.desktop.eye()
    }

    fn home(&self) -> String {
        self.desktop.home()
    }

    async fn run(&mut self, command: &Command) -> Result<Output, DesktopError> {
        self.desktop.run(command).await
    }

    async fn read_file(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        self.desktop.read_file(path).await
    }

    async fn write_file(&mut self, path: &str, bytes: &[u8]) -> Result<(), DesktopError> {
        self.desktop.write_file(path, bytes).await
    }
}
