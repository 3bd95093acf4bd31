//! A person at a run that goes on: answers, pauses, prompts, takes over, and what is forbidden.

use std::time::Duration;

use deskbound_agent::action::Action;
use deskbound_agent::control::{Answer, AskId, Command, Extent, Phase as RunPhase};
use deskbound_agent::record::{End, Record};
use insta::assert_snapshot;

use super::super::clipboard::Carrying;
use super::super::helm::Order;
use super::super::special::{self, Deed};
use super::super::{Effect, Event, Reach, Tense};
use super::SIZES;
use super::player::{COLOURS, Player, with_styles};
use super::sample::{self, Recorded, records};

/// A live view that holds the control, of a run that has come this far.
fn steering(records: &[Record]) -> (Recorded, Player) {
    let recorded = Recorded::of(records);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (80, 24));
    player.dashboard.controls = true;
    player.give(Event::Tick(Duration::from_secs(30)));
    player.effects.clear();
    (recorded, player)
}

fn told(command: Command) -> Effect {
    Effect::Order(Order::Tell(command))
}

fn asking() -> Vec<Record> {
    [records(End::Done).into_iter().take(3).collect(), vec![sample::asked()]].concat()
}

#[test]
fn a_question_is_a_no_unless_a_yes_is_meant() {
    let answer = |answer| told(Command::Answer { ask: AskId(1), answer });
    let (_recorded, mut player) = steering(&asking());
    assert_snapshot!("question_unarmed", player.text());
    player.press("y a Space q j");
    assert_eq!(player.effects, []);
    player.give(Event::Tick(Duration::from_millis(30_600)));
    assert_snapshot!("question", with_styles(&player.buffer()));
    player.press("e");
    assert_snapshot!("question_explained", player.text());
    player.press("y");
    assert_eq!(player.effects, [answer(Answer::Approve { extent: Extent::Once })]);
    for (key, expected) in [
        ("Enter", vec![answer(Answer::Deny)]),
        ("Esc", vec![answer(Answer::Deny)]),
        ("x", vec![answer(Answer::Deny), Effect::Order(Order::Stop)]),
    ] {
        let (_recorded, mut player) = steering(&asking());
        player.press(key);
        assert_eq!(player.effects, expected, "{key}");
    }
}

#[test]
fn what_a_model_wants_to_know_is_in_sight_until_it_is_said() {
    let ask = AskId(1);
    let question = Record::Questioned { ask, question: "Which folder?\u{1b}[2J".to_owned() };
    let mut asked = [records(End::Done).into_iter().take(3).collect(), vec![question]].concat();
    for size in SIZES {
        let recorded = Recorded::of(&asked);
        let mut player = Player::open(&recorded, Tense::Live, COLOURS, size);
        player.dashboard.controls = true;
        player.give(Event::Tick(Duration::from_secs(30)));
        let shown = player.text();
        assert!(shown.contains("Which folder?") && shown.contains("p answer"), "{shown}");
        assert!(shown.contains("ASKING"), "{shown}");
        player.effects.clear();
        player.press("p b Enter");
        let answer = told(Command::Prompt { text: "b".to_owned() });
        assert_eq!(player.effects, [answer]);
    }
    let text = Some("b".to_owned());
    asked.push(Record::Replied { ask, text, after: Duration::from_secs(1) });
    let (_recorded, mut player) = steering(&asked);
    assert!(!player.text().contains("p answer"), "{}", player.text());
    assert!(player.text().contains("you said"), "{}", player.text());
}

#[test]
fn who_only_watches_is_not_asked_and_tells_nothing() {
    let recorded = Recorded::of(&asking());
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (80, 24));
    assert!(!player.text().contains("may this be done"), "{}", player.text());
    assert!(player.text().contains("WATCHING"), "{}", player.text());
    player.press("y n Space s p x t S y Ctrl-]");
    assert_eq!(player.effects, []);
    player.press("q");
    assert_eq!(player.effects, [Effect::Leave]);
}

