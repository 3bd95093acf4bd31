//! The sink of a playback: each decision is held against the one of then.

use std::fmt;
use std::io;

use serde_json::Value;

use super::Replayed;
use super::tape::Tape;
use crate::control::{Answer, AskId, Attendance, Command, Control};
use crate::record::{End, Record, StepSink, Which};

/// Where a playback first decided otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The record of then.
    pub seq: u64,
    pub then: Value,
    pub now: Value,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {} was {}, and is {} now", self.seq, self.then, self.now)
    }
}

pub(super) struct Comparing<'t> {
    tape: &'t Tape,
    at: usize,
    control: Control,
    /// Whoever was there to be asked then is there now.
    _attendance: Option<Attendance>,
    compared: usize,
    difference: Option<Difference>,
}

impl<'t> Comparing<'t> {
    pub(super) fn new(tape: &'t Tape, control: Control) -> Self {
        let is_asked =
            |record: &Record| matches!(record, Record::Asked { .. } | Record::Questioned { .. });
        let is_attended = tape.taped.iter().any(|taped| is_asked(&taped.record));
        let _attendance = is_attended.then(|| control.attend());
        Self { tape, at: 0, control, _attendance, compared: 0, difference: None }
    }

    pub(super) fn finish(self) -> Replayed {
        Replayed { compared: self.compared, difference: self.difference }
    }

    /// What was answered to this question then; none is a no.
    fn answer(&mut self, asked: AskId) {
        let answered = self.tape.taped[self.at..].iter().find_map(|taped| match taped.record {
            Record::Answered { ask, answer, .. } if ask == asked => answer,
            _ => None,
        });
        let answer = answered.unwrap_or(Answer::Deny);
        // The inbox is empty: the run waits for this.
        let _ = self.control.tell(Command::Answer { ask: asked, answer });
    }

    /// What was said to a model's question then; silence is said at once.
    fn reply(&mut self, asked: AskId) {
        let replied = self.tape.taped[self.at..].iter().find_map(|taped| match &taped.record {
            Record::Replied { ask, text, .. } if *ask == asked => text.clone(),
            _ => None,
        });
        let silence = Command::Answer { ask: asked, answer: Answer::Deny };
        let command = replied.map_or(silence, |text| Command::Prompt { text });
        // The inbox is empty: the run waits for this.
        let _ = self.control.tell(command);
    }

    /// What persons said comes right behind the record that was just decided again.
    fn speak(&mut self) {
        let rest = &self.tape.taped[self.at..];
        for taped in rest.iter().take_while(|taped| decided(&taped.record).is_none()) {
            if let Record::Prompted { prompt } = &taped.record {
                let text = prompt.text.clone();
                // A prompt that finds no room is missed by the decision that follows, which says so.
                let _ = self.control.tell(Command::Prompt { text });
            }
        }
    }
}

impl StepSink for Comparing<'_> {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        if let Record::Asked { ask, .. } = record {
            self.answer(*ask);
        }
        if let Record::Questioned { ask, .. } = record {
            self.reply(*ask);
        }
        let Some(now) = decided(record) else { return Ok(()) };
        let rest = &self.tape.taped[self.at..];
        let then = rest.iter().enumerate().find_map(|(ahead, taped)| {
            Some((ahead, taped.seq, &taped.record, decided(&taped.record)?))
        });
        let Some((ahead, seq, taped, then)) = then else { return Ok(()) };
        self.at += ahead + 1;
        if is_outside(taped) {
            // From here on the run of then was not by itself; this one is over too.
            self.at = self.tape.taped.len();
            return Ok(());
        }
        if then != now {
            self.difference.get_or_insert(Difference { seq, then, now });
            return Err(io::Error::other("the playback differs"));
        }
        self.compared += 1;
        self.speak();
        Ok(())
    }
}

/// An end that came from outside of what was decided.
fn is_outside(record: &Record) -> bool {
    matches!(
        record,
        Record::Ended {
            end: End::Stopped | End::Error { .. } | End::Limit { which: Which::Time },
            ..
        }
    )
}

/// What of a record was decided, without how long it took; `None` where nothing was.
fn decided(record: &Record) -> Option<Value> {
    let is_decided = matches!(
        record,
        Record::Decided { .. }
            | Record::Grounded { .. }
            | Record::Acted { .. }
            | Record::Denied { .. }
            | Record::Verified { .. }
            | Record::Called { .. }
            | Record::Confirmed { .. }
            | Record::Ended { .. }
    );
    let mut value = serde_json::to_value(record).ok().filter(|_| is_decided)?;
    let fields = value.as_object_mut()?;
    for time in ["think", "ground", "act", "took"] {
        fields.remove(time);
    }
    // What was still known of a prompt is a matter of what was asked before.
    if let Some(decision) = fields.get_mut("decision").and_then(Value::as_object_mut) {
        decision.remove("usage");
    }
    Some(value)
}
