//! A tree for people and for other tools: as JSON, and as the XML of OSWorld.

mod json;
mod osworld;

pub use json::Readable;
pub use osworld::osworld_xml;

#[cfg(test)]
mod tests;
