//! The screen: frames out, pointer and keys in, all by QMP.

use std::{
    fs,
    io::{self, Read as _},
    os::fd::{AsFd as _, AsRawFd as _},
};

use deskbound_accessibility::ScreenPx;
use image::{ImageFormat, RgbImage};
use rustix::fs::{MemfdFlags, memfd_create};
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

/// The whole screen as it is now. It goes through memory that QEMU is given a descriptor of, for
/// its user can make no file.
pub(crate) async fn frame(qmp: &Qmp) -> Result<RgbImage, VmError> {
    let cannot = |error: io::Error| VmError::file("made", "a frame's memory")(error);
    let memory = memfd_create("frame", MemfdFlags::CLOEXEC).map_err(|e| cannot(e.into()))?;
    let own = format!("/proc/self/fd/{}", memory.as_raw_fd());
    let written = fs::File::options().write(true).open(own).map_err(cannot)?;
    let set = qmp.lend(written.as_fd()).await?;
    let path = format!("/dev/fdset/{set}");
    let taken = qmp.execute("screendump", json!({ "filename": path })).await;
    qmp.execute("remove-fd", json!({ "fdset-id": set })).await?;
    taken?;
    let mut bytes = Vec::new();
    fs::File::from(memory).read_to_end(&mut bytes).map_err(cannot)?;
    let image = image::load_from_memory_with_format(&bytes, ImageFormat::Pnm);
    Ok(image.map_err(|source| VmError::Frame { source })?.into_rgb8())
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

/// Pieces of at least `at_least` events that end where no key is down: a key that is held across
/// two messages would repeat itself.
pub(crate) fn strokes<'k, 'n>(
    keys: &'k [(&'n str, Pressed)],
    at_least: usize,
) -> impl Iterator<Item = &'k [(&'n str, Pressed)]> {
    let mut rest = keys;
    std::iter::from_fn(move || {
        let mut down = 0_usize;
        let end = rest.iter().enumerate().find_map(|(at, (_, pressed))| {
            match pressed {
                Pressed::Down => down += 1,
                Pressed::Up => down = down.saturating_sub(1),
            }
            (down == 0 && at + 1 >= at_least).then_some(at + 1)
        });
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

async fn send(qmp: &Qmp, events: Vec<Value>) -> Result<(), VmError> {
    qmp.execute("input-send-event", json!({ "events": events })).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_of_keys_ends_with_nothing_held() {
        use Pressed::{Down, Up};
        let shifted = [("shift", Down), ("a", Down), ("a", Up), ("shift", Up)];
        let plain = [("b", Down), ("b", Up)];
        let check = |keys: &[(&str, Pressed)], at_least, lengths: &[usize]| {
            let found: Vec<usize> = strokes(keys, at_least).map(<[_]>::len).collect();
            assert_eq!(found, lengths, "{keys:?}");
        };
        check(&[], 2, &[]);
        check(&plain, 2, &[2]);
        check(&[&plain[..], &shifted, &plain].concat(), 2, &[2, 4, 2]);
        check(&[&plain[..], &shifted, &plain].concat(), 3, &[6, 2]);
        check(&[("ctrl", Down)], 2, &[1]);
    }

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
