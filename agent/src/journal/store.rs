//! Frames and trees, each a file named by the hash of its bytes, so the same one is stored once.

use std::fmt;
use std::fs::{self, File};
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use deskbound_accessibility::Tree;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, RgbImage};
use serde::{Deserialize, Serialize};

use super::JournalError;
use super::line::{Fault, sha256};

const FRAMES: &str = "frames";
const TREES: &str = "trees";
/// The largest file that is read back.
const FILE_LIMIT: u64 = 256 << 20;
/// The largest picture that is unpacked: more than two screens of 8K.
const FRAME_LIMIT: u64 = 256 << 20;

/// A stored file, as a path below the run's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attached(String);

impl fmt::Display for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Attached {
    /// The hash that names the file; `None` where the path is none that a journal writes, so that
    /// a forged line can not lead a reader out of the run's folder.
    fn digest(&self) -> Option<&str> {
        let (folder, name) = self.0.split_once('/')?;
        let digest = match folder {
            FRAMES => name.strip_suffix(".png")?,
            TREES => name.strip_suffix(".json")?,
            _ => return None,
        };
        digest.chars().all(|c| c.is_ascii_hexdigit()).then_some(digest)
    }

    /// The file of this name, where it is one that a journal gives.
    pub(crate) fn named(path: &str) -> Option<Self> {
        let attached = Self(path.to_owned());
        attached.digest().is_some().then_some(attached)
    }

    /// Its bytes, if they have the hash that names it, of the run that lies in this folder.
    pub(crate) fn bytes(&self, run: &Path) -> Result<Vec<u8>, Fault> {
        self.checked(run)
    }

    /// The bytes of the file, if they have the hash that names it.
    pub(super) fn checked(&self, run: &Path) -> Result<Vec<u8>, Fault> {
        let missing = || Fault::FileMissing { file: self.to_string() };
        let digest = self.digest().ok_or_else(missing)?;
        let mut bytes = Vec::new();
        let file = File::open(run.join(&self.0)).map_err(|_| missing())?;
        file.take(FILE_LIMIT).read_to_end(&mut bytes).map_err(|_| missing())?;
        if sha256(&bytes) != digest {
            return Err(Fault::FileChanged { file: self.to_string() });
        }
        Ok(bytes)
    }

    pub fn is_frame(&self) -> bool {
        self.0.starts_with(FRAMES)
    }

    /// The stored screen, of the run that lies in this folder.
    pub fn frame(&self, run: &Path) -> Result<RgbImage, Fault> {
        let bytes = self.checked(run)?;
        let mut reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(FRAME_LIMIT);
        reader.limits(limits);
        let decoded = reader.decode().map_err(|_| self.without_content())?;
        Ok(decoded.into_rgb8())
    }

    /// The stored tree, of the run that lies in this folder.
    pub fn tree(&self, run: &Path) -> Result<Tree, Fault> {
        let tree: Tree =
            serde_json::from_slice(&self.checked(run)?).map_err(|_| self.without_content())?;
        tree.check().map_err(|_| self.without_content())?;
        Ok(tree)
    }

    fn without_content(&self) -> Fault {
        Fault::FileContent { file: self.to_string() }
    }
}

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Hash of the pixels of the frame stored last, and where it lies: spares the compression.
    last_frame: Option<(String, Attached)>,
}

impl Store {
    pub(super) fn create(run: &Path) -> Result<Self, JournalError> {
        for name in [FRAMES, TREES] {
            let path = run.join(name);
            fs::create_dir(&path).map_err(|source| JournalError::Write { path, source })?;
        }
        Ok(Self { folder: run.to_owned(), last_frame: None })
    }

    pub(super) fn keep_frame(&mut self, frame: &RgbImage) -> Result<Attached, JournalError> {
        let pixels = format!("{} {}", frame.width(), sha256(frame.as_raw()));
        if let Some((known, stored)) = &self.last_frame
            && *known == pixels
        {
            return Ok(stored.clone());
        }
        let mut png = Vec::new();
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Up)
            .write_image(frame.as_raw(), frame.width(), frame.height(), ExtendedColorType::Rgb8)
            .map_err(|source| JournalError::Frame { source })?;
        let stored = self.keep(FRAMES, "png", &png)?;
        self.last_frame = Some((pixels, stored.clone()));
        Ok(stored)
    }

    pub(super) fn keep_tree(&self, tree: &Tree) -> Result<Attached, JournalError> {
        let json = serde_json::to_vec(tree).map_err(|source| JournalError::Record { source })?;
        self.keep(TREES, "json", &json)
    }

    fn keep(&self, folder: &str, ending: &str, bytes: &[u8]) -> Result<Attached, JournalError> {
        let attached = Attached(format!("{folder}/{}.{ending}", sha256(bytes)));
        let path = self.folder.join(&attached.0);
        if path.exists() {
            return Ok(attached);
        }
        // Under its name a file is always whole.
        let half = path.with_extension("part");
        let written = File::create(&half)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_data()))
            .and_then(|()| fs::rename(&half, &path));
        written.map_err(|source| JournalError::Write { path: path.clone(), source })?;
        sync_folder(&self.folder.join(folder))?;
        Ok(attached)
    }
}

/// Makes the names in a folder last.
pub(super) fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| JournalError::Write { path: folder.to_owned(), source })
}
