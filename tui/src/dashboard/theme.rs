//! Colours and glyphs. Styles name the sixteen colours that every terminal has. The theme says what
//! a name means: by itself the terminal's own colour, which suits its background; else one of a set
//! that is made to be read together.
//!
//! What a terminal cannot show is taken away at the very end, from the whole buffer ([`Theme::finish`]):
//! no pane has to know, and none can forget. Without colour, what is selected is reversed and what
//! is urgent is bold.

mod palette;

use clap::ValueEnum;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use self::palette::Shades;
use super::phase::Phase;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Palette {
    /// The terminal's own colours.
    #[default]
    Terminal,
    Dark,
    Light,
    /// Seven to one at least.
    Contrast,
    /// For the colour blind.
    Safe,
    /// No colour at all, as `NO_COLOR` asks.
    None,
}

/// How many colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    True,
    Sixteen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyphs {
    Unicode,
    Ascii,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Theme {
    pub(crate) palette: Palette,
    pub(crate) glyphs: Glyphs,
    pub(crate) depth: Depth,
}

impl Theme {
    /// What was asked for, as far as the environment lets it: `NO_COLOR`, a terminal without
    /// abilities, a locale without UTF-8.
    pub(crate) fn of_environment(asked: Palette, ascii: bool) -> Self {
        let variable = |name| std::env::var(name).unwrap_or_default();
        let term = variable("TERM");
        let dumb = term == "dumb";
        let palette = match !variable("NO_COLOR").is_empty() || dumb {
            true => Palette::None,
            false => asked,
        };
        let few =
            matches!(&*term, "linux" | "xterm" | "screen" | "rxvt" | "ansi" | "vt100" | "vt220");
        // xterm names itself modestly, and takes every colour.
        let says_more =
            ["COLORTERM", "XTERM_VERSION"].into_iter().any(|name| !variable(name).is_empty());
        let depth = match (few || term.ends_with("-16color")) && !says_more {
            true => Depth::Sixteen,
            false => Depth::True,
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable);
        let locale = locale.iter().find(|value| !value.is_empty());
        let utf8 = locale.is_none_or(|value| is_utf8(value));
        let glyphs = if ascii || dumb || !utf8 { Glyphs::Ascii } else { Glyphs::Unicode };
        Self { palette, glyphs, depth }
    }

    /// Whether a picture of coloured cells says anything here.
    pub(crate) fn shows_pictures(self) -> bool {
        self.palette != Palette::None
    }

    /// One by its name; where the terminal shows no colours, there is but one.
    pub(crate) fn named(self, name: &str) -> Result<Self, String> {
        match Palette::from_str(name, true) {
            Ok(palette) if self.shows_pictures() => Ok(Self { palette, ..self }),
            Ok(_) => Err("this terminal is to show no colours".to_owned()),
            Err(_) => Err(format!("`{name}` is no theme")),
        }
    }

    /// The next one to be tried; where there are no colours, there is no other.
    pub(crate) fn next(self) -> Self {
        let palette = match self.palette {
            Palette::Terminal => Palette::Dark,
            Palette::Dark => Palette::Light,
            Palette::Light => Palette::Contrast,
            Palette::Contrast => Palette::Safe,
            Palette::Safe => Palette::Terminal,
            Palette::None => Palette::None,
        };
        Self { palette, ..self }
    }

    /// For people.
    pub(crate) fn name(self) -> String {
        let name = self.palette.to_possible_value();
        name.map(|name| name.get_name().to_owned()).unwrap_or_default()
    }

    fn shades(self) -> Option<&'static Shades> {
        match self.palette {
            Palette::Dark => Some(&palette::DARK),
            Palette::Light => Some(&palette::LIGHT),
            Palette::Contrast => Some(&palette::CONTRAST),
            Palette::Safe => Some(&palette::SAFE),
            Palette::Terminal | Palette::None => None,
        }
    }

    /// Takes away what this terminal cannot show.
    pub(crate) fn finish(self, buffer: &mut Buffer) {
        // Sixteen colours are the terminal's own: others would be rounded to them.
        let shades = self.shades().filter(|_| self.depth == Depth::True);
        for cell in &mut buffer.content {
            if self.palette == Palette::None {
                (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
            }
            if let Some(shades) = shades {
                (cell.fg, cell.bg) = (shades.text(cell.fg), shades.ground(cell.bg));
            }
            if self.depth == Depth::Sixteen {
                (cell.fg, cell.bg) = (palette::sixteen(cell.fg), palette::sixteen(cell.bg));
            }
            if self.glyphs == Glyphs::Ascii && !cell.symbol().is_ascii() {
                let shown = cell.symbol().chars().next().map_or(' ', ascii);
                cell.set_char(shown);
            }
        }
    }
}

/// `C` and `POSIX` mean bytes; a name without a character set is taken for one of today.
fn is_utf8(locale: &str) -> bool {
    let upper = locale.to_uppercase();
    match upper.split_once('.') {
        Some((_, set)) => set.starts_with("UTF-8") || set.starts_with("UTF8"),
        None => !matches!(upper.as_str(), "C" | "POSIX"),
    }
}

/// Beside a text, such as rules, numbers and times.
pub(crate) fn quiet() -> Style {
    Style::new().fg(Color::DarkGray)
}

pub(crate) fn title() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

pub(crate) fn key() -> Style {
    Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD)
}

