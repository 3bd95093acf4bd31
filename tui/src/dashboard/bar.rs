//! The command bar: everything a key does, by its name, and a few things that want a word more.
//! What is offered is read from the table of keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::keymap::{Keymap, When, Wish};
use super::line_edit::{Edited, LineEdit};
use super::theme::Theme;

/// Commands that want a word more, and what that is.
const WORDED: [(&str, &str, When); 4] = [
    ("go", "NUMBER: to this step", When::View),
    ("find", "TEXT: to the next step that says this", When::View),
    ("say", "TEXT: tell the models something", When::Steering),
    ("theme", "NAME: terminal, dark, light, contrast, safe", When::Everywhere),
];

/// What is being typed, and which of the commands that fit is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) line: LineEdit,
    pub(crate) chosen: usize,
}

/// A command that fits what is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) name: &'static str,
    pub(crate) key: String,
    pub(crate) help: &'static str,
    wish: Option<Wish>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Going,
    Left,
    Wish(Wish),
    Go(usize),
    Find(String),
    Say(String),
    Theme(String),
    /// Not understood; why.
    Nothing(String),
}

impl Typed {
    /// Where there is no run: a theme is put on and a failure noted, and the rest is a wish.
    pub(crate) fn without_a_run(
        self,
        theme: &mut Theme,
        notice: &mut Option<String>,
    ) -> Option<Wish> {
        match self {
            Self::Wish(wish) => return Some(wish),
            Self::Theme(name) => match theme.named(&name) {
                Ok(named) => *theme = named,
                Err(why) => *notice = Some(why),
            },
            Self::Nothing(why) => *notice = Some(why),
            // Of those nothing is offered without a run.
            Self::Going | Self::Left | Self::Go(_) | Self::Find(_) | Self::Say(_) => {}
        }
        None
    }
}

impl Bar {
    /// The commands that fit: those that begin so first, then those that have it in them.
    pub(crate) fn offers(&self, keymap: &Keymap, holds: impl Fn(When) -> bool) -> Vec<Offer> {
        let text = self.line.text();
        let word = text.split_whitespace().next().unwrap_or_default();
        let rows = keymap.valid(&holds).filter(|row| row.binding.wish != Wish::Commands);
        let mut offers: Vec<Offer> = rows
            .map(|row| Offer {
                name: row.binding.name,
                key: row.key(),
                help: row.binding.help,
                wish: Some(row.binding.wish),
            })
            .collect();
        for (name, help, when) in WORDED {
            // `find` and `theme` alone are keys, too: the words go to the same row.
            if holds(when) && !offers.iter().any(|offer| offer.name == name) {
                offers.push(Offer { name, key: String::new(), help, wish: None });
            }
        }
        offers.retain(|offer| offer.name.contains(word));
        offers.sort_by_key(|offer| (offer.name != word, !offer.name.starts_with(word)));
        offers
    }

    /// A key, where these conditions hold.
    pub(crate) fn pressed(
        &mut self,
        key: KeyEvent,
        keymap: &Keymap,
        holds: impl Fn(When) -> bool,
    ) -> Typed {
        let offers = self.offers(keymap, holds);
        self.key(key, &offers)
    }

    fn key(&mut self, key: KeyEvent, offers: &[Offer]) -> Typed {
        let last = offers.len().saturating_sub(1);
        let chosen = offers.get(self.chosen.min(last));
        match key.code {
            KeyCode::Up => self.chosen = self.chosen.min(last).saturating_sub(1),
            KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Tab => {
                if let Some(offer) = chosen {
                    self.line = LineEdit::default();
                    self.line.paste(&format!("{} ", offer.name));
                    self.chosen = 0;
                }
            }
            _ => match self.line.key(key) {
                Edited::Going => self.chosen = 0,
                Edited::Left => return Typed::Left,
                Edited::Given(text) => return given(&text, chosen),
            },
        }
        Typed::Going
    }
}

fn given(text: &str, chosen: Option<&Offer>) -> Typed {
    let (_, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let Some(offer) = chosen else {
        return Typed::Nothing(format!("`{text}` is no command that means something now"));
    };
    let wants = |what: &str| Typed::Nothing(format!("`{}` wants {what}", offer.name));
    match (offer.name, offer.wish) {
        ("go", _) => match rest.parse() {
            Ok(number) => Typed::Go(number),
            Err(_) => wants("the number of a step"),
        },
        ("find", _) if !rest.is_empty() => Typed::Find(rest.to_owned()),
        ("theme", _) if !rest.is_empty() => Typed::Theme(rest.to_owned()),
        ("say", _) if !rest.is_empty() => Typed::Say(rest.to_owned()),
        (_, Some(wish)) => Typed::Wish(wish),
        (_, None) => wants("a text"),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::crossterm::event::KeyModifiers;

    use super::*;

    /// What comes of keys, where a run that is over is looked at.
    fn check(keys: &str, expected: Typed) {
        let (keymap, mut bar) = (Keymap::default(), Bar::default());
        let holds = |when| matches!(when, When::Everywhere | When::View | When::Past);
        let mut typed = Typed::Going;
        for key in keys.split(' ') {
            let code = match key {
                "Tab" => KeyCode::Tab,
                "Down" => KeyCode::Down,
                "Enter" => KeyCode::Enter,
                "Esc" => KeyCode::Esc,
                "_" => KeyCode::Char(' '),
                key => KeyCode::Char(key.chars().next().unwrap()),
            };
            let offers = bar.offers(&keymap, holds);
            typed = bar.key(KeyEvent::new(code, KeyModifiers::NONE), &offers);
        }
        assert_eq!(typed, expected, "{keys}");
    }

    #[test]
    fn names_are_completed_and_obeyed() {
        check("z o o Enter", Typed::Wish(Wish::ZoomIn));
        check("z o o Down Enter", Typed::Wish(Wish::ZoomOut));
        check("o u t Tab Enter", Typed::Wish(Wish::Outline));
        check("g o _ 1 2 Enter", Typed::Go(12));
        check("f i n d _ a _ b Enter", Typed::Find("a b".to_owned()));
        check("f i n d Enter", Typed::Wish(Wish::Find));
        check("t h e m e _ d a r k Enter", Typed::Theme("dark".to_owned()));
        check("g o Enter", Typed::Nothing("`go` wants the number of a step".to_owned()));
        check("x y z Enter", {
            Typed::Nothing("`xyz` is no command that means something now".to_owned())
        });
        check("q Esc", Typed::Left);
        // What cannot be done now is not offered: nobody steers a run that is over.
        check("s a y _ x Enter", {
            Typed::Nothing("`say x` is no command that means something now".to_owned())
        });
    }
}
