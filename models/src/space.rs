//! Two coordinate spaces of images: pixels of the image a model was sent, and fractions of it.

use serde::{Deserialize, Serialize};

/// A pixel of the image that a model was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImagePx {
    pub x: u32,
    pub y: u32,
}

/// A rectangle in the image that a model was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImageRect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl ImageRect {
    pub fn centre(&self) -> ImagePx {
        ImagePx { x: self.x + self.width / 2, y: self.y + self.height / 2 }
    }
}

/// A fraction of an image's width and height, each 0..=1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    pub x: f32,
    pub y: f32,
}
