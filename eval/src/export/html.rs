//! One page that needs nothing else: numbers, plots, and what every sample looked like.
//!
//! Every word on it that came from a desktop or a model is escaped; it has no script and loads
//! nothing.

mod plot;
mod timeline;

use std::fmt::Write as _;

use super::date::utc;
use crate::outcome::{Outcome, Status};
use crate::report::{Report, reason};
use crate::score::counted;

const STYLE: &str = include_str!("html/html.css");
/// Of all pictures together, as they stand in the page.
const PICTURES_BYTES_MAX: usize = 24 << 20;

/// Whether the page shows what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    Shown,
    Left,
}

/// Text that stays text.
struct Escaped<'t>(&'t str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

pub fn html(report: &Report, pictures: Pictures) -> String {
    let conditions = &report.conditions;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         img-src data:; style-src 'unsafe-inline'\">\n\
         <title>{suite}</title>\n<style>{STYLE}</style></head><body>\n\
         <h1>{suite}</h1>\n<p>{with}; suite {digest}, program {program}</p>\n",
        suite = Escaped(&conditions.suite),
        with = Escaped(&conditions.line()),
        digest = &conditions.suite_digest[..conditions.suite_digest.len().min(12)],
        program = &conditions.program[..conditions.program.len().min(12)],
    );
    if report.open > 0 {
        let _ =
            writeln!(page, "<p class=\"partial\">PARTIAL: {} samples are open</p>", report.open);
    }
    let times = report.outcomes.iter().map(|outcome| outcome.at_s);
    if let (Some(first), Some(last)) = (times.clone().min(), times.max()) {
        let _ = write!(page, "<p>{} to {}", utc(first), utc(last));
        for ((host, desktop), samples) in report.places() {
            let place = format!("{desktop} on {host}");
            let _ = write!(page, "; {samples} samples: {}", Escaped(&place));
        }
        page.push_str("</p>\n");
    }
    let score = &report.score;
    let _ = writeln!(
        page,
        "<p>{} tasks, {} samples: strict <b>{}</b>, partial <b>{}</b> (95 % over tasks); said to be \
         done {}, wrongly {}</p>",
        score.tasks, score.samples, score.strict, score.partial, score.said_done, score.false_done
    );
    let _ = writeln!(page, "<h2>Success by family</h2>\n{}", plot::families(score));
    let _ =
        writeln!(page, "<h2>Where the time of a sample goes</h2>\n{}", plot::times(&score.times));
    let _ = writeln!(page, "<h2>Steps of a sample</h2>\n{}", plot::steps(&report.outcomes));
    page.push_str("<h2>Samples</h2>\n");
    let mut room = if pictures == Pictures::Shown { PICTURES_BYTES_MAX } else { 0 };
    for (outcome, counts) in report.outcomes.iter().zip(counted(&report.outcomes)) {
        sample(&mut page, outcome, counts, &mut room);
    }
    page.push_str("</body></html>\n");
    page
}

fn sample(page: &mut String, outcome: &Outcome, counts: bool, room: &mut usize) {
    let class = if counts { "pass" } else { "miss" };
    let _ = writeln!(
        page,
        "<details class=\"{class}\"><summary>{} <b>{}</b> {} steps, {:.1} s</summary>",
        Escaped(&outcome.item.id),
        outcome.status,
        outcome.steps,
        seconds(outcome.times.run_ms),
    );
    let _ = writeln!(page, "<p>“{}”</p>", Escaped(&outcome.instruction));
    if outcome.status != Status::Pass {
        let _ = writeln!(page, "<p>{}</p>", Escaped(&reason(outcome)));
    }
    page.push_str("<ul>");
    for finding in &outcome.checks {
        let sign = if finding.holds { "✓" } else { "✗" };
        let _ = writeln!(page, "<li>{sign} {}</li>", Escaped(&finding.check));
    }
    page.push_str("</ul>\n");
    if let Some(journal) = outcome.journal.as_ref().filter(|_| *room > 0) {
        page.push_str(&timeline::timeline(journal, room));
    }
    page.push_str("</details>\n");
}

fn seconds(ms: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no sample takes 2⁵³ ms")]
    let ms = ms as f64;
    ms / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::tests::outcome;
    use crate::plan::tests::conditions;
    use crate::score::Score;

    #[test]
    fn a_page_has_every_sample_and_nothing_of_a_stranger_raw() {
        let mut outcomes = vec![outcome("a", 1, Status::Pass), outcome("b", 1, Status::Fail)];
        outcomes[1].instruction = "<script>alert(1)</script>".to_owned();
        outcomes[1].checks[0].found = "<img src=x>".to_owned();
        outcomes[1].journal = Some("/no/such/run".into());
        let score = Score::of(&outcomes);
        let folder = std::path::PathBuf::new();
        let report = Report { conditions: conditions(), score, open: 1, outcomes, folder };
        let page = html(&report, Pictures::Shown);
        for expected in ["PARTIAL: 1", "a.1.1 <b>pass</b>", "b.1.1 <b>fail</b>", "<svg", "files"] {
            assert!(page.contains(expected), "{expected}");
        }
        for raw in ["<script", "<img src=x"] {
            assert!(!page.contains(raw), "{raw}");
        }
        // Marks that open are closed.
        for mark in ["details", "svg", "ul", "div", "p"] {
            let opened = page.matches(&format!("<{mark}>")).count()
                + page.matches(&format!("<{mark} ")).count();
            assert_eq!(opened, page.matches(&format!("</{mark}>")).count(), "{mark}");
        }
    }
}
