//! The exchange beneath a connection: calls go out in batches, answers go to whoever waits.
//!
//! ```text
//!  ask ─▶ Window ─ at most 64 in flight ─▶ out ─ one write ─▶ socket ─ one read ─┐
//!   ▲       ▲                               ▲                                    ▼
//!   │       │                            zbus, its own messages              Reading ─▶ zbus: what is
//!   └───────┴───────────── by serial ────────────────────────────────────────────┘     no answer to us
//! ```
//!
//! What is asked together is answered together: whoever waits is woken once, by the last answer.
//! Nothing here reads or writes; whoever does (the [socket](crate::socket)) drains [`Exchange::out`]
//! and brings answers. Our serials are the upper half of all, so that they never are zbus's.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Waker},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    answers::{Answer, Answers, Group},
    call::{Call, Peer},
    message::{Incoming, write_call},
    reply::{CallError, Reply},
};

/// An application answers one call at a time, and sixteen keep it busy; so many keep it busy while
/// its answers gather (see the [socket](crate::socket)).
const CALLS_IN_FLIGHT: usize = 128;
/// A window is filled again when so few are left in it, with one write.
const REFILL_AT: usize = CALLS_IN_FLIGHT / 2;
/// Answers are worth waiting for where so many are to come.
const MANY_ANSWERS: usize = 16;
/// The first of our own serials. zbus counts up from one.
const OUR_SERIALS: u32 = 1 << 31;
/// What may wait to be written, where nobody reads.
const OUT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What is on its way on one connection.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Whole messages, to be written in this order.
    out: Vec<u8>,
    waiting: HashMap<u32, Waiting, BuildHasherDefault<SerialHasher>>,
    serials: u32,
    /// Of whoever reads and writes.
    driver: Option<Waker>,
    /// When somebody may have been silent for too long.
    check_at: Option<Instant>,
    /// Why nothing comes any more.
    over: Option<String>,
}

/// Serials are our own, one after the other: they need no protection, and are their own hashes.
#[derive(Debug, Default)]
struct SerialHasher(u64);

#[derive(Debug)]
struct Waiting {
    group: Arc<Group>,
    /// Among those that were asked together.
    place: usize,
    window: Arc<Window>,
    /// `None` in the queue of its window.
    sent: Option<Instant>,
}

/// Calls to one application on one connection: few in flight at once, and an ear for silence.
#[derive(Debug)]
pub(crate) struct Window {
    /// Who may answer, where that is known; a bus says truly who does.
    of: Option<Arc<str>>,
    silence: Duration,
    state: Mutex<WindowState>,
}

#[derive(Debug, Default)]
struct WindowState {
    in_flight: usize,
    /// Messages that are not sent yet: their bytes, and of each its serial and length.
    bytes: Vec<u8>,
    queue: VecDeque<(u32, usize)>,
    /// When anything last came back.
    heard: Option<Instant>,
}

impl Window {
    pub(crate) fn new(of: Option<Arc<str>>, silence: Duration) -> Self {
        Self { of, silence, state: Mutex::default() }
    }

    fn is_answered_by(&self, sender: Option<&str>) -> bool {
        let (Some(of), Some(sender)) = (&self.of, sender) else { return true };
        **of == *sender
    }

