//! A part of a screen in pixels, with what is to be clicked marked on it.

use deskbound_accessibility::{ScreenPx, ScreenRect};
use image::RgbImage;

use super::super::picture::{Extent, Rgb, averages};
use super::{Means, Protocol};

/// Wider or higher than this shows nothing more.
const WIDTH_MAX: u32 = 1600;
const HEIGHT_MAX: u32 = 1200;
/// Seen on dark and on light alike.
const MARK: Rgb = [255, 214, 0];
const EDGE: Rgb = [0, 0, 0];
/// Pixels of a mark's lines, and of the arms of its cross.
const THICK: i64 = 2;
const ARM: i64 = 9;

/// What is marked, in pixels of the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) points: Vec<ScreenPx>,
    pub(crate) boxes: Vec<ScreenRect>,
}

/// Pixels for so many cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raster {
    pub(crate) image: RgbImage,
    pub(crate) extent: Extent,
    part: ScreenRect,
}

impl Raster {
    pub(crate) fn of(screen: &RgbImage, part: ScreenRect, extent: Extent, means: Means) -> Self {
        let (columns, rows) = (u32::from(extent.columns), u32::from(extent.rows));
        let full = |cells: u32, pixels: u16| cells * u32::from(pixels).max(1);
        let (mut width, mut height) =
            (full(columns, means.cell.width), full(rows, means.cell.height));
        match means.protocol {
            // A band of sixels is six high; the last must not reach below the cells.
            Protocol::Sixel => {
                width = width.min(WIDTH_MAX);
                height = (height.min(HEIGHT_MAX) / 6 * 6).max(6);
            }
            // These are enlarged by the terminal, so no more is sent than there is.
            Protocol::Kitty | Protocol::Iterm2 => {
                width = width.min(part.width).min(WIDTH_MAX);
                height = height.min(part.height).min(HEIGHT_MAX);
            }
        }
        let pixels: Vec<u8> = averages(screen, part, width, height).into_flattened();
        let image = RgbImage::from_raw(width, height, pixels);
        Self { image: image.expect("three bytes for each pixel"), extent, part }
    }

    pub(crate) fn mark(&mut self, marks: &Marks) {
        for bounds in &marks.boxes {
            let (left, top) = self.place(bounds.x, bounds.y);
            let right = bounds.x.saturating_add_unsigned(bounds.width);
            let bottom = bounds.y.saturating_add_unsigned(bounds.height);
            let (right, bottom) = self.place(right, bottom);
            self.frame((left - 1, top - 1, right + 1, bottom + 1), EDGE);
            self.frame(
                (left - 1 - THICK, top - 1 - THICK, right + 1 + THICK, bottom + 1 + THICK),
                MARK,
            );
        }
        for at in &marks.points {
            let (x, y) = self.place(at.x, at.y);
            for (thick, colour) in [(THICK, EDGE), (0, MARK)] {
                let arm = ARM + thick;
                self.fill((x - arm, y - thick - 1, x + arm, y + thick + 1), colour);
                self.fill((x - thick - 1, y - arm, x + thick + 1, y + arm), colour);
            }
        }
    }

    /// A pixel of the screen, in those of the raster; it may lie outside.
    fn place(&self, x: i32, y: i32) -> (i64, i64) {
        let along = |at: i32, from: i32, to: u32, of: u32| {
            (i64::from(at) - i64::from(from)) * i64::from(to) / i64::from(of.max(1))
        };
        (
            along(x, self.part.x, self.image.width(), self.part.width),
            along(y, self.part.y, self.image.height(), self.part.height),
        )
    }

    fn frame(&mut self, (left, top, right, bottom): (i64, i64, i64, i64), colour: Rgb) {
        self.fill((left, top, right, top + THICK), colour);
        self.fill((left, bottom - THICK, right, bottom), colour);
        self.fill((left, top, left + THICK, bottom), colour);
        self.fill((right - THICK, top, right, bottom), colour);
    }

    /// As far as it is on the raster.
    fn fill(&mut self, (left, top, right, bottom): (i64, i64, i64, i64), colour: Rgb) {
        let within = |from: i64, to: i64, length: u32| {
            from.clamp(0, length.into()) as u32..to.clamp(0, length.into()) as u32
        };
        let (width, height) = self.image.dimensions();
        for y in within(top, bottom, height) {
            for x in within(left, right, width) {
                self.image.put_pixel(x, y, image::Rgb(colour));
            }
        }
    }
}
