//! `prepend`, `replace` and `delete_line`: a file's text changed in the editor, and saved
//! unless it is to be saved elsewhere.
//!
//! What the file is to say is known before anything is typed, so it can be compared afterwards.

use deskbound_models::ModelError;

use super::document::{Document, Leave};
use super::{Expect, Seen, Skill, SkillMove, editor, path::base, things};
use crate::action::Action;
use crate::memory::Touched;

/// The longest text that is typed anew.
const TYPED_CHARS: usize = 4_000;
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

/// What is to become of a text.
pub(super) enum Change {
    Prepend {
        line: String,
    },
    Replace {
        sought: String,
        value: String,
    },
    /// A line by what it says.
    DeleteText {
        line: String,
    },
    /// A line by its place, as it was said.
    DeleteAt {
        place: String,
    },
}

impl Change {
    /// The whole text afterwards, or why it cannot be.
    fn apply(&self, before: &str) -> Result<String, String> {
        match self {
            Self::Prepend { line } => Ok(format!("{line}\n{before}")),
            Self::Replace { sought, value } => {
                let shown = things::shown(sought);
                match before.contains(sought.as_str()) {
                    true => Ok(before.replace(sought.as_str(), value)),
                    false => Err(format!("“{shown}” is not in it")),
                }
            }
            Self::DeleteText { line } => {
                let lines: Vec<&str> = before.lines().collect();
                let wanted = line.trim();
                let same = |found: &&str| found.trim().eq_ignore_ascii_case(wanted);
                let exact = lines.iter().position(same);
                let at = exact.or_else(|| only(&lines, wanted));
                let shown = things::shown(line);
                without(&lines, at.ok_or_else(|| format!("no line there says “{shown}”"))?)
            }
            Self::DeleteAt { place } => {
                let lines: Vec<&str> = before.lines().collect();
                let at = place_of(place, lines.len());
                let shown = things::shown(place);
                let at = at.filter(|at| *at < lines.len());
                without(&lines, at.ok_or_else(|| format!("it has no {shown} line"))?)
            }
        }
    }
}

/// The one line that contains this.
fn only(lines: &[&str], wanted: &str) -> Option<usize> {
    let wanted = wanted.to_lowercase();
    let mut fits = (0..lines.len()).filter(|at| lines[*at].to_lowercase().contains(&wanted));
    fits.next().filter(|_| fits.next().is_none())
}

