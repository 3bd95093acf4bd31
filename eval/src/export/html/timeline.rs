//! What happened in one sample, moment by moment: a bar of what its time went to, and beneath it
//! what was done and what was seen.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_agent::journal::{Attached, Entry, entries};
use deskbound_agent::record::Record;
use deskbound_agent::sanitize;
use image::{DynamicImage, ImageFormat, imageops};

use super::Escaped;
use crate::outcome::millis;

/// Pictures of one sample: the first ones, and the last.
const PICTURES_MAX: usize = 8;
/// Moments of one sample that are told.
const MOMENTS_MAX: usize = 60;
const PICTURE_WIDTH: u32 = 320;
const BAR_PX: f64 = 700.0;
/// The colours of the plot of times, by part.
const COLOURS: [(&str, &str); 4] =
    [("think", "#2f7d4f"), ("look", "#62b6cb"), ("settle", "#bee9e8"), ("act", "#e09f3e")];

/// A stretch of time, by its part.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stretch {
    part: &'static str,
    from_ms: u64,
    ms: u64,
}

/// Something that is told.
struct Moment {
    at_ms: u64,
    what: What,
}

enum What {
    Words(String),
    Frame(Attached),
}

/// Nothing where the journal is gone or broken. `room` is what pictures may take still.
pub(super) fn timeline(run: &Path, room: &mut usize) -> String {
    let Ok((entries, _)) = entries(run) else { return String::new() };
    let whole = entries.last().map_or(0, |entry| entry.mono_ms).max(1);
    let mut drawn = bar(&stretches(&entries), whole);
    drawn.push_str("<ol class=\"moments\">");
    for Moment { at_ms, what } in moments(&entries) {
        let at = super::seconds(at_ms);
        let inside = match what {
            What::Words(words) => Escaped(&words).to_string(),
            What::Frame(frame) => match small(&frame, run).filter(|it| it.len() <= *room) {
                Some(picture) => {
                    *room -= picture.len();
                    format!("<img alt=\"the screen\" src=\"data:image/png;base64,{picture}\">")
                }
                None => continue,
            },
        };
        let _ = write!(drawn, "<li><span>{at:.1} s</span> {inside}</li>");
    }
    drawn.push_str("</ol>");
    drawn
}

fn record(entry: &Entry) -> Option<Record> {
    serde_json::from_value(entry.record.clone()?).ok()
}

/// A record is written when what it tells has ended.
fn stretches(entries: &[Entry]) -> Vec<Stretch> {
    let mut all = Vec::new();
    for entry in entries {
        let mut push = |part, took: Duration, after: Duration| {
            let ms = millis(took);
            let from_ms = entry.mono_ms.saturating_sub(ms + millis(after));
            all.push(Stretch { part, from_ms, ms });
        };
        match record(entry) {
            Some(Record::Observed { observe, settle, .. }) => {
                push("settle", settle, observe.saturating_sub(settle));
                push("look", observe.saturating_sub(settle), Duration::ZERO);
            }
            Some(Record::Decided { think, .. }) => push("think", think, Duration::ZERO),
            Some(Record::Grounded { ground, .. }) => push("think", ground, Duration::ZERO),
            Some(Record::Viewed { see, .. }) => push("think", see, Duration::ZERO),
            Some(Record::Acted { act, .. }) => push("act", act, Duration::ZERO),
            _ => {}
        }
    }
    all
}

fn bar(stretches: &[Stretch], whole_ms: u64) -> String {
    let scale = BAR_PX / (super::seconds(whole_ms) * 1000.0);
    let px = |ms: u64| super::seconds(ms) * 1000.0 * scale;
    let mut drawn = format!(
        "<svg viewBox=\"0 0 760 34\" width=\"760\" height=\"34\" role=\"img\">\
         <rect x=\"0\" y=\"2\" width=\"{BAR_PX}\" height=\"16\" fill=\"#eeeeee\"/>"
    );
    for Stretch { part, from_ms, ms } in stretches {
        let colour = COLOURS.iter().find(|(name, _)| name == part).map_or("#999999", |(_, it)| *it);
        let _ = write!(
            drawn,
            "<rect x=\"{:.1}\" y=\"2\" width=\"{:.1}\" height=\"16\" fill=\"{colour}\"/>",
            px(*from_ms),
            px(*ms).max(0.5),
        );
    }
    let _ = write!(
        drawn,
        "<text x=\"0\" y=\"31\">0</text><text x=\"{BAR_PX}\" y=\"31\" text-anchor=\"end\">{:.1} s</text></svg>",
        super::seconds(whole_ms)
    );
    drawn
}

