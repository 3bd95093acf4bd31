use std::ops::ControlFlow;
use std::path::PathBuf;

use super::*;
use crate::family::Piece;

fn engine(family: &str) -> Engine {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "parity", family].iter().collect();
    let options = EngineOptions { device: DeviceChoice::Cpu, context: 96 };
    Engine::start(&Checkpoint::open(&folder).unwrap(), &options).unwrap()
}

fn golden(family: &str, name: &str) -> Vec<u32> {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "parity", family, "golden.safetensors"].iter().collect();
    let tensors = candle_core::safetensors::load(path, &candle_core::Device::Cpu).unwrap();
    tensors[name].to_dtype(candle_core::DType::U32).unwrap().to_vec1().unwrap()
}

fn greedy<'a>(limit: usize) -> Ask<'a> {
    Ask { limit, ends: &[], sampling: Sampling::Greedy, constraint: None }
}

fn go_on(_: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn an_answer_is_that_of_the_reference_and_says_why_it_ended() {
    let engine = engine("qwen3");
    let prompt = [Piece::Tokens(golden("qwen3", "ids"))];
    let expected = golden("qwen3", "greedy");
    let ends = [expected[5]];
    let mut conversation = engine.conversation();
    let check = |conversation: &mut Conversation, ask: Ask<'_>, made: usize, stop: StopReason| {
        conversation.prefill(&prompt).unwrap();
        let answer = conversation.answer(ask, &mut go_on).unwrap();
        assert_eq!(answer.tokens, expected[..made]);
        assert_eq!(answer.stop, stop);
        assert!(answer.log_probability < 0.0);
    };
    check(&mut conversation, greedy(32), 32, StopReason::Limit);
    let first = expected.iter().position(|token| *token == expected[5]).unwrap();
    let end = StopReason::End { token: expected[5] };
    check(&mut conversation, Ask { ends: &ends, ..greedy(32) }, first, end);
    assert!(conversation.progress().tokens_per_second() > 0.0 || first == 0);
}

#[test]
fn a_prompt_is_read_from_the_first_difference_on() {
    let engine = engine("qwen2");
    let ids = golden("qwen2", "ids");
    let mut conversation = engine.conversation();
    let mut check = |tokens: Vec<u32>, reused: usize| {
        let expected = tokens.len();
        let prefilled = conversation.prefill(&[Piece::Tokens(tokens.clone())]).unwrap();
        assert_eq!((prefilled.tokens, prefilled.reused), (expected, reused));
        let mut fresh = engine.conversation();
        assert_eq!(fresh.prefill(&[Piece::Tokens(tokens)]).unwrap().reused, 0);
        let close = |(one, other): (&f32, &f32)| (one - other).abs() < 1e-4;
        assert!(conversation.logits().iter().zip(fresh.logits()).all(close));
    };
    check(ids[..20].to_vec(), 0);
    check(ids.clone(), 20);
    let mut other = ids.clone();
    other[10] = 77;
    check(other, 10);
    check(ids[..10].to_vec(), 9);
    // What was said counts as read.
    let said = conversation.answer(greedy(4), &mut go_on).unwrap().tokens;
    let longer = [&ids[..10], &said, &[5]].concat();
    assert_eq!(conversation.prefill(&[Piece::Tokens(longer)]).unwrap().reused, 14);
}

