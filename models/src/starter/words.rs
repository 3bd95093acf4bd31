//! Tokens, quotations and hashed features: the only input either network has.
//!
//! Byte for byte the same as `models/starter/words.py`; the golden vectors hold the two together.
//! Letters are told by fixed ranges and only ASCII is folded, so no Unicode table can shift them.

use std::ops::Range;

/// Bytes of a word, with its frame, that are cut into 3-grams.
const MAX_GRAM_BYTES: usize = 48;
/// Characters that a quotation may span.
const QUOTE_REACH: usize = 400;
const PAIRS: [(char, char); 6] =
    [('"', '"'), ('“', '”'), ('‘', '’'), ('«', '»'), ('`', '`'), ('\'', '\'')];

/// Where a token stands with regard to quotation marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotation {
    Outside,
    Opens,
    Inside,
    Closes,
}

/// A tokenised text: words keep their inner `.-_'`, other signs stand alone.
pub(crate) struct Words<'a> {
    text: &'a str,
    chars: Vec<char>,
    /// Byte offset of every character, and of the end.
    bytes: Vec<usize>,
    /// In characters.
    spans: Vec<Range<usize>>,
    quotations: Vec<Quotation>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let spans = spans(&chars);
        let quotations = quotations(&chars, &spans);
        Self { text, chars, bytes, spans, quotations }
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn token(&self, index: usize) -> &'a str {
        self.slice(index, index)
    }

    /// The text from one token to another, both included, as it was written.
    pub(crate) fn slice(&self, first: usize, last: usize) -> &'a str {
        &self.text[self.bytes[self.spans[first].start]..self.bytes[self.spans[last].end]]
    }

    pub(crate) fn quotation(&self, index: usize) -> Quotation {
        self.quotations[index]
    }

    /// Quotation and whether a space stands before, as one of eight flags.
    pub(crate) fn flag(&self, index: usize) -> u32 {
        let start = self.spans[index].start;
        let tight = start > 0 && !is_space(self.chars[start - 1]);
        self.quotations[index] as u32 * 2 + u32::from(tight)
    }

    #[cfg(test)]
    pub(crate) fn span(&self, index: usize) -> Range<usize> {
        self.spans[index].clone()
    }
}

fn is_word(c: char) -> bool {
    match c as u32 {
        n @ 0..128 => (n as u8).is_ascii_alphanumeric(),
        0xD7 | 0xF7 => false,
        0xC0..=0x24F | 0x370..=0x1FFF | 0x3040..=0xD7A3 => true,
        _ => false,
    }
}

fn is_space(c: char) -> bool {
    matches!(
        c as u32,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F
            | 0x205F | 0x3000
    )
}

fn spans(chars: &[char]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        at += 1;
        if is_space(chars[start]) {
            continue;
        }
        if is_word(chars[start]) {
            while let Some(step) = continues(chars, at) {
                at += step;
            }
        }
        found.push(start..at);
    }
    found
}

/// How many characters at `at` still belong to the word before it.
fn continues(chars: &[char], at: usize) -> Option<usize> {
    let &c = chars.get(at)?;
    if is_word(c) {
        return Some(1);
    }
    let &next = chars.get(at + 1)?;
    if !is_word(next) || possessive(chars, at) {
        return None;
    }
    let number = c == ',' && chars[at - 1].is_ascii_digit() && next.is_ascii_digit();
    (matches!(c, '.' | '-' | '_' | '\'' | '’') || number).then_some(2)
}

/// Whether `'s` at `at` ends a word: the name before it is a token of its own.
fn possessive(chars: &[char], at: usize) -> bool {
    matches!(chars[at], '\'' | '’')
        && matches!(chars[at + 1], 's' | 'S')
        && chars.get(at + 2).is_none_or(|&c| !is_word(c))
}

fn quotations(chars: &[char], spans: &[Range<usize>]) -> Vec<Quotation> {
    let mut marks = vec![Quotation::Outside; spans.len()];
    let mut at = 0;
    while at < spans.len() {
        if let Some(end) = closing(chars, spans, at) {
            marks[at..end].fill(Quotation::Inside);
            marks[at] = Quotation::Opens;
            marks[end] = Quotation::Closes;
            at = end;
        }
        at += 1;
    }
    marks
}

/// The token that closes the quotation opened by token `open`, if it opens one.
fn closing(chars: &[char], spans: &[Range<usize>], open: usize) -> Option<usize> {
    let Range { start, end } = spans[open];
    let &(_, wanted) = PAIRS.iter().find(|(left, _)| end - start == 1 && chars[start] == *left)?;
    // A mark that is also an apostrophe must stand where a quotation mark can.
    let apostrophe = matches!(wanted, '\'' | '’');
    let free_before = start == 0 || !is_word(chars[start - 1]);
    let tight_after = end < chars.len() && !is_space(chars[end]);
    if apostrophe && !(free_before && tight_after) {
        return None;
    }
    let near = spans.iter().enumerate().skip(open + 1);
    near.take_while(|(_, s)| s.start - start <= QUOTE_REACH)
        .filter(|(_, s)| s.len() == 1 && chars[s.start] == wanted)
        .find(|(_, s)| {
            let free_after = s.end == chars.len() || !is_word(chars[s.end]);
            let tight_before = !is_space(chars[s.start - 1]);
            !apostrophe || (free_after && tight_before)
        })
        .map(|(index, _)| index)
}