pub(crate) fn selected() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

pub(crate) fn good() -> Style {
    Style::new().fg(Color::Green)
}

pub(crate) fn warning() -> Style {
    Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD)
}

pub(crate) fn alarm() -> Style {
    Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
}

/// Where the next action goes: seen on dark and on light pictures alike.
pub(crate) fn target() -> Style {
    Style::new().fg(Color::Rgb(0, 0, 0)).bg(Color::Rgb(255, 214, 0)).add_modifier(Modifier::BOLD)
}

/// The word of a state.
pub(crate) fn badge(phase: Phase) -> Style {
    let style = Style::new().fg(Color::Black).bg(phase.colour());
    style.add_modifier(Modifier::BOLD)
}

/// What stands for a glyph where there is only ASCII.
fn ascii(glyph: char) -> char {
    match glyph {
        '─' | '━' | '–' | '—' | '╌' => '-',
        '│' | '┃' | '┊' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' | '┬' | '┴' | '┼' | '╭' | '╮' | '╰' | '╯' | '✛' => {
            '+'
        }
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '…' | '·' => '.',
        '•' => '*',
        '○' => 'o',
        '◎' => 'O',
        '◆' => '~',
        '▶' | '▸' | '›' | '→' => '>',
        '◂' | '‹' | '←' => '<',
        '↑' => '^',
        '↓' => 'v',
        '‖' => '=',
        '◉' => '@',
        '●' | '▌' => '*',
        '✓' => '+',
        '✗' | '×' => 'x',
        '∅' => '0',
        '◔' => '%',
        '■' | '█' => '#',
        '▀' | '▄' => ' ',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn every_state_differs_from_every_other_without_colour_and_in_ascii() {
        for (index, one) in Phase::ALL.into_iter().enumerate() {
            for other in &Phase::ALL[index + 1..] {
                assert_ne!(one.word(), other.word());
                assert_ne!(one.glyph(), other.glyph());
                assert_ne!(plain(one), plain(*other), "{one:?} {other:?}");
            }
        }
    }

    fn plain(phase: Phase) -> char {
        let glyph = phase.glyph();
        if glyph.is_ascii() { glyph } else { ascii(glyph) }
    }

    #[test]
    fn what_a_terminal_cannot_show_is_taken_away_and_the_selection_stays() {
        let theme = Theme { palette: Palette::None, glyphs: Glyphs::Ascii, depth: Depth::True };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
        buffer.set_string(0, 0, "▶ “文”", Style::new().fg(Color::Red).bg(Color::Blue));
        buffer.set_style(buffer.area, selected());
        theme.finish(&mut buffer);
        let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "> \"? \"");
        for cell in &buffer.content {
            assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
            assert!(cell.modifier.contains(Modifier::REVERSED));
        }
    }

    #[test]
    fn the_locale_says_whether_glyphs_can_be_shown() {
        for (locale, expected) in
            [("C.UTF-8", true), ("de_DE.utf8", true), ("C", false), ("en_US.ISO-8859-1", false)]
        {
            assert_eq!(is_utf8(locale), expected, "{locale}");
        }
    }
}
