//! What a terminal inside may tell the terminal outside: where the cursor goes, colours, what is
//! cleared. Nothing that makes a terminal answer, set its title, reach the clipboard, or name a
//! file: what it answers would be typed into whatever runs next.
//!
//! ```text
//!   Text ──ESC──▶ Escape ──[──▶ Control ──final──▶ Text
//!                    └──] P X ^ _──▶ Told ──BEL, ESC \──▶ Text      (dropped whole)
//! ```

/// A longer sequence is none that a terminal knows.
const SEQUENCE_BYTES_MAX: usize = 64;

const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// Begins U+0080 to U+00BF in UTF-8, the first half of which some terminals take for sequences.
const LATIN: u8 = 0xc2;

/// Final bytes of control sequences that move, clear, colour, insert and delete.
const FINAL: &[u8] = b"@ABCDEFGHJKLMPSTXZ`adefgmr";

/// Private modes that may be switched: cursor keys, wrapping, the cursor, the other screen, pasting.
const MODES: &[&[u8]] = &[b"1", b"7", b"12", b"25", b"47", b"1047", b"1048", b"1049", b"2004"];

/// Bytes after an escape that are whole: saving and restoring the cursor, keypad, scrolling.
const SINGLE: &[u8] = b"78=>DEM";

#[derive(Debug, Default)]
pub(super) struct Filter {
    state: State,
    /// The sequence so far, without its escape.
    sequence: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    /// After the first byte of what is a control character of the second kind, or a letter.
    Latin,
    /// One byte more, which chooses a character set.
    Charset,
    Control,
    /// Something for the terminal to know, until it ends.
    Told,
    /// An escape within that, which may be its end.
    ToldEscape,
}

impl Filter {
    pub(super) fn harmless(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut passed = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.state = self.step(*byte, &mut passed);
        }
        passed
    }

    fn step(&mut self, byte: u8, passed: &mut Vec<u8>) -> State {
        match (self.state, byte) {
            (State::Told, BEL) => State::Text,
            (State::Told, ESC) => State::ToldEscape,
            (State::ToldEscape, b'\\') => State::Text,
            (State::Told | State::ToldEscape, _) => State::Told,
            (_, ESC) => {
                self.sequence.clear();
                State::Escape
            }
            (State::Text, LATIN) => State::Latin,
            (State::Latin, 0x80..=0x9f) => State::Text,
            (State::Latin, _) => {
                passed.push(LATIN);
                self.state = State::Text;
                self.step(byte, passed)
            }
            (State::Text, b'\x08'..=b'\r' | BEL | b' '..=b'~' | 0x80..) => {
                passed.push(byte);
                State::Text
            }
            (State::Text, _) => State::Text,
            (State::Escape, b'[') => State::Control,
            (State::Escape, b']' | b'P' | b'X' | b'^' | b'_') => State::Told,
            (State::Escape, b'(' | b')') => {
                self.sequence.push(byte);
                State::Charset
            }
            (State::Escape, _) => {
                if SINGLE.contains(&byte) {
                    passed.extend([ESC, byte]);
                }
                State::Text
            }
            (State::Charset, _) => {
                if matches!(byte, b'B' | b'0') {
                    passed.extend([ESC, self.sequence[0], byte]);
                }
                State::Text
            }
            (State::Control, b' '..=b'?') if self.sequence.len() < SEQUENCE_BYTES_MAX => {
                self.sequence.push(byte);
                State::Control
            }
            (State::Control, b'@'..=b'~') => {
                if self.is_harmless(byte) {
                    passed.extend([ESC, b'[']);
                    passed.append(&mut self.sequence);
                    passed.push(byte);
                }
                State::Text
            }
            (State::Control, _) => State::Text,
        }
    }

    fn is_harmless(&self, end: u8) -> bool {
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b';' | b':');
        match self.sequence.strip_prefix(b"?") {
            Some(modes) => {
                matches!(end, b'h' | b'l') && modes.split(|byte| *byte == b';').all(is_mode)
            }
            None => FINAL.contains(&end) && self.sequence.iter().all(is_number),
        }
    }
}

fn is_mode(mode: &[u8]) -> bool {
    MODES.contains(&mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(said: &str, expected: &str) {
        let whole = Filter::default().harmless(said.as_bytes());
        assert_eq!(String::from_utf8_lossy(&whole), expected, "{said:?}");
        // However it is cut.
        let mut filter = Filter::default();
        let pieces: Vec<u8> =
            said.as_bytes().iter().flat_map(|byte| filter.harmless(&[*byte])).collect();
        assert_eq!(pieces, whole, "{said:?}");
    }

    #[test]
    fn what_draws_passes_and_what_asks_or_tells_does_not() {
        let drawn =
            "a ü 漢\r\n\t\x1b[2J\x1b[1;31mred\x1b[m\x1b[?1049h\x1b[3;4H\x1b7\x1b8\x1b(B\x08";
        check(drawn, drawn);
        check("a\x1b[6nb\x1b[cb\x1b[>cb\x1b[0xb\x1b[21tb", "abbbbb");
        check("a\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\x1bP+q\x1b\\d\x1b_x\x1b\\e", "abcde");
        check("a\x1b[?1000hb\x1b[?25;1000hc\x1b[?25lc", "abc\x1b[?25lc");
        check("a\u{9b}6nb £ \u{9d}c", "a6nb £ c");
        check("a\x05b\x0ec\x1bcd\x1bZe\x7f\x00", "abcde");
        check(&format!("a\x1b[{}mb", "1;".repeat(100)), &format!("a;{}mb", "1;".repeat(67)));
        check("a\x1b\x1b[1mb\x1b[1\x1b[2mc", "a\x1b[1mb\x1b[2mc");
    }
}
