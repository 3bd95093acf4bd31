//! A sink that says when another record has been kept.

use std::io;

use tokio::sync::watch;

use crate::record::{Record, StepSink};

/// Keeps first, announces then: whoever is told can read it.
pub struct Announcing<S> {
    sink: S,
    records: watch::Sender<u64>,
}

impl<S> Announcing<S> {
    pub fn over(sink: S) -> Self {
        Self { sink, records: watch::Sender::new(0) }
    }

    /// How many records were kept so far.
    pub fn records(&self) -> watch::Receiver<u64> {
        self.records.subscribe()
    }

    pub fn into_inner(self) -> S {
        self.sink
    }
}

impl<S: StepSink> StepSink for Announcing<S> {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        self.sink.record(record)?;
        self.records.send_modify(|records| *records += 1);
        Ok(())
    }

    fn digest(&mut self, text: &str) -> io::Result<Option<String>> {
        self.sink.digest(text)
    }
}
