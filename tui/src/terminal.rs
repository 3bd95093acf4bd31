//! Lines for the user. A terminal that has gone away is no reason to fail.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use deskbound_agent::sanitize;
use deskbound_vm::Progress;

/// Results, on standard output.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// What goes on, and errors, on standard error.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A text of JSON with `\u` for what a terminal must not be told: control characters beyond those
/// that JSON itself escapes, and characters that hide or turn the direction of writing. The newlines
/// between its parts stay; there is none within a string.
pub(crate) fn escaped(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        let mut utf8 = [0; 4];
        let text = &*character.encode_utf8(&mut utf8);
        if is_plain(character) || character == '\n' || sanitize::line(text) == text {
            shown.push(character);
        } else {
            let units = character.encode_utf16(&mut [0; 2]).to_vec();
            shown.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    shown
}

/// Nothing to look into: most of any document.
fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// A document of XML with character references for what a terminal must not be told. Its own ends
/// of line stay.
pub(crate) fn escaped_xml(xml: &str) -> String {
    let mut shown = String::with_capacity(xml.len());
    for character in xml.chars() {
        let mut utf8 = [0; 4];
        let text = &*character.encode_utf8(&mut utf8);
        if is_plain(character) || "\n\t".contains(text) || sanitize::line(text) == text {
            shown.push(character);
        } else {
            shown.push_str(&format!("&#{};", u32::from(character)));
        }
    }
    shown
}

/// A text of any length made harmless, though `sanitize` cuts what is long.
pub(crate) fn harmless(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    text.chunks(PART_CHARS).map(|part| sanitize::line(&String::from_iter(part))).collect()
}

/// No more than `sanitize` leaves of one line.
const PART_CHARS: usize = 100;

/// Details of one step come at most this often.
const DETAIL_EVERY: Duration = Duration::from_secs(5);

/// Says what long work is doing: each step, and now and then where it is.
pub(crate) struct Steps {
    started: Instant,
    told: Instant,
}

impl Steps {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), told: Instant::now() }
    }

    pub(crate) fn show(&mut self, progress: &Progress) {
        let elapsed = self.started.elapsed().as_secs();
        match progress {
            Progress::Step(step) => note(format_args!("[{elapsed:>4} s] {step}")),
            Progress::Detail(detail) if self.told.elapsed() >= DETAIL_EVERY => {
                note(format_args!("[{elapsed:>4} s]   {}", sanitize::line(detail)));
            }
            Progress::Detail(_) => return,
        }
        self.told = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn json_for_a_terminal_says_the_same_in_harmless_characters() {
        for (text, expected) in [
            ("plain – ünïcode 文 · 🦀", r#""plain – ünïcode 文 · 🦀""#),
            ("two\nlines\u{1b}[2J", r#""two\nlines\u001b[2J""#),
            ("c1 \u{9b}31m\u{7f}", r#""c1 \u009b31m\u007f""#),
            ("exe\u{202e}txt.gpj\u{200b}", r#""exe\u202etxt.gpj\u200b""#),
            ("tag \u{e0041}", r#""tag \udb40\udc41""#),
            (r"a \ and a quote \u009b", r#""a \\ and a quote \\u009b""#),
        ] {
            let shown = escaped(&serde_json::to_string(text).unwrap());
            assert_eq!(shown, expected);
            assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), text);
        }
        let pretty = serde_json::to_string_pretty(&["a", "b"]).unwrap();
        assert_eq!(escaped(&pretty), pretty);
    }

    #[test]
    fn xml_for_a_terminal_says_the_same_in_harmless_characters() {
        let xml = "<a name=\"ü\u{9b}31m&#10;\">x\u{202e}\n\u{7f}</a>";
        assert_eq!(escaped_xml(xml), "<a name=\"ü&#155;31m&#10;\">x&#8238;\n&#127;</a>");
    }

    #[test]
    fn long_text_is_made_harmless_whole() {
        let long = "x".repeat(500) + "\u{9b}";
        assert_eq!(harmless(&long), "x".repeat(500) + "·");
    }
}
