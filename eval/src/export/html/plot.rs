//! Plots as SVG, with their numbers in words beside them.

use std::fmt::Write as _;

use super::Escaped;
use crate::outcome::Outcome;
use crate::score::{Part, Score, Shares};
use crate::statistics::count;
use crate::task::Half;

const ROW_PX: f64 = 22.0;
const NAME_PX: f64 = 170.0;
const BAR_PX: f64 = 420.0;
/// One colour a part of the time; told apart by lightness too.
const COLOURS: [&str; 7] =
    ["#1b4965", "#2f7d4f", "#62b6cb", "#bee9e8", "#e09f3e", "#f4d58d", "#9e2a2b"];
const STEPS_BARS: usize = 12;

/// A bar for each half of each family, with its interval.
pub(super) fn families(score: &Score) -> String {
    let rows = &score.parts;
    let mut bars = String::new();
    for (row, part) in rows.iter().enumerate() {
        let Part { family, half, tasks, strict, .. } = part;
        let y = count(row) * ROW_PX;
        let colour = if *half == Half::TrainLike { "#62b6cb" } else { "#1b4965" };
        let family = family.as_deref().unwrap_or("all");
        let (low, high) = (NAME_PX + strict.low * BAR_PX, NAME_PX + strict.high * BAR_PX);
        let _ = write!(
            bars,
            "<text x=\"0\" y=\"{base:.0}\">{name} ({half})</text>\
             <rect x=\"{NAME_PX}\" y=\"{top:.0}\" width=\"{width:.1}\" height=\"14\" fill=\"{colour}\"/>\
             <path d=\"M{low:.1} {middle:.0}H{high:.1}\" stroke=\"#b3402a\" stroke-width=\"2\"/>\
             <text x=\"{said:.0}\" y=\"{base:.0}\">{strict} of {tasks}</text>",
            name = Escaped(family),
            base = y + 15.0,
            top = y + 4.0,
            middle = y + 11.0,
            width = strict.value * BAR_PX,
            said = NAME_PX + BAR_PX + 10.0,
        );
    }
    let bottom = count(rows.len()) * ROW_PX;
    let mut scale = String::new();
    for percent in [0, 25, 50, 75, 100_u32] {
        let x = NAME_PX + f64::from(percent) / 100.0 * BAR_PX;
        let _ = write!(
            scale,
            "<path d=\"M{x:.1} 0V{bottom:.0}\" stroke=\"#8884\"/>\
             <text x=\"{x:.1}\" y=\"{base:.0}\" text-anchor=\"middle\">{percent} %</text>",
            base = bottom + 15.0,
        );
    }
    // The lines lie under the bars.
    svg(bottom + ROW_PX, &(scale + &bars))
}

/// One bar of parts.
pub(super) fn times(shares: &Shares) -> String {
    let parts = [
        ("reset", shares.reset_s),
        ("think", shares.think_s),
        ("look", shares.look_s),
        ("settle", shares.settle_s),
        ("act", shares.act_s),
        ("wait", shares.wait_s),
        ("check", shares.check_s),
    ];
    let whole: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
    let scale = if whole > 0.0 { (NAME_PX + BAR_PX) / whole } else { 0.0 };
    let (mut drawn, mut x) = (String::new(), 0.0);
    for (row, ((name, seconds), colour)) in parts.iter().zip(COLOURS).enumerate() {
        let width = seconds * scale;
        let (left, base) = (count(row) * 95.0, 50.0);
        let _ = write!(
            drawn,
            "<rect x=\"{x:.1}\" y=\"4\" width=\"{width:.1}\" height=\"22\" fill=\"{colour}\"/>\
             <rect x=\"{left}\" y=\"40\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
             <text x=\"{words}\" y=\"{base}\">{name} {seconds:.1} s</text>",
            words = left + 14.0,
        );
        x += width;
    }
    svg(60.0, &drawn)
}

/// How many samples took how many steps.
pub(super) fn steps(outcomes: &[Outcome]) -> String {
    let most = outcomes.iter().map(|outcome| outcome.steps).max().unwrap_or(0);
    let each = most as usize / STEPS_BARS + 1;
    let mut bars = [0usize; STEPS_BARS];
    for outcome in outcomes {
        bars[(outcome.steps as usize / each).min(STEPS_BARS - 1)] += 1;
    }
    let highest = count(bars.iter().copied().max().unwrap_or(0).max(1));
    let mut drawn = String::new();
    for (bar, samples) in bars.iter().enumerate() {
        let (x, height) = (count(bar) * 60.0, count(*samples) / highest * 80.0);
        let (from, to) = (bar * each, bar * each + each - 1);
        let range = if each == 1 { from.to_string() } else { format!("{from}–{to}") };
        let _ = write!(
            drawn,
            "<rect x=\"{x}\" y=\"{top:.1}\" width=\"50\" height=\"{height:.1}\" fill=\"#62b6cb\"/>\
             <text x=\"{x}\" y=\"110\">{range}: {samples}</text>",
            top = 90.0 - height,
        );
    }
    svg(120.0, &drawn)
}

fn svg(height: f64, inside: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 760 {height:.0}\" width=\"760\" height=\"{height:.0}\" role=\"img\">{inside}</svg>"
    )
}
