//! What blinks by itself: a text cursor, a clock, a spinner. It is painted again and again at a
//! steady rate, whatever is done, so nobody has to wait until it stands still.
//!
//! A place is known for a blinker once it has kept its beat for a second, and until it misses it.
//! What is painted right after an action is nobody's beat: somebody may act steadily, too.

use std::time::{Duration, Instant};

use deskbound_accessibility::ScreenRect;
use image::RgbImage;

/// Places that are watched at one time; the one that was painted the longest ago makes room.
const PLACES_MAX: usize = 64;
/// Larger ones are what a person looks at, and never ignored.
const AREA_MAX_PX: u64 = 256 * 256;
/// Times that a place is painted after the first before it counts, and for how long.
const BEATS: u32 = 3;
const STREAK: Duration = Duration::from_secs(1);
/// How far off the beat, of the beat or at least so much.
const TOLERANCE: f64 = 0.25;
const SLACK: Duration = Duration::from_millis(20);
/// Beats in a row that may have been missed.
const MISSED: u32 = 3;
/// Of these at most it is proud; one that is missed takes two.
const BEATS_MAX: u32 = 12;
/// Silence in which nobody's beat has ended.
const BREATH: Duration = Duration::from_millis(500);
/// Parts of one painting.
const TOGETHER: Duration = Duration::from_millis(4);
/// How long what is painted may come of an action.
const REACTION: Duration = Duration::from_millis(400);

#[derive(Clone, Debug, Default)]
pub(crate) struct Blinkers {
    places: Vec<Place>,
    acted: Option<Instant>,
}

#[derive(Clone, Debug)]
struct Place {
    rect: ScreenRect,
    last: Instant,
    /// Since when it keeps its beat, and how often it has since.
    since: Instant,
    beats: u32,
    period: Duration,
}

impl Blinkers {
    /// Something is done to the desktop.
    pub(crate) fn act(&mut self, at: Instant) {
        self.acted = Some(at);
    }

    /// Something was painted there; whether that was to be expected.
    pub(crate) fn paint(&mut self, rect: ScreenRect, at: Instant) -> bool {
        if u64::from(rect.width) * u64::from(rect.height) > AREA_MAX_PX {
            return false;
        }
        let of_action = self.acted.is_some_and(|acted| at.duration_since(acted) < REACTION);
        match self.places.iter_mut().find(|place| place.rect == rect) {
            Some(place) if of_action => place.is_blinking(at),
            Some(place) => {
                let known = place.is_blinking(at);
                place.beat(at);
                known || place.is_blinking(at)
            }
            None if of_action => false,
            None => {
                self.make_room();
                let (last, since, period) = (at, at, Duration::ZERO);
                self.places.push(Place { rect, last, since, beats: 0, period });
                false
            }
        }
    }

    /// Where it blinks now.
    pub(crate) fn places(&self, now: Instant) -> Vec<ScreenRect> {
        let blinking = self.places.iter().filter(|place| place.is_blinking(now));
        blinking.map(|place| place.rect).collect()
    }

    fn make_room(&mut self) {
        let oldest = self.places.iter().enumerate().min_by_key(|(_, place)| place.last);
        if let Some((at, _)) = oldest.filter(|_| self.places.len() >= PLACES_MAX) {
            self.places.swap_remove(at);
        }
    }
}

impl Place {
    fn beat(&mut self, at: Instant) {
        let gap = at.saturating_duration_since(self.last);
        if gap < TOGETHER {
            return;
        }
        self.last = at;
        match (1..=MISSED).find(|times| self.is_in_time(gap, *times)) {
            Some(times) => {
                self.beats = (self.beats + 1).min(BEATS_MAX);
                self.period = (self.period * 3 + gap / times) / 4;
            }
            None if self.beats > BEATS => self.beats -= 2,
            None => {
                (self.since, self.period) = (at - gap, gap);
                self.beats = 1;
            }
        }
    }

    fn is_in_time(&self, gap: Duration, times: u32) -> bool {
        let expected = self.period * times;
        self.beats > 0 && gap.abs_diff(expected) <= SLACK.max(expected.mul_f64(TOLERANCE))
    }

    fn is_blinking(&self, now: Instant) -> bool {
        let kept = self.last.saturating_duration_since(self.since);
        let silent = now.saturating_duration_since(self.last);
        let patience = (self.period * MISSED + SLACK).max(BREATH);
        self.beats >= BEATS && kept >= STREAK && silent <= patience
    }
}

/// Whether two frames differ, wherever it does not blink.
pub(crate) fn differ(one: &RgbImage, other: &RgbImage, blinking: &[ScreenRect]) -> bool {
    if one.dimensions() != other.dimensions() {
        return true;
    }
    let (width, _) = one.dimensions();
    let row = |frame: &'_ RgbImage, y: u32| -> (usize, usize) {
        let stride = frame.width() as usize * 3;
        (y as usize * stride, stride)
    };
    (0..one.height()).any(|y| {
        let (at, stride) = row(one, y);
        let (one, other) = (&one.as_raw()[at..at + stride], &other.as_raw()[at..at + stride]);
        one != other && {
            let hidden = |x: u32| blinking.iter().any(|rect| holds(rect, x, y));
            (0..width).any(|x| {
                let at = x as usize * 3;
                one[at..at + 3] != other[at..at + 3] && !hidden(x)
            })
        }
    })
}

fn holds(rect: &ScreenRect, x: u32, y: u32) -> bool {
    let inside = |at: u32, from: i32, length: u32| {
        let (at, from) = (i64::from(at), i64::from(from));
        at >= from && at < from + i64::from(length)
    };
    inside(x, rect.x, rect.width) && inside(y, rect.y, rect.height)
}

