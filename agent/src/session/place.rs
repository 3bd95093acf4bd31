//! From a target to a point on the screen, checked at the moment it is used.

use deskbound_accessibility::{Number, ScreenRect};
use deskbound_models::{GroundRequest, Grounding};
use image::RgbImage;

use super::act::Act;
use super::{Caller, Failing, Session};
use crate::aim::{Known, Meant, Spot, meant};
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::tool::{Place, Target};

impl<D: Desktop, S: StepSink> Session<D, S> {
    /// Where the target is now, its window brought to the front where another one covers it; `Err`
    /// says why it cannot be reached.
    pub(super) async fn reach(
        &mut self,
        target: &Target,
        caller: &Caller<'_>,
    ) -> Result<Result<Spot, String>, Failing> {
        let spot = self.find(target).await?;
        let Some(raise) = spot.as_ref().ok().and_then(Spot::raise) else {
            return Ok(spot);
        };
        self.look().await?;
        if let Act::Refused(reason) = self.perform(&raise, caller).await? {
            return Ok(Err(reason));
        }
        self.seen = None;
        self.find(target).await
    }

    async fn find(&mut self, target: &Target) -> Result<Result<Spot, String>, Failing> {
        let number = match self.number(target).await? {
            Ok(Meant::Element(number)) => number,
            Ok(Meant::Point(at)) => return Ok(Ok(Spot::at(at))),
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(then) = self.known(number).await? else {
            return Ok(Err(format!("there is no element {number} on the screen; look again")));
        };
        if self.stands(&then).await? {
            return self.spot(number).await;
        }
        self.seen = None;
        Ok(match self.known(number).await? {
            Some(now) if (now.role, &now.name) == (then.role, &then.name) => {
                return self.spot(number).await;
            }
            Some(now) => Err(format!(
                "element {number} was “{}” and is “{}” now; look again",
                then.name, now.name
            )),
            None => Err(format!("element {number}, “{}”, is gone; look again", then.name)),
        })
    }

    /// What the target means, whether it is still there or not.
    async fn number(&mut self, target: &Target) -> Result<Result<Meant, String>, Failing> {
        Ok(match target.place() {
            Ok(Place::Point(at)) => Ok(Meant::Point(at)),
            Ok(Place::Element(number)) => Ok(Meant::Element(Number(number))),
            Ok(Place::Words(words)) => return self.ground(words).await,
            Err(reason) => Err(reason.to_owned()),
        })
    }

    async fn known(&mut self, number: Number) -> Result<Option<Known>, Failing> {
        let seen = self.look().await?;
        let tree = (&*seen.observation.tree, &seen.numbers);
        Ok(Known::of(number, tree, &seen.elements))
    }

    async fn spot(&mut self, number: Number) -> Result<Result<Spot, String>, Failing> {
        let seen = self.look().await?;
        Ok(Spot::of(number, (&seen.observation.tree, &seen.numbers), &seen.elements))
    }

    /// Whether the pixels of an element are still those that were seen.
    async fn stands(&mut self, known: &Known) -> Result<bool, Failing> {
        let Some(bounds) = known.bounds else { return Ok(true) };
        let then = self.look().await?.observation.frame.clone();
        let Some(now) = self.eye.frame().await? else { return Ok(false) };
        Ok(is_same_within(&then, &now, bounds))
    }

    async fn ground(&mut self, words: &str) -> Result<Result<Meant, String>, Failing> {
        let seen = self.look().await?;
        let list = seen.elements.clone();
        let frame = seen.observation.frame.clone();
        let candidates: Vec<_> = list.iter().map(|element| element.candidate.clone()).collect();
        let request = GroundRequest { phrase: words, candidates: &candidates, image: Some(&frame) };
        Ok(match self.grounder.ground(&request).map(Grounding::if_sure) {
            Ok(found) => meant(words, &found, &list),
            Err(error) => Err(error.to_string()),
        })
    }
}

fn is_same_within(one: &RgbImage, other: &RgbImage, bounds: ScreenRect) -> bool {
    if one.dimensions() != other.dimensions() {
        return false;
    }
    let (columns, mut rows) = bounds.within(one.dimensions());
    rows.all(|y| columns.clone().all(|x| one.get_pixel(x, y) == other.get_pixel(x, y)))
}
