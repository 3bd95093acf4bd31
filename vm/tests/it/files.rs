//! Files and folders, in and out, byte for byte.

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    time::{Duration, Instant},
};

use deskbound_vm::{FileEvent, FileKind, User, VmError};

use crate::lab::{clone, run};

/// Bytes without a pattern that a broken copy would keep.
fn content(bytes: u32) -> Vec<u8> {
    (0..bytes).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_in_and_comes_out() {
    const BYTES: u32 = 100_000_000;
    let vm = clone().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (there, back) = (folder.path().join("there"), folder.path().join("back"));
    fs::write(&there, content(BYTES)).expect("written");
    fs::set_permissions(&there, fs::Permissions::from_mode(0o751)).expect("set");
    let asked = Instant::now();
    vm.guest().copy_in(&there, "/home/desk/large").await.expect("copied");
    let megabytes = f64::from(BYTES) / 1e6;
    eprintln!("in: {:.0} MB/s", megabytes / asked.elapsed().as_secs_f64());
    let info = vm.guest().stat("/home/desk/large").await.expect("it is there");
    assert_eq!((info.kind, info.bytes, info.mode), (FileKind::File, BYTES.into(), 0o751));
    let asked = Instant::now();
    vm.guest().copy_out("/home/desk/large", &back).await.expect("copied");
    eprintln!("out: {:.0} MB/s", megabytes / asked.elapsed().as_secs_f64());
    assert!(fs::read(&back).expect("it came") == content(BYTES), "it came back another");
    assert_eq!(fs::metadata(&back).expect("it came").permissions().mode() & 0o777, 0o751);
    let again = vm.guest().copy_out("/home/desk/large", &back).await;
    assert!(matches!(again, Err(VmError::File { .. })), "{again:?}");
    let missing = vm.guest().copy_in(&folder.path().join("none"), "/tmp/none").await;
    assert!(matches!(missing, Err(VmError::File { .. })), "{missing:?}");
    let nowhere = vm.guest().copy_in(&there, "/no/such/folder/large").await;
    assert!(matches!(nowhere, Err(VmError::GuestRefused { .. })), "{nowhere:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_folder_goes_in_and_comes_out() {
    let vm = clone().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (there, back) = (folder.path().join("there"), folder.path().join("back"));
    fs::create_dir_all(there.join("deep/er")).expect("made");
    fs::create_dir(there.join("empty")).expect("made");
    let files: [(&str, Vec<u8>, u32); 3] = [
        ("-dash ünï 漢.txt", b"a\nb".to_vec(), 0o644),
        ("deep/er/program", content(300_001), 0o755),
        ("deep/none", Vec::new(), 0o600),
    ];
    for (name, bytes, mode) in &files {
        fs::write(there.join(name), bytes).expect("written");
        fs::set_permissions(there.join(name), fs::Permissions::from_mode(*mode)).expect("set");
    }
    symlink("deep/er/program", there.join("link")).expect("made");
    vm.guest().copy_in(&there, "/home/desk/tree").await.expect("copied");
    let (_, owner) =
        run(&vm, &["stat", "-c%U", "/home/desk/tree/deep/er/program"], User::Root).await;
    assert_eq!(owner, "desk\n");
    let names = vm.guest().list("/home/desk/tree").await.expect("listed");
    let names: Vec<_> = names.iter().map(|info| (info.name.as_str(), info.kind)).collect();
    let expected = [
        ("-dash ünï 漢.txt", FileKind::File),
        ("deep", FileKind::Folder),
        ("empty", FileKind::Folder),
        ("link", FileKind::Link),
    ];
    assert_eq!(names, expected);
    vm.guest().copy_out("/home/desk/tree", &back).await.expect("copied");
    for (name, bytes, mode) in &files {
        assert!(fs::read(back.join(name)).expect("it came") == *bytes, "{name}");
        let found = fs::metadata(back.join(name)).expect("it came").permissions().mode();
        assert_eq!(found & 0o777, *mode, "{name}");
    }
    assert_eq!(
        fs::read_link(back.join("link")).ok().as_deref(),
        Some(Path::new("deep/er/program"))
    );
    assert!(back.join("empty").is_dir());
    let missing = vm.guest().list("/home/desk/none").await;
    assert!(matches!(missing, Err(VmError::NoFile { .. })), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_files_is_told() {
    const TOLD_LIMIT: Duration = Duration::from_secs(20);
    let vm = clone().await;
    let mut watch = vm.guest().watch("/home/desk").await.expect("watched");
    run(&vm, &["touch", "/home/desk/new"], User::Session).await;
    run(&vm, &["rm", "/home/desk/new"], User::Session).await;
    for expected in [FileEvent::Appeared, FileEvent::Written, FileEvent::Gone] {
        let change = loop {
            let told = tokio::time::timeout(TOLD_LIMIT, watch.next()).await.expect("it is told");
            let change = told.expect("the watch goes on").expect("the folder is there");
            // Whatever else the session does in its home.
            if change.name == "new" {
                break change;
            }
        };
        assert_eq!(change.event, expected);
    }
    let missing = vm.guest().watch("/home/desk/none").await;
    assert!(matches!(missing, Err(VmError::NoFile { .. })));
}
