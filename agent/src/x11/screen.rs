//! The picture of the whole screen, and no more of it than has changed.
//!
//! ```text
//!   asked ──▶ what was painted since? (XDamage, and the screen's size, in one round trip)
//!               ├── nothing ──▶ the same picture
//!               └── a rectangle ──▶ MIT-SHM, else GetImage ──▶ differs? ──▶ a new picture
//! ```

use std::sync::Arc;
use std::time::{Duration, Instant};

use image::RgbImage;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::damage::{ConnectionExt as _, Damage, ReportLevel};
use x11rb::protocol::shm::ConnectionExt as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder, Rectangle, Window};
use x11rb::rust_connection::RustConnection;

use super::gone;
use super::segment::Segment;
use crate::desktop::DesktopError;

/// Bytes of one pixel as the server sends it; the fourth is padding.
const PIXEL_BYTES: usize = 4;
/// How long the server's silence is believed.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// All bits of a pixel.
const PLANES: u32 = u32::MAX;

/// Takes pictures over a connection of its own, so that looking does not wait behind acting.
pub struct ScreenEye {
    connection: RustConnection,
    root: Window,
    size: (u16, u16),
    /// Where red, green and blue are in a pixel.
    order: [usize; 3],
    segment: Option<Segment>,
    /// `None` where the server does not tell what was painted.
    damage: Option<Damage>,
    /// Painted, and not looked at yet.
    pending: Option<Rectangle>,
    /// When its silence was checked last.
    checked: Instant,
    last: Option<Arc<RgbImage>>,
}

/// How a picture comes from the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Shared,
    /// Over the socket.
    Sent,
}

impl ScreenEye {
    /// Looks at a display, such as `:0`; `None` where the server takes nobody in (any more).
    pub fn open(display: &str) -> Option<Self> {
        let (connection, screen) = RustConnection::connect(Some(display)).ok()?;
        let setup = connection.setup();
        let screen = &setup.roots[screen];
        let (root, size) = (screen.root, (screen.width_in_pixels, screen.height_in_pixels));
        let order = match setup.image_byte_order {
            ImageOrder::LSB_FIRST => [2, 1, 0],
            _ => [1, 2, 3],
        };
        let segment = Segment::attach(&connection, bytes_of(size)).ok();
        let damage = damage(&connection, root);
        Some(Self {
            connection,
            root,
            size,
            order,
            segment,
            damage,
            pending: None,
            checked: Instant::now(),
            last: None,
        })
    }

    pub fn way(&self) -> Way {
        if self.segment.is_some() { Way::Shared } else { Way::Sent }
    }

    /// Width and height in pixels, as of the last picture.
    pub(super) fn size(&self) -> (u16, u16) {
        self.size
    }

