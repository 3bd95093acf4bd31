//! The pointer as QEMU's monitor is told it: absolute, on the screen, or refused.

use deskbound_accessibility::ScreenPx;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::VmError;

/// QEMU's absolute axes run from 0 to this, whatever the resolution.
const AXIS_MAX: i64 = 0x7fff;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Button {
    Left,
    Middle,
    Right,
    /// On the side of a mouse, for the page before.
    Back,
    Forward,
}

/// Where the wheel turns the view to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Up,
    Down,
    Left,
    Right,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pressed {
    Down,
    Up,
}

/// The pointer at a point of a screen of that size.
pub(crate) fn move_to(at: ScreenPx, size: (u32, u32)) -> Result<Vec<Value>, VmError> {
    let off_screen = VmError::OffScreen { x: at.x, y: at.y, width: size.0, height: size.1 };
    let (Some(x), Some(y)) = (axis(at.x, size.0), axis(at.y, size.1)) else {
        return Err(off_screen);
    };
    let event = |axis, value| json!({ "type": "abs", "data": { "axis": axis, "value": value } });
    Ok(vec![event("x", x), event("y", y)])
}

/// The middle of the pixel, so that no rounding on the way can reach its neighbour.
fn axis(at: i32, size: u32) -> Option<i64> {
    let at = u32::try_from(at).ok().filter(|at| *at < size)?;
    Some((i64::from(at) * 2 + 1) * AXIS_MAX / (i64::from(size) * 2))
}

pub(crate) fn button(button: Button, pressed: Pressed) -> Value {
    let name = match button {
        Button::Left => "left",
        Button::Middle => "middle",
        Button::Right => "right",
        Button::Back => "side",
        Button::Forward => "extra",
    };
    json!({ "type": "btn", "data": { "button": name, "down": pressed == Pressed::Down } })
}

/// One notch of the wheel, which QEMU takes for a button.
pub(crate) fn notch(direction: Direction) -> [Value; 2] {
    let name = match direction {
        Direction::Up => "wheel-up",
        Direction::Down => "wheel-down",
        Direction::Left => "wheel-left",
        Direction::Right => "wheel-right",
    };
    [true, false].map(|down| json!({ "type": "btn", "data": { "button": name, "down": down } }))
}

/// Points of the screen on the way from one to another, so that what is dragged over sees it.
pub(crate) fn way(from: ScreenPx, to: ScreenPx) -> impl Iterator<Item = ScreenPx> {
    const STEPS: i32 = 8;
    let between = move |from: i32, to: i32, step| from + (to - from) * step / STEPS;
    (1..=STEPS).map(move |step| ScreenPx {
        x: between(from.x, to.x, step),
        y: between(from.y, to.y, step),
    })
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

    #[test]
    fn edges_are_points_and_beyond_them_is_none() {
        let size = (1280, 800);
        for (x, y) in [(0, 0), (0, 799), (1279, 0), (1279, 799)] {
            assert!(move_to(ScreenPx { x, y }, size).is_ok(), "({x}, {y})");
        }
        for (x, y) in [(-1, 0), (0, -1), (1280, 0), (0, 800), (i32::MAX, i32::MIN)] {
            let error = move_to(ScreenPx { x, y }, size).expect_err("beyond").to_string();
            assert_eq!(error, format!("({x}, {y}) is not on the screen of 1280×800"));
        }
    }

    #[test]
    fn a_way_ends_where_it_leads() {
        let (from, to) = (ScreenPx { x: 10, y: 90 }, ScreenPx { x: 75, y: 3 });
        let way: Vec<_> = way(from, to).collect();
        assert_eq!(way.last(), Some(&to));
        assert!(way.windows(2).all(|pair| pair[0].x < pair[1].x && pair[0].y > pair[1].y));
    }
}
