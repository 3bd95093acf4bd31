//! What can be done to a desktop. An [`Action`] is plain data: decided in one place, looked at by
//! the guard, performed by a desktop, kept in the journal.

use std::fmt;
use std::time::Duration;

pub use deskbound_accessibility::{NodeAction, NodeRef, ScreenPx};
use deskbound_accessibility::{NodeId, ScreenRect, Tree};
pub use deskbound_vm::{Button, Chord, ChordError, Direction, Pressed, WindowAct};
use serde::{Deserialize, Serialize};

pub use crate::openable::{Openable, OpenableError};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    Click {
        at: ScreenPx,
        button: Button,
        count: u8,
        /// Held meanwhile.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        modifiers: Vec<Modifier>,
        /// What is meant to be there; where it is not there any more, nothing is clicked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Box<NodeRef>>,
    },
    Move {
        to: ScreenPx,
    },
    /// Holds a button where the pointer is, or lets go of it.
    Button {
        button: Button,
        pressed: Pressed,
    },
    /// From the first point over all others to the last, with the button held.
    Drag {
        path: Vec<ScreenPx>,
        button: Button,
    },
    /// Turns the wheel there, so that the view goes into that direction.
    Scroll {
        at: ScreenPx,
        direction: Direction,
        notches: u32,
    },
    /// Keys pressed together and let go, at once or after a time.
    Key {
        chord: Chord,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<Duration>,
    },
    /// Holds keys down, or lets go of them.
    Hold {
        chord: Chord,
        pressed: Pressed,
    },
    /// Text as a person types it, into whatever has the focus.
    Type {
        text: String,
    },
    /// Starts a program in the desktop's session; no shell is in the way.
    Launch {
        program: String,
        args: Vec<String>,
    },
    /// Opens it with whatever the desktop has for it.
    Open {
        target: Openable,
    },
    /// Acts on a thing of the tree: through the tree where its toolkit was measured to honour
    /// that, else by pointer and keys where it is.
    Element {
        node: Box<NodeRef>,
        /// Where it is on the screen, whatever its toolkit says.
        bounds: Option<ScreenRect>,
        act: NodeAction,
    },
    /// Tells the window manager what to do with a window, by the window system's number.
    Window {
        window: u32,
        act: WindowAct,
    },
    /// Puts a text into the clipboard.
    Copy {
        text: String,
    },
    /// Runs a command with `sh -c`. It has an answer, so it is not performed like input but by
    /// [`Desktop::run`](crate::desktop::Desktop::run); so are those that follow.
    Shell {
        command: String,
    },
    ReadClipboard,
    ReadFile {
        path: String,
    },
    WriteFile {
        path: String,
        text: String,
    },
}

/// A key that is held while something else is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Modifier {
    Ctrl,
    Shift,
    Alt,
    Super,
}

impl Modifier {
    /// As it is written in a chord.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ctrl => "ctrl",
            Self::Shift => "shift",
            Self::Alt => "alt",
            Self::Super => "super",
        }
    }

    /// The modifiers as a chord; none where there are none.
    pub(crate) fn chord(modifiers: &[Self]) -> Option<Chord> {
        let names = modifiers.iter().map(|modifier| modifier.name());
        Chord::of_names(names).ok()
    }
}

impl Action {
    /// Whether it goes to a place on the screen.
    pub fn is_pointed(&self) -> bool {
        match self {
            Self::Click { .. } | Self::Move { .. } | Self::Drag { .. } | Self::Scroll { .. } => {
                true
            }
            Self::Button { .. }
            | Self::Copy { .. }
            | Self::Element { .. }
            | Self::Hold { .. }
            | Self::Key { .. }
            | Self::Launch { .. }
            | Self::Open { .. }
            | Self::ReadClipboard
            | Self::ReadFile { .. }
            | Self::Shell { .. }
            | Self::Type { .. }
            | Self::Window { .. }
            | Self::WriteFile { .. } => false,
        }
    }

    /// What a person is asked about. Commands, and what is typed, which may be one, are shown to
    /// their end, for the last words may be those that matter; of a file its beginning is shown.
    pub fn asked(&self) -> String {
        let whole = crate::sanitize::whole_line;
        match self {
            Self::Shell { command } => format!("run “{}”", whole(command)),
            Self::Type { text } => format!("type “{}”", whole(text)),
            other => other.to_string(),
        }
    }

    pub fn click(at: ScreenPx) -> Self {
        Self::press(at, Button::Left, 1)
    }

    /// Clicks there, whatever is there.
    pub fn press(at: ScreenPx, button: Button, count: u8) -> Self {
        Self::Click { at, button, count, modifiers: Vec::new(), on: None }
    }

