use serde::Deserialize;

use super::*;

/// Written by `reference/statistics.py` with scipy and numpy.
const GOLDEN: &str = include_str!("golden.json");
/// Two bootstraps of different draws differ by one task of the set, and not by more than this.
const NOISE: f64 = 0.05;
const TINY: f64 = 1e-9;

#[derive(Deserialize)]
struct Golden {
    bootstrap: Vec<Set>,
    wilson: Vec<Share>,
    passes: Vec<Passes>,
    mcnemar: Vec<Pairs>,
    least_detectable: Vec<Least>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    values: Vec<f64>,
    interval: (f64, f64),
}

#[derive(Deserialize)]
struct Share {
    passed: usize,
    trials: usize,
    interval: (f64, f64),
}

#[derive(Deserialize)]
struct Passes {
    k: u32,
    trials: u32,
    passed: u32,
    expected: (f64, f64),
}

#[derive(Deserialize)]
struct Pairs {
    one: u32,
    other: u32,
    p: f64,
}

#[derive(Deserialize)]
struct Least {
    values: Vec<f64>,
    expected: f64,
}

fn golden() -> Golden {
    serde_json::from_str(GOLDEN).unwrap()
}

fn near(found: f64, expected: f64, far: f64) -> bool {
    (found - expected).abs() <= far
}

#[test]
fn intervals_are_scipys() {
    for Set { name, values, interval } in golden().bootstrap {
        let (low, high) = bootstrap(&values, 3);
        let far = (1.0 / count(values.len())).min(NOISE) + TINY;
        let is_near = near(low, interval.0, far) && near(high, interval.1, far);
        assert!(is_near, "{name}: {low} {high}, not {interval:?}");
    }
    for Share { passed, trials, interval } in golden().wilson {
        let (low, high) = wilson(count(passed) / count(trials), trials);
        assert!(near(low, interval.0, TINY) && near(high, interval.1, TINY), "{passed}/{trials}");
    }
}

#[test]
fn passes_are_what_counting_every_way_gives() {
    for Passes { k, trials, passed, expected } in golden().passes {
        let found = (pass_at(k, trials, passed), pass_hat(k, trials, passed));
        let is_near = near(found.0, expected.0, TINY) && near(found.1, expected.1, TINY);
        assert!(is_near, "k {k}, {passed}/{trials}: {found:?}");
    }
}

#[test]
fn tests_of_pairs_are_scipys() {
    for Pairs { one, other, p } in golden().mcnemar {
        let found = mcnemar(one, other);
        assert!(near(found, p, 1e-7), "{one} {other}: {found} {p}");
    }
    assert_eq!(mcnemar(0, 0), 1.0);
    for Least { values, expected } in golden().least_detectable {
        assert!(near(least_detectable(&values), expected, TINY), "{values:?}");
    }
}

#[test]
fn an_interval_holds_the_truth_as_often_as_it_says() {
    const SUITES: u64 = 300;
    const TASKS: usize = 50;
    const RESAMPLES: usize = 1_000;
    let mut covered = 0;
    for suite in 0..SUITES {
        // Tasks of very different difficulty, whose mean is one half, each tried once.
        let mut random = Random::new(suite);
        let mut uniform = || count(random.below(1 << 20)) / count(1 << 20);
        let values: Vec<f64> = (0..TASKS)
            .map(|_| {
                let difficulty = uniform();
                if uniform() < difficulty { 1.0 } else { 0.0 }
            })
            .collect();
        let (low, high) = drawn(&values, suite, RESAMPLES);
        covered += u32::from(low <= 0.5 && 0.5 <= high);
    }
    // 95 % of 300 is 285; three standard deviations of that are 11.
    assert!((272..=298).contains(&covered), "{covered} of {SUITES}");
}

#[test]
fn the_same_seed_gives_the_same_interval() {
    let values = [1.0, 0.0, 1.0, 1.0, 0.0];
    assert_eq!(over_tasks(&values, 1), over_tasks(&values, 1));
    assert_ne!(bootstrap(&[0.1, 0.2, 0.7], 1), (0.1, 0.1));
    let none = over_tasks(&[0.0; 20], 1);
    assert!(near(none.high, 0.161, 0.001), "{none:?}");
}

#[test]
fn groups_that_are_drawn_whole_are_what_single_ones_are_where_each_is_one() {
    let values = [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
    let groups: Vec<(u32, u32)> = values.iter().map(|it| (u32::from(*it > 0.5), 1)).collect();
    let (one, other) = (over_tasks(&values, 7), over_clusters(&groups, 7));
    assert_eq!((one.value, one.low, one.high), (other.value, other.low, other.high));
    // The same items on fewer screens say less.
    let wide = over_clusters(&[(7, 8), (0, 2)], 7);
    assert!(wide.high - wide.low >= one.high - one.low, "{wide:?}");
    assert_eq!(over_clusters(&[], 7).high, 1.0);
    assert!(over_clusters(&[(3, 3), (2, 2)], 7).low < 1.0);
}
