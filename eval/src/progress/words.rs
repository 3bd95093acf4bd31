//! How far it is, for people.

use std::fmt;

use deskbound_agent::sanitize;

use super::{Host, Pace, Progress, Shard};
use crate::emit::ranges;
use crate::score::Passes;

/// `3 h 20 min`, `12 min`, `40 s`.
pub fn long(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

impl Progress {
    /// `12 of 77 samples, about 34 min left`.
    pub fn line(&self) -> String {
        let left = match self.left_s {
            Some(0) => String::new(),
            Some(left) => format!(", about {} left", long(left)),
            None => ", no result yet".to_owned(),
        };
        format!("{} of {} samples{left}", self.done, self.planned)
    }

    /// `8 pass, 3 fail, 1 timeout`.
    pub fn statuses_line(&self) -> String {
        let said = self.statuses.iter().map(|(status, count)| format!("{count} {status}"));
        said.collect::<Vec<_>>().join(", ")
    }

    /// `pass@1 62 % (48 to 75), pass@4 80 % (70 to 88), pass^4 40 % (20 to 60)`: the least and the
    /// most tries.
    pub fn passes_line(&self) -> String {
        let Some(once) = self.passes.first() else { return String::new() };
        let mut line = format!("pass@1 {}", once.any);
        if let Some(Passes { k, any, all }) = self.passes.get(1..).and_then(<[_]>::last) {
            line += &format!(", pass@{k} {any}, pass^{k} {all}");
        }
        line
    }

    /// Shards of which something is open.
    pub fn open_shards(&self) -> Vec<u32> {
        let open = self.shards.iter().filter(|shard| shard.pace != Pace::Through);
        open.map(|shard| shard.number).collect()
    }

    fn still(&self) -> Vec<u32> {
        let still = self.shards.iter().filter(|shard| shard.pace == Pace::Still);
        still.map(|shard: &Shard| shard.number).collect()
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = sanitize::line(&format!("{} with {}", self.suite, self.with));
        writeln!(f, "{what}: {}", self.line())?;
        if self.done > 0 {
            writeln!(f, "{}", self.statuses_line())?;
        }
        if !self.passes.is_empty() {
            writeln!(f, "{}, 95 % over tasks", self.passes_line())?;
        }
        if self.attempts_spoilt > 0 {
            let (samples, attempts) = (self.unresolved, self.attempts_spoilt);
            writeln!(
                f,
                "desktops spoilt {attempts} attempts; {samples} samples have nothing else"
            )?;
        }
        if self.junk > 0 {
            let named = sanitize::line(&self.junk_named.join(", "));
            writeln!(f, "{} files among the results are none of this plan: {named}", self.junk)?;
        }
        for Host { name, done, samples_per_hour, silent_s } in &self.hosts {
            let (name, silent) = (sanitize::line(name), long(*silent_s));
            writeln!(
                f,
                "  {name:<20} {done:>6} samples {samples_per_hour:>8.1} an hour, the last one {silent} ago"
            )?;
        }
        let still = self.still();
        if !still.is_empty() {
            writeln!(f, "shards that stand still: {}", ranges(&still))?;
        }
        let open = match &*self.open_shards() {
            [] => "none".to_owned(),
            open => ranges(open),
        };
        write!(f, "open shards: {open}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;
    use crate::statistics::Estimate;

    #[test]
    fn it_reads_well() {
        for (seconds, expected) in
            [(5, "5 s"), (61, "2 min"), (7_300, "2 h 1 min"), (90_000, "1 d 1 h")]
        {
            assert_eq!(long(seconds), expected);
        }
        let shard = |number, done, pace| Shard { number, planned: 4, done, pace };
        let host = Host { name: "a\u{1b}[2J".into(), done: 3, samples_per_hour: 6.0, silent_s: 9 };
        let passes = |k, value| {
            let any = Estimate { value, low: 0.25, high: 1.0 };
            Passes { k, any, all: Estimate { value: 0.5, ..any } }
        };
        let progress = Progress {
            suite: "desk".to_owned(),
            with: "trained on x11".to_owned(),
            planned: 12,
            done: 5,
            statuses: [(Status::Pass, 3), (Status::Fail, 2)].into(),
            passes: vec![passes(1, 0.6), passes(2, 0.8), passes(4, 1.0)],
            attempts_spoilt: 2,
            unresolved: 1,
            hosts: vec![host],
            shards: vec![
                shard(0, 4, Pace::Through),
                shard(1, 1, Pace::Still),
                shard(2, 0, Pace::Waiting),
            ],
            left_s: Some(125),
            junk: 1,
            junk_named: vec!["x.json".to_owned()],
            ..Progress::default()
        };
        let expected = "\
desk with trained on x11: 5 of 12 samples, about 3 min left
3 pass, 2 fail
pass@1 60 % (25 to 100), pass@4 100 % (25 to 100), pass^4 50 % (25 to 100), 95 % over tasks
desktops spoilt 2 attempts; 1 samples have nothing else
1 files among the results are none of this plan: x.json
  a·[2J                     3 samples      6.0 an hour, the last one 9 s ago
shards that stand still: 1
open shards: 1-2";
        assert_eq!(progress.to_string(), expected);
    }
}
