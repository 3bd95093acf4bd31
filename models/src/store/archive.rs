//! A model on its way to a machine without a network: one archive with a manifest of hashes, in
//! parts as large as what carries them.
//!
//! ```text
//!   model.deskbound[.001 .002 …]  =  tar: manifest.json, then each file that it names
//! ```
//!
//! Nothing of an archive is believed before its hash was compared, and nothing takes its place in
//! the store before everything was.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use super::file::FileKind;
use super::lock::Pin;
use super::name::ModelName;
use super::parts::{PartsReader, PartsWriter};
use super::place::Store;
use super::verify::{Hashing, Verified};
use crate::hex::hex;

const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const MANIFEST_BYTES_MAX: u64 = 1024 * 1024;
const FILES_MAX: usize = 1024;
const FILE_BYTES_MAX: u64 = 1 << 42;
const BUFFER_BYTES: usize = 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    name: ModelName,
    pin: Pin,
}

/// An archive that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    pub parts: Vec<PathBuf>,
    /// Of the manifest, and so of everything: to be compared on arrival.
    pub sha256: String,
}

/// An archive that arrived, and is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub name: ModelName,
    pub folder: PathBuf,
    pub sha256: String,
}

impl Store {
    /// Writes a verified model to one file, or to parts of so many megabytes.
    ///
    /// # Errors
    ///
    /// If a file is there already, or cannot be read or written.
    pub fn export(
        &self,
        model: &Verified,
        to: &Path,
        part_mb: Option<u64>,
    ) -> Result<Exported, StoreError> {
        let name = model.model().name.clone();
        let lock = self.lock()?;
        let pin = lock.pin(&name).cloned().ok_or_else(|| StoreError::NotPinned {
            name: name.to_string(),
            lock: lock.path().to_owned(),
        })?;
        let manifest = Manifest { format: FORMAT, name, pin };
        let text = serde_json::to_vec_pretty(&manifest).expect("a manifest is plain data");
        let failed = || StoreError::file("written", to);
        let parts = PartsWriter::new(to, part_mb);
        let mut tar = tar::Builder::new(BufWriter::with_capacity(BUFFER_BYTES, parts));
        append(&mut tar, MANIFEST, text.len() as u64, &text[..]).map_err(failed())?;
        for name in manifest.pin.files.keys() {
            let path = model.path(name).expect("a verified model has every pinned file");
            let file = File::open(path).map_err(StoreError::file("read", path))?;
            let bytes = file.metadata().map_err(StoreError::file("read", path))?.len();
            append(&mut tar, name, bytes, file).map_err(failed())?;
        }
        let writer = tar.into_inner().map_err(failed())?;
        let parts = writer.into_inner().map_err(|error| failed()(error.into_error()))?;
        Ok(Exported { parts: parts.written, sha256: hex(&Sha256::digest(&text)) })
    }

