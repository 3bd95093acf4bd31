//! A checkpoint and what the reference gave.

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};

use super::super::{Checkpoint, Model};

/// Greatest difference, relative to the largest number of its row or tensor.
const TOLERANCE: f32 = 1e-4;

/// As much as any of them reads.
pub(super) const CONTEXT: usize = 512;

pub(super) struct Golden {
    pub(super) model: Model,
    tensors: Tensors,
}

pub(super) struct Tensors {
    tensors: HashMap<String, Tensor>,
    family: &'static str,
}

impl std::ops::Deref for Golden {
    type Target = Tensors;

    fn deref(&self) -> &Tensors {
        &self.tensors
    }
}

pub(super) fn folder(family: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "parity", family].iter().collect()
}

impl Golden {
    pub(super) fn of(family: &'static str) -> Self {
        let model = Checkpoint::open(&folder(family)).unwrap().load(&Device::Cpu).unwrap();
        Self { model, tensors: Self::tensors_of(family) }
    }

    pub(super) fn tensors_of(family: &'static str) -> Tensors {
        let path = folder(family).join("golden.safetensors");
        Tensors { tensors: candle_core::safetensors::load(path, &Device::Cpu).unwrap(), family }
    }
}

impl Tensors {
    pub(super) fn tensor(&self, name: &str) -> &Tensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("{}: no golden {name}", self.family))
    }

    pub(super) fn ids(&self, name: &str) -> Vec<u32> {
        self.tensor(name).to_dtype(DType::U32).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[track_caller]
    pub(super) fn check(&self, name: &str, ours: &Tensor) {
        let golden = self.tensor(name);
        assert_eq!(golden.dims(), ours.dims(), "{}: shape of {name}", self.family);
        let (at, difference) = furthest(golden, ours);
        assert!(
            difference <= TOLERANCE,
            "{}: {name} differs by {difference:e} of its largest, at {at}",
            self.family
        );
    }
}

/// Where two tensors differ most, and by how much of the largest number.
pub(super) fn furthest(golden: &Tensor, ours: &Tensor) -> (usize, f32) {
    let numbers = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let (golden, ours) = (numbers(golden), numbers(ours));
    let largest = golden.iter().fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()));
    let differences = golden.iter().zip(&ours).map(|(one, other)| (one - other).abs() / largest);
    let finite = |difference: f32| if difference.is_nan() { f32::INFINITY } else { difference };
    differences.map(finite).enumerate().max_by(|one, other| one.1.total_cmp(&other.1)).unwrap()
}