    fn state(&self) -> MutexGuard<'_, WindowState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Exchange {
    /// The answers come; or silence, when nothing at all has come back for the window's whole
    /// limit, to this call or another: an application that is busy answering others is not stalled.
    pub(crate) fn ask<'q>(
        &self,
        window: &Arc<Window>,
        questions: impl ExactSizeIterator<Item = (Peer<'q>, Call<'q>)>,
    ) -> Answers {
        let answers = Answers::of(questions.len());
        let mut state = self.state();
        for (place, (to, call)) in questions.enumerate() {
            let group = Arc::clone(answers.group());
            if let Err(error) = state.ask(window, to, call, (group, place)) {
                answers.group().put(place, Err(error));
            }
        }
        state.wake();
        answers
    }

    /// A message of zbus's, or a piece of one; pieces come one after the other.
    pub(crate) fn pass(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.out.extend_from_slice(bytes);
        state.wake();
    }

    /// Whether that is an answer to a call of ours; then it is handed on.
    pub(crate) fn deliver(&self, incoming: &Incoming<'_>, now: Instant) -> bool {
        self.hand_on(incoming, now, || Reply::of(incoming))
    }

    /// An answer that is too long to be read costs whoever asked for it, and nobody else.
    pub(crate) fn deliver_too_long(&self, head: &Incoming<'_>, bytes: usize, now: Instant) {
        self.hand_on(head, now, || Err(CallError::Malformed(format!("it has {bytes} bytes"))));
    }

    /// While a long message comes, nobody else can be heard, and nobody is silent.
    pub(crate) fn is_busy(&self, now: Instant) {
        for waiting in self.state().waiting.values() {
            waiting.window.state().heard = Some(now);
        }
    }

    fn hand_on(
        &self,
        incoming: &Incoming<'_>,
        now: Instant,
        read: impl FnOnce() -> Answer,
    ) -> bool {
        if incoming.to < OUR_SERIALS {
            return false;
        }
        let mut state = self.state();
        let is_forged = |call: &Waiting| !call.window.is_answered_by(incoming.sender);
        if state.waiting.get(&incoming.to).is_some_and(is_forged) {
            return true;
        }
        // Nobody waits any more for what comes too late.
        if let Some(Waiting { group, place, window, .. }) = state.waiting.remove(&incoming.to) {
            state.refill(&window, now);
            drop(state);
            group.put(place, read());
        }
        true
    }

    /// Whoever was met with silence is told so.
    pub(crate) fn check_silence(&self, now: Instant) {
        let mut state = self.state();
        if state.check_at.is_none_or(|at| now < at) {
            return;
        }
        let (silent, next) = state.silent(now);
        state.check_at = next;
        let mut told: Vec<Waiting> = Vec::new();
        for serial in silent {
            let Some(waiting) = state.waiting.remove(&serial) else { continue };
            let mut window = waiting.window.state();
            window.in_flight -= 1;
            window.bytes.clear();
            // What has not been sent would be met with the same.
            told.extend(window.queue.drain(..).filter_map(|(s, _)| state.waiting.remove(&s)));
            drop(window);
            told.push(waiting);
        }
        drop(state);
        for Waiting { group, place, window, .. } in told {
            group.put(place, Err(CallError::Silent { limit: window.silence }));
        }
    }

    /// When [`Exchange::check_silence`] is to be called.
    pub(crate) fn check_at(&self) -> Option<Instant> {
        self.state().check_at
    }

    /// Whether many answers are still to come.
    pub(crate) fn awaits_many(&self) -> bool {
        self.state().waiting.len() >= MANY_ANSWERS
    }

    /// What is to be written is taken from `out` by `write`, which says how much it took. Whoever
    /// drives is woken when there is more.
    pub(crate) fn drain<E>(
        &self,
        context: &Context<'_>,
        mut write: impl FnMut(&[u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let mut state = self.state();
        match &mut state.driver {
            Some(driver) => driver.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        while !state.out.is_empty() {
            let count = write(&state.out)?;
            state.out.drain(..count);
        }
        Ok(())
    }

    /// Nothing comes any more, and everybody is told why.
    pub(crate) fn end(&self, reason: &str) {
        let mut state = self.state();
        // The first reason is the cause.
        let reason = state.over.get_or_insert_with(|| reason.to_owned()).clone();
        state.out = Vec::new();
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for Waiting { group, place, .. } in waiting.into_values() {
            group.put(place, Err(CallError::Lost(reason.clone())));
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state().over.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hasher for SerialHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, serial: u32) {
        // Upper bits tell apart what falls into one place.
        self.0 = (self.0 ^ u64::from(serial)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl State {
    /// Sends, or lays into the queue of its window.
    fn ask(
        &mut self,
        window: &Arc<Window>,
        to: Peer<'_>,
        call: Call<'_>,
        (group, place): (Arc<Group>, usize),
    ) -> Result<(), CallError> {
        if let Some(reason) = &self.over {
            return Err(CallError::Lost(reason.clone()));
        }
        if self.out.len() > OUT_BYTES_MAX {
            return Err(CallError::Lost("nobody reads what is sent".to_owned()));
        }
        let serial = self.next_serial();
        let mut queued = window.state();
        let sent = if queued.in_flight < CALLS_IN_FLIGHT && queued.queue.is_empty() {
            write_call(&mut self.out, serial, to, call)?;
            queued.in_flight += 1;
            Some(Instant::now())
        } else {
            let before = queued.bytes.len();
            write_call(&mut queued.bytes, serial, to, call)?;
            let length = queued.bytes.len() - before;
            queued.queue.push_back((serial, length));
            None
        };
        drop(queued);
        if let Some(sent) = sent {
            self.check_by(sent + window.silence);
        }
        self.waiting.insert(serial, Waiting { group, place, window: Arc::clone(window), sent });
        Ok(())
    }

    fn next_serial(&mut self) -> u32 {
        self.serials = self.serials.wrapping_add(1);
        OUR_SERIALS | self.serials
    }

    fn wake(&self) {
        if let Some(driver) = &self.driver {
            driver.wake_by_ref();
        }
    }

    fn check_by(&mut self, at: Instant) {
        self.check_at = Some(self.check_at.map_or(at, |before| before.min(at)));
    }

    /// One answer has come, and there may be place for the next calls.
    fn refill(&mut self, window: &Window, now: Instant) {
        let mut queued = window.state();
        queued.heard = Some(now);
        queued.in_flight = queued.in_flight.saturating_sub(1);
        if queued.in_flight > REFILL_AT || queued.queue.is_empty() {
            return;
        }
        let mut taken = 0;
        while queued.in_flight < CALLS_IN_FLIGHT
            && let Some((serial, length)) = queued.queue.pop_front()
        {
            let wanted = self.waiting.get_mut(&serial).filter(|call| call.group.is_awaited());
            if let Some(call) = wanted {
                call.sent = Some(now);
                self.out.extend_from_slice(&queued.bytes[taken..taken + length]);
                queued.in_flight += 1;
            } else {
                self.waiting.remove(&serial);
            }
            taken += length;
        }
        queued.bytes.drain(..taken);
        self.check_by(now + window.silence);
    }

    /// Calls that nothing has come back to, and when others will be such.
    fn silent(&self, now: Instant) -> (Vec<u32>, Option<Instant>) {
        let mut silent = Vec::new();
        let mut next: Option<Instant> = None;
        for (serial, waiting) in &self.waiting {
            let Some(sent) = waiting.sent else { continue };
            let heard = waiting.window.state().heard;
            let until = heard.map_or(sent, |heard| heard.max(sent)) + waiting.window.silence;
            if until <= now {
                silent.push(*serial);
            } else {
                next = Some(next.map_or(until, |next| next.min(until)));
            }
        }
        (silent, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decode::Order,
        message::{HEAD_BYTES, length},
    };

    const SILENCE: Duration = Duration::from_secs(1);

    fn window() -> Arc<Window> {
        Arc::new(Window::new(Some(":1.5".into()), SILENCE))
    }

    fn ask(exchange: &Exchange, window: &Arc<Window>) -> Answers {
        let to = Peer { bus_name: Some(":1.5"), path: "/a" };
        exchange.ask(window, [(to, Call::Role)].into_iter())
    }

    /// What has come to one question.
    fn answered(asked: &mut Answers) -> Option<Answer> {
        asked.try_take().map(|mut answers| answers.pop().unwrap())
    }

    /// Serials of what goes out.
    fn sent(exchange: &Exchange) -> Vec<u32> {
        let mut out = Vec::new();
        let write = |bytes: &[u8]| {
            out.extend_from_slice(bytes);
            Ok::<_, ()>(bytes.len())
        };
        exchange.drain(&Context::from_waker(Waker::noop()), write).unwrap();
        let (mut serials, mut rest) = (Vec::new(), &out[..]);
        while let Some(head) = rest.first_chunk::<HEAD_BYTES>() {
            serials.push(u32::from_le_bytes(head[8..12].try_into().unwrap()));
            rest = &rest[length(head).unwrap()..];
        }
        assert!(rest.is_empty());
        serials
    }

    fn answer(exchange: &Exchange, to: u32, sender: &str) -> bool {
        let body = 43_u32.to_le_bytes();
        let incoming = Incoming {
            to,
            sender: Some(sender),
            error: None,
            signature: b"u",
            body: &body,
            order: Order::Little,
        };
        exchange.deliver(&incoming, Instant::now())
    }

    #[test]
    fn a_window_is_filled_again_when_half_of_it_is_answered() {
        let (exchange, window) = (Exchange::default(), window());
        let mut asked: Vec<_> = (0..CALLS_IN_FLIGHT * 3).map(|_| ask(&exchange, &window)).collect();
        let first = sent(&exchange);
        assert_eq!(first.len(), CALLS_IN_FLIGHT);
        assert!(first.iter().all(|serial| *serial > OUR_SERIALS));
        for serial in &first[..CALLS_IN_FLIGHT - REFILL_AT - 1] {
            answer(&exchange, *serial, ":1.5");
        }
        assert_eq!(sent(&exchange).len(), 0);
        answer(&exchange, first[CALLS_IN_FLIGHT - 1], ":1.5");
        assert_eq!(sent(&exchange).len(), REFILL_AT);
        assert!(answered(&mut asked[0]).unwrap().is_ok());
        assert!(answered(&mut asked[CALLS_IN_FLIGHT - 1]).unwrap().is_ok());
        assert!(answered(&mut asked[CALLS_IN_FLIGHT]).is_none());
    }

    #[test]
    fn nobody_answers_for_another() {
        let (exchange, window) = (Exchange::default(), window());
        let mut asked = ask(&exchange, &window);
        let serial = sent(&exchange)[0];
        assert!(answer(&exchange, serial, ":1.6"));
        assert!(answered(&mut asked).is_none());
        assert!(answer(&exchange, serial, ":1.5"));
        assert!(answered(&mut asked).unwrap().is_ok());
        // Twice, or to nobody, is nothing; to zbus is zbus's.
        assert!(answer(&exchange, serial, ":1.5"));
        assert!(answer(&exchange, OUR_SERIALS + 999, ":1.5"));
        assert!(!answer(&exchange, 1, ":1.5"));
    }

    #[test]
    fn silence_is_told_to_all_and_only_when_nobody_was_heard() {
        let (exchange, window) = (Exchange::default(), window());
        let mut asked: Vec<_> = (0..CALLS_IN_FLIGHT + 4).map(|_| ask(&exchange, &window)).collect();
        let begun = Instant::now();
        answer(&exchange, sent(&exchange)[0], ":1.5");
        exchange.check_silence(begun + SILENCE / 2);
        assert!(answered(&mut asked[1]).is_none());
        exchange.check_silence(Instant::now() + SILENCE);
        for asked in &mut asked[1..] {
            assert!(matches!(answered(asked), Some(Err(CallError::Silent { .. }))));
        }
        assert_eq!(exchange.check_at(), None);
        // The window is free again.
        ask(&exchange, &window);
        assert_eq!(sent(&exchange).len(), 1);
    }

    #[test]
    fn the_end_is_told_to_all() {
        let (exchange, window) = (Exchange::default(), window());
        let mut asked: Vec<_> = (0..CALLS_IN_FLIGHT + 4).map(|_| ask(&exchange, &window)).collect();
        exchange.end("cut");
        exchange.end("later");
        let lost = CallError::Lost("cut".to_owned());
        for asked in &mut asked {
            assert_eq!(answered(asked).unwrap().unwrap_err(), lost);
        }
        assert_eq!(answered(&mut ask(&exchange, &window)).unwrap().unwrap_err(), lost);
    }

    #[test]
    fn what_is_asked_together_is_answered_together() {
        let (exchange, window) = (Exchange::default(), window());
        let peer = |path| Peer { bus_name: Some(":1.5"), path };
        // The second cannot be said at all.
        let questions =
            [(peer("/a"), Call::Role), (peer("no path"), Call::Role), (peer("/b"), Call::Role)];
        let mut asked = exchange.ask(&window, questions.into_iter());
        let serials = sent(&exchange);
        assert_eq!(serials.len(), 2);
        answer(&exchange, serials[1], ":1.5");
        assert!(asked.try_take().is_none());
        answer(&exchange, serials[0], ":1.5");
        let answers = asked.try_take().unwrap();
        assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(exchange.ask(&window, [].into_iter()).try_take().unwrap().len(), 0);
    }

    #[test]
    fn what_nobody_waits_for_is_not_sent() {
        let (exchange, window) = (Exchange::default(), window());
        let mut asked: Vec<_> = (0..CALLS_IN_FLIGHT + 9).map(|_| ask(&exchange, &window)).collect();
        let first = sent(&exchange);
        asked.truncate(CALLS_IN_FLIGHT);
        for serial in first {
            answer(&exchange, serial, ":1.5");
        }
        assert_eq!(sent(&exchange).len(), 0);
        assert!(exchange.state().waiting.is_empty());
    }
}
