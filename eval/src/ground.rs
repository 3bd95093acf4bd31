//! Grounding: phrases, and where on a screen is what they name.
//!
//! ```text
//!   shipped · ScreenSpot · -Pro · OSWorld-G ──▶ Ground{ screens, items }
//!                                                    │ asked, one by one
//!   tree · pixels · both ──▶ candidates ──▶ Grounder ┴─▶ Answer ──▶ answers.jsonl
//!                                                                      │ judged, as often as one likes
//!                                                                      ▼
//!                                                                  GroundScore
//! ```
//!
//! Three stages that know nothing of each other: answers are kept, and are judged again without
//! asking anybody again.

mod answers;
mod ask;
mod read;
mod score;
mod target;

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{ImageReader, Limits, RgbImage};
use serde::{Deserialize, Serialize};

pub use answers::{Answered, Answers};
pub use ask::Asker;
pub(crate) use read::ItemFile;
pub use read::{SceneFile, ScreenFile};
pub use score::{GroundPart, GroundScore};
pub use target::{Answer, Target, Verdict};

use crate::import::{osworld_g, screenspot, screenspot_pro};
use crate::store::StoreError;
use crate::suite::SuiteError;

/// The shipped one, and whatever stands before the folder of another.
const SHIPPED: &str = "ground";
/// A longer side is no screen's.
const SIDE_MAX: u32 = 16_384;
const DECODED_BYTES_MAX: u64 = 512 << 20;

/// What may be known of a screen by whoever is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// The accessibility tree alone.
    Tree,
    /// The picture alone.
    Pixels,
    /// Both, as they are.
    #[default]
    Both,
}

impl std::fmt::Display for Sight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Tree => "tree",
            Self::Pixels => "pixels",
            Self::Both => "both",
        })
    }
}

/// Whether what is named can be read on the screen, or is a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Text,
    Icon,
}

/// Something on a screen, as the tree told it when the picture was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    pub role: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub context: String,
    /// x, y, width, height.
    pub bounds: [i32; 4],
}

#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    pub name: String,
    picture: Picture,
    /// `None` where nobody took a tree.
    pub things: Option<Vec<Thing>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Picture {
    Shipped(&'static [u8]),
    File(PathBuf),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: String,
    /// Which of the screens.
    pub screen: usize,
    pub phrase: String,
    pub target: Target,
    pub kind: Option<Kind>,
    /// Whatever it is counted under: an application, a platform, a kind of phrase.
    pub groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    pub name: String,
    /// Of all that an answer depends on.
    pub digest: String,
    pub screens: Vec<Screen>,
    pub items: Vec<Item>,
}

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GroundError {
    #[error("cannot read {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{} is none of that form: {what}", path.display())]
    Wrong { path: PathBuf, what: String },
    #[error("the screen `{screen}` cannot be read")]
    NoPicture { screen: String, source: image::ImageError },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Suite(#[from] SuiteError),
}

impl Ground {
    /// `ground`, the shipped one; `screenspot:FOLDER`, `screenspot-pro:FOLDER` or `osworld-g:FOLDER`,
    /// in the form they are published in; or a folder that was harvested.
    ///
    /// # Errors
    /// Where there is none, or it is of another form.
    pub fn named(name: &str) -> Result<Self, GroundError> {
        match name.split_once(':') {
            Some(("screenspot", folder)) => screenspot::read(Path::new(folder)),
            Some(("screenspot-pro", folder)) => screenspot_pro::read(Path::new(folder)),
            Some(("osworld-g", folder)) => osworld_g::read(Path::new(folder)),
            _ if name == SHIPPED => read::shipped(),
            _ => read::folder(Path::new(name)),
        }
    }

    /// Of items in files that others made. Screens are named by their files.
    pub(crate) fn of_files(name: &str, made: Vec<(PathBuf, Item)>) -> Self {
        let mut screens: Vec<Screen> = Vec::new();
        let mut items = Vec::new();
        for (path, mut item) in made {
            let known =
                screens.iter().position(|screen| screen.picture == Picture::File(path.clone()));
            item.screen = known.unwrap_or_else(|| {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                screens.push(Screen { name, picture: Picture::File(path), things: None });
                screens.len() - 1
            });
            items.push(item);
        }
        let digest = crate::digest::of(format!("{screens:?}{items:?}").as_bytes());
        Self { name: name.to_owned(), digest, screens, items }
    }
}

impl Screen {
    /// # Errors
    /// Where there is no picture, or it is too large to be a screen's.
    pub fn image(&self) -> Result<RgbImage, GroundError> {
        let read;
        let bytes = match &self.picture {
            Picture::Shipped(bytes) => *bytes,
            Picture::File(path) => {
                let unreadable = |source| GroundError::Unreadable { path: path.clone(), source };
                read = fs::read(path).map_err(unreadable)?;
                &read
            }
        };
        let mut limits = Limits::default();
        limits.max_image_width = Some(SIDE_MAX);
        limits.max_image_height = Some(SIDE_MAX);
        limits.max_alloc = Some(DECODED_BYTES_MAX);
        let failed = |source| GroundError::NoPicture { screen: self.name.clone(), source };
        let mut reader = ImageReader::new(Cursor::new(bytes))
            .with_guessed_format()
            .map_err(|error| failed(error.into()))?;
        reader.limits(limits);
        Ok(reader.decode().map_err(failed)?.to_rgb8())
    }
}
