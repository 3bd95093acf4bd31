//! Why a model could not be loaded or could not answer.

use crate::loaded::LoadedError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    #[error(
        "the weights of `{model}` are not the pinned ones (sha256 {found}, expected {expected})"
    )]
    WrongDigest { model: &'static str, expected: String, found: String },
    #[error("`{model}` has no tensor `{tensor}` of shape {shape:?}")]
    MissingTensor { model: &'static str, tensor: String, shape: Vec<usize> },
    #[error("the request has {found} {what}, more than the {limit} that fit")]
    TooLong { what: &'static str, found: usize, limit: usize },
    #[error("`{model}` could not compute")]
    Compute { model: &'static str, source: candle_core::Error },
    /// Of a model that another program computes.
    #[error("the model at {place} could not be asked")]
    Elsewhere { place: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error(transparent)]
    Loaded(#[from] Box<LoadedError>),
}

impl From<LoadedError> for ModelError {
    fn from(error: LoadedError) -> Self {
        Self::Loaded(Box::new(error))
    }
}