fn moments(entries: &[Entry]) -> Vec<Moment> {
    let mut all: Vec<Moment> = Vec::new();
    let mut last: Option<&Attached> = None;
    for entry in entries {
        let at_ms = entry.mono_ms;
        if let Some(frame) = entry.files.iter().find(|file| file.is_frame()) {
            if last != Some(frame) {
                all.push(Moment { at_ms, what: What::Frame(frame.clone()) });
            }
            last = Some(frame);
        }
        let words = record(entry).and_then(|record| words(&record));
        all.extend(words.map(|words| Moment { at_ms, what: What::Words(sanitize::line(&words)) }));
    }
    let is_frame = |moment: &Moment| matches!(moment.what, What::Frame(_));
    let frames = all.iter().filter(|moment| is_frame(moment)).count();
    // The last picture says how it ended.
    let mut seen = 0;
    all.retain(|moment| {
        seen += usize::from(is_frame(moment));
        !is_frame(moment) || seen < PICTURES_MAX || seen == frames
    });
    all.truncate(MOMENTS_MAX);
    all
}

fn words(record: &Record) -> Option<String> {
    Some(match record {
        Record::Decided { decision, .. } => {
            let next = serde_json::to_string(&decision.next).unwrap_or_default();
            format!("decides: {next}")
        }
        Record::Grounded { phrase, candidates, .. } => {
            format!("looks for “{phrase}” among {}", candidates.len())
        }
        Record::Viewed { scene, .. } => format!("sees {} things in the pixels", scene.finds.len()),
        Record::Acted { action, .. } => format!("does: {action}"),
        Record::Denied { action, reason, .. } => format!("may not: {action} ({reason})"),
        Record::Read { path, text } => {
            let found = if text.is_some() { "reads" } else { "does not find" };
            format!("{found} {path}")
        }
        _ => return None,
    })
}

fn small(frame: &Attached, run: &Path) -> Option<String> {
    let whole = frame.frame(run).ok()?;
    let height = whole.height() * PICTURE_WIDTH / whole.width().max(1);
    let small = imageops::thumbnail(&whole, PICTURE_WIDTH, height.max(1));
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(small).write_to(&mut png, ImageFormat::Png).ok()?;
    Some(STANDARD.encode(png.into_inner()))
}

#[cfg(test)]
mod tests {
    use deskbound_agent::action::{Action, ScreenPx};

    use super::*;

    fn entry(mono_ms: u64, record: &Record) -> Entry {
        let record = serde_json::to_value(record).ok();
        Entry { seq: 1, ts_utc: String::new(), mono_ms, files: Vec::new(), record }
    }

    #[test]
    fn a_stretch_ends_where_its_record_was_written() {
        let ms = Duration::from_millis;
        let observed = Record::Observed {
            step: 0,
            frame: Default::default(),
            tree: Default::default(),
            observe: ms(100),
            settle: ms(60),
        };
        let action = Action::click(ScreenPx { x: 1, y: 2 });
        let acted = Record::Acted { step: 1, action, expects: String::new(), act: ms(10) };
        let entries = [entry(150, &observed), entry(200, &acted)];
        let expected = [("settle", 50, 60), ("look", 110, 40), ("act", 190, 10)]
            .map(|(part, from_ms, ms)| Stretch { part, from_ms, ms });
        assert_eq!(stretches(&entries), expected);
        let told: Vec<_> = moments(&entries).into_iter().map(|it| it.at_ms).collect();
        assert_eq!(told, [200]);
        assert_eq!(timeline(Path::new("/no/such/run"), &mut 9), "");
    }
}
