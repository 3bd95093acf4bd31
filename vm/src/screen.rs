//! The screen: frames, by QMP, through memory that QEMU is given a descriptor of, for its user can
//! make no file.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    os::fd::{AsFd as _, AsRawFd as _},
    sync::Arc,
};

use image::{ImageFormat, RgbImage};
use rustix::fs::{MemfdFlags, memfd_create};
use serde_json::json;
use tokio::sync::Mutex;
use twox_hash::XxHash3_64;

use crate::{error::VmError, qmp::Qmp};

/// A screen of 8K; what QEMU writes beyond it is no frame.
const FRAME_BYTES_MAX: u64 = 7680 * 4320 * 3 + 64;

/// The whole screen at one moment.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The same picture as before where nothing has changed, not a copy of it.
    pub image: Arc<RgbImage>,
    /// Of the pixels: equal frames have equal ones. Not one to verify a stranger's frame with.
    pub digest: u64,
}

/// Where frames are taken from.
#[derive(Debug, Default)]
pub(crate) struct Screen(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    memory: Option<Memory>,
    last: Option<Last>,
}

/// The frame that was taken last, and as QEMU wrote it.
#[derive(Debug)]
struct Last {
    raw: Vec<u8>,
    frame: Frame,
}

/// Memory that QEMU writes frames into.
#[derive(Debug)]
struct Memory {
    /// As QEMU has it: both have one position, which is set back before every frame.
    written: File,
    read: File,
    /// The name of it that QEMU opens.
    path: String,
}

impl Screen {
    pub(crate) async fn frame(&self, qmp: &Qmp) -> Result<Frame, VmError> {
        let mut taken = self.0.lock().await;
        if taken.memory.is_none() {
            taken.memory = Some(Memory::lend(qmp).await?);
        }
        let memory = taken.memory.as_mut().expect("it was just put there");
        let raw = memory.take(qmp).await?;
        if let Some(last) = taken.last.as_ref().filter(|last| last.raw == raw) {
            return Ok(last.frame.clone());
        }
        let image = image::load_from_memory_with_format(&raw, ImageFormat::Pnm);
        let image = image.map_err(|source| VmError::Frame { source })?.into_rgb8();
        let digest = XxHash3_64::oneshot(image.as_raw());
        let frame = Frame { image: Arc::new(image), digest };
        taken.last = Some(Last { raw, frame: frame.clone() });
        Ok(frame)
    }
}

impl Memory {
    async fn lend(qmp: &Qmp) -> Result<Self, VmError> {
        let read =
            memfd_create("frame", MemfdFlags::CLOEXEC).map_err(|error| cannot(error.into()))?;
        let own = format!("/proc/self/fd/{}", read.as_raw_fd());
        let written = File::options().write(true).open(own).map_err(cannot)?;
        let set = qmp.lend(written.as_fd()).await?;
        Ok(Self { written, read: read.into(), path: format!("/dev/fdset/{set}") })
    }

    async fn take(&mut self, qmp: &Qmp) -> Result<Vec<u8>, VmError> {
        // A screen that has become smaller leaves no end of a larger one behind.
        self.written.set_len(0).map_err(cannot)?;
        self.written.rewind().map_err(cannot)?;
        qmp.execute("screendump", json!({ "filename": self.path })).await?;
        let length = self.read.metadata().map_err(cannot)?.len();
        let mut raw = Vec::with_capacity(usize::try_from(length.min(FRAME_BYTES_MAX)).unwrap_or(0));
        self.read.rewind().map_err(cannot)?;
        (&self.read).take(FRAME_BYTES_MAX).read_to_end(&mut raw).map_err(cannot)?;
        Ok(raw)
    }
}

fn cannot(error: io::Error) -> VmError {
    VmError::file("used", "a frame's memory")(error)
}