    /// Takes an archive in: its only or first part is named, and its sum where it is known.
    ///
    /// # Errors
    ///
    /// If anything in it is not what its manifest says, or the model is there already.
    pub fn import(
        &self,
        from: &Path,
        expected: Option<&str>,
        progress: &mut dyn FnMut(Hashing<'_>),
    ) -> Result<Imported, StoreError> {
        fs::create_dir_all(self.folder()).map_err(StoreError::file("made", self.folder()))?;
        let making = self.folder().join(format!(".import-{}", std::process::id()));
        let read = fs::create_dir(&making)
            .map_err(StoreError::file("made", &making))
            .and_then(|()| unpack(from, &making, expected, progress))
            .and_then(|(manifest, sha256)| self.settle(&making, manifest, sha256));
        if read.is_err() {
            // What is left is of no use, and no harm where it cannot be removed.
            let _ = fs::remove_dir_all(&making);
        }
        read
    }

    fn settle(
        &self,
        making: &Path,
        manifest: Manifest,
        sha256: String,
    ) -> Result<Imported, StoreError> {
        let Manifest { name, pin, .. } = manifest;
        let folder = self.folder().join(name.as_str());
        if folder.exists() {
            return Err(StoreError::Exists { name: name.to_string(), place: folder });
        }
        let above = folder.parent().expect("it is below ours");
        fs::create_dir_all(above).map_err(StoreError::file("made", above))?;
        self.lock()?.set(name.clone(), pin)?;
        fs::rename(making, &folder).map_err(StoreError::file("put in place", &folder))?;
        Ok(Imported { name, folder, sha256 })
    }
}

fn append<W: Write>(
    tar: &mut tar::Builder<W>,
    name: &str,
    bytes: u64,
    from: impl Read,
) -> io::Result<()> {
    let mut head = tar::Header::new_gnu();
    head.set_size(bytes);
    head.set_mode(0o644);
    tar.append_data(&mut head, name, from.take(bytes))
}

/// Unpacks what the manifest names into a folder, and compares.
fn unpack(
    from: &Path,
    folder: &Path,
    expected: Option<&str>,
    progress: &mut dyn FnMut(Hashing<'_>),
) -> Result<(Manifest, String), StoreError> {
    let form = |what: String| StoreError::Archive { path: from.to_owned(), what };
    let broken = |error: io::Error| form(error.to_string());
    let reader = BufReader::with_capacity(BUFFER_BYTES, PartsReader::new(from));
    let mut tar = tar::Archive::new(reader);
    let mut entries = tar.entries().map_err(broken)?;
    let first = entries.next().ok_or_else(|| form("it is empty".to_owned()))?.map_err(broken)?;
    if first.path().map_err(broken)?.as_ref() != Path::new(MANIFEST) {
        return Err(form("it does not begin with its manifest".to_owned()));
    }
    let mut text = Vec::new();
    first.take(MANIFEST_BYTES_MAX).read_to_end(&mut text).map_err(broken)?;
    let sha256 = hex(&Sha256::digest(&text));
    if expected.is_some_and(|expected| !expected.eq_ignore_ascii_case(&sha256)) {
        return Err(form(format!("its sum is {sha256}, not the one that was said")));
    }
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|error| form(error.to_string()))?;
    check(&manifest).map_err(form)?;
    for (name, pinned) in &manifest.pin.files {
        let entry = entries.next().ok_or_else(|| form(format!("it ends before `{name}`")))?;
        let entry = entry.map_err(broken)?;
        let is_named = entry.path().map_err(broken)?.as_ref() == Path::new(name);
        if !is_named || entry.size() != pinned.bytes || !entry.header().entry_type().is_file() {
            return Err(form(format!("`{name}` is not where it belongs")));
        }
        let to = folder.join(name);
        let found = copy(entry.take(pinned.bytes), &to, name, progress).map_err(broken)?;
        if found != pinned.sha256 {
            return Err(form(format!("`{name}` is not what was packed; is a part missing?")));
        }
    }
    Ok((manifest, sha256))
}

/// Names of files that are files of models, and nothing else.
fn check(manifest: &Manifest) -> Result<(), String> {
    if manifest.format != FORMAT {
        return Err(format!("its format is {}, and this program reads {FORMAT}", manifest.format));
    }
    let files = &manifest.pin.files;
    if files.is_empty() || files.len() > FILES_MAX {
        return Err(format!("it names {} files", files.len()));
    }
    let is_plain = |name: &&String| {
        let is_char = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        name.chars().all(is_char) && !name.starts_with('.') && FileKind::of(name).is_some()
    };
    match files.iter().find(|(name, pinned)| !is_plain(name) || pinned.bytes > FILE_BYTES_MAX) {
        Some((name, _)) => Err(format!("`{}` is no file of a model", name.escape_debug())),
        None => Ok(()),
    }
}

fn copy(
    mut from: impl Read,
    to: &Path,
    name: &str,
    progress: &mut dyn FnMut(Hashing<'_>),
) -> io::Result<String> {
    let mut file = File::options().write(true).create_new(true).open(to)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            file.sync_all()?;
            return Ok(hex(&hasher.finalize()));
        }
        file.write_all(&buffer[..read])?;
        hasher.update(&buffer[..read]);
        done += read as u64;
        progress(Hashing { file: name, done, bytes: done });
    }
}
