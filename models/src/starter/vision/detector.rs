//! The detector: for every cell of 4 × 4 pixels, whether text runs through it, which widget it is
//! part of, and how far their edges are.
//!
//! Blocks of 4 × 4 pixels become channels; two layers at that size, six at half of it whose dilations
//! see 128 pixels around, then both together. `starter/vision/detector.py` trains it.

use super::grey::{Grey, STEP};
use super::layers::{Conv, Form, Map};
use super::shapes::{CELL, KINDS};
use crate::error::ModelError;
use crate::starter::weights::Weights;

const FINE: [usize; 2] = [48, 32];
const COARSE: usize = 64;
const DILATIONS: [usize; 5] = [1, 2, 4, 8, 1];

/// Outputs of a cell: text or not; top, bottom, left and right of its line; the logits of no widget
/// and of each kind; top, bottom, left and right of the widget.
pub(super) const TEXT: usize = 0;
pub(super) const TEXT_EDGES: usize = 1;
pub(super) const KIND: usize = 5;
pub(super) const KIND_EDGES: usize = KIND + 1 + KINDS.len();
pub(super) const OUTPUTS: usize = KIND_EDGES + 4;

pub(super) struct Detector {
    fine: [Conv; 2],
    down: Conv,
    coarse: Vec<Conv>,
    up: Conv,
    join: Conv,
    out: Conv,
}

impl Detector {
    pub(super) fn new(weights: &Weights) -> Result<Self, ModelError> {
        let conv = |name: &str, sizes, form| Conv::new(weights, name, sizes, form);
        let [first, second] = FINE;
        let coarse = DILATIONS.iter().enumerate().map(|(i, &dilation)| {
            conv(&format!("coarse.{i}"), (COARSE, COARSE), Form::wide(dilation))
        });
        Ok(Self {
            fine: [
                conv("fine.0", (CELL * CELL, first), Form::SQUARE)?,
                conv("fine.1", (first, second), Form::SQUARE)?,
            ],
            down: conv("down", (second, COARSE), Form { stride: 2, ..Form::SQUARE })?,
            coarse: coarse.collect::<Result<_, _>>()?,
            up: conv("up", (COARSE, second), Form::POINT)?,
            join: conv("join", (second, second), Form::SQUARE)?,
            out: conv("out", (second, OUTPUTS), Form::POINT)?,
        })
    }

    /// (outputs, height / 4, width / 4), of the image grown to whole steps.
    pub(super) fn forward(&self, grey: &Grey) -> Map {
        let fine = self.fine[0].forward(&blocks(grey));
        let mut fine = self.fine[1].forward(&fine);
        let mut coarse = self.down.forward(&fine);
        for layer in &self.coarse {
            let more = layer.forward(&coarse);
            coarse.add(&more);
        }
        fine.add(&self.up.forward(&coarse).doubled());
        fine.values.iter_mut().for_each(|value| *value = value.max(0.0));
        self.out.forward(&self.join.forward(&fine))
    }
}

/// Each block of pixels as channels, -1..=1. Beyond the image its last row and column go on.
fn blocks(grey: &Grey) -> Map {
    let (width, height) = grey.size();
    let cells = |pixels: usize| pixels.div_ceil(STEP) * STEP / CELL;
    let mut out = Map::zeros(CELL * CELL, cells(height), cells(width));
    for channel in 0..CELL * CELL {
        let (dy, dx) = (channel / CELL, channel % CELL);
        for y in 0..out.height {
            let from = grey.row((y * CELL + dy).min(height - 1));
            for (x, to) in out.row_mut(channel, y).iter_mut().enumerate() {
                *to = f32::from(from[(x * CELL + dx).min(width - 1)]) / 127.5 - 1.0;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use serde::Deserialize;

    use super::*;
    use crate::starter::weights::DETECTOR;

    /// The trainer's answers, in f32, from exported weights.
    #[derive(Deserialize)]
    struct Golden {
        high: u32,
        wide: u32,
        grey: Vec<u8>,
        cells: Vec<[usize; 2]>,
        outputs: Vec<Vec<f32>>,
    }

    const TOLERANCE: f32 = 1e-3;

    #[test]
    fn answers_are_those_of_the_trainer() {
        let golden = include_str!("../../../starter/golden/detector.json");
        let Golden { high, wide, grey, cells, outputs } = serde_json::from_str(golden).unwrap();
        let pixels = grey.into_iter().flat_map(|level| [level; 3]).collect();
        let image = RgbImage::from_raw(wide, high, pixels).unwrap();
        let detector = Detector::new(&Weights::load(&DETECTOR).unwrap()).unwrap();
        let found = detector.forward(&Grey::of(&image));
        assert!(cells.len() >= 10 && outputs.iter().all(|cell| cell.len() == OUTPUTS));
        for ([y, x], expected) in cells.into_iter().zip(outputs) {
            for (channel, expected) in expected.into_iter().enumerate() {
                let found = found.at(channel, y, x);
                assert!((found - expected).abs() < TOLERANCE, "{y} {x}: {found} not {expected}");
            }
        }
    }
}
