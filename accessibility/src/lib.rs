//! The accessibility tree: a bounded, fast picture of it, and actions through it.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use deskbound_accessibility::{
//!     BusAddress, NodeAction, Reader, Role, Selector, TreeLimits, outline,
//! };
//!
//! let session = std::env::var("DBUS_SESSION_BUS_ADDRESS")?;
//! let reader = Reader::connect(&BusAddress::Session(session)).await?;
//! let tree = reader.snapshot(&TreeLimits::default()).await?;
//! println!("{}", outline(&tree));
//! if let Some(save) = tree.find(&Selector::role(Role::Button).named("Save")).next() {
//!     println!("{:?}", reader.act(&tree.node_ref(save), &NodeAction::Press).await?);
//! }
//! # Ok(()) }
//! ```
//!
//! # Place
//!
//! A leaf: it imports none of the other crates. The guest program runs it inside the desktop and
//! sends the [`Tree`] out whole; the native desktop runs it in place. It is async, needs a tokio
//! runtime of one thread and no C library, and does nothing between calls but listen. Where windows
//! are it asks nobody: the caller brings them ([`Tree::place`]; `accessibility/windows` reads them
//! from an X server).
//!
//! # Flow
//!
//! ```text
//! Ear ─▶ Application    what is known of it, the way to it, its last picture and whether that holds
//!           │
//! Reader ─▶ Walk, one for each application ─▶ Look, one for each object ─▶ Line ─▶ Bus ─▶ (Call)
//!   │         its cache, levels, limits,         which questions            │      the only connection,
//!   │         seen set                                                      │      opened by zbus
//!   │                                                                       └─▶ Exchange, beneath zbus:
//!   │                                                                           window, batches, silence
//!   ├─▶ Tree     an arena in document order: place, find, rank, node_ref, export
//!   │     └─▶ Numbering ─▶ Numbers ─▶ Outline     what models read, under numbers that stay
//!   │                           └─▶ news          what differs between two trees of a run
//!   ├─▶ act      read again · act · look for evidence ─▶ Effect
//!   └─▶ diagnose a witness of our own, then each window ─▶ Diagnosis
//! ```
//!
//! An application is read from its own cache where that is safe (GTK, Firefox, Chromium) and level
//! by level elsewhere (Qt, LibreOffice, whatever is unknown), over a socket of its own where it has
//! one. One that has said nothing since, and whose objects are where they were, is not read again.
//!
//! # Invariants
//!
//! 1. Only what is in `Call` can be sent. Some ordinary messages crash applications, so there are no
//!    proxies and no property caches; a test on a bus of its own hears every call and holds this.
//! 2. A snapshot returns inside its [`TreeLimits`], whatever an application does, and marks what
//!    was cut: [`AppStatus`] for an application, [`NodeFlags::truncated`] for the children of a
//!    node, [`NodeFlags::text_cut`] for its words. A stopped application costs one silence, at the
//!    same time as the others are read, and keeps the last picture of it that still holds.
//! 3. What does not show is in the tree only where it is asked for ([`Scope::Whole`]), or in GTK 4,
//!    which does not say what shows.
//! 4. An object is read again before it is acted on: its role, name, states and rectangle, as its
//!    toolkit says it. It is left alone if it is another one now, has moved, or is off; and where
//!    its toolkit was measured to do nothing.
//! 5. A toolkit's own `true` is never an [`Effect`].
//! 6. Names and texts are data from strangers: bounded here, one by one and all together, written
//!    only quoted by [`outline()`], and never interpreted.
//! 7. A tree from elsewhere is checked ([`Tree::check`]) before it is used; then no index panics.

mod act;
mod answers;
mod application;
mod body;
mod budget;
mod bus;
mod cache;
mod call;
mod change;
mod crop;
mod decode;
mod diagnosis;
mod ear;
mod effect;
mod event;
mod exchange;
mod export;
mod flag;
mod geometry;
mod key;
mod limits;
mod line;
mod message;
mod news;
mod numbering;
mod object;
mod outline;
mod pages;
mod placing;
mod ranking;
mod reader;
mod repair;
mod reply;
#[cfg(test)]
mod sample;
mod selector;
mod socket;
mod table;
mod toolkit;
mod tree;
mod walk;
mod window;
mod wire;
mod witness;

pub use act::{ActError, Identity, NodeAction, NodeRef};
pub use atspi_common::{Interface, InterfaceSet, Role, State, StateSet};
pub use diagnosis::{Browser, Diagnosis, WindowDiagnosis, diagnose};
pub use ear::Changes;
pub use effect::Effect;
pub use export::{Readable, osworld_xml};
pub use geometry::{ScreenPx, ScreenRect};
pub use key::{DurableKey, Process, Step};
pub use limits::{Scope, TreeLimits};
pub use news::{News, Numbered, Turn, news};
pub use numbering::{Number, Numbering, Numbers};
pub use outline::{Outline, OutlineLimits, outline};
pub use ranking::Ranked;
pub use reader::{BusAddress, ReadError, Reader};
pub use selector::{QueryError, Selector, Wording};
pub use toolkit::ActionKind;
pub use tree::{
    App, AppId, AppStatus, BrokenTree, Node, NodeFacts, NodeFlags, NodeId, Tree, TreeBuilder,
};
pub use window::{Border, Fit, Layout, PlacedWindow, Popup, Window};
