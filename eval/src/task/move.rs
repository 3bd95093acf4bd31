//! Steps of a script: of a task's setup, and of its oracle.

use deskbound_agent::action::Chord;
use serde::Deserialize;

/// What a script says at its end, in place of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Done,
    Infeasible,
}

/// `{home}` in words and texts is the home folder of the desktop.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub enum Move {
    /// A command that is waited for, and must succeed.
    Run {
        words: Vec<String>,
    },
    /// A program that stays.
    Launch {
        words: Vec<String>,
    },
    /// Until a window has this in its title.
    AwaitWindow {
        title: String,
    },
    /// Until no window has this in its title.
    AwaitGone {
        title: String,
    },
    /// Until something that fits shows.
    AwaitShown {
        selector: String,
    },
    Click {
        selector: String,
        count: u8,
    },
    Key {
        chord: Chord,
    },
    Type {
        text: String,
    },
    /// A command whose end says nothing; only tasks of others have it, as the next
    /// three.
    Try {
        words: Vec<String>,
    },
    Wait {
        seconds: f64,
    },
    /// Points there, and clicks so many times.
    ClickAt {
        x: i32,
        y: i32,
        count: u8,
    },
    /// In the middle of the screen; more is further down.
    Scroll {
        notches: i32,
    },
    /// What is said of the task; without it, that it is done.
    End {
        ending: Ending,
    },
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    run: Option<Vec<String>>,
    launch: Option<Vec<String>>,
    window: Option<String>,
    gone: Option<String>,
    shown: Option<String>,
    click: Option<String>,
    double: Option<String>,
    key: Option<String>,
    r#type: Option<String>,
    end: Option<Ending>,
}

impl TryFrom<Fields> for Move {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let Fields { run, launch, window, gone, shown, click, double, key, r#type, end } = fields;
        let key = key
            .map(|chord| chord.parse().map_err(|error| format!("`{chord}` is no chord: {error}")));
        let moves = [
            run.map(|words| Self::Run { words }),
            launch.map(|words| Self::Launch { words }),
            window.map(|title| Self::AwaitWindow { title }),
            gone.map(|title| Self::AwaitGone { title }),
            shown.map(|selector| Self::AwaitShown { selector }),
            click.map(|selector| Self::Click { selector, count: 1 }),
            double.map(|selector| Self::Click { selector, count: 2 }),
            key.transpose()?.map(|chord| Self::Key { chord }),
            r#type.map(|text| Self::Type { text }),
            end.map(|ending| Self::End { ending }),
        ];
        let mut said = moves.into_iter().flatten();
        match (said.next(), said.next()) {
            (Some(Self::Run { words } | Self::Launch { words }), None) if words.is_empty() => {
                Err("a command has a program".to_owned())
            }
            (Some(only), None) => Ok(only),
            _ => Err("a step is one of `run`, `launch`, `window`, `gone`, `shown`, `click`, \
                      `double`, `key`, `type` and `end`"
                .to_owned()),
        }
    }
}
