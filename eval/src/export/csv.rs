//! A table of the samples, as RFC 4180 has it.

use std::fmt::Write as _;

use super::{OPEN, end_name};
use crate::outcome::Outcome;
use crate::plan::Item;
use crate::score::counted;

const HEAD: &str = "sample,task,wording,epoch,family,half,status,counts,partial,end,steps,reset_ms,\
                    run_ms,think_ms,look_ms,settle_ms,act_ms,check_ms,desktop,host,error";

/// Samples that nobody has tried come last.
pub fn csv(outcomes: &[Outcome], untried: &[Item]) -> String {
    let mut table = format!("{HEAD}\r\n");
    for (outcome, counts) in outcomes.iter().zip(counted(outcomes)) {
        let Outcome { item, times, .. } = outcome;
        let numbers = [
            outcome.steps.into(),
            times.reset_ms,
            times.run_ms,
            times.think_ms,
            times.look_ms,
            times.settle_ms,
            times.act_ms,
            times.check_ms,
        ];
        let numbers = numbers.map(|number: u64| number.to_string()).join(",");
        writeln!(
            table,
            "{},{},{},{},{},{},{},{counts},{},{},{numbers},{},{},{}\r",
            quoted(&item.id),
            quoted(&item.task),
            item.wording,
            item.epoch,
            quoted(&outcome.family),
            outcome.half,
            outcome.status,
            outcome.partial,
            end_name(outcome),
            quoted(&outcome.desktop),
            quoted(&outcome.host),
            quoted(outcome.error.as_deref().unwrap_or_default()),
        )
        .expect("a String takes all that is written to it");
    }
    // Behind the status, there is nothing to be told.
    let empty = ",".repeat(HEAD.matches(',').count() - 6);
    for Item { id, task, wording, epoch, .. } in untried {
        let (id, task) = (quoted(id), quoted(task));
        writeln!(table, "{id},{task},{wording},{epoch},,,{OPEN}{empty}\r")
            .expect("a String takes all that is written to it");
    }
    table
}

/// In quotes where it has to be. A program for tables takes some first characters for a formula;
/// what came out of a desktop is none.
fn quoted(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;
    use crate::outcome::tests::outcome;

    #[test]
    fn a_row_has_as_many_columns_as_the_head() {
        let error = Some("no \"bus\", at all".to_owned());
        let outcomes = [Outcome { error, ..outcome("a", 1, Status::Fail) }];
        let table = csv(&outcomes, &[Item::new("b", 1, 2, 0)]);
        let rows: Vec<_> = table.split("\r\n").collect();
        assert_eq!(rows.len(), 4);
        assert!(rows[2].starts_with("b.1.2,b,1,2,,,open,"), "{}", rows[2]);
        assert_eq!(rows[2].matches(',').count(), HEAD.matches(',').count());
        assert!(rows[1].ends_with("x11,here,\"no \"\"bus\"\", at all\""), "{}", rows[1]);
        let plain = rows[1].replace("no \"\"bus\"\", at all", "");
        assert_eq!(plain.matches(',').count(), HEAD.matches(',').count());
    }

    #[test]
    fn nothing_from_a_desktop_is_a_formula() {
        for (text, expected) in
            [("=1+1", "'=1+1"), ("@x", "'@x"), ("a=1", "a=1"), ("", ""), ("a\nb", "\"a\nb\"")]
        {
            assert_eq!(quoted(text), expected);
        }
    }
}
