//! A run as one page that needs nothing else: for a reviewer, a ticket, an archive.
//!
//! Every word on it that came from a desktop or a model is escaped; it has no script and loads
//! nothing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_accessibility::ScreenPx;
use deskbound_agent::action::Action;
use deskbound_agent::journal::{Attached, Entry, Verified};
use deskbound_agent::record::Record;
use image::ImageReader;
use serde::Deserialize as _;

use super::ending;
use crate::verb::run::line;

const STYLE: &str = include_str!("report.css");

/// What was seen, and what was done until the next look.
struct Scene {
    frame: Option<Attached>,
    marks: Vec<ScreenPx>,
    lines: Vec<String>,
}

/// Where a run's time went.
#[derive(Default)]
struct Times {
    observe: Duration,
    settle: Duration,
    think: Duration,
    ground: Duration,
    act: Duration,
}

/// The whole page. The entries must have been checked: it reads the pictures they name.
pub(super) fn page(run: &Path, entries: &[Entry], verified: &Verified) -> io::Result<String> {
    let name = run.file_name().unwrap_or_default().to_string_lossy();
    let (mut scenes, mut times) = (Vec::new(), Times::default());
    let mut about = (String::new(), String::new());
    for entry in entries {
        let record = entry.record.as_ref();
        let Some(record) = record.and_then(|value| Record::deserialize(value).ok()) else {
            continue;
        };
        times.add(&record);
        if let Record::Started { instruction, models, desktop, .. } = &record {
            about = (instruction.clone(), format!("on {desktop}, with {models}, {}", entry.ts_utc));
        }
        let frame = entry.files.iter().find(|file| file.to_string().starts_with("frames/"));
        if scenes.is_empty() || frame.is_some() {
            scenes.push(Scene { frame: frame.cloned(), marks: Vec::new(), lines: Vec::new() });
        }
        let scene = scenes.last_mut().expect("one was pushed");
        if let Record::Acted { action, .. } | Record::Denied { action, .. } = &record {
            scene.marks.extend(place(action));
        }
        scene.lines.extend(line(&record));
    }
    let (instruction, circumstances) = about;
    let mut page = String::new();
    let ended = format!("{}, {} records", ending(verified.ending), verified.records);
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         img-src data:; style-src 'unsafe-inline'\">\n\
         <title>{name}</title>\n<style>{STYLE}</style></head><body>\n\
         <h1>{}</h1>\n<p>{}</p>\n<p>journal {ended}, head <code>{}</code></p>\n<p>{}</p>\n",
        escaped(&instruction),
        escaped(&circumstances),
        verified.head,
        times.told(),
        name = escaped(&name),
    )
    .expect("a String takes all that is written to it");
    let mut known = HashMap::new();
    for (number, scene) in scenes.iter().enumerate() {
        scene.write(run, number + 1, &mut known, &mut page)?;
    }
    page.push_str("</body></html>\n");
    Ok(page)
}

impl Scene {
    fn write(
        &self,
        run: &Path,
        number: usize,
        known: &mut HashMap<String, usize>,
        page: &mut String,
    ) -> io::Result<()> {
        let _ = writeln!(page, "<section id=\"s{number}\"><h2>{number}</h2>");
        if let Some(frame) = &self.frame {
            // The same picture again is shown again only to show something on it.
            let first = *known.entry(frame.to_string()).or_insert(number);
            if first == number || !self.marks.is_empty() {
                self.figure(&run.join(frame.to_string()), page)?;
            } else {
                let _ = writeln!(page, "<p>the screen as in <a href=\"#s{first}\">{first}</a></p>");
            }
        }
        page.push_str("<pre>");
        for line in &self.lines {
            let _ = writeln!(page, "{}", escaped(line));
        }
        page.push_str("</pre></section>\n");
        Ok(())
    }

