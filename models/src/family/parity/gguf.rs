//! Quantised: logits and tokens against llama.cpp's, on the files of `parity/make_gguf.py`.

use std::path::PathBuf;

use candle_core::{Device, Tensor};

use super::super::{Checkpoint, Model};
use super::golden::{CONTEXT, Golden, furthest};

/// Each file, and how far the logits may be from llama.cpp's, of the largest. Both round what they
/// multiply to eight bits, in blocks of other sizes; in f16 llama.cpp rounds it to sixteen.
const FILES: [(&str, f32); 7] = [
    ("qwen3-F16", 2e-3),
    ("qwen3-Q8_0", 2e-2),
    ("qwen3-Q6_K", 2e-2),
    ("qwen3-Q5_K_M", 2e-2),
    ("qwen3-Q4_K_M", 2e-2),
    ("llama-Q4_K_M", 2e-2),
    ("qwen2-Q4_K_M", 2e-2),
];

fn model(name: &str) -> Model {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "parity", "gguf", &format!("{name}.gguf")].iter().collect();
    Checkpoint::open(&path).unwrap().load(&Device::Cpu).unwrap()
}

fn run(model: &Model, ids: &[u32], cache: &mut super::super::Cache) -> Tensor {
    let positions = (cache.len()..cache.len() + ids.len()).map(|at| [at as u32; 3]);
    let positions = positions.collect::<Vec<_>>();
    let embedded = model.embed(ids).unwrap();
    model.logits(&model.forward(&embedded, &positions, &[], cache).unwrap()).unwrap()
}

#[test]
fn quantised_logits_are_those_of_llama_cpp() {
    let golden = Golden::tensors_of("gguf");
    let ids = golden.ids("ids");
    for (name, tolerance) in FILES {
        let model = model(name);
        let mut cache = model.cache(CONTEXT).unwrap();
        let logits = run(&model, &ids, &mut cache);
        let (at, difference) = furthest(golden.tensor(&format!("{name}.logits")), &logits);
        assert!(difference < tolerance, "{name}: {difference:e} at {at}");
        let mut token = last(&logits);
        let mut made = Vec::new();
        for _ in 0..16 {
            made.push(token);
            token = last(&run(&model, &[token], &mut cache));
        }
        assert_eq!(made, golden.ids(&format!("{name}.greedy")), "{name}");
    }
}

fn last(logits: &Tensor) -> u32 {
    let row = logits.narrow(0, logits.dim(0).unwrap() - 1, 1).unwrap();
    row.argmax(1).unwrap().to_vec1::<u32>().unwrap()[0]
}