#[test]
fn keys_and_pointer_go_to_the_desktop_until_they_are_called_back() {
    let (_recorded, mut player) = steering(&records(End::Done)[..3]);
    player.press("t");
    assert_eq!(player.effects, [told(Command::TakeOver), Effect::Mouse(true)]);
    player.give(Event::Phase(RunPhase::TakenOver));
    assert_snapshot!("control", player.text());
    player.effects.clear();
    player.press("q ? Esc");
    player.give(Event::Pasted("two words".to_owned()));
    let hand = |action| told(Command::Hand { action });
    let typed = |text: &str| hand(Action::Type { text: text.to_owned() });
    let escape = hand(Action::chord("Escape".parse().unwrap()));
    assert_eq!(player.effects, [typed("q"), typed("?"), escape, typed("two words")]);
    player.effects.clear();
    player.press("Ctrl-]");
    assert_eq!(player.effects, [told(Command::GiveBack), Effect::Mouse(false)]);
    player.effects.clear();
    player.press("j");
    assert_eq!(player.effects, []);
}

#[test]
fn a_person_pauses_steps_prompts_and_stops() {
    let (_recorded, mut player) = steering(&records(End::Done)[..3]);
    let orders = |player: &mut Player, keys: &str| {
        player.effects.clear();
        player.press(keys);
        std::mem::take(&mut player.effects)
    };
    assert_eq!(orders(&mut player, "Space"), [told(Command::Pause)]);
    assert_eq!(orders(&mut player, "s"), [told(Command::Pause), told(Command::Step)]);
    player.give(Event::Phase(RunPhase::Paused));
    assert_eq!(orders(&mut player, "Space"), [told(Command::Resume)]);
    assert_eq!(orders(&mut player, "s"), [told(Command::Step)]);
    let prompt = Command::Prompt { text: "hi S".to_owned() };
    assert_eq!(orders(&mut player, "p h i Space S Enter"), [told(prompt)]);
    assert_eq!(orders(&mut player, "S n"), []);
    assert_eq!(orders(&mut player, "S y"), [Effect::Order(Order::Stop)]);
    assert_eq!(orders(&mut player, "q Esc"), []);
    assert_eq!(orders(&mut player, "q q"), [Effect::Leave]);
    player.give(Event::Parted("the run has closed its door".to_owned()));
    assert_eq!(orders(&mut player, "Space S y t"), []);
}

#[test]
fn keys_that_a_terminal_keeps_are_sent_from_a_list() {
    let (_recorded, mut player) = steering(&records(End::Done)[..3]);
    player.press("t");
    player.give(Event::Phase(RunPhase::TakenOver));
    player.effects.clear();
    player.press("Ctrl-\\");
    assert!(player.text().contains("Ctrl-Alt-Del"), "{}", player.text());
    player.press("Down Enter");
    let chord = |text: &str| Action::chord(text.parse().unwrap());
    assert_eq!(player.effects, [told(Command::Hand { action: chord("Super") })]);
    player.effects.clear();
    player.press("Ctrl-\\ Esc x");
    let x = Action::Type { text: "x".to_owned() };
    assert_eq!(player.effects, [told(Command::Hand { action: x })]);
    player.effects.clear();
    // Also from within the list there is a way back.
    player.press("Ctrl-\\ Ctrl-]");
    assert_eq!(player.effects, [told(Command::GiveBack), Effect::Mouse(false)]);
}

#[test]
fn a_question_has_its_answers_in_sight_however_long_it_is() {
    let mut asked = asking();
    let Some(Record::Asked { action, reason, .. }) = asked.last_mut() else { unreachable!() };
    *action = Action::Type { text: "many words ".repeat(60) };
    *reason = "a rule with a long name ".repeat(12);
    for size in SIZES {
        let recorded = Recorded::of(&asked);
        let mut player = Player::open(&recorded, Tense::Live, COLOURS, size);
        player.dashboard.controls = true;
        player.give(Event::Tick(Duration::from_secs(30)));
        let mut shown = vec![player.text()];
        for keys in ["f", "f e"] {
            player.press(keys);
            shown.push(player.text());
        }
        for text in shown {
            assert!(text.contains("n no (Enter)") && text.contains("no answer in"), "{text}");
        }
    }
}

#[test]
fn a_question_is_looked_at_in_full() {
    let (_recorded, mut player) = steering(&asking());
    player.press("f");
    assert_snapshot!("question_full", player.text());
    let full = player.dashboard.exhibit.as_ref().unwrap().crop.as_ref().unwrap().extent;
    player.press("f");
    let card = player.dashboard.exhibit.as_ref().unwrap().crop.as_ref().unwrap().extent;
    assert!(full.columns > card.columns, "{full:?} {card:?}");
    player.press("Enter");
    let answer = Answer::Deny;
    assert_eq!(player.effects, [told(Command::Answer { ask: AskId(1), answer })]);
}

