//! A person's hands: what is pressed and pointed at in a terminal, as input for the desktop.
//!
//! A terminal tells of presses only, so every key is pressed and let go at once, and nothing can
//! stay held. Only the pointer's buttons are held, from a press until a release.

use deskbound_accessibility::ScreenPx;
use deskbound_agent::action::{Action, Button, Chord, Direction, Pressed};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

/// What a key does to the desktop; `None` of one that has no place on a keyboard.
pub(crate) fn key(key: KeyEvent) -> Option<Action> {
    let held = key.modifiers;
    let plain = (held - KeyModifiers::SHIFT).is_empty();
    if let KeyCode::Char(character) = key.code
        && plain
        && character != ' '
    {
        return Some(Action::Type { text: character.to_string() });
    }
    let name = match key.code {
        KeyCode::Char(' ') => "Space".to_owned(),
        KeyCode::Char(character) => character.to_string(),
        KeyCode::F(number) => format!("F{number}"),
        KeyCode::Enter => "Return".to_owned(),
        KeyCode::Backspace => "BackSpace".to_owned(),
        KeyCode::Esc => "Escape".to_owned(),
        KeyCode::BackTab => "shift+Tab".to_owned(),
        KeyCode::Tab => "Tab".to_owned(),
        KeyCode::Delete => "Delete".to_owned(),
        KeyCode::Insert => "Insert".to_owned(),
        KeyCode::Home => "Home".to_owned(),
        KeyCode::End => "End".to_owned(),
        KeyCode::PageUp => "PageUp".to_owned(),
        KeyCode::PageDown => "PageDown".to_owned(),
        KeyCode::Left => "Left".to_owned(),
        KeyCode::Right => "Right".to_owned(),
        KeyCode::Up => "Up".to_owned(),
        KeyCode::Down => "Down".to_owned(),
        _ => return None,
    };
    let mut chord = String::new();
    for (modifier, word) in [
        (KeyModifiers::CONTROL, "ctrl+"),
        (KeyModifiers::ALT, "alt+"),
        (KeyModifiers::SUPER, "super+"),
        (KeyModifiers::SHIFT, "shift+"),
    ] {
        if held.contains(modifier) && !(word == "shift+" && name.starts_with("shift+")) {
            chord += word;
        }
    }
    let chord: Chord = (chord + &name).parse().ok()?;
    Some(Action::chord(chord))
}

/// What the pointer does at a pixel.
pub(crate) fn pointer(kind: MouseEventKind, at: ScreenPx) -> Vec<Action> {
    let pointed = Action::Move { to: at };
    let scrolled = |direction| vec![Action::Scroll { at, direction, notches: 1 }];
    match kind {
        MouseEventKind::Down(button) => {
            vec![pointed, Action::Button { button: which(button), pressed: Pressed::Down }]
        }
        MouseEventKind::Up(button) => {
            vec![pointed, Action::Button { button: which(button), pressed: Pressed::Up }]
        }
        MouseEventKind::Drag(_) | MouseEventKind::Moved => vec![pointed],
        MouseEventKind::ScrollUp => scrolled(Direction::Up),
        MouseEventKind::ScrollDown => scrolled(Direction::Down),
        MouseEventKind::ScrollLeft => scrolled(Direction::Left),
        MouseEventKind::ScrollRight => scrolled(Direction::Right),
    }
}

fn which(button: MouseButton) -> Button {
    match button {
        MouseButton::Left => Button::Left,
        MouseButton::Middle => Button::Middle,
        MouseButton::Right => Button::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_what_a_keyboard_would_give() {
        use KeyModifiers as Held;
        for (code, held, expected) in [
            (KeyCode::Char('a'), Held::NONE, "type “a”"),
            (KeyCode::Char('Ü'), Held::SHIFT, "type “Ü”"),
            (KeyCode::Char('s'), Held::CONTROL, "press ctrl+s"),
            (KeyCode::Char(' '), Held::NONE, "press Space"),
            (KeyCode::Enter, Held::NONE, "press Return"),
            (KeyCode::BackTab, Held::SHIFT, "press shift+Tab"),
            (KeyCode::Left, Held::CONTROL | Held::SHIFT, "press ctrl+shift+Left"),
            (KeyCode::F(4), Held::ALT, "press alt+F4"),
            (KeyCode::Delete, Held::CONTROL | Held::ALT, "press ctrl+alt+Delete"),
        ] {
            let action = key(KeyEvent::new(code, held)).unwrap();
            assert_eq!(action.to_string().to_lowercase(), expected.to_lowercase());
        }
        assert_eq!(key(KeyEvent::new(KeyCode::CapsLock, Held::NONE)), None);
    }
}
