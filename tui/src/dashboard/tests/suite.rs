//! How far a suite is, drawn on a terminal made of memory.

use std::path::PathBuf;

use deskbound_eval::{Estimate, Family, Host, Newest, Pace, Passes, Progress, Shard, Status};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::player::{ASCII, COLOURS, face, text};
use crate::dashboard::draw;
use crate::dashboard::home::Choice;
use crate::dashboard::suite::SuiteView;
use crate::dashboard::theme::Theme;
use crate::dashboard::{Effect, Event};

const NEWEST: usize = 20;

fn progress(name: &str) -> Progress {
    let shard = |number, done, pace| Shard { number, planned: 10, done, pace };
    let newest = |at: usize| Newest {
        id: format!("{name}-{at}.1.1"),
        status: if at == 0 { Status::Timeout } else { Status::Pass },
        seconds: 34,
        host: name.to_owned(),
        journal: (at != 3).then(|| PathBuf::from(format!("/runs/{at}"))),
    };
    let passes = |k, value| {
        let any = Estimate { value, low: 0.25, high: 1.0 };
        Passes { k, any, all: Estimate { value: 0.5, ..any } }
    };
    Progress {
        suite: name.to_owned(),
        with: "trained on x11".to_owned(),
        planned: 40,
        done: 22,
        statuses: [(Status::Pass, 20), (Status::Fail, 1), (Status::Timeout, 1)].into(),
        passes: vec![passes(1, 0.6), passes(2, 0.8)],
        attempts_spoilt: 3,
        unresolved: 1,
        families: vec![Family { name: name.to_owned(), planned: 40, done: 22, passed: 20 }],
        hosts: vec![Host { name: name.to_owned(), done: 22, samples_per_hour: 41.5, silent_s: 12 }],
        shards: vec![
            shard(0, 10, Pace::Through),
            shard(1, 10, Pace::Through),
            shard(2, 1, Pace::Going),
            shard(3, 1, Pace::Still),
        ],
        newest: (0..NEWEST).map(newest).collect(),
        left_s: Some(2040),
        junk: 2,
        junk_named: vec![name.to_owned()],
    }
}

fn view(theme: Theme, progress: Progress) -> SuiteView {
    let mut view = SuiteView::new(face(theme));
    view.update(Event::Measured(Box::new(progress)));
    view
}

/// Where every name is a stranger's.
pub(super) fn of_strangers(evil: &str) -> SuiteView {
    let mut view = view(COLOURS, progress(evil));
    view.update(Event::Broken(evil.to_owned()));
    view.notice = Some(evil.to_owned());
    view
}

/// The same while a command is being typed.
pub(super) fn of_a_strangers_command(evil: &str) -> SuiteView {
    let mut view = of_strangers(evil);
    press(&mut view, KeyCode::Char(':'));
    view.update(Event::Pasted(evil.to_owned()));
    view
}

fn shown(view: &SuiteView, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw::suite::draw(view, frame)).unwrap();
    text(terminal.backend().buffer())
}

fn press(view: &mut SuiteView, key: KeyCode) -> Vec<Effect> {
    view.update(Event::Key(KeyEvent::new(key, KeyModifiers::NONE)))
}

#[test]
fn all_that_is_known_of_a_suite_is_on_one_screen() {
    let seen = view(COLOURS, progress("desk"));
    let screen = shown(&seen, (100, 30));
    for expected in [
        "desk with trained on x11",
        "█████████████───────────  22 of 40 samples, about 34 min left",
        "20 pass, 1 fail, 1 timeout",
        "pass@1 60 % (25 to 100), pass@2 80 % (25 to 100), pass^2 50 % (25 to 100), 95 % over",
        "3 spoilt, 1 open for it",
        "2 files are no results",
        "41.5/h  12 s ago",
        "stands still",
        "desk-0.1.1",
    ] {
        assert!(screen.contains(expected), "{expected}\n{screen}");
    }
    let still = screen.find("stands still").unwrap();
    assert!(still < screen.find("     2 ").unwrap(), "{screen}");
    assert!(shown(&view(ASCII, progress("desk")), (80, 24)).is_ascii());
    for width in [1, 59, 60, 200] {
        for height in [1, 17, 18, 60] {
            shown(&seen, (width, height));
        }
    }
    // Nothing is known yet, and nothing can be.
    let mut empty = SuiteView::new(face(COLOURS));
    assert!(shown(&empty, (80, 24)).contains("reading the results"));
    empty.update(Event::Broken("the disk is away".to_owned()));
    assert!(shown(&empty, (80, 24)).contains("the disk is away"));
}

#[test]
fn a_suite_that_is_through_says_so() {
    let whole = Progress { done: 40, left_s: Some(0), ..progress("desk") };
    let screen = shown(&view(COLOURS, whole), (80, 24));
    assert!(screen.contains("THROUGH"), "{screen}");
    assert!(screen.contains("40 of 40 samples"), "{screen}");
}

#[test]
fn a_sample_is_opened_and_stays_chosen_when_others_come() {
    let mut view = view(COLOURS, progress("desk"));
    press(&mut view, KeyCode::Down);
    press(&mut view, KeyCode::Down);
    let open = |at: usize| {
        let folder = format!("/runs/{at}");
        [Effect::Chosen(Choice::Watch { folder, live: false })]
    };
    assert_eq!(press(&mut view, KeyCode::Enter), open(2));
    // Two more have ended meanwhile.
    let mut later = progress("desk");
    let new = |at: usize| Newest { id: format!("new-{at}.1.1"), ..later.newest[0].clone() };
    let new: Vec<_> = (0..2).map(new).collect();
    later.newest.splice(..0, new);
    view.update(Event::Measured(Box::new(later)));
    assert_eq!((view.row, press(&mut view, KeyCode::Enter)), (4, open(2).into()));
    press(&mut view, KeyCode::Down);
    assert_eq!(press(&mut view, KeyCode::Enter), []);
    assert!(shown(&view, (80, 24)).contains("there is no record of it"));
    // The one that timed out, and the two that came.
    press(&mut view, KeyCode::Char('w'));
    let screen = shown(&view, (80, 24));
    assert!(screen.contains("samples that did not pass") && screen.contains("1/3"), "{screen}");
    assert!(!screen.contains("desk-1.1.1"), "{screen}");
    // The same by its name.
    press(&mut view, KeyCode::Char(':'));
    view.update(Event::Pasted("which".to_owned()));
    assert!(shown(&view, (80, 24)).contains(" : which"));
    press(&mut view, KeyCode::Enter);
    assert_eq!(view.listed().len(), NEWEST + 2);
}

#[test]
fn keys_go_through_what_is_new_and_out() {
    let mut view = view(COLOURS, progress("desk"));
    press(&mut view, KeyCode::Down);
    press(&mut view, KeyCode::PageDown);
    assert_eq!(view.row, 11);
    press(&mut view, KeyCode::End);
    assert_eq!(view.row, NEWEST - 1);
    // Where there is less than before, the row is one that there is.
    let few = Progress { newest: Vec::new(), ..progress("desk") };
    view.update(Event::Measured(Box::new(few)));
    assert_eq!(view.row, 0);
    press(&mut view, KeyCode::Char('?'));
    assert!(shown(&view, (80, 24)).contains("these keys"));
    assert_eq!(press(&mut view, KeyCode::Char('q')), []);
    assert_eq!(press(&mut view, KeyCode::Char('q')), [Effect::Leave]);
}
