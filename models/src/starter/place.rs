//! Where things are, as people say it: at an edge, beside another, which in turn.

use crate::roles::Candidate;
use crate::space::ImageRect;

/// Farther than this from the edge of another it is not beside it, in pixels.
const NEAR_PX: f32 = 400.0;
/// What a pixel across the way counts, against one along it.
const ASIDE: f32 = 3.0;

/// Towards the left (-1) or right (1), and the top (-1) or bottom (1); nought where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    across: f32,
    down: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    LeftOf,
    RightOf,
    Above,
    Below,
    NextTo,
    Between,
}

/// Which of several, in the order they are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Turn {
    Nth(usize),
    Last,
    Towards(Area),
}

impl Area {
    /// `None` where a word says no place.
    pub(super) fn of_words<'w>(words: impl IntoIterator<Item = &'w str>) -> Option<Self> {
        let mut area = None;
        for word in words {
            let it: &mut Self = area.get_or_insert_default();
            match word {
                "left" | "leftmost" => it.across = -1.0,
                "right" | "rightmost" => it.across = 1.0,
                "top" | "upper" | "uppermost" | "topmost" => it.down = -1.0,
                "bottom" | "lower" | "lowest" | "lowermost" | "bottommost" => it.down = 1.0,
                _ => return None,
            }
        }
        area
    }

    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::default() { other } else { self }
    }

    pub(super) fn is_said(self) -> bool {
        self != Self::default()
    }

    /// How far each is towards it, from 0 to 1; nothing of what has no place.
    pub(super) fn reach(self, places: &[Option<ImageRect>]) -> Vec<f32> {
        let centres: Vec<Option<(f32, f32)>> = places.iter().map(|it| it.map(centre)).collect();
        let known = || centres.iter().flatten();
        let span = |part: fn(&(f32, f32)) -> f32| {
            let low = known().map(part).fold(f32::INFINITY, f32::min);
            (low, (known().map(part).fold(low, f32::max) - low).max(1.0))
        };
        let (spans, said) =
            ([span(|it| it.0), span(|it| it.1)], self.across.abs() + self.down.abs());
        let towards = |at: f32, (low, width): (f32, f32), way: f32| match way {
            0.0 => 0.0,
            way if way > 0.0 => (at - low) / width,
            _ => 1.0 - (at - low) / width,
        };
        let reach = |it: &Option<(f32, f32)>| {
            let Some((x, y)) = *it else { return 0.0 };
            (towards(x, spans[0], self.across) + towards(y, spans[1], self.down)) / said.max(1.0)
        };
        centres.iter().map(reach).collect()
    }
}

impl Beside {
    pub(super) fn others(self) -> usize {
        if self == Self::Between { 2 } else { 1 }
    }

    /// How far a thing is from where it should be beside the others; nothing where it is not there.
    pub(super) fn distance(self, thing: ImageRect, others: &[ImageRect]) -> Option<f32> {
        let other = others.first()?;
        let near = |found: Option<f32>| found.filter(|distance| *distance <= NEAR_PX);
        match self {
            Self::LeftOf => near(gap(thing, *other, false)),
            Self::RightOf => near(gap(*other, thing, false)),
            Self::Above => near(gap(thing, *other, true)),
            Self::Below => near(gap(*other, thing, true)),
            Self::NextTo => {
                let ways = [Self::RightOf, Self::LeftOf, Self::Below, Self::Above];
                // What is beside it in its row is rather meant than what is under it.
                let farther = [0.0, 4.0, 12.0, 16.0];
                let found = ways.iter().zip(farther);
                found
                    .filter_map(|(way, more)| Some(way.distance(thing, others)? + more))
                    .min_by(f32::total_cmp)
            }
            Self::Between => {
                let (x, y) = centre(thing);
                let ((ax, ay), (bx, by)) = (centre(*other), centre(*others.get(1)?));
                let within = |at: f32, one: f32, two: f32| {
                    at >= one.min(two) - 8.0 && at <= one.max(two) + 8.0
                };
                (within(x, ax, bx) && within(y, ay, by))
                    .then(|| (x - ax.midpoint(bx)).abs() + (y - ay.midpoint(by)).abs())
            }
        }
    }
}

/// From the end of the first to the start of the second, along one way and some of the other; nothing
/// where the second does not follow.
fn gap(first: ImageRect, second: ImageRect, is_down: bool) -> Option<f32> {
    let along = |it: ImageRect| if is_down { (it.y, it.height) } else { (it.x, it.width) };
    let aside = |it: ImageRect| if is_down { (it.x, it.width) } else { (it.y, it.height) };
    let (from, to) = (along(first), along(second));
    let (middle, other) = (from.0 as f32 + from.1 as f32 / 2.0, to.0 as f32 + to.1 as f32 / 2.0);
    let between = to.0 as f32 - (from.0 + from.1) as f32;
    let ((a, wide), (b, broad)) = (aside(first), aside(second));
    let apart = (a.max(b) as f32 - (a + wide).min(b + broad) as f32).max(0.0);
    (middle < other && between > -8.0).then_some(between.max(0.0) + ASIDE * apart)
}

