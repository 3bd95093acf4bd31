//! The whole view, driven by records and keys, drawn on a terminal made of memory.

mod home;
mod hostile;
mod player;
mod sample;
mod steering;
mod suite;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use deskbound_agent::control::Phase as RunPhase;
use deskbound_agent::record::{End, Record, Which};
use insta::assert_snapshot;
use ratatui::style::{Color, Modifier};
use serde_json::json;

use self::player::{ASCII, COLOURS, NO_COLOUR, Player, with_runs, with_styles};
use self::sample::{Recorded, acted, decided, observed, records, started, verified};
use super::helm::Spent;
use super::moment::Mark;
use super::phase::Phase;
use super::theme::{Palette, Theme};
use super::{Effect, Event, Tense};
use deskbound_accessibility::Effect as Came;
use deskbound_agent::action::Action;
use deskbound_models::{Candidate, Decision, Grounding, Move, Usage};
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

const SIZES: [(u16, u16); 5] = [(60, 18), (80, 24), (120, 40), (160, 50), (200, 60)];

fn over() -> Recorded {
    let mut recorded = Recorded::of(&records(End::Done));
    recorded.close();
    recorded
}

#[test]
fn every_size_has_its_arrangement() {
    let recorded = over();
    for (width, height) in SIZES {
        let mut player = Player::open(&recorded, Tense::Past, COLOURS, (width, height));
        // The click, with its target on the screen.
        player.press("End k k");
        assert_snapshot!(format!("size_{width}x{height}"), with_styles(&player.buffer()));
    }
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (59, 17));
    assert!(player.text().contains("59×17 is too small"), "{}", player.text());
}

#[test]
fn without_colours_and_in_ascii_the_same_can_be_read() {
    let recorded = over();
    for (name, theme) in [("no_colour", NO_COLOUR), ("ascii", ASCII)] {
        let mut player = Player::open(&recorded, Tense::Past, theme, (80, 24));
        player.press("End k k");
        assert_snapshot!(name, with_styles(&player.buffer()));
    }
    let mut player = Player::open(&recorded, Tense::Past, NO_COLOUR, (80, 24));
    let buffer = player.buffer();
    let plain =
        buffer.content.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset));
    assert!(plain, "a colour is left");
    let reversed = buffer.content.iter().any(|cell| cell.modifier.contains(Modifier::REVERSED));
    assert!(reversed, "the selection is lost");
    assert!(!player.text().contains('▀'), "a picture without colours");
    let mut player = Player::open(&recorded, Tense::Past, ASCII, (80, 24));
    assert!(player.text().is_ascii(), "{}", player.text());
}

/// Records that lead into each state, the last of them just now.
fn leading_to(phase: Phase) -> Vec<Record> {
    let until = |count: usize| records(End::Done).into_iter().take(count).collect();
    let ending = |end| records(end);
    match phase {
        Phase::Starting => vec![],
        Phase::Observing => until(4),
        Phase::Thinking => until(2),
        Phase::Acting => until(3),
        Phase::Asking => [until(3), vec![sample::asked()]].concat(),
        Phase::Paused => [until(3), vec![sample::paused()]].concat(),
        Phase::Control => [until(3), vec![Record::TakenOver]].concat(),
        Phase::Done => ending(End::Done),
        Phase::Failed => ending(End::Failed { reason: "no progress".to_owned() }),
        Phase::Infeasible => ending(End::Infeasible { reason: "no such tool".to_owned() }),
        Phase::Limit => ending(End::Limit { which: Which::Steps }),
        Phase::Stopped => ending(End::Stopped),
        Phase::Error => ending(End::Error { what: "the desktop cannot be reached".to_owned() }),
    }
}

