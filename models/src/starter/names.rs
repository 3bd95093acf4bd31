//! What a phrase names to the letter: the rules that come before any model.

use crate::roles::Candidate;
use crate::starter::words;

const ARTICLES: [&str; 9] = ["the", "my", "our", "your", "a", "an", "this", "that", "his"];
/// Words that say what kind of thing is meant, and a part of the roles they may have.
const KINDS: [(&str, &[&str]); 14] = [
    ("button", &["button"]),
    ("menu", &["menu"]),
    ("item", &["item"]),
    ("entry", &["entry", "item", "text"]),
    ("field", &["entry", "text"]),
    ("box", &["box", "entry", "text"]),
    ("tab", &["tab"]),
    ("link", &["link"]),
    ("icon", &["icon"]),
    ("file", FILES),
    ("document", FILES),
    ("folder", FILES),
    ("directory", FILES),
    ("window", &["frame", "window", "dialog"]),
];
const FILES: &[&str] = &["icon", "cell", "item", "label", "canvas", "file", "folder", "directory"];

/// Said in the context of what was found in pixels.
pub(crate) const SEEN: &str = "seen";
/// In a name of so many characters one may have been misread.
const SLIP_CHARS: usize = 5;

/// The candidates that bear exactly the name that the phrase gives, at the strictest level at which
/// there are any.
pub(crate) fn exact(phrase: &str, candidates: &[Candidate]) -> Vec<usize> {
    let phrase = phrase.trim().trim_matches(['"', '\'', '“', '”', '‘', '’', '«', '»', '`']);
    let bare = without_article(phrase);
    let (core, roles) = without_kind(bare);
    for (said, kinds) in [(phrase, None), (bare, None), (core, Some(roles))] {
        let said = said.to_lowercase();
        let words = words::subwords(&said);
        for same in [same_letters, same_stem, same_words] {
            let hits = candidates.iter().enumerate();
            let hits = hits.filter(|(_, c)| fits(c, kinds) && same(&said, &words, &c.name));
            let found: Vec<usize> = hits.map(|(index, _)| index).collect();
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// The candidates read from pixels that bear nearly that name: signs that look alike are one, and of
/// a longer name one may have been misread.
pub(crate) fn nearly(phrase: &str, candidates: &[Candidate]) -> Vec<usize> {
    let phrase = phrase.trim();
    let bare = without_article(phrase);
    for said in [phrase, bare, without_kind(bare).0] {
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

/// Whether the candidate can be a thing of that kind.
fn fits(candidate: &Candidate, kinds: Option<&[&str]>) -> bool {
    let role = candidate.role.to_lowercase();
    kinds.is_none_or(|parts| parts.iter().any(|part| role.contains(part)))
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

fn without_article(phrase: &str) -> &str {
    match phrase.split_once(' ') {
        Some((first, rest)) if ARTICLES.iter().any(|a| first.eq_ignore_ascii_case(a)) => {
            rest.trim()
        }
        _ => phrase,
    }
}

/// The phrase without a word for its kind at either end, and the roles that the word allows.
fn without_kind(phrase: &str) -> (&str, &'static [&'static str]) {
    let roles = |word: &str| KINDS.iter().find(|(k, _)| word.eq_ignore_ascii_case(k)).map(|k| k.1);
    if let Some((rest, last)) = phrase.rsplit_once(' ')
        && let Some(roles) = roles(last)
    {
        return (rest.trim(), roles);
    }
    if let Some((first, rest)) = phrase.split_once(' ')
        && let Some(roles) = roles(first)
    {
        let named = rest.trim();
        let named = named.strip_prefix("called ").or_else(|| named.strip_prefix("named "));
        return (named.unwrap_or(rest.trim()), roles);
    }
    ("", &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(phrase: &str, expected: &[usize]) {
        let thing = |(role, name): (&str, &str)| Candidate {
            role: role.to_owned(),
            name: name.to_owned(),
            context: String::new(),
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
