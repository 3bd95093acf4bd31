//! Decoders against llama.cpp, their memory, and what a growing conversation saves.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use deskbound_figures::{Aim, Figure, Figures, Pair};
use deskbound_models::engine::{Ask, Conversation, DeviceChoice, Engine, EngineOptions, Sampling};
use deskbound_models::family::{Checkpoint, Piece};

use super::file::{self, Mixture, SHAPES, Shape};
use super::peer::{Kind, Peer};
use super::{ROUNDS_LEAST, Wanted, against};

const CONTEXT: usize = 2048;
const DECODED: usize = 64;
/// A step of a conversation, and what the next one adds.
const STEP: usize = 1024;
const ADDED: usize = 128;
/// Tokens that a cache makes room for at once.
const ROOM: usize = 256;
const MEMORY: Figure = Figure { id: "models.memory_ratio", unit: "ratio", aim: Aim::AtMost(1.3) };
const REUSE: Figure = Figure { id: "models.reuse_ratio", unit: "ratio", aim: Aim::AtMost(0.2) };

/// What is measured against the peer.
#[derive(Clone, Copy)]
enum Work {
    Decode,
    Prefill(usize),
}

pub(crate) fn measure(figures: &mut Figures, wanted: &Wanted, folder: &Path, threads: usize) {
    for shape in SHAPES {
        for mixture in [Mixture::Q4KM, Mixture::Q8_0] {
            let of = format!("{} {}", shape.name, mixture.name());
            let rows: Vec<(Work, Figure)> = rows(mixture)
                .into_iter()
                .filter(|(work, figure)| match work {
                    Work::Prefill(1536) if !is_first(shape, mixture) => {
                        wanted.has_slow(figure.id, &of)
                    }
                    _ => wanted.has(figure.id, &of),
                })
                .collect();
            let alone = [MEMORY, REUSE].into_iter().filter(|figure| match figure.id {
                "models.reuse_ratio" if !is_first(shape, mixture) => {
                    wanted.has_slow(figure.id, &of)
                }
                id => wanted.has(id, &of),
            });
            let alone: Vec<Figure> = alone.collect();
            if !rows.is_empty() || !alone.is_empty() {
                let path = folder.join(format!("qwen3-{}.gguf", of.replace(' ', "-")));
                file::make(&path, shape, mixture);
                one(figures, (&path, &of), (&rows, &alone), threads);
            }
        }
    }
}

fn is_first(shape: Shape, mixture: Mixture) -> bool {
    shape == SHAPES[0] && mixture == Mixture::Q4KM
}

fn rows(mixture: Mixture) -> [(Work, Figure); 3] {
    let figure = |id, aim| Figure { id, unit: "ratio", aim: Aim::AtLeast(aim) };
    let decode = match mixture {
        Mixture::Q4KM => figure("models.decode_q4", 1.0),
        Mixture::Q8_0 => figure("models.decode_q8", 1.5),
    };
    [
        (Work::Decode, decode),
        (Work::Prefill(512), figure("models.prefill_512", 0.9)),
        (Work::Prefill(1536), figure("models.prefill_1536", 0.8)),
    ]
}

fn one(
    figures: &mut Figures,
    (path, of): (&Path, &str),
    (rows, alone): (&[(Work, Figure)], &[Figure]),
    threads: usize,
) {
    let size = std::fs::metadata(path).expect("it was just made").len() as f64;
    let before = resident_mb();
    let options = EngineOptions { device: DeviceChoice::Cpu, context: CONTEXT };
    let checkpoint = Checkpoint::open(path).expect("the file is sound");
    let engine = Engine::start(&checkpoint, &options).expect("the model fits");
    drop(checkpoint);
    let mut conversation = engine.conversation();
    let mut seed = 0;
    let mut next = || {
        seed += 1;
        seed
    };
    // Weights are laid out anew when they are first used, in both ways.
    read(&mut conversation, 64, next());
    said(&mut conversation, 2);
    if alone.iter().any(|figure| figure.id == MEMORY.id) {
        let ratio = (resident_mb() - before - cache_mb(&conversation)) * 1e6 / size;
        figures.absolute(MEMORY, 1, || ratio);
    }
    if !rows.is_empty() {
        match Peer::start(Kind::LlamaCpp, path, &[threads, CONTEXT]) {
            Err(why) => rows.iter().for_each(|(_, figure)| figures.missing(*figure, &why)),
            Ok(mut peer) => {
                let versus = format!("llama.cpp, {of}");
                for (work, figure) in rows {
                    against(figures, *figure, &versus, || match *work {
                        Work::Decode => Pair {
                            peer: peer.ask(&format!("decode {DECODED}")),
                            ours: said(&mut conversation, DECODED),
                        },
                        Work::Prefill(tokens) => Pair {
                            peer: peer.ask(&format!("prefill {tokens}")),
                            ours: read(&mut conversation, tokens, next()),
                        },
                    });
                }
            }
        }
    }
    if alone.iter().any(|figure| figure.id == REUSE.id) {
        figures.absolute(REUSE, ROUNDS_LEAST, || {
            let seed = next();
            let first = read(&mut conversation, STEP, seed);
            read(&mut conversation, STEP + ADDED, seed) / first
        });
    }
}

/// Seconds to read so many tokens; those of one seed begin alike.
fn read(conversation: &mut Conversation, tokens: usize, seed: usize) -> f64 {
    let ids = (0..tokens).map(|at| ((at * 7919 + seed * 104_729) % 150_000) as u32).collect();
    let begun = Instant::now();
    conversation.prefill(&[Piece::Tokens(ids)]).expect("the prompt fits");
    begun.elapsed().as_secs_f64()
}

/// Seconds to say so many tokens.
fn said(conversation: &mut Conversation, tokens: usize) -> f64 {
    conversation.prefill(&[Piece::Tokens(vec![1, 2, 3, 4])]).expect("the prompt fits");
    let ask = Ask { limit: tokens, ends: &[], sampling: Sampling::Greedy, constraint: None };
    let answer = conversation.answer(ask, &mut |_| ControlFlow::Continue(()));
    answer.expect("something can be said").took.as_secs_f64()
}

/// Of the room that was made for it.
fn cache_mb(conversation: &Conversation) -> f64 {
    let text = &conversation.config().text;
    let token = 2 * 4 * text.layers * text.kv_heads * text.head_dim;
    (token * conversation.tokens().next_multiple_of(ROOM)) as f64 / 1e6
}

/// Of this process, without the pages of mapped files.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1.024e-3
}
