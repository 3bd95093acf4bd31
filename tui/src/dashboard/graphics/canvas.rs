//! What of pictures is on the terminal now: nothing is sent twice, and nothing is left behind.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ratatui::layout::Rect;

use super::packing::{KITTY_CLEAR, through};
use super::{Between, Means, Protocol};

/// Packed bytes, and the cells they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) place: Rect,
}

/// What goes through tmux is shown where the terminal's own cursor is, which tmux moves to that of
/// the pane only once it has nothing else to do; nothing tells when it has.
const TMUX_SETTLES: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
pub(crate) struct Canvas {
    shown: Option<Placed>,
}

impl Canvas {
    /// Whether cells under the picture that is shown are needed for something else.
    pub(crate) fn is_in_the_way(&self, wanted: Option<&Placed>) -> bool {
        let shown = self.shown.as_ref().map(|shown| shown.place);
        shown.is_some() && shown != wanted.map(|wanted| wanted.place)
    }

    /// Takes away what would stay where cells are cleared.
    pub(crate) fn remove(&mut self, means: Means, out: &mut impl Write) -> io::Result<()> {
        self.shown = None;
        match means.protocol {
            Protocol::Kitty => {
                out.write_all(through(means.between, KITTY_CLEAR.to_owned()).as_bytes())
            }
            // These lie in the cells.
            Protocol::Sixel | Protocol::Iterm2 => Ok(()),
        }
    }

    /// Shows a picture where it is not shown yet; tells whether anything was sent.
    pub(crate) fn show(
        &mut self,
        wanted: Option<Placed>,
        between: Between,
        out: &mut impl Write,
    ) -> io::Result<bool> {
        let Some(wanted) = wanted.filter(|wanted| self.shown.as_ref() != Some(wanted)) else {
            return Ok(false);
        };
        let (row, column) = (wanted.place.y + 1, wanted.place.x + 1);
        write!(out, "\u{1b}7\u{1b}[{row};{column}H")?;
        if between == Between::Tmux {
            out.flush()?;
            thread::sleep(TMUX_SETTLES);
        }
        out.write_all(&wanted.bytes)?;
        out.write_all(b"\x1b8")?;
        self.shown = Some(wanted);
        Ok(true)
    }
}
