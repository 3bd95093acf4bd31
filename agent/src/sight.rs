//! What pixels say where the tree is silent.
//!
//! ```text
//!   windows ── has the tree anything of it? ──▶ yes: nothing to do, and nothing spent
//!                                         └──▶ no: vision ──▶ finds within it ──▶ numbered things
//! ```
//!
//! What is found joins the elements of the tree in one list. A thing keeps its number as long as it
//! has its kind, its text and its turn among those like it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{NodeId, Number, ScreenPx, ScreenRect, State, Tree};
use deskbound_models::{Cancel, Find, ModelError, Scene, Viewer};
use image::RgbImage;

use crate::desktop::Observation;
use crate::elements::Element;

/// A window with fewer things that show is as good as silent.
const POOR: usize = 3;
/// Things found in pixels have numbers from here on; those of a tree never get so far.
const FIRST: u64 = 10_000;
/// What is remembered of things found; beyond it numbers begin anew.
const KNOWN_MAX: usize = 4096;
/// The most that joins a list.
const FINDS_MAX: usize = 300;

/// The vision of a run.
pub(crate) struct Sight {
    viewer: Option<Box<dyn Viewer>>,
    numbers: HashMap<Thing, u64>,
    last: Option<(Arc<RgbImage>, Scene)>,
}

/// Kind, text, and which of those alike.
type Thing = (String, String, usize);

/// What was found on a screen, and what was newly looked at for it.
pub(crate) struct Seen {
    pub(crate) elements: Vec<Element>,
    /// For the record; `None` where no look was needed.
    pub(crate) viewed: Option<(Scene, Duration)>,
}

impl Sight {
    pub(crate) fn new(viewer: Option<Box<dyn Viewer>>) -> Self {
        Self { viewer, numbers: HashMap::new(), last: None }
    }

    pub(crate) fn into_viewer(self) -> Option<Box<dyn Viewer>> {
        self.viewer
    }

    /// Ends a look from another thread; `None` where it is done in no time.
    pub(crate) fn cancel(&self) -> Option<Cancel> {
        self.viewer.as_ref()?.cancel()
    }

    /// The things in windows that the tree says nothing of.
    pub(crate) fn see(&mut self, observation: &Observation) -> Result<Seen, ModelError> {
        let silent = Silence::of(&observation.tree);
        let nothing = Seen { elements: Vec::new(), viewed: None };
        let Some(viewer) = self.viewer.as_mut().filter(|_| silent.is_anywhere()) else {
            return Ok(nothing);
        };
        let frame = &observation.frame;
        let known = self.last.take().filter(|(of, _)| Arc::ptr_eq(of, frame) || of == frame);
        let (scene, viewed) = match known {
            Some((_, scene)) => (scene, None),
            None => {
                let begun = Instant::now();
                let scene = viewer.see(frame)?;
                (scene.clone(), Some((scene, begun.elapsed())))
            }
        };
        let finds = scene.finds.iter().filter(|find| silent.is_at(centre(find)));
        let elements = number(&mut self.numbers, finds.take(FINDS_MAX));
        self.last = Some((Arc::clone(frame), scene));
        Ok(Seen { elements, viewed })
    }
}

fn number<'f>(
    numbers: &mut HashMap<Thing, u64>,
    finds: impl Iterator<Item = &'f Find>,
) -> Vec<Element> {
    if numbers.len() > KNOWN_MAX {
        numbers.clear();
    }
    let mut alike: HashMap<(&str, &str), usize> = HashMap::new();
    finds
        .map(|find| {
            let turn = alike.entry((&find.kind, &find.text)).or_default();
            *turn += 1;
            let next = FIRST + numbers.len() as u64;
            let thing = (find.kind.clone(), find.text.clone(), *turn);
            let number = *numbers.entry(thing).or_insert(next);
            Element { number: Number(number), bounds: rect(find), candidate: find.candidate() }
        })
        .collect()
}

/// Where on the screen the tree says nothing.
enum Silence {
    Everywhere,
    /// Windows from the uppermost down, and whether each is silent.
    Within(Vec<(ScreenRect, bool)>),
}

