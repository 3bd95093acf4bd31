//! Who stands at a door.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
};

use deskbound_vm::is_of_this_user;
use tokio::net::{UnixListener, UnixStream};

/// Nobody's number, on every Debian.
const NOBODY: &str = "65534";

fn open(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o777)).expect("it is ours");
}

/// Even where a folder stands open.
#[tokio::test]
async fn somebody_else_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("door");
    let listener = UnixListener::bind(&path).expect("it listens");
    let _own = UnixStream::connect(&path).await.expect("it is open");
    let (own, _) = listener.accept().await.expect("somebody came");
    assert!(is_of_this_user(&own));
    if !rustix::process::geteuid().is_root() {
        // Nobody else can be played.
        return;
    }
    open(folder.path());
    open(&path);
    let mut knock = Command::new("setpriv");
    knock.args(["--reuid", NOBODY, "--clear-groups", "logger", "--socket"]).arg(&path).arg("hello");
    let mut other = knock.spawn().expect("every Debian has it");
    let (stranger, _) = listener.accept().await.expect("somebody came");
    assert!(!is_of_this_user(&stranger));
    drop(stranger);
    other.wait().expect("it ends");
}
