//! The confinement, tried from inside: by this process, by a thread, by a child.
//!
//! No test harness, for that one runs threads, and a confinement is put on before there are any.
#![allow(unsafe_code)] // Raw system calls, to try numbers that no library would use.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;

use deskbound_agent::confine::{
    ConfineError, Confinement, FamilyProbe, FileCage, Folders, Verdict, probe_families,
};
use deskbound_agent::x11::{ScreenEye, Way};
use deskbound_testbed::{SCREEN, Testbed};

/// Set in the confined process to the folder it works in.
const BASE: &str = "CONFINEMENT_TEST_BASE";
/// `CAP_CHOWN`, `CAP_DAC_OVERRIDE` and `CAP_FOWNER`, by the kernel's numbers.
const KEPT: u64 = 1 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7;
/// The X server that it looks at.
const DISPLAY: &str = "CONFINEMENT_TEST_DISPLAY";
/// Set in its child, too.
const CHILD: &str = "CONFINEMENT_TEST_CHILD";

fn main() -> ExitCode {
    match (std::env::var_os(BASE), std::env::var_os(CHILD)) {
        (None, _) => return supervise(),
        (Some(base), None) => put_on_and_try(Path::new(&base)),
        (Some(base), Some(_)) => confined(&Path::new(&base).join("outside"), "child"),
    }
    ExitCode::SUCCESS
}

/// Stays unconfined, so that it can clean up.
fn supervise() -> ExitCode {
    let base = tempfile::tempdir().expect("a folder");
    for name in ["inside", "outside"] {
        fs::create_dir(base.path().join(name)).expect("a folder");
    }
    let bed = Testbed::start().expect("a private desktop starts");
    let mut confined = Command::new(std::env::current_exe().expect("this program"));
    confined.env(DISPLAY, bed.display());
    confined.env(BASE, base.path()).env("TMPDIR", base.path().join("inside"));
    let status = confined.status().expect("the confined process");
    println!("confinement: {status}");
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn put_on_and_try(base: &Path) {
    let (inside, outside) = (base.join("inside"), base.join("outside"));
    let folders = Folders {
        data: inside.join("d"),
        state: inside.join("s"),
        cache: inside.join("c"),
        config: inside.join("f"),
    };
    let confinement = Confinement::of(&folders);
    refuses_a_held_socket(&confinement);
    refuses_a_second_thread(&confinement);
    let opens = |family: &str| {
        let opened =
            |probe: &FamilyProbe| probe.family == family && probe.verdict == Verdict::Opened;
        probe_families().iter().any(opened)
    };
    assert!(opens("AF_INET"), "the machine itself refuses AF_INET, so this test proves nothing");
    fs::write(outside.join("before"), "").expect("writable before");

    let root = rustix::process::geteuid().is_root();
    let before = capability_set("CapEff");
    assert!(!root || before & !KEPT != 0, "root has nothing to give up here");

    let on = confinement.put_on().expect("the confinement");
    assert_ne!(on.files, FileCage::Missing, "this kernel has no Landlock");
    assert_eq!(capability_set("CapEff"), before & KEPT);
    fs::write(inside.join("s/after"), "").expect("the state folder stays writable");
    confined(&outside, "process");
    let elsewhere = outside.clone();
    thread::spawn(move || confined(&elsewhere, "thread")).join().expect("thread");
    let program = std::env::current_exe().expect("this program");
    let child = Command::new(program).env(CHILD, "1").status().expect("a child");
    assert!(child.success(), "child: {child}");
    sees_a_screen();
}

/// Memory is shared with the X server from inside, too.
fn sees_a_screen() {
    let display = std::env::var(DISPLAY).expect("the supervisor sets it");
    let mut eye = ScreenEye::open(&display).expect("the server answers");
    assert_eq!(eye.way(), Way::Shared);
    assert_eq!(eye.frame().expect("a picture").dimensions(), SCREEN);
}

/// Everything that must hold once it is on.
fn confined(outside: &Path, who: &str) {
    for probe in probe_families() {
        assert!(probe.holds(), "{who}: {probe:?}");
    }
    UnixStream::pair().expect("AF_UNIX pair");
    for (what, number) in [
        ("x32 socket", libc::SYS_socket | 0x4000_0000),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("ptrace", libc::SYS_ptrace),
        ("pidfd_getfd", libc::SYS_pidfd_getfd),
        ("bpf", libc::SYS_bpf),
        ("x32 bpf", libc::SYS_bpf | 0x4000_0000),
        ("init_module", libc::SYS_init_module),
        ("mount", libc::SYS_mount),
        ("setns", libc::SYS_setns),
        ("keyctl", libc::SYS_keyctl),
    ] {
        // SAFETY: the filter answers before the kernel looks at any argument; and where it does
        // not, these arguments are null and zero, which each of the calls refuses or ignores.
        let answer = unsafe { libc::syscall(number, libc::c_long::from(libc::AF_INET), 0, 0, 0) };
        let error = io::Error::last_os_error();
        assert_eq!((answer, error.raw_os_error()), (-1, Some(libc::EACCES)), "{who}: {what}");
    }
    let high_bits = 0x1_0000_0002_u64;
    // SAFETY: plain integers; the kernel takes the low 32 bits as the family.
    let answer = unsafe { libc::syscall(libc::SYS_socket, high_bits, libc::SOCK_DGRAM, 0) };
    assert_eq!(answer, -1, "{who}: AF_INET with a high bit");
    holds_few_capabilities(who);
    let written = fs::write(outside.join(who), "").map_err(|error| error.kind());
    assert_eq!(written, Err(io::ErrorKind::PermissionDenied), "{who}: writing outside");
    fs::read(outside.join("before")).expect("reading stays allowed");
    fs::write("/dev/null", "x").expect("/dev/null stays writable");
}

fn holds_few_capabilities(who: &str) {
    let kept = if who == "child" { 0 } else { KEPT };
    let root = rustix::process::geteuid().is_root();
    for (set, most) in [
        ("CapInh", 0),
        ("CapPrm", kept),
        ("CapEff", kept),
        ("CapBnd", if root { 0 } else { u64::MAX }),
        ("CapAmb", 0),
    ] {
        assert_eq!(capability_set(set) & !most, 0, "{who}: {set}");
    }
}

/// A line of what the kernel says about this thread.
fn capability_set(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    u64::from_str_radix(line.expect("the set").trim(), 16).expect("a number")
}

fn refuses_a_held_socket(confinement: &Confinement) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let refused = confinement.put_on().expect_err("a held socket");
    assert!(matches!(refused, ConfineError::HeldSocket { .. }), "{refused:?}");
    assert!(refused.to_string().contains("address family 2"), "{refused}");
    drop(listener);
}

fn refuses_a_second_thread(confinement: &Confinement) {
    let (end, wait) = std::sync::mpsc::channel::<()>();
    let second = thread::spawn(move || wait.recv().unwrap_or(()));
    let refused = confinement.put_on().expect_err("a second thread");
    assert!(matches!(refused, ConfineError::Threads { count: 2 }), "{refused:?}");
    drop(end);
    second.join().expect("second thread");
}
