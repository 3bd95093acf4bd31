//! Answers recorded from applications of every toolkit, read as they are and damaged.

use std::fmt::Debug;

use proptest::prelude::*;

use super::*;
use crate::message::{HEAD_BYTES, length};

/// An answer in each line: who gave it, to which call, and its bytes.
const RECORDED: &str = include_str!("recorded.txt");

struct Recorded {
    from: &'static str,
    member: &'static str,
    message: Vec<u8>,
}

fn recorded() -> Vec<Recorded> {
    let lines = RECORDED.lines().map(|line| {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("a line has three words");
        let (from, member, hex) = (word(), word(), word());
        let digits = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
        Recorded { from, member, message: hex.as_bytes().chunks(2).map(digits).collect() }
    });
    lines.collect()
}

/// As whoever sent that call reads it.
fn read(member: &str, message: &[u8]) -> Result<String, CallError> {
    fn words<T: Debug>(read: Result<T, CallError>) -> Result<String, CallError> {
        read.map(|read| format!("{read:?}"))
    }
    let nonsense = || CallError::Malformed("not an answer".to_owned());
    let incoming = Incoming::of(message).map_err(|Nonsense| nonsense())?.ok_or_else(nonsense)?;
    let reply = Reply::of(&incoming)?;
    match member {
        "GetRole" => words(reply.role()),
        "GetState" => words(reply.states()),
        "GetInterfaces" => words(reply.interfaces()),
        "GetChildren" => words(reply.objects(500)),
        "GetIndexInParent" | "GetRowAtIndex" | "GetColumnAtIndex" => words(reply.number()),
        "GetExtents" => words(reply.bounds()),
        "GetText" | "GetName" | "GetApplicationBusAddress" => words(reply.text()),
        "GetItems" => words(reply.items()),
        "GetAccessibleAt" | "GetAccessibleAtPoint" => words(reply.object()),
        "DoAction" | "GrabFocus" | "ScrollTo" | "SelectChild" | "SetTextContents" => {
            words(reply.yes())
        }
        "GetConnectionUnixProcessID" => words(reply.process_id()),
        "Name" | "Description" | "ToolkitName" | "Version" => words(reply.text_property()),
        "ChildCount" | "CharacterCount" | "NActions" => words(reply.count_property()),
        "CurrentValue" => words(reply.value_property()),
        "Parent" => words(reply.object_property()),
        other => panic!("nobody reads {other}"),
    }
}

#[test]
fn recorded_answers_are_read() {
    let told = recorded().into_iter().map(|Recorded { from, member, message }| {
        assert_eq!(length(message.first_chunk().unwrap()), Ok(message.len()), "{from} {member}");
        match read(member, &message) {
            Ok(words) => format!("{from} {member}: {words}\n"),
            Err(error) => format!("{from} {member}! {error}\n"),
        }
    });
    insta::assert_snapshot!(told.collect::<String>());
}

/// Every byte, and every end.
#[test]
fn a_damaged_answer_is_read_or_refused() {
    for Recorded { member, message, .. } in recorded() {
        for end in 0..message.len() {
            let _ = read(member, &message[..end]);
        }
        let mut damaged = message.clone();
        for place in 0..message.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff, message[place] ^ 1, message[place] ^ 4] {
                damaged[place] = byte;
                let _ = read(member, &damaged);
            }
            damaged[place] = message[place];
        }
    }
}

/// Recorded answers, damaged in many places at once and spliced into each other, for minutes.
#[test]
#[ignore = "long: minutes of damage"]
fn long_answers_damaged_for_minutes_are_read_or_refused() {
    const DAMAGED: std::time::Duration = std::time::Duration::from_secs(2 * 60);
    /// Between two looks at the clock.
    const AT_ONCE: u64 = 2_000;
    let all = recorded();
    let (begun, mut turn) = (std::time::Instant::now(), 0_u64);
    // Splitmix: the same damage in every run.
    let mut seed = 0_u64;
    let mut draw = |below: usize| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((mixed ^ (mixed >> 27)) % below.max(1) as u64).expect("it is below")
    };
    while !turn.is_multiple_of(AT_ONCE) || turn == 0 || begun.elapsed() < DAMAGED {
        turn += 1;
        let mut message = all[draw(all.len())].message.clone();
        let other = &all[draw(all.len())].message;
        if draw(4) == 0 {
            let (at, from) = (draw(message.len()), draw(other.len()));
            message.truncate(at);
            message.extend_from_slice(&other[from..]);
        }
        for _ in 0..draw(12) {
            let place = draw(message.len());
            let byte = [0, 1, 0x7f, 0x80, 0xff, draw(256) as u8][draw(6)];
            message.get_mut(place).into_iter().for_each(|at| *at = byte);
        }
        let _ = read(all[draw(all.len())].member, &message);
    }
    assert!(turn > 100_000, "{turn} answers");
}

proptest! {
    #[test]
    fn answers_to_other_calls_are_refused_or_read(
        answer in any::<prop::sample::Index>(),
        call in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let all = recorded();
        let mut message = all[answer.index(all.len())].message.clone();
        for (place, byte) in damage {
            let place = place.index(message.len());
            message[place] = byte;
        }
        let _ = read(all[call.index(all.len())].member, &message);
        if let Some(head) = message.first_chunk::<HEAD_BYTES>() {
            let _ = length(head);
        }
    }
}
