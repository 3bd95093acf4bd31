//! `deskbound runs pasted`: whether a text is one that a person pasted to a desktop or carried out
//! of it, without the record having kept it.

use std::io::{Read as _, stdin};
use std::path::Path;

use deskbound_agent::journal::{Entry, Key, entries};
use deskbound_agent::record::{Hand, Record};
use serde::Deserialize as _;

use super::name;
use crate::failure::{Exit, Failure};
use crate::terminal::say;

/// No text that long is ever pasted.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// The text is read from standard input, so that it stands in no list of commands.
pub(super) fn pasted(run: &Path) -> Result<Exit, Failure> {
    let (entries, _) = entries(run).map_err(|error| Failure::new(Exit::Failed, error))?;
    let key = Key::of_run(run).map_err(Failure::missing)?.ok_or_else(|| {
        Failure::usage(format!("there is no key in the folder of {}", name(run)))
            .hint("nothing was pasted in it, or it was exported, which leaves the key behind")
    })?;
    let mut text = String::new();
    stdin().lock().take(TEXT_BYTES_MAX).read_to_string(&mut text).map_err(Failure::usage)?;
    let found = found(&entries, &key, &text);
    for (entry, what) in &found {
        say(format_args!("{} {what}", entry.ts_utc));
    }
    if found.is_empty() {
        say("it was neither pasted nor carried out");
        return Ok(Exit::Failed);
    }
    Ok(Exit::Done)
}

/// When it was, and which way. The end of a line that a shell puts behind it is none of the text.
fn found<'e>(entries: &'e [Entry], key: &Key, text: &str) -> Vec<(&'e Entry, &'static str)> {
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let digests = [text, whole].map(|text| key.digest(text));
    let of_entry = |entry: &'e Entry| {
        let Ok(Record::ByHand { hand, refused }) = Record::deserialize(entry.record.as_ref()?)
        else {
            return None;
        };
        let digest = hand.digest()?;
        let what = match (&hand, refused) {
            (Hand::Carried { .. }, _) => "carried out",
            (_, None) => "pasted",
            (_, Some(_)) => "pasted, and not taken",
        };
        digests.iter().any(|one| one == digest).then_some((entry, what))
    };
    entries.iter().filter_map(of_entry).collect()
}

#[cfg(test)]
mod tests {
    use deskbound_agent::journal::Journal;
    use deskbound_agent::record::StepSink as _;

    use super::*;

    #[test]
    fn a_text_is_found_again_only_with_the_key() {
        let base = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(base.path()).unwrap();
        let run = journal.folder().to_owned();
        let secret = "1234";
        let digest = Some(journal.digest(secret).unwrap());
        for hand in [
            Hand::Text { characters: 4, digest: digest.clone() },
            Hand::Text { characters: 1, digest: None },
            Hand::Carried { characters: 4, digest },
        ] {
            journal.record(&Record::ByHand { hand, refused: None }).unwrap();
        }
        // As it was before there were digests.
        let old =
            serde_json::json!({ "record": "by-hand", "hand": { "hand": "text", "characters": 4 } });
        journal.append(&old, &[]).unwrap();
        journal.close().unwrap();
        let (entries, _) = entries(&run).unwrap();
        let key = Key::of_run(&run).unwrap().unwrap();
        for (text, expected) in [
            (secret, &["pasted", "carried out"][..]),
            ("1234\n", &["pasted", "carried out"]),
            ("4321", &[]),
        ] {
            let whats: Vec<_> = found(&entries, &key, text).iter().map(|(_, what)| *what).collect();
            assert_eq!(whats, expected, "{text}");
        }
        let archive = base.path().join("run.tar");
        super::super::keep::export(&run, &archive).unwrap();
        let bytes = std::fs::read(&archive).unwrap();
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(has(b"journal.jsonl") && !has(&std::fs::read(run.join("key")).unwrap()));
        assert!(!has(secret.as_bytes()));
    }
}
