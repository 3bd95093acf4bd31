//! Tasks and sets of others.

pub mod osworld;
pub(crate) mod osworld_g;
mod records;
pub(crate) mod screenspot;
pub(crate) mod screenspot_pro;
