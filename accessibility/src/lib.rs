//! The accessibility tree: a bounded, fast picture of it, and actions through it.

mod act;
mod call;
mod change;
mod diagnosis;
mod effect;
mod geometry;
mod limits;
mod line;
mod object;
mod outline;
mod reader;
mod reply;
mod selector;
mod tree;
mod walk;
mod wire;

pub use act::{ActError, Identity, NodeAction, NodeRef};
pub use atspi_common::{Interface, InterfaceSet, Role, State, StateSet};
pub use diagnosis::{Diagnosis, diagnose};
pub use effect::Effect;
pub use geometry::{ScreenPx, ScreenRect};
pub use limits::TreeLimits;
pub use outline::outline;
pub use reader::{BusAddress, ReadError, Reader};
pub use selector::Selector;
pub use tree::{
    App, AppId, AppStatus, BrokenTree, Node, NodeFacts, NodeFlags, NodeId, Tree, TreeBuilder,
};
