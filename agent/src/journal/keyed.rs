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

use hmac::{Hmac, KeyInit as _, Mac as _};
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::Sha256;

use super::line::hex;
use super::store::sync_folder;

/// The key, in the folder of a run that has needed one.
const FILE: &str = "key";
const KEY_BYTES: usize = 32;
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
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
        hex(&mac.chain_update(text).finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// The second of RFC 4231; a key shorter than a block is filled up with zeros, as HMAC does.
    #[test]
    fn digests_are_those_of_the_standard() {
        let mut key = [0; KEY_BYTES];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            Key(key).digest("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
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
