//! Which node a phrase is about: `the save button`, `fiel name`.
//!
//! A phrase has more words than a name, in another order and with slips, so what is compared is
//! words, one by one (matchers for file names want every letter of the query in order, and find
//! nothing for a phrase). A score weighs both sides: how much of the phrase is in the node, and how
//! much of the node's name is in the phrase.

use crate::{
    selector::Selector,
    tree::{NodeId, Tree},
};

/// Words of a phrase or a name that are compared.
const WORDS_MAX: usize = 16;
/// Characters of a word.
const WORD_CHARS: usize = 32;
/// Shorter words are alike only when they are the same.
const SLIP_CHARS_MIN: usize = 4;
/// One slip in four letters.
const SLIP_LIKENESS: f64 = 0.7;
/// What a word with a slip, or the beginning of a word, counts.
const SLIP_WEIGHT: f64 = 0.8;
/// What a word counts that is not in the name: in the role, the description, the text.
const BESIDE_WEIGHT: f64 = 0.5;
/// Say nothing about which node is meant.
const FILL_WORDS: [&str; 10] = ["the", "a", "an", "of", "in", "on", "to", "for", "at", "with"];

/// A node and how well it fits a phrase: above 0, and 1 where all words agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    pub node: NodeId,
    pub score: f64,
}

impl Tree {
    /// Those that match and have to do with the phrase, the best first; of equals, in document
    /// order.
    pub fn rank(&self, selector: &Selector, phrase: &str) -> Vec<Ranked> {
        let phrase = phrase_words(phrase);
        let mut ranked: Vec<Ranked> = self
            .find(selector)
            .map(|node| Ranked { node, score: self.score(node, &phrase) })
            .filter(|ranked| ranked.score > 0.0)
            .collect();
        ranked.sort_by(|one, other| other.score.total_cmp(&one.score));
        ranked
    }

    fn score(&self, id: NodeId, phrase: &[String]) -> f64 {
        let (name, text) = (words(self.name(id)), words(self.text(id)));
        let about = words(self.description(id));
        // What has no name goes by what else is known of it.
        let name = [name, about.clone(), text.clone()].into_iter().find(|words| !words.is_empty());
        let Some(name) = name else { return 0.0 };
        let beside: Vec<String> =
            [words(self.node(id).role.name()), about, text].into_iter().flatten().collect();
        let in_node = |word: &String| best(word, &name).max(BESIDE_WEIGHT * best(word, &beside));
        let said = mean(phrase.iter().map(in_node));
        let covered = mean(name.iter().map(|word| best(word, phrase)));
        if covered == 0.0 {
            return 0.0;
        }
        2.0 * said * covered / (said + covered)
    }
}

fn phrase_words(phrase: &str) -> Vec<String> {
    let all = words(phrase);
    let telling: Vec<String> =
        all.iter().filter(|word| !FILL_WORDS.contains(&word.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

fn words(text: &str) -> Vec<String> {
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(|word| word.chars().take(WORD_CHARS).flat_map(char::to_lowercase).collect())
        .collect()
}

/// How much the word is like the one it is most like.
fn best(word: &str, among: &[String]) -> f64 {
    among.iter().map(|other| likeness(word, other)).fold(0.0, f64::max)
}

fn likeness(one: &str, other: &str) -> f64 {
    if one == other {
        return 1.0;
    }
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.chars().count() < SLIP_CHARS_MIN {
        return 0.0;
    }
    if long.starts_with(short) {
        return SLIP_WEIGHT;
    }
    // Each letter that is missing is a slip.
    if (short.len() as f64) < SLIP_LIKENESS * long.len() as f64 {
        return 0.0;
    }
    let likeness = strsim::normalized_damerau_levenshtein(one, other);
    if likeness >= SLIP_LIKENESS { SLIP_WEIGHT * likeness } else { 0.0 }
}

fn mean(scores: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = scores.len();
    if count == 0 { 0.0 } else { scores.sum::<f64>() / count as f64 }
}

#[cfg(test)]
mod tests {
    use atspi_common::Role;
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{Facts, Sample};

    fn tree() -> Tree {
        Sample::default()
            .app("editor")
            .put(1, Role::Button, "Save")
            .put(1, Role::MenuItem, "Save As...")
            .put(1, Role::Label, "File name:")
            .put(1, Role::Entry, "File name")
            .put_with(1, Role::Button, "", Facts { description: "Close tab", ..Facts::default() })
            .put(1, Role::Button, "Cancel")
            .put(1, Role::Button, "")
            .finish()
    }

    #[test]
    fn the_best_comes_first() {
        let tree = tree();
        let check = |phrase: &str, best: &[u32]| {
            let ranked = tree.rank(&Selector::default(), phrase);
            let ids: Vec<u32> = ranked.iter().map(|ranked| ranked.node.0).collect();
            assert_eq!(ids, best, "{phrase}: {ranked:?}");
        };
        check("save", &[1, 2]);
        check("press the Save button", &[1, 2]);
        check("save as", &[2, 1]);
        check("fiel name", &[3, 4]);
        check("the file name entry", &[4, 3]);
        check("close", &[5]);
        check("cancle", &[6]);
        check("xylophone", &[]);
        check("", &[]);
        check("the", &[]);
    }

    #[test]
    fn only_what_is_selected_is_ranked() {
        let tree = tree();
        let entry = "entry".parse().expect("a role");
        assert_eq!(tree.rank(&entry, "file name").len(), 1);
        let exact = tree.rank(&Selector::default(), "Cancel")[0];
        assert!((exact.score - 1.0).abs() < 1e-9, "{exact:?}");
    }

    proptest! {
        #[test]
        fn scores_are_sorted_and_within_bounds(
            names in prop::collection::vec("\\PC{0,30}", 0..20),
            phrase in "\\PC{0,60}",
        ) {
            let mut sample = Sample::default();
            sample.app("a");
            for name in &names {
                sample.put(1, Role::Button, name);
            }
            let tree = sample.finish();
            let ranked = tree.rank(&Selector::default(), &phrase);
            prop_assert!(ranked.iter().all(|ranked| ranked.score > 0.0 && ranked.score <= 1.0 + 1e-9));
            prop_assert!(ranked.is_sorted_by(|one, other| one.score >= other.score));
        }
    }
}
