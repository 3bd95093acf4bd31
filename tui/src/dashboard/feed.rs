//! Tells the dashboard what stands in a journal, and goes on while its run does.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use deskbound_agent::journal::{Entry, Reader};
use deskbound_agent::record::Record;
use deskbound_agent::{chain, sanitize};
use serde::Deserialize as _;

use super::{Event, Tense, story};
use crate::verb::run;

/// Between two looks at a journal that is being written.
const POLL: Duration = Duration::from_millis(30);
/// Lines that are told in one go.
const LINES_MAX: usize = 1024;

/// The thread that reads; dropping it ends it.
pub(crate) struct Feed {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    /// Reads the journal in `run`; of a live one until its last line.
    pub(crate) fn open(
        run: PathBuf,
        tense: Tense,
        deliver: impl Fn(Event) + Send + 'static,
    ) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut reader = match Reader::open(&run) {
                Ok(reader) => reader,
                Err(error) => return deliver(Event::Broken(sanitize::line(&chain(&error)))),
            };
            loop {
                let (entries, fault) = read(&mut reader);
                let closed = entries.last().is_some_and(|entry| entry.record.is_none());
                let more = entries.len() == LINES_MAX;
                if !entries.is_empty() {
                    deliver(Event::Told(entries));
                }
                if let Some(fault) = fault {
                    return deliver(Event::Broken(fault));
                }
                if closed || (tense == Tense::Past && !more) {
                    return;
                }
                let pause = if more { Duration::ZERO } else { POLL };
                if stopped.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in there has been told by the panic hook.
            let _ = thread.join();
        }
    }
}

/// What has been written since the last time, and why no more can be read.
fn read(reader: &mut Reader) -> (Vec<Entry>, Option<String>) {
    let mut entries = Vec::new();
    while entries.len() < LINES_MAX {
        match reader.next_entry() {
            Ok(Some(entry)) => entries.push(entry),
            Ok(None) => break,
            Err(error) => return (entries, Some(sanitize::line(&chain(&error)))),
        }
    }
    (entries, None)
}

/// A line of a journal for people; `None` where it says nothing to a person.
pub(crate) fn line(entry: &Entry) -> Option<String> {
    let value = entry.record.as_ref()?;
    match Record::deserialize(value) {
        Ok(record) => run::line(&record),
        Err(_) => match story::checks(value) {
            Some(checks) => {
                let said = checks.iter().map(|(what, holds)| match holds {
                    true => format!("{what}: yes"),
                    false => format!("{what}: NO"),
                });
                let said = said.collect::<Vec<_>>().join(", ");
                (!said.is_empty()).then(|| format!("       checked: {}", sanitize::line(&said)))
            }
            None => Some(format!("       {}", sanitize::line(&value.to_string()))),
        },
    }
}
