//! The seat of policy: every action is looked at here, right before it is performed.
//!
//! Inside a disposable desktop nearly everything is allowed. What is never done there either:
//! starting a program that no skill needs, reaching outside the home folder with one, and saying
//! yes to a question about deleting or overwriting.

use deskbound_accessibility::{Role, ScreenPx, State, Tree};

use crate::action::Action;
use crate::view::View;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    Deny { reason: String },
}

/// The programs skills may start.
pub(crate) const PROGRAMS: [&str; 3] = ["mousepad", "thunar", "galculator"];
/// Buttons that destroy something, by the first word of their name.
const DESTROYERS: [&str; 6] = ["replace", "overwrite", "delete", "discard", "empty", "don't"];

#[derive(Clone, Debug)]
pub struct Guard {
    home: String,
}

impl Guard {
    pub fn new(home: &str) -> Self {
        Self { home: home.to_owned() }
    }

    /// `tree` is what is on the screen at this moment.
    pub fn check(&self, action: &Action, tree: &Tree) -> Verdict {
        match self.objection(action, tree) {
            Some(reason) => Verdict::Deny { reason },
            None => Verdict::Allow,
        }
    }

    fn objection(&self, action: &Action, tree: &Tree) -> Option<String> {
        match action {
            Action::Launch { program, args } => {
                if !PROGRAMS.contains(&program.as_str()) {
                    return Some(format!("`{program}` is no program for this task"));
                }
                let outside = args.iter().find(|arg| !self.is_home(arg))?;
                Some(format!("`{outside}` is not inside the home folder"))
            }
            Action::Click { at, .. } => {
                let name = destroyer(tree, *at)?;
                Some(format!("“{name}” would destroy something"))
            }
            Action::Key { chord } => {
                let view = View::new(tree);
                let key = chord.keys().next_back()?.name;
                match view.question() {
                    // Any other key could be an answer's.
                    Some(question) if key != "Escape" => Some(unanswered(&question)),
                    None if key == "Delete" && view.main_window("thunar").is_some() => {
                        Some("files are not deleted".to_owned())
                    }
                    _ => None,
                }
            }
            Action::Type { .. } => View::new(tree).question().map(|asked| unanswered(&asked)),
        }
    }

    fn is_home(&self, path: &str) -> bool {
        let inside = path.strip_prefix(&self.home);
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && !path.split('/').any(|part| part == "..")
    }
}

fn unanswered(question: &str) -> String {
    format!("nobody but a person answers: {question}")
}

fn destroyer(tree: &Tree, at: ScreenPx) -> Option<&str> {
    let hit = tree.nodes().filter(|(_, node)| {
        let button = matches!(node.role, Role::Button | Role::MenuItem);
        let shown = node.states.contains(State::Showing);
        button && shown && node.bounds.is_some_and(|bounds| bounds.contains(at))
    });
    hit.map(|(id, _)| tree.name(id)).find(|name| {
        let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
        DESTROYERS.contains(&first.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::sample;

    fn check(tree: &Tree, action: &Action, allowed: bool) {
        let verdict = Guard::new("/home/user").check(action, tree);
        assert_eq!(verdict == Verdict::Allow, allowed, "{action}: {verdict:?}");
    }

    #[test]
    fn programs_stay_at_home() {
        let tree = sample::document("*note.txt - Mousepad", "some text");
        for (program, args, allowed) in [
            ("mousepad", &[][..], true),
            ("thunar", &["/home/user"], true),
            ("mousepad", &["/home/user/note.txt"], true),
            ("mousepad", &["/etc/passwd"], false),
            ("mousepad", &["/home/username/x"], false),
            ("mousepad", &["/home/user/../root/x"], false),
            ("mousepad", &["--preferences"], false),
            ("sh", &[], false),
            ("/tmp/mousepad", &[], false),
        ] {
            check(&tree, &Action::launch(program, args), allowed);
        }
        check(&tree, &Action::key("Return"), true);
        check(&tree, &Action::text("y"), true);
    }

    #[test]
    fn a_question_is_only_ever_left() {
        let tree = sample::question("A file named “note.txt” already exists.");
        for (action, allowed) in [
            (Action::key("Return"), false),
            (Action::key("Space"), false),
            (Action::key("alt+r"), false),
            (Action::text("r"), false),
            (Action::click(sample::CANCEL), true),
            (Action::click(sample::REPLACE), false),
            (Action::key("Escape"), true),
        ] {
            check(&tree, &action, allowed);
        }
    }
}
