//! What a model writes with: tokenizer, chat template, and the texts of its marks.
//!
//! Files beside the weights go first, for whoever put them there meant them to be used; what they do
//! not say, the GGUF file does.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tokenizers::Tokenizer;

use super::{LoadedError, read};
use crate::chat::{ChatError, ChatTemplate};
use crate::family::Checkpoint;

const TOKENIZER: &str = "tokenizer.json";
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
/// Where newer models keep their template.
const TEMPLATE: &str = "chat_template.jinja";

pub(super) struct Language {
    pub(super) tokenizer: Tokenizer,
    /// What the tokenizer was made from.
    pub(super) json: Value,
    pub(super) template: ChatTemplate,
    /// What templates call `bos_token` and the like.
    pub(super) marks: BTreeMap<String, String>,
}

impl Language {
    pub(super) fn of(checkpoint: &Checkpoint, folder: &Path) -> Result<Self, LoadedError> {
        let unusable =
            |error: tokenizers::Error| LoadedError::Tokenizer { reason: error.to_string() };
        let words = beside(folder, TOKENIZER)?;
        let told = beside(folder, TOKENIZER_CONFIG)?;
        let template = beside(folder, TEMPLATE)?;
        let is_whole = words.is_some() && (template.is_some() || told.is_some());
        let lexicon = if is_whole { None } else { checkpoint.lexicon()? };
        let (tokenizer, json) = match (words, &lexicon) {
            (Some(text), _) => {
                let json = parsed(TOKENIZER, &text)?;
                (Tokenizer::from_bytes(&text).map_err(unusable)?, json)
            }
            (None, Some(lexicon)) => {
                let json = lexicon.tokenizer_json();
                (Tokenizer::from_bytes(json.to_string()).map_err(unusable)?, json)
            }
            (None, None) => return Err(LoadedError::Missing { path: folder.join(TOKENIZER) }),
        };
        let told = told.map_or(Ok(Value::Null), |text| parsed(TOKENIZER_CONFIG, &text))?;
        let own = lexicon.as_ref().and_then(|lexicon| lexicon.template());
        let template = match (template, own) {
            (Some(source), _) => ChatTemplate::new(&String::from_utf8_lossy(&source))?,
            (None, Some(source)) if told["chat_template"].is_null() => ChatTemplate::new(source)?,
            (None, _) => match ChatTemplate::of_tokenizer_config(&told) {
                Err(ChatError::None) => {
                    return Err(LoadedError::Missing { path: folder.join(TEMPLATE) });
                }
                template => template?,
            },
        };
        let mut marks = lexicon.map_or_else(BTreeMap::new, |lexicon| lexicon.marks().clone());
        marks.extend(marks_of(&told));
        Ok(Self { tokenizer, json, template, marks })
    }
}

fn beside(folder: &Path, name: &str) -> Result<Option<Vec<u8>>, LoadedError> {
    match read(&folder.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(LoadedError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A text of its own, or an object that holds one.
fn marks_of(config: &Value) -> impl Iterator<Item = (String, String)> {
    let names = ["bos_token", "eos_token", "pad_token", "unk_token"];
    let text = |value: &Value| value.as_str().or(value["content"].as_str()).map(str::to_owned);
    names.into_iter().filter_map(move |name| Some((name.to_owned(), text(&config[name])?)))
}

fn parsed(file: &'static str, json: &[u8]) -> Result<Value, LoadedError> {
    serde_json::from_slice(json).map_err(|source| LoadedError::Json { file, source })
}
