//! Whatever a desktop or a model says, a terminal is told nothing but what this program means.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use deskbound_accessibility::Effect;
use deskbound_agent::action::Action;
use deskbound_agent::control::AskId;
use deskbound_agent::journal::Journal;
use deskbound_agent::limits::Limits;
use deskbound_agent::policy::{Policy, Surface};
use deskbound_agent::record::{End, Hand, Record, StepSink};
use deskbound_models::{Candidate, Decision, Grounding, Move, Prompt, ToolCall, Turn};
use image::RgbImage;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use serde_json::json;

use super::player::{ASCII, COLOURS, NO_COLOUR, Player};
use super::sample::{Recorded, hostile_tree};
use crate::dashboard::draw::{self, draw};
use crate::dashboard::{Event, Layer, Over, Tense};

const CORPUS: [&str; 14] = [
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;owned\u{7}",
    "\u{1b}]52;c;ZWNobyBoaQ==\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\",
    "\u{9b}31mred\u{9c}",
    "nul\0 bel\u{7} bs\u{8}\u{8}\u{8} del\u{7f}",
    "two\nlines\r\ttab\u{b}\u{c}",
    "exe\u{202e}txt.gpj\u{2066}x\u{2069}",
    "zero\u{200b}width\u{feff}\u{2060}\u{ad}",
    "tag\u{e0041}\u{e007f}",
    "wide 文字文字文字 🦀🦀🦀 ﷽",
    "za\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}lgo",
    "\u{2028}line\u{2029}paragraph",
    "\u{1b}[?1049l\u{1b}c\u{18}\u{1a}",
];

/// Everything a stranger can say, said in this way.
fn records(evil: &str) -> Vec<Record> {
    let text = || evil.to_owned();
    let took = Duration::from_secs(1);
    let arguments = json!({ evil: evil }).as_object().cloned().unwrap();
    let call = || ToolCall { tool: text(), arguments: arguments.clone() };
    let decided =
        |next| Record::Decided { decision: Decision::new(next, 0.5, text()), think: took };
    let launch = || Action::Launch { program: text(), args: vec![text()] };
    vec![
        Record::Started {
            instruction: text(),
            models: text(),
            desktop: text(),
            limits: Limits::default(),
            policy: Policy::of(Surface::Disposable),
            home: text(),
            origins: Default::default(),
        },
        Record::Observed {
            step: 0,
            frame: RgbImage::from_pixel(64, 40, image::Rgb([9, 9, 9])).into(),
            tree: hostile_tree(evil).into(),
            observe: took,
            settle: took,
        },
        decided(Move::Call(call())),
        Record::Grounded {
            phrase: text(),
            candidates: vec![Candidate {
                role: text(),
                name: text(),
                context: text(),
                bounds: None,
            }],
            grounding: Grounding::Candidate { index: 0, probability: 0.5 },
            ground: took,
        },
        Record::Acted { step: 1, action: launch(), expects: text(), act: took },
        Record::Verified { step: 1, effect: Effect::confirmed(text()), took },
        Record::Acted {
            step: 2,
            action: Action::Type { text: text() },
            expects: text(),
            act: took,
        },
        Record::Verified { step: 2, effect: Effect::nothing_happened(text()), took },
        Record::Asked { ask: AskId(1), step: 3, action: launch(), reason: text() },
        Record::Answered { ask: AskId(1), answer: None, after: took },
        Record::Questioned { ask: AskId(2), question: text() },
        Record::Replied { ask: AskId(2), text: Some(text()), after: Duration::ZERO },
        Record::Prompted { prompt: Prompt { after: 1, text: text() } },
        Record::ByHand { hand: Hand::Launch { program: text() }, refused: Some(text()) },
        Record::TakenOver,
        Record::ByHand { hand: Hand::Text { characters: 2, digest: Some(text()) }, refused: None },
        Record::Denied { step: 3, action: launch(), reason: text() },
        Record::Called { turn: Turn::new(call(), false, text()), took },
        decided(Move::Refuse { reason: text() }),
        Record::Ended { end: End::Failed { reason: text() }, steps: 2, took },
    ]
}

#[test]
fn only_our_own_escapes_reach_the_terminal() {
    for evil in CORPUS {
        let mut recorded = Recorded::of(&records(evil));
        recorded.close();
        for (theme, sizes) in
            [(COLOURS, &[(60, 18), (150, 40)][..]), (NO_COLOUR, &[(80, 24)]), (ASCII, &[(80, 24)])]
        {
            for size in sizes.iter().copied() {
                let mut player = Player::open(&recorded, Tense::Past, theme, size);
                player.give(Event::Refused(evil.to_owned()));
                player.give(Event::Broken(evil.to_owned()));
                let total = player.dashboard.story.moments.len();
                let each = "j ".repeat(total - 1);
                for keys in each.split_whitespace().chain(["a", "Tab", "Enter", "z", "?"]) {
                    player.press(keys);
                    only_ours(&written(&player, size), evil);
                    if keys == "j" {
                        player.press("Enter");
                        only_ours(&written(&player, size), evil);
                        player.press("Esc");
                    }
                }
            }
        }
    }
}

