//! `calculate`: typed into the calculator, read from its display, saved where a name is given.

use deskbound_models::ModelError;

use super::write::Write;
use super::{Expect, Seen, Skill, SkillMove, arithmetic};
use crate::action::Action;
use crate::memory::Touched;
use crate::view::View;
use deskbound_accessibility::{Role, State};

const APP: &str = "galculator";

pub(super) struct Calculate {
    expression: String,
    name: Option<String>,
    typed: bool,
    writing: Option<Write>,
}

impl Calculate {
    pub(super) fn new(expression: String, name: Option<String>) -> Self {
        Self { expression, name, typed: false, writing: None }
    }
}

impl Skill for Calculate {
    fn next(&mut self, seen: &mut Seen<'_>) -> Result<SkillMove, ModelError> {
        if let Some(writing) = &mut self.writing {
            return writing.next(seen);
        }
        let Some(keys) = arithmetic::keys(&self.expression) else {
            let shown = crate::sanitize::line(&self.expression);
            return Ok(SkillMove::failed(format!("“{shown}” is not plain arithmetic")));
        };
        let value = arithmetic::value(&keys).expect("only what has a value has keys");
        let Some(shown) = display(seen.view) else {
            let expect = Expect::new("the calculator is in front", |view| display(view).is_some());
            return Ok(SkillMove::act([Action::launch(APP, &[])], expect));
        };
        if self.typed && arithmetic::displays(shown, value) {
            let value = shown.trim().to_owned();
            let Some(name) = self.name.clone() else {
                let evidence = format!("the calculator says {value}");
                return Ok(SkillMove::Done { evidence, touched: Touched::Result { value } });
            };
            return self.writing.insert(Write::new(value, Some(name))).next(seen);
        }
        self.typed = true;
        let expect = Expect::new("the display shows the result", move |view| {
            display(view).is_some_and(|shown| arithmetic::displays(shown, value))
        });
        // Escape clears whatever was there.
        let actions = [Action::key("Escape"), Action::text(keys), Action::key("Return")];
        Ok(SkillMove::act(actions, expect))
    }
}

fn display(view: View<'_>) -> Option<&str> {
    let window = view.main_window(APP)?;
    let display = window.find(|node| {
        matches!(node.role, Role::Text | Role::Entry) && node.states.contains(State::MultiLine)
    })?;
    Some(window.tree.text(display))
}
