//! A person at a run: it stands still, steps, listens, is taken over and stopped.

use std::time::{Duration, Instant};

use deskbound_accessibility::ScreenPx;
use deskbound_agent::action::{Action, Button, Pressed};
use deskbound_agent::control::{Command, Control, control};
use deskbound_agent::record::{End, Hand, Record, StepSink};
use deskbound_agent::run::{Request, Roles, run};
use deskbound_models::{Actor, Context, Decision, Hands, ModelError, Move, ToolCall};
use serde_json::json;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xinput::{ConnectionExt as _, Device, EventMask, XIEventMask};
use x11rb::protocol::xproto::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use crate::bed::{Bed, Call, Kept, digested, script};

const NOTE: [Call<'_>; 1] = [("write", &[("text", "fig 4"), ("name", "note.txt")])];

/// From asking for a stop to the run's end; input ends before.
const STOP_LIMIT: Duration = Duration::from_millis(200);

fn tell(control: &Control, command: Command) {
    control.tell(command).expect("the inbox has room");
}

fn at(records: &[Record], fits: impl Fn(&Record) -> bool) -> Vec<usize> {
    (0..records.len()).filter(|at| fits(&records[*at])).collect()
}

/// What is down on the X server now: keys, and buttons.
fn down(display: &str) -> (Vec<usize>, u16) {
    try_down(display).expect("the X server answers")
}

fn try_down(display: &str) -> Result<(Vec<usize>, u16), Box<dyn std::error::Error>> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let keys = connection.query_keymap()?.reply()?.keys;
    let keys = (0..256).filter(|code| keys[code / 8] & (1 << (code % 8)) != 0).collect();
    let root = connection.setup().roots[screen].root;
    let pointer = connection.query_pointer(root)?.reply()?;
    Ok((keys, u16::from(pointer.mask) & 0x1f00))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stands_still_and_goes_step_by_step() {
    let mut bed = Bed::start().await;
    let mut stood = 0;
    let (end, records) = bed
        .run_steered(&Request::new("a note"), script(&NOTE), |record, control| match record {
            Record::Decided { .. } if stood == 0 => tell(control, Command::Pause),
            Record::Paused { .. } => {
                stood += 1;
                tell(control, if stood < 3 { Command::Step } else { Command::Resume });
            }
            _ => {}
        })
        .await;
    assert_eq!(end, End::Done);
    assert_eq!(bed.text("note.txt").as_deref(), Some("fig 4"));
    let paused = at(&records, |record| matches!(record, Record::Paused { .. }));
    assert_eq!(paused.len(), 3, "{paused:?}");
    for pair in paused.windows(2) {
        let steps = records[pair[0]..pair[1]].iter();
        let verified = steps.filter(|record| matches!(record, Record::Verified { .. })).count();
        assert_eq!(verified, 1, "one step between two pauses");
    }
    for at in paused {
        assert!(matches!(records[at + 1], Record::Resumed { .. }), "{:?}", records[at + 1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_was_taken_over_is_looked_at_again() {
    let mut bed = Bed::start().await;
    let nowhere = ScreenPx { x: -1, y: 0 };
    let mut taken = false;
    let (end, records) = bed
        .run_steered(&Request::new("a note"), script(&NOTE), |record, control| match record {
            // In the middle of waiting for what the action is to bring about.
            Record::Acted { .. } if !taken => {
                taken = true;
                tell(control, Command::TakeOver);
            }
            Record::TakenOver => {
                let hand = |action| tell(control, Command::Hand { action });
                hand(Action::Move { to: ScreenPx { x: 0, y: 0 } });
                hand(Action::Move { to: nowhere });
                hand(Action::Button { button: Button::Left, pressed: Pressed::Down });
                hand(Action::Type { text: "secret".to_owned() });
                tell(control, Command::GiveBack);
            }
            _ => {}
        })
        .await;
    assert_eq!(end, End::Done);
    let by_hand: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::ByHand { hand, refused } => Some((hand.clone(), refused.is_some())),
            _ => None,
        })
        .collect();
    assert_eq!(by_hand.len(), 4, "{by_hand:?}");
    assert_eq!(by_hand[1], (Hand::Pointer { action: Action::Move { to: nowhere } }, true));
    // What a person types is nobody's business.
    let digest = Some(digested("secret"));
    assert_eq!(by_hand[3], (Hand::Text { characters: 6, digest }, false));
    let given = at(&records, |record| matches!(record, Record::GivenBack { .. }))[0];
    let next = records[given..].iter().find(|record| {
        matches!(record, Record::Observed { .. } | Record::Acted { .. } | Record::Decided { .. })
    });
    assert!(matches!(next, Some(Record::Observed { .. })), "{next:?}");
    assert_eq!(down(bed.display()), (vec![], 0), "nothing stays held");
}

/// Makes a folder, then one of the name that a person says.
struct Listener;

impl Actor for Listener {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let name = match (context.history.len(), context.prompts) {
            (0, _) => Some("Invoices"),
            (1, [said]) if said.after == 1 => Some(said.text.as_str()),
            _ => None,
        };
        let next = name.map_or(Move::Done, |name| {
            let arguments = [("name".to_owned(), name.into())].into_iter().collect();
            Move::Call(ToolCall { tool: "make_folder".to_owned(), arguments })
        });
        Ok(Decision::new(next, 1.0, ""))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn models_hear_what_a_person_says() {
    let mut bed = Bed::start().await;
    let roles = Roles { actor: Box::new(Listener), ..script(&[]) };
    let (end, records) = bed
        .run_steered(&Request::new("folders"), roles, |record, control| {
            if matches!(record, Record::Called { turn, .. } if turn.answer.contains("Invoices")) {
                tell(control, Command::Prompt { text: "Receipts".to_owned() });
            }
        })
        .await;
    assert_eq!(end, End::Done);
    assert!(bed.path("Invoices").is_dir() && bed.path("Receipts").is_dir());
    assert_eq!(at(&records, |record| matches!(record, Record::Prompted { .. })).len(), 1);
}

/// Types, drags and scrolls for as long as it may.
struct Busy;

impl Actor for Busy {
    fn decide(&mut self, context: &Context<'_>) -> Result<Decision, ModelError> {
        let (tool, arguments) = match context.history.len() % 4 {
            0 => ("type", json!({ "text": "The quick brown fox jumps over the lazy dog. ÄÖÜ" })),
            1 => ("drag", json!({ "path": [{ "x": 9, "y": 9 }, { "x": 700, "y": 500 }] })),
            2 => ("key", json!({ "keys": "ctrl+shift+Right" })),
            _ => {
                let target = json!({ "x": 300, "y": 300 });
                ("scroll", json!({ "target": target, "direction": "down", "notches": 40 }))
            }
        };
        let arguments = arguments.as_object().cloned().expect("an object");
        let next = Move::Call(ToolCall { tool: tool.to_owned(), arguments });
        Ok(Decision { said: Some(String::new()), ..Decision::new(next, 1.0, "") })
    }

    fn hands(&self) -> Hands {
        Hands::Verbs
    }
}

/// When the X server last saw input of anybody's: keys, buttons, motion.
struct Inputs {
    connection: RustConnection,
}

impl Inputs {
    fn listen(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the X server answers");
        let root = connection.setup().roots[screen].root;
        connection.xinput_xi_query_version(2, 2).expect("asked").reply().expect("XInput 2");
        let raw = XIEventMask::RAW_KEY_PRESS
            | XIEventMask::RAW_KEY_RELEASE
            | XIEventMask::RAW_BUTTON_PRESS
            | XIEventMask::RAW_BUTTON_RELEASE
            | XIEventMask::RAW_MOTION;
        let mask = EventMask { deviceid: Device::ALL_MASTER.into(), mask: vec![raw] };
        connection
            .xinput_xi_select_events(root, &[mask])
            .expect("asked")
            .check()
            .expect("they are told");
        Self { connection }
    }

    /// Presses that have come since the last time. Letting go is what a stop is to do.
    fn presses(&self) -> usize {
        // An answer comes behind all events before it.
        self.connection.get_input_focus().expect("asked").reply().expect("the X server answers");
        let mut presses = 0;
        while let Some(event) = self.connection.poll_for_event().expect("the X server answers") {
            let is_press = matches!(
                event,
                Event::XinputRawKeyPress(_)
                    | Event::XinputRawButtonPress(_)
                    | Event::XinputRawMotion(_)
            );
            presses += usize::from(is_press);
        }
        presses
    }
}

/// Stops a run that never rests, each time at another instant; afterwards nothing is pressed any
/// more, and nothing is held.
async fn stop_at_some_instants(trials: u32) {
    let bed = Bed::start().await;
    let (display, inputs) = (bed.display().to_owned(), Inputs::listen(bed.display()));
    let (mut desktop, _home) = bed.into_parts();
    let mut pressed = 0;
    for trial in 0..trials {
        let mut roles = Roles { actor: Box::new(Busy), ..script(&[]) };
        let (control, mut inbox) = control();
        let stop = control.stop().clone();
        let instant = Duration::from_millis(u64::from(trial + 1) * 7919 % 1511);
        let stopping = tokio::spawn(async move {
            tokio::time::sleep(instant).await;
            stop.ask();
            Instant::now()
        });
        let request = Request::new("never rest");
        let end = run(&mut desktop, &mut roles, &request, &mut inbox, &mut Kept::default()).await;
        let late = stopping.await.expect("it only waits").elapsed();
        assert_eq!(end, End::Stopped, "trial {trial}");
        assert!(late < STOP_LIMIT, "trial {trial}: {late:?}");
        pressed += inputs.presses();
        assert_eq!(down(&display), (vec![], 0), "trial {trial}");
        tokio::time::sleep(STOP_LIMIT).await;
        assert_eq!(inputs.presses(), 0, "trial {trial}: input after the stop");
    }
    assert!(pressed > trials as usize, "only {pressed} presses in all: nothing was stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_it_is_stopped_input_ends_and_nothing_is_held() {
    stop_at_some_instants(5).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: two hundred stops"]
async fn long_whenever_it_is_stopped_input_ends_and_nothing_is_held() {
    stop_at_some_instants(200).await;
}

/// Takes a run over that never rests, and gives it back with a button held, again and again.
struct Taking<'d> {
    control: Control,
    display: &'d str,
    times: usize,
    asked: Option<Instant>,
    /// It was given back, and has not looked since.
    blind: bool,
    /// From asking until it was taken over, one for each time.
    late: Vec<Duration>,
}

impl StepSink for Taking<'_> {
    fn record(&mut self, record: &Record) -> std::io::Result<()> {
        let at = self.late.len();
        let is_instant = match record {
            Record::Observed { .. } => at.is_multiple_of(3),
            Record::Decided { .. } => at % 3 == 1,
            Record::Acted { .. } => at % 3 == 2,
            _ => false,
        };
        match record {
            Record::Observed { .. } => self.blind = false,
            Record::Acted { .. } => assert!(!self.blind, "it acts on what it has not seen"),
            Record::TakenOver => {
                self.late.extend(self.asked.take().map(|asked| asked.elapsed()));
                for action in [
                    Action::Move { to: ScreenPx { x: 40, y: 40 } },
                    Action::chord("ctrl+shift+a".parse().expect("a chord")),
                    Action::Button { button: Button::Left, pressed: Pressed::Down },
                ] {
                    tell(&self.control, Command::Hand { action });
                }
                tell(&self.control, Command::GiveBack);
            }
            Record::GivenBack { .. } => {
                assert_eq!(down(self.display), (vec![], 0), "after {at} times");
                self.blind = true;
                if at == self.times {
                    self.control.stop().ask();
                }
            }
            _ => {}
        }
        if is_instant && self.asked.is_none() && at < self.times {
            self.asked = Some(Instant::now());
            tell(&self.control, Command::TakeOver);
        }
        Ok(())
    }
}

async fn take_over_some_times(times: usize) {
    let bed = Bed::start().await;
    let display = bed.display().to_owned();
    let (mut desktop, _home) = bed.into_parts();
    let mut late = Vec::new();
    // A run that gets nowhere ends, and another one is taken over.
    for _ in 0..times {
        let mut roles = Roles { actor: Box::new(Busy), ..script(&[]) };
        let (control, mut inbox) = control();
        let left = times - late.len();
        let (asked, blind) = (None, false);
        let mut sink =
            Taking { control, display: &display, times: left, asked, blind, late: Vec::new() };
        let request = Request::new("never rest");
        run(&mut desktop, &mut roles, &request, &mut inbox, &mut sink).await;
        late.append(&mut sink.late);
        assert_eq!(down(&display), (vec![], 0), "after {} times", late.len());
        if late.len() == times {
            break;
        }
    }
    assert_eq!(late.len(), times);
    late.sort();
    assert!(late[times * 9 / 10] < STOP_LIMIT, "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_is_taken_over_again_and_again_keeps_nothing_held() {
    take_over_some_times(10).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: a hundred times"]
async fn long_a_desktop_that_is_taken_over_a_hundred_times_keeps_nothing_held() {
    take_over_some_times(100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clipboard_is_carried_out_for_a_person_and_never_recorded() {
    const TEXT: &str = "résumé 7";
    let mut bed = Bed::start().await;
    let mut carried = None;
    let (end, records) = bed
        .run_steered(&Request::new("a note"), script(&NOTE), |record, control| {
            // Asked for by whoever has not taken over.
            if matches!(record, Record::Started { .. }) {
                tell(control, Command::Carry);
                tell(control, Command::TakeOver);
            }
            if matches!(record, Record::TakenOver) {
                carried = Some(control.carried());
                let action = Action::Copy { text: TEXT.to_owned() };
                tell(control, Command::Hand { action });
                tell(control, Command::Carry);
                tell(control, Command::Reset);
                tell(control, Command::GiveBack);
            }
        })
        .await;
    assert_eq!(end, End::Done);
    let by_hand: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::ByHand { hand, refused } => Some((hand.clone(), refused.is_some())),
            _ => None,
        })
        .collect();
    let characters = TEXT.chars().count();
    let digest = || Some(digested(TEXT));
    let text = (Hand::Text { characters, digest: digest() }, false);
    let out = (Hand::Carried { characters, digest: digest() }, false);
    // A session of one's own has no beginning to go back to.
    assert_eq!(by_hand, [text, out, (Hand::Reset, true)]);
    let carried = carried.expect("it was taken over");
    assert_eq!(carried.borrow().as_deref(), Some(TEXT));
    for record in &records {
        let line = serde_json::to_string(record).expect("JSON");
        assert!(!line.contains(TEXT), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stops_at_once_with_nothing_held() {
    let mut bed = Bed::start().await;
    let mut asked = None;
    let (end, records) = bed
        .run_steered(&Request::new("a note"), script(&NOTE), |record, control| {
            if matches!(record, Record::Acted { .. }) {
                control.stop().ask();
                asked = Some(Instant::now());
            }
        })
        .await;
    let late = asked.expect("something was done").elapsed();
    assert_eq!(end, End::Stopped);
    assert!(late < STOP_LIMIT, "{late:?}");
    assert!(matches!(records.last(), Some(Record::Ended { end: End::Stopped, .. })));
    assert_eq!(at(&records, |record| matches!(record, Record::Acted { .. })).len(), 1);
    assert_eq!(down(bed.display()), (vec![], 0));
    assert_eq!(bed.text("note.txt"), None);
}
