//! How a task is scored: what is fetched, what it is held against, and how.

use deskbound_agent::desktop::{Desktop, DesktopError};
use serde_json::Value;

use super::CacheFolder;
use super::getter::Getter;
use super::metric::Metric;
use crate::home::Home;

/// What a task needs that is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotHere(pub(crate) String);

/// How a task of OSWorld is scored.
#[derive(Clone, Debug, PartialEq)]
pub enum Evaluator {
    /// It cannot be done, and is to be refused.
    Infeasible,
    Of {
        parts: Vec<Part>,
        conjunction: Conjunction,
    },
}

/// How several are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conjunction {
    /// Nothing as soon as one part is nothing, else the mean.
    And,
    /// The best part.
    Or,
}

/// One metric, and what it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    metric: Metric,
    result: Getter,
    expected: Getter,
}

impl Evaluator {
    pub(crate) fn read(value: &Value, cache: &CacheFolder) -> Result<Self, Vec<NotHere>> {
        if value["func"] == "infeasible" {
            return Ok(Self::Infeasible);
        }
        let functions = listed(&value["func"]);
        let (results, expecteds) = (listed(&value["result"]), listed(&value["expected"]));
        let options = listed(&value["options"]);
        let (mut parts, mut missing) = (Vec::new(), Vec::new());
        for (index, function) in functions.iter().enumerate() {
            let nothing = Value::Null;
            let at = |list: &[Value]| list.get(index).unwrap_or(&nothing).clone();
            let result = Getter::read(&at(&results), cache);
            let expected = Getter::read(&at(&expecteds), cache);
            let rules = match &expected {
                Ok(Getter::Rule(rules)) => rules.clone(),
                _ => Value::Null,
            };
            let name = function.as_str().unwrap_or_default();
            let is_other = [&results, &expecteds].iter().any(|list| is_other_picture(&at(list)));
            let metric = Metric::named(name, &at(&options), &rules);
            let metric = match metric {
                Ok(Metric::Picture(_)) if is_other => {
                    Err(NotHere("a picture that is no PNG".to_owned()))
                }
                metric => metric,
            };
            match (metric, result, expected) {
                (Ok(metric), Ok(result), Ok(expected)) => {
                    parts.push(Part { metric, result, expected });
                }
                (metric, result, expected) => {
                    missing.extend(metric.err());
                    missing.extend(result.err());
                    missing.extend(expected.err());
                }
            }
        }
        if functions.is_empty() {
            missing.push(NotHere("a task without a score".to_owned()));
        }
        let conjunction = if value["conj"] == "or" { Conjunction::Or } else { Conjunction::And };
        if missing.is_empty() { Ok(Self::Of { parts, conjunction }) } else { Err(missing) }
    }

    /// Between nothing and 1.
    pub(crate) async fn score<D: Desktop>(
        &self,
        home: &mut Home<'_, D>,
    ) -> Result<f64, DesktopError> {
        let Self::Of { parts, conjunction } = self else { return Ok(0.0) };
        let mut scores = Vec::new();
        for part in parts {
            let result = part.result.fetch(home).await?;
            let expected = part.expected.fetch(home).await?;
            scores.push(part.metric.score(&result, &expected));
        }
        Ok(conjunction.of(&scores))
    }
}

impl Conjunction {
    fn of(self, scores: &[f64]) -> f64 {
        match self {
            Self::And if scores.contains(&0.0) || scores.is_empty() => 0.0,
            Self::And => crate::statistics::mean(scores),
            Self::Or => scores.iter().copied().fold(0.0, f64::max),
        }
    }
}

/// Whether a getter names a picture of a kind that decodes otherwise elsewhere.
fn is_other_picture(getter: &Value) -> bool {
    let name = getter["path"].as_str().unwrap_or_default().to_lowercase();
    [".jpg", ".jpeg", ".gif", ".bmp"].iter().any(|ending| name.ends_with(ending))
}

/// One thing, or a list of them.
fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_put_together_as_osworld_does() {
        for (conjunction, scores, expected) in [
            (Conjunction::And, &[1.0, 0.5][..], 0.75),
            (Conjunction::And, &[1.0, 0.0], 0.0),
            (Conjunction::And, &[], 0.0),
            (Conjunction::Or, &[0.0, 0.5, 0.25], 0.5),
            (Conjunction::Or, &[0.0], 0.0),
        ] {
            assert_eq!(conjunction.of(scores), expected, "{conjunction:?} {scores:?}");
        }
    }
}
