//! Every key and what it does, in one table: what is typed is looked up in it; help, footer, command
//! bar and the manual's list are read from it. A user's own keys go over it ([`Keymap::with`]).

mod stroke;
mod table;

use std::collections::BTreeMap;

use ratatui::crossterm::event::KeyEvent;

pub(crate) use self::stroke::Stroke;
pub(crate) use self::table::TABLE;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Wish {
    Leave,
    Help,
    Commands,
    Back,
    NextPane,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Newest,
    NextMark,
    PreviousMark,
    NextQuestion,
    NextDenial,
    NextFailure,
    ZoomIn,
    ZoomOut,
    Outline,
    After,
    Freeze,
    Play,
    Choose,
    Details,
    Find,
    Theme,
    Mouse,
    New,
    Doctor,
    Evaluation,
    Which,
    Pause,
    SingleStep,
    Prompt,
    TakeOver,
    TakeControl,
    GiveBack,
    SpecialKeys,
    Stop,
    Suspend,
    Redraw,
}

/// When a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// In every view.
    Everywhere,
    /// On the first screen.
    Home,
    /// In the view of an evaluation.
    Suite,
    /// In the view of a run.
    View,
    /// A run that is over is looked at.
    Past,
    /// A run that goes on is looked at.
    Live,
    /// This view holds the control of a run that goes on.
    Steering,
    /// Another view may hold it, and this one may take it.
    Watching,
    /// A person's hands are on the desktop: all other keys go there.
    Hands,
    /// The outline is shown in place of the picture, and has the focus.
    Outline,
    /// The steps have the focus.
    Steps,
}

#[derive(Debug)]
pub(crate) struct Binding {
    /// In the command bar and in the settings.
    pub(crate) name: &'static str,
    pub(crate) wish: Wish,
    pub(crate) strokes: &'static [Stroke],
    pub(crate) when: When,
    /// One word for the footer; empty where it is not shown there.
    pub(crate) word: &'static str,
    pub(crate) help: &'static str,
}

/// A row of the table with the keys that hold for this user.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) binding: &'static Binding,
    pub(crate) strokes: Vec<Stroke>,
}

#[derive(Clone, Debug)]
pub(crate) struct Keymap {
    rows: Vec<Bound>,
}

/// Why a user's keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeymapError {
    #[error("`keys.{name}` is no command of the dashboard; the nearest is `keys.{nearest}`")]
    Unknown { name: String, nearest: &'static str },
    #[error("`{text}` in `keys.{name}` is no key; `Ctrl-x`, `F5`, `PgUp` and `Space` are")]
    NoKey { name: String, text: String },
    #[error("`{key}` is both `keys.{one}` and `keys.{other}`, which can hold at once")]
    Twice { key: String, one: &'static str, other: &'static str },
    #[error("`keys.{name}` has no key, and nothing else leads there")]
    Unreachable { name: &'static str },
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &'static Binding| Bound { binding, strokes: binding.strokes.into() };
        Self { rows: TABLE.iter().map(bound).collect() }
    }
}

impl Keymap {
    /// The table with a user's own keys: by name, each a list such as `Ctrl-p F5`; none at all
    /// leaves a command to the bar.
    pub(crate) fn with(own: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        let mut keymap = Self::default();
        for (name, keys) in own {
            let row = keymap.rows.iter_mut().find(|row| row.binding.name == name);
            let row = row.ok_or_else(|| unknown(name))?;
            let strokes = keys.split_whitespace().map(|text| {
                let wrong = || KeymapError::NoKey { name: name.clone(), text: text.to_owned() };
                text.parse().map_err(|()| wrong())
            });
            row.strokes = strokes.collect::<Result<_, _>>()?;
        }
        keymap.checked()
    }

    fn checked(self) -> Result<Self, KeymapError> {
        for (index, row) in self.rows.iter().enumerate() {
            let (one, needed) = (row.binding, [Wish::Leave, Wish::Commands, Wish::GiveBack]);
            if row.strokes.is_empty() && needed.contains(&one.wish) {
                return Err(KeymapError::Unreachable { name: one.name });
            }
            for other in &self.rows[..index] {
                let both = row.strokes.iter().find(|stroke| other.strokes.contains(stroke));
                if let Some(both) = both
                    && !apart(one.when, other.binding.when)
                {
                    let (other, key) = (other.binding.name, both.to_string());
                    return Err(KeymapError::Twice { key, one: one.name, other });
                }
            }
        }
        Ok(self)
    }

    /// What a key asks for where these conditions hold.
    pub(crate) fn wish(&self, key: KeyEvent, holds: impl Fn(When) -> bool) -> Option<Wish> {
        let typed = Stroke::of(key);
        // Terminals send the same for a key with Alt and for Esc with a key right after it.
        [typed, typed.without_alt()].into_iter().find_map(|typed| {
            let fits = |row: &&Bound| holds(row.binding.when) && row.strokes.contains(&typed);
            self.rows.iter().find(fits).map(|row| row.binding.wish)
        })
    }

