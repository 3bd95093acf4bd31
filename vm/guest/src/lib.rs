//! The protocol between a desktop's inside and its outside, and the program that speaks it inside.
//!
//! One virtio-serial port carries frames both ways: a length, then a [`Request`] or a [`Reply`]
//! in postcard. Requests carry an id of the host's choosing and are answered in any order; a
//! command answers with many replies of one id, the last of which is [`Answer::is_last`].
//!
//! ```text
//!   host ── virtio-serial ──▶ system part (root: commands, files, clock, identity)
//!                                  │ pipe, the same frames
//!                                  ▼
//!                             session part (the desktop's user: tree, actions)
//! ```
//!
//! The session part is a process of its own because the accessibility bus admits its owner only.
//! The guest is hostile to the host: the host checks every length ([`wire::FRAME_BYTES_MAX`]) and
//! every value that arrives ([`deskbound_accessibility::Tree::check`]).

pub mod clipboard;
pub mod entry;
pub mod protocol;
pub mod typing;
pub mod wire;

pub use protocol::{Answer, Ask, CommandSpec, PROTOCOL_VERSION, Reply, Request, Stream, User};

/// Two hexadecimal digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
