//! What QEMU is, seen from the kernel: nobody, holding what it was given.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use crate::lab::{self, clone};

/// The process whose `-name` is this.
pub(crate) fn qemu_of(clone: &str) -> Option<PathBuf> {
    let named = format!("\0-name\0{clone}\0");
    let processes = fs::read_dir("/proc").expect("a list of processes").flatten();
    processes.map(|process| process.path()).find(|process| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&named)
    })
}

fn status(process: &Path, name: &str) -> Vec<String> {
    let status = fs::read_to_string(process.join("status")).expect("it lives");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.expect("the kernel says so").split_whitespace().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn qemu_is_a_user_that_nobody_else_is() {
    let (one, other) = (clone().await, clone().await);
    let [one, other] = [&one, &other].map(|vm| qemu_of(vm.name()).expect("it runs"));
    for process in [&one, &other] {
        assert_eq!(status(process, "NoNewPrivs"), ["1"]);
    }
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for process in [&one, &other] {
        let ids = status(process, "Uid");
        assert!(ids.iter().all(|id| *id == ids[0] && id.len() > 5), "{ids:?}");
        assert_eq!(status(process, "Groups"), Vec::<String>::new());
        for set in ["CapInh", "CapPrm", "CapEff", "CapAmb"] {
            assert_eq!(status(process, set), ["0000000000000000"], "{set}");
        }
    }
    assert_ne!(status(&one, "Uid"), status(&other, "Uid"));
}

/// Every file of ours that it has open, with how (`open(2)`).
fn held(process: &Path, store: &Path) -> Vec<(PathBuf, u32)> {
    const ACCESS_MODE: u32 = 3;
    let entries = fs::read_dir(process.join("fd")).expect("its descriptors").flatten();
    let files = entries.filter_map(|entry| {
        let file = fs::read_link(entry.path()).ok()?.strip_prefix(store).ok()?.to_owned();
        let info = process.join("fdinfo").join(entry.file_name());
        let info = fs::read_to_string(info).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim();
        Some((file, u32::from_str_radix(flags, 8).ok()? & ACCESS_MODE))
    });
    files.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn qemu_can_write_its_own_disk_and_nothing_else_of_ours() {
    const READ: u32 = 0;
    let vm = clone().await;
    let (store, template) = lab::template().await;
    let process = qemu_of(vm.name()).expect("it runs");
    let held = held(&process, store.root());
    let own = vm.log().parent().expect("it lies in a folder").to_owned();
    let own = own.strip_prefix(store.root()).expect("it lies in the store");
    for (file, access) in &held {
        assert!(*access == READ || file.starts_with(own), "{} is open for more", file.display());
    }
    let memory = template.path().join("ram");
    let memory_held = held.iter().any(|(file, _)| store.root().join(file) == memory);
    assert!(memory_held, "the clone does not stand on its template's memory: {held:?}");
    let about = fs::metadata(memory).expect("it is there");
    assert_eq!(about.mode() & 0o222, 0, "nobody is meant to write it");
    let owner = rustix::process::geteuid().as_raw();
    assert_eq!(about.uid(), owner, "it still belongs to the QEMU that wrote it");
}
