//! A desktop on its way to a machine without a network.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::desktop::{built, on_a_desktop};
use crate::program::{Environment, finish_within};

/// A disk packed, or a template made, where both cores are busy with something else.
const LIMIT: Duration = Duration::from_secs(30 * 60);

#[test]
#[ignore = "long: packs a disk, and starts it once from power-on where it arrives"]
fn long_a_desktop_travels_in_parts_and_starts_where_it_arrives() {
    let environment = Environment::new();
    built(&environment);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let words = ["vm", "export", &path("desk.deskbound"), "--part-mb", "100", "--json"];
    let ended = on_a_desktop(&environment, &words, LIMIT);
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    let told: Value = serde_json::from_str(&ended.stdout).expect("JSON");
    let sum = told["sha256"].as_str().expect("a sum").to_owned();
    let parts: Vec<PathBuf> = serde_json::from_value(told["parts"].clone()).expect("paths");
    assert!(parts.len() > 2, "{parts:?}");
    for part in &parts[..parts.len() - 1] {
        assert_eq!(fs::metadata(part).expect("it is there").len(), 100_000_000);
    }
    // Nothing of the other machine but the parts, and no network.
    let there = path("there");
    let elsewhere = |words: &[&str]| {
        let mut command = environment.command(words);
        command.env("XDG_DATA_HOME", &there);
        finish_within(command, LIMIT)
    };
    let first = parts[0].to_str().expect("UTF-8");
    let other = elsewhere(&["vm", "import", first, "--expect", &"0".repeat(64)]);
    assert_eq!(other.code, Some(3), "{}{}", other.stdout, other.stderr);
    let kept = fs::read(&parts[1]).expect("read");
    let mut changed = kept.clone();
    changed[kept.len() / 2] ^= 1;
    fs::write(&parts[1], changed).expect("written");
    let damaged = elsewhere(&["vm", "import", first, "--expect", &sum]);
    assert_eq!(damaged.code, Some(3), "{}{}", damaged.stdout, damaged.stderr);
    let images = fs::read_dir(folder.path().join("there/deskbound/images")).expect("a store");
    assert_eq!(images.count(), 0, "something of a damaged archive stays");
    fs::write(&parts[1], kept).expect("written");
    let came = elsewhere(&["vm", "import", first, "--expect", &sum, "--json"]);
    assert_eq!(came.code, Some(0), "{}{}", came.stdout, came.stderr);
    let came: Value = serde_json::from_str(&came.stdout).expect("JSON");
    assert_eq!(came["recipe"], "minimal");
    let ran = elsewhere(&["vm", "run", "--", "sh", "-c", "whoami; xset q >/dev/null && echo up"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "desk\nup\n"), "{}", ran.stderr);
}
