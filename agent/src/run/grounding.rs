//! The grounder as skills see it: every question and its answer is recorded, persons are heard
//! meanwhile, and a guess is no answer.

use std::time::Instant;

use deskbound_models::{Candidate, GroundRequest, Grounder, Grounding, ModelError};
use image::RgbImage;

use super::think::Mind;
use crate::record::Record;
use crate::skill::Ground;

pub(super) struct GroundingSeat<'a> {
    pub(super) mind: Mind<'a>,
    pub(super) grounder: &'a mut dyn Grounder,
    pub(super) frame: &'a RgbImage,
    /// What is still to be recorded.
    pub(super) asked: Vec<Record>,
}

impl Ground for GroundingSeat<'_> {
    fn ground(
        &mut self,
        phrase: &str,
        candidates: Vec<Candidate>,
    ) -> Result<Grounding, ModelError> {
        let asked = Instant::now();
        let request = GroundRequest { phrase, candidates: &candidates, image: Some(self.frame) };
        let cancel = self.grounder.cancel();
        let grounding = self.mind.think(cancel, || self.grounder.ground(&request))?;
        self.asked.push(Record::Grounded {
            phrase: phrase.to_owned(),
            candidates,
            grounding: grounding.clone(),
            ground: asked.elapsed(),
        });
        Ok(grounding.if_sure())
    }
}