#[test]
fn every_state_is_told_from_every_other() {
    let mut heads = String::new();
    let recorded: Vec<_> =
        Phase::ALL.into_iter().map(|phase| (phase, Recorded::of(&leading_to(phase)))).collect();
    for theme in [COLOURS, NO_COLOUR, ASCII] {
        let mut seen = BTreeSet::new();
        for (phase, recorded) in &recorded {
            let phase = *phase;
            let mut player = Player::open(recorded, Tense::Live, theme, (80, 24));
            assert_eq!(player.dashboard.story.phase, phase);
            let text = player.text();
            let head = text.lines().next().unwrap_or_default().to_owned();
            assert!(head.contains(phase.word()), "{head}");
            heads += &format!("{head}\n");
            assert!(seen.insert(head[..20.min(head.len())].to_owned()), "{heads}");
        }
    }
    assert_snapshot!("states", heads);
}

/// The whole view in this state, as whoever holds the control sees it.
fn in_state(recorded: &Recorded, phase: Phase, theme: Theme, size: (u16, u16)) -> Player {
    let tense = if phase.is_over() { Tense::Past } else { Tense::Live };
    let mut player = Player::open(recorded, tense, theme, size);
    player.dashboard.controls = true;
    // As long after the first record as the last was made: no clock differs.
    player.give(Event::Tick(Duration::from_millis(900)));
    let live = match phase {
        Phase::Paused => Some(RunPhase::Paused),
        Phase::Control => Some(RunPhase::TakenOver),
        _ => None,
    };
    if phase == Phase::Control {
        player.press("t");
    }
    live.into_iter().for_each(|live| player.give(Event::Phase(live)));
    if phase.is_over() {
        player.press("End");
    }
    player
}

#[test]
fn every_state_is_drawn_at_every_size() {
    for phase in Phase::ALL {
        let mut recorded = Recorded::of(&leading_to(phase));
        if phase.is_over() {
            recorded.close();
        }
        let mut shown = String::new();
        for size in SIZES {
            let mut player = in_state(&recorded, phase, COLOURS, size);
            let _ = writeln!(shown, "{}×{}\n{}", size.0, size.1, with_runs(&player.buffer()));
            assert!(player.text().contains(phase.word()), "{phase:?} {size:?}");
        }
        for (name, theme) in [("NO_COLOR", NO_COLOUR), ("ASCII", ASCII)] {
            let mut player = in_state(&recorded, phase, theme, (80, 24));
            let _ = writeln!(shown, "{name}\n{}", with_runs(&player.buffer()));
        }
        assert_snapshot!(format!("state_{phase:?}").to_lowercase(), shown);
    }
}

#[test]
fn a_live_view_follows_until_somebody_looks_back() {
    let mut recorded = Recorded::of(&[started(), observed(0), decided("write", "x", "")]);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    let told = recorded.entries().len();
    let tell = |player: &mut Player, recorded: &Recorded, from: usize| {
        let new = recorded.entries().split_off(from);
        player.give(Event::Told(new));
        recorded.entries().len()
    };
    recorded.push(&acted(1, Action::click(sample::SAVE), "it is saved"));
    let told = tell(&mut player, &recorded, told);
    assert!(player.dashboard.follows());
    assert_eq!(player.dashboard.index(), Some(1));

    player.press("k");
    recorded.push(&observed(1));
    recorded.push(&verified(1, Came::confirmed("it is saved")));
    let told = tell(&mut player, &recorded, told);
    assert_eq!((player.dashboard.follows(), player.dashboard.index()), (false, Some(0)));
    player.press("Esc");
    assert!(player.dashboard.follows());

    // Held still, nothing moves, and nothing is lost.
    player.press("f");
    let before = player.dashboard.story.moments.len();
    recorded.push(&decided("save", "y", ""));
    tell(&mut player, &recorded, told);
    assert_eq!(player.dashboard.story.moments.len(), before);
    assert!(player.text().contains("VIEW HELD STILL (+1)"), "{}", player.text());
    player.press("f");
    assert_eq!(player.dashboard.story.moments.len(), before + 1);
}

