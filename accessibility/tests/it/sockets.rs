//! Applications that stop, die and lie on a socket of their own, past the bus.

use std::time::Duration;

use deskbound_accessibility::AppStatus;

use crate::{
    bus::ALLOWED,
    fake::{Answer, Asked, BUTTON, FIRST, FakeBus, Greets, PEER, Peer, SECOND, body},
    lies::{LIMITS, SLACK, Seen, look},
};

/// What happens there costs the second application nothing.
#[track_caller]
fn check(
    greets: Greets,
    whim: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
    status: AppStatus,
    nodes: std::ops::RangeInclusive<usize>,
) -> (FakeBus, Seen) {
    let bus = FakeBus::start_with_peer(Peer { greets, whim: Box::new(whim) });
    let seen = look(&bus, &LIMITS);
    assert!(seen.took < LIMITS.deadline + SLACK, "{:?}", seen.took);
    assert_eq!(seen.app(SECOND).status, AppStatus::Complete);
    assert_eq!(seen.nodes(SECOND).len(), 4);
    assert_eq!(seen.app(FIRST).status, status, "{greets:?}");
    assert!(nodes.contains(&seen.nodes(FIRST).len()), "{} nodes", seen.nodes(FIRST).len());
    (bus, seen)
}

#[test]
fn a_socket_is_preferred_to_the_bus() {
    let (bus, _) = check(Greets::Well, |_| None, AppStatus::Complete, 4..=4);
    let heard = bus.heard();
    let roles = |name: &str| {
        heard.iter().filter(|asked| asked.is("GetRole") && asked.bus_name == name).count()
    };
    assert_eq!((roles(PEER), roles(FIRST), roles(SECOND)), (4, 0, 4));
    for asked in heard.iter().filter(|asked| asked.bus_name == PEER) {
        assert!(ALLOWED.contains(&asked.called().as_str()), "{asked:?}");
    }
}

#[test]
fn a_socket_that_lets_nobody_in_is_not_needed() {
    for greets in [Greets::NotAtAll, Greets::Silently, Greets::Badly, Greets::Refusing] {
        let (bus, seen) = check(greets, |_| None, AppStatus::Complete, 4..=4);
        assert!(bus.heard().iter().all(|asked| asked.bus_name != PEER), "{greets:?}");
        // Two silences at most: of the socket, and of nobody.
        assert!(seen.took < LIMITS.silence * 2 + SLACK, "{greets:?}: {:?}", seen.took);
    }
}

/// Addresses of nobody, and of a network, which is never asked.
#[test]
fn an_address_that_is_none_is_not_needed() {
    for address in ["", "nonsense", "unix:path=/nonexistent/socket", "tcp:host=127.0.0.1,port=9"] {
        let bus = FakeBus::start(move |asked| {
            asked.is("GetApplicationBusAddress").then(|| body(&address))
        });
        let seen = look(&bus, &LIMITS);
        assert_eq!(seen.app(FIRST).status, AppStatus::Complete, "{address}");
        assert_eq!(seen.nodes(FIRST).len(), 4, "{address}");
    }
}

#[test]
fn one_that_leaves_after_the_greeting_is_dead() {
    check(Greets::Leaving, |_| None, AppStatus::Died, 0..=0);
}

#[test]
fn one_that_stops_in_the_middle_is_stalled() {
    let stops = |asked: &Asked| (asked.path == BUTTON).then_some(Answer::Nothing);
    let (_, seen) = check(Greets::Well, stops, AppStatus::Stalled, 2..=3);
    assert!(seen.took >= LIMITS.silence, "{:?}", seen.took);
    check(Greets::Well, |_| Some(Answer::Nothing), AppStatus::Stalled, 0..=0);
}

#[test]
fn one_that_dies_in_the_middle_keeps_what_was_read() {
    let dies = |asked: &Asked| (asked.path == BUTTON).then_some(Answer::HangUp);
    let (_, seen) = check(Greets::Well, dies, AppStatus::Died, 2..=3);
    // It is gone at once, not silent.
    assert!(seen.took < LIMITS.silence + Duration::from_secs(1), "{:?}", seen.took);
}

#[test]
fn one_that_lies_costs_itself() {
    let garbage = |asked: &Asked| (asked.path == BUTTON).then(|| Answer::Bytes(vec![b'?'; 4_096]));
    check(Greets::Well, garbage, AppStatus::Died, 2..=3);
    // An answer to nobody is passed over, and so is one to another.
    let astray = |asked: &Asked| {
        let other = crate::fake::reply(asked.serial ^ 0x4000_0000, "u", &[7, 0, 0, 0]);
        (asked.path == BUTTON && asked.is("GetRole")).then(|| {
            let own = crate::fake::reply(asked.serial, "u", &[43, 0, 0, 0]);
            Answer::Bytes([other, own].concat())
        })
    };
    check(Greets::Well, astray, AppStatus::Complete, 4..=4);
    // Of another shape than was asked for, it is worth nothing, and no more than that.
    let shapeless =
        |asked: &Asked| (asked.path == BUTTON && asked.is("Get")).then(|| body(&vec![1_u64, 2]));
    check(Greets::Well, shapeless, AppStatus::Complete, 4..=4);
    // A hundred megabytes for a name.
    let endless = |asked: &Asked| {
        (asked.path == BUTTON && asked.property() == "Name").then_some(Answer::Endless(100 << 20))
    };
    check(Greets::Well, endless, AppStatus::Complete, 4..=4);
}
