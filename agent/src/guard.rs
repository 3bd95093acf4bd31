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
                let key = chord.keys().next_back()?.name;
                let view = View::new(tree);
                let question = view.question();
                match (key, question) {
                    ("Return" | "KP_Enter" | "Space", Some(question)) => {
                        Some(format!("nobody but a person says yes to: {question}"))
                    }
                    ("Delete", None) if view.main_window("thunar").is_some() => {
                        Some("files are not deleted".to_owned())
                    }
                    _ => None,
                }
            }
            Action::Type { .. } => view_question(tree),
        }
    }

    fn is_home(&self, path: &str) -> bool {
        let inside = path.strip_prefix(&self.home);
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            && !path.split('/').any(|part| part == "..")
    }
}

/// Typing into a question could hit the letter of an answer.
fn view_question(tree: &Tree) -> Option<String> {
    let question = View::new(tree).question()?;
    Some(format!("nobody but a person answers: {question}"))
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
