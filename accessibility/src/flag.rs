//! The words for a node's flags: one place, so that none is forgotten where they are shown.

use crate::tree::NodeFlags;

/// What a reader has to know about a node beyond what its application says.
pub(crate) fn words(flags: NodeFlags) -> impl Iterator<Item = &'static str> {
    // Whole, so that a new flag does not compile without a word.
    let NodeFlags { truncated, text_cut, repaired: _, covered, off_screen, doubtful } = flags;
    let told = [
        (truncated, "more inside"),
        (text_cut, "text cut"),
        (covered, "covered"),
        (off_screen, "off screen"),
        (doubtful, "place doubtful"),
    ];
    told.into_iter().filter_map(|(is_set, word)| is_set.then_some(word))
}

/// All flags by their names.
pub(crate) fn names(flags: NodeFlags) -> impl Iterator<Item = &'static str> {
    let NodeFlags { truncated, text_cut, repaired, covered, off_screen, doubtful } = flags;
    let all = [
        (truncated, "truncated"),
        (text_cut, "text-cut"),
        (repaired, "repaired"),
        (covered, "covered"),
        (off_screen, "off-screen"),
        (doubtful, "doubtful"),
    ];
    all.into_iter().filter_map(|(is_set, name)| is_set.then_some(name))
}
