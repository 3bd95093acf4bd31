//! How a view is to look: flags of every verb that opens one.

use std::sync::Arc;

use clap::Args;

use crate::dashboard::Face;
use crate::dashboard::clipboard::Carrying;
use crate::dashboard::graphics::Graphics;
use crate::dashboard::theme::{Palette, Theme};
use crate::verb::Setting;

#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Looks {
    /// Draw with the characters of ASCII alone.
    #[arg(long)]
    ascii: bool,
    /// The colours of the dashboard.
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Palette::Terminal)]
    theme: Palette,
    /// How the dashboard draws the screen.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Graphics::Auto)]
    graphics: Graphics,
    /// Whether text of the desktop's clipboard may go to the terminal's (OSC 52).
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Carrying::Ask)]
    clipboard: Carrying,
}

impl Looks {
    pub(crate) fn face(self, setting: &Setting) -> Face {
        Face {
            theme: Theme::of_environment(self.theme, self.ascii),
            keymap: Arc::clone(&setting.keymap),
            graphics: self.graphics,
            carrying: self.clipboard,
        }
    }
}
