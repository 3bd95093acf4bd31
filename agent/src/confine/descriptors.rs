//! The descriptors this process was started with. A filter does not touch what exists already.
#![allow(unsafe_code)] // A descriptor known only by its number has to be borrowed.

use std::fs;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use rustix::net::{AddressFamily, sockopt};

use super::ConfineError;

const HELD: &str = "/proc/self/fd";

/// Refuses sockets of any family but `AF_UNIX`, and rings that could make one.
pub(super) fn check() -> Result<(), ConfineError> {
    let unreadable =
        |path: &Path, source| ConfineError::Unreadable { path: path.to_owned(), source };
    let held = Path::new(HELD);
    for entry in fs::read_dir(held).map_err(|source| unreadable(held, source))? {
        let path: PathBuf = entry.map_err(|source| unreadable(held, source))?.path();
        // The descriptor of this listing is gone when it is looked at: no link, no socket.
        let Ok(target) = fs::read_link(&path) else { continue };
        let number = path.file_name().and_then(|name| name.to_str()?.parse().ok());
        let Some(descriptor) = number else { continue };
        check_one(descriptor, &target.to_string_lossy())?;
    }
    Ok(())
}

fn check_one(descriptor: i32, target: &str) -> Result<(), ConfineError> {
    if target.contains("io_uring") {
        return Err(ConfineError::HeldRing { descriptor });
    }
    if !target.starts_with("socket:") {
        return Ok(());
    }
    // SAFETY: `descriptor` was listed as open by the kernel, this is the only thread, and the
    // borrow ends with this function, which closes nothing.
    let socket = unsafe { BorrowedFd::borrow_raw(descriptor) };
    match sockopt::socket_domain(socket) {
        Ok(AddressFamily::UNIX) => Ok(()),
        Ok(family) => {
            let family = format!("address family {}", family.as_raw());
            Err(ConfineError::HeldSocket { descriptor, family })
        }
        Err(_) => {
            Err(ConfineError::HeldSocket { descriptor, family: "an unknown family".to_owned() })
        }
    }
}
