//! Builds the guest program and puts its path where `guest_program.rs` embeds it.
//!
//! It is static, for the image's C library is not this machine's; it is built with one profile and
//! no inherited flags, so that its bytes, and with them the name of every template, depend on the
//! sources alone.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = here.parent().expect("the workspace holds this crate");
    for source in [
        "vm/guest",
        "accessibility/src",
        "accessibility/windows",
        "accessibility/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", root.join(source).display());
    }
    // One folder for all profiles: OUT_DIR is <target>/<profile>/build/<crate>/out.
    let target = out.ancestors().nth(4).expect("cargo lays it so deep").join("guest");
    build(root, &target);
    let program = target.join(TARGET).join("guest/deskbound-guest");
    fs::copy(program, out.join("deskbound-guest")).expect("the build left its program");
}

/// Static, and without the paths of this machine.
fn flags(root: &Path) -> Vec<String> {
    let mut flags = vec!["-Ctarget-feature=+crt-static".into(), "-Crelocation-model=static".into()];
    flags.push(format!("--remap-path-prefix={}=deskbound", root.display()));
    let home = |name, folder| {
        let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        env::var_os(name).map_or(home.join(folder), PathBuf::from)
    };
    flags.push(format!("--remap-path-prefix={}=cargo", home("CARGO_HOME", ".cargo").display()));
    flags
}

fn build(root: &Path, target: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo sets it"));
    cargo.current_dir(root).args(["build", "--locked", "--package", "deskbound-guest", "--bin"]);
    cargo.args(["deskbound-guest", "--profile", "guest", "--target", TARGET, "--target-dir"]);
    cargo.arg(target);
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let inherited = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS", "RUSTC_WRAPPER"];
        let own = ["RUSTC_WORKSPACE_WRAPPER", "CLIPPY_ARGS", "CARGO_TARGET_DIR"];
        if inherited.contains(&&*name)
            || own.contains(&&*name)
            || name.starts_with("CARGO_PROFILE_")
            || name.starts_with("CARGO_BUILD_")
            || name.starts_with("CARGO_FEATURE_")
            || name.starts_with("CARGO_CFG_")
        {
            cargo.env_remove(&*name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(root).join("\u{1f}"));
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the guest program does not build: {status}");
}
