//! Files that are lists: of lines, of records, of settings, of filters.

use std::collections::{BTreeMap, HashMap};

use fancy_regex::Regex;
use serde_json::Value;

use super::{compared, texts};

/// Of lines that are compared, beyond which the commonest are left out of account.
const POPULAR_FROM: usize = 200;
const TIME: &str = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)";
const CONDITION: &str = r#"\b(?:AND|OR) \([\w ]+,[\w ']+,(?:"[^)]+?"|[^)]+)\)|\bALL\b"#;

/// A pattern of the rules that is none.
pub(super) fn unreadable(rules: &Value) -> Option<String> {
    let all =
        ["expect", "unexpect"].into_iter().flat_map(|list| texts(&rules[list]).unwrap_or_default());
    all.into_iter().find(|pattern| Regex::new(pattern).is_err())
}

/// Each pattern that is expected is in some line, and none of the others in any.
pub(super) fn lines_hold(text: &str, rules: &Value) -> Option<bool> {
    let patterns = |list: &str| -> Option<Vec<Regex>> {
        texts(&rules[list])?.iter().map(|pattern| Regex::new(pattern).ok()).collect()
    };
    let (wanted, unwanted) = (patterns("expect")?, patterns("unexpect")?);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let any = |pattern: &Regex| lines.iter().any(|line| pattern.is_match(line).unwrap_or(false));
    Some(wanted.iter().all(any) && !unwanted.iter().any(any))
}

/// Lines with a time of day in them.
pub(super) fn times(text: &str) -> usize {
    let pattern = Regex::new(TIME).expect("it is a pattern");
    text.lines().filter(|line| pattern.is_match(line).unwrap_or(false)).count()
}

/// Settings of Thunderbird: `user_pref("key", value);`. Of one that is there twice the last counts.
pub(super) fn prefs_hold(text: &str, rules: &Value) -> Option<bool> {
    let none = serde_json::Map::new();
    let wanted = rules["expect"].as_object().unwrap_or(&none);
    let unwanted = rules["unexpect"].as_object().unwrap_or(&none);
    let mut met: BTreeMap<&str, bool> = wanted.keys().map(|key| (key.as_str(), false)).collect();
    for line in text.lines().map(str::trim) {
        let inside = line.strip_prefix("user_pref(\"").and_then(|rest| rest.strip_suffix(");"));
        let Some((key, value)) = inside.and_then(|inside| inside.split_once("\", ")) else {
            continue;
        };
        let value: Value = serde_json::from_str(value).ok()?;
        if let Some(rule) = wanted.get(key) {
            met.insert(wanted.get_key_value(key)?.0, compared(&value, rule)?);
        } else if let Some(rule) = unwanted.get(key)
            && compared(&value, rule)?
        {
            return Some(false);
        }
    }
    Some(met.values().all(|met| *met))
}

pub(super) type Record = HashMap<String, Value>;

/// Some record fits each that is expected, and none fits one of the others.
pub(super) fn records_hold(records: &[Record], rules: &Value) -> Option<bool> {
    let any = |pattern: &Value| {
        let fields = pattern.as_object()?;
        let fits =
            |record: &Record| fields.iter().all(|(key, value)| record.get(key) == Some(value));
        Some(records.iter().any(fits))
    };
    for (list, wanted) in [("expect", true), ("unexpect", false)] {
        for pattern in rules[list].as_array().into_iter().flatten() {
            if any(pattern)? != wanted {
                return Some(false);
            }
        }
    }
    Some(true)
}

/// A table with its names in the first line. Quotation marks are doubled inside themselves.
pub(super) fn csv(text: &str) -> Vec<Record> {
    let mut rows = rows(text).into_iter();
    let Some(names) = rows.next() else { return Vec::new() };
    let named = |row: Vec<String>| names.iter().cloned().zip(row.into_iter().map(Value::from));
    rows.map(|row| named(row).collect()).collect()
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().filter(|c| *c != '\r').peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut field)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows.retain(|row| row.iter().any(|field| !field.is_empty()));
    rows
}

/// Thunderbird's filters: `name="…"`, then what it does, then when.
pub(super) fn filters(text: &str) -> Vec<Record> {
    let pattern = Regex::new(CONDITION).expect("it is a pattern");
    let (mut filters, mut filter) = (Vec::new(), Record::new());
    for line in text.lines() {
        let Some((key, value)) = line.split_once("=\"") else { continue };
        let value = value.strip_suffix('"').unwrap_or(value);
        let value = value.replace("\\\"", "\"").replace("\\\\", "\\");
        match key {
            "name" => filter = Record::from([("name".to_owned(), value.into())]),
            "enabled" | "type" | "action" | "actionValue" => {
                filter.insert(key.to_owned(), value.into());
            }
            "condition" => {
                let found = pattern.find_iter(&value).flatten();
                let conditions = found.map(|found| Value::from(found.as_str())).collect();
                filter.insert(key.to_owned(), Value::Array(conditions));
                filters.push(filter.clone());
            }
            _ => {}
        }
    }
    filters
}

/// Twice what matches ÷ all, as Python's difflib matches: the longest run first, then on both sides.
pub(super) fn likeness(one: &[String], other: &[String]) -> f64 {
    let all = one.len() + other.len();
    if all == 0 {
        return 1.0;
    }
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in other.iter().enumerate() {
        places.entry(line).or_default().push(at);
    }
    if other.len() >= POPULAR_FROM {
        places.retain(|_, at| at.len() <= other.len() / 100 + 1);
    }
    let mut matched = 0;
    let mut open = vec![((0, one.len()), (0, other.len()))];
    while let Some(((a, a_end), (b, b_end))) = open.pop() {
        let (i, j, size) = longest((one, (a, a_end)), (other, (b, b_end)), &places);
        if size > 0 {
            matched += size;
            open.push(((a, i), (b, j)));
            open.push(((i + size, a_end), (j + size, b_end)));
        }
    }
    crate::statistics::count(2 * matched) / crate::statistics::count(all)
}

type Span<'l> = (&'l [String], (usize, usize));

fn longest(
    (one, (a, a_end)): Span<'_>,
    (other, (b, b_end)): Span<'_>,
    places: &HashMap<&str, Vec<usize>>,
) -> (usize, usize, usize) {
    let (mut i, mut j, mut size) = (a, b, 0);
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for (at, line) in one.iter().enumerate().take(a_end).skip(a) {
        let mut now = HashMap::new();
        for place in places.get(line.as_str()).into_iter().flatten().copied() {
            if !(b..b_end).contains(&place) {
                continue;
            }
            let before = place.checked_sub(1).and_then(|before| lengths.get(&before));
            let length = before.copied().unwrap_or(0) + 1;
            now.insert(place, length);
            if length > size {
                (i, j, size) = (at + 1 - length, place + 1 - length, length);
            }
        }
        lengths = now;
    }
    // Lines that were left out of account may be at its ends.
    while i > a && j > b && one[i - 1] == other[j - 1] {
        (i, j, size) = (i - 1, j - 1, size + 1);
    }
    while i + size < a_end && j + size < b_end && one[i + size] == other[j + size] {
        size += 1;
    }
    (i, j, size)
}
