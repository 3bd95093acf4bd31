//! What holds for the repository as a whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Crate, what it may import, what only its tests may import.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("accessibility", &[], &["testbed"]),
    ("accessibility/testbed", &["host"], &[]),
    ("models", &[], &[]),
    ("vm/host", &[], &[]),
    ("vm/guest", &["accessibility", "host"], &["testbed"]),
    ("vm", &["accessibility", "guest", "host"], &["testbed"]),
    ("agent", &["accessibility", "host", "models", "vm"], &["testbed"]),
    ("eval", &["agent", "host"], &["testbed"]),
    ("tui", &["accessibility", "agent", "eval", "host", "models", "vm"], &["testbed"]),
];

const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "accessibility",
    "agent",
    "eval",
    "models",
    "tui",
    "vm",
];

const TRACKED_MB_MAX: u64 = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in the workspace").into()
}

/// What git tracks; where there is no git, nothing can be said.
fn tracked() -> Option<Vec<PathBuf>> {
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output().ok()?;
    let names = String::from_utf8(listed.stdout).expect("names are UTF-8");
    let files: Vec<_> = names.split_terminator('\0').map(|name| root().join(name)).collect();
    (listed.status.success() && !files.is_empty()).then_some(files)
}

/// Names of our crates in one table of a manifest, without their common prefix.
fn imports(manifest: &toml::Table, table: &str) -> BTreeSet<String> {
    let table = manifest.get(table).and_then(toml::Value::as_table);
    let names = table.into_iter().flat_map(toml::Table::keys);
    names.filter_map(|name| name.strip_prefix("deskbound-")).map(str::to_owned).collect()
}

#[test]
fn no_arrow_between_crates_runs_back() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    let workspace: toml::Table = workspace.parse().expect("TOML");
    let members = workspace["workspace"]["members"].as_array().expect("members");
    let members: BTreeSet<_> = members.iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(members, ARROWS.iter().map(|(name, ..)| *name).collect(), "a crate has no arrows");
    for (name, may, tests_may) in ARROWS {
        let manifest =
            fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = manifest.parse().expect("TOML");
        let mut allowed: BTreeSet<_> = may.iter().map(|name| (*name).to_owned()).collect();
        for table in ["dependencies", "build-dependencies"] {
            let found = imports(&manifest, table);
            assert!(found.is_subset(&allowed), "{name} [{table}]: {found:?}");
        }
        allowed.extend(tests_may.iter().map(|name| (*name).to_owned()));
        let found = imports(&manifest, "dev-dependencies");
        assert!(found.is_subset(&allowed), "{name} [dev-dependencies]: {found:?}");
        assert!(!manifest.contains_key("target"), "{name}: put dependencies where this test reads");
    }
}

#[test]
fn the_top_level_is_six_folders_and_little_else() {
    let Some(files) = tracked() else { return };
    let top = files.iter().filter_map(|file| {
        let below = file.strip_prefix(root()).ok()?;
        Some(below.components().next()?.as_os_str().to_str()?.to_owned())
    });
    let found: BTreeSet<_> = top.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(found, TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn tracked_files_stay_small() {
    let Some(files) = tracked() else { return };
    let bytes: u64 = files.iter().filter_map(|file| Some(fs::metadata(file).ok()?.len())).sum();
    assert!(bytes < TRACKED_MB_MAX * 1_000_000, "{} MB are tracked", bytes / 1_000_000);
}

#[test]
fn no_unfinished_business_is_tracked() {
    let Some(files) = tracked() else { return };
    // Written in pieces, or this file would find itself.
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let Ok(text) = fs::read_to_string(file) else { continue };
        for mark in &marks {
            assert!(!text.contains(mark), "{}: {mark}…", file.display());
        }
    }
}

#[test]
fn logic_files_stay_readable() {
    const LINES_MAX: usize = 800;
    let Some(files) = tracked() else { return };
    for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let Ok(text) = fs::read_to_string(file) else { continue };
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{}: {lines} lines want to be two files", file.display());
    }
}
