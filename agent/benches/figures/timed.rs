//! A desktop that counts what it waits for: others to react, and to stand still.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use deskbound_agent::action::Action;
use deskbound_agent::desktop::{
    Command, Desktop, DesktopError, Monitor, Observation, Output, Performed, Standing,
};
use deskbound_agent::eye::Eye;
use image::RgbImage;

/// Since it was taken last.
#[derive(Clone, Default)]
pub(crate) struct Waited(Arc<Mutex<Duration>>);

impl Waited {
    pub(crate) fn take(&self) -> Duration {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it"))
    }

    fn add(&self, time: Duration) {
        *self.0.lock().expect("nobody panics with it") += time;
    }
}

pub(crate) struct Timed<D> {
    pub(crate) desktop: D,
    pub(crate) waited: Waited,
}

impl<D: Desktop> Desktop for Timed<D> {
    async fn observe(&mut self) -> Result<Observation, DesktopError> {
        let seen = self.desktop.observe().await?;
        self.waited.add(seen.settle);
        Ok(seen)
    }

    async fn changed(&mut self, since: &RgbImage, limit: Duration) -> Result<(), DesktopError> {
        let begun = Instant::now();
        let changed = self.desktop.changed(since, limit).await;
        self.waited.add(begun.elapsed());
        changed
    }

    async fn perform(&mut self, action: &Action) -> Result<Performed, DesktopError> {
        self.desktop.perform(action).await
    }

    async fn release_all(&mut self) -> Result<(), DesktopError> {
        self.desktop.release_all().await
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
