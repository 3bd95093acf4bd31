//! Is one better than the other?
//!
//! Tasks are paired, for some are easier than others, and no answer is given that the numbers do
//! not carry: a difference counts where both the bootstrap over tasks and McNemar's test say so.

use serde::Serialize;

use crate::outcome::Outcome;
use crate::score::{TaskScore, by_task};
use crate::statistics::{Estimate, bootstrap, least_detectable, mcnemar, mean, wilson};

/// Beyond this a coin does as well.
const P_MAX: f64 = 0.05;
/// Below this many tasks nothing is said.
const TASKS_MIN: usize = 6;
const SEED: u64 = 20_260_102;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    Better,
    Worse,
    CannotTell,
}

/// Whether B may take the place of A, when it may be worse by no more than a margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    Go,
    NoGo,
    /// The numbers do not carry an answer; too few tasks never do.
    Inconclusive,
}

/// How B stands to A.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Tasks that both have a result for.
    pub tasks: usize,
    /// Tasks that only one of them has.
    pub unpaired: usize,
    pub a: f64,
    pub b: f64,
    /// B less A.
    pub difference: Estimate,
    /// Tasks where B does better, and where A does.
    pub ahead: Vec<String>,
    pub behind: Vec<String>,
    /// Of McNemar's exact test.
    pub p: f64,
    /// What would have been found four times of five.
    pub least_detectable: f64,
    pub answer: Answer,
}

/// The middle 95 % of a bootstrap over tasks. A bootstrap of what is the same in every task knows no
/// doubt; there it is Wilson's, for so few tasks leave some.
fn interval(differences: &[f64]) -> (f64, f64) {
    let Some(first) = differences.first() else { return (-1.0, 1.0) };
    if differences.iter().any(|other| other != first) {
        return bootstrap(differences, SEED);
    }
    let (low, high) = wilson(first.abs(), differences.len());
    match *first {
        same if same > 0.0 => (low, high),
        same if same < 0.0 => (-high, -low),
        _ => (-high, high),
    }
}

impl Comparison {
    pub fn of(a: &[Outcome], b: &[Outcome]) -> Self {
        Self::among(a, b, &|_| true)
    }

    /// Of some tasks. Whether a refusal counts is asked of the whole runs.
    pub(crate) fn among(a: &[Outcome], b: &[Outcome], fits: &dyn Fn(&TaskScore) -> bool) -> Self {
        let some = |outcomes| {
            let mut tasks = by_task(outcomes);
            tasks.retain(|_, task| fits(task));
            tasks
        };
        let (of_a, of_b) = (some(a), some(b));
        let mut pairs = Vec::new();
        for (task, one) in &of_a {
            if let Some(other) = of_b.get(task) {
                pairs.push(((*task).to_owned(), mean(&one.strict), mean(&other.strict)));
            }
        }
        let differences: Vec<f64> = pairs.iter().map(|(_, a, b)| b - a).collect();
        let among = |wanted: fn(f64) -> bool| -> Vec<String> {
            let fits = pairs.iter().filter(|(_, a, b)| wanted(b - a));
            fits.map(|(task, ..)| task.clone()).collect()
        };
        let (ahead, behind) = (among(|by| by > 0.0), among(|by| by < 0.0));
        let (low, high) = interval(&differences);
        let number = |list: &[String]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let p = mcnemar(number(&ahead), number(&behind));
        let is_sure = p < P_MAX && pairs.len() >= TASKS_MIN;
        let answer = match is_sure {
            true if low > 0.0 => Answer::Better,
            true if high < 0.0 => Answer::Worse,
            _ => Answer::CannotTell,
        };
        let means =
            |of: fn(&(String, f64, f64)) -> f64| mean(&pairs.iter().map(of).collect::<Vec<_>>());
        Self {
            tasks: pairs.len(),
            unpaired: of_a.len() + of_b.len() - 2 * pairs.len(),
            a: means(|pair| pair.1),
            b: means(|pair| pair.2),
            difference: Estimate { value: mean(&differences), low, high },
            ahead,
            behind,
            p,
            least_detectable: least_detectable(&differences),
            answer,
        }
    }
}

