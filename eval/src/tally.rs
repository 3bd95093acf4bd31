//! Where the time of a run goes, counted while its records pass by into the journal.

use std::io;
use std::time::Duration;

use deskbound_agent::chain;
use deskbound_agent::journal::{Journal, JournalError};
use deskbound_agent::record::{Record, StepSink};

use crate::outcome::{Times, millis};

#[derive(Default)]
pub(crate) struct Tally {
    journal: Option<Journal>,
    pub(crate) steps: u32,
    /// Read and written by models that do so.
    pub(crate) tokens: u64,
    think: Duration,
    look: Duration,
    settle: Duration,
    act: Duration,
    /// Why the journal could not be written: the machine's failure, not the agent's.
    pub(crate) unwritten: Option<String>,
}

impl Tally {
    pub(crate) fn over(journal: Journal) -> Self {
        Self { journal: Some(journal), ..Self::default() }
    }

    pub(crate) fn close(&mut self) -> Result<(), JournalError> {
        self.journal.take().map_or(Ok(()), Journal::close)
    }

    pub(crate) fn into_times(self, times: &mut Times) {
        times.think_ms = millis(self.think);
        times.look_ms = millis(self.look);
        times.settle_ms = millis(self.settle);
        times.act_ms = millis(self.act);
    }

    fn count(&mut self, record: &Record) {
        match record {
            Record::Observed { observe, settle, .. } => {
                self.look += observe.saturating_sub(*settle);
                self.settle += *settle;
            }
            Record::Decided { decision, think } => {
                self.think += *think;
                self.tokens += decision.usage.spent();
            }
            Record::Grounded { ground, .. } => self.think += *ground,
            Record::Viewed { see, .. } => self.think += *see,
            Record::Acted { act, step, .. } => {
                self.act += *act;
                self.steps = *step;
            }
            Record::Ended { steps, .. } => self.steps = *steps,
            _ => {}
        }
    }
}

impl StepSink for Tally {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.count(record);
        let written = self.journal.as_mut().map_or(Ok(()), |journal| journal.record(record));
        if let Err(error) = &written {
            // The first one says why; those after it, that there was one.
            self.unwritten.get_or_insert(chain(error));
        }
        written
    }

    fn digest(&mut self, text: &str) -> io::Result<Option<String>> {
        self.journal.as_mut().map_or(Ok(None), |journal| StepSink::digest(journal, text))
    }
}

#[cfg(test)]
mod tests {
    use deskbound_agent::action::{Action, ScreenPx};
    use deskbound_agent::record::End;

    use super::*;

    #[test]
    fn time_goes_where_the_records_say() {
        let ms = Duration::from_millis;
        let mut tally = Tally::default();
        let observed = Record::Observed {
            step: 0,
            frame: Default::default(),
            tree: Default::default(),
            observe: ms(100),
            settle: ms(80),
        };
        let action = Action::click(ScreenPx { x: 1, y: 2 });
        let acted = Record::Acted { step: 2, action, expects: String::new(), act: ms(7) };
        let ended = Record::Ended { end: End::Done, steps: 3, took: ms(500) };
        for record in [&observed, &acted, &observed, &ended] {
            tally.record(record).unwrap();
        }
        let (mut times, steps) = (Times::default(), tally.steps);
        tally.into_times(&mut times);
        let expected = Times { look_ms: 40, settle_ms: 160, act_ms: 7, ..Times::default() };
        assert_eq!((times, steps), (expected, 3));
    }
}
