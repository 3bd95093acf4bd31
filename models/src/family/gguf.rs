//! The header of a GGUF file: what it says of its model, and where its tensors lie.
//!
//! Read over the mapped file, with every length bounded before it is believed. candle has a reader
//! too, but it divides by an alignment of zero and multiplies shapes unchecked.
//!
//! Source: `docs/gguf.md` of ggml, versions 2 and 3.

mod cursor;
mod lexicon;
mod projector;

use std::collections::HashMap;

use candle_core::quantized::GgmlDType;

use super::architecture::Architecture;
use super::config::{Bias, Config, TextConfig};
use super::error::LoadError;
use super::rope::{Pairs, RopeConfig, RopeScaling, Sections, Yarn};
use cursor::Cursor;
pub(crate) use lexicon::Lexicon;

pub(super) const MAGIC: &[u8; 4] = b"GGUF";
const TENSORS_MAX: u64 = 1 << 16;
const ENTRIES_MAX: u64 = 1 << 16;
const DIMENSIONS_MAX: u32 = 4;
const ALIGNMENT: u64 = 32;
const ALIGNMENT_MAX: u64 = 1 << 16;
/// Tokens that end an answer: of the text, of a turn, of a turn that calls a tool.
const ENDS: [&str; 3] = ["eos_token_id", "eot_token_id", "eom_token_id"];

