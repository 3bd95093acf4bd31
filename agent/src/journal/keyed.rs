//! What a person pasted is not kept, only how long it was and a digest of it, so that it can be
//! shown later that it was this text, or the same as another time.
//!
//! A plain digest of something short could be guessed: whoever has the record tries every short
//! text. So digests are made with a key (HMAC-SHA-256, RFC 2104), which lies in the run's folder
//! beside the journal and is no part of it: nothing in the journal names it, and a record that is
//! exported leaves it behind. A record without its key says nothing of a text but its length, and
//! whether two were the same.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest as _, Sha256};

use super::line::hex;
use super::store::sync_folder;

/// The key, in the folder of a run that has needed one.
const FILE: &str = "key";
const KEY_BYTES: usize = 32;
/// What SHA-256 takes in at a time.
const BLOCK_BYTES: usize = 64;
/// The key is nobody else's to read.
const MODE: u32 = 0o600;

/// The key of one run.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY_BYTES]);

impl fmt::Debug for Key {
    /// It is told to nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A new one, on the disk before any digest that is made with it.
    pub(super) fn create(run: &Path) -> io::Result<Self> {
        let mut key = [0; KEY_BYTES];
        let mut filled = 0;
        while filled < KEY_BYTES {
            filled += getrandom(&mut key[filled..], GetRandomFlags::empty())?;
        }
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(MODE).open(run.join(FILE))?;
        file.write_all(&key)?;
        file.sync_all()?;
        sync_folder(run).map_err(io::Error::other)?;
        Ok(Self(key))
    }

    /// That of a run's folder; `None` where nothing was ever pasted, or the key was left behind.
    ///
    /// # Errors
    /// Where it is there and cannot be read, or is none.
    pub fn of_run(run: &Path) -> io::Result<Option<Self>> {
        let mut file = match File::open(run.join(FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        let mut key = [0; KEY_BYTES];
        file.read_exact(&mut key)?;
        Ok(Some(Self(key)))
    }

    /// The digest of a text, in lower-case hexadecimal.
    pub fn digest(&self, text: &str) -> String {
        hex(&hmac(&self.0, text.as_bytes()))
    }
}

fn hmac(key: &[u8; KEY_BYTES], message: &[u8]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK_BYTES];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        Sha256::new().chain_update(block)
    };
    let inner = padded(0x36).chain_update(message).finalize();
    padded(0x5c).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// RFC 4231; a key shorter than a block is filled up with zeros, as HMAC does.
    #[test]
    fn digests_are_those_of_the_standard() {
        let check = |key: &[u8], message: &[u8], expected: &str| {
            let mut padded = [0; KEY_BYTES];
            padded[..key.len()].copy_from_slice(key);
            assert_eq!(hex(&hmac(&padded, message)), expected);
        };
        check(
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        );
    }

    #[test]
    fn a_key_is_of_one_run_and_for_nobody_else() {
        let [one, other] = [(), ()].map(|()| tempfile::tempdir().unwrap());
        assert!(Key::of_run(one.path()).unwrap().is_none());
        let keys = [&one, &other].map(|run| Key::create(run.path()).unwrap());
        assert_ne!(keys[0].digest("1234"), keys[1].digest("1234"));
        assert_eq!(Key::of_run(one.path()).unwrap().as_ref(), Some(&keys[0]));
        let about = std::fs::metadata(one.path().join(FILE)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, MODE);
        assert!(Key::create(one.path()).is_err(), "a key is never replaced");
        std::fs::write(one.path().join(FILE), "short").unwrap();
        assert!(Key::of_run(one.path()).is_err());
    }
}