    /// The rows that mean something where these conditions hold.
    pub(crate) fn valid(&self, holds: impl Fn(When) -> bool) -> impl Iterator<Item = &Bound> {
        self.rows.iter().filter(move |row| holds(row.binding.when))
    }

    /// The first key of a wish, to be named in a text.
    pub(crate) fn key(&self, wish: Wish) -> String {
        let row = self.rows.iter().find(|row| row.binding.wish == wish);
        row.map(Bound::key).unwrap_or_default()
    }
}

impl Bound {
    /// `n`, `Ctrl-U · PgUp`.
    pub(crate) fn keys(&self) -> String {
        let names: Vec<_> = self.strokes.iter().map(Stroke::to_string).collect();
        names.join(" · ")
    }

    pub(crate) fn key(&self) -> String {
        self.strokes.first().map(Stroke::to_string).unwrap_or_default()
    }
}

fn unknown(name: &str) -> KeymapError {
    let likeness = |row: &&Binding| strsim::jaro_winkler(row.name, name);
    let nearest = TABLE.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let nearest = nearest.expect("the table has rows").name;
    KeymapError::Unknown { name: name.to_owned(), nearest }
}

/// Two conditions that cannot hold at once.
fn apart(one: When, other: When) -> bool {
    let of_past = |when: When| when == When::Past;
    let of_live = |when: When| matches!(when, When::Live | When::Steering | When::Watching);
    let either =
        |a: fn(When) -> bool, b: fn(When) -> bool| (a(one) && b(other)) || (b(one) && a(other));
    either(of_past, of_live)
        || either(|when| when == When::Hands, |when| when != When::Hands)
        || either(|when| when == When::Steps, |when| when == When::Outline)
        || either(|when| when == When::Steering, |when| when == When::Watching)
        || either(|when| when == When::Home, |when| !matches!(when, When::Home | When::Everywhere))
        || either(
            |when| when == When::Suite,
            |when| !matches!(when, When::Suite | When::Everywhere),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
        rows.iter().map(|(name, keys)| ((*name).to_owned(), (*keys).to_owned())).collect()
    }

    fn refused(rows: &[(&str, &str)]) -> String {
        Keymap::with(&own(rows)).unwrap_err().to_string()
    }

    #[test]
    fn no_key_means_two_things_and_every_row_can_be_reached() {
        let keymap = Keymap::default().checked().unwrap();
        for row in &keymap.rows {
            assert!(!row.strokes.is_empty(), "{}", row.binding.name);
            for stroke in &row.strokes {
                let only = |when| when == row.binding.when;
                assert_eq!(keymap.wish(stroke.event(), only), Some(row.binding.wish), "{stroke}");
                assert_eq!(stroke.to_string().parse(), Ok(*stroke), "{stroke}");
            }
        }
        let mut names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }

    /// The list in the README, as it has to be.
    fn manual() -> String {
        let mut text = "| command | keys | what it does |\n| --- | --- | --- |\n".to_owned();
        for row in &Keymap::default().rows {
            let keys: Vec<_> = row.strokes.iter().map(|key| format!("`{key}`")).collect();
            text += &format!(
                "| `{}` | {} | {} |\n",
                row.binding.name,
                keys.join(" "),
                row.binding.help
            );
        }
        text
    }

    #[test]
    fn the_readme_lists_every_key() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&manual()), "the README has to say:\n{}", manual());
    }

    #[test]
    fn a_users_keys_go_over_the_table() {
        let keymap = Keymap::with(&own(&[("pause", "Ctrl-p F5"), ("zoom-in", "")])).unwrap();
        let wish = |text: &str| {
            let stroke: Stroke = text.parse().unwrap();
            keymap.wish(stroke.event(), |when| matches!(when, When::View | When::Steering))
        };
        assert_eq!((wish("F5"), wish("Ctrl-p")), (Some(Wish::Pause), Some(Wish::Pause)));
        assert_eq!((wish("Space"), wish("z")), (None, None));
        assert_eq!(wish("Alt-n"), Some(Wish::NextMark));
    }

    #[test]
    fn keys_that_cannot_be_are_refused() {
        assert!(refused(&[("pauze", "x")]).ends_with("the nearest is `keys.pause`"));
        assert!(refused(&[("pause", "Hyper-x")]).contains("`Hyper-x` in `keys.pause` is no key"));
        assert!(refused(&[("pause", "?")]).contains("is both"));
        assert!(refused(&[("leave", "")]).contains("nothing else leads there"));
        // A run is over, or it goes on: one key may mean both.
        assert!(Keymap::with(&own(&[("pause", "P"), ("play", "P")])).is_ok());
    }
}