fn centre(it: ImageRect) -> (f32, f32) {
    (it.x as f32 + it.width as f32 / 2.0, it.y as f32 + it.height as f32 / 2.0)
}

impl Turn {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        const NTH: [[&str; 2]; 10] = [
            ["first", "1st"],
            ["second", "2nd"],
            ["third", "3rd"],
            ["fourth", "4th"],
            ["fifth", "5th"],
            ["sixth", "6th"],
            ["seventh", "7th"],
            ["eighth", "8th"],
            ["ninth", "9th"],
            ["tenth", "10th"],
        ];
        if word == "last" {
            return Some(Self::Last);
        }
        NTH.iter().position(|words| words.contains(&word)).map(Self::Nth)
    }

    /// The one whose turn it is, of some candidates; nothing where they have no places or are too few.
    pub(super) fn of(self, among: &[usize], candidates: &[Candidate]) -> Option<usize> {
        let mut placed: Vec<(usize, ImageRect)> =
            among.iter().filter_map(|&i| Some((i, candidates[i].bounds?))).collect();
        placed.sort_by_key(|(_, it)| (it.y, it.x));
        let mut read: Vec<(usize, ImageRect)> = Vec::with_capacity(placed.len());
        // What overlaps in height is one row, read from the left.
        while !placed.is_empty() {
            let row_ends = placed[0].1.y + placed[0].1.height / 2;
            let (mut row, rest): (Vec<_>, Vec<_>) =
                placed.into_iter().partition(|(_, it)| it.y <= row_ends);
            row.sort_by_key(|(_, it)| it.x);
            read.extend(row);
            placed = rest;
        }
        match self {
            Self::Nth(turn) => read.get(turn).map(|it| it.0),
            Self::Last => read.last().map(|it| it.0),
            Self::Towards(area) => {
                let places: Vec<_> = read.iter().map(|it| Some(it.1)).collect();
                let reach = area.reach(&places);
                (0..read.len()).max_by(|&a, &b| reach[a].total_cmp(&reach[b])).map(|at| read[at].0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: u32, y: u32) -> ImageRect {
        ImageRect { x, y, width: 40, height: 20 }
    }

    /// Two rows of three.
    fn screen() -> Vec<Candidate> {
        let places = [(200, 12), (0, 10), (100, 10), (0, 100), (100, 100), (200, 100)];
        let thing = |(x, y)| Candidate {
            role: "push button".to_owned(),
            name: String::new(),
            context: String::new(),
            bounds: Some(at(x, y)),
        };
        places.map(thing).to_vec()
    }

    #[test]
    fn turns_are_those_of_reading() {
        let (screen, all) = (screen(), [0, 1, 2, 3, 4, 5]);
        assert_eq!(Turn::Nth(0).of(&all, &screen), Some(1));
        assert_eq!(Turn::Nth(2).of(&all, &screen), Some(0));
        assert_eq!(Turn::Nth(3).of(&all, &screen), Some(3));
        assert_eq!(Turn::Last.of(&all, &screen), Some(5));
        assert_eq!(Turn::Nth(6).of(&all, &screen), None);
        let towards = |words: &str| Turn::Towards(Area::of_words(words.split(' ')).unwrap());
        assert_eq!(towards("top right").of(&all, &screen), Some(0));
        assert_eq!(towards("bottom left").of(&all, &screen), Some(3));
        assert_eq!(towards("left").of(&[4, 5], &screen), Some(4));
    }

    #[test]
    fn the_nearest_in_its_row_is_beside() {
        let screen = screen();
        let places: Vec<ImageRect> = screen.iter().filter_map(|it| it.bounds).collect();
        let nearest = |beside: Beside, others: &[usize]| {
            let others: Vec<ImageRect> = others.iter().map(|&i| places[i]).collect();
            let found = (0..places.len()).filter(|&i| !others.contains(&places[i]));
            let found = found.filter_map(|i| Some((i, beside.distance(places[i], &others)?)));
            found.min_by(|a, b| a.1.total_cmp(&b.1)).map(|it| it.0)
        };
        assert_eq!(nearest(Beside::RightOf, &[1]), Some(2));
        assert_eq!(nearest(Beside::LeftOf, &[0]), Some(2));
        assert_eq!(nearest(Beside::Below, &[2]), Some(4));
        assert_eq!(nearest(Beside::Above, &[3]), Some(1));
        assert_eq!(nearest(Beside::NextTo, &[1]), Some(2));
        assert_eq!(nearest(Beside::Between, &[3, 5]), Some(4));
        assert_eq!(nearest(Beside::Above, &[2]), None);
        assert_eq!(nearest(Beside::Between, &[3]), None);
    }

    #[test]
    fn words_of_no_place_are_none() {
        assert_eq!(Area::of_words(["top", "name"]), None);
        assert_eq!(Area::of_words([]), None);
        assert!(Area::of_words(["upper", "left"]).is_some_and(Area::is_said));
    }
}
