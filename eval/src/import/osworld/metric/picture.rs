//! Pictures, compared as scikit-image and Pillow compare them.
//!
//! Only PNG: a JPEG does not decode to the same bytes everywhere.

use image::imageops::{FilterType, flip_horizontal, resize};
use image::{DynamicImage, RgbImage, RgbaImage};
use serde_json::Value;

use super::Fetched;
use crate::import::osworld::evaluator::NotHere;
use crate::statistics::{count, mean};

/// A window of structural similarity, and what keeps it from dividing by nothing.
const WINDOW: usize = 7;
const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
/// Of a picture that is compared, in pixels: larger ones are not decoded.
const PIXELS_MAX: u64 = 64 << 20;
/// Where a PNG says how its pixels are coded, and that they are numbers of colours.
const COLOUR_TYPE_AT: usize = 25;
const PALETTE: u8 = 3;

#[derive(Clone, Debug, PartialEq)]
pub(in crate::import::osworld) enum Picture {
    /// Of two pictures as grey ones; with what it is without any work.
    Similarity {
        base: Option<f64>,
    },
    /// Structural similarity from a threshold on.
    Same,
    Resized,
    Mirrored,
    Palette,
    Darker {
        far: f64,
    },
    MoreSaturated,
    MoreContrast,
    Green,
    Triangle,
    LeftText,
    Size {
        width: Option<u32>,
        height: Option<u32>,
        content: bool,
    },
}

impl Picture {
    pub(super) fn named(name: &str, options: &Value, rules: &Value) -> Result<Self, NotHere> {
        let side = |name: &str| rules[name].as_u64().and_then(|side| u32::try_from(side).ok());
        Ok(match name {
            "compare_images" => {
                Self::Similarity { base: options["reference_base_result"].as_f64() }
            }
            "check_structure_sim" | "check_file_exists_and_structure_sim" => Self::Same,
            "check_structure_sim_resized" => Self::Resized,
            "check_image_mirror" => Self::Mirrored,
            "check_palette_and_structure_sim" => Self::Palette,
            "check_brightness_decrease_and_structure_sim" => {
                Self::Darker { far: options["threshold"].as_f64().unwrap_or(0.03) }
            }
            "check_saturation_increase_and_structure_sim" => Self::MoreSaturated,
            "check_contrast_increase_and_structure_sim" => Self::MoreContrast,
            "check_green_background" => Self::Green,
            "check_triangle_position" => Self::Triangle,
            "check_textbox_on_leftside" => Self::LeftText,
            "check_image_size" => Self::Size {
                width: side("width"),
                height: side("height"),
                content: rules["ignore_transparent"] == true,
            },
            _ => return Err(NotHere(format!("the metric {name}"))),
        })
    }

    /// `None` where a picture is missing, or is none.
    pub(super) fn score(&self, result: &Fetched, expected: &Fetched) -> Option<f64> {
        let source = decoded(result)?;
        let truth = |holds: bool| Some(if holds { 1.0 } else { 0.0 });
        let rgb = source.to_rgb8();
        match self {
            Self::Size { width, height, content } => {
                let (w, h) = match *content && source.color().has_alpha() {
                    true => opaque(&source.to_rgba8()).map_or((0, 0), |(_, _, w, h)| (w, h)),
                    false => (rgb.width(), rgb.height()),
                };
                truth(width.is_none_or(|it| it == w) && height.is_none_or(|it| it == h))
            }
            Self::Triangle => truth(is_in_middle(&rgb)?),
            Self::LeftText => truth(is_left(&rgb)),
            _ => self.against(&source, &rgb, &decoded(expected)?, result),
        }
    }

    fn against(
        &self,
        source: &DynamicImage,
        rgb: &RgbImage,
        target: &DynamicImage,
        result: &Fetched,
    ) -> Option<f64> {
        let other = target.to_rgb8();
        let truth = |holds: bool| Some(if holds { 1.0 } else { 0.0 });
        match self {
            Self::Similarity { base } => {
                let alike = grey_similarity(source, target);
                Some(match base {
                    None => alike,
                    Some(base) if alike >= base + 0.01 => (alike - base) / (1.0 - base),
                    Some(_) => 0.0,
                })
            }
            Self::Same => truth(is_same(rgb, &other, 0.9)),
            Self::Resized => {
                let inner = match source.color().has_alpha() {
                    false => rgb.clone(),
                    true => {
                        let (x, y, w, h) = opaque(&source.to_rgba8())?;
                        image::imageops::crop_imm(rgb, x, y, w, h).to_image()
                    }
                };
                let (w, h) = other.dimensions();
                truth(is_same(&resize(&inner, w, h, FilterType::CatmullRom), &other, 0.9))
            }
            Self::Mirrored => truth(is_same(&flip_horizontal(rgb), &other, 0.99)),
            Self::Palette => {
                let Fetched::File(bytes) = result else { return None };
                let is_one = bytes.get(COLOUR_TYPE_AT) == Some(&PALETTE);
                truth(is_one && is_same(rgb, &other, 0.9))
            }
            Self::Darker { far } => {
                let (one, two) = (brightness(rgb), brightness(&other));
                let far_apart = far_apart(&brought(rgb, one), &brought(&other, two))?;
                truth(two > one && far_apart < *far)
            }
            Self::MoreSaturated => {
                let (one, two) = (hsv(rgb), hsv(&other));
                let average = |part: &[f64]| mean(part);
                let is_alike = |part: usize| {
                    let size = (rgb.dimensions(), other.dimensions());
                    size.0 == size.1 && similarity(&one[part], &two[part], size.0) >= 0.9
                };
                truth(average(&two[1]) < average(&one[1]) && is_alike(0) && is_alike(2))
            }
            Self::MoreContrast => {
                truth(contrast(target) < contrast(source) && is_same(rgb, &other, 0.65))
            }
            Self::Green => truth(is_green(rgb, &other)),
            Self::Size { .. } | Self::Triangle | Self::LeftText => None,
        }
    }
}

