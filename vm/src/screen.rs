//! The screen: frames, by QMP.
//!
//! ```text
//!   screendump ──▶ memory of ours ──▶ spare ──differs from the last frame──▶ a new frame
//!                                      ▲                                        │
//!                                      └── the last one, where nobody has it ◀──┘
//! ```
//!
//! Pixels are read into a buffer that was used before, for taking three megabytes of fresh memory
//! from the kernel costs more than filling them.

use std::sync::Arc;

use image::RgbImage;
use serde_json::json;
use tokio::sync::Mutex;
use twox_hash::XxHash3_64;

use crate::{error::VmError, outbox::Outbox, qmp::Qmp};

/// A screen of 8K; what QEMU writes beyond it is no frame.
const FRAME_BYTES_MAX: u64 = 7680 * 4320 * 3 + HEAD_BYTES_MAX as u64;

/// `P6`, width, height and the greatest value, each with a blank after it.
const HEAD_BYTES_MAX: usize = 64;

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
    /// Frames are written there.
    outbox: Option<Outbox>,
    last: Option<Frame>,
    /// Room for the next frame's pixels.
    spare: Vec<u8>,
}

/// What a frame says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    width: u32,
    height: u32,
    /// Where its pixels begin.
    bytes: usize,
}

impl Screen {
    pub(crate) async fn frame(&self, qmp: &Qmp) -> Result<Frame, VmError> {
        let mut taken = self.0.lock().await;
        if taken.outbox.is_none() {
            taken.outbox = Some(Outbox::lend(qmp).await?);
        }
        let Taken { outbox, last, spare } = &mut *taken;
        let outbox = outbox.as_mut().expect("it was just put there");
        let length = outbox.filled_by(qmp, "screendump", json!({}), FRAME_BYTES_MAX).await?;
        let mut head = [0; HEAD_BYTES_MAX];
        let head = &mut head[..HEAD_BYTES_MAX.min(length)];
        outbox.read(0, head)?;
        let head = Head::read(head).ok_or(VmError::Frame { bytes: length })?;
        let pixels = head.pixel_bytes();
        if head.bytes as u64 + pixels as u64 != length as u64 {
            return Err(VmError::Frame { bytes: length });
        }
        spare.resize(pixels, 0);
        outbox.read(head.bytes, spare)?;
        if let Some(last) = last.as_ref().filter(|last| head.is_of(last, spare)) {
            return Ok(last.clone());
        }
        let digest = XxHash3_64::oneshot(spare);
        let image = RgbImage::from_raw(head.width, head.height, std::mem::take(spare));
        let image = Arc::new(image.expect("it has as many bytes as pixels want"));
        let frame = Frame { image, digest };
        let before = last.replace(frame.clone());
        // Nobody looks at it any more: its place is as good as new.
        *spare =
            before.and_then(|before| Arc::into_inner(before.image)).unwrap_or_default().into_raw();
        Ok(frame)
    }
}

impl Head {
    /// Of a binary PPM with one byte for each colour, as QEMU writes it: no comments, one blank
    /// between the words.
    fn read(text: &[u8]) -> Option<Self> {
        let mut words = text.splitn(5, |byte| byte.is_ascii_whitespace());
        let mut word = || std::str::from_utf8(words.next()?).ok();
        let is_ppm = word()? == "P6";
        let (width, height) = (word()?.parse().ok()?, word()?.parse().ok()?);
        let is_of_bytes = word()? == "255";
        let bytes = text.len() - words.next()?.len();
        let head = Self { width, height, bytes };
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        let fits = pixels.saturating_mul(3) <= FRAME_BYTES_MAX;
        (is_ppm && is_of_bytes && fits && width > 0 && height > 0).then_some(head)
    }

    /// [`FRAME_BYTES_MAX`] at most.
    fn pixel_bytes(self) -> usize {
        self.width as usize * self.height as usize * 3
    }

    fn is_of(self, frame: &Frame, pixels: &[u8]) -> bool {
        frame.image.dimensions() == (self.width, self.height) && frame.image.as_raw() == pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_frame_is_none() {
        let check = |text: &[u8], expected: Option<(u32, u32, usize)>| {
            let found = Head::read(text).map(|head| (head.width, head.height, head.bytes));
            assert_eq!(found, expected, "{}", String::from_utf8_lossy(text));
        };
        check(b"P6\n1280 800\n255\n\0\0\0", Some((1280, 800, 16)));
        // A pixel may look like a blank.
        check(b"P6\n1 1\n255\n\n\n\n", Some((1, 1, 11)));
        check(b"P6\n1 1\n255\n", Some((1, 1, 11)));
        for none in [
            &b""[..],
            b"P6",
            b"P5\n1 1\n255\n",
            b"P6\n1 1\n65535\n",
            b"P6\n0 1\n255\n",
            b"P6\n-1 1\n255\n",
            b"P6\n1 1\n255",
            b"P6\n4000000000 4000000000\n255\n",
            b"\x89PNG\r\n\x1a\n",
        ] {
            check(none, None);
        }
    }
}
