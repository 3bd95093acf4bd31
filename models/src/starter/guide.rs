//! What rules know of a phrase and the things on a screen: names to the letter, kinds and places.

use crate::roles::Candidate;
use crate::space::ImageRect;
use crate::starter::names;
use crate::starter::place::Turn;
use crate::starter::said::{Said, turn};

/// What it adds to the network's logarithms where a thing is all the way towards the place that was
/// said, right beside its neighbour, or in what it was said to be in.
const LEAN: f32 = 2.0;

pub(super) struct Guide<'p> {
    phrase: &'p str,
    said: Said<'p>,
    candidates: &'p [Candidate],
    places: Vec<Option<ImageRect>>,
    /// From what it was said to be beside; nothing where nothing was said, or it is not beside it.
    distances: Vec<Option<f32>>,
}

impl<'p> Guide<'p> {
    pub(super) fn of(phrase: &'p str, candidates: &'p [Candidate]) -> Self {
        let said = Said::of(phrase);
        let places: Vec<_> = candidates.iter().map(|candidate| candidate.bounds).collect();
        let distances = distances(&said, candidates);
        Self { phrase, said, candidates, places, distances }
    }

    /// Name and kind, without the place.
    pub(super) fn core(&self) -> &'p str {
        if self.said.core.is_empty() { self.phrase } else { self.said.core }
    }

    /// The things that bear the name said to the letter; of several, the one that stands where it was
    /// said to, if that was said.
    pub(super) fn exact(&self) -> Vec<usize> {
        let whole = names::exact(self.phrase, self.candidates);
        if !whole.is_empty() {
            return whole;
        }
        let found = names::exact(self.said.core, self.candidates);
        if !found.is_empty() {
            return self.narrowed(found);
        }
        let Some((turn, rest)) = turn(self.said.core) else { return Vec::new() };
        let found = names::exact(rest, self.candidates);
        turn.of(&self.narrowed_by_within(found), self.candidates).into_iter().collect()
    }

    /// The thing of a kind that stands where it was said to, or the only one of its kind, where the
    /// phrase names no more than that.
    pub(super) fn placed(&self) -> Option<usize> {
        let all = names::of_kind(self.said.core, self.candidates);
        if let [index] = all[..] {
            return Some(index);
        }
        if !all.is_empty() {
            let narrowed = self.narrowed(all.clone());
            return (narrowed.len() == 1 && narrowed != all).then(|| narrowed[0]);
        }
        let (turn, rest) = turn(self.said.core)?;
        let all = self.narrowed_by_within(names::of_kind(rest, self.candidates));
        match (turn, self.said.area.is_said() && self.distances.iter().all(Option::is_none)) {
            (Turn::Towards(area), true) => self.farthest(&all, area.or(self.said.area)),
            _ => turn.of(&all, self.candidates),
        }
    }

    /// Names in pixels that may have been misread.
    pub(super) fn nearly(&self) -> Vec<usize> {
        let whole = names::nearly(self.phrase, self.candidates);
        match whole.is_empty() {
            true => self.narrowed(names::nearly(self.said.core, self.candidates)),
            false => whole,
        }
    }

    /// What the place says for each thing, on the scale of the network's logarithms.
    pub(super) fn leaning(&self) -> Vec<f32> {
        let mut leaning = vec![0.0; self.candidates.len()];
        if self.said.area.is_said() {
            let reach = self.said.area.reach(&self.places);
            leaning.iter_mut().zip(reach).for_each(|(lean, reach)| *lean += LEAN * reach);
        }
        for (at, distance) in self.distances.iter().enumerate() {
            leaning[at] += distance.map_or(0.0, |distance| LEAN / (1.0 + distance / 50.0));
            leaning[at] += if self.is_within(at) { LEAN / 2.0 } else { 0.0 };
        }
        leaning
    }

    fn narrowed(&self, found: Vec<usize>) -> Vec<usize> {
        let found = self.narrowed_by_within(found);
        let beside = found.iter().filter_map(|&i| Some((i, self.distances[i]?)));
        if let Some((nearest, _)) = beside.min_by(|a, b| a.1.total_cmp(&b.1)) {
            return vec![nearest];
        }
        match found.len() > 1 && self.said.area.is_said() {
            true => self.farthest(&found, self.said.area).into_iter().collect(),
            false => found,
        }
    }

    fn narrowed_by_within(&self, found: Vec<usize>) -> Vec<usize> {
        let within: Vec<usize> = found.iter().copied().filter(|&i| self.is_within(i)).collect();
        if within.is_empty() { found } else { within }
    }

    fn is_within(&self, at: usize) -> bool {
        self.said.within.is_some_and(|within| {
            let context = self.candidates[at].context.to_lowercase();
            !within.is_empty() && context.contains(&within.to_lowercase())
        })
    }

    fn farthest(&self, among: &[usize], area: crate::starter::place::Area) -> Option<usize> {
        let reach = area.reach(&self.places);
        let placed = among.iter().copied().filter(|&i| self.places[i].is_some());
        placed.max_by(|&a, &b| reach[a].total_cmp(&reach[b]))
    }
}