/// A person has the desktop, and the list of what a terminal cannot send is at this row.
fn in_the_list(row: usize) -> Player {
    let (_recorded, mut player) = steering(&records(End::Done)[..3]);
    player.press("t");
    player.give(Event::Phase(RunPhase::TakenOver));
    player.press("Ctrl-\\");
    (0..row).for_each(|_| player.press("Down"));
    player.effects.clear();
    player
}

fn row_of(wanted: Deed) -> usize {
    special::ROWS.iter().position(|(_, deed)| *deed == wanted).unwrap()
}

#[test]
fn the_desktops_clipboard_comes_when_it_is_asked_for_and_a_person_has_seen_it() {
    let text = "one\ntwo \u{1b}[2J";
    let come = || Event::Carried(text.to_owned());
    let mut player = in_the_list(row_of(Deed::Carry));
    // Nobody has asked.
    player.give(come());
    assert!(!player.text().contains("[2J"), "{}", player.text());
    player.press("Enter");
    assert_eq!(player.effects, [told(Command::Carry)]);
    player.effects.clear();
    player.give(come());
    assert_snapshot!("clipboard", player.text());
    player.press("y");
    assert_eq!(player.effects, [], "it was meant for the desktop");
    player.give(Event::Tick(Duration::from_millis(30_600)));
    player.press("y");
    assert_eq!(player.effects, [Effect::Carry(text.to_owned())]);
    assert!(player.text().contains("12 characters given"), "{}", player.text());
    for key in ["n", "Esc", "Enter"] {
        let mut player = in_the_list(row_of(Deed::Carry));
        player.press("Enter");
        player.give(come());
        player.give(Event::Tick(Duration::from_millis(30_600)));
        player.effects.clear();
        player.press(key);
        assert_eq!(player.effects, [], "{key}");
        player.press("x");
        let action = Action::Type { text: "x".to_owned() };
        assert_eq!(player.effects, [told(Command::Hand { action })], "{key}");
    }
}

#[test]
fn settings_can_keep_the_clipboard_where_it_is() {
    let mut player = in_the_list(row_of(Deed::Carry));
    player.dashboard.carrying = Carrying::Never;
    player.press("Enter");
    assert_eq!(player.effects, []);
    assert!(player.text().contains("`view.clipboard` keeps"), "{}", player.text());
}

#[test]
fn a_desktop_is_reset_once_the_word_has_been_typed() {
    let mut player = in_the_list(row_of(Deed::Reset));
    player.press("Enter");
    assert_snapshot!("reset", player.text());
    player.give(Event::Pasted("reset".to_owned()));
    player.press("y Enter");
    assert_eq!(player.effects, []);
    assert!(player.text().contains("was not typed"), "{}", player.text());
    let mut player = in_the_list(row_of(Deed::Reset));
    player.press("Enter r e s e t Enter");
    assert_eq!(player.effects, [told(Command::Reset)]);
}

#[test]
fn the_control_is_taken_by_whoever_may_steer() {
    let recorded = Recorded::of(&records(End::Done)[..3]);
    let mut player = Player::open(&recorded, Tense::Live, COLOURS, (120, 40));
    player.press("c y");
    assert_eq!(player.effects, [], "it may only look");
    player.dashboard.reach = Reach::Steer;
    assert!(player.text().contains("take the control"), "{}", player.text());
    player.press("c n");
    assert_eq!(player.effects, []);
    player.press("c y");
    assert_eq!(player.effects, [Effect::Order(Order::TakeControl)]);
    player.effects.clear();
    player.give(Event::Controls);
    assert!(!player.text().contains("WATCHING"), "{}", player.text());
    player.press("Space");
    assert_eq!(player.effects, [told(Command::Pause)]);
    player.give(Event::Succeeded);
    player.effects.clear();
    player.press("Space");
    assert_eq!(player.effects, []);
}

#[test]
fn a_line_that_is_gone_is_only_told_where_the_run_is_not_over() {
    let why = "the run has closed its door";
    let parted = |records: &[Record]| {
        let (_recorded, mut player) = steering(records);
        player.give(Event::Parted(why.to_owned()));
        assert!(!player.text().contains(why), "its last record may be on its way");
        player.give(Event::Tick(Duration::from_secs(32)));
        player.text().contains(why)
    };
    assert!(parted(&records(End::Done)[..3]));
    assert!(!parted(&records(End::Done)));
}
