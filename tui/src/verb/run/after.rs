//! After a run: look at what became of it, and take files out, before the desktop is thrown away.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use deskbound_agent::desktop::Desktop;
use deskbound_agent::record::End;
use deskbound_agent::sanitize;
use serde_json::{Value, json};

use super::view::ended;
use crate::failure::{Exit, Failure};

/// What a file of the home folder is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// `file=NAME:text=TEXT`: it holds this text; one newline at its end may be there or not.
    Holds { file: String, text: String },
    /// `missing=NAME`: it is not there.
    Missing { file: String },
}

impl FromStr for Check {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(file) = text.strip_prefix("missing=").filter(|file| !file.is_empty()) {
            return Ok(Self::Missing { file: file.to_owned() });
        }
        let parts = text.strip_prefix("file=").and_then(|rest| rest.split_once(":text="));
        let (file, text) = parts.ok_or("it is written file=NAME:text=TEXT or missing=NAME")?;
        Ok(Self::Holds { file: file.to_owned(), text: text.to_owned() })
    }
}

impl Check {
    fn file(&self) -> &str {
        match self {
            Self::Holds { file, .. } | Self::Missing { file } => file,
        }
    }

    fn holds(&self, found: Option<&[u8]>) -> bool {
        match (self, found) {
            (Self::Holds { text, .. }, Some(found)) => {
                found.strip_suffix(b"\n").unwrap_or(found) == text.as_bytes()
            }
            (Self::Missing { .. }, None) => true,
            (Self::Holds { .. }, None) | (Self::Missing { .. }, Some(_)) => false,
        }
    }
}

/// What the run came to, and what was found by looking.
pub(super) struct Verdict<'e> {
    end: &'e End,
    /// Each check, and whether it holds.
    findings: Vec<(Check, bool)>,
}

impl<'e> Verdict<'e> {
    pub(super) fn of(end: &'e End) -> Self {
        Self { end, findings: Vec::new() }
    }

    pub(super) async fn look(
        &mut self,
        desktop: &mut impl Desktop,
        checks: &[Check],
    ) -> Result<(), Failure> {
        for check in checks {
            let path = format!("{}/{}", desktop.home(), check.file());
            let holds = check.holds(desktop.read_file(&path).await?.as_deref());
            self.findings.push((check.clone(), holds));
        }
        Ok(())
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.findings.iter().map(|(check, holds)| {
            let word = if *holds { "holds" } else { "DOES NOT HOLD" };
            let is_there = if matches!(check, Check::Missing { .. }) { " is gone" } else { "" };
            format!("check: {}{is_there}: {word}", sanitize::line(check.file()))
        })
    }

    pub(super) fn record(&self) -> Value {
        let checks = self.findings.iter().map(|(check, holds)| match check {
            Check::Holds { file, text } => json!({ "file": file, "text": text, "holds": holds }),
            Check::Missing { file } => json!({ "missing": file, "holds": holds }),
        });
        json!({ "record": "checked", "end": ended(self.end), "checks": checks.collect::<Vec<_>>() })
    }

    /// Where checks were asked for, they must hold too. A run that broke down says nothing of the
    /// task.
    pub(super) fn exit(&self) -> Exit {
        match self.end {
            End::Stopped => Exit::Interrupted,
            End::Error { .. } => Exit::Missing,
            End::Done if self.findings.iter().all(|(_, holds)| *holds) => Exit::Done,
            _ => Exit::Failed,
        }
    }
}

/// Copies files of the home folder into a folder on this machine, under their last name.
pub(super) async fn collect(
    desktop: &mut impl Desktop,
    names: &[String],
    into: &Path,
) -> Result<(), Failure> {
    for name in names {
        let path = format!("{}/{name}", desktop.home());
        let Some(bytes) = desktop.read_file(&path).await? else {
            crate::terminal::note(format_args!("collect: there is no {}", sanitize::line(name)));
            continue;
        };
        let last = Path::new(name).file_name().ok_or_else(|| {
            Failure::usage(format!("`{name}` cannot be collected: it names no file"))
        })?;
        fs::write(into.join(last), bytes).map_err(Failure::missing)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_read_and_compares_to_the_byte() {
        let (file, text) = ("notes/a.txt".to_owned(), "one: two:text=".to_owned());
        let read = "file=notes/a.txt:text=one: two:text=".parse();
        assert_eq!(read, Ok(Check::Holds { file, text }));
        let check: Check = "file=a:text=b".parse().unwrap();
        for (found, expected) in [("b", true), ("b\n", true), ("b\n\n", false), ("", false)] {
            assert_eq!(check.holds(Some(found.as_bytes())), expected, "{found:?}");
        }
        assert!(!check.holds(None));
        let gone: Check = "missing=a".parse().unwrap();
        assert!(gone.holds(None) && !gone.holds(Some(b"")));
        for wrong in ["", "a.txt", "file=a", "text=b:file=a", "missing="] {
            assert!(wrong.parse::<Check>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_run_that_says_done_fails_where_a_check_does_not_hold() {
        let check: Check = "file=a:text=b".parse().unwrap();
        let failed = End::Failed { reason: String::new() };
        let broken = End::Error { what: String::new() };
        for (end, holds, expected) in [
            (&End::Done, true, Exit::Done),
            (&End::Done, false, Exit::Failed),
            (&failed, true, Exit::Failed),
            (&broken, true, Exit::Missing),
            (&End::Stopped, true, Exit::Interrupted),
        ] {
            let verdict = Verdict { end, findings: vec![(check.clone(), holds)] };
            assert_eq!(verdict.exit(), expected, "{end:?}");
        }
    }
}