#[test]
fn the_run_is_leafed_through_and_marks_are_jumped_to() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    let total = player.dashboard.story.moments.len();
    let at = |player: &Player| player.dashboard.index().unwrap();
    for (keys, expected) in [
        ("j", 1),
        ("k k", 0),
        ("End", total - 1),
        ("Home", 0),
        ("n", 6),
        ("n", 6),
        ("N", 6),
        ("D", 6),
        ("A", 6),
        ("PgUp", 0),
        ("Right Right", 2),
        ("Left", 1),
    ] {
        player.press(keys);
        assert_eq!(at(&player), expected, "{keys}");
    }
    player.press("Home Space");
    player.give(Event::Tick(Duration::from_secs(10)));
    assert_eq!(at(&player), 1);
    player.give(Event::Tick(Duration::from_millis(10_100)));
    assert_eq!(at(&player), 1);
    player.press("q");
    assert_eq!(player.effects, [Effect::Leave]);
}

#[test]
fn before_a_click_its_target_is_on_the_screen_and_zoom_goes_there() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    // Of eight rows the click is the fifth.
    player.press("Home j j j j j");
    let text = player.text();
    assert!(text.contains("click at 380,292"), "{text}");
    assert!(text.contains(" Save ") && text.contains('✛'), "{text}");
    player.press("z z");
    let part = player.dashboard.exhibit.as_ref().unwrap().picture.as_ref().unwrap().part;
    assert!(part.contains(sample::SAVE) && part.width == 160, "{part:?}");
    player.press("Tab Left");
    let panned = player.dashboard.exhibit.as_ref().unwrap().picture.as_ref().unwrap().part;
    assert_eq!((panned.x, panned.y), (part.x - 40, part.y));
    player.press("Esc");
    assert_eq!(player.dashboard.zoom, 0);
    // After the click the button lies elsewhere, and no target is drawn there by `v`.
    player.press("v");
    assert!(player.text().contains("screen, after"), "{}", player.text());
}

#[test]
fn the_outline_stands_in_for_the_picture_and_shows_where_things_are() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    player.press("j a j j j j j");
    let text = player.text();
    assert!(
        text.contains("push button “Cancel”  Save As") || text.contains("button “Cancel”"),
        "{text}"
    );
    player.press("Enter");
    let text = player.text();
    assert!(text.contains("┌") && text.contains(" Save "), "{text}");
    player.press("Esc a / C a N");
    let text = player.text();
    assert!(text.contains("elements that say “CaN”") && text.contains("1/1"), "{text}");
    assert!(text.contains("button “Cancel”") && !text.contains("label “Name:”"), "{text}");
    player.press("Enter Esc");
    assert!(player.text().contains("label “Name:”"), "{}", player.text());
}

#[test]
fn help_lists_the_keys_that_mean_something_now() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    player.press("?");
    assert_snapshot!("help", player.text());
    player.press("x");
    assert!(player.text().contains("these keys"), "an unknown key closes nothing");
    player.press("Esc");
    assert!(!player.text().contains("these keys"));
}

#[test]
fn the_cursor_rests_where_the_focus_is() {
    let recorded = over();
    for theme in [COLOURS, NO_COLOUR, ASCII] {
        for (width, height) in SIZES {
            let mut player = Player::open(&recorded, Tense::Past, theme, (width, height));
            let steps = player.cursor();
            player.press("j");
            assert_eq!(player.cursor(), (steps.0, steps.1 + 1), "{width}×{height}");
            player.press("Tab");
            let elsewhere = player.cursor();
            assert!(elsewhere != steps || width < 76, "{width}×{height} {elsewhere:?}");
        }
    }
}

#[test]
fn any_size_can_be_drawn_in_any_state() {
    let recorded = over();
    for (theme, widths) in [(COLOURS, &[1, 59, 60, 61, 75, 76, 79, 131, 250][..]), (ASCII, &[67])] {
        for width in widths {
            for height in [1, 17, 18, 19, 23, 31, 90] {
                let mut player = Player::open(&recorded, Tense::Past, theme, (*width, height));
                for keys in ["End", "?", "? ? ?", "Esc a Tab", "z z v"] {
                    player.press(keys);
                    player.buffer();
                }
            }
        }
    }
}

#[test]
fn a_picture_for_another_size_is_no_trouble() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (200, 60));
    player.press("Home j j j j j");
    for size in [(80, 24), (60, 18), (250, 70), (20, 5), (77, 30)] {
        player.resize_only(size);
        player.buffer();
    }
}

