//! The trained [`Viewer`]: what stands on a screen, from its pixels alone.
//!
//! ```text
//! image ─ grey ─ detector ─ outputs of every cell of 4 × 4 pixels ─ shapes ─┬─ widgets ───┐
//!                (network)                                                  └─ lines ─┐   ├─▶ Scene
//!                                                        recogniser, line by line ◀───┘   │
//!                                                        (network) ── text ───────────────┘
//! ```
//!
//! Between two looks at a screen little changes: the detector runs again only where it did, and a line
//! whose pixels were read before is not read again.

mod alphabet;
mod detector;
mod grey;
mod layers;
mod lines;
mod recogniser;
mod scene;
mod shapes;

use image::RgbImage;
use rayon::prelude::*;

use crate::error::ModelError;
use crate::roles::{Scene, Viewer};
use crate::space::ImageRect;
use crate::starter::weights::{DETECTOR, RECOGNISER, Weights};
use detector::{Detector, OUTPUTS};
use grey::Grey;
use layers::Map;
use lines::{Cache, Line};
use recogniser::Recogniser;
use shapes::{Bounds, CELL, Shape};

/// Twice a 4K screen; what a look costs grows with them.
const MAX_PIXELS: usize = 16 << 20;
/// Around what changed: recomputed, and on top of that only looked at.
const MARGIN: usize = 32;
const CONTEXT: usize = 64;

/// The [`Viewer`] of `starter`. It remembers the last screen, and lines it has read.
pub struct Eyes {
    detector: Detector,
    recogniser: Recogniser,
    last: Option<(Grey, Map)>,
    read: Cache,
}

/// A word on the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub bounds: ImageRect,
    pub text: String,
    /// 0..=1, of its line.
    pub score: f32,
}

impl Eyes {
    /// With the shipped weights.
    ///
    /// # Errors
    ///
    /// If the weights in the program are not the pinned ones.
    pub fn shipped() -> Result<Self, ModelError> {
        Self::of(&Weights::load(&DETECTOR)?, &Weights::load(&RECOGNISER)?)
    }

    /// With other weights that `starter/vision` trained and exported, as safetensors. No digest is
    /// pinned: whoever brings them answers for them.
    ///
    /// # Errors
    ///
    /// If the weights do not fit the networks.
    pub fn new(detector: &[u8], recogniser: &[u8]) -> Result<Self, ModelError> {
        let read = Weights::read;
        Self::of(&read("detector", detector)?, &read("recogniser", recogniser)?)
    }

    pub(crate) fn of(detector: &Weights, recogniser: &Weights) -> Result<Self, ModelError> {
        Ok(Self {
            detector: Detector::new(detector)?,
            recogniser: Recogniser::new(recogniser)?,
            last: None,
            read: Cache::default(),
        })
    }

    /// Every word that can be read, each with a place of its own.
    ///
    /// # Errors
    ///
    /// If the image has too many pixels.
    pub fn words(&mut self, image: &RgbImage) -> Result<Vec<Word>, ModelError> {
        let (lines, _) = self.look(image)?;
        let words = |line: &Line| -> Vec<Word> {
            let score = line.score();
            let word = |(text, bounds): (String, Bounds)| Word {
                bounds: bounds.rect(image.dimensions()),
                text,
                score,
            };
            line.words().into_iter().map(word).collect()
        };
        Ok(lines.iter().flat_map(words).collect())
    }

    /// The lines of text of an image and the widgets, not yet put together.
    fn look(&mut self, image: &RgbImage) -> Result<(Vec<Line>, Vec<Shape>), ModelError> {
        let pixels = image.width() as usize * image.height() as usize;
        if pixels > MAX_PIXELS {
            return Err(ModelError::TooLong { what: "pixels", found: pixels, limit: MAX_PIXELS });
        }
        if pixels == 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        let grey = Grey::of(image);
        let outputs = self.outputs(&grey);
        let lines = self.read(&shapes::lines(&outputs, &grey), &grey);
        let widgets = shapes::widgets(&outputs, &grey);
        self.last = Some((grey, outputs));
        Ok((lines, widgets))
    }

    fn read(&mut self, shapes: &[Shape], grey: &Grey) -> Vec<Line> {
        let (recogniser, known) = (&self.recogniser, &self.read);
        let lines: Vec<(u64, Line)> = shapes
            .par_iter()
            .filter_map(|shape| {
                let (crop, key) = grey.line(&shape.bounds)?;
                let reading = known.get(key).unwrap_or_else(|| recogniser.read(&crop));
                Some((key, Line::new(shape, &crop, reading)))
            })
            .collect();
        for (key, line) in &lines {
            self.read.keep(*key, line);
        }
        lines.into_iter().map(|(_, line)| line).filter(Line::is_text).collect()
    }

    /// What the detector says of every cell, anew only where the screen is not what it was.
    fn outputs(&mut self, grey: &Grey) -> Map {
        let Some((before, mut outputs)) = self.last.take().filter(|(g, _)| g.size() == grey.size())
        else {
            return self.detector.forward(grey);
        };
        let Some(changed) = grey.changed(&before) else { return outputs };
        let inner = changed.grown(MARGIN, grey.size());
        let outer = inner.grown(CONTEXT, grey.size());
        let part = self.detector.forward(&grey.part(&outer));
        let (top, left) = ((inner.top - outer.top) / CELL, (inner.left - outer.left) / CELL);
        let (rows, columns) =
            ((inner.bottom - inner.top).div_ceil(CELL), (inner.right - inner.left).div_ceil(CELL));
        for channel in 0..OUTPUTS {
            for row in 0..rows {
                let from = &part.row(channel, top + row)[left..left + columns];
                let to = outputs.row_mut(channel, inner.top / CELL + row);
                to[inner.left / CELL..][..columns].copy_from_slice(from);
            }
        }
        outputs
    }
}

impl Viewer for Eyes {
    fn see(&mut self, image: &RgbImage) -> Result<Scene, ModelError> {
        let (lines, widgets) = self.look(image)?;
        Ok(Scene { finds: scene::put_together(lines, widgets, image.dimensions()) })
    }
}

#[cfg(test)]
mod tests;
