//! Memory that is shared with the X server, so that pictures cross no socket. It is a sealed file
//! without a name, handed over with the request: that needs no System V memory, which a confined
//! process or another name space has not.
#![allow(unsafe_code)] // A file that two processes map.

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use x11rb::connection::Connection as _;
use x11rb::protocol::shm::{ConnectionExt as _, Seg};
use x11rb::rust_connection::RustConnection;

pub(super) struct Segment {
    pub(super) id: Seg,
    map: Mmap,
}

/// The server takes no memory of ours: it is on another machine, or does not want to.
#[derive(Debug)]
pub(super) struct NotShared;

impl Segment {
    pub(super) fn attach(connection: &RustConnection, bytes: usize) -> Result<Self, NotShared> {
        Self::try_attach(connection, bytes).ok_or(NotShared)
    }

    fn try_attach(connection: &RustConnection, bytes: usize) -> Option<Self> {
        let version = connection.shm_query_version().ok()?.reply().ok()?;
        // Files are taken since 1.2.
        if (version.major_version, version.minor_version) < (1, 2) {
            return None;
        }
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = memfd_create("deskbound-screen", flags).ok()?;
        ftruncate(&file, u64::try_from(bytes).ok()?).ok()?;
        // Whoever has it cannot take pages away from under a reader.
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL).ok()?;
        // SAFETY: the file's size is sealed, so every page of the map stays there. Only the X server
        // writes it, while a request for a picture is under way, which is waited for before a byte is
        // read; a server that wrote at other times would show wrong pixels, as it could anyway.
        let map = unsafe { Mmap::map(&file) }.ok()?;
        let id = connection.generate_id().ok()?;
        connection.shm_attach_fd(id, file, false).ok()?.check().ok()?;
        Some(Self { id, map })
    }

    /// What the server has written.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// The server forgets it.
    pub(super) fn detach(self, connection: &RustConnection) {
        // Where the server is gone, it has.
        let _ = connection.shm_detach(self.id);
    }
}
