//! A clone's memory, lent read-only.
//!
//! QEMU maps the template's memory privately and writes none of it, yet it opens the file for
//! writing, whatever the mapping. A QEMU that its guest has taken over could then write into the
//! memory of every other clone. So it never gets to open the file: it is told to make a file of
//! its own in a folder, and the one system call that would make it is answered by its keeper with
//! a descriptor that can only be read.
//!
//! ```text
//!   child:  filter on ──▶ exec QEMU ──▶ openat(O_CREAT | O_EXCL | O_RDWR) … returns
//!   keeper:    listener received ──▶ asked ──▶ answers with the read-only descriptor ──▶ closed
//! ```
//!
//! Once it is closed, the same call fails: QEMU makes no file any more.
#![allow(unsafe_code, reason = "seccomp has no safe interface")]

use std::{
    fs::File,
    io::{self, IoSlice, IoSliceMut},
    mem::{MaybeUninit, offset_of},
    os::{
        fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    time::Duration,
};

use libc::{seccomp_data, sock_filter, sock_fprog};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    ioctl::{Opcode, Setter, Updater, ioctl, opcode},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
        SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
    },
};

/// A folder: opened for writing it is refused as one, and QEMU makes a file in it instead.
pub(crate) const FOLDER: &str = "/";

/// From exec to the call; QEMU loads its libraries before.
const ASKED_LIMIT: Duration = Duration::from_secs(30);

/// How a temporary file is made, and nothing else that QEMU opens.
const MAKES_FILE: u32 = (libc::O_RDWR | libc::O_CREAT | libc::O_EXCL) as u32;

/// The side of the child, from fork to exec.
pub(crate) struct Borrower(UnixStream);

/// The side of the keeper.
pub(crate) struct Lender {
    memory: File,
    listener: UnixStream,
}

/// `memory` is lent; it must be open for reading alone.
pub(crate) fn loan(memory: File) -> io::Result<(Lender, Borrower)> {
    let (ours, childs) = UnixStream::pair()?;
    Ok((Lender { memory, listener: ours }, Borrower(childs)))
}

impl Borrower {
    /// Puts the filter on and hands its listener to the keeper: only system calls, for it runs
    /// between fork and exec.
    pub(crate) fn put_on(&self) -> io::Result<()> {
        let filter = filter();
        let program = sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
        // SAFETY: the program outlives the call, which only reads it.
        let listener = unsafe {
            libc::syscall(
                libc::SYS_seccomp,
                libc::SECCOMP_SET_MODE_FILTER,
                libc::SECCOMP_FILTER_FLAG_NEW_LISTENER,
                &raw const program,
            )
        };
        if listener < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel has just made it, for nobody else; it closes itself on exec.
        let listener = unsafe { BorrowedFd::borrow_raw(listener as i32) };
        let fds = [listener];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(&fds));
        sendmsg(&self.0, &[IoSlice::new(&[0])], &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }
}

impl Lender {
    /// Answers the one call, or gives up: the child has ended, or never asks.
    pub(crate) fn lend(self) -> io::Result<()> {
        let listener = self.receive()?;
        let mut waiting = [PollFd::new(&listener, PollFlags::IN)];
        let limit = Timespec::try_from(ASKED_LIMIT).expect("seconds fit");
        poll(&mut waiting, Some(&limit))?;
        if !waiting[0].revents().contains(PollFlags::IN) {
            return Ok(());
        }
        const RECEIVE: Opcode = opcode::read_write::<libc::seccomp_notif>(b'!', 0);
        const ADD: Opcode = opcode::write::<libc::seccomp_notif_addfd>(b'!', 3);
        // SAFETY: it holds only integers, and the kernel wants it zeroed.
        let mut asked: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: the kernel fills exactly this structure.
        unsafe { ioctl(&listener, Updater::<{ RECEIVE }, _>::new(&mut asked))? };
        let answer = libc::seccomp_notif_addfd {
            id: asked.id,
            flags: libc::SECCOMP_ADDFD_FLAG_SEND as u32,
            srcfd: self.memory.as_raw_fd() as u32,
            newfd: 0,
            newfd_flags: libc::O_CLOEXEC as u32,
        };
        // SAFETY: the kernel reads exactly this structure.
        unsafe { ioctl(&listener, Setter::<{ ADD }, _>::new(answer))? };
        Ok(())
    }

    fn receive(&self) -> io::Result<OwnedFd> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let into = &mut [IoSliceMut::new(&mut byte)];
        recvmsg(self.listener.as_fd(), into, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
        let received = ancillary.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        received.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

/// Asks the keeper about `openat` with all of [`MAKES_FILE`]; all else goes its way. It is no
/// guard, so the other conventions for calling the kernel need no mention.
fn filter() -> [sock_filter; 7] {
    const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
    const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
    // The low half of the third argument.
    const FLAGS: usize = offset_of!(seccomp_data, args) + 2 * size_of::<u64>();
    let step = |code: u32, k| sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let skip_unless = |k, jf| sock_filter { jf, ..step(IF_EQUAL, k) };
    [
        step(LOAD, offset_of!(seccomp_data, nr) as u32),
        skip_unless(libc::SYS_openat as u32, 4),
        step(LOAD, FLAGS as u32),
        step(AND, MAKES_FILE),
        skip_unless(MAKES_FILE, 1),
        step(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        step(RETURN, libc::SECCOMP_RET_ALLOW),
    ]
}
