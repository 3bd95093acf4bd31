//! What holds for the repository as a whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Crate, what it may import, what only its tests may import.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    ("accessibility", &[], &["figures", "testbed"]),
    ("accessibility/private", &[], &[]),
    ("accessibility/testbed", &["host", "private"], &[]),
    ("accessibility/windows", &["accessibility"], &["testbed"]),
    ("models", &[], &["figures"]),
    ("vm/host", &[], &[]),
    ("vm/guest", &["accessibility", "host", "windows"], &["testbed"]),
    ("vm", &["accessibility", "guest", "host"], &["figures", "testbed"]),
    (
        "agent",
        &["accessibility", "models", "private", "vm", "windows"],
        &["figures", "host", "testbed"],
    ),
    ("eval", &["agent", "host"], &["figures", "testbed"]),
    ("eval/figures", &[], &[]),
    (
        "tui",
        &["accessibility", "agent", "eval", "host", "models", "vm", "windows"],
        &["figures", "testbed"],
    ),
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

const FILES_MB_MAX: u64 = 60;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate lies in the workspace").into()
}

/// Every file of the repository; what was built and git's own are not among them.
fn files() -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let is_ours = entry.file_name() != "target" && entry.file_name() != ".git";
            match entry.file_type().expect("a kind of file") {
                kind if kind.is_dir() && is_ours => folders.push(entry.path()),
                kind if kind.is_file() && is_ours => found.push(entry.path()),
                _ => {}
            }
        }
    }
    assert!(found.contains(&root().join("Cargo.toml")), "{found:?}");
    found
}

/// Every file of Rust, with its text.
fn sources() -> impl Iterator<Item = (PathBuf, String)> {
    let is_rust = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "rs");
    files().into_iter().filter(is_rust).map(|file| {
        let text = fs::read_to_string(&file).expect("source is text");
        (file, text)
    })
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
    let files = files();
    let top = files.iter().filter_map(|file| {
        let below = file.strip_prefix(root()).ok()?;
        Some(below.components().next()?.as_os_str().to_str()?.to_owned())
    });
    let found: BTreeSet<_> = top.filter(|name| !name.starts_with('.')).collect();
    assert_eq!(found, TOP_LEVEL.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn the_repository_stays_small() {
    let sizes = files().into_iter().map(|file| fs::metadata(file).expect("a file").len());
    let bytes: u64 = sizes.sum();
    assert!(bytes < FILES_MB_MAX * 1_000_000, "{} MB", bytes / 1_000_000);
}

#[test]
fn no_business_is_unfinished() {
    // Written in pieces, or this file would find itself.
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    for (file, text) in sources() {
        for mark in &marks {
            assert!(!text.contains(mark), "{}: {mark}…", file.display());
        }
    }
}

#[test]
fn logic_files_stay_readable() {
    const LINES_MAX: usize = 800;
    for (file, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{}: {lines} lines want to be two files", file.display());
    }
}
