//! A loaded model: weights on a device, without any conversation.

use candle_core::{Device, Result, Tensor};

use super::cache::Cache;
use super::config::Config;
use super::decoder::Decoder;
use super::error::LoadError;
use super::picture::{Grid, Picture};
use super::rope::Position;
use super::tower::{Seen, Tower};
use super::weights::Weights;

#[derive(Debug)]
pub struct Model {
    config: Config,
    decoder: Decoder,
    tower: Option<Tower>,
    device: Device,
}

impl Model {
    pub(super) fn load(
        config: &Config,
        (weights, tower): (&Weights, &Weights),
        device: &Device,
    ) -> std::result::Result<Self, LoadError> {
        let decoder = Decoder::load(&config.text, weights, device)?;
        let tower = config.vision.as_ref().map(|vision| Tower::load(vision, tower, device));
        let tower = tower.transpose()?;
        Ok(Self { config: config.clone(), decoder, tower, device: device.clone() })
    }

    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// One that will hold so many tokens at most.
    pub(crate) fn cache(&self, most: usize) -> Result<Cache> {
        Cache::new(&self.config.text, most, &self.device)
    }

    /// (tokens) → (tokens, hidden).
    pub(crate) fn embed(&self, ids: &[u32]) -> Result<Tensor> {
        self.decoder.embed(ids)
    }

    /// Runs the tower over an image; `None` if the model has none.
    pub(crate) fn see(&self, picture: &Picture) -> Result<Option<Seen>> {
        let shape = (picture.grid.patches(), picture.patch_len());
        let patches = Tensor::from_slice(&picture.patches, shape, &self.device)?;
        self.see_patches(&patches, picture.grid)
    }

    pub(super) fn see_patches(&self, patches: &Tensor, grid: Grid) -> Result<Option<Seen>> {
        self.tower.as_ref().map(|tower| tower.forward(patches, grid)).transpose()
    }

    /// Runs new tokens behind those in the cache and gives their hidden states.
    pub(crate) fn forward(
        &self,
        embedded: &Tensor,
        positions: &[Position],
        deep: &[Tensor],
        cache: &mut Cache,
    ) -> Result<Tensor> {
        self.decoder.forward(embedded, positions, deep, cache)
    }

    /// (tokens, hidden) → (tokens, vocabulary).
    pub(crate) fn logits(&self, hidden: &Tensor) -> Result<Tensor> {
        self.decoder.logits(hidden)
    }
}
