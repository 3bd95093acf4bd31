//! The recogniser: the pixels of one line → its characters and where they stand.
//!
//! The line is brought to 24 rows, its background to 0 and its ink to 1; four layers make columns of
//! it, four more along the line let each column know its neighbours, and every column (of two pixels)
//! says a character or none. `starter/vision/recogniser.py` trains it.

use super::alphabet::{self, BLANK, CLASSES};
use super::grey::Crop;
use super::layers::{Conv, Form, Map};
use crate::error::ModelError;
use crate::starter::weights::Weights;

const ROWS: usize = 24;
const WIDTHS: [usize; 5] = [1, 20, 40, 80, 160];
const DILATIONS: [usize; 4] = [1, 2, 4, 8];
/// Pixels of a column.
const COLUMN: usize = 2;
/// Levels of grey that differ less than this are one shade.
const LEAST_CONTRAST: f32 = 16.0;
const LEAST_WIDTH: usize = 8;
/// Five times the widest screen, at one row's height.
const MOST_WIDTH: usize = 16_384;

pub(super) struct Recogniser {
    stem: Vec<Conv>,
    along: Vec<Conv>,
    out: Conv,
    characters: Vec<char>,
}

/// What a line says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// Characters, each with its middle as a part of the crop's width.
    pub(crate) characters: Vec<(char, f32)>,
    /// The mean probability of the characters.
    pub(crate) score: f32,
}

impl Recogniser {
    pub(super) fn new(weights: &Weights) -> Result<Self, ModelError> {
        let stem = (0..WIDTHS.len() - 1).map(|i| {
            // The last one sees all three rows that are left.
            let form = if i == 3 { Form { pad: (0, 1), ..Form::SQUARE } } else { Form::SQUARE };
            Conv::new(weights, &format!("stem.{i}"), (WIDTHS[i], WIDTHS[i + 1]), form)
        });
        let width = WIDTHS[WIDTHS.len() - 1];
        let along = DILATIONS.iter().enumerate().map(|(i, &dilation)| {
            Conv::new(weights, &format!("blocks.{i}"), (width, width), Form::flat(dilation))
        });
        Ok(Self {
            stem: stem.collect::<Result<_, _>>()?,
            along: along.collect::<Result<_, _>>()?,
            out: Conv::new(weights, "out", (width, CLASSES), Form::POINT)?,
            characters: alphabet::characters(),
        })
    }

    pub(super) fn read(&self, crop: &Crop) -> Reading {
        self.decode(&self.forward(&prepare(crop)))
    }

    /// (classes, 1, columns)
    fn forward(&self, picture: &Map) -> Map {
        let mut map = self.stem[0].forward(picture).max_pool(2, COLUMN);
        map = self.stem[1].forward(&map).max_pool(2, 1);
        map = self.stem[2].forward(&map).max_pool(2, 1);
        map = self.stem[3].forward(&map);
        for layer in &self.along {
            let more = layer.forward(&map);
            map.add(&more);
        }
        self.out.forward(&map)
    }

    /// The best class of every column; runs of one class are one character.
    fn decode(&self, logits: &Map) -> Reading {
        let (mut found, mut last) = (Vec::new(), BLANK);
        let mut score = 0.0;
        for x in 0..logits.width {
            let column = (0..CLASSES).map(|class| logits.at(class, 0, x));
            let (best, top) = column
                .clone()
                .enumerate()
                .fold((BLANK, f32::MIN), |best, here| if here.1 > best.1 { here } else { best });
            if best != BLANK && best != last {
                let at = (x as f32 + 0.5) / logits.width as f32;
                found.push((self.characters[best - 1], at));
                score += 1.0 / column.map(|logit| (logit - top).exp()).sum::<f32>();
            }
            last = best;
        }
        let score = score / found.len().max(1) as f32;
        let blank = |(character, _): &(char, f32)| *character == ' ';
        let end = found.iter().rposition(|c| !blank(c)).map_or(0, |last| last + 1);
        found.truncate(end);
        let start = found.iter().position(|c| !blank(c)).unwrap_or(0);
        Reading { characters: found.split_off(start), score }
    }
}

