//! Which pictures the terminal takes. It is asked once, for at most [`ANSWER_LIMIT`], and only where
//! an answer can come and a wrong one does no harm: a terminal of this machine, not inside of tmux.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use ratatui::crossterm::terminal::window_size;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Between, CellPx, Graphics, Means, Protocol};
use crate::dashboard::pace::Line;
use crate::dashboard::theme::{Depth, Glyphs, Theme};

/// For the terminal to say what it can. One that does not is drawn to with half-blocks.
const ANSWER_LIMIT: Duration = Duration::from_millis(300);
/// Longer answers are none.
const ANSWER_BYTES: usize = 4096;
/// Kitty's own question with a picture of one pixel, the size of a cell, and, because every terminal
/// answers it and answers in order, what kind of terminal it is.
const QUESTION: &str = "\u{1b}_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\u{1b}\\\u{1b}[16t\u{1b}[c";

/// What is known without asking.
struct Surroundings {
    term: String,
    program: String,
    in_tmux: bool,
    line: Line,
}

/// To be called once the terminal is in raw mode and before anybody reads keys.
pub(crate) fn detect(asked: Graphics, theme: Theme) -> Option<Means> {
    let variable = |name| std::env::var(name).unwrap_or_default();
    let surroundings = Surroundings {
        term: variable("TERM"),
        program: match variable("LC_TERMINAL") {
            program if program.is_empty() => variable("TERM_PROGRAM"),
            program => program,
        },
        in_tmux: std::env::var_os("TMUX").is_some(),
        line: Line::of_environment(),
    };
    let is_plain = theme.glyphs == Glyphs::Ascii || theme.depth == Depth::Sixteen;
    if !theme.shows_pictures() || (asked == Graphics::Auto && is_plain) {
        return None;
    }
    let between = if surroundings.in_tmux { Between::Tmux } else { Between::Nothing };
    let means = |protocol, cell| Means { protocol, between, cell };
    let protocol = match asked {
        Graphics::Blocks => return None,
        Graphics::Kitty => Protocol::Kitty,
        Graphics::Sixel => Protocol::Sixel,
        Graphics::Iterm2 => Protocol::Iterm2,
        Graphics::Auto => {
            if !surroundings.may_be_asked() {
                return None;
            }
            let answer = ask().ok()?;
            let cell = measured().or(cell(&answer)).unwrap_or_default();
            return protocol(&answer, &surroundings.program).map(|found| means(found, cell));
        }
    };
    Some(means(protocol, measured().unwrap_or_default()))
}

impl Surroundings {
    fn may_be_asked(&self) -> bool {
        let is_inner = self.in_tmux || ["tmux", "screen"].iter().any(|t| self.term.starts_with(t));
        let is_plain = matches!(&*self.term, "" | "dumb" | "linux");
        !is_inner && !is_plain && self.line == Line::Local
    }
}

/// The kernel knows the size of many terminals in pixels.
fn measured() -> Option<CellPx> {
    let size = window_size().ok()?;
    let part = |pixels: u16, cells: u16| pixels.checked_div(cells).filter(|part| *part > 0);
    Some(CellPx { width: part(size.width, size.columns)?, height: part(size.height, size.rows)? })
}

/// What the terminal says until its last answer, or until the time is over.
fn ask() -> io::Result<Vec<u8>> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(QUESTION.as_bytes())?;
    stdout.flush()?;
    let begun = Instant::now();
    let (stdin, mut answer) = (io::stdin(), Vec::new());
    while !is_whole(&answer) && answer.len() < ANSWER_BYTES {
        let left = ANSWER_LIMIT.saturating_sub(begun.elapsed());
        let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut ends = [PollFd::new(&stdin, PollFlags::IN)];
        if left.is_zero() || poll(&mut ends, Some(&wait))? == 0 {
            break;
        }
        let mut byte = [0; 1];
        // One at a time: what comes after the answer is a key, and for somebody else.
        if rustix::io::read(&stdin, &mut byte)? == 0 {
            break;
        }
        answer.push(byte[0]);
    }
    Ok(answer)
}

/// The answer to the last question: `ESC [ ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    attributes(answer).is_some()
}

/// What kind of terminal it says it is, as numbers.
fn attributes(answer: &[u8]) -> Option<Vec<u32>> {
    let text = String::from_utf8_lossy(answer);
    let inside = text.split("\u{1b}[?").skip(1).find_map(|part| {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        (part[end..].starts_with('c')).then(|| part[..end].to_owned())
    })?;
    Some(inside.split(';').filter_map(|number| number.parse().ok()).collect())
}

fn protocol(answer: &[u8], program: &str) -> Option<Protocol> {
    let text = String::from_utf8_lossy(answer);
    let attributes = attributes(answer)?;
    if text.contains("\u{1b}_Gi=31;OK\u{1b}\\") {
        return Some(Protocol::Kitty);
    }
    if matches!(program, "iTerm.app" | "iTerm2" | "WezTerm") {
        return Some(Protocol::Iterm2);
    }
    // 4 is sixel, among the attributes behind the first, which is the terminal's class.
    attributes.iter().skip(1).any(|attribute| *attribute == 4).then_some(Protocol::Sixel)
}

/// `ESC [ 6 ; HEIGHT ; WIDTH t`
fn cell(answer: &[u8]) -> Option<CellPx> {
    let text = String::from_utf8_lossy(answer);
    let inside = text.split("\u{1b}[6;").nth(1)?.split('t').next()?.to_owned();
    let (height, width) = inside.split_once(';')?;
    let cell = CellPx { width: width.parse().ok()?, height: height.parse().ok()? };
    (cell.width > 0 && cell.height > 0).then_some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(answer: &str, program: &str, expected: Option<Protocol>) {
        assert_eq!(protocol(answer.as_bytes(), program), expected, "{answer:?}");
    }

    #[test]
    fn terminals_say_what_they_can() {
        let kitty = "\u{1b}_Gi=31;OK\u{1b}\\\u{1b}[6;20;10t\u{1b}[?62;c";
        check(kitty, "", Some(Protocol::Kitty));
        check("\u{1b}_Gi=31;ENOTSUP:no\u{1b}\\\u{1b}[?62;4c", "", Some(Protocol::Sixel));
        check("\u{1b}[6;16;8t\u{1b}[?64;1;2;4;6;22c", "", Some(Protocol::Sixel));
        check("\u{1b}[?62;22c", "WezTerm", Some(Protocol::Iterm2));
        check("\u{1b}[?64;1;2;22c", "", None);
        check("\u{1b}[?4;1c", "", None);
        // Who does not answer the last question is not believed in the first.
        check("\u{1b}_Gi=31;OK\u{1b}\\", "", None);
        check("", "iTerm.app", None);
        assert_eq!(cell(kitty.as_bytes()), Some(CellPx { width: 10, height: 20 }));
        assert_eq!(cell(b"\x1b[6;0;0t"), None);
        assert!(!is_whole(b"\x1b[?62;4") && is_whole(b"\x1b[?62;4c"));
    }

    #[test]
    fn only_a_terminal_of_this_machine_is_asked() {
        let check = |term: &str, in_tmux, line, expected| {
            let (term, program) = (term.to_owned(), String::new());
            let surroundings = Surroundings { term, program, in_tmux, line };
            assert_eq!(surroundings.may_be_asked(), expected);
        };
        check("xterm-kitty", false, Line::Local, true);
        check("xterm-kitty", true, Line::Local, false);
        check("xterm-kitty", false, Line::Remote, false);
        check("tmux-256color", false, Line::Local, false);
        check("linux", false, Line::Local, false);
    }
}