fn decoded(fetched: &Fetched) -> Option<DynamicImage> {
    let Fetched::File(bytes) = fetched else { return None };
    let reader =
        || image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Png);
    let (width, height) = reader().into_dimensions().ok()?;
    let is_small = u64::from(width) * u64::from(height) <= PIXELS_MAX;
    if is_small { reader().decode().ok() } else { None }
}

/// As Pillow makes a grey picture: whole numbers, rounded.
fn grey(image: &RgbImage) -> Vec<f64> {
    let each = image.pixels().map(|pixel| {
        let [r, g, b] = pixel.0.map(u32::from);
        f64::from((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16)
    });
    each.collect()
}

fn grey_similarity(one: &DynamicImage, other: &DynamicImage) -> f64 {
    let (one, other) = (one.to_rgb8(), other.to_rgb8());
    let size = one.dimensions().min(other.dimensions());
    let fitted = |image: RgbImage| match image.dimensions() == size {
        true => image,
        false => resize(&image, size.0, size.1, FilterType::Lanczos3),
    };
    similarity(&grey(&fitted(one)), &grey(&fitted(other)), size)
}

/// From a threshold on, as the mean of the three colours.
fn is_same(one: &RgbImage, other: &RgbImage, from: f64) -> bool {
    let size = one.dimensions();
    if size != other.dimensions() || (size.0.min(size.1) as usize) < WINDOW {
        return false;
    }
    let part = |image: &RgbImage, part: usize| -> Vec<f64> {
        image.pixels().map(|pixel| f64::from(pixel.0[part])).collect()
    };
    let each: Vec<f64> =
        (0..3).map(|colour| similarity(&part(one, colour), &part(other, colour), size)).collect();
    mean(&each) >= from
}

/// Structural similarity of one colour: the mean over all windows that lie inside.
fn similarity(one: &[f64], other: &[f64], (width, height): (u32, u32)) -> f64 {
    let (width, height) = (width as usize, height as usize);
    if width < WINDOW || height < WINDOW {
        return 0.0;
    }
    let product =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a * b).collect() };
    let sums = [
        one.to_vec(),
        other.to_vec(),
        product(one, one),
        product(other, other),
        product(one, other),
    ]
    .map(|values| summed(&values, width));
    let pixels = count(WINDOW * WINDOW);
    // Of a sample, not of all there is.
    let unbiased = pixels / (pixels - 1.0);
    let mut total = 0.0;
    for y in 0..=height - WINDOW {
        for x in 0..=width - WINDOW {
            let [a, b, aa, bb, ab] = [0, 1, 2, 3, 4].map(|sum| {
                let at = |x: usize, y: usize| sums[sum][y * (width + 1) + x];
                let (right, low) = (x + WINDOW, y + WINDOW);
                (at(right, low) - at(x, low) - at(right, y) + at(x, y)) / pixels
            });
            let (va, vb) = (unbiased * (aa - a * a), unbiased * (bb - b * b));
            let covariance = unbiased * (ab - a * b);
            total += (2.0 * a * b + C1) * (2.0 * covariance + C2)
                / ((a * a + b * b + C1) * (va + vb + C2));
        }
    }
    total / count((width - WINDOW + 1) * (height - WINDOW + 1))
}

/// The sum of all that is above and to the left, with a row and a column of nothing before it.
fn summed(values: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width + 1];
    for row in values.chunks(width) {
        let above = sums.len() - (width + 1);
        let mut across = 0.0;
        sums.push(0.0);
        for (x, value) in row.iter().enumerate() {
            across += value;
            let sum = across + sums[above + x + 1];
            sums.push(sum);
        }
    }
    sums
}