    /// The same picture as before where nothing has changed.
    ///
    /// # Errors
    /// Where the server is gone, or its pixels are none that can be read.
    pub fn frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
        let size = self.size;
        let taken = self.try_frame();
        if taken.is_ok() {
            return taken;
        }
        // It may have become smaller while it was looked at.
        self.pending = self.painted()?;
        if self.size == size { taken } else { self.try_frame() }
    }

    fn try_frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
        let told = self.painted()?;
        let painted = told.or_else(|| self.is_to_be_checked().then(|| self.whole()));
        let Some(last) = self.last.take() else {
            let (width, height) = self.size;
            let pixels = self.take(self.whole())?;
            let frame = RgbImage::from_raw(width.into(), height.into(), pixels);
            let frame = frame.expect("the buffer has three bytes for every pixel");
            return Ok(Arc::clone(self.last.insert(Arc::new(frame))));
        };
        let fresh = match painted {
            Some(area) => Some((area, self.take(area)?)),
            None => None,
        };
        let last = self.last.insert(last);
        let is_new = fresh.is_some_and(|(area, pixels)| lay(last, area, &pixels));
        let last = Arc::clone(last);
        // Unless it was painted in the meantime, the server does not tell all: some compositing
        // managers paint past it.
        if is_new && told.is_none() {
            self.pending = self.painted()?;
            self.damage = self.damage.filter(|_| self.pending.is_some());
        }
        Ok(last)
    }

    /// Whether the server is known to tell what is painted.
    pub(super) fn is_told(&self) -> bool {
        self.damage.is_some()
    }

    /// Now and then the server's silence is not believed.
    fn is_to_be_checked(&mut self) -> bool {
        let is_due = self.checked.elapsed() >= CHECK_EVERY;
        if is_due {
            self.checked = Instant::now();
        }
        is_due
    }

    fn whole(&self) -> Rectangle {
        let (width, height) = self.size;
        Rectangle { x: 0, y: 0, width, height }
    }

    /// What was painted since the last time, in one rectangle. One round trip: whatever was painted
    /// before it is known behind it.
    fn painted(&mut self) -> Result<Option<Rectangle>, DesktopError> {
        if let Some(damage) = self.damage {
            // Told again from here on, whatever it is.
            self.connection.damage_subtract(damage, x11rb::NONE, x11rb::NONE).map_err(gone)?;
        }
        let now = self.connection.get_geometry(self.root).map_err(gone)?.reply().map_err(gone)?;
        let mut painted = self.pending.take();
        while let Some(event) = self.connection.poll_for_event().map_err(gone)? {
            if let Event::DamageNotify(told) = event {
                painted = Some(painted.map_or(told.area, |known| around(known, told.area)));
            }
        }
        let (width, height) = (now.width, now.height);
        if self.size != (width, height) {
            self.resize((width, height));
        }
        Ok(match self.damage {
            Some(_) => painted.and_then(|area| within(area, self.size)),
            None => Some(self.whole()),
        })
    }

    fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.last = None;
        if let Some(segment) = self.segment.take() {
            segment.detach(&self.connection);
            self.segment = Segment::attach(&self.connection, bytes_of(size)).ok();
        }
    }

    /// Three bytes for every pixel of the rectangle, row by row.
    fn take(&self, area: Rectangle) -> Result<Vec<u8>, DesktopError> {
        let Rectangle { x, y, width, height } = area;
        let (connection, root) = (&self.connection, self.root);
        let length = bytes_of((width, height));
        let sent;
        let raw = match &self.segment {
            Some(segment) => {
                let format = u8::from(ImageFormat::Z_PIXMAP);
                let id = segment.id;
                let asked = connection
                    .shm_get_image(root, x, y, width, height, PLANES, format, id, 0)
                    .map_err(gone)?;
                let told = asked.reply().map_err(gone)?;
                check_depth(told.depth, told.size as usize, length)?;
                &segment.bytes()[..length]
            }
            None => {
                let format = ImageFormat::Z_PIXMAP;
                let asked = connection
                    .get_image(format, root, x, y, width, height, PLANES)
                    .map_err(gone)?;
                sent = asked.reply().map_err(gone)?;
                check_depth(sent.depth, sent.data.len(), length)?;
                &sent.data[..]
            }
        };
        let [red, green, blue] = self.order;
        let mut rgb = vec![0; length / PIXEL_BYTES * 3];
        for (to, from) in rgb.chunks_exact_mut(3).zip(raw.chunks_exact(PIXEL_BYTES)) {
            to[0] = from[red];
            to[1] = from[green];
            to[2] = from[blue];
        }
        Ok(rgb)
    }
}

fn damage(connection: &RustConnection, root: Window) -> Option<Damage> {
    connection.damage_query_version(1, 1).ok()?.reply().ok()?;
    let damage = connection.generate_id().ok()?;
    let created = connection.damage_create(damage, root, ReportLevel::BOUNDING_BOX).ok()?;
    created.check().ok()?;
    Some(damage)
}

fn bytes_of((width, height): (u16, u16)) -> usize {
    usize::from(width) * usize::from(height) * PIXEL_BYTES
}

