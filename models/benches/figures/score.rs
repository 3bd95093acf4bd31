//! How many words of a real screen were read, by one rule for every reader.
//!
//! A word of the truth counts as read if a reader gives the same word with its middle in the word's
//! box (or, where an application does not tell places of words, its widget's box). Signs that are drawn
//! alike, such as curly quotes and straight ones, are the same; nothing else is forgiven.

use std::path::{Path, PathBuf};

use deskbound_models::ImageRect;
use image::RgbImage;
use serde::Deserialize;

/// Pixels that a middle may be beyond a box.
const NEAR: i64 = 3;

/// A screen of the test set.
pub(crate) struct Scene {
    /// Its toolkit, a hyphen and what it shows.
    pub(crate) name: String,
    pub(crate) image: RgbImage,
    /// Each with its left, top, right and bottom.
    pub(crate) words: Vec<(String, [i64; 4])>,
}

#[derive(Deserialize)]
struct Truth {
    words: Vec<(String, i64, i64, i64, i64)>,
}

/// Words read rightly, words there, and words read wrongly where the truth has some.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    pub(crate) read: usize,
    pub(crate) all: usize,
    pub(crate) wrong: usize,
}

impl Score {
    pub(crate) fn add(&mut self, other: Self) {
        self.read += other.read;
        self.all += other.all;
        self.wrong += other.wrong;
    }

    /// Of the words there.
    pub(crate) fn share(&self) -> f64 {
        self.read as f64 / self.all.max(1) as f64
    }
}

/// The test set that was fixed before any training.
pub(crate) const FIXED: &str = "scenes";

/// In order of their names.
pub(crate) fn scenes(set: &str) -> Vec<Scene> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "starter", "vision", set].iter().collect();
    let files = std::fs::read_dir(folder).expect("the test set is there");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("readable").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    paths.iter().map(|path| scene(path)).collect()
}

fn scene(path: &Path) -> Scene {
    let text = std::fs::read_to_string(path).expect("readable");
    let Truth { words } = serde_json::from_str(&text).expect("a truth");
    Scene {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        image: image::open(path.with_extension("png")).expect("a picture").to_rgb8(),
        words: words.into_iter().map(|(word, l, t, r, b)| (folded(&word), [l, t, r, b])).collect(),
    }
}

impl Scene {
    /// `missed` is told of every word that was not read, with what was read in its box.
    pub(crate) fn score<'a>(
        &self,
        found: impl Iterator<Item = (&'a str, ImageRect)>,
        mut missed: impl FnMut(&str, &[String]),
    ) -> Score {
        let mut found: Vec<(String, [i64; 2])> = found
            .flat_map(|(text, bounds)| {
                let middle = [bounds.x + bounds.width / 2, bounds.y + bounds.height / 2];
                let words: Vec<String> = text.split_whitespace().map(folded).collect();
                words.into_iter().map(move |word| (word, middle.map(i64::from)))
            })
            .collect();
        let mut score = Score { all: self.words.len(), ..Score::default() };
        let mut left = Vec::new();
        for (word, bounds) in &self.words {
            match found.iter().position(|(text, at)| text == word && within(*bounds, *at)) {
                Some(at) => {
                    found.swap_remove(at);
                    score.read += 1;
                }
                None => left.push((word, bounds)),
            }
        }
        for (word, bounds) in left {
            let here = found.iter().filter(|(_, at)| within(*bounds, *at));
            missed(word, &here.map(|(text, _)| text.clone()).collect::<Vec<_>>());
        }
        let inside = |at: [i64; 2]| self.words.iter().any(|(_, bounds)| within(*bounds, at));
        score.wrong = found.iter().filter(|(_, at)| inside(*at)).count();
        score
    }
}

fn within([left, top, right, bottom]: [i64; 4], [x, y]: [i64; 2]) -> bool {
    (left - NEAR..=right + NEAR).contains(&x) && (top - NEAR..=bottom + NEAR).contains(&y)
}

fn folded(word: &str) -> String {
    let alike = word.chars().map(|character| match character {
        '\u{2018}' | '\u{2019}' | '\u{201a}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
        '\u{2010}'..='\u{2014}' | '\u{2212}' => '-',
        other => other,
    });
    alike.collect::<String>().replace('…', "...")
}
