//! The grounder: where on the image is what a phrase names?

use std::ops::ControlFlow;

use image::RgbImage;
use image::imageops::crop_imm;

use super::speech::Question;
use super::{Loaded, LoadedError, Speech};
use crate::constrain::Form;
use crate::engine::{Cancel, Progress};
use crate::error::ModelError;
use crate::profile::{GroundingProfile, ImageSize, Spot};
use crate::roles::{GroundRequest, Grounder, Grounding};
use crate::space::Unit;

#[derive(Debug)]
pub struct LoadedGrounder {
    loaded: Loaded,
    speech: Speech,
}

/// A place, and how sure the model was of its words.
struct Hit {
    spot: Spot,
    confidence: f32,
}

impl LoadedGrounder {
    pub(super) fn new(loaded: Loaded) -> Result<Self, LoadedError> {
        if !loaded.sees() {
            return Err(LoadedError::Blind);
        }
        let grounder = Self { speech: loaded.speech(), loaded };
        grounder.profile()?;
        Ok(grounder)
    }

    fn profile(&self) -> Result<&GroundingProfile, LoadedError> {
        let profile = self.loaded.profile();
        profile
            .grounding
            .as_ref()
            .ok_or_else(|| LoadedError::NoRole { profile: profile.id.clone(), role: "grounding" })
    }

    /// Where a phrase is, in the pixels of the image. Where the profile has a zoom pass, the
    /// surroundings of the first hit are asked about again, at full size.
    ///
    /// # Errors
    ///
    /// If the image cannot be taken, or the answer is of no use.
    pub fn find(&mut self, phrase: &str, image: &RgbImage) -> Result<Grounding, LoadedError> {
        let size = ImageSize { width: image.width(), height: image.height() };
        let zoom = self.profile()?.zoom;
        self.speech.begin();
        let first = self.hit(phrase, image)?;
        let Some(centre) = first.spot.centre() else {
            return Ok(Grounding::NotHere { best: 1.0 - first.confidence });
        };
        let point = |at: Unit, probability| Grounding::Point { at: at.pixel(size), probability };
        let Some(zoom) = zoom else { return Ok(point(centre, first.confidence)) };
        let crop = zoom.crop(centre, size);
        let part = crop.part;
        let near = crop_imm(image, part.x, part.y, part.width, part.height).to_image();
        let second = self.hit(phrase, &near)?;
        // What was there from afar and is not from near is where it was seen first.
        Ok(match second.spot.centre() {
            Some(at) => point(crop.back(at), second.confidence),
            None => point(centre, first.confidence),
        })
    }

    fn hit(&mut self, phrase: &str, image: &RgbImage) -> Result<Hit, LoadedError> {
        let loaded = self.loaded.clone();
        let profile = loaded.profile();
        let grounding = self.profile()?.clone();
        let (picture, shown) = loaded.picture(image)?;
        let messages = profile.ask_where(phrase, &shown)?;
        let said = self.speech.ask(
            &Question {
                messages: &messages,
                pictures: vec![picture],
                prefill: grounding.prompt.prefill.as_deref().unwrap_or_default(),
                form: Some(Form::Place { grounding: &grounding, shown: &shown }),
                context: grounding.context,
                ..Question::plain(&grounding.sampling)
            },
            &mut |_| ControlFlow::Continue(()),
        )?;
        let spot = profile.read_where(&said.text, &shown)?;
        Ok(Hit { spot, confidence: said.confidence })
    }
}

impl Grounder for LoadedGrounder {
    /// Points; candidates are of no use to it.
    fn ground(&mut self, request: &GroundRequest<'_>) -> Result<Grounding, ModelError> {
        let image = request.image.ok_or(LoadedError::Blind)?;
        Ok(self.find(request.phrase, image)?)
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.speech.cancel())
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.speech.progress())
    }
}
