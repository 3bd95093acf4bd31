//! The screen: frames out, pointer and keys in, all by QMP.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use deskbound_accessibility::ScreenPx;
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use crate::{error::VmError, qmp::Qmp};

/// QEMU's absolute axes run from 0 to this, whatever the resolution.
const AXIS_MAX: i64 = 0x7fff;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    Left,
    Middle,
    Right,
    WheelUp,
    WheelDown,
    WheelLeft,
    WheelRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    Down,
    Up,
}

/// The whole screen as it is now.
pub(crate) async fn frame(qmp: &Qmp) -> Result<RgbImage, VmError> {
    let file = FrameFile::new();
    let arguments = json!({ "filename": file.0.display().to_string() });
    qmp.execute("screendump", arguments).await?;
    let bytes = fs::read(&file.0).map_err(VmError::file("read", &file.0))?;
    let image = image::load_from_memory_with_format(&bytes, ImageFormat::Pnm);
    Ok(image.map_err(|source| VmError::Frame { source })?.into_rgb8())
}

/// A file in memory, gone when it was read.
struct FrameFile(PathBuf);

impl FrameFile {
    fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let memory = PathBuf::from("/dev/shm");
        let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(folder.join(format!("deskbound-{}-{count}.ppm", std::process::id())))
    }
}

impl Drop for FrameFile {
    fn drop(&mut self) {
        // It was never made where QEMU refused.
        let _ = fs::remove_file(&self.0);
    }
}

pub(crate) async fn move_to(qmp: &Qmp, at: ScreenPx, size: (u32, u32)) -> Result<(), VmError> {
    let off_screen = VmError::OffScreen { x: at.x, y: at.y, width: size.0, height: size.1 };
    let (Some(x), Some(y)) = (axis(at.x, size.0), axis(at.y, size.1)) else {
        return Err(off_screen);
    };
    let event = |axis, value| json!({ "type": "abs", "data": { "axis": axis, "value": value } });
    send(qmp, vec![event("x", x), event("y", y)]).await
}

/// The middle of the pixel, so that no rounding on the way can reach its neighbour.
fn axis(at: i32, size: u32) -> Option<i64> {
    let at = u32::try_from(at).ok().filter(|at| *at < size)?;
    Some((i64::from(at) * 2 + 1) * AXIS_MAX / (i64::from(size) * 2))
}

pub(crate) async fn button(qmp: &Qmp, button: Button, pressed: Pressed) -> Result<(), VmError> {
    let name = match button {
        Button::Left => "left",
        Button::Middle => "middle",
        Button::Right => "right",
        Button::WheelUp => "wheel-up",
        Button::WheelDown => "wheel-down",
        Button::WheelLeft => "wheel-left",
        Button::WheelRight => "wheel-right",
    };
    let data = json!({ "button": name, "down": pressed == Pressed::Down });
    send(qmp, vec![json!({ "type": "btn", "data": data })]).await
}

/// Keys by QEMU's names (`qcode`), all in one message, in order.
pub(crate) async fn keys(qmp: &Qmp, keys: &[(&str, Pressed)]) -> Result<(), VmError> {
    let event = |(name, pressed): &(&str, Pressed)| {
        let key = json!({ "type": "qcode", "data": name });
        json!({ "type": "key", "data": { "key": key, "down": *pressed == Pressed::Down } })
    };
    send(qmp, keys.iter().map(event).collect()).await
}

async fn send(qmp: &Qmp, events: Vec<Value>) -> Result<(), VmError> {
    qmp.execute("input-send-event", json!({ "events": events })).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_of_an_axis_comes_back_as_itself() {
        for size in [768, 800, 1280, 1920] {
            for at in 0..size {
                let value = axis(at, size as u32).expect("on the screen");
                let back = value * i64::from(size) / (AXIS_MAX + 1);
                assert_eq!(back, i64::from(at), "{at} of {size}");
            }
            assert_eq!((axis(-1, size as u32), axis(size, size as u32)), (None, None));
        }
    }
}
