//! `deskbound models`, on models of a few bytes.

use std::fs;
use std::path::Path;

use crate::program::Environment;

/// One tensor `w` of two floats.
fn safetensors() -> Vec<u8> {
    let header = br#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend([0; 8]);
    file
}

fn check(environment: &Environment, words: &[&str], code: i32, said: &[&str]) -> String {
    let ended = environment.run(&[&["models"], words].concat());
    let all = format!("{}{}", ended.stdout, ended.stderr);
    assert_eq!(ended.code, Some(code), "{words:?}: {all}");
    for expected in said {
        assert!(all.contains(expected), "{words:?} said {all}\nnot {expected}");
    }
    ended.stdout
}

fn put(environment: &Environment, path: &str, content: &[u8]) {
    let path = environment.home().join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, content).expect("written");
}

#[test]
fn a_model_is_listed_pinned_verified_and_carried() {
    let here = Environment::new();
    check(&here, &["list"], 0, &["no models in", "qwen3-vl (unverified)"]);
    let folder = ".local/share/deskbound/models/Qwen/Qwen3-VL-4B-Instruct";
    put(&here, &format!("{folder}/model.safetensors"), &safetensors());
    put(&here, &format!("{folder}/config.json"), b"{}");
    put(&here, &format!("{folder}/old.bin"), b"\x80\x04");
    let name = "Qwen/Qwen3-VL-4B-Instruct";
    let line = "not pinned  qwen3-vl (unverified); never opened: old.bin";
    check(&here, &["list"], 0, &[name, line]);
    check(
        &here,
        &["verify", name],
        1,
        &["is not pinned in", "hint: `deskbound models verify --pin`"],
    );
    check(&here, &["verify", name, "--pin"], 0, &["pinned, 2 files"]);
    check(&here, &["verify"], 0, &["is what is pinned, 2 files"]);
    check(&here, &["show", name], 0, &["model.safetensors", "sha256 ", "never opened"]);
    let json = check(&here, &["list", "--json"], 0, &[]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["models"][0]["pin"], "pinned");

    let archive = here.home().join("carried");
    let to = archive.to_str().expect("a plain path");
    let said = check(&here, &["export", name, "--to", to], 0, &["sha256 "]);
    let sum = said.lines().last().expect("a line").trim_start_matches("sha256 ").to_owned();
    let there = Environment::new();
    check(&there, &["import", to, "--sha256", "00"], 3, &["its sum is", &sum]);
    check(&there, &["import", to, "--sha256", &sum], 0, &[name]);
    check(&there, &["verify", name], 0, &["is what is pinned, 2 files"]);
    put(&there, &format!("{folder}/config.json"), b"[]");
    check(&there, &["verify", name], 1, &["config.json is not what is pinned", "hint: "]);
}

#[test]
fn profiles_are_shown_and_a_users_own_is_read() {
    let environment = Environment::new();
    check(
        &environment,
        &["show", "ui-venus-1.5"],
        0,
        &["(unverified)", "family    qwen3-vl", "Click"],
    );
    check(
        &environment,
        &["show", "nothing"],
        3,
        &["neither a model nor a profile `nothing`", "hint: "],
    );
    check(&environment, &["show", "../etc"], 2, &["is no name of a model"]);
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/profiles/gta1.toml");
    let own = fs::read_to_string(own).expect("read").replace("id = \"gta1\"", "id = \"mine\"");
    put(&environment, ".config/deskbound/profiles/mine.toml", own.as_bytes());
    put(&environment, ".config/deskbound/profiles/bad.toml", b"id = 3\n");
    check(
        &environment,
        &["list"],
        0,
        &["mine (unverified) (your own)", "bad.toml", "expected a string"],
    );
}
