//! Chat templates: messages and tools as the text that a model was trained on.
//!
//! A template comes with the weights (`chat_template.jinja`, or within `tokenizer_config.json` or a
//! GGUF's metadata) and is a stranger's program. It is run by `minijinja`, which gives it no files,
//! no loading and no clock but the one it is told, within a bounded number of steps. Its memory
//! is not bounded (a text can be doubled a few dozen times), so templates are pinned as weights are.
//! What it is offered besides Jinja is what Hugging Face transformers offers: `tojson` as
//! Python writes JSON, `raise_exception`, `strftime_now`, loop controls, methods of strings, and
//! blocks of `generation`, whose marks are taken out.

mod clock;
mod error;
mod pyjson;
mod template;

#[cfg(test)]
mod tests;

pub use clock::strftime;
pub use error::ChatError;
pub use template::{Chat, ChatTemplate, tool};
