//! Asking where something is.

use std::time::Instant;

use deskbound_agent::run::Roles;
use deskbound_agent::{Candidate, GroundRequest, Grounding, ImageRect};
use image::RgbImage;

use super::answers::Answered;
use super::target::Answer;
use super::{Ground, GroundError, Item, Sight, Thing};
use crate::outcome::millis;

/// The most that a grounder is given to choose from; what comes later is left out.
const THINGS_MAX: usize = 400;
/// In pixels; larger things hold others.
const AREA_MAX: i32 = 40_000;

/// Models, and what they may know.
pub struct Asker {
    pub roles: Roles,
    pub sight: Sight,
    /// The screen that was looked at last: its number, its picture, what was seen in it.
    last: Option<(usize, RgbImage, Vec<Thing>)>,
}

impl Asker {
    pub fn new(roles: Roles, sight: Sight) -> Self {
        Self { roles, sight, last: None }
    }

    /// One item. A model that fails has answered nothing of use; only a picture that cannot be read
    /// is an error.
    ///
    /// # Errors
    /// Where the screen has no picture.
    pub fn ask(&mut self, ground: &Ground, item: &Item) -> Result<Answered, GroundError> {
        let begun = Instant::now();
        let screen = &ground.screens[item.screen];
        if self.last.as_ref().is_none_or(|(at, ..)| *at != item.screen) {
            let image = screen.image()?;
            let seen = self.seen(&image);
            self.last = Some((item.screen, image, seen));
        }
        let (_, image, seen) = self.last.as_ref().expect("it was just looked at");
        let told = screen.things.as_deref().filter(|_| self.sight != Sight::Pixels);
        let told = told.unwrap_or_default();
        // What the tree tells of is not told again.
        let is_new = |find: &&Thing| !told.iter().any(|thing| is_at(find, thing));
        let things: Vec<&Thing> =
            told.iter().chain(seen.iter().filter(is_new)).take(THINGS_MAX).collect();
        let candidates: Vec<Candidate> = things.iter().map(|thing| candidate(thing)).collect();
        let shown = (self.sight != Sight::Tree).then_some(image);
        let request = GroundRequest { phrase: &item.phrase, candidates: &candidates, image: shown };
        let (answer, probability) = match self.roles.grounder.ground(&request) {
            Ok(Grounding::Candidate { index, probability }) => match things.get(index) {
                Some(thing) => (middle(thing), probability),
                None => (Answer::Broken { what: "no such candidate".to_owned() }, probability),
            },
            Ok(Grounding::Point { at, probability }) => {
                (Answer::Point { x: f64::from(at.x), y: f64::from(at.y) }, probability)
            }
            Ok(Grounding::NotHere { best }) => (Answer::NotHere, 1.0 - best),
            Err(error) => (Answer::Broken { what: error.to_string() }, 0.0),
        };
        let ms = millis(begun.elapsed());
        Ok(Answered { id: item.id.clone(), answer, probability, ms })
    }

    /// What a viewer finds in the pixels; nothing where none is asked, or there is none.
    fn seen(&mut self, image: &RgbImage) -> Vec<Thing> {
        let viewer = self.roles.viewer.as_mut().filter(|_| self.sight != Sight::Tree);
        let scene = viewer.and_then(|viewer| viewer.see(image).ok()).unwrap_or_default();
        let thing = |find: &deskbound_agent::Find| {
            let part = |part: u32| i32::try_from(part).unwrap_or(i32::MAX);
            let bounds = [find.bounds.x, find.bounds.y, find.bounds.width, find.bounds.height];
            let Candidate { role, name, context, .. } = find.candidate();
            Thing { role, name, context, bounds: bounds.map(part) }
        };
        scene.finds.iter().map(thing).collect()
    }
}

/// Whether a find stands in the middle of a thing that is not much of the screen.
fn is_at(find: &Thing, thing: &Thing) -> bool {
    let [left, top, width, height] = thing.bounds;
    let [x, y, w, h] = find.bounds;
    let (x, y) = (x + w / 2, y + h / 2);
    let is_inside = left <= x && x < left + width && top <= y && y < top + height;
    is_inside && width.saturating_mul(height) <= AREA_MAX
}

fn candidate(thing: &Thing) -> Candidate {
    let Thing { role, name, context, bounds } = thing.clone();
    let [x, y, width, height] = bounds.map(|part| u32::try_from(part).unwrap_or_default());
    Candidate { role, name, context, bounds: Some(ImageRect { x, y, width, height }) }
}

fn middle(thing: &Thing) -> Answer {
    let [x, y, width, height] = thing.bounds.map(f64::from);
    Answer::Point { x: x + width / 2.0, y: y + height / 2.0 }
}
