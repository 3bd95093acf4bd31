//! What the published grounding sets have in common: lists of records in JSON, and pictures beside.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::ground::{GroundError, Kind};

/// Of one file of records; the largest there are have a few megabytes.
const FILE_BYTES_MAX: u64 = 256 << 20;
/// Folders that pictures are looked for in, below the one that is named.
const PICTURES: [&str; 3] = ["", "images", "screenspotv2_image"];

/// Every record of every JSON file of a folder (or of one file), with the file's name.
pub(super) fn records(path: &Path) -> Result<Vec<(String, Value)>, GroundError> {
    let unreadable =
        |path: &Path, source| GroundError::Unreadable { path: path.to_owned(), source };
    let mut files = Vec::new();
    if path.is_file() {
        files.push(path.to_owned());
    } else {
        for entry in fs::read_dir(path).map_err(|error| unreadable(path, error))? {
            files.push(entry.map_err(|error| unreadable(path, error))?.path());
        }
        files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
        files.sort();
    }
    let mut records = Vec::new();
    for file in files {
        let wrong = |what: &str| GroundError::Wrong { path: file.clone(), what: what.to_owned() };
        let about = fs::metadata(&file).map_err(|error| unreadable(&file, error))?;
        if about.len() > FILE_BYTES_MAX {
            return Err(wrong("it is too large"));
        }
        let text = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        let value: Value =
            serde_json::from_slice(&text).map_err(|error| wrong(&error.to_string()))?;
        let Value::Array(list) = value else { return Err(wrong("it is no list")) };
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        records.extend(list.into_iter().map(|record| (name.clone(), record)));
    }
    if records.is_empty() {
        let what = "there are no records".to_owned();
        return Err(GroundError::Wrong { path: path.to_owned(), what });
    }
    Ok(records)
}

/// Where a picture is, by the name that a record gives it.
pub(super) fn picture(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let astray = name.split('/').any(|part| matches!(part, "" | "." | ".."));
    if astray {
        return Err(format!("`{name}` leads astray"));
    }
    let folder = if folder.is_file() { folder.parent().unwrap_or(folder) } else { folder };
    let each = PICTURES.iter().map(|inner| folder.join(inner).join(name));
    let found = each.clone().find(|path| path.is_file());
    found.or_else(|| each.into_iter().next()).ok_or_else(|| "no name".to_owned())
}

pub(super) fn text<'r>(record: &'r Value, name: &str) -> Result<&'r str, String> {
    record[name].as_str().ok_or_else(|| format!("a record has no `{name}`"))
}

/// Numbers of a record, so many of them.
pub(super) fn numbers<const N: usize>(record: &Value, name: &str) -> Result<[f64; N], String> {
    let list = record[name].as_array().into_iter().flatten().map(Value::as_f64);
    let list = list.collect::<Option<Vec<f64>>>().unwrap_or_default();
    list.try_into().map_err(|_| format!("`{name}` of a record is not {N} numbers"))
}

pub(super) fn kind(word: &str) -> Option<Kind> {
    match word {
        "text" => Some(Kind::Text),
        "icon" => Some(Kind::Icon),
        _ => None,
    }
}