/// Something the file says of itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Int(i128),
    Float(f64),
    Bool(bool),
    Text(String),
    Ints(Vec<i128>),
    Floats(Vec<f64>),
    Texts(Vec<String>),
    /// An array of something else, which nobody here asks for: only its length is kept.
    Other(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct TensorPlace {
    pub(super) name: String,
    /// Outermost first, as everywhere else; the file has it the other way round.
    pub(super) shape: Vec<usize>,
    pub(super) dtype: GgmlDType,
    /// From the beginning of the file, in bytes.
    pub(super) start: usize,
    pub(super) len: usize,
}

#[derive(Debug)]
pub(super) struct Header {
    pub(super) values: HashMap<String, Value>,
    pub(super) tensors: Vec<TensorPlace>,
}

impl Header {
    /// # Errors
    ///
    /// In words, if the bytes are no GGUF file, or an unsound one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut cursor = Cursor::new(bytes);
        if cursor.take(4)? != MAGIC {
            return Err("it does not begin with `GGUF`".to_owned());
        }
        let version = cursor.u32()?;
        if !(2..=3).contains(&version) {
            return Err(format!("version {version} is not 2 or 3"));
        }
        let tensors = cursor.count("tensors", TENSORS_MAX)?;
        let entries = cursor.count("entries", ENTRIES_MAX)?;
        let mut values = HashMap::new();
        for _ in 0..entries {
            let key = cursor.text()?;
            let value = cursor.value(&key)?;
            values.insert(key, value);
        }
        let alignment = match values.get("general.alignment") {
            None => ALIGNMENT,
            Some(Value::Int(value)) => u64::try_from(*value).unwrap_or(0),
            Some(_) => 0,
        };
        if !alignment.is_power_of_two() || !(8..=ALIGNMENT_MAX).contains(&alignment) {
            return Err("its alignment is no power of two that could be".to_owned());
        }
        let places = (0..tensors).map(|_| place(&mut cursor)).collect::<Result<Vec<_>, _>>()?;
        let base = (cursor.at() as u64).next_multiple_of(alignment);
        let tensors = places
            .into_iter()
            .map(|place| place.within(base, alignment, bytes.len()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self { values, tensors })
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self, key: &str) -> Option<f64> {
        match self.values.get(key)? {
            Value::Float(value) => Some(*value),
            Value::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    fn size(&self, key: &str) -> Option<usize> {
        match self.values.get(key)? {
            Value::Int(value) => usize::try_from(*value).ok(),
            // Some writers give one number per layer.
            Value::Ints(values) => {
                let first = *values.first()?;
                values.iter().all(|value| *value == first).then(|| usize::try_from(first).ok())?
            }
            _ => None,
        }
    }

    /// A token that `tokenizer.ggml` names.
    fn token(&self, name: &str) -> Option<u32> {
        u32::try_from(self.size(&format!("tokenizer.ggml.{name}"))?).ok()
    }

    /// The configuration of the decoder. `factors` are those of the tensor `rope_freqs`.
    pub(super) fn config(&self, factors: Option<Vec<f32>>) -> Result<Config, LoadError> {
        let name = self.text("general.architecture").unwrap_or_default();
        let architecture = Architecture::from_gguf(name).ok_or_else(|| {
            let nearest = Architecture::nearest(name);
            LoadError::UnknownArchitecture { name: name.to_owned(), nearest }
        })?;
        let key = |end: &str| format!("{name}.{end}");
        let need =
            |end: &str, field| self.size(&key(end)).ok_or(LoadError::MissingConfig { field });
        let hidden = need("embedding_length", "embedding_length")?;
        let heads = need("attention.head_count", "attention.head_count")?;
        let embedding = self.tensors.iter().find(|place| place.name == "token_embd.weight");
        let vocabulary = embedding.and_then(|place| place.shape.first().copied());
        let missing = || LoadError::MissingTensor { tensor: "token_embd.weight".to_owned() };
        let epsilon = self.number(&key("attention.layer_norm_rms_epsilon"));
        let text = TextConfig {
            vocabulary: vocabulary.ok_or_else(missing)?,
            hidden,
            intermediate: need("feed_forward_length", "feed_forward_length")?,
            layers: need("block_count", "block_count")?,
            heads,
            kv_heads: self.size(&key("attention.head_count_kv")).unwrap_or(heads),
            head_dim: self
                .size(&key("attention.key_length"))
                .unwrap_or(hidden.checked_div(heads).unwrap_or(0)),
            context: need("context_length", "context_length")?,
            norm_eps: epsilon.unwrap_or(1e-6),
            rope: self.rope(name, architecture, factors)?,
            tied: !self.tensors.iter().any(|place| place.name == "output.weight"),
            bias: if architecture.biased() { Bias::QueryKeyValue } else { Bias::None },
            norms_heads: architecture.norms_heads(),
            ends: ENDS.iter().filter_map(|key| self.token(key)).collect(),
        };
        let config = Config { architecture, text, vision: None };
        config.check()?;
        Ok(config)
    }

    fn rope(
        &self,
        name: &str,
        architecture: Architecture,
        factors: Option<Vec<f32>>,
    ) -> Result<RopeConfig, LoadError> {
        let key = |end: &str| format!("{name}.rope.{end}");
        let need =
            |end: &str, field| self.number(&key(end)).ok_or(LoadError::MissingConfig { field });
        let theta = self.number(&key("freq_base")).unwrap_or(10_000.0);
        let scaling = match (factors, self.text(&key("scaling.type"))) {
            (Some(factors), _) => RopeScaling::Divided(factors),
            (None, None | Some("none")) => RopeScaling::None,
            (None, Some("linear")) => {
                RopeScaling::Linear { factor: need("scaling.factor", "rope.scaling.factor")? }
            }
            (None, Some("yarn")) => RopeScaling::Yarn(Yarn {
                factor: need("scaling.factor", "rope.scaling.factor")?,
                original: need("scaling.original_context_length", "rope.scaling.original_context")?,
                beta_fast: 32.0,
                beta_slow: 1.0,
                attention: None,
            }),
            (None, Some(other)) => {
                return Err(LoadError::Unsupported {
                    what: format!("positions scaled by `{other}`"),
                });
            }
        };
        let sections = match self.values.get(&key("dimension_sections")) {
            Some(Value::Ints(sizes)) if architecture.sees() && sizes.len() >= 3 => {
                let size = |at: usize| usize::try_from(sizes[at]).unwrap_or(0);
                let interleaved = architecture == Architecture::Qwen3Vl;
                Some(Sections { sizes: [size(0), size(1), size(2)], interleaved })
            }
            _ => None,
        };
        let llama = architecture == Architecture::Llama;
        let pairs = if llama { Pairs::Neighbours } else { Pairs::Halves };
        Ok(RopeConfig { theta, scaling, sections, pairs })
    }
}

fn place(cursor: &mut Cursor<'_>) -> Result<TensorPlace, String> {
    let name = cursor.text()?;
    let dimensions = cursor.u32()?;
    if dimensions == 0 || dimensions > DIMENSIONS_MAX {
        return Err(format!("the tensor `{name}` has {dimensions} dimensions"));
    }
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        let size = usize::try_from(cursor.u64()?).map_err(|_| format!("`{name}` is too large"))?;
        shape.push(size);
    }
    shape.reverse();
    let dtype = dtype(cursor.u32()?).ok_or_else(|| format!("`{name}` is of an unknown type"))?;
    let elements = shape.iter().try_fold(1usize, |all, size| all.checked_mul(*size));
    let whole = *shape.last().expect("a shape has a size") % dtype.block_size() == 0;
    let len = elements
        .filter(|_| whole)
        .and_then(|elements| (elements / dtype.block_size()).checked_mul(dtype.type_size()))
        .ok_or_else(|| format!("the shape {shape:?} of `{name}` cannot be"))?;
    let start = usize::try_from(cursor.u64()?).map_err(|_| format!("`{name}` lies too far"))?;
    Ok(TensorPlace { name, shape, dtype, start, len })
}

impl TensorPlace {
    /// Moves the start from the tensors' part to the file, if all of it lies inside.
    fn within(mut self, base: u64, alignment: u64, file: usize) -> Result<Self, String> {
        let start = base.checked_add(self.start as u64).filter(|start| start % alignment == 0);
        let start = start.and_then(|start| usize::try_from(start).ok());
        let end = start.and_then(|start| start.checked_add(self.len));
        match (start, end) {
            (Some(start), Some(end)) if end <= file => {
                self.start = start;
                Ok(self)
            }
            _ => Err(format!("the tensor `{}` is not wholly in the file", self.name)),
        }
    }
}

fn dtype(code: u32) -> Option<GgmlDType> {
    Some(match code {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
