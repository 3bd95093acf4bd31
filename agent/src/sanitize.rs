//! Text from a screen, a tree or a model, made fit for a terminal or a report: no control or
//! escape characters, nothing that turns the direction of writing, nothing invisible.

/// How much of one stranger's line is shown.
const LINE_CHARS: usize = 200;

/// One line: everything that could move a cursor or hide is shown as `·`, long text is cut.
pub fn line(text: &str) -> String {
    let mut shown: String = text.chars().take(LINE_CHARS).map(harmless).collect();
    if text.chars().nth(LINE_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

/// As [`line`], of a text whose length is known to be bearable.
pub fn whole_line(text: &str) -> String {
    text.chars().map(harmless).collect()
}

fn harmless(character: char) -> char {
    if character.is_control() || is_format(character) { '·' } else { character }
}

/// Direction marks, joiners, tags and separators: they print nothing and change what is read.
fn is_format(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        for (text, expected) in [
            ("plain – ünïcode 文", "plain – ünïcode 文"),
            ("\u{1b}[2Jcleared", "·[2Jcleared"),
            ("two\nlines\r\t", "two·lines··"),
            ("c1 \u{9b}31m", "c1 ·31m"),
            ("exe\u{202e}txt.gpj", "exe·txt.gpj"),
            ("a\u{2066}b\u{200b}c\u{feff}", "a·b·c·"),
        ] {
            assert_eq!(line(text), expected);
        }
        let long = "x".repeat(500);
        assert_eq!(line(&long).chars().count(), LINE_CHARS + 1);
    }
}
