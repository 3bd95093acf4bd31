//! A tower of Qwen2.5-VL's width with a quarter of its layers, against torch.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use candle_core::{Device, Tensor};
use deskbound_figures::{Aim, Figure, Figures, Pair};
use deskbound_models::engine::{DeviceChoice, Engine, EngineOptions};
use deskbound_models::family::{Checkpoint, Picture, PictureRule, Piece};
use image::RgbImage;
use serde_json::json;

use super::peer::{Kind, Peer};
use super::{Wanted, against};

const FIGURE: Figure = Figure { id: "models.tower", unit: "ratio", aim: Aim::AtLeast(0.8) };
const DEPTH: usize = 8;
const HIDDEN: usize = 1280;
const WIDE: usize = 3420;
const PATCH: usize = 14;
/// Patches a side of the image, 448 pixels.
const SIDE: usize = 32;
/// Of the decoder behind it, which costs next to nothing.
const OUT: usize = 256;
const VOCABULARY: usize = 1000;
const IMAGE_TOKEN: usize = 990;

pub(crate) fn measure(figures: &mut Figures, wanted: &Wanted, folder: &Path, threads: usize) {
    if !wanted.has(FIGURE.id, "f32") {
        return;
    }
    let folder = folder.join("tower");
    make(&folder);
    let mut peer = match Peer::start(Kind::TorchTower, &folder, &[threads]) {
        Ok(peer) => peer,
        Err(why) => return figures.missing(FIGURE, why),
    };
    let checkpoint = Checkpoint::open(&folder).expect("the folder is sound");
    let vision = checkpoint.config().vision.clone().expect("it has a tower");
    let options = EngineOptions { device: DeviceChoice::Cpu, context: 2 * SIDE * SIDE };
    let engine = Engine::start(&checkpoint, &options).expect("the model fits");
    let (rule, mut conversation, mut seed) = (PictureRule::of(&vision), engine.conversation(), 0);
    against(figures, FIGURE, "torch f32, 1024 patches", || {
        seed += 1;
        // Another image each time: one that was seen is not seen again.
        let picture = Arc::new(picture(&rule, seed));
        let begun = Instant::now();
        conversation.prefill(&[Piece::Picture(picture)]).expect("the image fits");
        let ours = begun.elapsed().as_secs_f64();
        Pair { peer: peer.ask(&format!("see {SIDE} {SIDE}")), ours }
    });
}

fn picture(rule: &PictureRule, seed: u32) -> Picture {
    let side = (SIDE * PATCH) as u32;
    let noise = |x: u32, y: u32| (x.wrapping_mul(y ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8;
    let image = RgbImage::from_fn(side, side, |x, y| image::Rgb([noise(x, y), noise(y, x), 90]));
    rule.picture(&image).expect("a sound image")
}

/// Makes the folder if it is not there.
fn make(folder: &Path) {
    if folder.join("config.json").is_file() {
        return;
    }
    std::fs::create_dir_all(folder).expect("the target folder can be written");
    let device = &Device::Cpu;
    let mut tensors = HashMap::new();
    let mut add = |name: String, shape: &[usize]| {
        let inputs: usize = shape[1..].iter().product();
        let tensor = match shape.len() {
            1 => Tensor::ones(shape, candle_core::DType::F32, device),
            _ => Tensor::randn(0f32, 1.0 / (inputs as f32).sqrt(), shape, device),
        };
        tensors.insert(name, tensor.expect("the machine has room"));
    };
    add("visual.patch_embed.proj.weight".to_owned(), &[HIDDEN, 3, 2, PATCH, PATCH]);
    for layer in 0..DEPTH {
        let mut part = |name: &str, shape: &[usize]| {
            add(format!("visual.blocks.{layer}.{name}.weight"), shape);
            if shape.len() > 1 {
                add(format!("visual.blocks.{layer}.{name}.bias"), &shape[..1]);
            }
        };
        part("norm1", &[HIDDEN]);
        part("norm2", &[HIDDEN]);
        part("attn.qkv", &[3 * HIDDEN, HIDDEN]);
        part("attn.proj", &[HIDDEN, HIDDEN]);
        part("mlp.gate_proj", &[WIDE, HIDDEN]);
        part("mlp.up_proj", &[WIDE, HIDDEN]);
        part("mlp.down_proj", &[HIDDEN, WIDE]);
    }
    add("visual.merger.ln_q.weight".to_owned(), &[HIDDEN]);
    for (name, rows) in [("0", 4 * HIDDEN), ("2", OUT)] {
        add(format!("visual.merger.mlp.{name}.weight"), &[rows, 4 * HIDDEN]);
        add(format!("visual.merger.mlp.{name}.bias"), &[rows]);
    }
    add("model.embed_tokens.weight".to_owned(), &[VOCABULARY, OUT]);
    add("model.norm.weight".to_owned(), &[OUT]);
    let mut part = |name: &str, shape: &[usize]| add(format!("model.layers.0.{name}"), shape);
    part("input_layernorm.weight", &[OUT]);
    part("post_attention_layernorm.weight", &[OUT]);
    for name in ["q", "k", "v"] {
        part(&format!("self_attn.{name}_proj.weight"), &[OUT, OUT]);
        part(&format!("self_attn.{name}_proj.bias"), &[OUT]);
    }
    part("self_attn.o_proj.weight", &[OUT, OUT]);
    for name in ["gate", "up", "down"] {
        part(&format!("mlp.{name}_proj.weight"), &[OUT, OUT]);
    }
    let path = folder.join("model.safetensors");
    candle_core::safetensors::save(&tensors, path).expect("the disk has room");
    // Written last: it says that the folder is whole.
    let config = serde_json::to_string_pretty(&config()).expect("plain data");
    std::fs::write(folder.join("config.json"), config).expect("the disk has room");
}

fn config() -> serde_json::Value {
    json!({
        "model_type": "qwen2_5_vl", "tie_word_embeddings": true,
        "image_token_id": IMAGE_TOKEN,
        "vision_config": {
            "depth": DEPTH, "hidden_size": HIDDEN, "intermediate_size": WIDE, "num_heads": 16,
            "out_hidden_size": OUT, "patch_size": PATCH, "spatial_merge_size": 2,
            "temporal_patch_size": 2, "window_size": 112, "fullatt_block_indexes": [DEPTH - 1],
            "in_channels": 3, "hidden_act": "silu",
        },
        "text_config": {
            "vocab_size": VOCABULARY, "hidden_size": OUT, "intermediate_size": OUT,
            "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 4,
            "max_position_embeddings": 32_768, "rms_norm_eps": 1e-6,
            "rope_parameters": {
                "rope_type": "default", "rope_theta": 1e6, "mrope_section": [8, 12, 12],
            },
        },
    })
}
