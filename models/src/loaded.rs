//! A model of open weights, with everything that it takes to ask it: engine, tokenizer, chat
//! template and profile, behind the roles.
//!
//! ```text
//!  Context, phrase ── profile ──▶ messages ── template ──▶ text ── tokenizer ──▶ pieces
//!                                                                    (images in their places)
//!                                                                        │ engine, held to
//!  Decision, Grounding ◀── profile ── reply ◀── tokenizer ── tokens ◀────┘ its form
//! ```
//!
//! Roles that name the same model share its weights and its thread; each has a conversation of its
//! own, so the prompt of one does not push that of another out of the cache. An actor keeps nothing
//! of its own between two decisions: what it said before comes back to it in the history.

mod actor;
mod error;
mod grounder;
mod language;
mod speech;
pub(crate) mod verb;
mod viewer;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use image::RgbImage;
use tokenizers::Tokenizer;

use crate::chat::ChatTemplate;
use crate::constrain::Vocabulary;
use crate::engine::{Engine, EngineOptions};
use crate::family::{Checkpoint, Memory, Picture, PictureRule};
use crate::profile::{ImageSize, Profile, Shown};

pub use actor::LoadedActor;
pub use error::LoadedError;
pub use grounder::LoadedGrounder;
use language::Language;
pub use speech::{Converse, Said, Speech};
pub use viewer::LoadedViewer;

const PREPROCESSOR: &str = "preprocessor_config.json";
/// A `tokenizer.json` of 150,000 tokens has 7 to 11 MB.
const TEXT_BYTES_MAX: u64 = 64 << 20;

/// A model that can be asked. Cheap to clone; the weights go with the last clone.
#[derive(Clone, Debug)]
pub struct Loaded {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    engine: Engine,
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    template: ChatTemplate,
    /// What templates call `bos_token` and the like.
    marks: BTreeMap<String, String>,
    profile: Profile,
    /// None for a model that does not see.
    sight: Option<PictureRule>,
    /// When it was loaded: the date for templates that write one. Were it another one in every
    /// prompt, what was read before would be of no use from midnight on.
    since: SystemTime,
}

impl Loaded {
    /// Loads what lies at `path`: a folder with `config.json` and safetensors, or a GGUF file. Its
    /// tokenizer and its chat template lie beside it, or are those in the GGUF file. Nothing is verified here: what comes from a
    /// [store](crate::store) has been.
    ///
    /// # Errors
    ///
    /// If a part is missing or unsound, if they do not belong together, or there is no room.
    pub fn open(
        path: &Path,
        profile: Profile,
        options: &EngineOptions,
    ) -> Result<Self, LoadedError> {
        let checkpoint = Checkpoint::open(path)?;
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new(".")) };
        let Language { tokenizer, json, template, marks } = Language::of(&checkpoint, folder)?;
        let config = checkpoint.config();
        let (found, rows) = (tokenizer.get_vocab_size(true), config.text.vocabulary);
        if found > rows {
            return Err(LoadedError::Strangers { tokens: found, rows });
        }
        let known = |end: &&u32| tokenizer.id_to_token(**end).is_some();
        let ends: Vec<u32> = config.text.ends.iter().filter(known).copied().collect();
        let vocabulary = Vocabulary::of_tokenizer(&json, &ends)?;
        let sight = match &config.vision {
            Some(vision) => Some(sight(PictureRule::of(vision), folder, &profile)?),
            None => None,
        };
        let since = SystemTime::now();
        let engine = Engine::start(&checkpoint, options)?;
        let parts = Parts { engine, tokenizer, vocabulary, template, marks, profile, sight, since };
        Ok(Self { parts: Arc::new(parts) })
    }

    pub fn profile(&self) -> &Profile {
        &self.parts.profile
    }

    /// What it was told to need.
    pub fn memory(&self) -> Memory {
        self.parts.engine.memory()
    }

    /// Whether it takes images.
    pub fn sees(&self) -> bool {
        self.parts.sight.is_some()
    }

    /// # Errors
    ///
    /// If its profile has no such role.
    pub fn actor(&self) -> Result<LoadedActor, LoadedError> {
        LoadedActor::new(self.clone())
    }

    /// # Errors
    ///
    /// If its profile has no such role, or it does not see.
    pub fn grounder(&self) -> Result<LoadedGrounder, LoadedError> {
        LoadedGrounder::new(self.clone())
    }

    /// # Errors
    ///
    /// If it does not see.
    pub fn viewer(&self) -> Result<LoadedViewer, LoadedError> {
        LoadedViewer::new(self.clone())
    }

    /// A conversation that is held in words.
    pub fn speech(&self) -> Speech {
        Speech::new(self.clone())
    }

    /// An image as the model takes it, and the sizes that its points are in.
    fn picture(&self, image: &RgbImage) -> Result<(Arc<Picture>, Shown), LoadedError> {
        let sight = self.parts.sight.as_ref().ok_or(LoadedError::Blind)?;
        let picture = sight.picture(image)?;
        let (width, height) = picture.size();
        let resized = ImageSize { width, height };
        let image = ImageSize { width: image.width(), height: image.height() };
        Ok((Arc::new(picture), Shown { image, resized }))
    }
}

/// The profile knows best, then the files of the model, then its family.
fn sight(
    mut rule: PictureRule,
    folder: &Path,
    profile: &Profile,
) -> Result<PictureRule, LoadedError> {
    match read(&folder.join(PREPROCESSOR)) {
        Ok(json) => rule = rule.with_json(&String::from_utf8_lossy(&json))?,
        Err(LoadedError::Missing { .. }) => {}
        Err(error) => return Err(error),
    }
    if let Some(limits) = profile.image {
        rule.min_pixels = limits.min_px as usize;
        rule.max_pixels = limits.max_px as usize;
    }
    Ok(rule)
}

fn read(path: &Path) -> Result<Vec<u8>, LoadedError> {
    let file = || path.to_owned();
    let about = fs::metadata(path).map_err(|_| LoadedError::Missing { path: file() })?;
    if about.len() > TEXT_BYTES_MAX {
        let limit = TEXT_BYTES_MAX;
        return Err(LoadedError::TooLarge { path: file(), bytes: about.len(), limit });
    }
    fs::read(path).map_err(|source| LoadedError::Read { path: file(), source })
}

#[cfg(test)]
mod tests;