/// From the neighbours that were said, which must be there to the letter.
fn distances(said: &Said<'_>, candidates: &[Candidate]) -> Vec<Option<f32>> {
    let nowhere = || vec![None; candidates.len()];
    let Some((relation, others)) = &said.beside else { return nowhere() };
    let places = |name: &str| -> Vec<(usize, ImageRect)> {
        let exact = names::exact(name, candidates);
        let found = if exact.is_empty() { names::nearly(name, candidates) } else { exact };
        found.into_iter().filter_map(|i| Some((i, candidates[i].bounds?))).collect()
    };
    let others: Vec<Vec<(usize, ImageRect)>> = others.iter().map(|name| places(name)).collect();
    let Some(first) = others.first() else { return nowhere() };
    let distance = |(at, candidate): (usize, &Candidate)| {
        let place = candidate.bounds?;
        let is_other = others.iter().flatten().any(|(other, _)| *other == at);
        let each = first.iter().filter_map(|(_, one)| {
            let second = others.get(1).and_then(|two| two.first()).map(|two| two.1);
            let pair: Vec<ImageRect> = [*one].into_iter().chain(second).collect();
            relation.distance(place, &pair)
        });
        each.min_by(f32::total_cmp).filter(|_| !is_other)
    };
    candidates.iter().enumerate().map(distance).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thing((role, name, x, y): (&str, &str, u32, u32)) -> Candidate {
        Candidate {
            role: role.to_owned(),
            name: name.to_owned(),
            context: String::new(),
            bounds: Some(ImageRect { x, y, width: 60, height: 20 }),
        }
    }

    fn screen() -> Vec<Candidate> {
        let things = [
            ("push button", "Close", 900, 0),
            ("label", "Town", 0, 100),
            ("entry", "", 80, 100),
            ("label", "Street", 0, 200),
            ("entry", "", 80, 200),
            ("radio button", "Red", 0, 300),
            ("radio button", "Green", 100, 300),
            ("push button", "Help", 0, 500),
            ("push button", "Close", 900, 500),
        ];
        things.map(thing).to_vec()
    }

    #[test]
    fn of_one_name_the_one_that_stands_there() {
        let screen = screen();
        let exact = |phrase| Guide::of(phrase, &screen).exact();
        assert_eq!(exact("Close"), [0, 8]);
        assert_eq!(exact("the Close button at the bottom"), [8]);
        assert_eq!(exact("click Close in the top right corner"), [0]);
        assert_eq!(exact("the second Close button"), [8]);
        assert_eq!(exact("the Help button at the top"), [7]);
        assert_eq!(exact("the Helping button"), [0; 0]);
    }

    #[test]
    fn a_kind_is_enough_where_its_place_is_said() {
        let screen = screen();
        let placed = |phrase| Guide::of(phrase, &screen).placed();
        assert_eq!(placed("the field next to Town"), Some(2));
        assert_eq!(placed("the text field right of Street"), Some(4));
        assert_eq!(placed("the second radio button"), Some(6));
        assert_eq!(placed("the last field"), Some(4));
        assert_eq!(placed("the button at the bottom left"), Some(7));
        assert_eq!(placed("the field"), None);
        assert_eq!(placed("the slider"), None);
        assert_eq!(placed("the third radio button"), None);
    }

    #[test]
    fn the_network_is_led_by_the_place() {
        let screen = screen();
        let leaning = Guide::of("what shuts it at the bottom", &screen).leaning();
        assert!(leaning[8] > leaning[0]);
        let leaning = Guide::of("what shuts it", &screen).leaning();
        assert!(leaning.iter().all(|lean| *lean == 0.0));
    }
}
