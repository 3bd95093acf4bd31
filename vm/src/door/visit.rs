//! The visitor's side of both doors.

use std::{io, sync::Arc};

use tokio::net::UnixStream;

use super::{INSIDE, OUTSIDE, outside::RemoteControls};
use crate::{
    error::{VmError, listed},
    guest::Guest,
    standing::Standing,
    store::Store,
};

/// A desktop that another process owns.
pub struct Visit {
    about: Standing,
    guest: Guest,
    controls: Arc<RemoteControls>,
}

impl Visit {
    /// Goes through the doors of the desktop of that name.
    pub async fn to(store: &Store, name: &str) -> Result<Self, VmError> {
        let running = store.running()?;
        let not_running = || VmError::NotRunning { name: name.into(), running: listed(&running) };
        if !running.iter().any(|other| other == name) {
            return Err(not_running());
        }
        let folder = store.clones().join(name);
        let open = async |door| {
            let path = folder.join(door);
            UnixStream::connect(&path).await.map_err(|error| match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => not_running(),
                _ => VmError::file("opened", &path)(error),
            })
        };
        let guest = Guest::new(open(INSIDE).await?);
        let controls = Arc::new(RemoteControls::new(open(OUTSIDE).await?));
        Ok(Self { about: store.standing_as(name)?, guest, controls })
    }

    /// Which desktop it is, and how it is run: to be said wherever it is named.
    pub fn about(&self) -> &Standing {
        &self.about
    }

    /// What goes on inside: commands, files, windows, text.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Screen, keyboard, pointer, and the power switch.
    pub fn controls(&self) -> &RemoteControls {
        &self.controls
    }

    /// The same, for whoever looks on beside.
    pub fn share_controls(&self) -> Arc<RemoteControls> {
        Arc::clone(&self.controls)
    }
}
