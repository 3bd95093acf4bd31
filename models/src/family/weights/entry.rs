//! One tensor in a file: how it is stored, and what it says in f32.

use std::ops::Range;
use std::path::Path;

use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use candle_core::{DType, Device};
use half::{bf16, f16};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

use super::super::error::LoadError;
use super::super::gguf::TensorPlace;

#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Entry {
    pub(super) file: usize,
    pub(in super::super) kind: Kind,
    pub(in super::super) shape: Vec<usize>,
    pub(super) range: Range<usize>,
}

/// How the numbers of a tensor are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Plain(DType),
    Blocks(GgmlDType),
    /// Whole numbers, or floats that no weights are kept in.
    Foreign(Dtype),
}

impl Entry {
    pub(super) fn of_gguf(place: &TensorPlace) -> Self {
        let kind = match place.dtype {
            GgmlDType::F32 => Kind::Plain(DType::F32),
            GgmlDType::F16 => Kind::Plain(DType::F16),
            GgmlDType::BF16 => Kind::Plain(DType::BF16),
            blocks => Kind::Blocks(blocks),
        };
        let range = place.start..place.start + place.len;
        Self { file: 0, kind, shape: place.shape.clone(), range }
    }

    pub(in super::super) fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    pub(in super::super) fn bytes(&self) -> usize {
        self.range.len()
    }
}

/// The tensors of a safetensors file. Ones of other types (masks, counters) matter only if someone
/// asks for them.
pub(super) fn of_safetensors(
    path: &Path,
    bytes: &[u8],
    file: usize,
) -> Result<Vec<(String, Entry)>, LoadError> {
    let bad = |reason: String| LoadError::BadFile {
        path: path.to_owned(),
        format: "safetensors",
        reason,
    };
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| bad(error.to_string()))?;
    let mut entries = Vec::new();
    for (name, view) in tensors.tensors() {
        let kind = match view.dtype() {
            Dtype::F32 => Kind::Plain(DType::F32),
            Dtype::F16 => Kind::Plain(DType::F16),
            Dtype::BF16 => Kind::Plain(DType::BF16),
            other => Kind::Foreign(other),
        };
        // The view lies in the mapped bytes: its place is the distance between the two.
        let start = view.data().as_ptr() as usize - bytes.as_ptr() as usize;
        let range = start..start + view.data().len();
        let shape = view.shape().to_vec();
        entries.push((name, Entry { file, kind, shape, range }));
    }
    Ok(entries)
}

impl Kind {
    /// All numbers as f32.
    pub(super) fn floats(self, name: &str, bytes: &[u8]) -> Result<Vec<f32>, LoadError> {
        let values: Vec<f32> = match self {
            Self::Plain(DType::F32) => numbers(bytes, f32::from_le_bytes),
            Self::Plain(DType::F16) => numbers(bytes, |two| f16::from_le_bytes(two).to_f32()),
            Self::Plain(DType::BF16) => numbers(bytes, |two| bf16::from_le_bytes(two).to_f32()),
            Self::Plain(other) => return Err(wrong_type(name, &other)),
            Self::Foreign(other) => return Err(wrong_type(name, &other)),
            Self::Blocks(blocks) => {
                let elements = bytes.len() / blocks.type_size() * blocks.block_size();
                let storage = QStorage::from_data(bytes.into(), &Device::Cpu, blocks)?;
                let tensor = QTensor::new(storage, elements)?;
                tensor.dequantize(&Device::Cpu)?.to_vec1()?
            }
        };
        let sound = values.iter().all(|value| value.is_finite());
        if sound { Ok(values) } else { Err(LoadError::NotFinite { tensor: name.to_owned() }) }
    }
}

fn wrong_type(name: &str, found: &impl std::fmt::Debug) -> LoadError {
    LoadError::WrongType { tensor: name.to_owned(), found: format!("{found:?}") }
}

fn numbers<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (whole, _) = bytes.as_chunks::<N>();
    whole.iter().map(|number| read(*number)).collect()
}

/// Whether the scales of all blocks are numbers. Dequantising a whole model to find out would take
/// longer than loading it; a block's small integers cannot be wrong in this way.
pub(super) fn scales_are_finite(blocks: GgmlDType, bytes: &[u8]) -> bool {
    let scales: &[usize] = match blocks {
        GgmlDType::Q4_0 | GgmlDType::Q5_0 | GgmlDType::Q8_0 => &[0],
        GgmlDType::Q4_1 | GgmlDType::Q5_1 | GgmlDType::Q4K | GgmlDType::Q5K => &[0, 2],
        GgmlDType::Q2K => &[80, 82],
        GgmlDType::Q3K => &[108],
        GgmlDType::Q6K => &[208],
        _ => &[],
    };
    bytes.chunks_exact(blocks.type_size()).all(|block| {
        scales.iter().all(|at| f16::from_le_bytes([block[*at], block[at + 1]]).is_finite())
    })
}
