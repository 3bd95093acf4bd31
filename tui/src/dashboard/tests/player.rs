//! The whole view on a terminal made of memory: keys in, a screen out. Pictures are fetched by the
//! real curator, at once.

use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Size;
use ratatui::style::Color;

use super::super::clipboard::Carrying;
use super::super::draw::draw;
use super::super::gallery::Curator;
use super::super::graphics::Graphics;
use super::super::theme::{Depth, Glyphs, Palette, Theme};
use super::super::{Dashboard, Effect, Event, Face, Tense};
use super::sample::Recorded;

pub(super) const COLOURS: Theme =
    Theme { palette: Palette::Terminal, glyphs: Glyphs::Unicode, depth: Depth::True };
pub(super) const NO_COLOUR: Theme = Theme { palette: Palette::None, ..COLOURS };
pub(super) const ASCII: Theme = Theme { glyphs: Glyphs::Ascii, ..COLOURS };

pub(super) fn face(theme: Theme) -> Face {
    let carrying = Carrying::default();
    Face { theme, keymap: Arc::default(), graphics: Graphics::Blocks, carrying }
}

pub(super) struct Player {
    pub(super) dashboard: Dashboard,
    curator: Curator,
    terminal: Terminal<TestBackend>,
    /// What was asked for and is not for the gallery.
    pub(super) effects: Vec<Effect>,
}

impl Player {
    pub(super) fn open(
        recorded: &Recorded,
        tense: Tense,
        theme: Theme,
        (width, height): (u16, u16),
    ) -> Self {
        let mut player = Self {
            dashboard: Dashboard::new(tense, face(theme)),
            curator: Curator::new(recorded.run().to_owned()),
            terminal: Terminal::new(TestBackend::new(width, height)).unwrap(),
            effects: Vec::new(),
        };
        player.give(Event::Resized(Size { width, height }));
        player.give(Event::Told(recorded.entries()));
        player
    }

    pub(super) fn give(&mut self, event: Event) {
        for effect in self.dashboard.update(event) {
            match effect {
                Effect::Fetch(request) => {
                    let exhibit = self.curator.fetch(request);
                    self.give(Event::Fetched(Box::new(exhibit)));
                }
                other => self.effects.push(other),
            }
        }
    }

    /// `j`, `Ctrl-z`, `Tab`, `End`, …, with spaces between.
    pub(super) fn press(&mut self, keys: &str) {
        for key in keys.split(' ') {
            self.give(Event::Key(stroke(key)));
        }
    }

    /// The terminal is another size already; the view does not know yet.
    pub(super) fn resize_only(&mut self, (width, height): (u16, u16)) {
        self.terminal.backend_mut().resize(width, height);
    }

    pub(super) fn buffer(&mut self) -> Buffer {
        let dashboard = &self.dashboard;
        self.terminal.draw(|frame| draw(dashboard, frame)).unwrap();
        self.terminal.backend().buffer().clone()
    }

    pub(super) fn cursor(&mut self) -> (u16, u16) {
        self.buffer();
        let at = self.terminal.get_cursor_position().unwrap();
        (at.x, at.y)
    }

    pub(super) fn text(&mut self) -> String {
        text(&self.buffer())
    }
}

fn stroke(key: &str) -> KeyEvent {
    let (modifiers, key) = match key.strip_prefix("Ctrl-") {
        Some(key) => (KeyModifiers::CONTROL, key),
        None => (KeyModifiers::NONE, key),
    };
    let code = match key {
        "Tab" => KeyCode::Tab,
        "Esc" => KeyCode::Esc,
        "Enter" => KeyCode::Enter,
        "Space" => KeyCode::Char(' '),
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "End" => KeyCode::End,
        "Home" => KeyCode::Home,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        key => KeyCode::Char(key.chars().next().expect("a key")),
    };
    KeyEvent::new(code, modifiers)
}

pub(super) fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut text = String::new();
    for row in buffer.content.chunks(width) {
        let mut skip = 0;
        let mut line = String::new();
        for cell in row {
            if skip == 0 {
                line += cell.symbol();
                skip = super::super::draw::text::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// The text, and below it how it is written: one letter a cell, and what the letters mean.
pub(super) fn with_styles(buffer: &Buffer) -> String {
    let mut shown = text(buffer);
    let mut legend: Vec<String> = Vec::new();
    shown.push('\n');
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let letters: String = row.iter().map(|cell| letter(&mut legend, cell)).collect();
        shown += letters.trim_end_matches('.');
        shown.push('\n');
    }
    for (letter, style) in ('A'..).zip(legend) {
        let _ = writeln!(shown, "{letter} {style}");
    }
    shown
}

/// The same, with how it is written as runs: `A3 .12 #40`.
pub(super) fn with_runs(buffer: &Buffer) -> String {
    let (mut shown, mut legend) = (text(buffer), Vec::new());
    shown.push('\n');
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let letters: Vec<char> = row.iter().map(|cell| letter(&mut legend, cell)).collect();
        let runs = letters.chunk_by(|one, other| one == other);
        let runs: Vec<String> = runs.map(|run| format!("{}{}", run[0], run.len())).collect();
        let _ = writeln!(shown, "{}", runs.join(" "));
    }
    for (letter, style) in ('A'..).zip(legend) {
        let _ = writeln!(shown, "{letter} {style}");
    }
    shown
}

/// A dot is plain text, `#` a picture.
fn letter(legend: &mut Vec<String>, cell: &Cell) -> char {
    if matches!(cell.bg, Color::Rgb(..)) {
        return '#';
    }
    let style = match (cell.fg, cell.bg, cell.modifier) {
        (Color::Reset, Color::Reset, none) if none.is_empty() => return '.',
        (fg, Color::Reset, modifier) => format!("{fg} {modifier:?}"),
        (fg, bg, modifier) => format!("{fg} on {bg} {modifier:?}"),
    };
    let index = legend.iter().position(|known| *known == style).unwrap_or_else(|| {
        legend.push(style);
        legend.len() - 1
    });
    char::from(b'A' + index as u8)
}
