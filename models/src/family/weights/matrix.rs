//! Matrices as linear layers use them: f32, or in the blocks they are stored in.

use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{D, Device, Result, Tensor};

use super::super::error::LoadError;
use super::entry::{Kind, scales_are_finite};

/// (out, in). Blocks stay blocks: what multiplies them reads them as they are.
#[derive(Clone, Debug)]
pub(in super::super) enum Matrix {
    Dense(Tensor),
    Blocks(Arc<QTensor>),
}

impl Matrix {
    pub(super) fn new(
        name: &str,
        kind: Kind,
        bytes: &[u8],
        shape: (usize, usize),
        device: &Device,
    ) -> std::result::Result<Self, LoadError> {
        match kind {
            Kind::Plain(_) | Kind::Foreign(_) => {
                let values = kind.floats(name, bytes)?;
                Ok(Self::Dense(Tensor::from_vec(values, shape, device)?))
            }
            Kind::Blocks(blocks) => {
                check_scales(name, blocks, bytes)?;
                let storage = QStorage::from_data(bytes.into(), device, blocks)?;
                Ok(Self::Blocks(Arc::new(QTensor::new(storage, shape)?)))
            }
        }
    }

    /// x (rows, in) → (rows, out).
    pub(in super::super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Dense(weight) => x.matmul(&weight.t()?),
            Self::Blocks(weight) => x.apply_op1_no_bwd(weight.as_ref()),
        }
    }

    /// Rows by number: an embedding, of which only the rows asked for are decoded.
    pub(in super::super) fn rows(&self, ids: &Tensor) -> Result<Tensor> {
        match self {
            Self::Dense(weight) => weight.index_select(ids, 0),
            Self::Blocks(weight) => weight.embedding(ids),
        }
    }
}

fn check_scales(name: &str, blocks: GgmlDType, bytes: &[u8]) -> std::result::Result<(), LoadError> {
    let sound = scales_are_finite(blocks, bytes);
    if sound { Ok(()) } else { Err(LoadError::NotFinite { tensor: name.to_owned() }) }
}

/// Several matrices over one input, multiplied in as few calls as their types allow: neighbours of
/// one type are one matrix.
#[derive(Clone, Debug)]
pub(in super::super) struct Fused {
    /// Each with the rows of its parts.
    groups: Vec<(Matrix, Vec<usize>)>,
}

impl Fused {
    /// Of parts (name, kind, bytes, rows).
    pub(super) fn new(
        parts: &[(&str, Kind, &[u8], usize)],
        inputs: usize,
        device: &Device,
    ) -> std::result::Result<Self, LoadError> {
        let mut groups = Vec::new();
        for same in parts.chunk_by(|(_, one, _, _), (_, other, _, _)| one == other) {
            let rows: Vec<usize> = same.iter().map(|(_, _, _, rows)| *rows).collect();
            let names = same.iter().map(|(name, _, _, _)| *name).collect::<Vec<_>>().join("+");
            let bytes =
                same.iter().flat_map(|(_, _, bytes, _)| *bytes).copied().collect::<Vec<_>>();
            let shape = (rows.iter().sum(), inputs);
            groups.push((Matrix::new(&names, same[0].1, &bytes, shape, device)?, rows));
        }
        Ok(Self { groups })
    }

    /// x (rows, in) → one (rows, out) for each part, in order.
    pub(in super::super) fn forward(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        let mut parts = Vec::new();
        for (matrix, rows) in &self.groups {
            let whole = matrix.forward(x)?;
            let mut from = 0;
            for rows in rows {
                parts.push(whole.narrow(D::Minus1, from, *rows)?);
                from += rows;
            }
        }
        Ok(parts)
    }
}
