//! The tokenizer that a GGUF file carries, as the `tokenizer.json` that it was made from.
//!
//! The file names the way texts are cut into words (`tokenizer.ggml.pre`); the steps of each way are
//! those of the family's own tokenizer. Only byte-level BPE is known here, which is what Llama 3 and
//! all Qwen models have.
//!
//! Source: `src/llama-vocab.cpp` of llama.cpp for the names; `Qwen2Tokenizer` and `TikTokenConverter`
//! (with which Llama 3 was converted) of transformers for the steps.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Header, Value};
use crate::family::architecture::Architecture;
use crate::family::error::LoadError;

const BYTE_LEVEL_BPE: &str = "gpt2";
/// Where the template for conversations stands, that for tools before the other.
const TEMPLATES: [&str; 2] = ["tokenizer.chat_template.tool_use", "tokenizer.chat_template"];
/// What templates call some tokens, and what the file does.
const MARKS: [(&str, &str); 4] = [
    ("bos_token", "bos_token_id"),
    ("eos_token", "eos_token_id"),
    ("pad_token", "padding_token_id"),
    ("unk_token", "unknown_token_id"),
];

/// How texts are cut into words before words are cut into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Llama3,
    Qwen2,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Word,
    /// A mark of the template, which no text of a user is to contain.
    Control,
    /// Found whole in any text.
    Whole,
    /// Fills the table up.
    None,
}

/// Words, merges and template of a model.
#[derive(Clone, Debug)]
pub(crate) struct Lexicon {
    tokens: Vec<String>,
    uses: Vec<Use>,
    merges: Vec<(String, String)>,
    cut: Cut,
    template: Option<String>,
    marks: BTreeMap<String, String>,
}

impl Header {
    /// `None` if the file has no words.
    ///
    /// # Errors
    ///
    /// If the tokenizer is of a kind that is not known here, or its parts do not fit.
    pub(in super::super) fn lexicon(&self) -> Result<Option<Lexicon>, LoadError> {
        let list = |name: &str| match self.values.get(&format!("tokenizer.ggml.{name}")) {
            Some(Value::Texts(texts)) => Some(texts.as_slice()),
            _ => None,
        };
        let Some(tokens) = list("tokens") else { return Ok(None) };
        let kind = self.text("tokenizer.ggml.model").unwrap_or_default();
        if kind != BYTE_LEVEL_BPE {
            return Err(LoadError::Unsupported {
                what: format!("a tokenizer of the kind `{kind}`"),
            });
        }
        let pair = |merge: &String| {
            let parts =
                merge.split_once(' ').map(|(one, other)| (one.to_owned(), other.to_owned()));
            parts.ok_or_else(|| bad(format!("`{}` is no merge of two", merge.escape_debug())))
        };
        let merges = list("merges").unwrap_or_default().iter().map(pair);
        let uses: Vec<Use> = match self.values.get("tokenizer.ggml.token_type") {
            Some(Value::Ints(kinds)) => kinds.iter().map(|kind| use_of(*kind)).collect(),
            _ => vec![Use::Word; tokens.len()],
        };
        if uses.len() != tokens.len() {
            return Err(bad(format!("{} tokens have {} types", tokens.len(), uses.len())));
        }
        let template = TEMPLATES.iter().find_map(|key| self.text(key)).map(str::to_owned);
        let mark = |(name, key): &(&str, &str)| {
            let text = tokens.get(self.token(key)? as usize)?;
            Some(((*name).to_owned(), text.clone()))
        };
        Ok(Some(Lexicon {
            tokens: tokens.to_vec(),
            uses,
            merges: merges.collect::<Result<_, _>>()?,
            cut: self.cut()?,
            template,
            marks: MARKS.iter().filter_map(mark).collect(),
        }))
    }

    /// Where the file does not say how texts are cut, as its family does.
    fn cut(&self) -> Result<Cut, LoadError> {
        match self.text("tokenizer.ggml.pre").unwrap_or("default") {
            "llama-bpe" | "llama3" | "llama-v3" => Ok(Cut::Llama3),
            "qwen2" | "deepseek-r1-qwen" => Ok(Cut::Qwen2),
            "default" => {
                let name = self.text("general.architecture").unwrap_or_default();
                let llama = Architecture::from_gguf(name) == Some(Architecture::Llama);
                Ok(if llama { Cut::Llama3 } else { Cut::Qwen2 })
            }
            other => {
                Err(LoadError::Unsupported { what: format!("a tokenizer that cuts as `{other}`") })
            }
        }
    }
}

/// `token_type`, as llama.cpp numbers them.
fn use_of(kind: i128) -> Use {
    match kind {
        2 | 3 => Use::Control,
        4 => Use::Whole,
        5 => Use::None,
        _ => Use::Word,
    }
}

fn bad(reason: String) -> LoadError {
    LoadError::Lexicon { reason }
}

impl Cut {
    /// A regular expression; each match is a word.
    fn expression(self) -> String {
        let digits = match self {
            Self::Llama3 => r"\p{N}{1,3}",
            Self::Qwen2 => r"\p{N}",
        };
        [
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|",
            digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ]
        .concat()
    }
}

