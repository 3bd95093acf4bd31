//! What a sample needs of a desktop: files put into the home folder, and looked at again.

use std::future::Future;
use std::time::Duration;

use deskbound_agent::desktop::{Command, Desktop, DesktopError, Output};

const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// The home folder and the windows, with paths below that folder.
pub(crate) trait World {
    fn put(
        &mut self,
        path: &str,
        text: &str,
    ) -> impl Future<Output = Result<(), DesktopError>> + Send;
    fn make_folder(&mut self, path: &str) -> impl Future<Output = Result<(), DesktopError>> + Send;
    /// `None` where there is no such file.
    fn read(
        &mut self,
        path: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, DesktopError>> + Send;
    /// Whether something of any kind has this name.
    fn exists(&mut self, path: &str) -> impl Future<Output = Result<bool, DesktopError>> + Send;
    fn is_folder(&mut self, path: &str) -> impl Future<Output = Result<bool, DesktopError>> + Send;
    /// Titles of the windows that show.
    fn windows(&mut self) -> impl Future<Output = Result<Vec<String>, DesktopError>> + Send;
}

/// A desktop, seen as a [`World`].
pub(crate) struct OfDesktop<'d, D>(pub(crate) &'d mut D);

impl<D: Desktop> OfDesktop<'_, D> {
    fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.0.home())
    }

    /// Whether the program said yes; anything but yes or no is an error.
    async fn asks(&mut self, program: &str, args: &[&str]) -> Result<bool, DesktopError> {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        let command = Command { program: program.to_owned(), args, limit: COMMAND_LIMIT };
        match self.0.run(&command).await? {
            Output { status: Some(0), .. } => Ok(true),
            Output { status: Some(1), .. } => Ok(false),
            Output { status, stderr, .. } => {
                let said = String::from_utf8_lossy(&stderr);
                Err(DesktopError::Gone {
                    what: format!("`{program}` ended with {status:?}: {said}"),
                })
            }
        }
    }
}

impl<D: Desktop> World for OfDesktop<'_, D> {
    async fn put(&mut self, path: &str, text: &str) -> Result<(), DesktopError> {
        let path = self.path(path);
        self.0.write_file(&path, text.as_bytes()).await
    }

    async fn make_folder(&mut self, path: &str) -> Result<(), DesktopError> {
        let path = self.path(path);
        if self.asks("mkdir", &["-p", &path]).await? {
            return Ok(());
        }
        Err(DesktopError::Gone { what: format!("`mkdir` could not make {path}") })
    }

    async fn read(&mut self, path: &str) -> Result<Option<Vec<u8>>, DesktopError> {
        let path = self.path(path);
        self.0.read_file(&path).await
    }

    async fn exists(&mut self, path: &str) -> Result<bool, DesktopError> {
        let path = self.path(path);
        // `-e` follows a link, and a dangling one is still something.
        Ok(self.asks("test", &["-e", &path]).await? || self.asks("test", &["-L", &path]).await?)
    }

    async fn is_folder(&mut self, path: &str) -> Result<bool, DesktopError> {
        let path = self.path(path);
        self.asks("test", &["-d", &path]).await
    }

    async fn windows(&mut self) -> Result<Vec<String>, DesktopError> {
        Ok(self.0.observe().await?.titles())
    }
}
