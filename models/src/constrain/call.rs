//! Calls as the grammar sees them: a name, and arguments of known kinds.

use std::collections::BTreeMap;

use crate::profile::{Flag, KeyStyle, Meaning, PointArgument, ReplyForm};
use crate::roles::ToolSpec;

/// One call that may be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallForm {
    pub name: String,
    /// In the order they are written in; those that may be left out come last.
    pub arguments: Vec<CallArgument>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct CallArgument {
    pub name: String,
    pub kind: ArgumentKind,
    pub required: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentKind {
    Text,
    /// A text that is not empty.
    Name,
    /// A point in the space of the form.
    Point,
    /// Two points in a list.
    Path,
    /// One coordinate of two.
    Coordinate,
    Whole {
        least: i64,
        most: i64,
    },
    Flag,
    Keys,
    Choice(Vec<String>),
}

const DIRECTIONS: [&str; 4] = ["down", "up", "left", "right"];
const BUTTONS: [&str; 3] = ["left", "middle", "right"];
/// Further than any scroll goes, whatever it counts.
const SCROLL_MAX: i64 = 10_000;
const WAIT_SECONDS_MAX: i64 = 60;
const TIMES_MAX: i64 = 20;
/// What models say that do not say `success`.
const FAILURE: &str = "failure";

impl CallForm {
    /// Calls of tools: every argument is a text.
    pub fn of_tools(tools: &[ToolSpec]) -> Vec<Self> {
        let of_tool = |tool: &ToolSpec| {
            let mut form = Self { name: tool.name.to_owned(), arguments: Vec::new() };
            for argument in tool.arguments {
                form.add(argument.name, ArgumentKind::Text, argument.required);
            }
            form.sorted()
        };
        tools.iter().map(of_tool).collect()
    }

    /// Calls of an action map, in the model's words.
    pub fn of_reply(reply: &ReplyForm) -> Vec<Self> {
        let calls: &BTreeMap<String, Meaning> = &reply.calls;
        let forms = calls.iter().flat_map(|(name, meaning)| match meaning {
            // One of the two must be there, so there is a form for each.
            Meaning::Open { app: Some(app), url: Some(url) } => {
                let open = |app: Option<&String>, url: Option<&String>| {
                    let meaning = Meaning::Open { app: app.cloned(), url: url.cloned() };
                    Self::of_meaning(name, &meaning)
                };
                vec![open(Some(app), None), open(None, Some(url))]
            }
            meaning => vec![Self::of_meaning(name, meaning)],
        });
        forms.map(Self::sorted).collect()
    }

    /// Calls that answer where something is: a point, or a failure to find it.
    pub fn of_places(reply: &ReplyForm) -> Vec<Self> {
        let is_place = |meaning: &Meaning| {
            matches!(
                meaning,
                Meaning::Move { .. }
                    | Meaning::Click { .. }
                    | Meaning::Fail { .. }
                    | Meaning::Finish { .. }
            )
        };
        let calls = reply.calls.iter().filter(|(_, meaning)| is_place(meaning));
        let forms = calls.map(|(name, meaning)| match meaning {
            Meaning::Finish { status, .. } => {
                let mut form = Self { name: name.clone(), arguments: Vec::new() };
                let failure = ArgumentKind::Choice(vec![FAILURE.to_owned()]);
                form.add(&status.argument, failure, true);
                form
            }
            meaning => Self::of_meaning(name, meaning),
        });
        forms.map(Self::sorted).collect()
    }

    fn of_meaning(name: &str, meaning: &Meaning) -> Self {
        let mut form = Self { name: name.to_owned(), arguments: Vec::new() };
        match meaning {
            Meaning::Move { to } => form.point(to, true),
            Meaning::Click { at, button_from, count_from, .. } => {
                form.point_if(at.as_ref(), true);
                form.choice(button_from.as_deref(), &BUTTONS);
                form.whole(count_from.as_deref(), 1, TIMES_MAX, false);
            }
            Meaning::Drag { from, to, .. } => form.drag(from.as_ref(), to),
            Meaning::Type { text, at, replace, enter } => {
                form.point_if(at.as_ref(), false);
                form.add(text, ArgumentKind::Text, true);
                form.flag(replace);
                form.flag(enter);
            }
            Meaning::Key { keys, count_from } => {
                form.add(keys, ArgumentKind::Keys, true);
                form.whole(count_from.as_deref(), 1, TIMES_MAX, false);
            }
            Meaning::Path { points } => form.add(points, ArgumentKind::Path, true),
            Meaning::Zoom { region } => form.add(region, ArgumentKind::Path, true),
            Meaning::Hold { keys, seconds } => {
                form.add(keys, ArgumentKind::Keys, true);
                form.whole(Some(seconds), 0, WAIT_SECONDS_MAX, true);
            }
            Meaning::KeyDown { keys } | Meaning::KeyUp { keys } => {
                form.add(keys, ArgumentKind::Keys, true);
            }
            Meaning::Scroll { at, amount, direction, .. } => {
                form.point_if(at.as_ref(), false);
                form.whole(amount.as_deref(), -SCROLL_MAX, SCROLL_MAX, direction.is_none());
                if let Some(direction) = direction {
                    let directions = DIRECTIONS.map(str::to_owned).to_vec();
                    form.add(direction, ArgumentKind::Choice(directions), amount.is_none());
                }
            }
            Meaning::Wait { seconds, .. } => {
                form.whole(seconds.as_deref(), 0, WAIT_SECONDS_MAX, false);
            }
            Meaning::Open { app, url } => {
                for name in [app, url].into_iter().flatten() {
                    form.add(name, ArgumentKind::Name, true);
                }
            }
            Meaning::AskUser { question: text }
            | Meaning::Done { answer: text }
            | Meaning::Fail { reason: text } => form.text_if(text.as_deref()),
            Meaning::Note { text } => form.add(text, ArgumentKind::Text, true),
            Meaning::Finish { status, answer } => {
                let mut ends = status.success.clone();
                ends.push(FAILURE.to_owned());
                form.add(&status.argument, ArgumentKind::Choice(ends), true);
                form.text_if(answer.as_deref());
            }
            Meaning::Press { .. }
            | Meaning::Release { .. }
            | Meaning::Chord { .. }
            | Meaning::Pointer {}
            | Meaning::Screenshot {} => {}
        }
        form
    }

    /// Of several names for one thing, the first is the one that is asked for.
    fn add(&mut self, name: &str, kind: ArgumentKind, required: bool) {
        let name = name.split('|').next().unwrap_or(name);
        if self.arguments.iter().all(|known| known.name != name) {
            self.arguments.push(CallArgument { name: name.to_owned(), kind, required });
        }
    }

    fn point(&mut self, at: &PointArgument, required: bool) {
        match at {
            PointArgument::One(name) => self.add(name, ArgumentKind::Point, required),
            PointArgument::Two([x, y]) => {
                self.add(x, ArgumentKind::Coordinate, required);
                self.add(y, ArgumentKind::Coordinate, required);
            }
        }
    }

    /// Two points, apart or in one argument.
    fn drag(&mut self, from: Option<&PointArgument>, to: &PointArgument) {
        match (from, to) {
            (Some(PointArgument::One(from)), PointArgument::One(to))
                if from
                    .strip_suffix(".0")
                    .is_some_and(|list| to.strip_suffix(".1") == Some(list)) =>
            {
                self.add(from.trim_end_matches(".0"), ArgumentKind::Path, true);
            }
            _ => {
                self.point_if(from, true);
                self.point(to, true);
            }
        }
    }

    fn point_if(&mut self, at: Option<&PointArgument>, required: bool) {
        if let Some(at) = at {
            self.point(at, required);
        }
    }

    fn text_if(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.add(name, ArgumentKind::Text, false);
        }
    }

    fn whole(&mut self, name: Option<&str>, least: i64, most: i64, required: bool) {
        if let Some(name) = name {
            self.add(name, ArgumentKind::Whole { least, most }, required);
        }
    }

    fn choice(&mut self, name: Option<&str>, choices: &[&str]) {
        if let Some(name) = name {
            let choices = choices.iter().map(|&choice| choice.to_owned()).collect();
            self.add(name, ArgumentKind::Choice(choices), false);
        }
    }

    fn flag(&mut self, flag: &Flag) {
        if let Flag::Argument(name) = flag {
            self.add(name, ArgumentKind::Flag, false);
        }
    }

    fn sorted(mut self) -> Self {
        self.arguments.sort_by_key(|argument| !argument.required);
        self
    }
}

/// Whether keys are a list or one text.
pub(super) fn is_list(keys: KeyStyle) -> bool {
    keys == KeyStyle::List
}