fn without(lines: &[&str], at: usize) -> Result<String, String> {
    let kept = lines.iter().enumerate().filter(|(place, _)| *place != at);
    Ok(kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n"))
}

/// `third`, `3`, `3rd` and `last`, from zero.
fn place_of(said: &str, count: usize) -> Option<usize> {
    let said = said.trim().trim_start_matches("very ").to_lowercase();
    if said == "last" {
        return count.checked_sub(1);
    }
    if said == "second to last" {
        return count.checked_sub(2);
    }
    if let Some(at) = ORDINALS.iter().position(|ordinal| *ordinal == said) {
        return Some(at);
    }
    const NUMBERS: [&str; 10] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    if let Some(at) = NUMBERS.iter().position(|number| *number == said) {
        return Some(at);
    }
    let digits: String = said.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().ok()?.checked_sub(1)
}

pub(super) struct Rewrite {
    change: Change,
    document: Document,
    leave: Leave,
    before: Option<String>,
    /// What it is to say, once that was typed.
    wanted: Option<String>,
}

impl Rewrite {
    pub(super) fn new(change: Change, target: Option<String>, leave: Leave) -> Self {
        Self { change, document: Document::new(target), leave, before: None, wanted: None }
    }

    /// The last reading says whether it was saved.
    fn verify(path: &str, text: Option<&str>, wanted: &str) -> SkillMove {
        match text.is_some_and(|text| text.trim_end_matches('\n') == wanted) {
            true => SkillMove::Done {
                evidence: format!("{path} says what it should"),
                touched: Touched::Document { path: Some(path.to_owned()) },
            },
            false => SkillMove::failed(format!("{path} does not say what was typed")),
        }
    }

    fn type_it(&self, path: &str, wanted: &str) -> SkillMove {
        let actions = match &self.change {
            Change::Prepend { line } => {
                vec![Action::key("ctrl+Home"), Action::text(format!("{line}\n"))]
            }
            _ if wanted.is_empty() => vec![Action::key("ctrl+a"), Action::key("BackSpace")],
            _ if wanted.chars().count() > TYPED_CHARS => {
                return SkillMove::failed(format!("{} is too long to type anew", base(path)));
            }
            _ => vec![Action::key("ctrl+a"), Action::text(wanted)],
        };
        let wanted = wanted.to_owned();
        let expect = Expect::new("the document says the new text", move |view| {
            editor::says_lines(view, &wanted)
        });
        SkillMove::act(actions, expect)
    }
}

impl Skill for Rewrite {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        let path = match self.document.path(seen, "there is no document to change")? {
            Ok(path) => path,
            Err(first) => return Ok(first),
        };
        if let Some(file) = seen.file.take().filter(|file| file.path == path) {
            match (&self.wanted, file.text) {
                (Some(wanted), text) => return Ok(Self::verify(&path, text.as_deref(), wanted)),
                (None, Some(text)) => self.before = Some(text),
                (None, None) => {
                    return Ok(SkillMove::failed(format!("{path} is no readable file")));
                }
            }
        }
        let Some(before) = self.before.clone() else { return Ok(SkillMove::Read { path }) };
        let wanted = match self.change.apply(before.trim_end_matches('\n')) {
            Ok(wanted) => wanted.trim_end_matches('\n').to_owned(),
            Err(reason) => return Ok(SkillMove::Failed { reason }),
        };
        if let Some(opening) = editor::shows(seen.view, &path) {
            return Ok(opening);
        }
        let Some(window) = editor::window(seen.view) else {
            return Ok(SkillMove::failed("the editor went out of sight"));
        };
        if self.wanted.is_none() {
            if window.title().starts_with('*') {
                let name = base(&path);
                return Ok(SkillMove::failed(format!("{name} has changes that are not saved")));
            }
            self.wanted = Some(wanted.clone());
            return Ok(self.type_it(&path, &wanted));
        }
        if !editor::says_lines(seen.view, &wanted) {
            return Ok(SkillMove::failed(format!("the text did not arrive in {}", base(&path))));
        }
        if let Some(done) = self.leave.done(&path) {
            return Ok(done);
        }
        let saved = editor::saved(&path);
        if saved.met(seen.view) {
            return Ok(SkillMove::Read { path });
        }
        Ok(SkillMove::act([Action::key("ctrl+s")], saved))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: &Change, before: &str, expected: Result<&str, &str>) {
        let found = change.apply(before);
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn what_a_text_becomes_is_known_before() {
        let text = "milk\nold tea\nbread";
        let replace = |sought: &str, value: &str| Change::Replace {
            sought: sought.to_owned(),
            value: value.to_owned(),
        };
        let at = |place: &str| Change::DeleteAt { place: place.to_owned() };
        let says = |line: &str| Change::DeleteText { line: line.to_owned() };
        check(&Change::Prepend { line: "list".to_owned() }, "a", Ok("list\na"));
        check(&replace("tea", "mint"), text, Ok("milk\nold mint\nbread"));
        check(&replace("salt", "x"), text, Err("“salt” is not in it"));
        check(&at("third"), text, Ok("milk\nold tea"));
        check(&at("2nd"), text, Ok("milk\nbread"));
        check(&at("last"), text, Ok("milk\nold tea"));
        check(&at("two"), text, Ok("milk\nbread"));
        check(&at("ninth"), text, Err("it has no ninth line"));
        check(&says("MILK"), text, Ok("old tea\nbread"));
        check(&says("tea"), text, Ok("milk\nbread"));
        check(&says("e"), text, Err("no line there says “e”"));
    }
}
