//! Stores of small made-up models on disk.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;

/// A store in a folder of its own, with a hub cache beside it.
struct Bed {
    folder: TempDir,
    store: Store,
}

fn bed() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path().join("models"), vec![folder.path().join("hub")]);
    Bed { folder, store }
}

/// One tensor `w` of two floats.
fn safetensors() -> Vec<u8> {
    let header = br#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend([0; 8]);
    file
}

fn gguf(version: u32, tensors: u64, keys: u64) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    file.extend(version.to_le_bytes());
    file.extend(tensors.to_le_bytes());
    file.extend(keys.to_le_bytes());
    file.extend([0; 64]);
    file
}

impl Bed {
    fn write(&self, path: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn found(&self, name: &str) -> Found {
        self.store.find(&name.parse().unwrap()).unwrap()
    }

    /// As the hub's own programs lay it out.
    fn hub_model(&self) {
        let blob = self.write("hub/models--ann--tiny/blobs/abc", &safetensors());
        self.write("hub/models--ann--tiny/refs/main", b"0f1e\n");
        self.write("hub/models--ann--tiny/snapshots/0f1e/config.json", b"{}");
        self.write("hub/models--ann--tiny/snapshots/0f1e/pytorch_model.bin", b"\x80\x04 a pickle");
        self.write("hub/models--ann--tiny/snapshots/0f1e/README.md", b"# tiny");
        assert!(blob.is_file());
        let link =
            self.folder.path().join("hub/models--ann--tiny/snapshots/0f1e/model.safetensors");
        symlink("../../blobs/abc", link).unwrap();
    }
}

fn silent(_: Hashing<'_>) {}

#[test]
fn models_are_found_where_they_lie() {
    let bed = bed();
    bed.hub_model();
    bed.write("models/bob/big/model.safetensors", &safetensors());
    bed.write("models/plain/a.gguf", &gguf(3, 1, 1));
    bed.write("models/single.gguf", &gguf(3, 1, 1));
    bed.write("models/empty/config.json", b"{}");
    bed.write("models/pickles/model.pt", b"\x80\x04");
    let (found, errors) = bed.store.list();
    assert!(errors.is_empty(), "{errors:?}");
    let names: Vec<&str> = found.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["ann/tiny", "bob/big", "plain", "single"]);
    let tiny = bed.found("ann/tiny");
    assert_eq!(tiny.revision.as_deref(), Some("0f1e"));
    assert_eq!(tiny.left, ["pytorch_model.bin"]);
    let names: Vec<&str> = tiny.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["config.json", "model.safetensors"]);
    assert!(tiny.files[1].path.ends_with("blobs/abc"));
    let error = bed.store.find(&"pickles".parse().unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::NoWeights { .. }), "{error}");
    let error = bed.store.find(&"nobody".parse().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "there is no model `nobody` on this machine");
}

#[test]
fn only_what_is_pinned_is_verified() {
    let bed = bed();
    bed.hub_model();
    let tiny = bed.found("ann/tiny");
    let verify = |found: &Found| bed.store.verify(found, &mut silent);
    assert!(matches!(verify(&tiny), Err(StoreError::NotPinned { .. })));
    assert_eq!(tiny.pinned(None), Pinned::Not);

    let pin = bed.store.pin(&tiny, &mut silent).unwrap();
    assert_eq!(tiny.pinned(Some(&pin)), Pinned::Fits);
    let verified = verify(&tiny).unwrap();
    assert_eq!(verified.of_kind(FileKind::Safetensors).count(), 1);
    assert!(verified.path("config.json").unwrap().is_file());
    assert_eq!(verified.path("README.md"), None);

    // The second time nothing is read.
    let mut hashed = 0;
    bed.store.verify(&tiny, &mut |_| hashed += 1).unwrap();
    assert_eq!(hashed, 0);

    let config = "hub/models--ann--tiny/snapshots/0f1e/config.json";
    bed.write(config, b"[]");
    assert!(matches!(verify(&bed.found("ann/tiny")), Err(StoreError::Hash { .. })));
    bed.write(config, b"[1]");
    assert!(matches!(verify(&bed.found("ann/tiny")), Err(StoreError::Size { .. })));
    assert_eq!(bed.found("ann/tiny").pinned(Some(&pin)), Pinned::Differs);
    bed.write(config, b"{}");
    let extra = bed.write("hub/models--ann--tiny/snapshots/0f1e/more.safetensors", &safetensors());
    assert!(matches!(verify(&bed.found("ann/tiny")), Err(StoreError::Extra { .. })));
    fs::remove_file(extra).unwrap();
    fs::remove_file(bed.folder.path().join(config)).unwrap();
    assert!(matches!(verify(&bed.found("ann/tiny")), Err(StoreError::Missing { .. })));
}

