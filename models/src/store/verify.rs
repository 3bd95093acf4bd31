//! Files against their pins.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use super::file::{FileKind, StoredFile};
use super::header;
use super::lock::{Pin, PinnedFile};
use super::memory::Memory;
use super::place::{Found, Store};
use crate::hex::hex;

const BUFFER_BYTES: usize = 1024 * 1024;

/// A model whose files are what is pinned, as of now. Only these are to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    found: Found,
}

/// How far hashing is.
#[derive(Clone, Copy, Debug)]
pub struct Hashing<'a> {
    pub file: &'a str,
    pub done: u64,
    pub bytes: u64,
}

impl Store {
    /// Holds every file against `models.lock`: that all are there and no others, their sizes, their
    /// headers and their SHA-256. What was hashed before and has not changed is not read again.
    ///
    /// # Errors
    ///
    /// If it is not pinned, or anything differs.
    pub fn verify(
        &self,
        found: &Found,
        progress: &mut dyn FnMut(Hashing<'_>),
    ) -> Result<Verified, StoreError> {
        let lock = self.lock()?;
        let name = found.name.to_string();
        let pin = lock.pin(&found.name).ok_or_else(|| StoreError::NotPinned {
            name: name.clone(),
            lock: lock.path().to_owned(),
        })?;
        for file in pin.files.keys() {
            if found.files.iter().all(|there| there.name != *file) {
                return Err(StoreError::Missing { name, file: file.clone() });
            }
        }
        let mut memory = Memory::read(&self.memory());
        for file in &found.files {
            let pinned = pin
                .files
                .get(&file.name)
                .ok_or_else(|| StoreError::Extra { name: name.clone(), file: file.name.clone() })?;
            if file.bytes != pinned.bytes {
                let (found, expected) = (file.bytes, pinned.bytes);
                return Err(StoreError::Size { path: file.path.clone(), found, expected });
            }
            let sha256 = memory.sha256(file, || hash(file, progress))?;
            if sha256 != pinned.sha256 {
                let (found, expected) = (sha256, pinned.sha256.clone());
                return Err(StoreError::Hash { path: file.path.clone(), found, expected });
            }
            header::check(file)?;
        }
        // A bundle on a disk that cannot be written is hashed each time, and as good.
        let _ = memory.write();
        Ok(Verified { found: found.clone() })
    }

    /// Takes the files as they are for the right ones, and pins them.
    ///
    /// # Errors
    ///
    /// If one cannot be read or has no sound header, or the lock cannot be written.
    pub fn pin(
        &self,
        found: &Found,
        progress: &mut dyn FnMut(Hashing<'_>),
    ) -> Result<Pin, StoreError> {
        let pin = self.measure(found, progress)?;
        self.lock()?.set(found.name.clone(), pin.clone())?;
        Ok(pin)
    }

    /// The pin that the files would have as they are.
    pub(super) fn measure(
        &self,
        found: &Found,
        progress: &mut dyn FnMut(Hashing<'_>),
    ) -> Result<Pin, StoreError> {
        let mut memory = Memory::read(&self.memory());
        let mut pin = Pin { revision: found.revision.clone(), ..Pin::default() };
        for file in &found.files {
            header::check(file)?;
            let sha256 = memory.sha256(file, || hash(file, progress))?;
            pin.files.insert(file.name.clone(), PinnedFile { bytes: file.bytes, sha256 });
        }
        memory.write()?;
        Ok(pin)
    }
}

impl Verified {
    pub fn model(&self) -> &Found {
        &self.found
    }

    /// Where a file lies, by the name that the model has for it.
    pub fn path(&self, name: &str) -> Option<&Path> {
        let file = self.found.files.iter().find(|file| file.name == name);
        file.map(|file| file.path.as_path())
    }

    /// All weights of one kind.
    pub fn of_kind(&self, kind: FileKind) -> impl Iterator<Item = &StoredFile> {
        self.found.files.iter().filter(move |file| file.kind == kind)
    }
}

pub(super) fn hash(
    file: &StoredFile,
    progress: &mut dyn FnMut(Hashing<'_>),
) -> Result<String, StoreError> {
    let failed = || StoreError::file("read", &file.path);
    let mut from = File::open(&file.path).map_err(failed())?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    loop {
        let read = from.read(&mut buffer).map_err(failed())?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
        done += read as u64;
        progress(Hashing { file: &file.name, done, bytes: file.bytes });
    }
}