/// Where a picture is not transparent: x, y, width, height.
fn opaque(image: &RgbaImage) -> Option<(u32, u32, u32, u32)> {
    let seen = image.enumerate_pixels().filter(|(_, _, pixel)| pixel.0[3] > 0);
    let bounds = seen.fold(None, |bounds: Option<(u32, u32, u32, u32)>, (x, y, _)| {
        let (left, top, right, low) = bounds.unwrap_or((x, y, x, y));
        Some((left.min(x), top.min(y), right.max(x), low.max(y)))
    });
    bounds.map(|(left, top, right, low)| (left, top, right - left + 1, low - top + 1))
}

fn brightness(image: &RgbImage) -> f64 {
    mean(&grey(image))
}

/// Brought to the brightness in the middle.
fn brought(image: &RgbImage, brightness: f64) -> RgbImage {
    let factor = 128.0 / brightness;
    let mut image = image.clone();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut, there")]
    let scaled = |part: u8| (f64::from(part) * factor).min(255.0) as u8;
    image.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(scaled));
    image
}

/// The mean square of the difference, of parts between 0 and 1.
fn far_apart(one: &RgbImage, other: &RgbImage) -> Option<f64> {
    let (w, h) = other.dimensions();
    let one = match one.dimensions() == (w, h) {
        true => one.clone(),
        false => resize(one, w, h, FilterType::Lanczos3),
    };
    let squares = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| {
        let far = (f64::from(*a) - f64::from(*b)) / 255.0;
        far * far
    });
    Some(mean(&squares.collect::<Vec<_>>()))
}

/// Hue, saturation and value, each in whole numbers to 255, as Pillow has them.
fn hsv(image: &RgbImage) -> [Vec<f64>; 3] {
    let (mut hues, mut saturations, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for pixel in image.pixels() {
        let [r, g, b] = pixel.0.map(f32::from);
        let (most, least) = (r.max(g).max(b), r.min(g).min(b));
        let (mut hue, mut saturation) = (0.0, 0.0);
        if most > least {
            let range = most - least;
            saturation = range / most;
            let [red, green, blue] = [r, g, b].map(|part| (most - part) / range);
            let turn = match most {
                most if most == r => blue - green,
                most if most == g => 2.0 + red - blue,
                _ => 4.0 + green - red,
            };
            hue = (f64::from(turn) / 6.0 + 1.0) % 1.0;
        }
        hues.push((hue * 255.0).floor());
        saturations.push((f64::from(saturation) * 255.0).floor());
        values.push(f64::from(most));
    }
    [hues, saturations, values]
}

/// The deviation of all numbers of a picture, transparency among them.
fn contrast(image: &DynamicImage) -> f64 {
    let bytes = match image.color().has_alpha() {
        true => image.to_rgba8().into_raw(),
        false => image.to_rgb8().into_raw(),
    };
    let values: Vec<f64> = bytes.into_iter().map(f64::from).collect();
    let middle = mean(&values);
    mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// Whether all that is not black there is more green than anything else here. Rows and columns
/// change places, as they do there; beyond the edge nothing is green.
fn is_green(source: &RgbImage, target: &RgbImage) -> bool {
    let (width, height) = target.dimensions();
    (0..width).all(|row| {
        (0..height).all(|column| match target.get_pixel_checked(column, row) {
            None => false,
            Some(pixel) if pixel.0 == [0, 0, 0] => true,
            Some(_) => source
                .get_pixel_checked(column, row)
                .is_some_and(|pixel| pixel.0[1] > pixel.0[0] && pixel.0[1] > pixel.0[2]),
        })
    })
}

/// Whether what has the second rarest colour lies in the middle.
fn is_in_middle(image: &RgbImage) -> Option<bool> {
    let mut times = std::collections::BTreeMap::<[u8; 3], usize>::new();
    image.pixels().for_each(|pixel| *times.entry(pixel.0).or_default() += 1);
    let mut colours: Vec<_> = times.into_iter().collect();
    colours.sort_by_key(|(_, times)| *times);
    let (colour, _) = colours.get(1)?;
    let those: Vec<_> = image.enumerate_pixels().filter(|(.., it)| it.0 == *colour).collect();
    let place = |of: &dyn Fn(u32, u32) -> u32, side: u32| {
        let at = mean(&those.iter().map(|(x, y, _)| f64::from(of(*x, *y))).collect::<Vec<_>>());
        (at - f64::from(side) / 2.0).abs() < 0.05 * f64::from(side)
    };
    Some(place(&|x, _| x, image.width()) && place(&|_, y| y, image.height()))
}

/// Whether something dark is in the leftmost twentieth.
fn is_left(image: &RgbImage) -> bool {
    let shades = grey(image);
    let width = image.width() as usize;
    let dark = shades.chunks(width).filter_map(|row| row.iter().position(|shade| *shade < 128.0));
    dark.min().is_some_and(|left| count(left) < count(width) * 0.05)
}