/// The smallest rectangle around all that differs; `None` where nothing does, or the sizes do.
pub(crate) fn difference(one: &RgbImage, other: &RgbImage) -> Option<ScreenRect> {
    if one.dimensions() != other.dimensions() {
        return None;
    }
    let stride = one.width() as usize * 3;
    let rows = one.as_raw().chunks_exact(stride).zip(other.as_raw().chunks_exact(stride));
    let mut edges: Option<(usize, usize, usize, usize)> = None;
    for (y, (one, other)) in rows.enumerate() {
        let Some(left) = first_difference(one.iter(), other.iter()) else { continue };
        let from_right = first_difference(one.iter().rev(), other.iter().rev()).unwrap_or(0);
        let (left, right) = (left / 3, (stride - 1 - from_right) / 3);
        edges = Some(match edges {
            None => (left, right, y, y),
            Some((least, most, top, _)) => (least.min(left), most.max(right), top, y),
        });
    }
    let (left, right, top, bottom) = edges?;
    let length = |from: usize, to: usize| i32::try_from(to - from + 1).ok();
    let (x, y) = (i32::try_from(left).ok()?, i32::try_from(top).ok()?);
    ScreenRect::from_extents(x, y, length(left, right)?, length(top, bottom)?)
}

fn first_difference<'p>(
    one: impl Iterator<Item = &'p u8>,
    other: impl Iterator<Item = &'p u8>,
) -> Option<usize> {
    one.zip(other).position(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const CARET: ScreenRect = ScreenRect { x: 100, y: 50, width: 3, height: 21 };

    /// Paints at these milliseconds; says whether each was expected.
    fn painted(rect: ScreenRect, at_ms: &[u64], acted_ms: Option<u64>) -> Vec<bool> {
        let begun = Instant::now();
        let at = |ms: u64| begun + Duration::from_millis(ms);
        let mut blinkers = Blinkers::default();
        let mut acted = acted_ms;
        let paint = |ms: &u64| {
            if acted.is_some_and(|acted| acted <= *ms) {
                acted = None;
                blinkers.act(at(*ms));
            }
            blinkers.paint(rect, at(*ms))
        };
        at_ms.iter().map(paint).collect()
    }

    #[test]
    fn a_steady_beat_is_expected_after_a_second() {
        let check = |at_ms: &[u64], expected: &[bool]| {
            assert_eq!(painted(CARET, at_ms, None), expected, "{at_ms:?}");
        };
        check(&[0, 600, 1200, 1800, 2400], &[false, false, false, true, true]);
        // A clock that is late now and then, and a beat that was missed.
        check(&[0, 1000, 1990, 3080, 5070], &[false, false, false, true, true]);
        // What keeps no beat is news each time.
        check(&[0, 300, 1200, 1300, 2600, 2650, 3900], &[false; 7]);
        // One that had stopped has to begin anew.
        let again = painted(CARET, &[0, 600, 1200, 1800, 30_000, 30_600], None);
        assert_eq!(again[3..], [true, false, false]);
        // A busy machine may be late once.
        let late = painted(CARET, &[0, 600, 1200, 1800, 2400, 3200, 3800], None);
        assert_eq!(late[3..], [true; 4]);
    }

    #[test]
    fn a_spinner_takes_a_second_whatever_its_rate() {
        let at_ms: Vec<u64> = (0..120).map(|frame| frame * 16).collect();
        let expected = painted(CARET, &at_ms, None);
        let first = expected.iter().position(|expected| *expected).unwrap();
        assert!((1000..1100).contains(&at_ms[first]), "{}", at_ms[first]);
        assert!(expected[first..].iter().all(|expected| *expected));
    }

    #[test]
    fn a_steady_hand_is_no_blinker() {
        let begun = Instant::now();
        let mut blinkers = Blinkers::default();
        for step in 0..20 {
            let at = begun + Duration::from_millis(step * 500);
            blinkers.act(at);
            assert!(!blinkers.paint(CARET, at + Duration::from_millis(30)), "{step}");
        }
        // What comes of an action where it blinks already is still expected.
        let blinking = painted(CARET, &[0, 600, 1200, 1800, 2400], Some(2400));
        assert_eq!(blinking[3..], [true, true]);
    }

    #[test]
    fn what_is_large_is_always_news() {
        let video = ScreenRect { x: 0, y: 0, width: 1280, height: 720 };
        let at_ms: Vec<u64> = (0..200).map(|frame| frame * 40).collect();
        assert!(painted(video, &at_ms, None).iter().all(|expected| !expected));
    }

    #[test]
    fn the_places_are_bounded() {
        let mut blinkers = Blinkers::default();
        let begun = Instant::now();
        for place in 0..1000_u64 {
            let rect = ScreenRect { x: place as i32, ..CARET };
            blinkers.paint(rect, begun + Duration::from_millis(place));
        }
        assert_eq!(blinkers.places.len(), PLACES_MAX);
    }

    #[test]
    fn frames_differ_outside_of_what_blinks() {
        let still = RgbImage::new(200, 100);
        let mut other = still.clone();
        assert!(!differ(&still, &other, &[]) && difference(&still, &other).is_none());
        for (x, y) in [(100, 50), (102, 70)] {
            other.put_pixel(x, y, Rgb([9, 0, 0]));
        }
        assert_eq!(difference(&still, &other), Some(CARET));
        assert!(differ(&still, &other, &[]) && !differ(&still, &other, &[CARET]));
        other.put_pixel(103, 70, Rgb([0, 0, 1]));
        assert!(differ(&still, &other, &[CARET]));
        assert!(differ(&still, &RgbImage::new(100, 200), &[]));
    }
}