#[test]
fn a_store_that_cannot_be_written_is_verified_all_the_same() {
    let bed = bed();
    bed.hub_model();
    let tiny = bed.found("ann/tiny");
    bed.store.pin(&tiny, &mut silent).unwrap();
    // In the way of what is remembered, also for whoever may write everywhere.
    let memory = bed.store.folder().join("verified.json");
    fs::remove_file(&memory).unwrap();
    fs::create_dir_all(memory.join("inner")).unwrap();
    for _ in 0..2 {
        let mut hashed = 0;
        bed.store.verify(&tiny, &mut |_| hashed += 1).unwrap();
        assert!(hashed > 0);
    }
}

#[test]
fn links_that_lead_nowhere_or_out_are_refused() {
    let bed = bed();
    bed.hub_model();
    let snapshot = bed.folder.path().join("hub/models--ann--tiny/snapshots/0f1e");
    let name: ModelName = "ann/tiny".parse().unwrap();
    symlink("../../blobs/gone", snapshot.join("b.safetensors")).unwrap();
    assert!(matches!(bed.store.find(&name), Err(StoreError::Dangling { .. })));
    assert_eq!(bed.store.list().1.len(), 1);
    fs::remove_file(snapshot.join("b.safetensors")).unwrap();
    let outside = bed.write("outside.safetensors", &safetensors());
    symlink(outside, snapshot.join("b.safetensors")).unwrap();
    assert!(matches!(bed.store.find(&name), Err(StoreError::Outside { .. })));
    fs::remove_file(snapshot.join("b.safetensors")).unwrap();
    bed.write("hub/models--ann--tiny/refs/main", b"../../../..");
    fs::create_dir(snapshot.with_file_name("other")).unwrap();
    assert!(matches!(bed.store.find(&name), Err(StoreError::Unknown { .. })));
}

#[test]
fn names_are_plain() {
    for name in ["a", "Qwen/Qwen3-0.6B", "a_b.c-d"] {
        assert_eq!(name.parse::<ModelName>().unwrap().as_str(), name);
    }
    for name in [
        "",
        "/",
        "a/",
        "/a",
        "a/b/c",
        "..",
        "a/..",
        "../a",
        ".a",
        "-a",
        "a b",
        "a\0",
        "ä",
        &"x".repeat(97),
    ] {
        assert!(name.parse::<ModelName>().is_err(), "{name}");
    }
}