impl Silence {
    fn of(tree: &Tree) -> Self {
        if tree.is_empty() {
            return Self::Everywhere;
        }
        let windows = tree.windows.iter().rev();
        Self::Within(
            windows
                .map(|placed| {
                    let is_silent = placed.node.is_none_or(|node| is_poor(tree, node));
                    (placed.window.bounds, is_silent)
                })
                .collect(),
        )
    }

    fn is_anywhere(&self) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Within(windows) => windows.iter().any(|(_, is_silent)| *is_silent),
        }
    }

    /// By the uppermost window there; beneath all windows is the desktop, which speaks.
    fn is_at(&self, at: ScreenPx) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Within(windows) => {
                let there = windows.iter().find(|(bounds, _)| bounds.contains(at));
                there.is_some_and(|(_, is_silent)| *is_silent)
            }
        }
    }
}

fn is_poor(tree: &Tree, window: NodeId) -> bool {
    let shows = tree.nodes().filter(|(id, node)| {
        node.states.contains(State::Showing)
            && node.bounds.is_some()
            && tree.ancestors(*id).any(|at| at == window)
    });
    shows.take(POOR).count() < POOR
}

fn rect(find: &Find) -> ScreenRect {
    let bounds = find.bounds;
    ScreenRect {
        x: bounds.x as i32,
        y: bounds.y as i32,
        width: bounds.width,
        height: bounds.height,
    }
}

fn centre(find: &Find) -> ScreenPx {
    rect(find).centre()
}

#[cfg(test)]
mod tests {
    use deskbound_models::{ImageRect, Scene};

    use super::*;
    use crate::view::sample::{Facts, Sample};

    /// Sees the same wherever it looks, and counts its looks in the text of the last thing.
    struct Same(u32);

    impl Viewer for Same {
        fn see(&mut self, _: &RgbImage) -> Result<Scene, ModelError> {
            self.0 += 1;
            let find = |x, text: &str| Find {
                bounds: ImageRect { x, y: 10, width: 20, height: 10 },
                kind: "text".to_owned(),
                text: text.to_owned(),
                score: 0.9,
            };
            let finds = vec![find(0, "Open"), find(40, "Open"), find(80, &self.0.to_string())];
            Ok(Scene { finds })
        }
    }

    fn observation(tree: Tree, shade: u8) -> Observation {
        let frame = RgbImage::from_pixel(200, 100, image::Rgb([shade; 3]));
        Observation {
            frame: Arc::new(frame),
            tree: Arc::new(tree),
            settle: Duration::ZERO,
            pointer: None,
        }
    }

    fn named(seen: &Seen) -> Vec<(u64, &str)> {
        seen.elements.iter().map(|it| (it.number.0, &*it.candidate.name)).collect()
    }

    #[test]
    fn a_silent_screen_is_read_once_and_keeps_its_numbers() {
        let mut sight = Sight::new(Some(Box::new(Same(0))));
        let first = sight.see(&observation(Tree::default(), 1)).unwrap();
        assert!(first.viewed.is_some());
        assert_eq!(named(&first), [(FIRST, "Open"), (FIRST + 1, "Open"), (FIRST + 2, "1")]);
        let again = sight.see(&observation(Tree::default(), 1)).unwrap();
        assert!(again.viewed.is_none());
        assert_eq!(named(&again), named(&first));
        let other = sight.see(&observation(Tree::default(), 2)).unwrap();
        assert_eq!(named(&other), [(FIRST, "Open"), (FIRST + 1, "Open"), (FIRST + 3, "2")]);
    }

    #[test]
    fn where_the_tree_speaks_nothing_is_looked_at() {
        let mut sample = Sample::new("mousepad");
        let root = sample.root();
        sample.push(
            root,
            deskbound_accessibility::Role::Frame,
            Facts { name: "a", ..Facts::default() },
        );
        let mut sight = Sight::new(Some(Box::new(Same(0))));
        let seen = sight.see(&observation(sample.finish(), 1)).unwrap();
        assert!(seen.viewed.is_none() && seen.elements.is_empty());
    }
}