fn fnv1a(parts: [&[u8]; 2]) -> u32 {
    let bytes = parts.into_iter().flatten();
    bytes.fold(0x811C_9DC5, |hash, &b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

/// Runs of capitals, small letters and digits as `A`, `a`, `0`; other signs as they are.
fn shape(token: &str) -> String {
    let mut out = String::new();
    for c in token.chars() {
        let kind = match c {
            'A'..='Z' => 'A',
            '0'..='9' => '0',
            c if is_word(c) => 'a',
            c => c,
        };
        if !out.ends_with(kind) {
            out.push(kind);
        }
    }
    out.chars().take(8).collect()
}

/// `(bucket, weight)`: whole word, shape and ending weigh 1; the 3-grams share `grams_weigh`.
pub(crate) fn features(token: &str, buckets: usize, grams_weigh: f32) -> Vec<(usize, f32)> {
    let low = token.to_ascii_lowercase();
    let bucket = |kind: &[u8], body: &[u8]| fnv1a([kind, body]) as usize % buckets;
    let mut found =
        vec![(bucket(b"w:", low.as_bytes()), 1.0), (bucket(b"s:", shape(token).as_bytes()), 1.0)];
    if let Some(dot) = low.rfind('.').filter(|&dot| dot > 0) {
        found.push((bucket(b"x:", &low.as_bytes()[dot + 1..]), 1.0));
    }
    let framed = format!("^{low}$");
    let framed = &framed.as_bytes()[..framed.len().min(MAX_GRAM_BYTES)];
    let count = framed.len().saturating_sub(2).max(1);
    let weight = grams_weigh / count as f32;
    let grams = (0..count).map(|i| &framed[i..framed.len().min(i + 3)]);
    found.extend(grams.map(|gram| (bucket(b"n:", gram), weight)));
    found
}

/// Where two neighbouring words are one feature.
pub(crate) fn pair(first: &str, second: &str, buckets: usize) -> usize {
    fnv1a([b"p:", format!("{first} {second}").as_bytes()]) as usize % buckets
}

/// The rows that a network learned, one for each bucket of features.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) values: Vec<f32>,
    pub(crate) width: usize,
    /// See [`features`].
    pub(crate) grams_weigh: f32,
}

impl Table {
    /// The row of two neighbouring words, as one.
    pub(crate) fn pair(&self, first: &str, second: &str) -> &[f32] {
        let bucket = pair(first, second, self.values.len() / self.width);
        &self.values[bucket * self.width..(bucket + 1) * self.width]
    }

    /// The network's picture of one word: the sum of its features' rows.
    pub(crate) fn embed(&self, token: &str) -> Vec<f32> {
        let mut sum = vec![0.0; self.width];
        for (bucket, weight) in features(token, self.values.len() / self.width, self.grams_weigh) {
            let row = &self.values[bucket * self.width..(bucket + 1) * self.width];
            sum.iter_mut().zip(row).for_each(|(s, r)| *s += weight * r);
        }
        sum
    }
}

/// The words of a label or a file name in lower case: `TaxNotes_2019.txt` is tax notes 2019 txt.
pub(crate) fn subwords(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        let kind = match c {
            'A'..='Z' => 'A',
            '0'..='9' => '0',
            c if is_word(c) => 'a',
            _ => ' ',
        };
        let turns = (kind == 'A' && before == 'a') || (kind == '0') != (before == '0');
        if kind == ' ' || turns {
            found.push(String::new());
        }
        if kind != ' ' {
            found.last_mut().expect("starts with one").push(c.to_ascii_lowercase());
        }
        before = kind;
    }
    found.retain(|word| !word.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let words = Words::new(text);
        let tokens: Vec<_> = (0..words.len()).map(|i| words.token(i)).collect();
        assert_eq!(tokens, expected, "{text}");
    }

    #[test]
    fn tokens_keep_names_whole_and_signs_apart() {
        check("Open tax-note.v2.txt.", &["Open", "tax-note.v2.txt", "."]);
        check("348*27 or 1,000.5, x", &["348", "*", "27", "or", "1,000.5", ",", "x"]);
        check("Anna's don’t", &["Anna", "'", "s", "don’t"]);
        check("Über/naïve.md", &["Über", "/", "naïve.md"]);
        check(" \n\u{a0}", &[]);
    }

    #[test]
    fn quotations_are_told_from_apostrophes() {
        fn marks(text: &str) -> String {
            let words = Words::new(text);
            (0..words.len())
                .map(|i| match words.quotation(i) {
                    Quotation::Outside => '.',
                    Quotation::Opens => '(',
                    Quotation::Inside => '-',
                    Quotation::Closes => ')',
                })
                .collect()
        }
        assert_eq!(marks("say 'don't stop' now"), ".(--).");
        assert_eq!(marks("the boys' list isn't ours"), "......");
        assert_eq!(marks("“a ‘b’ c” `d` \"open"), "(-----)(-)..");
    }

    #[test]
    fn slices_are_what_was_written() {
        let words = Words::new("Say “Ça  va, Zoë?”  now");
        assert_eq!(words.slice(2, 6), "Ça  va, Zoë?");
    }

    #[test]
    fn labels_fall_into_words() {
        assert_eq!(subwords("TaxNotes_2019v2.txt"), ["tax", "notes", "2019", "v", "2", "txt"]);
        assert_eq!(subwords("Save As…"), ["save", "as"]);
        assert_eq!(subwords("!?"), [""; 0]);
    }
}
