//! Damaged files: each damage is named, none makes a panic.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use proptest::prelude::*;

use super::{Checkpoint, LoadError};

fn source(family: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "parity", family].iter().collect()
}

/// A copy of a checkpoint that may be damaged.
fn copy(family: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(source(family)).unwrap() {
        let from = entry.unwrap().path();
        fs::copy(&from, folder.path().join(from.file_name().unwrap())).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<(), LoadError> {
    Checkpoint::open(folder)?.load(&Device::Cpu).map(drop)
}

/// Replaces a tensor in a copy of `qwen2`.
fn with_tensor(name: &str, change: impl Fn(&Tensor) -> Option<Tensor>) -> Result<(), LoadError> {
    let folder = copy("qwen2");
    let path = folder.path().join("model.safetensors");
    let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
    match change(&tensors[name]) {
        Some(tensor) => tensors.insert(name.to_owned(), tensor),
        None => tensors.remove(name),
    };
    candle_core::safetensors::save(&tensors, &path).unwrap();
    load(folder.path())
}

#[test]
fn a_damaged_tensor_is_named() {
    let name = "model.layers.1.mlp.down_proj.weight";
    let check = |change: &dyn Fn(&Tensor) -> Option<Tensor>, expected: &str| {
        assert_eq!(with_tensor(name, change).unwrap_err().to_string(), expected);
    };
    assert!(with_tensor(name, |tensor| Some(tensor.clone())).is_ok());
    assert!(with_tensor(name, |tensor| tensor.to_dtype(DType::BF16).ok()).is_ok());
    check(&|_| None, &format!("the weights lack the tensor `{name}`"));
    check(
        &|tensor| tensor.t().unwrap().contiguous().ok(),
        &format!(
            "the tensor `{name}` has the shape [64, 32], where the configuration says [32, 64]"
        ),
    );
    check(
        &|tensor| tensor.to_dtype(DType::I64).ok(),
        &format!("the tensor `{name}` is of type I64, which cannot be used there"),
    );
    for number in [f64::NAN, f64::INFINITY] {
        let bad = |tensor: &Tensor| {
            let one = Tensor::full(number as f32, (1, 64), &Device::Cpu).unwrap();
            Tensor::cat(&[&tensor.narrow(0, 0, 31).unwrap(), &one], 0).ok()
        };
        check(&bad, &format!("the tensor `{name}` holds a number that is none (NaN or infinite)"));
    }
}

#[test]
fn a_damaged_scale_of_a_block_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    let mut bytes = fs::read(source("gguf").join("qwen3-Q4_K_M.gguf")).unwrap();
    let header = super::gguf::Header::parse(&bytes).unwrap();
    let place = header.tensors.iter().find(|place| place.name == "blk.0.ffn_up.weight").unwrap();
    bytes[place.start..place.start + 2].copy_from_slice(&[0xff, 0x7f]);
    fs::write(&path, &bytes).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("blk.0.ffn_up.weight") && error.contains("NaN"), "{error}");
}

#[test]
fn a_damaged_folder_is_named() {
    let check = |damage: &dyn Fn(&Path), expected: &str| {
        let folder = copy("llama");
        damage(folder.path());
        let error = load(folder.path()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    let shard = "model-00002-of-00005.safetensors";
    let index = "model.safetensors.index.json";
    check(&|at| fs::remove_file(at.join(shard)).unwrap(), "cannot read");
    check(&|at| fs::write(at.join(shard), [0; 5]).unwrap(), "is not a sound safetensors file");
    check(&|at| fs::write(at.join(shard), []).unwrap(), "is not a sound safetensors file");
    check(&|at| fs::remove_file(at.join("config.json")).unwrap(), "has neither `config.json`");
    check(&|at| fs::write(at.join("config.json"), "{}").unwrap(), "no family is called ``");
    check(&|at| fs::write(at.join(index), r#"{"weight_map":{}}"#).unwrap(), "it names 0 files");
    let outside = r#"{"weight_map":{"a":"../llama/model-00001-of-00005.safetensors"}}"#;
    check(
        &|at| fs::write(at.join(index), outside).unwrap(),
        "which is no safetensors file beside it",
    );
    let cut = |at: &Path| {
        let bytes = fs::read(at.join(shard)).unwrap();
        fs::write(at.join(shard), &bytes[..bytes.len() - 1]).unwrap();
    };
    check(&cut, "is not a sound safetensors file");
    let missing = load(Path::new("/nowhere/at/all")).unwrap_err().to_string();
    assert!(missing.contains("has neither"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_of_a_safetensors_header_makes_a_panic(
        changes in proptest::collection::vec((0usize..2300, any::<u8>()), 1..5)
    ) {
        let folder = copy("qwen2");
        let path = folder.path().join("model.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        fs::write(&path, bytes).unwrap();
        let _ = load(folder.path());
    }
}