#[test]
fn commands_are_offered_by_name_and_obeyed() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (80, 24));
    player.press(": n e x t");
    assert_snapshot!("commands", player.text());
    player.press("Esc : g o Space 3 Enter");
    assert_eq!(player.dashboard.index(), Some(2));
    player.press(": f i n d Space r e p l a c e Enter");
    assert!(player.text().contains("not allowed"), "{}", player.text());
    player.press(": t h e m e Space l i g h t Enter");
    assert_eq!(player.dashboard.theme.palette, Palette::Light);
    assert!(player.text().contains("theme: light"), "{}", player.text());
    let buffer = player.buffer();
    let named = buffer.content.iter().all(|cell| matches!(cell.bg, Color::Rgb(..)));
    assert!(named, "a colour of the terminal's own is left");
    player.press(": d a n c e Enter");
    assert!(player.text().contains("`dance` is no command"), "{}", player.text());
    player.press("/ s a v e Enter");
    assert!(player.dashboard.moment().is_some_and(|m| super::draw::says(m).contains("save")));
}

#[test]
fn denials_questions_and_failures_are_jumped_to() {
    let mut all = records(End::Failed { reason: "no".to_owned() });
    all.splice(3..3, [sample::asked(), sample::denied_by_hand()]);
    let mut recorded = Recorded::of(&all);
    recorded.close();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (80, 24));
    let at = |player: &mut Player, key: &str| {
        player.press(key);
        player.dashboard.index().unwrap()
    };
    let question = at(&mut player, "A");
    assert_eq!(at(&mut player, "A"), question, "there is but one");
    // A question that a person denied is a denial, too.
    assert_eq!(at(&mut player, "End D"), question);
    let guards = at(&mut player, "D");
    assert!(guards > question);
    assert_eq!(at(&mut player, "D"), question);
    at(&mut player, "E");
    assert_eq!(player.dashboard.moment().map(|moment| moment.mark()), Some(Mark::Failed));
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (80, 24));
    player.press("E");
    assert!(player.text().contains("there is no failure"), "{}", player.text());
}

#[test]
fn the_next_target_is_on_the_screen_before_it_is_clicked() {
    let until = records(End::Done).into_iter().take(11).collect::<Vec<_>>();
    let recorded = Recorded::of(&until);
    let player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    let outline = &player.dashboard.exhibit.as_ref().unwrap().outline;
    let save = outline.iter().find(|row| row.name == "Save").unwrap();
    let (role, name, context) = (save.role.clone(), save.name.clone(), save.context.clone());
    let mut found = until.clone();
    found.push(Record::Grounded {
        phrase: "the button that saves".to_owned(),
        candidates: vec![Candidate { role, name, context, bounds: None }],
        grounding: Grounding::Candidate { index: 0, probability: 0.9 },
        ground: Duration::from_millis(90),
    });
    let recorded = Recorded::of(&found);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    let text = player.text();
    assert!(text.contains(" Save ") && text.contains('┌') && !text.contains("click at"), "{text}");
    let mut aimed = until;
    aimed.push(Record::Aimed { step: 3, action: Action::click(sample::SAVE) });
    let recorded = Recorded::of(&aimed);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    let text = player.text();
    assert!(text.contains('✛') && text.contains("about to click at 380,292"), "{text}");
    assert!(text.contains("on “Save”"), "{text}");
}

#[test]
fn the_pointer_scrolls_and_chooses_where_it_is_asked_to() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    let pointed = |kind, column, row| {
        Event::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    player.give(pointed(click, 100, 6));
    assert_eq!(player.dashboard.index(), Some(0));
    player.press("m");
    assert_eq!(player.effects, [Effect::Mouse(true)]);
    player.give(pointed(click, 100, 6));
    assert_eq!(player.dashboard.index(), Some(3));
    player.give(pointed(MouseEventKind::ScrollDown, 100, 6));
    assert_eq!(player.dashboard.index(), Some(4));
    player.give(pointed(click, 10, 6));
    assert_eq!(player.dashboard.pane, super::Pane::Screen);
}

