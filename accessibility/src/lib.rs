//! The accessibility tree: a bounded, fast picture of it, and actions through it.

mod effect;
mod geometry;
mod limits;
mod tree;

pub use atspi_common::{InterfaceSet, Role, State, StateSet};
pub use effect::Effect;
pub use geometry::{ScreenPx, ScreenRect};
pub use limits::TreeLimits;
pub use tree::{
    App, AppId, AppStatus, BrokenTree, Node, NodeFacts, NodeFlags, NodeId, Tree, TreeBuilder,
};
