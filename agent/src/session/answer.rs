//! What a call comes back with.

use std::io;

use deskbound_accessibility::{Effect, ScreenRect};
use deskbound_models::{Candidate, ModelError};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, RgbImage, imageops};
use serde_json::{Value, json};

use crate::consequence::Consequence;
use crate::desktop::DesktopError;
use crate::elements::Element;

/// Longest text of an answer.
const ANSWER_CHARS: usize = 30_000;

/// Why a session is over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failing {
    #[error("the desktop has failed")]
    Desktop {
        #[from]
        source: DesktopError,
    },
    #[error("the screen could not be read")]
    Model { source: ModelError },
    #[error("the record of this session could not be kept")]
    Record { source: io::Error },
    #[error("somebody ended this session")]
    Stopped,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub text: String,
    /// Of what acted.
    pub effect: Option<Effect>,
    /// The same as the text, for programs.
    pub structured: Option<Value>,
    /// A PNG.
    pub picture: Option<Vec<u8>>,
    /// It was not done, or failed; the text says why.
    pub refused: bool,
}

impl Answer {
    pub(crate) fn said(text: String) -> Self {
        Self { text, effect: None, structured: None, picture: None, refused: false }
    }

    pub(crate) fn refused(reason: String) -> Self {
        Self { refused: true, ..Self::said(reason) }
    }

    pub(super) fn acted(came: &Consequence) -> Self {
        let effect = Some(came.effect.clone());
        let structured = Some(json!({ "effect": came.effect, "changes": came.lines() }));
        Self { effect, structured, ..Self::said(came.told()) }
    }

    pub(super) fn first_line(&self) -> String {
        self.text.lines().next().unwrap_or_default().to_owned()
    }
}

/// Elements for programs: numbers, words, and places on the screen.
pub(super) fn listed(elements: &[Element]) -> Value {
    let element = |element: &Element| {
        let Candidate { role, name, context, .. } = &element.candidate;
        json!({
            "element": element.number.0, "role": role, "name": name, "context": context,
            "bounds": element.bounds,
        })
    };
    elements.iter().map(element).collect()
}

/// The beginning and the end of a long text, and how much is left out.
pub(super) fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= ANSWER_CHARS {
        return text.to_owned();
    }
    let half = ANSWER_CHARS / 2;
    let head: String = text.chars().take(half).collect();
    let tail: String = text.chars().skip(count - half).collect();
    format!("{head}\n[… {} characters are left out …]\n{tail}", count - 2 * half)
}

/// A part of the screen, or all of it.
pub(crate) fn picture(frame: &RgbImage, region: Option<ScreenRect>) -> Result<Vec<u8>, String> {
    let (width, height) = frame.dimensions();
    let whole = ScreenRect { x: 0, y: 0, width, height };
    let region = region.unwrap_or(whole);
    let inside = |at: i32, length: u32, size: u32| {
        length > 0 && u32::try_from(at).is_ok_and(|at| at.saturating_add(length) <= size)
    };
    if !inside(region.x, region.width, width) || !inside(region.y, region.height, height) {
        return Err(format!("this region is not on the screen, which is {width}×{height}"));
    }
    let (x, y) = (region.x.unsigned_abs(), region.y.unsigned_abs());
    let part = imageops::crop_imm(frame, x, y, region.width, region.height).to_image();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
        .write_image(part.as_raw(), part.width(), part.height(), ExtendedColorType::Rgb8)
        .map_err(|error| error.to_string())?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(cut("short"), "short");
        let long = format!("{}é{}", "a".repeat(20_000), "b".repeat(20_000));
        let cut = cut(&long);
        assert!(cut.starts_with("aaa") && cut.ends_with("bbb"));
        assert!(cut.contains("[… 10001 characters are left out …]"), "{}", cut.len());
    }

    #[test]
    fn a_region_is_on_the_screen_or_refused() {
        let frame = RgbImage::new(20, 10);
        let size = |x, y, width, height| {
            let png = picture(&frame, Some(ScreenRect { x, y, width, height }))?;
            let part = image::load_from_memory(&png).unwrap();
            Ok::<_, String>((part.width(), part.height()))
        };
        assert_eq!(size(0, 0, 20, 10), Ok((20, 10)));
        assert_eq!(size(19, 9, 1, 1), Ok((1, 1)));
        for (x, y, width, height) in
            [(-1, 0, 2, 2), (0, 0, 21, 1), (0, 10, 1, 1), (0, 0, 0, 1), (1, 1, u32::MAX, 1)]
        {
            assert!(size(x, y, width, height).is_err(), "{x} {y} {width} {height}");
        }
    }
}
