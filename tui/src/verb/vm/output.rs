//! What a command inside a desktop says, on its way to this program's own output: as it is into a
//! pipe or a file, line by line and harmless onto a terminal.

use std::io::{self, IsTerminal, Write};

use crate::terminal;

/// A line longer than this is shown in parts.
const LINE_BYTES_MAX: usize = 64 * 1024;

pub(super) struct Output<W> {
    to: W,
    is_terminal: bool,
    /// The beginning of a line whose end has not come yet; only for a terminal.
    begun: Vec<u8>,
}

impl<W: Write + IsTerminal> Output<W> {
    pub(super) fn new(to: W) -> Self {
        Self { is_terminal: to.is_terminal(), to, begun: Vec::new() }
    }
}

impl<W: Write> Output<W> {
    pub(super) fn pass_on(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.is_terminal {
            self.to.write_all(bytes)?;
            return self.to.flush();
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") || self.begun.len() > LINE_BYTES_MAX {
                self.finish()?;
            }
        }
        Ok(())
    }

    /// Shows a line that has no end.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let (line, end) = match self.begun.strip_suffix(b"\n") {
            Some(line) => (line, "\n"),
            None => (&*self.begun, ""),
        };
        let shown = terminal::harmless(&String::from_utf8_lossy(line));
        self.begun.clear();
        write!(self.to, "{shown}{end}")?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is_terminal: bool, parts: &[&[u8]], expected: &[u8]) {
        let mut output = Output { to: Vec::new(), is_terminal, begun: Vec::new() };
        for part in parts {
            output.pass_on(part).unwrap();
        }
        output.finish().unwrap();
        assert_eq!(output.to, expected, "{parts:?}");
    }

    #[test]
    fn a_terminal_gets_harmless_lines_and_a_pipe_the_bytes() {
        let parts: &[&[u8]] = &[b"a \x1b[2J", b"b\nc \xc3", b"\xbc \xff\n\n", b"no end \xc2\x9b"];
        check(true, parts, "a ·[2Jb\nc ü \u{fffd}\n\nno end ·".as_bytes());
        check(false, parts, &parts.concat());
        check(true, &[], b"");
        let long = vec![b'x'; LINE_BYTES_MAX + 2];
        check(true, &[&long, b"\n"], &[&long[..], b"\n"].concat());
    }
}
