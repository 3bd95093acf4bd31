//! Leaves out what there is no room for, the least useful lines first.

use super::{BYTES_PER_TOKEN, Line, Outline, Worth};

/// Levels of indentation that are written.
const INDENT_MAX: usize = 8;

/// A text of at most `limit` tokens, the line about what was left out included. (That line alone
/// is written in any case.)
pub(super) fn within(lines: Vec<Line>, limit: u32) -> Outline {
    let limit = limit as usize;
    let whole: usize = lines.iter().map(tokens).sum();
    let mut keeps = vec![true; lines.len()];
    let mut cut = 0;
    if whole > limit {
        let goal = limit.saturating_sub(estimate(&about(lines.len())));
        cut = cut_down(&lines, &mut keeps, whole, goal);
    }
    let mut text = String::new();
    for (line, _) in lines.iter().zip(keeps).filter(|(_, keep)| *keep) {
        text.extend(std::iter::repeat_n("  ", line.indent.min(INDENT_MAX)));
        text.push_str(&line.text);
        text.push('\n');
    }
    if cut > 0 {
        text.push_str(&about(cut));
    }
    let tokens = u32::try_from(estimate(&text)).unwrap_or(u32::MAX);
    Outline { text, tokens, lines_cut: u32::try_from(cut).unwrap_or(u32::MAX) }
}

/// From the end of each class, so that what stays is the same from one outline to the next.
fn cut_down(lines: &[Line], keeps: &mut [bool], mut size: usize, goal: usize) -> usize {
    let mut cut = 0;
    for worth in Worth::ALL {
        for (line, keep) in lines.iter().zip(&mut *keeps).rev() {
            if size <= goal {
                return cut;
            }
            if line.worth == worth {
                *keep = false;
                size -= tokens(line);
                cut += 1;
            }
        }
    }
    cut
}

fn about(cut: usize) -> String {
    format!("... {cut} less useful lines are left out\n")
}

fn tokens(line: &Line) -> usize {
    (2 * line.indent.min(INDENT_MAX) + line.text.len() + 1).div_ceil(BYTES_PER_TOKEN)
}

fn estimate(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}
