//! Figures: what a benchmark measures, each with its name, its aim and its spread.
//!
//! A figure is a ratio (the peer's time ÷ ours, measured in turn so that a busy machine is unfair
//! to both) or an absolute number, which says how busy the machine was. Of several rounds the
//! median counts; the least and the greatest stand beside it. A peer that is not there is named,
//! never guessed. With `--json` each figure is an object on a line, else all are a table.
//!
//! Every crate's benchmark uses this; it imports nothing.

use std::{fmt, fs};

use serde::Serialize;

/// Rounds of a figure, unless one round takes too long for that.
pub const ROUNDS: usize = 7;
/// Processes that wait for a core, beyond which absolute times say little.
const BUSY_LOAD: f64 = 0.5;

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    AtLeast(f64),
    AtMost(f64),
    /// There is none; it is only told.
    Told,
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Such as `a11y.stalled_ms`.
    pub id: &'static str,
    pub unit: &'static str,
    pub aim: Aim,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    figure: &'static str,
    value: Option<f64>,
    unit: &'static str,
    versus: Option<String>,
    runs: usize,
    min: Option<f64>,
    max: Option<f64>,
    aim: Option<f64>,
    #[serde(skip)]
    aimed: Aim,
    load_before: f64,
    load_after: f64,
    busy: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
}

/// Collects figures, and tells each as soon as it is there.
#[derive(Debug)]
pub struct Figures {
    form: Form,
    told: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Table,
    Json,
}

impl Figures {
    /// As the command line asks.
    pub fn from_args() -> Self {
        let json = std::env::args().any(|arg| arg == "--json");
        Self { form: if json { Form::Json } else { Form::Table }, told: 0 }
    }

    /// A number of its own.
    pub fn absolute(&mut self, figure: Figure, rounds: usize, mut ours: impl FnMut() -> f64) {
        let before = load();
        let values: Vec<f64> = (0..rounds).map(|_| ours()).collect();
        self.tell(Row::new(figure, None, before, values));
    }

    /// The peer's time ÷ ours, one after the other in each round.
    pub fn ratio(
        &mut self,
        figure: Figure,
        rounds: usize,
        versus: &str,
        mut round: impl FnMut() -> Pair,
    ) {
        let before = load();
        let ratios = (0..rounds).map(|_| {
            let Pair { peer, ours } = round();
            peer / ours
        });
        let values = ratios.collect();
        self.tell(Row::new(figure, Some(versus.to_owned()), before, values));
    }

    /// A figure that cannot be measured here.
    pub fn missing(&mut self, figure: Figure, why: impl fmt::Display) {
        let mut row = Row::new(figure, None, load(), Vec::new());
        row.missing = Some(why.to_string());
        self.tell(row);
    }

    #[expect(clippy::print_stdout, reason = "a benchmark's figures are its output")]
    fn tell(&mut self, row: Row) {
        match self.form {
            Form::Json => println!("{}", serde_json::to_string(&row).expect("plain data")),
            Form::Table => {
                if self.told == 0 {
                    println!("| figure | value | least | greatest | rounds | aim | load |");
                    println!("| --- | --- | --- | --- | --- | --- | --- |");
                }
                println!("{row}");
            }
        }
        self.told += 1;
    }
}

/// The same work done by both, in the same unit of time.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub peer: f64,
    pub ours: f64,
}

impl Row {
    fn new(figure: Figure, versus: Option<String>, before: f64, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let after = load();
        let aim = match figure.aim {
            Aim::AtLeast(aim) | Aim::AtMost(aim) => Some(aim),
            Aim::Told => None,
        };
        Self {
            figure: figure.id,
            value: median(&values),
            unit: figure.unit,
            versus,
            runs: values.len(),
            min: values.first().copied(),
            max: values.last().copied(),
            aim,
            aimed: figure.aim,
            load_before: before,
            load_after: after,
            busy: before > BUSY_LOAD || after > BUSY_LOAD,
            missing: None,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.versus {
            Some(versus) => format!("`{}` against {versus}", self.figure),
            None => format!("`{}`", self.figure),
        };
        if let Some(why) = &self.missing {
            return write!(f, "| {name} | not measured: {why} | | | | {} | |", self.aimed);
        }
        let number = |value: Option<f64>| value.map(rounded).unwrap_or_default();
        let busy = if self.busy { " (busy)" } else { "" };
        write!(
            f,
            "| {name} | {} {} | {} | {} | {} | {} | {:.1}–{:.1}{busy} |",
            number(self.value),
            self.unit,
            number(self.min),
            number(self.max),
            self.runs,
            self.aimed,
            self.load_before,
            self.load_after,
        )
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(aim) => write!(f, "≥ {aim}"),
            Self::AtMost(aim) => write!(f, "≤ {aim}"),
            Self::Told => f.write_str("told"),
        }
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len() % 2 == 1 { upper } else { (sorted[middle - 1] + upper) / 2.0 })
}

/// Three digits that mean something.
fn rounded(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Of the last minute.
fn load() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: Figure = Figure { id: "a.b_ms", unit: "ms", aim: Aim::AtMost(5.0) };

    #[test]
    fn the_median_of_rounds_counts() {
        let check = |values: &[f64], expected| {
            let row = Row::new(FIGURE, None, 0.0, values.to_vec());
            assert_eq!((row.value, row.runs), (expected, values.len()));
        };
        check(&[3.0, 1.0, 2.0], Some(2.0));
        check(&[4.0, 1.0, 2.0, 3.0], Some(2.5));
        check(&[], None);
    }

    #[test]
    fn a_row_reads_well() {
        let mut row = Row::new(FIGURE, Some("peer".to_owned()), 0.1, vec![120.4, 3.0, 12.34]);
        (row.load_after, row.busy) = (0.2, false);
        assert_eq!(
            row.to_string(),
            "| `a.b_ms` against peer | 12.3 ms | 3.00 | 120 | 3 | ≤ 5 | 0.1–0.2 |"
        );
        row.missing = Some("no peer".to_owned());
        assert!(row.to_string().contains("not measured: no peer"));
    }

    #[test]
    fn a_line_of_json_has_the_fields_that_are_promised() {
        let row = serde_json::to_value(Row::new(FIGURE, None, 9.0, vec![1.0])).unwrap();
        for field in ["figure", "value", "unit", "versus", "runs", "min", "max", "aim", "busy"] {
            assert!(row.get(field).is_some(), "{field}");
        }
        assert_eq!(row["busy"], true);
    }
}
