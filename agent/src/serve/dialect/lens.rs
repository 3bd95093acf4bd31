//! Between the screen, the picture that is sent, and the pixels that a model counts.

use deskbound_accessibility::{ScreenPx, ScreenRect};
use deskbound_models::Unit;
use deskbound_models::profile::{CoordinateSpace, ImageSize, Shown, SizeError};
use image::RgbImage;
use image::imageops::{FilterType, crop_imm, resize};

use super::table::PictureRule;

/// Shapes that differ by less are one.
const SHAPE: f64 = 0.02;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lens {
    screen: ImageSize,
    /// The picture's.
    sent: ImageSize,
    /// What coordinates count.
    counted: ImageSize,
}

impl Lens {
    /// # Errors
    /// For a screen that the model's tower cannot take.
    pub(super) fn of(rule: &PictureRule, screen: ImageSize) -> Result<Self, SizeError> {
        let (sent, counted) = match rule {
            PictureRule::Native => (screen, screen),
            PictureRule::Targets(targets) => {
                let sent = target(targets, screen);
                (sent, sent)
            }
            PictureRule::Tower(limits) => (screen, limits.resized(screen)?),
        };
        Ok(Self { screen, sent, counted })
    }

    pub(super) fn shown(&self) -> Shown {
        Shown { image: self.screen, resized: self.counted }
    }

    #[cfg(test)]
    fn sent(&self) -> ImageSize {
        self.sent
    }

    /// `None` for the first pixel behind the far edge, which some maps let in.
    pub(super) fn on_screen(&self, at: Unit, space: CoordinateSpace) -> Option<ScreenPx> {
        let is_of_pixels = matches!(space, CoordinateSpace::AbsResized);
        if is_of_pixels && (at.x >= 1.0 || at.y >= 1.0) {
            return None;
        }
        let px = at.pixel(self.screen);
        Some(ScreenPx { x: i32::try_from(px.x).ok()?, y: i32::try_from(px.y).ok()? })
    }

    /// A point of the screen in the model's coordinates.
    pub(super) fn told(&self, at: ScreenPx, space: CoordinateSpace) -> (f64, f64) {
        let (width, height) = space.extent(&self.shown());
        let scaled = |at: i32, side: u32, extent: f64| f64::from(at) * extent / f64::from(side);
        let (x, y) =
            (scaled(at.x, self.screen.width, width), scaled(at.y, self.screen.height, height));
        if matches!(space, CoordinateSpace::Rel1) { (x, y) } else { (x.round(), y.round()) }
    }

    pub(super) fn picture(&self, frame: &RgbImage) -> RgbImage {
        let ImageSize { width, height } = self.sent;
        if frame.dimensions() == (width, height) {
            return frame.clone();
        }
        resize(frame, width, height, FilterType::Triangle)
    }

    /// A part of the screen at its own size; no larger than a whole picture is.
    pub(super) fn zoomed(&self, frame: &RgbImage, region: ScreenRect) -> RgbImage {
        let (x, y) = (region.x.unsigned_abs(), region.y.unsigned_abs());
        let part = crop_imm(frame, x, y, region.width, region.height).to_image();
        let (width, height) = part.dimensions();
        let over = (f64::from(width) / f64::from(self.sent.width))
            .max(f64::from(height) / f64::from(self.sent.height));
        if over <= 1.0 {
            return part;
        }
        let side = |side: u32| ((f64::from(side) / over).round() as u32).max(1);
        resize(&part, side(width), side(height), FilterType::Triangle)
    }
}

/// Never upwards: what a screen has not, no picture can show.
fn target(targets: &[[u32; 2]], screen: ImageSize) -> ImageSize {
    let shape = |width: u32, height: u32| f64::from(width) / f64::from(height.max(1));
    let ours = shape(screen.width, screen.height);
    let alike = targets.iter().find(|[width, height]| {
        (shape(*width, *height) - ours).abs() < SHAPE && *width < screen.width
    });
    if let Some([width, height]) = alike {
        return ImageSize { width: *width, height: *height };
    }
    let longest = targets.iter().map(|[width, height]| *width.max(height)).max();
    let edge = screen.width.max(screen.height);
    match longest {
        Some(longest) if longest < edge => {
            let by = f64::from(longest) / f64::from(edge);
            let side = |side: u32| ((f64::from(side) * by).round() as u32).max(1);
            ImageSize { width: side(screen.width), height: side(screen.height) }
        }
        _ => screen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANTHROPIC: [[u32; 2]; 3] = [[1024, 768], [1280, 800], [1366, 768]];

    fn lens(width: u32, height: u32) -> Lens {
        let rule = PictureRule::Targets(ANTHROPIC.to_vec());
        Lens::of(&rule, ImageSize { width, height }).unwrap()
    }

    #[test]
    fn screens_of_every_shape_are_scaled_down_and_none_up() {
        for ((width, height), expected) in [
            ((1920, 1080), (1366, 768)),
            ((2560, 1600), (1280, 800)),
            ((1600, 1200), (1024, 768)),
            ((1024, 768), (1024, 768)),
            ((1280, 800), (1280, 800)),
            ((800, 600), (800, 600)),
            // Shapes without a target of their own, which others leave as they are.
            ((3440, 1440), (1366, 572)),
            ((1280, 1024), (1280, 1024)),
            ((2560, 2048), (1366, 1093)),
        ] {
            let sent = lens(width, height).sent();
            assert_eq!((sent.width, sent.height), expected, "{width}×{height}");
        }
    }

    #[test]
    fn points_go_there_and_back() {
        let lens = lens(1920, 1080);
        let space = CoordinateSpace::AbsResized;
        for (sent, screen) in
            [((0.0, 0.0), (0, 0)), ((683.0, 384.0), (960, 540)), ((1365.0, 767.0), (1919, 1079))]
        {
            let unit = space.unit(sent, &lens.shown()).unwrap();
            let at = lens.on_screen(unit, space).unwrap();
            assert_eq!((at.x, at.y), screen);
            assert_eq!(lens.told(at, space), sent);
        }
        let behind = space.unit((1366.0, 10.0), &lens.shown()).unwrap();
        assert_eq!(lens.on_screen(behind, space), None);
        assert!(space.unit((1500.0, 10.0), &lens.shown()).is_err());
    }

    #[test]
    fn a_zoom_shows_the_screens_own_pixels() {
        let frame = RgbImage::from_fn(1920, 1080, |x, y| image::Rgb([x as u8, y as u8, 0]));
        let part =
            lens(1920, 1080).zoomed(&frame, ScreenRect { x: 500, y: 300, width: 200, height: 100 });
        assert_eq!(part.dimensions(), (200, 100));
        assert_eq!(part.get_pixel(3, 4), frame.get_pixel(503, 304));
        let whole =
            lens(1920, 1080).zoomed(&frame, ScreenRect { x: 0, y: 0, width: 1920, height: 1080 });
        // In its own shape, which the picture's is not to the last pixel.
        assert_eq!(whole.dimensions(), (1365, 768));
    }
}