fn check_depth(depth: u8, bytes: usize, expected: usize) -> Result<(), DesktopError> {
    match bytes == expected {
        true => Ok(()),
        false => Err(gone(format!("a screen of depth {depth} cannot be read"))),
    }
}

/// Makes a new picture only where the pixels are others; whether it did.
fn lay(picture: &mut Arc<RgbImage>, area: Rectangle, pixels: &[u8]) -> bool {
    let stride = picture.width() as usize * 3;
    let length = usize::from(area.width) * 3;
    let (left, top) = (usize::from(area.x.unsigned_abs()), usize::from(area.y.unsigned_abs()));
    let place = |row: usize| {
        let at = (top + row) * stride + left * 3;
        at..at + length
    };
    let rows = || pixels.chunks_exact(length).enumerate();
    if rows().all(|(row, pixels)| picture.as_raw()[place(row)] == *pixels) {
        return false;
    }
    let picture: &mut RgbImage = Arc::make_mut(picture);
    let bytes: &mut [u8] = picture;
    for (row, pixels) in rows() {
        bytes[place(row)].copy_from_slice(pixels);
    }
    true
}

fn edges(area: Rectangle) -> [i32; 4] {
    let (x, y) = (i32::from(area.x), i32::from(area.y));
    [x, y, x + i32::from(area.width), y + i32::from(area.height)]
}

fn of_edges([left, top, right, bottom]: [i32; 4]) -> Option<Rectangle> {
    let length = |from: i32, to: i32| u16::try_from(to - from).ok().filter(|length| *length > 0);
    Some(Rectangle {
        x: i16::try_from(left).ok()?,
        y: i16::try_from(top).ok()?,
        width: length(left, right)?,
        height: length(top, bottom)?,
    })
}

fn around(one: Rectangle, other: Rectangle) -> Rectangle {
    let (one, other) = (edges(one), edges(other));
    let all =
        [one[0].min(other[0]), one[1].min(other[1]), one[2].max(other[2]), one[3].max(other[3])];
    of_edges(all).expect("it reaches no further than either")
}

fn within(area: Rectangle, (width, height): (u16, u16)) -> Option<Rectangle> {
    let [left, top, right, bottom] = edges(area);
    of_edges([left.max(0), top.max(0), right.min(width.into()), bottom.min(height.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rect(x: i16, y: i16, width: u16, height: u16) -> Rectangle {
        Rectangle { x, y, width, height }
    }

    #[test]
    fn rectangles_are_joined_and_cut() {
        let joined = around(rect(1, 2, 3, 4), rect(10, 0, 5, 3));
        assert_eq!(edges(joined), edges(rect(1, 0, 14, 6)));
        let cut = |area| within(area, (100, 100)).map(edges);
        assert_eq!(cut(rect(-5, 90, 20, 20)), Some(edges(rect(0, 90, 15, 10))));
        assert_eq!((cut(rect(100, 0, 20, 20)), cut(rect(-20, 0, 20, 20))), (None, None));
    }

    #[test]
    fn a_picture_is_made_anew_only_where_it_differs() {
        let mut picture = Arc::new(RgbImage::new(10, 8));
        let before = Arc::clone(&picture);
        let area = rect(2, 3, 4, 2);
        assert!(!lay(&mut picture, area, &[0; 4 * 2 * 3]));
        assert!(Arc::ptr_eq(&picture, &before));
        let mut pixels = [0; 4 * 2 * 3];
        pixels[23] = 7;
        assert!(lay(&mut picture, area, &pixels));
        assert!(!Arc::ptr_eq(&picture, &before));
        let changed: Vec<(u32, u32)> = picture
            .enumerate_pixels()
            .filter(|(x, y, pixel)| before.get_pixel(*x, *y) != *pixel)
            .map(|(x, y, _)| (x, y))
            .collect();
        assert_eq!(changed, [(5, 4)]);
    }
}
