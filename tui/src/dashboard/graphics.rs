//! Pictures in the pixels of a terminal that has a way to take them: kitty's, sixel, or iTerm2's.
//!
//! ```text
//!   detect ─▶ Means ─▶ Request ─▶ gallery: raster, bytes ─▶ Exhibit ─▶ canvas ─▶ terminal
//! ```
//!
//! Cells remain what everything is laid out by: a raster covers exactly the cells that would be
//! half-blocks, and where something lies over it, half-blocks take its place. Scaling and packing
//! are the gallery's; the thread that draws copies bytes, and none where nothing changed.

mod canvas;
mod detect;
mod packing;
mod raster;
mod sixel;

use clap::ValueEnum;

pub(crate) use self::canvas::{Canvas, Placed};
pub(crate) use self::detect::detect;
pub(crate) use self::packing::{KITTY_CLEAR, pack};
pub(crate) use self::raster::{Marks, Raster};

/// What a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Graphics {
    /// What the terminal says it can, on this machine and outside of tmux.
    #[default]
    Auto,
    /// Half-blocks, which every terminal has.
    Blocks,
    Kitty,
    Sixel,
    Iterm2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Kitty,
    Sixel,
    Iterm2,
}

/// What lies between this program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Between {
    Nothing,
    /// It passes on what is wrapped, where it is told to.
    Tmux,
}

/// How pictures are given to this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Means {
    pub(crate) protocol: Protocol,
    pub(crate) between: Between,
    pub(crate) cell: CellPx,
}

/// The pixels of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellPx {
    pub(crate) width: u16,
    pub(crate) height: u16,
}

impl Default for CellPx {
    /// Of a terminal that does not say; kitty's and iTerm2's protocols scale by themselves.
    fn default() -> Self {
        Self { width: 8, height: 16 }
    }
}

#[cfg(test)]
mod tests;
