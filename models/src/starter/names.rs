//! What a phrase names to the letter: the rules that come before any model.

use crate::roles::Candidate;
use crate::starter::said::without_article;
use crate::starter::words;

/// Words that say what kind of thing is meant, the longer before those they end in, and a part of
/// the roles that it may have.
const KINDS: [(&str, &[&str]); 46] = [
    ("radio button", &["radio"]),
    ("menu button", &["button", "menu"]),
    ("toggle button", &["button"]),
    ("button", &["button"]),
    ("key", &["button"]),
    ("menu item", &["item"]),
    ("menu entry", &["item"]),
    ("menu option", &["item"]),
    ("list item", &["item", "cell"]),
    ("item", &["item", "icon", "cell", "row"]),
    ("menu", &["menu"]),
    ("command", &["item", "button"]),
    ("entry", &["entry", "item", "text"]),
    ("text field", FIELDS),
    ("input field", FIELDS),
    ("entry field", FIELDS),
    ("number field", FIELDS),
    ("field", FIELDS),
    ("input", FIELDS),
    ("text box", FIELDS),
    ("check box", TICKS),
    ("checkbox", TICKS),
    ("tick box", TICKS),
    ("tickbox", TICKS),
    ("list box", &["combo box", "list"]),
    ("combo box", &["combo box"]),
    ("box", &["box", "entry", "text", "spin"]),
    ("option", &["check", "radio", "item", "box"]),
    ("setting", &["check", "radio", "entry", "box"]),
    ("choice", &["radio", "combo box", "item"]),
    ("switch", &["check", "toggle", "switch"]),
    ("drop-down list", &["combo box"]),
    ("dropdown list", &["combo box"]),
    ("drop-down", &["combo box"]),
    ("dropdown", &["combo box"]),
    ("slider", &["slider"]),
    ("tab", &["tab"]),
    ("link", &["link"]),
    ("icon", &["icon", "button"]),
    ("column", &["column", "header"]),
    ("row", &["row", "cell", "item"]),
    ("file", FILES),
    ("document", FILES),
    ("folder", FILES),
    ("directory", FILES),
    ("window", &["frame", "window", "dialog"]),
];
const FIELDS: &[&str] = &["entry", "text", "spin", "combo box"];
const TICKS: &[&str] = &["check", "radio", "toggle"];
const FILES: &[&str] = &["icon", "cell", "item", "label", "canvas", "file", "folder", "directory"];
/// Between a kind and a name.
const CALLED: [&str; 9] = [
    "called ",
    "named ",
    "labelled ",
    "labeled ",
    "that says ",
    "which says ",
    "saying ",
    "with the text ",
    "reading ",
];
const QUOTES: [char; 9] = ['"', '\'', '“', '”', '‘', '’', '«', '»', '`'];
/// The role of what was found in pixels as mere text: it may be of any kind.
const BARE: &str = "text";

/// Said in the context of what was found in pixels.
pub(crate) const SEEN: &str = "seen";
/// In a name of so many characters one may have been misread.
const SLIP_CHARS: usize = 5;

