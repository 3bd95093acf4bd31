//! GGUF files of random weights in the shapes of Qwen3.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use candle_core::Device;
use candle_core::quantized::gguf_file::{Value, write};
use candle_core::quantized::{GgmlDType, QStorage, QTensor};

/// The same in both.
const VOCABULARY: usize = 151_936;
const LAYERS: usize = 28;
const HEADS: usize = 16;
const KV_HEADS: usize = 8;
const HEAD: usize = 128;

/// How large the model is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    hidden: usize,
    wide: usize,
}

pub(crate) const SHAPES: [Shape; 2] = [
    Shape { name: "0.6B", hidden: 1024, wide: 3072 },
    Shape { name: "1.7B", hidden: 2048, wide: 6144 },
];

/// Which types the matrices have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mixture {
    Q4KM,
    Q8_0,
}

impl Mixture {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Q4KM => "Q4_K_M",
            Self::Q8_0 => "Q8_0",
        }
    }

    /// As llama.cpp mixes them: what the results depend on most is kept more finely.
    fn dtype(self, part: &str, layer: usize) -> GgmlDType {
        let middle = LAYERS / 8..7 * LAYERS / 8;
        let fine = !middle.contains(&layer) || layer % 3 == 2;
        match (self, part) {
            (Self::Q8_0, _) => GgmlDType::Q8_0,
            (_, "token_embd") => GgmlDType::Q6K,
            (_, "attn_v" | "ffn_down") if fine => GgmlDType::Q6K,
            _ => GgmlDType::Q4K,
        }
    }
}

/// Makes the file if it is not there.
pub(crate) fn make(path: &Path, shape: Shape, mixture: Mixture) {
    let Shape { hidden, wide, .. } = shape;
    if path.is_file() {
        return;
    }
    let mut random = 88_172_645_463_325_252u64;
    let mut tensors = Vec::new();
    let table = mixture.dtype("token_embd", 0);
    tensors
        .push(("token_embd.weight".to_owned(), blocks(table, (VOCABULARY, hidden), &mut random)));
    tensors.push(("output_norm.weight".to_owned(), ones(hidden)));
    for layer in 0..LAYERS {
        for (part, shape) in [
            ("attn_q", (HEADS * HEAD, hidden)),
            ("attn_k", (KV_HEADS * HEAD, hidden)),
            ("attn_v", (KV_HEADS * HEAD, hidden)),
            ("attn_output", (hidden, HEADS * HEAD)),
            ("ffn_gate", (wide, hidden)),
            ("ffn_up", (wide, hidden)),
            ("ffn_down", (hidden, wide)),
        ] {
            let matrix = blocks(mixture.dtype(part, layer), shape, &mut random);
            tensors.push((format!("blk.{layer}.{part}.weight"), matrix));
        }
        for (part, len) in [
            ("attn_norm", hidden),
            ("ffn_norm", hidden),
            ("attn_q_norm", HEAD),
            ("attn_k_norm", HEAD),
        ] {
            tensors.push((format!("blk.{layer}.{part}.weight"), ones(len)));
        }
    }
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
    let values = values(shape);
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value)).collect();
    let part = path.with_extension("part");
    let mut file = BufWriter::new(File::create(&part).expect("the target folder can be written"));
    write(&mut file, &values, &tensors).expect("the disk has room");
    std::fs::rename(part, path).expect("it was just written");
}

fn values(shape: Shape) -> Vec<(&'static str, Value)> {
    let number = |value: usize| Value::U32(value as u32);
    vec![
        ("general.architecture", Value::String("qwen3".to_owned())),
        ("qwen3.context_length", number(40_960)),
        ("qwen3.embedding_length", number(shape.hidden)),
        ("qwen3.block_count", number(LAYERS)),
        ("qwen3.feed_forward_length", number(shape.wide)),
        ("qwen3.attention.head_count", number(HEADS)),
        ("qwen3.attention.head_count_kv", number(KV_HEADS)),
        ("qwen3.attention.key_length", number(HEAD)),
        ("qwen3.attention.value_length", number(HEAD)),
        ("qwen3.attention.layer_norm_rms_epsilon", Value::F32(1e-6)),
        ("qwen3.rope.freq_base", Value::F32(1e6)),
        ("qwen3.vocab_size", number(VOCABULARY)),
        ("tokenizer.ggml.model", Value::String("none".to_owned())),
    ]
}

/// Random quants under small scales, so that what comes out stays a number.
fn blocks(dtype: GgmlDType, shape: (usize, usize), random: &mut u64) -> QTensor {
    let mut next = || {
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        *random
    };
    let len = shape.0 * shape.1 / dtype.block_size() * dtype.type_size();
    let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| next().to_le_bytes()).collect();
    bytes.truncate(len);
    // Of each block: where its halves of f16 lie, and what they become.
    let scales: &[(usize, f32)] = match dtype {
        GgmlDType::Q4K => &[(0, 1e-4), (2, 7e-4)],
        GgmlDType::Q6K => &[(208, 1e-5)],
        GgmlDType::Q8_0 => &[(0, 3e-4)],
        _ => unreachable!("no other type is mixed in"),
    };
    for block in bytes.chunks_exact_mut(dtype.type_size()) {
        for (at, scale) in scales {
            block[*at..at + 2].copy_from_slice(&half::f16::from_f32(*scale).to_le_bytes());
        }
    }
    let storage = QStorage::from_data(bytes.into(), &Device::Cpu, dtype).expect("whole blocks");
    QTensor::new(storage, shape).expect("rows of whole blocks")
}

fn ones(len: usize) -> QTensor {
    let bytes: Vec<u8> = (0..len).flat_map(|_| 1f32.to_le_bytes()).collect();
    let storage = QStorage::from_data(bytes.into(), &Device::Cpu, GgmlDType::F32);
    QTensor::new(storage.expect("whole numbers"), len).expect("a row")
}
