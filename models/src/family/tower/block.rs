//! One layer of a tower: attention in both directions, then a network.

use candle_core::{Result, Tensor};
use candle_nn::rotary_emb::rope_thd;

use super::super::attention;
use super::super::config::{Activation, TowerKind};
use super::super::error::LoadError;
use super::super::kernels::Gate;
use super::super::rope::Turns;
use super::Source;
use super::layers::{Linear, Norm};

#[derive(Debug)]
pub(super) struct Block {
    attention_norm: Norm,
    qkv: Linear,
    output: Linear,
    mlp_norm: Norm,
    mlp: Mlp,
    heads: usize,
}

#[derive(Debug)]
enum Mlp {
    Plain { up: Linear, down: Linear, activation: Activation },
    Gated { gate: Linear, up: Linear, down: Linear, activation: Activation },
}

impl Block {
    pub(super) fn load(source: &Source<'_>, layer: usize) -> std::result::Result<Self, LoadError> {
        let hidden = source.config.hidden;
        let name = |part: &str| format!("blocks.{layer}.{part}");
        Ok(Self {
            attention_norm: Norm::load(source, &name("norm1"), hidden)?,
            qkv: source.qkv(layer)?,
            output: source.linear(&name("attn.proj"), (hidden, hidden))?,
            mlp_norm: Norm::load(source, &name("norm2"), hidden)?,
            mlp: Mlp::load(source, &name("mlp"))?,
            heads: source.config.heads,
        })
    }

    pub(super) fn forward(&self, x: &Tensor, turns: &Turns, segments: &[usize]) -> Result<Tensor> {
        let x = (x + self.attend(&self.attention_norm.forward(x)?, turns, segments)?)?;
        &x + self.mlp.forward(&self.mlp_norm.forward(&x)?)?
    }

    fn attend(&self, x: &Tensor, turns: &Turns, segments: &[usize]) -> Result<Tensor> {
        let (patches, hidden) = x.dims2()?;
        // (query key value, patches, heads, dim)
        let qkv = self.qkv.forward(x)?.reshape((patches, 3, self.heads, ()))?.transpose(0, 1)?;
        let part = |at: usize| qkv.get(at)?.contiguous();
        let turn =
            |part: &Tensor| rope_thd(&part.unsqueeze(0)?, &turns.cos, &turns.sin)?.squeeze(0);
        let heads_first = |part: Tensor| part.transpose(0, 1)?.contiguous();
        let q = heads_first(turn(&part(0)?)?)?;
        let k = heads_first(turn(&part(1)?)?)?;
        let v = heads_first(part(2)?)?;
        let out = attention::within([&q, &k, &v], segments)?;
        self.output.forward(&out.transpose(0, 1)?.reshape((patches, hidden))?)
    }
}

impl Mlp {
    fn load(source: &Source<'_>, name: &str) -> std::result::Result<Self, LoadError> {
        let config = source.config;
        let (narrow, wide) = (config.hidden, config.intermediate);
        let up = |part: &str| source.linear(&format!("{name}.{part}"), (wide, narrow));
        let down = |part: &str| source.linear(&format!("{name}.{part}"), (narrow, wide));
        let activation = config.activation;
        Ok(match &config.kind {
            TowerKind::Qwen2 => Self::Plain { up: up("fc1")?, down: down("fc2")?, activation },
            TowerKind::Qwen3 { .. } => {
                Self::Plain { up: up("linear_fc1")?, down: down("linear_fc2")?, activation }
            }
            TowerKind::Qwen25 { .. } => Self::Gated {
                gate: up("gate_proj")?,
                up: up("up_proj")?,
                down: down("down_proj")?,
                activation,
            },
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Plain { up, down, activation } => {
                down.forward(&activation.forward(&up.forward(x)?)?)
            }
            Self::Gated { gate, up, down, activation } => {
                let (gate, up) = (gate.forward(x)?, up.forward(x)?);
                let gated = if x.device().is_cpu() && *activation == Activation::Silu {
                    gate.apply_op2_no_bwd(&up, &Gate)?
                } else {
                    (activation.forward(&gate)? * up)?
                };
                down.forward(&gated)
            }
        }
    }
}
