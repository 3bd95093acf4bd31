//! `key`: keys as a person says them, pressed together once.

use deskbound_models::ModelError;

use super::press::changed;
use super::{Seen, Skill, SkillMove};
use crate::action::{Action, Chord};
use crate::memory::Touched;

/// Words that name no key.
const FILLERS: [&str; 4] = ["the", "key", "and", "bar"];

pub(super) struct Key {
    chord: Chord,
    pressed: bool,
}

impl Key {
    pub(super) fn new(said: &str) -> Result<Self, String> {
        let shown = crate::sanitize::line(said);
        let chord = chord(said).ok_or_else(|| format!("I do not know the key “{shown}”"))?;
        Ok(Self { chord, pressed: false })
    }
}

/// `control c`, `Ctrl-C`, `page down` and `Ctrl+Shift+F`.
fn chord(said: &str) -> Option<Chord> {
    if let Ok(chord) = said.trim().parse() {
        return Some(chord);
    }
    let lower = said.to_lowercase();
    let words = lower.split(|c: char| c.is_whitespace() || "+-".contains(c));
    let words = words.filter(|word| !word.is_empty() && !FILLERS.contains(word));
    let mut keys: Vec<String> = Vec::new();
    for word in words {
        match (keys.last_mut(), word) {
            (Some(last), "up" | "down") if last == "page" || last == "arrow" => {
                *last = if last == "page" { format!("page_{word}") } else { word.to_owned() };
            }
            (Some(last), "arrow") if is_direction(last) => {}
            (Some(last), side) if last == "arrow" && is_direction(side) => side.clone_into(last),
            (Some(last), "space") if last == "back" => "backspace".clone_into(last),
            (_, "plus") => keys.push("plus".to_owned()),
            (_, word) => keys.push(word.to_owned()),
        }
    }
    keys.join("+").parse().ok()
}

fn is_direction(word: &str) -> bool {
    matches!(word, "up" | "down" | "left" | "right")
}

impl Skill for Key {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if self.pressed {
            let chord = &self.chord;
            return Ok(match seen.misses {
                0 => SkillMove::Done {
                    evidence: format!("{chord} was pressed, and the screen changed"),
                    touched: Touched::Nothing,
                },
                _ => SkillMove::failed(format!("{chord} was pressed, and nothing changed")),
            });
        }
        if seen.view.front().is_none() {
            return Ok(SkillMove::failed("no window is in front"));
        }
        self.pressed = true;
        let expect = changed(seen.view, format!("{} does something", self.chord));
        Ok(SkillMove::act([Action::chord(self.chord.clone())], expect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_said() {
        for (said, expected) in [
            ("ctrl+s", Some("ctrl+s")),
            ("control c", Some("ctrl+c")),
            ("Ctrl-Shift-F", Some("ctrl+shift+f")),
            ("the Enter key", Some("Return")),
            ("page down", Some("PageDown")),
            ("the up arrow", Some("Up")),
            ("arrow left", Some("Left")),
            ("the space bar", Some("Space")),
            ("alt and F4", Some("alt+F4")),
            ("any key", None),
            ("", None),
        ] {
            let found = chord(said).map(|chord| chord.to_string().to_lowercase());
            assert_eq!(found, expected.map(str::to_lowercase), "{said}");
        }
    }
}