    fn figure(&self, file: &Path, page: &mut String) -> io::Result<()> {
        let (width, height) =
            ImageReader::open(file)?.into_dimensions().map_err(io::Error::other)?;
        let data = STANDARD.encode(fs::read(file)?);
        let _ = writeln!(
            page,
            "<figure><img alt=\"the screen\" src=\"data:image/png;base64,{data}\">\
             <svg viewBox=\"0 0 {width} {height}\">"
        );
        for ScreenPx { x, y } in &self.marks {
            let _ = writeln!(page, "<circle cx=\"{x}\" cy=\"{y}\" r=\"14\"/>");
        }
        page.push_str("</svg></figure>\n");
        Ok(())
    }
}

impl Times {
    fn add(&mut self, record: &Record) {
        match record {
            Record::Observed { observe, settle, .. } => {
                self.observe += observe.saturating_sub(*settle);
                self.settle += *settle;
            }
            Record::Decided { think, .. } => self.think += *think,
            Record::Grounded { ground, .. } => self.ground += *ground,
            Record::Acted { act, .. } => self.act += *act,
            _ => {}
        }
    }

    fn told(&self) -> String {
        let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
        format!(
            "observing {}, waiting for stillness {}, thinking {}, grounding {}, acting {}",
            seconds(self.observe),
            seconds(self.settle),
            seconds(self.think),
            seconds(self.ground),
            seconds(self.act)
        )
    }
}

/// Where on the screen an action goes.
fn place(action: &Action) -> Option<ScreenPx> {
    match action {
        Action::Click { at, .. } | Action::Scroll { at, .. } => Some(*at),
        Action::Move { to } => Some(*to),
        Action::Drag { path, .. } => path.last().copied(),
        Action::Element { bounds, .. } => bounds.map(|bounds| bounds.centre()),
        Action::Button { .. }
        | Action::Copy { .. }
        | Action::Key { .. }
        | Action::Hold { .. }
        | Action::Type { .. }
        | Action::Window { .. }
        | Action::Launch { .. }
        | Action::Open { .. }
        | Action::ReadClipboard
        | Action::ReadFile { .. }
        | Action::Shell { .. }
        | Action::WriteFile { .. } => None,
    }
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => shown.push_str("&amp;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '"' => shown.push_str("&quot;"),
            '\'' => shown.push_str("&#39;"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use deskbound_agent::control::AskId;
    use deskbound_agent::journal::{Journal, entries};
    use deskbound_agent::record::{End, StepSink as _};
    use image::RgbImage;

    use super::*;

    #[test]
    fn a_page_shows_the_run_and_escapes_what_strangers_wrote() {
        let base = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(base.path()).unwrap();
        let run = journal.folder().to_owned();
        let action = Action::click(ScreenPx { x: 3, y: 2 });
        let evil = "<script>alert(1)</script>".to_owned();
        let observed = |step| Record::Observed {
            step,
            frame: RgbImage::new(8, 4).into(),
            tree: Default::default(),
            observe: Duration::from_millis(900),
            settle: Duration::from_millis(400),
        };
        let took = Duration::from_secs(1);
        for record in [
            observed(0),
            Record::Asked { ask: AskId(1), step: 1, action: action.clone(), reason: evil.clone() },
            Record::Acted { step: 1, action, expects: "x".to_owned(), act: took },
            observed(1),
            Record::Ended { end: End::Failed { reason: evil }, steps: 1, took },
        ] {
            journal.record(&record).unwrap();
        }
        journal.close().unwrap();
        let (entries, verified) = entries(&run).unwrap();
        let page = page(&run, &entries, &verified).unwrap();
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
        assert!(page.contains("viewBox=\"0 0 8 4\"") && page.contains("cx=\"3\" cy=\"2\""));
        assert_eq!(page.matches("data:image/png").count(), 1, "one picture, seen twice");
        assert!(page.contains("observing 1.0 s, waiting for stillness 0.8 s"), "{page}");
        assert!(page.contains(&verified.head) && page.contains("closed, 5 records"));
    }
}
