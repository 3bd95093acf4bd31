//! The viewer: what is on an image, in words or as a list?

use std::ops::ControlFlow;

use image::RgbImage;

use super::speech::Question;
use super::{Loaded, LoadedError, Speech};
use crate::constrain::Form;
use crate::engine::{Cancel, Progress};
use crate::error::ModelError;
use crate::profile::{Message, Part, Role, Sampling};
use crate::roles::{Find, Scene, Viewer};

/// Where the profile says nothing of vision: any model that sees can be asked.
const QUESTION: &str = "Describe what is on this screen.";
const ANSWER_TOKENS: u32 = 1024;

#[derive(Debug)]
pub struct LoadedViewer {
    loaded: Loaded,
    speech: Speech,
}

impl LoadedViewer {
    pub(super) fn new(loaded: Loaded) -> Result<Self, LoadedError> {
        if !loaded.sees() {
            return Err(LoadedError::Blind);
        }
        Ok(Self { speech: loaded.speech(), loaded })
    }

    /// What is on the image, each with its place.
    ///
    /// # Errors
    ///
    /// If the profile says nothing of vision, the image cannot be taken, or the answer is of no use.
    pub fn list(&mut self, image: &RgbImage) -> Result<Vec<Find>, LoadedError> {
        let loaded = self.loaded.clone();
        let profile = loaded.profile();
        let vision = profile
            .vision
            .as_ref()
            .ok_or_else(|| LoadedError::NoRole { profile: profile.id.clone(), role: "vision" })?;
        self.speech.begin();
        let (picture, shown) = loaded.picture(image)?;
        let schema = profile.list_schema(&shown)?;
        let said = self.speech.ask(
            &Question {
                messages: &profile.ask_for_list()?,
                pictures: vec![picture],
                prefill: vision.prompt.prefill.as_deref().unwrap_or_default(),
                form: Some(Form::Schema(&schema)),
                context: vision.context,
                ..Question::plain(&vision.sampling)
            },
            &mut |_| ControlFlow::Continue(()),
        )?;
        Ok(profile.read_list(&said.text, &shown, said.confidence)?)
    }

    /// An answer to a question about the image, or what is on it, in words.
    ///
    /// # Errors
    ///
    /// If the image cannot be taken, or the prompt does not fit.
    pub fn answer(
        &mut self,
        image: &RgbImage,
        question: Option<&str>,
    ) -> Result<String, LoadedError> {
        let loaded = self.loaded.clone();
        let (profile, picture) = (loaded.profile(), loaded.picture(image)?.0);
        self.speech.begin();
        let any = Sampling { temperature: 0.0, max_tokens: ANSWER_TOKENS, stop: Vec::new() };
        let vision = profile.vision.as_ref();
        let messages = match vision {
            Some(_) => profile.ask_about(question)?,
            None => {
                let text = Part::Text(question.unwrap_or(QUESTION).to_owned());
                vec![Message { role: Role::User, parts: vec![Part::Image { step: 0 }, text] }]
            }
        };
        let said = self.speech.ask(
            &Question {
                messages: &messages,
                pictures: vec![picture],
                context: vision.and_then(|vision| vision.context),
                ..Question::plain(vision.map_or(&any, |vision| &vision.sampling))
            },
            &mut |_| ControlFlow::Continue(()),
        )?;
        Ok(said.text)
    }
}

impl Viewer for LoadedViewer {
    fn see(&mut self, image: &RgbImage) -> Result<Scene, ModelError> {
        Ok(Scene { finds: self.list(image)? })
    }

    fn tell(
        &mut self,
        image: &RgbImage,
        question: Option<&str>,
    ) -> Result<Option<String>, ModelError> {
        Ok(Some(self.answer(image, question)?))
    }

    fn cancel(&self) -> Option<Cancel> {
        Some(self.speech.cancel())
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.speech.progress())
    }
}
