//! What is right: the rules of the published sets, to the letter.
//!
//! Edges belong to a box. Whether a point is in a polygon is decided by the crossings of a ray to
//! the right, so its lower and right edges do not belong to it. Where there is nothing to be found,
//! only the answer that there is nothing is right.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Left, top, right, bottom, in pixels of the image.
    Box([f64; 4]),
    Polygon(Vec<[f64; 2]>),
    /// It is not there.
    Refusal,
}

/// In pixels of the image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Point {
        x: f64,
        y: f64,
    },
    /// It is not there, says who was asked.
    NotHere,
    /// No answer of use: in a form that cannot be read, or none.
    Broken {
        what: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Right,
    Wrong,
    /// Counts as wrong, and is told apart.
    Broken,
}

impl Target {
    pub fn judge(&self, answer: &Answer) -> Verdict {
        let is_right = match (self, answer) {
            (_, Answer::Broken { .. }) => return Verdict::Broken,
            (Self::Refusal, Answer::NotHere) => true,
            (Self::Refusal, Answer::Point { .. }) | (_, Answer::NotHere) => false,
            (Self::Box([left, top, right, bottom]), Answer::Point { x, y }) => {
                left <= x && x <= right && top <= y && y <= bottom
            }
            (Self::Polygon(corners), Answer::Point { x, y }) => is_inside(corners, *x, *y),
        };
        if is_right { Verdict::Right } else { Verdict::Wrong }
    }
}

fn is_inside(corners: &[[f64; 2]], x: f64, y: f64) -> bool {
    let before = corners.iter().cycle().skip(corners.len().saturating_sub(1));
    let crossed = corners.iter().zip(before).filter(|([xi, yi], [xj, yj])| {
        (*yi > y) != (*yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point(x: f64, y: f64) -> Answer {
        Answer::Point { x, y }
    }

    #[test]
    fn the_edge_of_a_box_is_right_and_a_pixel_beyond_is_wrong() {
        let target = Target::Box([10.0, 20.0, 30.0, 40.0]);
        for (x, y, expected) in [
            (10.0, 20.0, Verdict::Right),
            (30.0, 40.0, Verdict::Right),
            (20.0, 30.0, Verdict::Right),
            (9.9, 30.0, Verdict::Wrong),
            (20.0, 40.1, Verdict::Wrong),
        ] {
            assert_eq!(target.judge(&point(x, y)), expected, "{x},{y}");
        }
        assert_eq!(target.judge(&Answer::NotHere), Verdict::Wrong);
        let broken = Answer::Broken { what: "no numbers".to_owned() };
        assert_eq!(target.judge(&broken), Verdict::Broken);
    }

    #[test]
    fn a_polygon_has_dents_and_upper_left_edges() {
        // An L.
        let corners = [[0.0, 0.0], [10.0, 0.0], [10.0, 4.0], [4.0, 4.0], [4.0, 10.0], [0.0, 10.0]];
        let target = Target::Polygon(corners.to_vec());
        for (x, y, expected) in [
            (2.0, 8.0, Verdict::Right),
            (8.0, 2.0, Verdict::Right),
            (8.0, 8.0, Verdict::Wrong),
            (0.0, 5.0, Verdict::Right),
            (10.0, 2.0, Verdict::Wrong),
            (5.0, 0.0, Verdict::Right),
            (2.0, 10.0, Verdict::Wrong),
            (-1.0, 5.0, Verdict::Wrong),
        ] {
            assert_eq!(target.judge(&point(x, y)), expected, "{x},{y}");
        }
        assert_eq!(Target::Polygon(Vec::new()).judge(&point(0.0, 0.0)), Verdict::Wrong);
    }

    #[test]
    fn where_there_is_nothing_only_a_refusal_is_right() {
        assert_eq!(Target::Refusal.judge(&Answer::NotHere), Verdict::Right);
        assert_eq!(Target::Refusal.judge(&point(0.0, 0.0)), Verdict::Wrong);
    }

    proptest! {
        /// Away from the edges a box is the polygon of its corners.
        #[test]
        fn a_box_is_the_polygon_of_its_corners(
            (left, top) in (0i32..50, 0i32..50), (w, h) in (1i32..50, 1i32..50),
            (x, y) in (-10i32..120, -10i32..120),
        ) {
            let [l, t, r, b] = [left, top, left + w, top + h].map(f64::from);
            let polygon = Target::Polygon(vec![[l, t], [r, t], [r, b], [l, b]]);
            let answer = point(f64::from(x) + 0.5, f64::from(y) + 0.5);
            prop_assert_eq!(Target::Box([l, t, r, b]).judge(&answer), polygon.judge(&answer));
        }
    }
}
