//! Verbs that do one thing to a desktop that runs: `screenshot`, `type`, `key`, `click`, `pause`,
//! `resume`, `stop`.

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use deskbound_accessibility::ScreenPx;
use deskbound_vm::{Button, Chord, Store};
use serde_json::json;

use super::copy::folder;
use super::form::Form;
use super::place::Place;
use crate::failure::{Exit, Failure};

/// For a desktop that was told to stop to be gone.
const STOP_LIMIT: Duration = Duration::from_secs(20);

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Longest text that is read from standard input.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

#[derive(Args, Debug)]
#[command(after_help = "Example:
  deskbound vm screenshot desk-12-1 now.png --json")]
pub(crate) struct Screenshot {
    /// A desktop that runs.
    name: String,
    /// The PNG file that is made. With `--json` its digest is told: equal pictures have equal ones.
    file: PathBuf,
}

impl Screenshot {
    pub(super) fn writes(&self) -> PathBuf {
        folder(&self.file)
    }

    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::named(&self.name, form).await?;
        let frame = place.controls().frame().await?;
        frame.image.save_with_format(&self.file, image::ImageFormat::Png).map_err(|error| {
            Failure::missing(format!("{} cannot be written: {error}", self.file.display()))
        })?;
        let (width_px, height_px) = frame.image.dimensions();
        let digest = format!("{:016x}", frame.digest);
        let file = self.file.to_string_lossy();
        let told = json!({
            "file": file, "width_px": width_px, "height_px": height_px, "digest": digest,
        });
        form.done_to(place.about(), told);
        Ok(Exit::Done)
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm type desk-12-1 'Grüße, 漢字 and 🦀'
  deskbound vm type desk-12-1 '-a leading dash'
  deskbound vm type desk-12-1 - < letter.txt")]
pub(crate) struct Type {
    /// A desktop that runs.
    name: String,
    /// Any text; `-` reads it from standard input. It goes to whatever has the focus, as keys.
    #[arg(allow_hyphen_values = true)]
    text: String,
}

impl Type {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let mut text = self.text.clone();
        if text == "-" {
            text.clear();
            let read = io::stdin().lock().take(TEXT_BYTES_MAX).read_to_string(&mut text);
            read.map_err(|error| Failure::usage(format!("the text cannot be read: {error}")))?;
        }
        let place = Place::awake(&self.name, form).await?;
        place.guest().type_text(&text).await?;
        form.done_to(place.about(), json!({ "characters": text.chars().count() }));
        Ok(Exit::Done)
    }
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm key desk-12-1 Return
  deskbound vm key desk-12-1 ctrl+a Delete
  deskbound vm key desk-12-1 Down --hold-ms 1500")]
pub(crate) struct Key {
    /// A desktop that runs.
    name: String,
    /// Keys that are pressed together, such as `ctrl+shift+s`; several one after the other.
    #[arg(required = true)]
    chords: Vec<Chord>,
    /// Hold them for so long, a minute at most.
    #[arg(long, value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(..=60_000))]
    hold_ms: Option<u64>,
}

impl Key {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::awake(&self.name, form).await?;
        for chord in &self.chords {
            match self.hold_ms {
                Some(time) => place.controls().hold(chord, Duration::from_millis(time)).await?,
                None => place.controls().chord(chord).await?,
            }
        }
        form.done_to(place.about(), json!({ "chords": self.chords.len() }));
        Ok(Exit::Done)
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Which {
    Left,
    Middle,
    Right,
    Back,
    Forward,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm click desk-12-1 640 400
  deskbound vm click desk-12-1 0 0 --button right
  deskbound vm click desk-12-1 640 400 --count 2")]
pub(crate) struct Click {
    /// A desktop that runs.
    name: String,
    /// Pixels from the left edge; 0 is the first.
    #[arg(allow_negative_numbers = true)]
    x: i32,
    /// Pixels from the upper edge.
    #[arg(allow_negative_numbers = true)]
    y: i32,
    #[arg(long, default_value = "left")]
    button: Which,
    /// 2 is a double click.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    count: u8,
}

impl Click {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let button = match self.button {
            Which::Left => Button::Left,
            Which::Middle => Button::Middle,
            Which::Right => Button::Right,
            Which::Back => Button::Back,
            Which::Forward => Button::Forward,
        };
        let at = ScreenPx { x: self.x, y: self.y };
        let place = Place::awake(&self.name, form).await?;
        place.controls().click(at, button, self.count).await?;
        let Self { x, y, count, .. } = self;
        form.done_to(place.about(), json!({ "x": x, "y": y, "count": count }));
        Ok(Exit::Done)
    }
}

#[derive(Args, Debug)]
pub(crate) struct Named {
    /// A desktop that runs.
    name: String,
}

impl Named {
    pub(super) async fn pause(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::named(&self.name, form).await?;
        place.controls().pause().await?;
        form.done_to(place.about(), json!({ "state": "paused" }));
        Ok(Exit::Done)
    }

    pub(super) async fn resume(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::named(&self.name, form).await?;
        place.controls().resume().await?;
        form.done_to(place.about(), json!({ "state": "running" }));
        Ok(Exit::Done)
    }

    /// Returns when the desktop and its files are gone.
    pub(super) async fn stop(&self, form: Form) -> Result<Exit, Failure> {
        let place = Place::named(&self.name, form).await?;
        place.controls().stop().await?;
        let (store, asked) = (Store::open()?, Instant::now());
        while store.running()?.contains(&self.name) {
            if asked.elapsed() > STOP_LIMIT {
                let error = format!("{} was ended, but its owner holds on to its files", self.name);
                return Err(Failure::missing(error));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        form.done_to(place.about(), json!({ "state": "gone" }));
        Ok(Exit::Done)
    }
}
