//! A journal takes the records of a run.

use std::io;

use super::Journal;
use crate::record::{Record, StepSink};

impl StepSink for Journal {
    fn record(&mut self, record: &Record) -> io::Result<()> {
        let mut files = Vec::new();
        if let Some(frame) = record.frame() {
            files.push(self.keep_frame(frame).map_err(io::Error::other)?);
        }
        if let Some(tree) = record.tree() {
            files.push(self.keep_tree(tree).map_err(io::Error::other)?);
        }
        self.append(record, &files).map_err(io::Error::other)
    }

    fn digest(&mut self, text: &str) -> io::Result<Option<String>> {
        Journal::digest(self, text).map(Some).map_err(io::Error::other)
    }
}
