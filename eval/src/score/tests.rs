use super::*;
use crate::outcome::tests::outcome;

fn refusal(task: &str, twin: &str, status: Status) -> Outcome {
    let end = Some(End::Infeasible { reason: String::new() });
    Outcome { twin: Some(twin.to_owned()), end, ..outcome(task, 1, status) }
}

#[test]
fn refusing_pays_only_where_the_twin_was_done() {
    for (twin, expected) in [(Status::Pass, true), (Status::Fail, false), (Status::Timeout, false)]
    {
        let outcomes = [outcome("a", 1, twin), refusal("b", "a", Status::Pass)];
        assert_eq!(counted(&outcomes)[1], expected, "{twin:?}");
    }
    // Another epoch of the twin says nothing.
    let outcomes = [outcome("a", 2, Status::Pass), refusal("b", "a", Status::Pass)];
    assert_eq!(counted(&outcomes), [true, false]);
}

#[test]
fn whoever_always_refuses_gets_nothing() {
    let mut outcomes = vec![refusal("b", "a", Status::Pass)];
    let end = Some(End::Infeasible { reason: String::new() });
    outcomes.push(Outcome { end, ..outcome("a", 1, Status::Fail) });
    let score = Score::of(&outcomes);
    assert_eq!((score.strict.value, score.partial.value), (0.0, 0.0));
}

#[test]
fn ten_trials_of_one_task_are_one_task() {
    let mut outcomes: Vec<_> = (1..=10).map(|epoch| outcome("a", epoch, Status::Pass)).collect();
    outcomes.push(outcome("b", 1, Status::Fail));
    let score = Score::of(&outcomes);
    assert_eq!((score.tasks, score.samples, score.strict.value), (2, 11, 0.5));
    assert_eq!((score.strict.low, score.strict.high), (0.0, 1.0));
}

#[test]
fn a_spoilt_sample_is_no_failure_and_is_counted() {
    let outcomes = [outcome("a", 1, Status::Pass), outcome("b", 1, Status::InfrastructureError)];
    let score = Score::of(&outcomes);
    assert_eq!((score.tasks, score.strict.value), (1, 1.0));
    assert_eq!(score.count(Status::InfrastructureError), 1);
}

#[test]
fn a_word_that_all_is_done_is_held_against_it() {
    let refused = End::Infeasible { reason: String::new() };
    let outcomes = [
        outcome("a", 1, Status::Pass),
        outcome("b", 1, Status::Fail),
        Outcome { end: Some(refused), ..outcome("c", 1, Status::Fail) },
    ];
    let score = Score::of(&outcomes);
    assert_eq!((score.said_done, score.false_done), (2, 1));
}

#[test]
fn passes_are_counted_as_far_as_all_were_tried() {
    let statuses = [Status::Pass, Status::Pass, Status::Fail, Status::Fail];
    let outcomes: Vec<_> =
        (1..).zip(statuses).map(|(epoch, status)| outcome("a", epoch, status)).collect();
    let passes = Score::of(&outcomes).passes;
    let ks: Vec<_> = passes.iter().map(|passes| passes.k).collect();
    assert_eq!(ks, [1, 2, 4]);
    assert!((passes[1].any.value - 5.0 / 6.0).abs() < 1e-9, "{passes:?}");
    assert!((passes[1].all.value - 1.0 / 6.0).abs() < 1e-9, "{passes:?}");
    assert_eq!((passes[2].any.value, passes[2].all.value), (1.0, 0.0));
    // One task says little, and the interval knows.
    assert!(passes[2].any.low < 0.3 && passes[2].any.high >= 1.0, "{passes:?}");
}

#[test]
fn each_half_of_each_family_has_its_own_number() {
    let mut train = outcome("a", 1, Status::Pass);
    train.half = Half::TrainLike;
    let outcomes = [train, outcome("b", 1, Status::Fail)];
    let parts = Score::of(&outcomes).parts;
    let found: Vec<_> =
        parts.iter().map(|part| (part.family.as_deref(), part.half, part.strict.value)).collect();
    let expected = [
        (None, Half::TrainLike, 1.0),
        (None, Half::HeldOut, 0.0),
        (Some("files"), Half::TrainLike, 1.0),
        (Some("files"), Half::HeldOut, 0.0),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_rest_of_a_run_is_waiting() {
    let times = Times { run_ms: 1000, think_ms: 100, look_ms: 200, ..Times::default() };
    let outcomes = [Outcome { times, ..outcome("a", 1, Status::Pass) }];
    let shares = Score::of(&outcomes).times;
    assert_eq!((shares.think_s, shares.look_s, shares.wait_s), (0.1, 0.2, 0.7));
}