/// Whoever holds the control is asked, types, and sees what was said of it.
#[test]
fn only_our_own_escapes_reach_whoever_steers() {
    let size = (100, 30);
    for evil in CORPUS {
        let asked = records(evil).into_iter().take(9).collect::<Vec<_>>();
        let recorded = Recorded::of(&asked);
        let mut player = Player::open(&recorded, Tense::Live, COLOURS, size);
        player.dashboard.controls = true;
        for seconds in [1, 2] {
            player.give(Event::Tick(Duration::from_secs(seconds)));
            only_ours(&written(&player, size), evil);
            player.press("e");
        }
        for keys in ["f", "f"] {
            only_ours(&written(&player, size), evil);
            player.press(keys);
        }
        only_ours(&written(&player, size), evil);
        let recorded = Recorded::of(&records(evil)[..3]);
        let mut player = Player::open(&recorded, Tense::Live, COLOURS, size);
        player.dashboard.controls = true;
        for open in ["p", ":", "/"] {
            player.press(open);
            player.give(Event::Pasted(evil.to_owned()));
            only_ours(&written(&player, size), evil);
            player.press("Enter");
            only_ours(&written(&player, size), evil);
            player.press("Esc");
        }
        // The list, its row of the clipboard, and what comes of it.
        player.press("t Ctrl-\\ Down Down Enter");
        player.give(Event::Carried(evil.to_owned()));
        assert!(matches!(player.dashboard.layer, Layer::Hands { over: Over::Carried { .. }, .. }));
        only_ours(&written(&player, size), evil);
        player.press("Ctrl-]");
        for event in [
            Event::Parted(evil.to_owned()),
            Event::Refused(evil.to_owned()),
            Event::Broken(evil.to_owned()),
        ] {
            player.give(event);
            only_ours(&written(&player, size), evil);
        }
    }
}

/// The same as lines, for `--plain`, pipes and the log.
#[test]
fn lines_of_a_record_are_harmless() {
    for evil in CORPUS {
        let recorded = Recorded::of(&records(evil));
        for line in recorded.entries().iter().filter_map(crate::dashboard::feed::line) {
            let is_harmless = line.chars().all(|character| {
                let text = character.to_string();
                deskbound_agent::sanitize::line(&text) == text
            });
            assert!(is_harmless, "{line:?} of {evil:?}");
        }
    }
}

#[test]
fn the_first_screen_shows_strangers_words_harmlessly() {
    let size = (100, 30);
    for evil in CORPUS {
        for home in [super::home::of_strangers(evil), super::home::of_a_strangers_command(evil)] {
            let bytes = painted(size, |frame| draw::home::draw(&home, frame));
            only_ours(&bytes, evil);
        }
    }
}

#[test]
fn the_view_of_a_suite_shows_strangers_words_harmlessly() {
    for evil in CORPUS {
        for view in [super::suite::of_strangers(evil), super::suite::of_a_strangers_command(evil)] {
            let bytes = painted((100, 30), |frame| draw::suite::draw(&view, frame));
            only_ours(&bytes, evil);
        }
    }
}

#[test]
fn a_record_of_an_unknown_kind_is_shown_harmlessly() {
    let base = tempfile::tempdir().unwrap();
    for evil in CORPUS {
        let mut journal = Journal::create(base.path()).unwrap();
        journal.append(&json!({ "record": evil, "more": evil }), &[]).unwrap();
        drop(journal);
    }
    let mut journal = Journal::create(base.path()).unwrap();
    journal.record(&super::sample::started()).unwrap();
    drop(journal);
    let mut recorded = Recorded::new();
    recorded.push(&super::sample::started());
    let mut player = Player::open(&recorded, Tense::Past, COLOURS, (120, 40));
    for run in std::fs::read_dir(base.path()).unwrap().flatten() {
        let mut reader = deskbound_agent::journal::Reader::open(&run.path()).unwrap();
        while let Some(entry) = reader.next_entry().unwrap() {
            player.give(Event::Told(vec![entry]));
            only_ours(&written(&player, (120, 40)), "an unknown record");
        }
    }
}

/// What goes to a terminal when everything is drawn.
fn written(player: &Player, size: (u16, u16)) -> Vec<u8> {
    painted(size, |frame| draw(&player.dashboard, frame))
}

fn painted((width, height): (u16, u16), paint: impl FnOnce(&mut Frame<'_>)) -> Vec<u8> {
    ratatui::crossterm::style::force_color_output(true);
    let bytes = Shared::default();
    let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
    let backend = CrosstermBackend::new(bytes.clone());
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport }).unwrap();
    terminal.draw(paint).unwrap();
    bytes.0.lock().unwrap().clone()
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the cursor goes, colours and weights, and whether the cursor shows; and text that moves
/// nothing and hides nothing.
fn only_ours(bytes: &[u8], evil: &str) {
    let text = std::str::from_utf8(bytes).expect("UTF-8");
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\u{1b}' {
            let shown = deskbound_agent::sanitize::line(&character.to_string());
            assert_eq!(shown, character.to_string(), "of {evil:?}");
            continue;
        }
        assert_eq!(rest.next(), Some('['), "of {evil:?}");
        let is_parameter = |c: &char| c.is_ascii_digit() || matches!(c, ';' | '?');
        let sequence: String = rest.by_ref().take_while(is_parameter).collect();
        // `take_while` has eaten the final character: find it again from what is left.
        let used = text.len() - rest.as_str().len();
        let last = text[..used].chars().next_back();
        let ours = match last {
            Some('H' | 'm') => !sequence.contains('?'),
            Some('h' | 'l') => sequence == "?25",
            _ => false,
        };
        assert!(ours, "ESC [ {sequence} {last:?} of {evil:?}");
    }
}