    pub fn chord(chord: Chord) -> Self {
        Self::Key { chord, hold: None }
    }

    /// Acts on a node of a tree that was seen.
    pub fn element(tree: &Tree, id: NodeId, act: NodeAction) -> Self {
        let (node, bounds) = (Box::new(tree.node_ref(id)), tree.node(id).bounds);
        Self::Element { node, bounds, act }
    }

    /// # Panics
    /// On a chord that cannot be read; for chords written in the source.
    pub(crate) fn key(chord: &str) -> Self {
        Self::chord(chord.parse().expect("a chord in the source has known keys"))
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Type { text: text.into() }
    }

    pub(crate) fn launch(program: &str, args: &[&str]) -> Self {
        let args = args.iter().map(|arg| (*arg).to_owned()).collect();
        Self::Launch { program: program.to_owned(), args }
    }
}

/// For people: one line, with nothing from a stranger left raw.
impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Click { at, button, count, modifiers, .. } => {
                modifiers.iter().try_for_each(|held| write!(f, "{}+", held.name()))?;
                let times = if *count == 1 { String::new() } else { format!(" ×{count}") };
                write!(f, "{}click{times} at {},{}", which(*button), at.x, at.y)
            }
            Self::Move { to } => write!(f, "point at {},{}", to.x, to.y),
            Self::Button { button, pressed } => {
                let verb = if *pressed == Pressed::Down { "hold" } else { "let go of" };
                write!(f, "{verb} the {}button", which(*button))
            }
            Self::Drag { path, button } => {
                write!(f, "{}drag", which(*button))?;
                let (first, last) = (path.first(), path.last().filter(|_| path.len() > 1));
                first.map_or(Ok(()), |at| write!(f, " from {},{}", at.x, at.y))?;
                last.map_or(Ok(()), |at| write!(f, " to {},{}", at.x, at.y))
            }
            Self::Scroll { at, direction, notches } => {
                let direction = match direction {
                    Direction::Up => "up",
                    Direction::Down => "down",
                    Direction::Left => "left",
                    Direction::Right => "right",
                };
                write!(f, "scroll {direction} ×{notches} at {},{}", at.x, at.y)
            }
            Self::Key { chord, hold: None } => write!(f, "press {chord}"),
            Self::Key { chord, hold: Some(time) } => {
                write!(f, "hold {chord} for {:.1} s", time.as_secs_f64())
            }
            Self::Hold { chord, pressed } => {
                let verb = if *pressed == Pressed::Down { "hold" } else { "let go of" };
                write!(f, "{verb} {chord}")
            }
            Self::Type { text } => write!(f, "type “{}”", crate::sanitize::line(text)),
            Self::Launch { program, args } => {
                write!(f, "start {}", crate::sanitize::line(program))?;
                args.iter().try_for_each(|arg| write!(f, " {}", crate::sanitize::line(arg)))
            }
            Self::Open { target } => write!(f, "open {target}"),
            Self::Element { node, act, .. } => {
                done(act, f)?;
                write!(f, " {}", node.role)?;
                match node.name.as_str() {
                    "" => Ok(()),
                    name => write!(f, " “{}”", crate::sanitize::line(name)),
                }
            }
            Self::Window { window, act } => match act {
                WindowAct::Focus => write!(f, "bring window {window} to the front"),
                WindowAct::Close => write!(f, "close window {window}"),
                WindowAct::Move { x, y } => write!(f, "move window {window} to {x},{y}"),
                WindowAct::Resize { width, height } => {
                    write!(f, "make window {window} {width}×{height}")
                }
            },
            Self::Copy { text } => write!(f, "copy “{}”", crate::sanitize::line(text)),
            Self::Shell { command } => write!(f, "run “{}”", crate::sanitize::line(command)),
            Self::ReadClipboard => f.write_str("read the clipboard"),
            Self::ReadFile { path } => write!(f, "read {}", crate::sanitize::line(path)),
            Self::WriteFile { path, text } => {
                let path = crate::sanitize::line(path);
                write!(f, "write into {path}: “{}”", crate::sanitize::line(text))
            }
        }
    }
}

fn done(act: &NodeAction, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match act {
        NodeAction::Press => f.write_str("press"),
        NodeAction::SetText(text) => write!(f, "write “{}” into", crate::sanitize::line(text)),
        NodeAction::InsertText { at, text } => {
            write!(f, "write “{}” at {at} into", crate::sanitize::line(text))
        }
        NodeAction::SetValue(value) => write!(f, "set to {value}"),
        NodeAction::Focus => f.write_str("focus"),
        NodeAction::Select => f.write_str("select"),
        NodeAction::ScrollTo => f.write_str("scroll to"),
        NodeAction::Expand => f.write_str("expand"),
        NodeAction::Collapse => f.write_str("collapse"),
        NodeAction::Check => f.write_str("check"),
    }
}

