//! Text: logits of all positions, 32 tokens, and the cache against none.

use candle_core::Tensor;

use super::super::rope::Position;
use super::golden::{CONTEXT, Golden};

/// The last two have positions that are scaled.
const FAMILIES: [&str; 5] = ["llama", "qwen2", "qwen3", "llama_linear", "qwen3_yarn"];

fn line(from: usize, to: usize) -> Vec<Position> {
    (from..to).map(|at| [at as u32; 3]).collect()
}

/// Logits of `ids`, computed in passes of so many tokens.
fn logits(golden: &Golden, ids: &[u32], pass: usize) -> Tensor {
    let model = &golden.model;
    let mut cache = model.cache(CONTEXT).unwrap();
    let rows = ids.chunks(pass).map(|ids| {
        let from = cache.len();
        let embedded = model.embed(ids).unwrap();
        let hidden = model.forward(&embedded, &line(from, from + ids.len()), &[], &mut cache);
        model.logits(&hidden.unwrap()).unwrap()
    });
    Tensor::cat(&rows.collect::<Vec<_>>(), 0).unwrap()
}

#[test]
fn logits_are_those_of_the_reference() {
    for family in FAMILIES {
        let golden = Golden::of(family);
        let ids = golden.ids("ids");
        for pass in [ids.len(), 7, 1] {
            golden.check("logits", &logits(&golden, &ids, pass));
        }
    }
}

#[test]
fn greedy_tokens_are_those_of_the_reference() {
    for family in FAMILIES {
        let golden = Golden::of(family);
        let model = &golden.model;
        let mut cache = model.cache(CONTEXT).unwrap();
        let mut new = golden.ids("ids");
        let mut made: Vec<u32> = Vec::new();
        for _ in 0..32 {
            let positions = line(cache.len(), cache.len() + new.len());
            let embedded = model.embed(&new).unwrap();
            let hidden = model.forward(&embedded, &positions, &[], &mut cache).unwrap();
            let last = hidden.narrow(0, positions.len() - 1, 1).unwrap();
            let token = model.logits(&last).unwrap().argmax(1).unwrap().to_vec1::<u32>().unwrap();
            made.extend(&token);
            new = token;
        }
        assert_eq!(made, golden.ids("greedy"), "{family}");
    }
}

#[test]
fn a_truncated_cache_is_as_if_the_rest_had_never_been() {
    let golden = Golden::of("qwen3");
    let ids = golden.ids("ids");
    let model = &golden.model;
    let mut cache = model.cache(CONTEXT).unwrap();
    let run = |ids: &[u32], cache: &mut _, from: usize| {
        let embedded = model.embed(ids).unwrap();
        let hidden = model.forward(&embedded, &line(from, from + ids.len()), &[], cache).unwrap();
        model.logits(&hidden).unwrap()
    };
    run(&ids[..12], &mut cache, 0);
    run(&[5, 6, 7, 8], &mut cache, 12);
    cache.truncate(12);
    let after = run(&ids[12..], &mut cache, 12);
    let expected = golden.tensor("logits").narrow(0, 12, ids.len() - 12).unwrap();
    let (at, difference) = super::golden::furthest(&expected, &after);
    assert!(difference < 1e-4, "{difference:e} at {at}");
}
