//! A disposable desktop: a QEMU machine that is built from a recipe, started from a saved template
//! in a fraction of its boot time, driven from outside, and gone with its owner.
//!
//! ```text
//!   Recipe ──mmdebstrap──▶ Image ──boot, settle, save──▶ Template ──▶ Vm (a clone)
//! ```
//!
//! Screen and input go by QMP (`qmp.rs`, `controls.rs`); tree, commands and files go through the
//! guest program (`guest.rs`), which travels on a disk of its own and answers on one virtio-serial
//! port. There is no network device, unless a recipe lists forwards (`forward.rs`).
//!
//! Invariants:
//! - QEMU never outlives its owner: the kernel kills it (`child.rs`), and its folder is removed by
//!   the next opening of the store (`store.rs`).
//! - An image or a template in its place is whole: both are made aside and renamed in.
//! - The guest is hostile: every length and reply from it is bounded and checked (`guest.rs`).
//! - Every wait has a limit, and the limit a name.

mod accel;
mod admission;
mod archive;
mod checkpoint;
mod child;
mod controls;
mod course;
mod delta;
mod descriptors;
mod door;
mod error;
mod forward;
mod guest;
mod guest_program;
mod image;
mod jail;
mod keyboard;
mod keys;
mod lifetime;
mod machine;
mod mapped;
mod memory_loan;
mod namespace;
mod outbox;
mod own_pages;
mod pointer;
mod progress;
mod prune;
mod qmp;
mod recipe;
mod screen;
mod sources;
mod standing;
mod store;
mod template;
mod view;
mod vm;
mod waiting;
mod wishes;

pub use accel::{Accel, Kvm};
pub use admission::Caps;
pub use archive::{ArchiveError, Exported, Imported};
pub use checkpoint::Checkpoint;
pub use controls::Controls;
pub use deskbound_guest::{
    CommandSpec, Stream, User, clipboard,
    entry::{DesktopEntry, EntryError, Start, open_with},
    protocol::{
        CLIPBOARD_BYTES_MAX, FileChange, FileEvent, FileInfo, FileKind, Mode, SessionState, Signal,
        TerminalSize, Window, WindowAct, WindowState,
    },
    typing::{TypeError, Typist, keysym},
    wire,
};
pub use door::{RemoteControls, Visit, is_of_this_user};
pub use error::VmError;
pub use forward::Forward;
pub use guest::{CommandEnd, CommandInput, FileWatch, Guest};
pub use image::{Image, ImageManifest};
pub use keys::{Chord, ChordError, KEYS, Key, UnknownKey};
pub use lifetime::{Ending, Lifetime};
pub use machine::qemu_version;
pub use pointer::{Button, Direction, Pressed};
pub use progress::{Progress, ProgressSink};
pub use prune::Pruned;
pub use recipe::Recipe;
pub use screen::Frame;
pub use standing::{Label, Standing};
pub use store::Store;
pub use template::{Template, TemplateManifest};
pub use view::{Access, View};
pub use vm::Vm;
pub use wishes::{Wish, Wished};
