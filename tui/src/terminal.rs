//! Lines for the user. A terminal that has gone away is no reason to fail.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write};
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

/// A bar is drawn at most this often.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// Cells of a bar.
const BAR_CELLS: usize = 24;

/// Where nobody knows the width of the terminal.
const COLUMNS: usize = 80;

/// Says what long work is doing: each step, and now and then where it is; on a terminal with a bar
/// for the step under way, in a line that is written over.
pub(crate) struct Steps {
    started: Instant,
    told: Instant,
    bar: Option<Bar>,
}

/// The step under way, on a terminal.
#[derive(Debug, Default)]
struct Bar {
    step: String,
    detail: String,
    /// Done, and of how much.
    share: Option<(u64, u64)>,
}

impl Steps {
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Self { started: now, told: now, bar: io::stderr().is_terminal().then(Bar::default) }
    }

    pub(crate) fn show(&mut self, progress: &Progress) {
        let elapsed = self.started.elapsed().as_secs();
        if let Some(bar) = &mut self.bar {
            let is_new = bar.take(progress, elapsed);
            if is_new || self.told.elapsed() >= DRAW_EVERY {
                let _ = write!(io::stderr(), "\r\x1b[K{}", bar.line(elapsed, columns()));
                self.told = Instant::now();
            }
            return;
        }
        match progress {
            Progress::Step(step) => note(format_args!("[{elapsed:>4} s] {step}")),
            Progress::Detail(detail) if self.told.elapsed() >= DETAIL_EVERY => {
                note(format_args!("[{elapsed:>4} s]   {}", sanitize::line(detail)));
            }
            Progress::Detail(_) | Progress::Share { .. } => return,
        }
        self.told = Instant::now();
    }
}

/// The last step stays on the terminal, without its bar.
impl Drop for Steps {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.leave(self.started.elapsed().as_secs());
        }
    }
}

impl Bar {
    /// Whether a new step has begun; the one before stays on the terminal.
    fn take(&mut self, progress: &Progress, elapsed: u64) -> bool {
        match progress {
            Progress::Step(step) => {
                self.leave(elapsed);
                *self = Self { step: step.clone(), ..Self::default() };
                return true;
            }
            Progress::Detail(detail) => self.detail = sanitize::line(detail),
            Progress::Share { done, of } => self.share = Some((*done, *of)),
        }
        false
    }

    fn leave(&self, elapsed: u64) {
        if !self.step.is_empty() {
            let _ = writeln!(io::stderr(), "\r\x1b[K[{elapsed:>4} s] {}", self.step);
        }
    }

    /// `[  12 s] packing the disk  [######------------------]  25 %  the last that was said`
    fn line(&self, elapsed: u64, columns: usize) -> String {
        let mut line = format!("[{elapsed:>4} s] {}", self.step);
        if let Some((done, of)) = self.share.filter(|(_, of)| *of > 0) {
            let of_all =
                |all: u64| (u128::from(done.min(of)) * u128::from(all) / u128::from(of)) as usize;
            let full = of_all(BAR_CELLS as u64);
            let (full, rest) = ("#".repeat(full), "-".repeat(BAR_CELLS - full));
            line.push_str(&format!("  [{full}{rest}] {:>3} %", of_all(100)));
        }
        if !self.detail.is_empty() {
            line.push_str("  ");
            line.push_str(&self.detail);
        }
        // A line that is wrapped cannot be written over.
        line.chars().take(columns.saturating_sub(1)).collect()
    }
}

fn columns() -> usize {
    match rustix::termios::tcgetwinsize(io::stderr()) {
        Ok(size) if size.ws_col > 0 => size.ws_col.into(),
        _ => COLUMNS,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_bar_says_how_far_its_step_is() {
        let mut bar = Bar::default();
        let check = |bar: &Bar, columns, expected: &str| assert_eq!(bar.line(7, columns), expected);
        bar.take(&Progress::Step("packing the disk".to_owned()), 0);
        check(&bar, 80, "[   7 s] packing the disk");
        bar.take(&Progress::Share { done: 1, of: 4 }, 0);
        check(&bar, 80, "[   7 s] packing the disk  [######------------------]  25 %");
        bar.take(&Progress::Detail("a\u{1b}[2J".to_owned()), 0);
        bar.take(&Progress::Share { done: 9, of: 4 }, 0);
        check(&bar, 80, "[   7 s] packing the disk  [########################] 100 %  a·[2J");
        check(&bar, 20, "[   7 s] packing th");
        bar.take(&Progress::Step("the next".to_owned()), 0);
        bar.take(&Progress::Share { done: 0, of: 0 }, 0);
        check(&bar, 80, "[   7 s] the next");
    }

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
