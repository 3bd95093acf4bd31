//! Memory that QEMU writes into, by a descriptor, for its user can make no file.
//!
//! It is written over and over: giving its pages back each time and taking new ones costs as much
//! as what is written.

use std::{
    fs::File,
    io::{self, Seek as _},
    os::{
        fd::{AsFd as _, AsRawFd as _},
        unix::fs::FileExt as _,
    },
};

use rustix::fs::{MemfdFlags, memfd_create};
use serde_json::{Value, json};

use crate::{error::VmError, qmp::Qmp};

#[derive(Debug)]
pub(crate) struct Outbox {
    /// As QEMU has it: both have one position, which is set back before every use.
    written: File,
    read: File,
    set: u64,
}

impl Outbox {
    pub(crate) async fn lend(qmp: &Qmp) -> Result<Self, VmError> {
        let read =
            memfd_create("outbox", MemfdFlags::CLOEXEC).map_err(|error| cannot(error.into()))?;
        let own = format!("/proc/self/fd/{}", read.as_raw_fd());
        let written = File::options().write(true).open(own).map_err(cannot)?;
        let set = qmp.lend(written.as_fd()).await?;
        Ok(Self { written, read: read.into(), set })
    }

    /// Has QEMU do what writes a file, and tells how long that is, `bytes_max` at most.
    pub(crate) async fn filled_by(
        &mut self,
        qmp: &Qmp,
        command: &str,
        mut arguments: Value,
        bytes_max: u64,
    ) -> Result<usize, VmError> {
        self.written.rewind().map_err(cannot)?;
        arguments["filename"] = format!("/dev/fdset/{}", self.set).into();
        qmp.execute(command, arguments).await?;
        // Something shorter leaves no end of something longer behind: what counts is where QEMU
        // came to.
        let length = self.written.stream_position().map_err(cannot)?;
        Ok(usize::try_from(length.min(bytes_max)).unwrap_or(0))
    }

    /// What was written last, from `start`, to fill the buffer.
    pub(crate) fn read(&self, start: usize, into: &mut [u8]) -> Result<(), VmError> {
        self.read.read_exact_at(into, start as u64).map_err(cannot)
    }

    /// Lets QEMU forget it.
    pub(crate) async fn take_back(self, qmp: &Qmp) -> Result<(), VmError> {
        qmp.execute("remove-fd", json!({ "fdset-id": self.set })).await.map(drop)
    }
}

fn cannot(error: io::Error) -> VmError {
    VmError::file("used", "memory that QEMU writes into")(error)
}
