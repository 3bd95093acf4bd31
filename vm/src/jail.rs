//! What a QEMU is allowed to be: a user that no other process is, with nothing but the descriptors
//! it was given.
//!
//! Where the owner is root, a child gets a user id of its own before it is QEMU. Root must hold
//! `CAP_SETUID`, `CAP_SETGID`, `CAP_CHOWN` and `CAP_KILL` for that. Any other owner cannot become
//! somebody else, and its QEMU stays what it is.

use std::{
    fs, io,
    os::{
        fd::{BorrowedFd, RawFd},
        unix::fs::MetadataExt as _,
    },
};

use rustix::{
    fs::{Gid, Uid, fchown},
    process::{geteuid, getpid},
    thread::{set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid},
};

use crate::{
    accel::{self, Accel},
    error::VmError,
    memory_loan::Borrower,
};

/// With a process id added, a user that no system hands out (systemd leaves 0x7000_0000 to
/// 0x7fff_ffff free), and no two living processes are.
const UNUSED_IDS: u32 = 0x7800_0000;

/// `nobody`: where a user namespace does not know the id above.
const NOBODY: u32 = 65_534;

#[derive(Default)]
pub(crate) struct Jail {
    /// Files that the child writes, and so has to own. They are open in it.
    pub(crate) owns: Vec<RawFd>,
    /// The group of a device that it needs.
    pub(crate) group: Option<u32>,
    pub(crate) borrower: Option<Borrower>,
}

impl Jail {
    /// The group that may use the device which `accel` needs.
    pub(crate) fn group_of(accel: Accel) -> Result<Option<u32>, VmError> {
        let device = match accel {
            Accel::Emulated => return Ok(None),
            Accel::Kvm => fs::metadata(accel::DEVICE),
        };
        device.map(|about| Some(about.gid())).map_err(VmError::file("used", accel::DEVICE))
    }

    /// Only system calls: it runs between fork and exec.
    pub(crate) fn enter(&self) -> io::Result<()> {
        if geteuid().is_root() {
            let own = UNUSED_IDS + getpid().as_raw_nonzero().get().unsigned_abs();
            self.become_user(own).or_else(|_| self.become_user(NOBODY))?;
        }
        set_no_new_privs(true)?;
        self.borrower.as_ref().map_or(Ok(()), Borrower::put_on)
    }

    #[allow(unsafe_code, reason = "a descriptor known only by its number has to be borrowed")]
    fn become_user(&self, id: u32) -> io::Result<()> {
        let (user, group) = (Uid::from_raw(id), Gid::from_raw(self.group.unwrap_or(id)));
        for number in &self.owns {
            // SAFETY: whoever made this jail keeps them open until the child runs.
            let file = unsafe { BorrowedFd::borrow_raw(*number) };
            fchown(file, Some(user), Some(group))?;
        }
        set_thread_groups(&[])?;
        set_thread_res_gid(group, group, group)?;
        set_thread_res_uid(user, user, user)?;
        Ok(())
    }
}
