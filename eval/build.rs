//! Lists the files of `suites/` and `ground/`, so that they are part of the program without a list
//! kept by hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    include("suites", "shipped.rs")?;
    include("ground", "ground.rs")
}

/// Every file below a folder: its path there, and its bytes.
fn include(folder: &str, into: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed={folder}");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let folder = root.join(folder);
    let mut files = Vec::new();
    list(&folder, &mut files)?;
    files.sort();
    let mut source = String::from("&[\n");
    for file in files {
        let below = file.strip_prefix(&folder).expect("it was found there");
        writeln!(source, "    ({below:?}, include_bytes!({file:?}).as_slice()),")
            .expect("a String takes all that is written to it");
    }
    source.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join(into), source)
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
