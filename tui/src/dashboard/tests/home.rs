//! The first screen, with what could be found on a machine.

use std::path::PathBuf;
use std::time::Duration;

use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::player::{ASCII, COLOURS, face, text};
use crate::dashboard::draw;
use crate::dashboard::home::{
    Choice, DesktopRow, Find, Home, ModelKind, ModelRow, RunRow, RunState, Verdict,
};
use crate::dashboard::phase::Phase;
use crate::dashboard::theme::{Palette, Theme};
use crate::dashboard::{Effect, Event};

fn run(name: &str, instruction: &str, state: RunState) -> RunRow {
    let folder = PathBuf::from(format!("/runs/{name}"));
    let extent = matches!(state, RunState::Ended(_)).then_some((7, Duration::from_secs(83)));
    RunRow { folder, name: name.to_owned(), instruction: instruction.to_owned(), state, extent }
}

fn found(theme: Theme) -> Home {
    let mut home = Home::new(face(theme));
    let desktop =
        |name: &str, state, is_ready| DesktopRow { name: name.to_owned(), state, is_ready };
    for find in [
        Find::Desktop(desktop("firefox", "not built", false)),
        Find::Desktop(desktop("minimal", "built", true)),
        Find::Desktop(desktop("desk-12-1", "runs now", false)),
        Find::Model(ModelRow {
            name: "Qwen/Qwen3-VL-4B".to_owned(),
            what: "8.9 GB".to_owned(),
            kind: ModelKind::Open,
        }),
        Find::Run(run("20260131T094512Z-3f9c12", "write “a”", RunState::Ended(Phase::Done))),
        Find::Run(run("20260201T080000Z-aaaaaa", "go on \u{1b}[2J", RunState::Live)),
        Find::Run(run("20260131T100000Z-bbbbbb", "sing", RunState::Ended(Phase::Infeasible))),
        Find::Run(run("20260130T100000Z-cccccc", "move it", RunState::CutOff)),
        Find::Run(run("odd", "", RunState::Broken)),
        Find::Verdict(Verdict {
            is_fit: true,
            line: "fit for runs · QEMU 7.2.22 · EMULATED · 18 GB free · d: more".to_owned(),
        }),
    ] {
        home.update(Event::Found(find));
    }
    home
}

/// A machine where every name is a stranger's.
pub(super) fn of_strangers(evil: &str) -> Home {
    let mut home = Home::new(face(COLOURS));
    let (name, line, what) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
    for find in [
        Find::Desktop(DesktopRow { name: name.clone(), state: "runs now", is_ready: true }),
        Find::Model(ModelRow { name, what, kind: ModelKind::Open }),
        Find::Run(run(evil, evil, RunState::CutOff)),
        Find::Verdict(Verdict { is_fit: false, line }),
    ] {
        home.update(Event::Found(find));
    }
    press(&mut home, ":");
    home.update(Event::Pasted(evil.to_owned()));
    press(&mut home, "Enter n");
    home.update(Event::Pasted(evil.to_owned()));
    home
}

/// The same while a command is being typed.
pub(super) fn of_a_strangers_command(evil: &str) -> Home {
    let mut home = of_strangers(evil);
    press(&mut home, "Esc :");
    home.update(Event::Pasted(evil.to_owned()));
    home
}

fn press(home: &mut Home, keys: &str) -> Vec<Effect> {
    let key = |key: &str| match key {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Down" => KeyCode::Down,
        key => KeyCode::Char(key.chars().next().unwrap()),
    };
    let events = keys.split(' ').map(|k| Event::Key(KeyEvent::new(key(k), KeyModifiers::NONE)));
    events.flat_map(|event| home.update(event)).collect()
}

fn shown(home: &Home, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::home::draw(home, frame)).unwrap();
    text(terminal.backend().buffer())
}

#[test]
fn the_first_screen_says_what_there_is() {
    let home = found(COLOURS);
    assert_snapshot!("home", shown(&home, (80, 24)));
    assert!(shown(&found(ASCII), (80, 24)).is_ascii());
    for width in [1, 59, 60, 200] {
        for height in [1, 17, 18, 60] {
            shown(&home, (width, height));
        }
    }
}

