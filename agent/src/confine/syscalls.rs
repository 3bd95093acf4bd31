//! The filter of system calls: sockets only of `AF_UNIX`, no way around it, and no door to the
//! kernel that a run has no use for.

use std::collections::BTreeMap;

use rustix::net::AddressFamily;
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter_all_threads, sock_filter,
};

use super::ConfineError;

/// Refused with any argument. Neither this program nor QEMU makes one of them.
const DENIED: [i64; 29] = [
    // Make or take a socket, or act inside a process that is not confined.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    // Change the running kernel or stop the machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // Large parts of the kernel that nothing here needs.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    // Change what a path means, or enter namespaces of others.
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_fsopen,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_mount_setattr,
    // Keys of the user that no file cage covers.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
];

const REFUSAL: SeccompAction = SeccompAction::Errno(libc::EACCES as u32);

pub(super) fn filter() -> Result<(), ConfineError> {
    let program = program().map_err(|source| ConfineError::Filter { source })?;
    apply_filter_all_threads(&program).map_err(|source| ConfineError::Seccomp { source })
}

fn program() -> Result<BpfProgram, BackendError> {
    // 32 bits are compared, for the kernel looks at no more: `0x1_0000_0002` is AF_INET too.
    let not_unix = SeccompCondition::new(
        0,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::Ne,
        u64::from(AddressFamily::UNIX.as_raw()),
    )?;
    let not_unix = || SeccompRule::new(vec![not_unix.clone()]);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = DENIED.map(|call| (call, vec![])).into();
    rules.insert(libc::SYS_socket, vec![not_unix()?]);
    rules.insert(libc::SYS_socketpair, vec![not_unix()?]);
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, REFUSAL, architecture)?;
    let mut program = refuse_x32();
    program.extend(BpfProgram::try_from(filter)?);
    Ok(program)
}

/// Refuses every number of the x32 convention, which shares its architecture with x86-64 and has
/// a second number for each call above. Jumps are relative, so these may stand before a program.
fn refuse_x32() -> BpfProgram {
    const LOAD_ABSOLUTE: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    const OFFSET_OF_NUMBER: u32 = 0;
    const X32_BIT: u32 = 0x4000_0000;
    let step = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    vec![
        step(LOAD_ABSOLUTE, 0, OFFSET_OF_NUMBER),
        step(JUMP_IF_AT_LEAST, 1, X32_BIT),
        step(RETURN, 0, u32::from(REFUSAL)),
    ]
}
