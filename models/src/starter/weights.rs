//! The weights in the program: checked against their pinned digest, then read as f32.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::{LayerNorm, Linear};
use sha2::{Digest, Sha256};

use crate::error::ModelError;
use crate::hex::hex;

const LAYER_NORM_EPS: f64 = 1e-5;

/// A weights file that was compiled in.
pub(crate) struct WeightsFile {
    pub(crate) model: &'static str,
    pub(crate) bytes: &'static [u8],
    pub(crate) sha256: &'static str,
}

pub(crate) const READER: WeightsFile = WeightsFile {
    model: "reader",
    bytes: include_bytes!("../../starter/weights/reader.safetensors"),
    sha256: "5379bc1409b76630e64041866e056af51ce58640c044f5f5636f9da3188b95f3",
};

pub(crate) const WIDE: WeightsFile = WeightsFile {
    model: "wide",
    bytes: include_bytes!("../../starter/weights/wide.safetensors"),
    sha256: "d4d0def1f2dd6024cc93addde5eb5d8d232899d0c3c21f38d8f9daeadbdc0999",
};

pub(crate) const MATCHER: WeightsFile = WeightsFile {
    model: "matcher",
    bytes: include_bytes!("../../starter/weights/matcher.safetensors"),
    sha256: "30c44cdc06b713b0cbbe552261ebf75f13826c0aadcff2c28f50c57abdf81f22",
};

pub(crate) const DETECTOR: WeightsFile = WeightsFile {
    model: "detector",
    bytes: include_bytes!("../../starter/weights/detector.safetensors"),
    sha256: "f62ac1031e4e86c7a0d7233c03f4fe3e024a1ee646190aed316f88459e3fff4f",
};

pub(crate) const RECOGNISER: WeightsFile = WeightsFile {
    model: "recogniser",
    bytes: include_bytes!("../../starter/weights/recogniser.safetensors"),
    sha256: "2c50c9ae666e769d6be88a7c3f40a39ea022317604d9f2690cdb2b6152816f60",
};

/// The tensors of one model by name, all f32.
#[derive(Debug)]
pub(crate) struct Weights {
    model: &'static str,
    tensors: HashMap<String, Tensor>,
}

impl Weights {
    pub(crate) fn load(file: &WeightsFile) -> Result<Self, ModelError> {
        let found = hex(&Sha256::digest(file.bytes));
        if found != file.sha256 {
            let expected = file.sha256.to_owned();
            return Err(ModelError::WrongDigest { model: file.model, expected, found });
        }
        Self::read(file.model, file.bytes)
    }

    /// Of a file that somebody else answers for.
    pub(crate) fn read(model: &'static str, bytes: &[u8]) -> Result<Self, ModelError> {
        let failed = |source| ModelError::Compute { model, source };
        let stored = candle_core::safetensors::load_buffer(bytes, &Device::Cpu);
        let mut tensors = HashMap::new();
        for (name, tensor) in stored.map_err(failed)? {
            tensors.insert(name, tensor.to_dtype(DType::F32).map_err(failed)?);
        }
        Ok(Self { model, tensors })
    }

    /// Every tensor with its elements in another order: the same numbers, nothing learned.
    pub(crate) fn shuffled(mut self, seed: u64) -> Result<Self, ModelError> {
        let mut names: Vec<String> = self.tensors.keys().cloned().collect();
        names.sort();
        let mut random = SplitMix(seed);
        for name in names {
            let tensor = self.tensors.get_mut(&name).expect("the name came from the map");
            *tensor = shuffle(tensor, &mut random)
                .map_err(|source| ModelError::Compute { model: self.model, source })?;
        }
        Ok(self)
    }

    pub(crate) fn model(&self) -> &'static str {
        self.model
    }

    pub(crate) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Tensor, ModelError> {
        let found = self.tensors.get(name).filter(|tensor| tensor.dims() == shape);
        found.cloned().ok_or_else(|| ModelError::MissingTensor {
            model: self.model,
            tensor: name.to_owned(),
            shape: shape.to_vec(),
        })
    }

    pub(crate) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let flat = self.tensor(name, shape)?.flatten_all().and_then(|t| t.to_vec1());
        flat.map_err(|source| ModelError::Compute { model: self.model, source })
    }

    pub(crate) fn linear(&self, name: &str, from: usize, to: usize) -> Result<Linear, ModelError> {
        let weight = self.tensor(&format!("{name}.weight"), &[to, from])?;
        Ok(Linear::new(weight, Some(self.tensor(&format!("{name}.bias"), &[to])?)))
    }

    pub(crate) fn layer_norm(&self, name: &str, width: usize) -> Result<LayerNorm, ModelError> {
        let weight = self.tensor(&format!("{name}.weight"), &[width])?;
        let bias = self.tensor(&format!("{name}.bias"), &[width])?;
        Ok(LayerNorm::new(weight, bias, LAYER_NORM_EPS))
    }
}

/// Steele, Lea and Flood's SplitMix64: small, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

fn shuffle(tensor: &Tensor, random: &mut SplitMix) -> candle_core::Result<Tensor> {
    let mut values: Vec<f32> = tensor.flatten_all()?.to_vec1()?;
    for last in (1..values.len()).rev() {
        values.swap(last, (random.next() % (last as u64 + 1)) as usize);
    }
    Tensor::from_vec(values, tensor.shape(), &Device::Cpu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_are_refused() {
        let forged = WeightsFile { bytes: b"not the weights", ..READER };
        let error = Weights::load(&forged).unwrap_err();
        assert!(matches!(error, ModelError::WrongDigest { model: "reader", .. }), "{error}");
    }

    #[test]
    fn a_missing_tensor_is_named() {
        let weights = Weights::load(&MATCHER).unwrap();
        let error = weights.tensor("table", &[1]).unwrap_err();
        assert_eq!(error.to_string(), "`matcher` has no tensor `table` of shape [1]");
    }

    #[test]
    fn shuffling_keeps_the_numbers_and_moves_them() {
        let plain = Weights::load(&MATCHER).unwrap().values("pool.weight", &[96, 96]).unwrap();
        let mixed = Weights::load(&MATCHER).unwrap().shuffled(1).unwrap();
        let mut mixed = mixed.values("pool.weight", &[96, 96]).unwrap();
        assert_ne!(plain, mixed);
        let mut sorted = plain;
        sorted.sort_by(f32::total_cmp);
        mixed.sort_by(f32::total_cmp);
        assert_eq!(sorted, mixed);
    }
}