impl Comparison {
    /// `margin` is a share: 0.05 is five points.
    pub fn gate(&self, margin: f64) -> Gate {
        let Estimate { low, high, .. } = self.difference;
        match self.tasks >= TASKS_MIN {
            true if high < -margin => Gate::NoGo,
            true if low >= -margin => Gate::Go,
            _ => Gate::Inconclusive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Status;
    use crate::outcome::tests::outcome;

    /// One letter a task: `+` passed, `-` failed, `.` not tried.
    fn outcomes(said: &str) -> Vec<Outcome> {
        let tried = said.chars().enumerate().filter(|(_, c)| *c != '.');
        tried
            .map(|(n, c)| {
                let status = if c == '+' { Status::Pass } else { Status::Fail };
                outcome(&format!("t{n:02}"), 1, status)
            })
            .collect()
    }

    #[test]
    fn an_answer_is_given_where_the_numbers_carry_it() {
        for (a, b, expected) in [
            ("----------", "++++++++++", Answer::Better),
            ("++++++++++", "----------", Answer::Worse),
            ("++++++++++", "++++++++++", Answer::CannotTell),
            ("----------", "++++------", Answer::CannotTell),
            ("----------------", "++++++----------", Answer::Better),
            ("+-+-+-+-+-", "-+-+-+-+-+", Answer::CannotTell),
            // Too few to say anything.
            ("-----", "+++++", Answer::CannotTell),
            ("", "", Answer::CannotTell),
        ] {
            let found = Comparison::of(&outcomes(a), &outcomes(b));
            assert_eq!(found.answer, expected, "{a} {b}: {found:?}");
        }
    }

    #[test]
    fn what_is_the_same_in_few_tasks_is_not_sure_in_all() {
        let found = Comparison::of(&outcomes("+++"), &outcomes("---")).difference;
        assert_eq!((found.value, found.low), (-1.0, -1.0));
        assert!((-0.5..-0.4).contains(&found.high), "{found:?}");
        let found = Comparison::of(&outcomes("+++"), &outcomes("+++")).difference;
        assert!(found.low < -0.5 && found.high > 0.5, "{found:?}");
    }

    #[test]
    fn what_only_one_has_is_left_out_and_told() {
        let found = Comparison::of(&outcomes("++-."), &outcomes("+-.+"));
        assert_eq!((found.tasks, found.unpaired), (2, 2));
        assert_eq!((found.a, found.b, found.difference.value), (1.0, 0.5, -0.5));
        assert_eq!((found.ahead.len(), found.behind), (0, vec!["t01".to_owned()]));
    }

    #[test]
    fn a_gate_opens_only_where_enough_is_known() {
        let many = |text: &str, times: usize| text.repeat(times);
        for (a, b, margin, expected) in [
            (many("+", 80), many("+", 80), 0.05, Gate::Go),
            (many("+", 20), many("+", 20), 0.05, Gate::Inconclusive),
            (many("+", 5), many("+", 5), 0.9, Gate::Inconclusive),
            (many("+", 40), many("-", 40), 0.05, Gate::NoGo),
            (many("-", 40), many("+", 40), 0.0, Gate::Go),
            (many("++++-", 8), many("+++-+", 8), 0.05, Gate::Inconclusive),
            (many("+", 20), format!("-{}", many("+", 19)), 0.2, Gate::Go),
            (String::new(), String::new(), 1.0, Gate::Inconclusive),
        ] {
            let found = Comparison::of(&outcomes(&a), &outcomes(&b));
            assert_eq!(found.gate(margin), expected, "{a} {b} {margin}: {found:?}");
        }
    }
}
