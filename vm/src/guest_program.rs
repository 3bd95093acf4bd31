//! The guest program's bytes, as `build.rs` made them.

use sha2::{Digest as _, Sha256};

pub(crate) const NAME: &str = "deskbound-guest";

pub(crate) static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/deskbound-guest"));

/// SHA-256 of [`BYTES`].
pub(crate) fn digest() -> [u8; 32] {
    Sha256::digest(BYTES).into()
}