/// The candidates that bear exactly the name that the phrase gives, at the strictest level at which
/// there are any.
pub(crate) fn exact(phrase: &str, candidates: &[Candidate]) -> Vec<usize> {
    let phrase = unquoted(phrase);
    let bare = unquoted(without_article(phrase));
    let (core, roles) = without_kind(bare).unwrap_or(("", &[]));
    let core = unquoted(core);
    // A person may be wrong about the kind of a control, but not about what is a file.
    let loose = if is_loose(roles) { core } else { "" };
    for (said, fit) in [
        (phrase, Fit::Any),
        (bare, Fit::Any),
        (core, Fit::Of(roles)),
        (core, Fit::Bare),
        (loose, Fit::Any),
    ] {
        let said = said.to_lowercase();
        let words = words::subwords(&said);
        for same in [same_letters, same_stem, same_words] {
            let hits = candidates.iter().enumerate();
            let hits = hits.filter(|(_, c)| fit.fits(c) && same(&said, &words, &c.name));
            let found: Vec<usize> = hits.map(|(index, _)| index).collect();
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// The candidates of the kind that a phrase is, if it says a kind and nothing else.
pub(crate) fn of_kind(phrase: &str, candidates: &[Candidate]) -> Vec<usize> {
    let bare = without_article(phrase.trim());
    let singular = bare.strip_suffix('s').unwrap_or(bare);
    let kind = KINDS.iter().find(|(kind, _)| singular.eq_ignore_ascii_case(kind));
    let Some((_, roles)) = kind.filter(|(_, roles)| is_loose(roles)) else { return Vec::new() };
    let fits = |&i: &usize| {
        let candidate: &Candidate = &candidates[i];
        !is_bare(candidate) && Fit::Of(roles).fits(candidate)
    };
    (0..candidates.len()).filter(fits).collect()
}

fn is_loose(roles: &[&str]) -> bool {
    !roles.is_empty() && roles != FILES && !roles.contains(&"window")
}

pub(crate) fn is_bare(candidate: &Candidate) -> bool {
    candidate.role == BARE && candidate.context.starts_with(SEEN)
}

/// The candidates read from pixels that bear nearly that name: signs that look alike are one, and of
/// a longer name one may have been misread.
pub(crate) fn nearly(phrase: &str, candidates: &[Candidate]) -> Vec<usize> {
    let phrase = unquoted(phrase);
    let bare = without_article(phrase);
    for said in [phrase, bare, unquoted(without_kind(bare).map_or("", |it| it.0))] {
        let said = shape(said);
        if said.is_empty() {
            continue;
        }
        let slips = usize::from(said.chars().count() >= SLIP_CHARS);
        let fits = |c: &Candidate| {
            c.context.starts_with(SEEN) && strsim::levenshtein(&shape(&c.name), &said) <= slips
        };
        let found: Vec<usize> = (0..candidates.len()).filter(|&i| fits(&candidates[i])).collect();
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// A text as an eye sees it that cannot tell a zero from an O.
fn shape(text: &str) -> String {
    let text = text.trim().trim_end_matches(['…', '.', ':']);
    let alike = text.chars().flat_map(char::to_lowercase).map(|sign| match sign {
        '0' => 'o',
        '1' | '|' | 'i' | '!' => 'l',
        other => other,
    });
    alike.collect()
}

/// Which candidates a name is looked for among.
#[derive(Clone, Copy)]
enum Fit {
    Any,
    /// Those with one of these in their roles.
    Of(&'static [&'static str]),
    /// Mere text in pixels, whose kind nobody knows.
    Bare,
}

impl Fit {
    fn fits(self, candidate: &Candidate) -> bool {
        match self {
            Self::Any => true,
            Self::Of(parts) => {
                let role = candidate.role.to_lowercase();
                !is_bare(candidate) && parts.iter().any(|part| role.contains(part))
            }
            Self::Bare => is_bare(candidate),
        }
    }
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(QUOTES).trim()
}

fn same_letters(said: &str, _: &[String], name: &str) -> bool {
    !said.is_empty() && name.trim().trim_end_matches(['…', '.', ':']).to_lowercase() == said
}

fn same_stem(said: &str, _: &[String], name: &str) -> bool {
    !said.is_empty() && stem(name).to_lowercase() == said
}

fn same_words(_: &str, words: &[String], name: &str) -> bool {
    let spelled = |name: &str| words::subwords(&name.to_lowercase()) == words;
    !words.is_empty() && (spelled(name) || spelled(stem(name)))
}

/// A file name without its ending.
fn stem(name: &str) -> &str {
    match name.trim().rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.contains(' ') => stem,
        _ => name.trim(),
    }
}

/// The phrase without a word for its kind at either end, and the roles that the word allows.
fn without_kind(phrase: &str) -> Option<(&str, &'static [&'static str])> {
    let lower = phrase.to_ascii_lowercase();
    let is_end = |kind: &str| lower.strip_suffix(kind).is_some_and(|rest| rest.ends_with(' '));
    if let Some((kind, roles)) = KINDS.iter().find(|(kind, _)| is_end(kind)) {
        return Some((phrase[..phrase.len() - kind.len()].trim(), roles));
    }
    let is_start = |kind: &str| lower.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' '));
    let (kind, roles) = KINDS.iter().find(|(kind, _)| is_start(kind))?;
    let named = phrase[kind.len()..].trim();
    let name = CALLED.iter().find_map(|called| named.strip_prefix(called));
    Some((name.unwrap_or(named), roles))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrase: &str, expected: &[usize]) {
        let thing = |(role, name): (&str, &str)| Candidate {
            role: role.to_owned(),
            name: name.to_owned(),
            context: String::new(),
            bounds: None,
        };
        let screen = [
            ("push button", "Save As…"),
            ("menu item", "New Folder"),
            ("menu", "New"),
            ("table cell", "tax_notes.txt"),
            ("table cell", "tax_notes.md"),
            ("icon", "Archive"),
            ("push button", "Archive"),
            ("table cell", "a.b.txt"),
        ];
        assert_eq!(exact(phrase, &screen.map(thing)), expected, "{phrase}");
    }

    #[test]
    fn names_that_were_misread_a_little() {
        let read = |name: &str| Candidate {
            role: "label".to_owned(),
            name: name.to_owned(),
            context: SEEN.to_owned(),
            bounds: None,
        };
        let said = Candidate { context: String::new(), ..read("Close") };
        let screen = [read("Çlose"), read("0pening"), read("OK"), said];
        assert_eq!(nearly("close", &screen), [0]);
        assert_eq!(nearly("the opening button", &screen), [1]);
        assert_eq!(nearly("ok", &screen), [2]);
        assert_eq!(nearly("No", &screen), [0; 0]);
        assert_eq!(nearly("the", &screen), [0; 0]);
    }

    #[test]
    fn names_to_the_letter() {
        check("tax_notes.txt", &[3]);
        check("TAX_NOTES.md", &[4]);
        check("my tax notes", &[3, 4]);
        check("save as", &[0]);
        check("the new folder", &[1]);
        check("\"Archive\"", &[5, 6]);
        check("the archive button", &[6]);
        check("the folder called Archive", &[5]);
        check("a.b", &[7]);
        check("save", &[]);
        check("", &[]);
        check("the", &[]);
    }
}
