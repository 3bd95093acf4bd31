//! Real screens, read without their trees.
//!
//! The scenes are of applications that no network is trained on; `starter/vision/collect.py` made them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use deskbound_models::{Eyes, ImageRect};

use crate::score::{self, Score};

/// Names the folder of weights that `starter/vision` exported, to try them.
const WEIGHTS: &str = "DESKBOUND_VISION";
/// What joined the test set when training was under way.
const LATER: &str = "scenes-later";
/// A little below what was measured of the worst toolkit (MODELS.md).
const LEAST_READ: f64 = 0.6;

#[test]
fn the_test_set_is_whole() {
    let scenes = score::scenes(score::FIXED);
    let all: usize =
        scenes.iter().map(|scene| scene.score(std::iter::empty(), |_, _| ()).all).sum();
    assert!(scenes.len() >= 10 && all >= 800, "{} scenes, {all} words", scenes.len());
    for scene in &scenes {
        let found = scene.words.iter().map(|(word, bounds)| (word.as_str(), rect(*bounds)));
        let score = scene.score(found, |word, _| panic!("{}: {word:?}", scene.name));
        assert_eq!((score.read, score.wrong), (score.all, 0), "{}: its own truth", scene.name);
    }
}

fn rect(bounds: [i64; 4]) -> ImageRect {
    let [left, top, right, bottom] = bounds.map(|at| at.max(0) as u32);
    ImageRect { x: left, y: top, width: right - left, height: bottom - top }
}

#[test]
fn words_of_every_toolkit_are_read() {
    let read = read(score::FIXED);
    for (toolkit, score) in &read {
        assert!(score.share() >= LEAST_READ, "{toolkit}: {} of {}", score.read, score.all);
    }
}

#[test]
#[ignore = "long: reads the screens that joined the test set later"]
fn long_words_of_later_screens_are_read() {
    for (toolkit, score) in &read(LATER) {
        assert!(score.share() >= LEAST_READ, "{toolkit}: {} of {}", score.read, score.all);
    }
}

/// Every screen of a set, by toolkit.
fn read(set: &str) -> BTreeMap<String, Score> {
    let mut eyes = eyes();
    let mut toolkits: BTreeMap<String, Score> = BTreeMap::new();
    for scene in score::scenes(set) {
        let words = eyes.words(&scene.image).expect("a screen");
        let mut missed = String::new();
        let found = words.iter().map(|word| (word.text.as_str(), word.bounds));
        let score =
            scene.score(found, |word, here| missed += &format!("\n  {word:?} was {here:?}"));
        println!("{}: {} of {}, {} wrong{missed}", scene.name, score.read, score.all, score.wrong);
        let (toolkit, _) = scene.name.split_once('-').expect("a toolkit and what it shows");
        toolkits.entry(toolkit.to_owned()).or_default().add(score);
    }
    println!("{toolkits:#?}");
    toolkits
}

/// The shipped ones, unless others were just trained.
fn eyes() -> Eyes {
    let Some(folder) = std::env::var_os(WEIGHTS) else {
        return Eyes::shipped().expect("the shipped weights fit");
    };
    let file = |name: &str| std::fs::read(PathBuf::from(&folder).join(name)).expect("readable");
    let weights = ["detector.safetensors", "recogniser.safetensors"].map(file);
    Eyes::new(&weights[0], &weights[1]).expect("they fit")
}
