//! The visitor's side of both doors.

use std::io;

use tokio::net::UnixStream;

use super::{INSIDE, OUTSIDE, outside::RemoteControls};
use crate::{error::VmError, guest::Guest, store::Store};

/// A desktop that another process owns.
pub struct Visit {
    guest: Guest,
    controls: RemoteControls,
}

impl Visit {
    /// Goes through the doors of the desktop of that name.
    pub async fn to(store: &Store, name: &str) -> Result<Self, VmError> {
        let running = store.running()?;
        let not_running = || {
            let running = if running.is_empty() { "none".into() } else { running.join(", ") };
            VmError::NotRunning { name: name.into(), running }
        };
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
        Ok(Self { guest, controls: RemoteControls::new(open(OUTSIDE).await?) })
    }

    /// What goes on inside: commands, files, windows, text.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// Screen, keyboard, pointer, and the power switch.
    pub fn controls(&self) -> &RemoteControls {
        &self.controls
    }
}
