//! Rules: a value of a file, and what it is held against.

use fancy_regex::Regex;
use serde_json::Value;

/// A list of texts; none where there is no list.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(list) => list.iter().map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The methods that rules of both kinds name, be they a list or by key.
pub(super) fn methods(rules: &Value) -> impl Iterator<Item = String> {
    let of = |list: &Value| -> Vec<Value> {
        match list {
            Value::Array(list) => list.clone(),
            Value::Object(map) => map.values().cloned().collect(),
            _ => Vec::new(),
        }
    };
    let all = ["expect", "unexpect"].into_iter().flat_map(move |list| of(&rules[list]));
    all.map(|rule| rule["method"].as_str().unwrap_or("nothing").to_owned())
}

pub(super) fn is_known(method: &str) -> bool {
    let plain = ["eq", "ne", "lt", "le", "gt", "ge", "str_list_eq", "str_set_eq"];
    let ends = ["range.ee", "range.et", "range.te", "range.tt"];
    plain.contains(&method)
        || ends.contains(&method)
        || flags(method).is_some()
        || method.strip_prefix("approx:").is_some_and(|far| far.parse::<f64>().is_ok())
}

/// `re.S.I` as the flags of a pattern.
fn flags(method: &str) -> Option<String> {
    let names =
        method.strip_prefix("re").filter(|rest| rest.is_empty() || rest.starts_with('.'))?;
    let flags = names.split('.').skip(1).map(|name| match name {
        "I" | "IGNORECASE" => Some('i'),
        "S" | "DOTALL" => Some('s'),
        "M" | "MULTILINE" => Some('m'),
        "X" | "VERBOSE" => Some('x'),
        _ => None,
    });
    flags.collect()
}

/// Every `expect` holds, and no `unexpect` does. A key that is not there fails the former.
pub(super) fn json_holds(found: &Value, rules: &Value) -> Option<bool> {
    for (list, wanted) in [("expect", true), ("unexpect", false)] {
        for rule in rules[list].as_array().into_iter().flatten() {
            let value = keyed(found, &rule["key"]);
            let holds = match (value, wanted) {
                (None, true) => return Some(false),
                (value, _) => compared(value.unwrap_or(&Value::Null), rule)?,
            };
            if holds != wanted {
                return Some(false);
            }
        }
    }
    Some(true)
}

fn keyed<'v>(value: &'v Value, keys: &Value) -> Option<&'v Value> {
    keys.as_array()?.iter().try_fold(value, |value, key| match key {
        Value::String(name) => value.get(name),
        Value::Number(index) => value.get(usize::try_from(index.as_u64()?).ok()?),
        _ => None,
    })
}

/// `None` where the two cannot be compared so.
pub(super) fn compared(value: &Value, rule: &Value) -> Option<bool> {
    let (method, reference) = (rule["method"].as_str()?, &rule["ref"]);
    let order = |one: &Value, other: &Value| one.as_f64()?.partial_cmp(&other.as_f64()?);
    if let Some(flags) = flags(method) {
        let flags = if flags.is_empty() { flags } else { format!("(?{flags})") };
        let pattern = Regex::new(&format!("{flags}{}", reference.as_str()?)).ok()?;
        return pattern.is_match(value.as_str()?).ok();
    }
    if let Some(far) = method.strip_prefix("approx:") {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        let Some(number): Option<f64> = number else { return Some(false) };
        return Some((number - reference.as_f64()?).abs() <= far.parse().ok()?);
    }
    if let Some(ends) = method.strip_prefix("range.") {
        let (low, high) = (order(reference.get(0)?, value)?, order(value, reference.get(1)?)?);
        let fits = |end: &str, order: std::cmp::Ordering| match end {
            "e" => order.is_le(),
            _ => order.is_lt(),
        };
        return Some(fits(ends.get(..1)?, low) && fits(ends.get(1..)?, high));
    }
    Some(match method {
        "eq" => value == reference,
        "ne" => value != reference,
        "lt" => order(value, reference)?.is_lt(),
        "le" => order(value, reference)?.is_le(),
        "gt" => order(value, reference)?.is_gt(),
        "ge" => order(value, reference)?.is_ge(),
        "str_list_eq" | "str_set_eq" => {
            let found = value.as_str()?.trim_matches(['"', '\'']);
            let mut found: Vec<String> = found.split(',').map(str::to_owned).collect();
            let mut wanted = texts(reference)?;
            if method == "str_set_eq" {
                for list in [&mut found, &mut wanted] {
                    list.sort();
                    list.dedup();
                }
            }
            found == wanted
        }
        _ => return None,
    })
}

/// Every key that is expected has its value; or, where that is asked for, has it among others.
pub(super) fn direct(found: &Value, rules: &Value) -> Option<bool> {
    let wanted = rules["expected"].as_object()?;
    if wanted.values().any(|value| value == "__EVALUATION_FAILED__") {
        return Some(false);
    }
    let is_among = rules["expect_in_result"] == true;
    let any_order = wanted.get("ignore_list_order").is_some_and(|said| *said == true);
    let sorted = |value: Option<&Value>| {
        let mut list: Vec<String> = value?.as_array()?.iter().map(Value::to_string).collect();
        list.sort();
        Some(list)
    };
    for (key, value) in wanted {
        let found = found.get(key);
        let holds = match value {
            _ if !is_among && any_order => sorted(Some(value))? == sorted(found)?,
            _ if !is_among => found.unwrap_or(&Value::Null) == value,
            Value::Array(choices) => match found? {
                Value::Array(list) => choices.iter().any(|one| list.contains(one)),
                text @ Value::String(_) => choices.contains(text),
                _ => false,
            },
            Value::String(text) => match found? {
                Value::String(found) => found.contains(text.as_str()),
                Value::Array(list) => list.contains(value),
                _ => return None,
            },
            _ => false,
        };
        if !holds {
            return Some(false);
        }
    }
    Some(true)
}
