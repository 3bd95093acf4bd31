//! Secrets are covered once, in observing: before model, journal and screen.
//!
//! What an application says is a password field is painted over in every frame and left empty in
//! the tree, and what is typed into one is recorded as its length alone. A secret in a place that
//! looks like any other text is not known for one. A field that has just appeared is covered from
//! the next look on; whoever watches in between sees what the toolkit draws there, which is dots.

use std::sync::{Arc, Mutex, PoisonError};

use deskbound_accessibility::{NodeAction, Role, ScreenRect, State, Tree};
use image::{Rgb, RgbImage};

use crate::action::Action;
use crate::policy::{Deed, EffectClass};

/// What stands where a secret is.
const COVER: Rgb<u8> = Rgb([96, 96, 96]);

/// Where the secrets are that were seen last; shared by all who look at one desktop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Covers(Arc<Mutex<Vec<ScreenRect>>>);

impl Covers {
    /// Remembers where the secrets of a tree are, and empties them.
    pub(crate) fn look(&self, tree: &mut Tree) {
        let secret: Vec<_> = tree
            .nodes()
            .filter(|(_, node)| node.role == Role::PasswordText)
            .map(|(id, node)| (id, node.bounds.filter(|_| node.states.contains(State::Showing))))
            .collect();
        for (id, _) in &secret {
            tree.clear_text(*id);
        }
        let places = secret.into_iter().filter_map(|(_, bounds)| bounds).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = places;
    }

    /// The same frame where there is nothing to cover.
    pub(crate) fn cover(&self, frame: Arc<RgbImage>) -> Arc<RgbImage> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.is_empty() {
            return frame;
        }
        let mut covered = Arc::unwrap_or_clone(frame);
        for place in places.iter() {
            paint(&mut covered, *place);
        }
        Arc::new(covered)
    }
}

fn paint(frame: &mut RgbImage, place: ScreenRect) {
    let (columns, rows) = place.within(frame.dimensions());
    for y in rows {
        for x in columns.clone() {
            frame.put_pixel(x, y, COVER);
        }
    }
}

/// The action as it may be told.
pub(crate) fn told(action: &Action, tree: &Tree) -> Action {
    if Deed::of(action, tree).effect != EffectClass::Credential {
        return action.clone();
    }
    let covered = |text: &str| "•".repeat(text.chars().count());
    let mut told = action.clone();
    match &mut told {
        Action::Type { text }
        | Action::Element {
            act: NodeAction::SetText(text) | NodeAction::InsertText { text, .. },
            ..
        } => *text = covered(text),
        _ => {}
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample::{Facts, Sample};

    /// A login with a password of these bounds.
    fn login(at: (i32, i32)) -> Tree {
        let mut sample = Sample::new("keyring");
        let root = sample.root();
        let states = &[State::Active][..];
        let window = sample.push(root, Role::Frame, Facts { states, ..Facts::default() });
        let states = &[State::Focused, State::Editable][..];
        let facts = Facts { text: "hunter2", states, at, ..Facts::default() };
        sample.push(window, Role::PasswordText, facts);
        sample.finish()
    }

    #[test]
    fn a_password_is_neither_in_the_tree_nor_in_the_frame_nor_in_the_record() {
        let mut tree = login((10, 5));
        let covers = Covers::default();
        covers.look(&mut tree);
        assert!(!serde_json::to_string(&tree).unwrap().contains("hunter2"));
        let frame = covers.cover(Arc::new(RgbImage::new(200, 100)));
        let bounds = tree.nodes().last().unwrap().1.bounds.unwrap();
        for (x, y, pixel) in frame.enumerate_pixels() {
            let at = deskbound_accessibility::ScreenPx { x: x as i32, y: y as i32 };
            assert_eq!(*pixel == COVER, bounds.contains(at), "{x},{y}");
        }
        assert_eq!(told(&Action::text("hunter2"), &tree), Action::text("•••••••"));
        let (id, _) = tree.nodes().last().unwrap();
        let write = |text: &str| Action::element(&tree, id, NodeAction::SetText(text.to_owned()));
        assert_eq!(told(&write("hunter2"), &tree), write("•••••••"));
    }

    #[test]
    fn what_lies_partly_off_the_screen_is_covered_as_far_as_it_shows() {
        for at in [(-5, -3), (195, 95), (1_000, 1_000), (i32::MIN, i32::MAX)] {
            let covers = Covers::default();
            covers.look(&mut login(at));
            covers.cover(Arc::new(RgbImage::new(200, 100)));
        }
    }

    #[test]
    fn without_a_secret_a_frame_stays_the_same() {
        let covers = Covers::default();
        covers.look(&mut login((0, 0)));
        covers.look(&mut crate::view::sample::document("note.txt - Mousepad", "text"));
        let frame = Arc::new(RgbImage::new(2, 2));
        assert!(Arc::ptr_eq(&frame, &covers.cover(Arc::clone(&frame))));
    }
}