impl Lexicon {
    /// As Hugging Face's tokenizers read it.
    pub(crate) fn tokenizer_json(&self) -> Json {
        let (mut vocabulary, mut added) = (Map::new(), Vec::new());
        for (id, (text, used)) in self.tokens.iter().zip(&self.uses).enumerate() {
            if *used == Use::None {
                continue;
            }
            vocabulary.insert(text.clone(), json!(id));
            if matches!(used, Use::Control | Use::Whole) {
                added.push(json!({
                    "id": id, "content": text, "special": *used == Use::Control,
                    "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
                }));
            }
        }
        let bytes = json!({
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false,
            "use_regex": false,
        });
        let split = json!({
            "type": "Split", "pattern": {"Regex": self.cut.expression()},
            "behavior": "Isolated", "invert": false,
        });
        let normaliser = match self.cut {
            Cut::Llama3 => Json::Null,
            Cut::Qwen2 => json!({"type": "NFC"}),
        };
        json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": normaliser,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, bytes]},
            "post_processor": null,
            "decoder": bytes,
            "model": {
                "type": "BPE", "dropout": null, "unk_token": null,
                "continuing_subword_prefix": null, "end_of_word_suffix": null,
                "fuse_unk": false, "byte_fallback": false,
                "ignore_merges": self.cut == Cut::Llama3,
                "vocab": vocabulary, "merges": self.merges,
            },
        })
    }

    /// The chat template.
    pub(crate) fn template(&self) -> Option<&str> {
        self.template.as_deref()
    }

    /// What templates call `bos_token` and the like.
    pub(crate) fn marks(&self) -> &BTreeMap<String, String> {
        &self.marks
    }

    /// The number of a token.
    pub(crate) fn token(&self, text: &str) -> Option<u32> {
        let at = self.tokens.iter().position(|token| token == text)?;
        u32::try_from(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde::Deserialize;
    use tokenizers::Tokenizer;

    use super::*;

    #[derive(Deserialize)]
    struct Row {
        text: String,
        ids: Vec<u32>,
    }

    fn header(family: &str) -> Header {
        let path: PathBuf =
            [env!("CARGO_MANIFEST_DIR"), "parity", "lexicon", family].iter().collect();
        Header::parse(&std::fs::read(path.with_extension("gguf")).unwrap()).unwrap()
    }

    #[test]
    fn awkward_texts_are_cut_as_by_the_reference() {
        let golden: BTreeMap<String, Vec<Row>> =
            serde_json::from_str(include_str!("../../../parity/lexicon/golden.json")).unwrap();
        assert_eq!(golden.len(), 2);
        for (family, rows) in golden {
            let lexicon = header(&family).lexicon().unwrap().unwrap();
            let json = lexicon.tokenizer_json().to_string();
            let tokenizer = Tokenizer::from_bytes(json).unwrap();
            assert!(rows.len() > 80);
            for Row { text, ids } in rows {
                let ours = tokenizer.encode(text.as_str(), false).unwrap();
                assert_eq!(ours.get_ids(), ids, "{family}: {text:?}");
                let whole =
                    !text.contains(['\u{308}', '\u{301}', '\u{300}', '\u{1100}', '\u{212b}']);
                if family == "llama" || whole {
                    assert_eq!(tokenizer.decode(&ids, false).unwrap(), text, "{family}");
                }
            }
        }
    }

    #[test]
    fn marks_and_template_come_with_the_words() {
        let lexicon = header("qwen").lexicon().unwrap().unwrap();
        assert_eq!(lexicon.marks()["eos_token"], "<|im_end|>");
        assert!(lexicon.template().unwrap().contains("<|im_start|>"));
        assert_eq!(
            header("qwen").config(None).unwrap().text.ends,
            [lexicon.token("<|im_end|>").unwrap()]
        );
        let words = lexicon.tokenizer_json()["model"]["vocab"].as_object().unwrap().len();
        assert_eq!(words + 5, lexicon.tokens.len(), "what fills the table up is no word");
    }

    #[test]
    fn tokenizers_of_other_kinds_are_refused_by_name() {
        let check = |key: &str, value: Value, expected: &str| {
            let mut header = header("llama");
            header.values.insert(format!("tokenizer.ggml.{key}"), value);
            assert_eq!(header.lexicon().unwrap_err().to_string(), expected);
        };
        let text = |text: &str| Value::Text(text.to_owned());
        check("model", text("llama"), "a tokenizer of the kind `llama` is not supported");
        check("pre", text("tekken"), "a tokenizer that cuts as `tekken` is not supported");
        let unusable = "the tokenizer in the GGUF file cannot be used: ";
        let merges = Value::Texts(vec!["ab".to_owned()]);
        check("merges", merges, &format!("{unusable}`ab` is no merge of two"));
        let types = Value::Ints(vec![1, 2]);
        check("token_type", types, &format!("{unusable}653 tokens have 2 types"));
        let mut without = header("llama");
        without.values.remove("tokenizer.ggml.tokens");
        assert!(without.lexicon().unwrap().is_none());
    }
}
