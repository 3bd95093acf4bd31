//! Every action is looked at here, right before it is performed.
//!
//! A policy says what is allowed, asked for, and denied. What is never done, whatever it says:
//! starting a program that no skill needs, reaching outside the home folder with one, and saying
//! yes to a question about deleting or overwriting.

use std::collections::HashSet;

use deskbound_accessibility::{Node, NodeAction, Role, ScreenPx, State, Tree};

use crate::action::{Action, Openable, Pressed};
use crate::policy::{Deed, Judgement, Policy, Ruling, VerbKind};
use crate::view::View;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Allow,
    /// Only a person may say.
    Ask {
        reason: String,
    },
    Deny {
        reason: String,
    },
}

/// The programs skills may start.
pub(crate) const PROGRAMS: [&str; 7] =
    ["mousepad", "thunar", "galculator", "xfce4-terminal", "firefox-esr", "ristretto", "atril"];
/// Where files are thrown away.
const TRASH: [&str; 4] = ["trash", "wastebasket", "rubbish bin", "recycle bin"];
/// Buttons that destroy something, by the first word of their name.
const DESTROYERS: [&str; 6] = ["replace", "overwrite", "delete", "discard", "empty", "don't"];

#[derive(Clone, Debug)]
pub struct Guard {
    home: String,
    /// Which programs may be started; any where none are named.
    programs: Option<&'static [&'static str]>,
    policy: Policy,
    /// What a person allowed for the rest of the run.
    granted: HashSet<(VerbKind, String)>,
}

impl Guard {
    pub fn new(home: &str, policy: Policy) -> Self {
        let programs = Some(&PROGRAMS[..]);
        Self { home: home.to_owned(), programs, policy, granted: HashSet::new() }
    }

    /// For whoever has more in mind than skills have.
    pub fn of_any_program(home: &str, policy: Policy) -> Self {
        Self { programs: None, ..Self::new(home, policy) }
    }

    /// A person allowed this action, and all of its kind on its application.
    pub fn grant(&mut self, action: &Action, tree: &Tree) {
        let Deed { verb, application, .. } = Deed::of(action, tree);
        self.granted.insert((verb, application));
    }

    /// `tree` is what is on the screen at this moment.
    pub fn check(&self, action: &Action, tree: &Tree) -> Verdict {
        if let Some(reason) = self.objection(action, tree) {
            return Verdict::Deny { reason };
        }
        self.ruled(&Deed::of(action, tree))
    }

    fn ruled(&self, deed: &Deed) -> Verdict {
        let Ruling { judgement, rule } = self.policy.judge(deed);
        let is_granted = || self.granted.contains(&(deed.verb, deed.application.clone()));
        match judgement {
            Judgement::Allow => Verdict::Allow,
            Judgement::Ask if is_granted() => Verdict::Allow,
            Judgement::Ask => Verdict::Ask { reason: rule },
            Judgement::Deny => Verdict::Deny { reason: format!("the policy says: {rule}") },
        }
    }

    fn objection(&self, action: &Action, tree: &Tree) -> Option<String> {
        match action {
            Action::Launch { program, args } => {
                let programs = self.programs?;
                if !programs.contains(&program.as_str()) {
                    return Some(format!("`{program}` is no program for this task"));
                }
                let outside = args.iter().find(|arg| !self.is_home(arg))?;
                Some(format!("`{outside}` is not inside the home folder"))
            }
            Action::Open { target: Openable::File { path } } => {
                self.programs?;
                let outside = !self.is_home(path);
                outside.then(|| format!("`{path}` is not inside the home folder"))
            }
            Action::Click { at, .. } => {
                let name = destroyer(tree, *at)?;
                Some(format!("“{name}” would destroy something"))
            }
            // Keys come up again whatever is asked.
            Action::Hold { pressed: Pressed::Up, .. } => None,
            Action::Key { chord, .. } | Action::Hold { chord, .. } => {
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
            Action::Element { node, act: NodeAction::Press | NodeAction::Select, .. } => {
                let presses = matches!(node.role, Role::Button | Role::MenuItem);
                let destroys = presses && is_destroyer(&node.name);
                destroys.then(|| format!("“{}” would destroy something", node.name))
            }
            Action::Element {
                act: NodeAction::SetText(_) | NodeAction::InsertText { .. }, ..
            } => View::new(tree).question().map(|asked| unanswered(&asked)),
            Action::Open { target: Openable::Address { .. } }
            | Action::Move { .. }
            | Action::Scroll { .. }
            | Action::Element { .. }
            | Action::Window { .. }
            | Action::ReadClipboard
            | Action::ReadFile { .. }
            | Action::Copy { .. } => None,
            Action::Shell { .. } | Action::WriteFile { .. } => {
                self.programs.map(|_| "this is nothing that a task needs".to_owned())
            }
            // What it would be pressed on is not in the action.
            Action::Button { .. } => Some("buttons are held by a person only".to_owned()),
            Action::Drag { path, .. } => {
                let name = named_at(tree, *path.last()?, |name| TRASH.contains(&name))?;
                Some(format!("“{name}” is where things are thrown away"))
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
    let buttons = |node: &Node| matches!(node.role, Role::Button | Role::MenuItem);
    shown_at(tree, at, buttons).find(|name| is_destroyer(name))
}

fn is_destroyer(name: &str) -> bool {
    let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
    DESTROYERS.contains(&first.as_str())
}

fn named_at(tree: &Tree, at: ScreenPx, fits: impl Fn(&str) -> bool) -> Option<&str> {
    shown_at(tree, at, |_| true).find(|name| fits(&name.to_lowercase()))
}

/// The names of what lies there.
fn shown_at(
    tree: &Tree,
    at: ScreenPx,
    wanted: impl Fn(&Node) -> bool,
) -> impl Iterator<Item = &str> {
    let hit = tree.nodes().filter(move |(_, node)| {
        let shown = node.states.contains(State::Showing);
        shown && wanted(node) && node.bounds.is_some_and(|bounds| bounds.contains(at))
    });
    hit.map(|(id, _)| tree.name(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Surface;
    use crate::view::sample;

    #[test]
    fn what_is_granted_is_of_one_kind_and_one_application() {
        let tree = sample::document("*note.txt - Mousepad", "some text");
        let mut guard = Guard::new("/home/user", Policy::of(Surface::Own));
        let asks =
            |guard: &Guard, action| matches!(guard.check(&action, &tree), Verdict::Ask { .. });
        assert!(asks(&guard, Action::text("a")) && asks(&guard, Action::key("Return")));
        guard.grant(&Action::text("a"), &tree);
        assert!(!asks(&guard, Action::text("b")) && asks(&guard, Action::key("Return")));
    }

    fn check(tree: &Tree, action: &Action, allowed: bool) {
        let policy = Policy::of(Surface::Disposable);
        let verdict = Guard::new("/home/user", policy).check(action, tree);
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
        for (target, allowed) in [
            ("/home/user/note.txt", true),
            ("/home/username/x", false),
            ("file:///etc/passwd", false),
            ("https://example.org", true),
        ] {
            check(&tree, &Action::Open { target: target.parse().unwrap() }, allowed);
        }
        check(&tree, &Action::key("Return"), true);
        check(&tree, &Action::text("y"), true);
    }

    fn element(tree: &Tree, name: &str) -> Action {
        let (id, _) = tree.nodes().find(|(id, _)| tree.name(*id) == name).unwrap();
        Action::element(tree, id, NodeAction::Press)
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
            (element(&tree, "Replace"), false),
            (element(&tree, "Cancel"), true),
        ] {
            check(&tree, &action, allowed);
        }
    }
}
