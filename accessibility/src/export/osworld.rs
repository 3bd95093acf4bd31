//! A tree as OSWorld's server writes it, for tools and prompts made for that.
//!
//! An element for each node, named after its role (`push-button`); `name`, states as `st:…="true"`,
//! the rectangle as `cp:screencoord` and `cp:size` where the node shows, `image`, `selection` and
//! `val:value`, the text as content. Left out, because it is not read here: attributes of the
//! toolkit (`attr:`), the range of a value, and the names of actions (`act:`), which cost a round
//! trip each. The original fails as a whole where a name holds a character that XML cannot; here it
//! is replaced. Source: `desktop_env/server/main.py` of xlang-ai/OSWorld, `_create_atspi_node`.

use std::fmt::Write;

use atspi_common::{Interface, Role, State};

use crate::tree::{NodeId, Tree};

/// The prefixes and the addresses of their namespaces, as the original declares them.
const NAMESPACES: [(&str, &str); 8] = [
    ("st", "state"),
    ("attr", "attributes"),
    ("cp", "component"),
    ("doc", "document"),
    ("docattr", "document/attributes"),
    ("txt", "text"),
    ("val", "value"),
    ("act", "action"),
];

/// The whole tree as one document.
pub fn osworld_xml(tree: &Tree) -> String {
    let mut out = String::from("<desktop-frame");
    for (prefix, place) in NAMESPACES {
        let _ =
            write!(out, r#" xmlns:{prefix}="https://accessibility.ubuntu.example.org/ns/{place}""#);
    }
    out.push('>');
    // The elements that are open, by depth. No recursion: a tree may be deeper than the stack.
    let mut open: Vec<String> = Vec::new();
    for (id, node) in tree.nodes() {
        while open.len() > usize::from(node.depth) {
            close(&mut out, open.pop());
        }
        let tag = tag(node.role);
        let _ = write!(out, "<{tag}");
        attributes(&mut out, tree, id);
        out.push('>');
        escape(&mut out, &tree.text(id).replace(['\u{fffc}', '\u{fffd}'], ""), Place::Content);
        open.push(tag);
    }
    while let Some(tag) = open.pop() {
        close(&mut out, Some(tag));
    }
    out.push_str("</desktop-frame>");
    out
}

fn close(out: &mut String, tag: Option<String>) {
    if let Some(tag) = tag {
        let _ = write!(out, "</{tag}>");
    }
}

fn attributes(out: &mut String, tree: &Tree, id: NodeId) {
    let node = tree.node(id);
    out.push_str(" name=\"");
    escape(out, tree.name(id), Place::Attribute);
    out.push('"');
    for state in node.states.iter() {
        let _ = write!(out, r#" st:{}="true""#, state.to_static_str().replace('-', "_"));
    }
    let shows = node.states.contains(State::Visible) && node.states.contains(State::Showing);
    if let Some(bounds) = node.bounds.filter(|_| shows) {
        let _ = write!(
            out,
            r#" cp:screencoord="({}, {})" cp:size="({}, {})""#,
            bounds.x, bounds.y, bounds.width, bounds.height
        );
    }
    for (interface, name) in [(Interface::Image, "image"), (Interface::Selection, "selection")] {
        if node.interfaces.contains(interface) {
            let _ = write!(out, r#" {name}="true""#);
        }
    }
    if let Some(value) = node.value {
        // As Python writes a float.
        let _ = write!(out, r#" val:value="{value:?}""#);
    }
}

/// As `at-spi2-core` of that time says, which had not renamed the button yet.
fn tag(role: Role) -> String {
    match role {
        Role::Button => "push-button".to_owned(),
        role => role.name().replace(' ', "-"),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Attribute,
    Content,
}

fn escape(out: &mut String, text: &str, place: Place) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if place == Place::Attribute => out.push_str("&quot;"),
            // Would be read back as a space in an attribute, as another end of line in a text.
            '\n' | '\t' if place == Place::Attribute => {
                let _ = write!(out, "&#{};", u32::from(char));
            }
            '\r' => out.push_str("&#13;"),
            char if is_allowed(char) => out.push(char),
            _ => out.push('\u{fffd}'),
        }
    }
}

/// The `Char` of XML 1.0.
fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
