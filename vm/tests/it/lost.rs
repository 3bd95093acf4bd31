//! What happens where something is taken away.

use std::{fs, path::Path, process::Command};

use deskbound_vm::{Checkpoint, Image, Recipe, Store, Template, User, Vm, VmError};

use crate::lab::{self, run};

/// The same files under another root.
fn link_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        fs::hard_link(entry.path(), to.join(entry.file_name())).expect("linked");
    }
}

/// A store of its own with one image and one template, which are those of the user's store.
async fn store_of_its_own() -> (tempfile::TempDir, Store, Recipe) {
    let (theirs, template) = lab::template().await;
    let root = tempfile::tempdir_in(theirs.root()).expect("a folder on the same disk");
    let store = Store::at(root.path()).expect("opens");
    for folder in [template.path(), template.image_path()] {
        let inside = folder.strip_prefix(theirs.root()).expect("it lies in the store");
        link_all(folder, &root.path().join(inside));
    }
    let known = theirs.root().join("kvm.json");
    if known.exists() {
        fs::copy(known, root.path().join("kvm.json")).expect("copied");
    }
    (root, store, Recipe::named("minimal").expect("shipped"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_outlives_its_image_and_the_next_start_says_what_is_gone() {
    let (root, store, recipe) = store_of_its_own().await;
    let template = Template::ready(&store, &recipe).await.expect("it is there");
    let mut vm = Vm::start(&store, &template).await.expect("it starts");
    for folder in ["images", "templates"] {
        fs::remove_dir_all(root.path().join(folder)).expect("removed");
    }
    let unread = ["sh", "-c", "echo 3 > /proc/sys/vm/drop_caches; ls -R /usr/share | wc -l"];
    let (status, lines) = run(&vm, &unread, User::Root).await;
    assert!(status == 0 && lines.trim().parse::<u32>().expect("a number") > 1000, "{lines}");
    let taken = vm.checkpoint("late").await.expect_err("its template is gone");
    assert!(taken.to_string().contains(&*template.path().to_string_lossy()), "{taken}");
    assert!(matches!(taken, VmError::Vanished { .. }), "{taken:?}");
    assert_eq!(run(&vm, &["true"], User::Session).await.0, 0, "it runs on");
    drop(vm);
    let store = Store::at(root.path()).expect("opens again");
    let gone = Template::ready(&store, &recipe).await.expect_err("nothing is there");
    assert!(matches!(gone, VmError::NotBuilt { .. }), "{gone}");
    let stale = Vm::start(&store, &template).await.err().expect("its files are gone");
    assert!(stale.to_string().contains(&*template.path().to_string_lossy()), "{stale}");
    assert!(matches!(&stale, VmError::Vanished { recipe, .. } if recipe == "minimal"), "{stale:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_another_build_is_not_used_and_said_to_be_one() {
    let (root, store, recipe) = store_of_its_own().await;
    let template = Template::ready(&store, &recipe).await.expect("it is there");
    let older = root.path().join("templates/older");
    fs::rename(template.path(), &older).expect("renamed");
    // Another QEMU, and a guest program of an earlier build.
    for (field, value) in [("machine", "QEMU emulator version 0.1"), ("guest_program", "0ld")] {
        change(&older.join("template.json"), |manifest| manifest[field] = value.into());
        let error = Template::ready(&store, &recipe).await.expect_err("it fits nothing here");
        assert!(
            matches!(&error, VmError::OutOfDate { made_with, .. } if made_with.contains(value)),
            "{error}"
        );
    }
    assert!(Image::find(&store, &recipe).expect("read").is_some(), "the image is as good as ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_checkpoint_of_another_qemu_is_not_started() {
    let (root, store, recipe) = store_of_its_own().await;
    let template = Template::ready(&store, &recipe).await.expect("it is there");
    let mut vm = Vm::start(&store, &template).await.expect("it starts");
    let taken = vm.checkpoint("now").await.expect("taken");
    taken.keep(&store, "mine").expect("kept");
    drop(vm);
    Checkpoint::kept(&store, "mine").await.expect("it fits");
    let manifest = root.path().join("kept/mine/checkpoint.json");
    change(&manifest, |manifest| manifest["of"]["machine"] = "QEMU emulator version 0.1".into());
    let error = Checkpoint::kept(&store, "mine").await.expect_err("it fits nothing here");
    assert!(
        matches!(&error, VmError::OfAnotherMachine { made_with, .. } if made_with.contains("0.1")),
        "{error}"
    );
    let listed = Checkpoint::list_kept(&store).expect("read");
    assert_eq!(listed.iter().map(Checkpoint::name).collect::<Vec<_>>(), ["mine"]);
}

/// Writes the file anew with something in it changed: as it is, it may be the user's too.
fn change(path: &Path, how: impl FnOnce(&mut serde_json::Value)) {
    let text = fs::read(path).expect("read");
    let mut content = serde_json::from_slice(&text).expect("JSON");
    how(&mut content);
    fs::remove_file(path).expect("removed");
    fs::write(path, content.to_string()).expect("written");
}

/// A small disk of its own, gone with the value.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(mib: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let size = format!("size={mib}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path());
        assert!(mount.status().expect("it runs").success(), "only root mounts");
        Self(folder)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "long: fills a disk, and needs root"]
async fn long_a_full_disk_is_said_and_the_desktop_goes_on_when_there_is_room() {
    const DISK_MIB: u64 = 4000;
    let (theirs, template) = lab::template().await;
    let disk = SmallDisk::mount(DISK_MIB);
    let root = disk.0.path();
    for folder in [template.path(), template.image_path()] {
        let to = root.join(folder.strip_prefix(theirs.root()).expect("it lies in the store"));
        fs::create_dir_all(to.parent().expect("one below the root")).expect("made");
        let mut copy = Command::new("cp");
        // Without holes: a hole of such a disk takes room as soon as somebody reads it.
        copy.args(["--recursive", "--sparse=never"]).arg(folder).arg(&to);
        assert!(copy.status().expect("it runs").success());
    }
    let store = Store::at(root).expect("opens");
    let recipe = Recipe::named("minimal").expect("shipped");
    let template = Template::ready(&store, &recipe).await.expect("it is there");
    let vm = Vm::start(&store, &template).await.expect("it starts");
    // All but what a clone's disk may grow by.
    let about = rustix::fs::statvfs(root).expect("it is mounted");
    let free = about.f_bavail * about.f_frsize;
    let ballast = root.join("ballast");
    fs::write(&ballast, vec![1; usize::try_from(free - 40_000_000).expect("it fits")])
        .expect("room");
    let full = Vm::start(&store, &template).await.err().expect("there is no room");
    assert!(matches!(full, VmError::DiskFull { .. }), "{full}");

    let fill = "head -c 200000000 /dev/urandom > /home/desk/fill && sync && echo done";
    let filled = vm.run(lab::command(&["sh", "-c", fill], User::Session), &mut |_, _| {}).await;
    let error = filled.expect_err("there is no room").to_string();
    assert!(error.contains("disk is full"), "{error}");
    assert_eq!(vm.controls().is_running().await.ok(), Some(false), "it stands still");
    fs::remove_file(ballast).expect("removed");
    vm.resume().await.expect("there is room");
    assert_eq!(run(&vm, &["echo", "on"], User::Session).await, (0, "on\n".into()));
    drop(vm);
}
