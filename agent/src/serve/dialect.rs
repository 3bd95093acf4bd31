//! Dialects: the instruments that models were trained on, played on our desktop.
//!
//! ```text
//!   call ── table: names, coordinates, keys, scroll ──▶ UiCall ─ lens ─▶ Action ─▶ Session
//!                                                                              │
//!   result ◀── table: picture's size, words, coordinates ◀─────────────────────┘
//! ```
//!
//! A dialect is a table in TOML (`agent/dialects`): the tools as that model's vendor publishes them,
//! what each call means (the action map of a model's profile), what is done past the screen, and what
//! comes back. One that was not run with its real client or model says `verified = false`, and is
//! listed as `unverified`.

mod deed;
mod editor;
mod lens;
mod perform;
mod shell;
mod table;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use deskbound_models::ToolCall;
use deskbound_models::profile::ReplyError;
use serde_json::{Map, Value};

pub(crate) use self::editor::Edits;
use self::table::{Form, Table};
use super::host::Deed;

/// The tables, by their file.
const EMBEDDED: [&str; 9] = [
    include_str!("../../dialects/anthropic-20241022.toml"),
    include_str!("../../dialects/anthropic-20250124.toml"),
    include_str!("../../dialects/anthropic-20251124.toml"),
    include_str!("../../dialects/openai.toml"),
    include_str!("../../dialects/e2b.toml"),
    include_str!("../../dialects/osworld-computer-13.toml"),
    include_str!("../../dialects/osworld-pyautogui.toml"),
    include_str!("../../dialects/ui-tars.toml"),
    include_str!("../../dialects/ui-tars-1.5.toml"),
];

/// Why a call is not of a dialect.
#[derive(Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DialectError {
    #[error("there is no dialect `{name}`; there are {known}")]
    Unknown { name: String, known: String },
    #[error("there is no tool `{name}`; there are {known}")]
    NoTool { name: String, known: String },
    #[error("`{tool}` takes the model's reply as `{argument}`")]
    NoText { tool: String, argument: &'static str },
    #[error(transparent)]
    Reply(#[from] ReplyError),
}

/// In which argument a reply in text comes.
const TEXT: &str = "text";

/// One tool as its vendor publishes it.
#[derive(Clone, Debug)]
pub struct Foreign {
    pub name: String,
    pub purpose: String,
    /// Of its arguments.
    pub schema: Map<String, Value>,
    form: Form,
}

/// A table that was read.
#[derive(Clone, Debug)]
pub struct Dialect {
    table: Table,
    tools: Vec<Foreign>,
}

impl Dialect {
    /// All that are compiled in.
    pub fn all() -> Vec<Self> {
        EMBEDDED.iter().map(|text| Self::embedded(text)).collect()
    }

    /// # Errors
    /// Where there is none of this name.
    pub fn named(name: &str) -> Result<Arc<Self>, DialectError> {
        let all = Self::all();
        let known = || all.iter().map(Self::id).collect::<Vec<_>>().join(", ");
        let found = all.iter().find(|dialect| dialect.id() == name).cloned();
        let unknown = || DialectError::Unknown { name: name.to_owned(), known: known() };
        found.map(Arc::new).ok_or_else(unknown)
    }

    fn embedded(text: &str) -> Self {
        let table: Table = toml::from_str(text).expect("a test reads every table");
        let tools = table.tools.iter().map(|tool| Foreign {
            name: tool.name.clone(),
            purpose: tool.purpose.trim().to_owned(),
            schema: serde_json::from_str(&tool.schema).expect("a test reads every schema"),
            form: tool.form,
        });
        Self { tools: tools.collect(), table }
    }

    pub fn id(&self) -> &str {
        &self.table.id
    }

    /// For people: what it is, and whether its real client was seen to work.
    pub fn title(&self) -> String {
        let unverified = if self.table.verified { "" } else { " (unverified)" };
        format!("{}{unverified}", self.table.title)
    }

    pub(crate) fn instructions(&self) -> String {
        self.table.instructions.clone()
    }

    pub(crate) fn offers(&self) -> impl Iterator<Item = &Foreign> {
        self.tools.iter()
    }

    /// A call of a client.
    pub(crate) fn read(
        self: &Arc<Self>,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<Deed, DialectError> {
        let Some(tool) = self.tool(name) else {
            let known = self.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>();
            let (name, known) = (name.to_owned(), known.join(", "));
            return Err(DialectError::NoTool { name, known });
        };
        let is_text = arguments.get(TEXT).is_some_and(Value::is_string);
        if tool.form == Form::Text && !is_text {
            return Err(DialectError::NoText { tool: name.to_owned(), argument: TEXT });
        }
        let call = ToolCall { tool: name.to_owned(), arguments };
        Ok(Deed::Said(Arc::clone(self), call))
    }

    fn tool(&self, name: &str) -> Option<&Foreign> {
        self.tools.iter().find(|tool| tool.name == name)
    }
}