fn which(button: Button) -> &'static str {
    match button {
        Button::Left => "",
        Button::Middle => "middle ",
        Button::Right => "right ",
        Button::Back => "back ",
        Button::Forward => "forward ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(action: &Action, journal: &str, people: &str) {
        let written = serde_json::to_string(action).unwrap();
        assert_eq!(written, journal);
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), *action);
        assert_eq!(action.to_string(), people);
    }

    #[test]
    fn actions_survive_the_journal_and_can_be_read() {
        let at = |x, y| ScreenPx { x, y };
        check(
            &Action::key("ctrl+shift+n"),
            r#"{"action":"key","chord":"ctrl+shift+n"}"#,
            "press ctrl+shift+n",
        );
        check(
            &Action::press(at(0, 7), Button::Right, 2),
            r#"{"action":"click","at":{"x":0,"y":7},"button":"right","count":2}"#,
            "right click ×2 at 0,7",
        );
        check(
            &Action::press(at(1, 1), Button::Back, 1),
            r#"{"action":"click","at":{"x":1,"y":1},"button":"back","count":1}"#,
            "back click at 1,1",
        );
        check(
            &Action::Drag { path: vec![at(1, 2), at(3, 4)], button: Button::Left },
            r#"{"action":"drag","path":[{"x":1,"y":2},{"x":3,"y":4}],"button":"left"}"#,
            "drag from 1,2 to 3,4",
        );
        check(
            &Action::Scroll { at: at(5, 6), direction: Direction::Down, notches: 3 },
            r#"{"action":"scroll","at":{"x":5,"y":6},"direction":"down","notches":3}"#,
            "scroll down ×3 at 5,6",
        );
        check(
            &Action::Button { button: Button::Left, pressed: Pressed::Up },
            r#"{"action":"button","button":"left","pressed":"up"}"#,
            "let go of the button",
        );
        check(
            &Action::Click {
                at: at(3, 4),
                button: Button::Left,
                count: 1,
                modifiers: vec![Modifier::Ctrl, Modifier::Shift],
                on: None,
            },
            r#"{"action":"click","at":{"x":3,"y":4},"button":"left","count":1,"modifiers":["ctrl","shift"]}"#,
            "ctrl+shift+click at 3,4",
        );
        let hold = Some(Duration::from_millis(1500));
        check(
            &Action::Key { chord: "Down".parse().unwrap(), hold },
            r#"{"action":"key","chord":"Down","hold":{"secs":1,"nanos":500000000}}"#,
            "hold Down for 1.5 s",
        );
        check(
            &Action::Hold { chord: "shift".parse().unwrap(), pressed: Pressed::Down },
            r#"{"action":"hold","chord":"Shift","pressed":"down"}"#,
            "hold Shift",
        );
        check(
            &Action::Window { window: 7, act: WindowAct::Close },
            r#"{"action":"window","window":7,"act":"close"}"#,
            "close window 7",
        );
        check(
            &Action::Open { target: "/a b.txt".parse().unwrap() },
            r#"{"action":"open","target":"/a b.txt"}"#,
            "open /a b.txt",
        );
        check(
            &Action::Copy { text: "a".to_owned() },
            r#"{"action":"copy","text":"a"}"#,
            "copy “a”",
        );
    }

    #[test]
    fn what_has_an_answer_is_an_action_like_any_other() {
        check(
            &Action::Shell { command: "echo a".to_owned() },
            r#"{"action":"shell","command":"echo a"}"#,
            "run “echo a”",
        );
        check(
            &Action::WriteFile { path: "/a".to_owned(), text: "b".to_owned() },
            r#"{"action":"write-file","path":"/a","text":"b"}"#,
            "write into /a: “b”",
        );
        check(
            &Action::ReadFile { path: "/a".to_owned() },
            r#"{"action":"read-file","path":"/a"}"#,
            "read /a",
        );
        let end = "; rm -r ~";
        let command = Action::Shell { command: "a".repeat(300) + end };
        assert!(!command.to_string().contains(end) && command.asked().contains(end));
    }

    #[test]
    fn an_act_on_an_element_survives_the_journal() {
        let tree = crate::view::sample::document("note.txt - Mousepad", "some text");
        let (id, _) = tree.nodes().last().unwrap();
        let action = Action::element(&tree, id, NodeAction::SetText("new\u{1b}".to_owned()));
        let written = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action);
        assert_eq!(action.to_string(), "write “new·” into text");
    }
}