#[test]
fn unsound_weights_are_not_pinned() {
    let header = |json: &str| {
        let mut file = (json.len() as u64).to_le_bytes().to_vec();
        file.extend(json.as_bytes());
        file.extend([0; 8]);
        file
    };
    let bed = bed();
    for (name, content, expected) in [
        ("a.safetensors", vec![], "it ends within its header"),
        ("a.safetensors", u64::MAX.to_le_bytes().to_vec(), "does not fit"),
        ("a.safetensors", header("{"), "EOF"),
        ("a.safetensors", header("[1]"), "invalid type"),
        (
            "a.safetensors",
            header(r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,9]}}"#),
            "lies at 0..9 of 8 bytes",
        ),
        (
            "a.safetensors",
            header(r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#),
            "lies at 8..0",
        ),
        (
            "a.safetensors",
            header(r#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#),
            "of shape [3] has 8 bytes",
        ),
        (
            "a.safetensors",
            header(r#"{"w":{"dtype":"F32","shape":[9999999999,9999999999],"data_offsets":[0,8]}}"#),
            "has 8 bytes",
        ),
        (
            "a.safetensors",
            header(r#"{"w":{"dtype":"PKL","shape":[2],"data_offsets":[0,8]}}"#),
            "unknown type PKL",
        ),
        ("a.safetensors", b"\x80\x04\x95 a pickle by another name".to_vec(), "does not fit"),
        ("a.gguf", b"GGML".to_vec(), "it ends within its header"),
        ("a.gguf", gguf(1, 0, 0), "its version is 1"),
        ("a.gguf", gguf(3, u64::MAX, 0), "it promises"),
        ("a.gguf", gguf(3, 100, 0), "it promises 100 tensors"),
        ("a.gguf", vec![b'x'; 64], "does not begin as GGUF does"),
    ] {
        let path = bed.write(&format!("models/bad/{name}"), &content);
        let error = bed.store.pin(&bed.found("bad"), &mut silent).unwrap_err();
        assert!(matches!(error, StoreError::Header { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error} has not {expected}");
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn a_lock_that_cannot_be_understood_says_so() {
    let bed = bed();
    for (text, expected) in [
        ("version = 2", "its version is 2, and 1 is read"),
        ("version = 1\n[models.\"../x\"]\nfiles = {}", "is no name of a model"),
        ("version = 1\n[models.a]\nfile = {}", "unknown field `file`"),
        ("nonsense", "cannot be understood"),
    ] {
        bed.write("models/models.lock", text.as_bytes());
        let error = bed.store.lock().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// Whole or in parts, into another store.
fn carried(bed: &Bed, part_mb: Option<u64>) -> (Exported, Bed) {
    let mut large = safetensors();
    large.extend(vec![7; 2_500_000]);
    let header = br#"{"w":{"dtype":"U8","shape":[2500000],"data_offsets":[0,2500000]}}"#;
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(&large[large.len() - 2_500_000..]);
    bed.write("models/bob/big/model.safetensors", &file);
    bed.write("models/bob/big/config.json", b"{}");
    let found = bed.found("bob/big");
    bed.store.pin(&found, &mut silent).unwrap();
    let verified = bed.store.verify(&found, &mut silent).unwrap();
    let to = bed.folder.path().join("big.deskbound");
    (bed.store.export(&verified, &to, part_mb).unwrap(), super::tests::bed())
}

#[test]
fn a_model_is_carried_whole_or_in_parts() {
    for (part_mb, parts) in [(None, 1), (Some(1), 3)] {
        let from = bed();
        let (exported, to) = carried(&from, part_mb);
        assert_eq!(exported.parts.len(), parts);
        let wrong = to.store.import(&exported.parts[0], Some("00"), &mut silent).unwrap_err();
        assert!(matches!(wrong, StoreError::Archive { .. }), "{wrong}");
        let sum = Some(exported.sha256.as_str());
        let imported = to.store.import(&exported.parts[0], sum, &mut silent).unwrap();
        assert_eq!(imported.name.as_str(), "bob/big");
        let found = to.found("bob/big");
        to.store.verify(&found, &mut silent).unwrap();
        let again = to.store.import(&exported.parts[0], sum, &mut silent).unwrap_err();
        assert!(matches!(again, StoreError::Exists { .. }), "{again}");
        let left = fs::read_dir(to.store.folder()).unwrap().flatten();
        let left: Vec<_> = left
            .map(|entry| entry.file_name())
            .filter(|name| name.to_string_lossy().starts_with('.'))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn what_was_changed_or_lost_on_the_way_is_refused() {
    let from = bed();
    let (exported, to) = carried(&from, Some(1));
    let check = |damage: &dyn Fn(&[PathBuf])| {
        let before: Vec<Vec<u8>> =
            exported.parts.iter().map(|path| fs::read(path).unwrap()).collect();
        damage(&exported.parts);
        let error = to.store.import(&exported.parts[0], None, &mut silent).unwrap_err();
        assert!(matches!(error, StoreError::Archive { .. }), "{error}");
        assert!(!to.store.folder().join("bob").exists());
        for (path, content) in exported.parts.iter().zip(before) {
            fs::write(path, content).unwrap();
        }
    };
    let change = |path: &Path, at: usize| {
        let mut content = fs::read(path).unwrap();
        content[at] ^= 1;
        fs::write(path, content).unwrap();
    };
    check(&|parts| change(&parts[1], 1000));
    check(&|parts| change(&parts[0], 600));
    check(&|parts| fs::remove_file(&parts[2]).unwrap());
    check(&|parts| fs::remove_file(&parts[1]).unwrap());
    check(&|parts| fs::write(&parts[0], "tar").unwrap());
    check(&|parts| fs::remove_file(&parts[0]).unwrap());
}

/// An archive made by hand, with whatever names.
#[test]
fn an_archive_cannot_write_elsewhere() {
    let bed = bed();
    for name in ["../x.json", "/x.json", "a/b.json", ".hidden.json", "x.sh", "x.bin", "x\0.json"] {
        let manifest = serde_json::json!({
            "format": 1, "name": "ann/tiny",
            "pin": {"files": {name: {"bytes": 1, "sha256": "00"}}},
        });
        let text = manifest.to_string();
        let path = bed.folder.path().join("made.deskbound");
        let mut tar = tar::Builder::new(fs::File::create(&path).unwrap());
        let mut head = tar::Header::new_gnu();
        head.set_size(text.len() as u64);
        tar.append_data(&mut head, "manifest.json", text.as_bytes()).unwrap();
        tar.into_inner().unwrap();
        let error = bed.store.import(&path, None, &mut silent).unwrap_err().to_string();
        assert!(error.ends_with("is no file of a model"), "{error}");
    }
}
