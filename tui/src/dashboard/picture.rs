//! A screen as coloured cells: each pixel of the result is the plain average of the box of screen
//! pixels it stands for. Slow filters look no better at this size.

use deskbound_accessibility::{ScreenPx, ScreenRect};
use image::RgbImage;

/// How many pixels one cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fidelity {
    /// Two, one above the other, by `▀` in two colours. They are square.
    Half,
    /// One, where there is no such glyph.
    Whole,
}

/// Cells across and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) columns: u16,
    pub(crate) rows: u16,
}

/// Which part of a screen is wanted: `1 << level` times larger than the whole of it, around a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zoom {
    pub(crate) level: u8,
    pub(crate) centre: ScreenPx,
}

/// Sixteen times; a button then fills the pane.
pub(crate) const ZOOM_LEVEL_MAX: u8 = 4;

pub(crate) type Rgb = [u8; 3];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The part of the screen that is shown.
    pub(crate) part: ScreenRect,
    pub(crate) extent: Extent,
    /// The upper and the lower half of every cell, row by row.
    cells: Vec<[Rgb; 2]>,
}

impl Zoom {
    /// The part of a screen of this size; always inside it.
    pub(crate) fn part(self, width: u32, height: u32) -> ScreenRect {
        let (w, h) = ((width >> self.level).max(1), (height >> self.level).max(1));
        let place = |centre: i32, length: u32, whole: u32| {
            let most = i64::from(whole) - i64::from(length);
            (i64::from(centre) - i64::from(length / 2)).clamp(0, most.max(0)) as i32
        };
        ScreenRect {
            x: place(self.centre.x, w, width),
            y: place(self.centre.y, h, height),
            width: w,
            height: h,
        }
    }
}

impl Picture {
    /// As large as fits into `room`, in the proportions of the screen; `None` of nothing or into
    /// nothing.
    pub(crate) fn of(
        screen: &RgbImage,
        zoom: Zoom,
        room: Extent,
        fidelity: Fidelity,
    ) -> Option<Self> {
        if screen.width() == 0 || screen.height() == 0 || room.columns == 0 || room.rows == 0 {
            return None;
        }
        let part = zoom.part(screen.width(), screen.height());
        let extent = fitted(part, room);
        let (columns, halves) = (u32::from(extent.columns), u32::from(extent.rows) * 2);
        let averages = averages(screen, part, columns, halves);
        let at = |x: u32, half: u32| averages[(half * columns + x) as usize];
        let mut cells = Vec::with_capacity(averages.len() / 2);
        for row in 0..u32::from(extent.rows) {
            for x in 0..columns {
                let (upper, lower) = (at(x, row * 2), at(x, row * 2 + 1));
                cells.push(match fidelity {
                    Fidelity::Half => [upper, lower],
                    Fidelity::Whole => [mean(upper, lower); 2],
                });
            }
        }
        Some(Self { part, extent, cells })
    }

    pub(crate) fn cell(&self, column: u16, row: u16) -> [Rgb; 2] {
        self.cells[usize::from(row) * usize::from(self.extent.columns) + usize::from(column)]
    }

    /// The cell that shows this pixel, if it is in the part that is shown.
    pub(crate) fn column_row(&self, at: ScreenPx) -> Option<(u16, u16)> {
        self.part.contains(at).then(|| {
            let of = |at: i32, from: i32, length: u32, cells: u16| {
                let along = i64::from(at) - i64::from(from);
                (along * i64::from(cells) / i64::from(length)) as u16
            };
            (
                of(at.x, self.part.x, self.part.width, self.extent.columns),
                of(at.y, self.part.y, self.part.height, self.extent.rows),
            )
        })
    }

    /// The pixel in the middle of a cell.
    pub(crate) fn pixel(&self, column: u16, row: u16) -> ScreenPx {
        let of = |cell: u16, from: i32, length: u32, cells: u16| {
            let along = (i64::from(cell) * 2 + 1) * i64::from(length) / (i64::from(cells) * 2);
            from + along as i32
        };
        ScreenPx {
            x: of(column, self.part.x, self.part.width, self.extent.columns),
            y: of(row, self.part.y, self.part.height, self.extent.rows),
        }
    }
}

/// The largest extent of the part's proportions: a cell is twice as high as it is wide.
fn fitted(part: ScreenRect, room: Extent) -> Extent {
    let (width, height) = (u64::from(part.width), u64::from(part.height));
    let (columns, rows) = (u64::from(room.columns), u64::from(room.rows));
    let narrow = (columns * height).div_ceil(width * 2).clamp(1, rows);
    let (columns, rows) = if columns * height <= rows * 2 * width {
        (columns, narrow)
    } else {
        ((rows * 2 * width / height).clamp(1, columns), rows)
    };
    Extent { columns: columns as u16, rows: rows as u16 }
}

