//! Why a model could not be loaded, or could not go on.

use std::path::PathBuf;

/// What is wrong with the files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} has neither `config.json` with safetensors nor a GGUF file", path.display())]
    NoModel { path: PathBuf },
    #[error("the configuration is not the JSON expected")]
    Json { source: serde_json::Error },
    #[error("the configuration lacks `{field}`")]
    MissingConfig { field: &'static str },
    #[error("the configuration's `{field}` cannot be {found}")]
    BadConfig { field: &'static str, found: f64 },
    #[error("no family is called `{name}`; the nearest is `{nearest}`")]
    UnknownArchitecture { name: String, nearest: &'static str },
    #[error("{what} is not supported")]
    Unsupported { what: String },
    #[error("{} is not a sound {format} file: {reason}", path.display())]
    BadFile { path: PathBuf, format: &'static str, reason: String },
    #[error("the weights lack the tensor `{tensor}`")]
    MissingTensor { tensor: String },
    #[error(
        "the tensor `{tensor}` has the shape {found:?}, where the configuration says {expected:?}"
    )]
    WrongShape { tensor: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("the tensor `{tensor}` is of type {found}, which cannot be used there")]
    WrongType { tensor: String, found: String },
    #[error("the tensor `{tensor}` holds a number that is none (NaN or infinite)")]
    NotFinite { tensor: String },
    #[error("the tokenizer in the GGUF file cannot be used: {reason}")]
    Lexicon { reason: String },
    #[error("{needed_mb} MB are needed where {available_mb} MB are available")]
    TooLarge { needed_mb: u64, available_mb: u64 },
    #[error("the device `{device}` cannot be used")]
    Device { device: String, source: candle_core::Error },
    #[error("loading the weights failed in computing")]
    Compute { source: candle_core::Error },
}

impl From<candle_core::Error> for LoadError {
    fn from(source: candle_core::Error) -> Self {
        Self::Compute { source }
    }
}

/// What is wrong with an image.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    #[error("an image of {width}×{height} pixels has nothing to see")]
    Empty { width: u32, height: u32 },
    #[error("an image of {width}×{height} pixels is more than the {limit} pixels that are taken")]
    TooLarge { width: u32, height: u32, limit: u64 },
    #[error(
        "an image of {width}×{height} pixels is too narrow: one side is over {limit} times the other"
    )]
    TooNarrow { width: u32, height: u32, limit: u32 },
    #[error("no size between {min_pixels} and {max_pixels} pixels is a multiple of {factor}")]
    NoSize { min_pixels: usize, max_pixels: usize, factor: usize },
}
