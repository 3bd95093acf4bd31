//! Answers as they come: one a line, each durable before the next is asked for.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::target::Answer;
use crate::store::StoreError;

const FILE: &str = "answers.jsonl";

/// What was answered to one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub id: String,
    pub answer: Answer,
    /// How sure whoever answered was, between nothing and 1.
    pub probability: f32,
    pub ms: u64,
}

/// A file of answers, which may be whole or not.
#[derive(Debug)]
pub struct Answers {
    path: PathBuf,
    file: File,
    known: BTreeMap<String, Answered>,
}

impl Answers {
    /// Opens the answers of a folder, or begins with them. Half a line, which a killed process
    /// left, is taken away.
    ///
    /// # Errors
    /// Where they cannot be read, or written on.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let write = |source| StoreError::Write { path: path.clone(), source };
        fs::create_dir_all(folder).map_err(write)?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut known = BTreeMap::new();
        for line in text[..whole].lines() {
            let answered: Answered = serde_json::from_str(line)
                .map_err(|source| StoreError::NoResult { path: path.clone(), source })?;
            known.entry(answered.id.clone()).or_insert(answered);
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(write)?;
        file.set_len(whole as u64).map_err(write)?;
        Ok(Self { path, file, known })
    }

    pub fn has(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    /// # Errors
    /// Where it cannot be kept.
    pub fn keep(&mut self, answered: Answered) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(&answered).expect("an answer is plain data");
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.map_err(|source| StoreError::Write { path: self.path.clone(), source })?;
        self.known.insert(answered.id.clone(), answered);
        Ok(())
    }

    pub fn all(&self) -> &BTreeMap<String, Answered> {
        &self.known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(id: &str) -> Answered {
        let answer = Answer::Point { x: 1.0, y: 2.5 };
        Answered { id: id.to_owned(), answer, probability: 0.5, ms: 3 }
    }

    #[test]
    fn half_a_line_is_asked_for_again_and_the_first_answer_stays() {
        let folder = tempfile::tempdir().unwrap();
        let mut answers = Answers::open(folder.path()).unwrap();
        answers.keep(answered("a")).unwrap();
        answers.keep(answered("b")).unwrap();
        drop(answers);
        let path = folder.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        for cut in text.find('\n').unwrap() + 1..text.len() {
            fs::write(&path, &text[..cut]).unwrap();
            let mut answers = Answers::open(folder.path()).unwrap();
            assert!(answers.has("a") && !answers.has("b"), "{cut}");
            answers.keep(answered("b")).unwrap();
            assert_eq!(Answers::open(folder.path()).unwrap().all().len(), 2, "{cut}");
        }
        fs::write(&path, "no answer\n").unwrap();
        assert!(matches!(Answers::open(folder.path()), Err(StoreError::NoResult { .. })));
    }
}
