//! Keys and values of the tokens a decoder has seen, so that none is computed twice.
//!
//! Each layer has room for more tokens than it holds; the room grows when it must, and what is
//! behind a point is forgotten by moving the end, without touching a number.

use candle_core::{DType, Device, Result, Tensor};

use super::config::TextConfig;

/// Room is made for so many tokens at once, as far as there may be so many.
const STEP: usize = 256;

#[derive(Debug)]
pub(crate) struct Cache {
    layers: Vec<Layer>,
    len: usize,
    /// Tokens it will ever hold.
    most: usize,
}

/// (kv heads, room, head dim) each.
#[derive(Debug)]
struct Layer {
    keys: Tensor,
    values: Tensor,
}

impl Cache {
    pub(crate) fn new(config: &TextConfig, most: usize, device: &Device) -> Result<Self> {
        let empty = || Tensor::zeros((config.kv_heads, 0, config.head_dim), DType::F32, device);
        let layer = |_| Ok(Layer { keys: empty()?, values: empty()? });
        Ok(Self { layers: (0..config.layers).map(layer).collect::<Result<_>>()?, len: 0, most })
    }

    /// Tokens held.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets all tokens from `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Writes behind the tokens held; they count once all layers have been given theirs and
    /// [`Self::advance`] is called. Gives all keys and values up to and with the new ones.
    pub(super) fn append(
        &mut self,
        layer: usize,
        keys: &Tensor,
        values: &Tensor,
    ) -> Result<(Tensor, Tensor)> {
        let (held, end, most) = (self.len, self.len + keys.dim(1)?, self.most);
        let layer = &mut self.layers[layer];
        for (room, new) in [(&mut layer.keys, keys), (&mut layer.values, values)] {
            if room.dim(1)? < end {
                *room = grown(room, held, end, most)?;
            }
            room.slice_set(&new.contiguous()?, 1, held)?;
        }
        Ok((layer.keys.narrow(1, 0, end)?, layer.values.narrow(1, 0, end)?))
    }

    pub(super) fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }

    /// Bytes of one token in all layers.
    pub(crate) fn token_bytes(config: &TextConfig) -> u64 {
        2 * 4 * (config.layers * config.kv_heads * config.head_dim) as u64
    }
}

/// The same `held` tokens with room for at least `end`, and for more than `most` only if need be.
fn grown(room: &Tensor, held: usize, end: usize, most: usize) -> Result<Tensor> {
    let (heads, _, dim) = room.dims3()?;
    let room_new = (end + end / 4).next_multiple_of(STEP).min(most.max(end));
    let new = Tensor::zeros((heads, room_new, dim), room.dtype(), room.device())?;
    if held > 0 {
        new.slice_set(&room.narrow(1, 0, held)?.contiguous()?, 1, 0)?;
    }
    Ok(new)
}
