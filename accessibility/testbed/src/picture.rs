//! What is on the screen, to compare with what is said to be there.

use anyhow::{Context, Result};
use x11rb::{
    connection::Connection,
    protocol::xproto::{ConnectionExt as _, ImageFormat},
    rust_connection::RustConnection,
};

/// Red, green, blue.
pub type Colour = [u8; 3];

/// The pixels of a whole screen at one moment.
#[derive(Debug)]
pub struct Picture {
    width: i32,
    height: i32,
    /// Four bytes a pixel: blue, green, red and one more.
    pixels: Vec<u8>,
}

/// In pixels of the screen.
#[derive(Clone, Copy, Debug)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Picture {
    pub fn take(display: &str) -> Result<Self> {
        let (connection, screen) = RustConnection::connect(Some(display))?;
        let screen = &connection.setup().roots[screen];
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        let format = ImageFormat::Z_PIXMAP;
        let image = connection.get_image(format, screen.root, 0, 0, width, height, !0)?;
        let pixels = image.reply().context("a picture of the screen")?.data;
        Ok(Self { width: width.into(), height: height.into(), pixels })
    }

    /// Of a frame one pixel wide, so many pixels inside the rectangle, the share that has the
    /// colour. Nothing where the frame is off the screen.
    pub fn share(&self, rect: Rect, inset: i32, colour: Colour) -> f64 {
        let (left, top) = (rect.x + inset, rect.y + inset);
        let (right, bottom) = (rect.x + rect.width - 1 - inset, rect.y + rect.height - 1 - inset);
        let across = (left..=right).flat_map(|x| [(x, top), (x, bottom)]);
        let down = (top..=bottom).flat_map(|y| [(left, y), (right, y)]);
        let colours: Vec<Colour> =
            across.chain(down).filter_map(|(x, y)| self.pixel(x, y)).collect();
        let same = colours.iter().filter(|found| **found == colour).count();
        same as f64 / colours.len().max(1) as f64
    }

    /// Red, green and blue of each pixel of a part, row by row; nothing where it is not all on the
    /// screen.
    pub fn part(&self, rect: Rect) -> Option<Vec<u8>> {
        let rows = rect.y..rect.y + rect.height;
        let places = rows.flat_map(|y| (rect.x..rect.x + rect.width).map(move |x| (x, y)));
        let colours: Option<Vec<Colour>> = places.map(|(x, y)| self.pixel(x, y)).collect();
        colours.map(|colours| colours.concat())
    }

    fn pixel(&self, x: i32, y: i32) -> Option<Colour> {
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        let at = usize::try_from((y * self.width + x) * 4).ok().filter(|_| inside)?;
        let bytes = self.pixels.get(at..at + 3)?;
        Some([bytes[2], bytes[1], bytes[0]])
    }
}