#[test]
fn what_models_and_run_take_is_in_the_head() {
    let usage = Usage { prompt: 2000, known: 1900, said: 48 };
    let decision = Decision { usage, ..Decision::new(Move::Done, 0.9, "") };
    let think = Duration::from_millis(9_600);
    let recorded = Recorded::of(&[started(), observed(0), Record::Decided { decision, think }]);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (160, 50));
    player.give(Event::Spent(Spent { resident_mb: 812 }));
    let text = player.text();
    let line = "trained · thinks 9.6 s · 5.0 tokens/s · 95 % reused · 812 MB";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_step_is_read_in_full_and_scrolled() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (80, 24));
    // The click.
    player.press("End k k Enter");
    assert_snapshot!("details", player.text());
    player.press("Right");
    let text = player.text();
    assert!(text.contains("“Replace” would destroy something"), "{text}");
    player.press("Esc");
    assert!(!player.text().contains("in full, "), "{}", player.text());
    // In the lowest terminal not all of a long thought fits.
    let thought = format!("first {} last", "and then ".repeat(120));
    let recorded = Recorded::of(&[started(), observed(0), decided("write", "x", &thought)]);
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (60, 18));
    player.press("Enter");
    let top = player.text();
    assert!(top.contains("thinks    first") && top.contains("1–13 of "), "{top}");
    player.press("End");
    let bottom = player.text();
    assert!(bottom.contains(" last") && !bottom.contains("thinks"), "{bottom}");
    assert_ne!(top, bottom);
    player.press("G");
    assert_eq!(player.text(), bottom, "the end is the end");
    player.press("g");
    assert_eq!(player.text(), top);
}

#[test]
fn what_is_read_in_full_stays_while_the_run_goes_on() {
    let mut recorded = Recorded::of(&[started(), observed(0), decided("write", "x", "because")]);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    player.press("Enter");
    let told = recorded.entries().len();
    recorded.push(&acted(1, Action::click(sample::SAVE), "it is saved"));
    player.give(Event::Told(recorded.entries().split_off(told)));
    assert_eq!(player.dashboard.index(), Some(0));
    assert!(player.text().contains("because"), "{}", player.text());
    player.press("Esc");
    assert!(player.dashboard.follows());
}

#[test]
fn without_colours_an_element_says_where_it_is() {
    let recorded = over();
    let mut player = Player::open(&recorded, Tense::Past, NO_COLOUR, (120, 40));
    player.press("j Tab j j j Enter");
    let text = player.text();
    assert!(text.contains(" at 270,285, 60×15"), "{text}");
}

#[test]
fn what_was_looked_for_after_the_end_is_told_in_words() {
    let check = |checks: serde_json::Value| {
        let mut recorded = Recorded::of(&records(End::Done));
        recorded.append(&json!({ "record": "checked", "end": "done", "checks": checks }));
        recorded.close();
        let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
        player.press("End");
        player
    };
    let rows = over_rows();
    // Nothing was to be looked for.
    assert_eq!(check(json!([])).dashboard.story.moments.len(), rows);
    let mut player = check(json!([
        { "file": "a.txt", "text": "x", "holds": true },
        { "missing": "b \u{1b}[2J", "holds": false },
    ]));
    assert_eq!(player.dashboard.story.moments.len(), rows + 1);
    assert_eq!(player.dashboard.moment().map(|moment| moment.mark()), Some(Mark::Failed));
    let text = player.text();
    assert!(text.contains("checked: 1 of 2 are so"), "{text}");
    assert!(text.contains("it is not so that b ·[2J is gone"), "{text}");
    player.press("Enter");
    let text = player.text();
    assert!(text.contains(" yes       a.txt says what it should"), "{text}");
    assert!(text.contains(" no        b ·[2J is gone"), "{text}");
}

fn over_rows() -> usize {
    let player = Player::open(&over(), Tense::Past, COLOURS, (120, 40));
    player.dashboard.story.moments.len()
}
