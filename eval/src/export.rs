//! Results in the forms of others: lines of JSON, a table, the log of inspect_ai, one page.

mod csv;
mod date;
mod html;
mod inspect;

pub use csv::csv;
pub use html::{Pictures, html};
pub use inspect::inspect;

use crate::outcome::Outcome;
use crate::plan::Item;

/// The status of a sample that nobody has tried: a run that is not whole says so, in every form.
const OPEN: &str = "open";

/// One outcome a line, and then one a sample that nobody has tried.
pub fn jsonl(outcomes: &[Outcome], untried: &[Item]) -> String {
    let line = |outcome| serde_json::to_string(outcome).expect("an outcome is plain data") + "\n";
    let open = |item| {
        let mut sample = serde_json::to_value(item).expect("a sample is plain data");
        sample["status"] = OPEN.into();
        format!("{sample}\n")
    };
    outcomes.iter().map(line).chain(untried.iter().map(open)).collect()
}

/// The first word of how a run ended.
fn end_name(outcome: &Outcome) -> &'static str {
    use deskbound_agent::record::End;
    match &outcome.end {
        None => "",
        Some(End::Done) => "done",
        Some(End::Failed { .. }) => "failed",
        Some(End::Infeasible { .. }) => "infeasible",
        Some(End::Limit { .. }) => "limit",
        Some(End::Stopped) => "stopped",
        Some(End::Error { .. }) => "error",
    }
}
