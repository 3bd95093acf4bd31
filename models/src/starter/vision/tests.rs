//! Looks at screens with the shipped networks. How well they read is measured in `tests/it/vision.rs`.

use super::*;
use crate::roles::Find;

fn eyes() -> Eyes {
    Eyes::shipped().unwrap()
}

/// Something of many shades.
fn image(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let shade = |a: u32, b: u32| ((x * a + y * b) % 251) as u8;
        image::Rgb([shade(7, 3), shade(1, 11), shade(5, 5)])
    })
}

#[test]
fn the_same_screen_is_seen_the_same_and_nothing_is_beyond_its_edges() {
    let mut eyes = eyes();
    for (width, height) in [(0, 0), (1, 1), (3, 200), (301, 7), (333, 127)] {
        let image = image(width, height);
        let first = eyes.see(&image).unwrap();
        assert_eq!(eyes.see(&image).unwrap(), first, "{width} × {height}");
        let inside = |Find { bounds, .. }: &Find| {
            bounds.x + bounds.width <= width && bounds.y + bounds.height <= height
        };
        assert!(first.finds.iter().all(inside), "{width} × {height}");
    }
}

#[test]
fn what_changed_is_looked_at_again_and_the_rest_is_kept() {
    let (before, mut after) = (image(640, 320), image(640, 320));
    for (x, y) in (300..340).flat_map(|x| (150..170).map(move |y| (x, y))) {
        after.put_pixel(x, y, image::Rgb([255, 255, 255]));
    }
    let (before, after) = (Grey::of(&before), Grey::of(&after));
    let mut eyes = eyes();
    let old = eyes.outputs(&before);
    let fresh = eyes.outputs(&after);
    eyes.last = Some((before, old.clone()));
    let again = eyes.outputs(&after);
    let gap = |a: &Map, b: &Map, y: usize, x: usize| {
        let channels =
            (0..OUTPUTS).map(|channel| (a.at(channel, y, x) - b.at(channel, y, x)).abs());
        channels.fold(0.0, f32::max)
    };
    let (row, column) = (160 / CELL, 320 / CELL);
    let (moved, missed) = (gap(&old, &fresh, row, column), gap(&again, &fresh, row, column));
    assert!(missed < moved / 10.0, "{missed} off where the change made {moved}");
    assert_eq!(gap(&again, &old, 2, 2), 0.0);
}

#[test]
fn too_large_an_image_is_refused() {
    let error = eyes().see(&RgbImage::new(5000, 4000)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request has 20000000 pixels, more than the 16777216 that fit"
    );
}

#[test]
fn weights_of_another_network_are_refused() {
    let Err(error) = Eyes::new(RECOGNISER.bytes, DETECTOR.bytes) else { panic!("they were taken") };
    assert!(matches!(error, ModelError::MissingTensor { model: "detector", .. }), "{error}");
}