#[test]
fn runs_are_opened_and_started_from_the_first_screen() {
    let mut home = found(COLOURS);
    // The newest stands first, after what has no time.
    let folder = "/runs/20260201T080000Z-aaaaaa".to_owned();
    let watch = Choice::Watch { folder, live: true };
    assert_eq!(press(&mut home, "Down Enter"), [Effect::Chosen(watch)]);
    assert_eq!(press(&mut home, "n h i Esc"), []);
    assert_eq!(press(&mut home, "n Enter"), []);
    let start = |models: &str| {
        let (instruction, recipe) = ("hi".to_owned(), "minimal".to_owned());
        let models = models.to_owned();
        [Effect::Chosen(Choice::Start { instruction, recipe, models, action: None })]
    };
    assert_eq!(press(&mut home, "n h i Enter"), start("trained"));
    let mut home = found(COLOURS);
    assert_eq!(press(&mut home, "Tab Tab Down Enter h i Enter"), start("rules"));
    assert_eq!(press(&mut home, "d"), [Effect::Chosen(Choice::Doctor)]);
    assert_eq!(press(&mut home, "e"), [Effect::Chosen(Choice::Evaluation)]);
    let mut home = found(COLOURS);
    let [Effect::Chosen(Choice::Start { models, action, .. })] =
        &press(&mut home, "Tab Tab Down Down Enter h i Enter")[..]
    else {
        panic!("it is started")
    };
    assert_eq!((&**models, action.as_deref()), ("trained", Some("Qwen/Qwen3-VL-4B")));
    let mut home = found(COLOURS);
    assert_eq!(press(&mut home, "? q q"), [Effect::Leave]);
}

#[test]
fn commands_are_typed_on_the_first_screen() {
    let mut home = found(COLOURS);
    press(&mut home, ": n e w");
    let screen = shown(&home, (80, 24));
    let offered = screen
        .lines()
        .find(|line| line.contains("type what is to be done") && line.contains("new-run"));
    assert!(offered.is_some() && screen.contains(" : new"), "{screen}");
    // What means nothing here is not offered.
    assert!(!screen.contains("next-mark"), "{screen}");
    press(&mut home, "Enter h i");
    assert!(shown(&home, (80, 24)).contains("› hi"));
    press(&mut home, "Esc");
    assert_eq!(press(&mut home, ": d o c Tab Enter"), [Effect::Chosen(Choice::Doctor)]);
    let mut home = found(COLOURS);
    press(&mut home, ": t h e m e");
    home.update(Event::Pasted(" dark".to_owned()));
    press(&mut home, "Enter");
    assert_eq!(home.theme.palette, Palette::Dark);
    press(&mut home, ": x y Enter");
    assert!(shown(&home, (80, 24)).contains("`xy` is no command that means something now"));
    assert_eq!(press(&mut home, ": Esc"), []);
    assert!(shown(&home, (80, 24)).contains(": commands"));
    assert_eq!(press(&mut home, "Esc"), [Effect::Leave]);
}

#[test]
fn runs_are_found_by_what_they_say() {
    let mut home = found(COLOURS);
    press(&mut home, "/ S i");
    let screen = shown(&home, (80, 24));
    assert!(screen.contains("find › Si") && screen.contains("runs that say “Si”"), "{screen}");
    assert!(screen.contains("“sing”") && !screen.contains("“move it”"), "{screen}");
    press(&mut home, "Enter");
    let folder = "/runs/20260131T100000Z-bbbbbb".to_owned();
    let watch = Choice::Watch { folder, live: false };
    assert_eq!(press(&mut home, "Enter"), [Effect::Chosen(watch)]);
    press(&mut home, "/ z z z");
    assert!(shown(&home, (80, 24)).contains("none does"));
    press(&mut home, "Esc");
    assert!(shown(&home, (80, 24)).contains("“move it”"));
    // One level back: first the filter goes, then the screen.
    press(&mut home, "/ s Enter");
    assert_eq!(press(&mut home, "Esc"), []);
    assert_eq!(press(&mut home, "Esc"), [Effect::Leave]);
}