/// (1, 24, columns of two pixels): background 0, ink up to 1, whichever of them is lighter.
fn prepare(crop: &Crop) -> Map {
    let mut shades = [(0u32, 0u32); 64];
    for &pixel in &crop.pixels {
        let shade = &mut shades[usize::from(pixel >> 2)];
        *shade = (shade.0 + 1, shade.1 + u32::from(pixel));
    }
    let most = shades.iter().map(|shade| shade.0).max().unwrap_or(0);
    let commonest = shades.iter().find(|shade| shade.0 == most).unwrap_or(&shades[0]);
    let background = commonest.1 as f32 / commonest.0.max(1) as f32;
    let mut values: Vec<f32> =
        crop.pixels.iter().map(|&pixel| f32::from(pixel) - background).collect();
    if values.iter().sum::<f32>() < 0.0 {
        values.iter_mut().for_each(|value| *value = -*value);
    }
    let most = values.iter().copied().fold(LEAST_CONTRAST, f32::max);
    values.iter_mut().for_each(|value| *value /= most);
    let wide = (crop.width * ROWS) as f32 / crop.height as f32;
    let wide = ((wide + 0.5) as usize).clamp(LEAST_WIDTH, MOST_WIDTH);
    // Rows first, then columns.
    let mut squeezed = vec![0.0; ROWS * crop.width];
    for (row, taps) in squeezed.chunks_exact_mut(crop.width).zip(filter(crop.height, ROWS)) {
        for (weight, from) in
            taps.weights.iter().zip(values[taps.first * crop.width..].chunks_exact(crop.width))
        {
            row.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
        }
    }
    let columns = filter(crop.width, wide);
    let mut out = Map::zeros(1, ROWS, wide.next_multiple_of(COLUMN));
    for y in 0..ROWS {
        let from = &squeezed[y * crop.width..][..crop.width];
        for (to, taps) in out.row_mut(0, y).iter_mut().zip(&columns) {
            *to = taps.weights.iter().zip(&from[taps.first..]).map(|(w, v)| w * v).sum();
        }
    }
    out
}

/// How much of each source pixel, from the first on, makes a target pixel.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// Triangles as wide as a target pixel, or as a source pixel where that is wider.
fn filter(source: usize, target: usize) -> Vec<Taps> {
    let scale = source as f32 / target as f32;
    let reach = scale.max(1.0);
    let of = |at: usize| {
        let centre = (at as f32 + 0.5) * scale;
        let weight = |from: usize| (1.0 - (from as f32 + 0.5 - centre).abs() / reach).max(0.0);
        let first = ((centre - reach - 0.5).ceil().max(0.0) as usize).min(source - 1);
        let after = ((centre + reach + 0.5).floor() as usize).clamp(first + 1, source);
        let sum: f32 = (first..after).map(weight).sum();
        Taps { first, weights: (first..after).map(|from| weight(from) / sum.max(1e-6)).collect() }
    };
    (0..target).map(of).collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::starter::weights::RECOGNISER;

    /// The trainer's answers, in f32, from the exported weights; of every seventh column.
    #[derive(Deserialize)]
    struct Golden {
        read: String,
        width: usize,
        picture: Vec<f32>,
        logits: Vec<Vec<f32>>,
    }

    const TOLERANCE: f32 = 1e-3;
    const EVERY: usize = 7;

    #[test]
    fn answers_are_those_of_the_trainer() {
        let golden = include_str!("../../../starter/golden/recogniser.json");
        let golden: Vec<Golden> = serde_json::from_str(golden).unwrap();
        let recogniser = Recogniser::new(&Weights::load(&RECOGNISER).unwrap()).unwrap();
        assert!(golden.len() >= 5);
        for case in golden {
            let mut picture = Map::zeros(1, ROWS, case.width.next_multiple_of(COLUMN));
            for (y, row) in case.picture.chunks_exact(case.width).enumerate() {
                let to = picture.row_mut(0, y).iter_mut();
                to.zip(row).for_each(|(to, from)| *to = from / 255.0);
            }
            let logits = recogniser.forward(&picture);
            for (at, expected) in case.logits.iter().enumerate() {
                for (class, expected) in expected.iter().enumerate() {
                    let found = logits.at(class, 0, at * EVERY);
                    let near = (found - expected).abs() < TOLERANCE;
                    assert!(near, "{}: {found} is not {expected}", case.read);
                }
            }
            let read = recogniser.decode(&logits);
            assert_eq!(read.characters.iter().map(|c| c.0).collect::<String>(), case.read);
        }
    }

    #[test]
    fn ink_is_1_on_light_and_on_dark() {
        let picture = |paper: u8, ink: u8| {
            let mut pixels = vec![paper; 20 * 12];
            pixels[5 * 20 + 4..5 * 20 + 9].fill(ink);
            prepare(&Crop { left: 0, width: 20, height: 12, pixels })
        };
        let (light, dark) = (picture(250, 0), picture(10, 255));
        assert_eq!((light.height, light.width), (ROWS, 40));
        assert_eq!(light.at(0, 0, 0), 0.0);
        let most = |map: &Map| map.values.iter().copied().fold(0.0, f32::max);
        assert!(most(&light) > 0.6, "{}", most(&light));
        assert!((most(&light) - most(&dark)).abs() < 1e-3);
    }
}
