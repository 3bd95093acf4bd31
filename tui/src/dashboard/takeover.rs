//! The desktop in a person's own hands: keys, pointer and pasted text go there. What a terminal
//! cannot pass on is chosen from a list, and what cannot be taken back is said twice.

use deskbound_agent::control::Command;
use ratatui::crossterm::event::{KeyCode, KeyEvent, MouseButton, MouseEvent, MouseEventKind};

use super::bar::Bar;
use super::clipboard::Carrying;
use super::keymap::{When, Wish};
use super::line_edit::{Edited, LineEdit};
use super::question::ARM_DELAY;
use super::special::{self, Deed};
use super::steering::tell;
use super::{Cursor, Dashboard, Effect, Layer, Over, draw, hands};

/// The longest text that is pasted to a desktop in one go.
const PASTE_CHARS_MAX: usize = 2_000;
/// What has to be typed before a desktop is reset.
pub(super) const RESET_WORD: &str = "reset";

impl Dashboard {
    pub(super) fn take_over(&mut self) -> Vec<Effect> {
        self.layer = Layer::Hands { taken: false, over: Over::Nothing };
        self.cursor = Cursor::Newest;
        (self.zoom, self.centre) = (0, None);
        [tell(Command::TakeOver), vec![Effect::Mouse(true)]].concat()
    }

    /// A key while a person's hands are on the desktop.
    pub(super) fn by_hand(&mut self, key: KeyEvent) -> Vec<Effect> {
        let wish = self.keymap.wish(key, |when| when == When::Hands);
        if wish == Some(Wish::GiveBack) {
            return [tell(Command::GiveBack), self.lift_hands()].concat();
        }
        let now = self.now;
        let Layer::Hands { over, .. } = &mut self.layer else { return Vec::new() };
        match over {
            Over::Nothing if wish == Some(Wish::SpecialKeys) => *over = Over::Keys { row: 0 },
            Over::Nothing => {
                let action = hands::key(key);
                return action.map(|action| tell(Command::Hand { action })).unwrap_or_default();
            }
            Over::Keys { row } => {
                let row = *row;
                return self.in_the_list(row, key.code);
            }
            Over::Reset(line) => match line.key(key) {
                Edited::Going => {}
                Edited::Left => *over = Over::Nothing,
                Edited::Given(word) => {
                    *over = Over::Nothing;
                    if word.trim() == RESET_WORD {
                        return tell(Command::Reset);
                    }
                    self.say(format!("not reset: `{RESET_WORD}` was not typed"));
                }
            },
            Over::Awaited if key.code == KeyCode::Esc => *over = Over::Nothing,
            Over::Awaited => {}
            Over::Carried { since, .. } if now < *since + ARM_DELAY => {}
            Over::Carried { text, .. } => {
                let text = std::mem::take(text);
                *over = Over::Nothing;
                if key.code != KeyCode::Char('y') {
                    self.say("the clipboard's text stays where it was".to_owned());
                    return Vec::new();
                }
                let characters = text.chars().count();
                self.say(format!("{characters} characters given to this terminal's clipboard"));
                return vec![Effect::Carry(text)];
            }
        }
        Vec::new()
    }

    /// A key while the list of what a terminal cannot send is open.
    fn in_the_list(&mut self, row: usize, key: KeyCode) -> Vec<Effect> {
        let last = special::ROWS.len() - 1;
        let next = match key {
            KeyCode::Up => Over::Keys { row: row.saturating_sub(1) },
            KeyCode::Down => Over::Keys { row: (row + 1).min(last) },
            KeyCode::PageUp | KeyCode::Home => Over::Keys { row: 0 },
            KeyCode::PageDown | KeyCode::End => Over::Keys { row: last },
            _ => Over::Nothing,
        };
        self.lay_over(next);
        if key != KeyCode::Enter {
            return Vec::new();
        }
        match special::ROWS.get(row).map(|(_, deed)| *deed) {
            Some(Deed::Chord(chord)) => {
                let action = special::pressed(chord);
                action.map(|action| tell(Command::Hand { action })).unwrap_or_default()
            }
            Some(Deed::Carry) if self.carrying == Carrying::Never => {
                self.say("`view.clipboard` keeps the desktop's clipboard where it is".to_owned());
                Vec::new()
            }
            Some(Deed::Carry) => {
                self.lay_over(Over::Awaited);
                tell(Command::Carry)
            }
            Some(Deed::Reset) => {
                self.lay_over(Over::Reset(LineEdit::default()));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    fn lay_over(&mut self, next: Over) {
        if let Layer::Hands { over, .. } = &mut self.layer {
            *over = next;
        }
    }

    /// The text of the desktop's clipboard has come. What nobody waits for is dropped.
    pub(super) fn carried(&mut self, text: String) {
        let since = self.now;
        if let Layer::Hands { over: over @ Over::Awaited, .. } = &mut self.layer {
            *over = Over::Carried { text, since };
        }
    }

    /// The desktop did not take what was done by hand.
    pub(super) fn not_taken(&mut self, why: &str) {
        if let Layer::Hands { over: over @ Over::Awaited, .. } = &mut self.layer {
            *over = Over::Nothing;
        }
        if matches!(self.layer, Layer::Hands { .. }) {
            self.say(format!("not taken: {why}"));
        }
    }

    /// The pointer, while a person's hands are on the desktop.
    pub(super) fn pointed(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        match self.layer {
            Layer::Hands { .. } => {}
            Layer::None if self.mouse => {
                self.clicked(mouse);
                return Vec::new();
            }
            _ => return Vec::new(),
        }
        let Some(at) = draw::pixel_under(self, mouse.column, mouse.row) else {
            return Vec::new();
        };
        let actions = hands::pointer(mouse.kind, at);
        actions.into_iter().flat_map(|action| tell(Command::Hand { action })).collect()
    }

    /// The wheel scrolls what is under the pointer, and a click chooses it.
    fn clicked(&mut self, mouse: MouseEvent) {
        let Some(pane) = draw::pane_under(self, mouse.column, mouse.row) else { return };
        match mouse.kind {
            MouseEventKind::ScrollUp | MouseEventKind::ScrollDown => {
                let by = if mouse.kind == MouseEventKind::ScrollUp { -1 } else { 1 };
                let before = std::mem::replace(&mut self.pane, pane);
                self.scroll(by);
                self.pane = before;
            }
            MouseEventKind::Down(MouseButton::Left) => {
                self.pane = pane;
                if let Some(index) = draw::moment_under(self, mouse.row) {
                    self.go(Cursor::At(index));
                }
            }
            _ => {}
        }
    }

    pub(super) fn pasted(&mut self, text: String) -> Vec<Effect> {
        match &mut self.layer {
            Layer::Prompt(line) | Layer::Find(line) | Layer::Command(Bar { line, .. }) => {
                line.paste(&text);
                Vec::new()
            }
            // Meant for the desktop, and not for what lies over it.
            Layer::Hands { over, .. } if *over != Over::Nothing => Vec::new(),
            Layer::Hands { .. } if text.chars().count() <= PASTE_CHARS_MAX => {
                self.say(format!("{} characters pasted to the desktop", text.chars().count()));
                let action = deskbound_agent::action::Action::Type { text };
                tell(Command::Hand { action })
            }
            Layer::Hands { .. } => {
                self.say(format!("that is more than {PASTE_CHARS_MAX} characters: not pasted"));
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn lift_hands(&mut self) -> Vec<Effect> {
        self.layer = Layer::None;
        vec![Effect::Mouse(self.mouse)]
    }
}
