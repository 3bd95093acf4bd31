//! `deskbound models ground` and `see`: what a model makes of a picture. Without a name it is the one
//! in the program.

use std::path::{Path, PathBuf};

use clap::Args;
use deskbound_agent::sanitize;
use deskbound_models::{
    Candidate, Find, GroundRequest, Grounder, Grounding, ImagePx, Scene, Starter, StarterKind,
    Viewer,
};
use image::{ImageReader, Limits, RgbImage};
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::models::{Room, Weights};
use crate::terminal::{escaped, note, say};
use crate::verb::Setting;

/// Two screens of 8K; a longer side is none.
const SIDE_MAX: u32 = 16_384;
const IMAGE_BYTES_MAX: u64 = 512 << 20;

/// What both are told.
#[derive(Args, Debug)]
struct Shown {
    /// The picture: PNG or PPM.
    image: PathBuf,
    /// The model: NAME or NAME@PROFILE; left out, the one that comes with the program.
    #[arg(long, value_name = "NAME[@PROFILE]")]
    model: Option<Weights>,
    #[command(flatten)]
    room: Room,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Ground {
    #[command(flatten)]
    shown: Shown,
    /// What is looked for, in words.
    phrase: String,
}

#[derive(Args, Debug)]
pub(crate) struct See {
    #[command(flatten)]
    shown: Shown,
    /// What is asked of the picture; for a model that speaks.
    #[arg(requires = "model", conflicts_with = "json")]
    question: Option<String>,
    /// A list of what is on it, of a model that speaks; its profile must say how.
    #[arg(long, requires = "model", conflicts_with = "question")]
    list: bool,
}

/// Where something is, and what is there as far as it is known.
struct Place {
    at: ImagePx,
    probability: f32,
    find: Option<Find>,
}

impl Ground {
    pub(super) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let image = open(&self.shown.image)?;
        let place = match &self.shown.model {
            Some(weights) => {
                let loaded = weights.load(&setting.folders.data, self.shown.room)?;
                point(&loaded.grounder()?.find(&self.phrase, &image)?)
            }
            None => self.find(&image)?,
        };
        if self.shown.json {
            let told = place.as_ref().map(|Place { at, probability, find }| {
                json!({"x": at.x, "y": at.y, "probability": probability, "find": find})
            });
            say(json!({ "found": told }));
        }
        let Some(Place { at, probability, find }) = place else {
            note("it says that this is not there");
            return Ok(Exit::Failed);
        };
        if !self.shown.json {
            let what = find.map(|find| format!("  {}", line(&find))).unwrap_or_default();
            say(format_args!("{},{}  ({probability:.2}){what}", at.x, at.y));
        }
        Ok(Exit::Done)
    }

    /// With the model in the program: among what its eyes find.
    fn find(&self, image: &RgbImage) -> Result<Option<Place>, Failure> {
        let (mut grounder, scene) = seen(image)?;
        let candidates: Vec<Candidate> = scene.finds.iter().map(Find::candidate).collect();
        let request =
            GroundRequest { phrase: &self.phrase, candidates: &candidates, image: Some(image) };
        Ok(match grounder.ground(&request).map_err(Failure::missing)? {
            Grounding::Candidate { index, probability } => {
                let find = scene.finds[index].clone();
                Some(Place { at: find.bounds.centre(), probability, find: Some(find) })
            }
            other => point(&other),
        })
    }
}

impl See {
    pub(super) fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let image = open(&self.shown.image)?;
        let Some(weights) = &self.shown.model else {
            let (_, scene) = seen(&image)?;
            match self.shown.json {
                true => say(serde_json::to_string(&scene).expect("a scene is plain data")),
                false => scene.finds.iter().for_each(|find| say(line(find))),
            }
            return Ok(Exit::Done);
        };
        let loaded = weights.load(&setting.folders.data, self.shown.room)?;
        let mut viewer = loaded.viewer()?;
        if self.list {
            let scene = Scene { finds: viewer.list(&image)? };
            match self.shown.json {
                true => say(escaped(&serde_json::to_string(&scene).expect("plain data"))),
                false => scene.finds.iter().for_each(|find| say(line(find))),
            }
            return Ok(Exit::Done);
        }
        let answer = viewer.answer(&image, self.question.as_deref())?;
        match self.shown.json {
            true => say(json!({ "answer": answer })),
            false => answer.lines().for_each(|line| say(sanitize::line(line))),
        }
        Ok(Exit::Done)
    }
}

/// What the eyes in the program see.
fn seen(image: &RgbImage) -> Result<(Box<dyn Grounder>, Scene), Failure> {
    let starter = Starter::load(StarterKind::Trained).map_err(Failure::missing)?;
    let Starter { grounder, viewer, .. } = starter;
    let mut viewer: Box<dyn Viewer> = viewer.expect("the trained ones see");
    Ok((grounder, viewer.see(image).map_err(Failure::missing)?))
}

fn point(grounding: &Grounding) -> Option<Place> {
    match *grounding {
        Grounding::Point { at, probability } => Some(Place { at, probability, find: None }),
        Grounding::Candidate { .. } | Grounding::NotHere { .. } => None,
    }
}

/// `button "Save"  at 10,20  80×24  (0.97)`
fn line(find: &Find) -> String {
    let Find { bounds: at, kind, text, score } = find;
    let size = format_args!("at {},{}  {}×{}", at.x, at.y, at.width, at.height);
    format!("{kind} \"{}\"  {size}  ({score:.2})", sanitize::line(text))
}

/// A picture that somebody else made, read within bounds.
fn open(path: &Path) -> Result<RgbImage, Failure> {
    let unread = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("`{}` cannot be read: {error}", path.display()))
            .hint("a PNG or a PPM, of at most 16384 pixels a side, is wanted")
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(IMAGE_BYTES_MAX);
    let mut reader = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(|error| unread(&error))?;
    reader.limits(limits);
    Ok(reader.decode().map_err(|error| unread(&error))?.to_rgb8())
}