#[test]
fn options_are_scored_as_they_would_be_said() {
    let engine = engine("llama");
    let prompt = golden("llama", "ids");
    let mut conversation = engine.conversation();
    conversation.prefill(&[Piece::Tokens(prompt.clone())]).unwrap();
    let said = conversation.answer(greedy(3), &mut go_on).unwrap();
    conversation.prefill(&[Piece::Tokens(prompt)]).unwrap();
    let before = conversation.logits().to_vec();
    let options = [said.tokens.clone(), vec![5, 6], vec![7]];
    let scores = conversation.score(&options).unwrap();
    assert!((scores[0].log_probability - said.log_probability).abs() < 1e-4);
    assert!(scores[1].log_probability < scores[0].log_probability);
    assert_eq!(scores.iter().map(|score| score.tokens).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(conversation.logits(), before);
    assert_eq!(conversation.answer(greedy(3), &mut go_on).unwrap().tokens, said.tokens);
}

/// Allows only even tokens, and four of them.
struct Even {
    left: usize,
}

impl Constraint for Even {
    fn mask(&mut self, logits: &mut [f32]) -> Result<(), ConstraintError> {
        logits.iter_mut().skip(1).step_by(2).for_each(|logit| *logit = f32::NEG_INFINITY);
        Ok(())
    }

    fn accept(&mut self, token: u32) -> Result<Next, ConstraintError> {
        assert_eq!(token % 2, 0);
        self.left -= 1;
        Ok(if self.left == 0 { Next::Complete } else { Next::More })
    }
}

#[test]
fn a_constraint_is_kept_and_ends_the_answer() {
    let engine = engine("llama");
    let mut conversation = engine.conversation();
    conversation.prefill(&[Piece::Tokens(golden("llama", "ids"))]).unwrap();
    let mut even = Even { left: 4 };
    let ask = Ask { constraint: Some(&mut even), ..greedy(32) };
    let answer = conversation.answer(ask, &mut go_on).unwrap();
    assert_eq!((answer.tokens.len(), answer.stop), (4, StopReason::Complete));
}

#[test]
fn a_listener_a_full_context_and_a_cancel_end_an_answer() {
    let engine = engine("llama");
    let mut conversation = engine.conversation();
    let prompt = [Piece::Tokens(golden("llama", "ids"))];
    conversation.prefill(&prompt).unwrap();
    let mut heard = 0;
    let mut twice = |_| {
        heard += 1;
        if heard == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let answer = conversation.answer(greedy(32), &mut twice).unwrap();
    assert_eq!((answer.tokens.len(), answer.stop), (2, StopReason::Stopped));
    let answer = conversation.answer(greedy(1000), &mut go_on).unwrap();
    assert_eq!(answer.stop, StopReason::ContextFull);
    assert_eq!(conversation.tokens(), 96);
    conversation.prefill(&prompt).unwrap();
    let cancel = conversation.cancel();
    let mut cancelled = |_| {
        cancel.cancel();
        ControlFlow::Continue(())
    };
    let answer = conversation.answer(greedy(32), &mut cancelled).unwrap();
    assert_eq!((answer.tokens.len(), answer.stop), (1, StopReason::Cancelled));
}

#[test]
fn what_is_cancelled_stays_so_until_it_is_begun_anew() {
    let engine = engine("llama");
    let mut conversation = engine.conversation();
    let prompt = [Piece::Tokens(golden("llama", "ids"))];
    conversation.prefill(&prompt).unwrap();
    conversation.cancel().cancel();
    let answer = conversation.answer(greedy(4), &mut go_on).unwrap();
    assert_eq!((answer.tokens.len(), answer.stop), (0, StopReason::Cancelled));
    let scored = conversation.score(&[vec![5, 6]]);
    assert!(matches!(scored, Err(EngineError::Cancelled)), "{scored:?}");
    let read = conversation.prefill(&[Piece::Tokens(vec![9; 20])]);
    assert!(matches!(read, Err(EngineError::Cancelled)), "{read:?}");
    conversation.begin();
    conversation.prefill(&prompt).unwrap();
    assert_eq!(conversation.answer(greedy(4), &mut go_on).unwrap().tokens.len(), 4);
}

#[test]
fn conversations_share_the_context_and_go_on_as_if_they_did_not() {
    let engine = engine("qwen2");
    let (ids, expected) = (golden("qwen2", "ids"), golden("qwen2", "greedy"));
    let mut one = engine.conversation();
    one.prefill(&[Piece::Tokens(ids.clone())]).unwrap();
    let begun = one.answer(greedy(8), &mut go_on).unwrap().tokens;
    // 48 tokens and 80 are more than the 96 there are: the first gives its place up.
    let mut other = engine.conversation();
    other.prefill(&[Piece::Tokens(ids.repeat(2))]).unwrap();
    let rest = one.answer(greedy(8), &mut go_on).unwrap().tokens;
    assert_eq!([begun, rest].concat(), expected[..16]);
    assert_eq!(other.prefill(&[Piece::Tokens(ids.repeat(2))]).unwrap().reused, 0);
}

#[test]
fn what_cannot_be_read_is_said() {
    let engine = engine("llama");
    let mut conversation = engine.conversation();
    let silent = conversation.answer(greedy(1), &mut go_on).unwrap_err();
    assert_eq!(silent.to_string(), "nothing has been read that an answer could follow");
    let mut check = |tokens: Vec<u32>, expected: &str| {
        let error = conversation.prefill(&[Piece::Tokens(tokens)]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    check(vec![], "the prompt has no tokens");
    check(vec![5; 97], "97 tokens are more than the 96 that fit");
    check(
        vec![5, 200],
        "token 200 is not among the 200 the model knows; is it another model's tokenizer?",
    );
    drop(engine);
    let gone = conversation.prefill(&[Piece::Tokens(vec![1])]).unwrap_err();
    assert_eq!(gone.to_string(), "the model's thread has ended");
}

#[test]
fn a_model_that_cannot_fit_is_refused_before_it_is_loaded() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "parity", "llama"].iter().collect();
    let checkpoint = Checkpoint::open(&folder).unwrap();
    let small = checkpoint.needs(96);
    assert!(small.weights > 90_000 && small.weights < 110_000, "{small:?}");
    assert_eq!(small.cache, 96 * 2 * 2 * 2 * 8 * 4);
}