/// The averages of `across` × `down` boxes, row by row.
pub(super) fn averages(screen: &RgbImage, part: ScreenRect, across: u32, down: u32) -> Vec<Rgb> {
    let bounds = |index: u32, of: u32, length: u32| {
        let at = |index: u32| (u64::from(index) * u64::from(length) / u64::from(of)) as u32;
        let from = at(index);
        from..at(index + 1).max(from + 1).min(length)
    };
    let columns: Vec<_> = (0..across).map(|x| bounds(x, across, part.width)).collect();
    let (left, top) = (part.x as u32, part.y as u32);
    let stride = screen.width() as usize * 3;
    let pixels = screen.as_raw();
    let mut averages = Vec::with_capacity((across * down) as usize);
    let mut sums = vec![[0u64; 3]; across as usize];
    for y in 0..down {
        let lines = bounds(y, down, part.height);
        sums.fill([0; 3]);
        for line in lines.clone() {
            let row = &pixels[(top + line) as usize * stride..][..stride];
            for (sum, columns) in sums.iter_mut().zip(&columns) {
                let from = (left + columns.start) as usize * 3;
                let to = (left + columns.end) as usize * 3;
                for pixel in row[from..to].chunks_exact(3) {
                    sum[0] += u64::from(pixel[0]);
                    sum[1] += u64::from(pixel[1]);
                    sum[2] += u64::from(pixel[2]);
                }
            }
        }
        averages.extend(sums.iter().zip(&columns).map(|(sum, columns)| {
            let count = (columns.len() * lines.len()) as u64;
            sum.map(|sum| ((sum + count / 2) / count) as u8)
        }));
    }
    averages
}

fn mean(one: Rgb, other: Rgb) -> Rgb {
    std::array::from_fn(|i| ((u16::from(one[i]) + u16::from(other[i])) / 2) as u8)
}

#[cfg(test)]
mod tests {
    use image::Rgb as Pixel;

    use super::*;

    const ROOM: Extent = Extent { columns: 48, rows: 15 };
    const WHOLE: Zoom = Zoom { level: 0, centre: ScreenPx { x: 0, y: 0 } };

    #[test]
    fn a_screen_keeps_its_proportions() {
        for (size, room, expected) in [
            ((1280, 800), (48, 15), (48, 15)),
            ((1280, 800), (48, 40), (48, 15)),
            ((1280, 800), (200, 15), (48, 15)),
            ((100, 1000), (48, 15), (3, 15)),
            ((5000, 10), (48, 15), (48, 1)),
            ((1, 1), (48, 15), (30, 15)),
        ] {
            let screen = RgbImage::new(size.0, size.1);
            let room = Extent { columns: room.0, rows: room.1 };
            let picture = Picture::of(&screen, WHOLE, room, Fidelity::Half).unwrap();
            assert_eq!((picture.extent.columns, picture.extent.rows), expected, "{size:?}");
        }
        assert_eq!(Picture::of(&RgbImage::default(), WHOLE, ROOM, Fidelity::Half), None);
    }

    #[test]
    fn a_cell_is_the_average_of_what_it_stands_for() {
        // Black and white in columns of one pixel, the lower half of it red.
        let screen = RgbImage::from_fn(64, 64, |x, y| match (x % 2, y < 32) {
            (0, true) => Pixel([255, 255, 255]),
            (_, true) => Pixel([0, 0, 0]),
            _ => Pixel([200, 0, 0]),
        });
        let room = Extent { columns: 2, rows: 1 };
        let picture = Picture::of(&screen, WHOLE, room, Fidelity::Half).unwrap();
        assert_eq!(picture.cell(1, 0), [[128, 128, 128], [200, 0, 0]]);
        let whole = Picture::of(&screen, WHOLE, room, Fidelity::Whole).unwrap();
        assert_eq!(whole.cell(0, 0), [[164, 64, 64]; 2]);
    }

    #[test]
    fn a_part_stays_on_the_screen_and_points_find_their_cells() {
        let screen = RgbImage::new(1280, 800);
        for (x, y) in [(0, 0), (640, 400), (1279, 799), (-50, 5000)] {
            for level in 0..=ZOOM_LEVEL_MAX {
                let zoom = Zoom { level, centre: ScreenPx { x, y } };
                let part = zoom.part(1280, 800);
                assert!(part.x >= 0 && part.x as u32 + part.width <= 1280, "{part:?}");
                assert!(part.y >= 0 && part.y as u32 + part.height <= 800, "{part:?}");
                let picture = Picture::of(&screen, zoom, ROOM, Fidelity::Half).unwrap();
                for (column, row) in [(0, 0), (7, 3), (47, 14)] {
                    let pixel = picture.pixel(column, row);
                    assert_eq!(picture.column_row(pixel), Some((column, row)), "{part:?}");
                }
            }
        }
    }
}
