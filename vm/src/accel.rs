//! How the guest's instructions are run, and whether the processor can be trusted to run them.
//!
//! A `/dev/kvm` that opens proves nothing: seen on a machine that is itself a virtual one, where
//! BIOS ran and a Linux guest hung at its first step for ever. So a kernel is started on it once,
//! and what came of that is remembered until the machine is booted again.
//!
//! ```text
//!   no device ──▶ Absent      cannot be opened ──▶ Refused      no kernel to try ──▶ Untried
//!   QEMU ends ──▶ Fails       nothing printed in time ──▶ Hangs       printed ──▶ Works
//! ```

use std::{
    fs, io,
    os::fd::{AsRawFd as _, OwnedFd},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use deskbound_accessibility::TreeLimits;
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt as _, net::UnixStream, time::timeout};

use crate::{
    child::{Child, Given},
    error::VmError,
    image::Image,
    jail::Jail,
    machine::{CPU, QEMU, SANDBOX, qemu_version},
    store::Store,
};

pub(crate) const DEVICE: &str = "/dev/kvm";

/// Where the verdict is remembered, in the store.
const REMEMBERED: &str = "kvm.json";

/// A processor that works prints within a second.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// What the kernel says first of all.
const SIGN_OF_LIFE: &str = "Linux version";

/// BIOS and kernel say less before that.
const SAID_BYTES_MAX: usize = 64 * 1024;

/// How the guest's instructions are run. It is shown wherever a desktop is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Accel {
    /// By the processor itself.
    Kvm,
    /// In software. QEMU promises no isolation from a malicious guest in this mode.
    Emulated,
}

/// What there is to say of KVM on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kvm", rename_all = "snake_case")]
pub enum Kvm {
    Works,
    Absent,
    Refused {
        why: String,
    },
    /// No Linux kernel is at hand, neither of an image nor of this machine.
    Untried,
    Fails {
        said: String,
    },
    Hangs,
}

#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// What the verdict holds for: a boot, its kernel, and a QEMU.
    of: String,
    verdict: Kvm,
}

impl Accel {
    /// The best that works here; tried out where nothing is remembered.
    pub async fn here(store: &Store) -> Result<Self, VmError> {
        Ok(match Kvm::probe(store).await? {
            Kvm::Works => Self::Kvm,
            _ => Self::Emulated,
        })
    }

    pub(crate) fn of_qemu(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Emulated => "tcg",
        }
    }

    /// What a picture of the tree may take. An emulated application that has just been started
    /// says nothing for seconds, and is not to be taken for a stalled one.
    pub fn tree_limits(self) -> TreeLimits {
        match self {
            Self::Kvm => TreeLimits::default(),
            Self::Emulated => TreeLimits {
                deadline: Duration::from_secs(20),
                app_deadline: Duration::from_secs(15),
                silence: Duration::from_secs(8),
                ..TreeLimits::default()
            },
        }
    }
}

impl std::fmt::Display for Accel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Kvm => "KVM",
            Self::Emulated => "EMULATED",
        })
    }
}

impl Kvm {
    /// Remembered, or tried out: that takes [`PROBE_LIMIT`] at most, once a boot.
    pub async fn probe(store: &Store) -> Result<Self, VmError> {
        match fs::File::options().read(true).write(true).open(DEVICE) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Absent),
            Err(error) => return Ok(Self::Refused { why: error.to_string() }),
            Ok(_) => {}
        }
        let (path, of) = (store.root().join(REMEMBERED), this_boot()?);
        let remembered = fs::read(&path).ok();
        let remembered = remembered.and_then(|text| serde_json::from_slice(&text).ok());
        if let Some(Remembered { of: then, verdict }) = remembered
            && then == of
        {
            return Ok(verdict);
        }
        let Some(kernel) = kernel(store) else { return Ok(Self::Untried) };
        let verdict = try_out(Accel::Kvm, &kernel, PROBE_LIMIT).await?;
        let text = Remembered { of, verdict: verdict.clone() };
        let text = serde_json::to_vec_pretty(&text).expect("a verdict is plain data");
        // Where it cannot be remembered it is tried again.
        let _ = fs::write(path, text);
        Ok(verdict)
    }
}

impl std::fmt::Display for Kvm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Works => write!(f, "works"),
            Self::Absent => write!(f, "not there"),
            Self::Refused { why } => write!(f, "cannot be opened: {why}"),
            Self::Untried => write!(f, "opens; not tried yet, for there is no Linux kernel to try"),
            Self::Fails { said } => write!(f, "opens, and QEMU cannot use it: {said}"),
            Self::Hangs => write!(f, "opens, and a Linux guest hangs on it"),
        }
    }
}

fn this_boot() -> Result<String, VmError> {
    let path = "/proc/sys/kernel/random/boot_id";
    let boot = fs::read_to_string(path).map_err(VmError::file("read", path))?;
    let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
    Ok(format!("boot {}, Linux {kernel}, {}", boot.trim(), qemu_version()?))
}

/// An image's, or else this machine's own.
fn kernel(store: &Store) -> Option<PathBuf> {
    let images = Image::list(store).unwrap_or_default();
    let own = images.iter().rev().map(|image| image.path().join("vmlinuz"));
    let boot = fs::read_dir("/boot").into_iter().flatten().flatten().map(|entry| entry.path());
    let boot = boot.filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz-"))
    });
    own.chain(boot).find(|path| fs::File::open(path).is_ok())
}

/// Starts a kernel that finds no disk, and waits for its first word.
async fn try_out(accel: Accel, kernel: &Path, limit: Duration) -> Result<Kvm, VmError> {
    let cannot = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => VmError::ProgramMissing { program: QEMU.into() },
        _ => VmError::file("started", QEMU)(error),
    };
    let kernel = fs::File::open(kernel).map_err(VmError::file("read", kernel))?;
    let (console, qemu_console) = std::os::unix::net::UnixStream::pair().map_err(cannot)?;
    console.set_nonblocking(true).map_err(cannot)?;
    let mut command = Command::new(QEMU);
    command.args(["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"]);
    command.args(["-nic", "none", "-cpu", CPU, "-m", "256M", "-sandbox", SANDBOX]);
    command.args(["-machine", &format!("pc-i440fx-7.2,accel={}", accel.of_qemu())]);
    command.args(["-kernel", &format!("/proc/self/fd/{}", kernel.as_raw_fd())]);
    command.args(["-append", "earlyprintk=serial,ttyS0 console=ttyS0 panic=-1"]);
    let socket = format!("socket,id=console,fd={}", qemu_console.as_raw_fd());
    command.args(["-chardev", &socket, "-serial", "chardev:console"]);
    let (said, complaints) = io::pipe().map_err(cannot)?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(complaints);
    let jail = Some(Jail { group: Jail::group_of(accel)?, ..Jail::default() });
    let open = vec![OwnedFd::from(kernel), OwnedFd::from(qemu_console)];
    let child = Child::start(command, Given { open, jail, lender: None }).await.map_err(cannot)?;
    let console = UnixStream::from_std(console).map_err(cannot)?;
    let verdict = match timeout(limit, first_word(console)).await {
        Err(_) => Kvm::Hangs,
        Ok(true) => Kvm::Works,
        Ok(false) => {
            // One that says too much may go on saying it.
            child.kill();
            child.ended().await;
            Kvm::Fails { said: last_line(said) }
        }
    };
    Ok(verdict)
}

/// Whether the kernel spoke before the machine ended.
async fn first_word(mut console: UnixStream) -> bool {
    let mut said = Vec::new();
    while said.len() < SAID_BYTES_MAX {
        match console.read_buf(&mut said).await {
            Ok(0) | Err(_) => return false,
            Ok(_) if String::from_utf8_lossy(&said).contains(SIGN_OF_LIFE) => return true,
            Ok(_) => {}
        }
    }
    false
}

/// QEMU has ended, so the pipe has too.
fn last_line(mut complaints: io::PipeReader) -> String {
    let mut said = String::new();
    let _ = io::Read::read_to_string(&mut complaints, &mut said);
    said.lines().next_back().unwrap_or("nothing").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_found_out_is_remembered_for_this_boot_alone() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(root.path()).expect("opens");
        let Ok(of) = this_boot() else { return };
        let remember = |of: String, verdict: Kvm| {
            let text = Remembered { of, verdict };
            let text = serde_json::to_vec(&text).expect("plain data");
            fs::write(store.root().join(REMEMBERED), text).expect("written");
        };
        if fs::File::options().read(true).write(true).open(DEVICE).is_err() {
            return assert_eq!(Accel::here(&store).await.expect("an answer"), Accel::Emulated);
        }
        let fails = || Kvm::Fails { said: "x".into() };
        for verdict in [Kvm::Hangs, fails()] {
            remember(of.clone(), verdict.clone());
            assert_eq!(Kvm::probe(&store).await.expect("known"), verdict);
            assert_eq!(Accel::here(&store).await.expect("an answer"), Accel::Emulated);
        }
        remember("another boot".into(), fails());
        // A store without an image may still try the kernel of this machine.
        let tried = Kvm::probe(&store).await.expect("an answer");
        assert_ne!(tried, Kvm::Fails { said: "x".into() });
    }

    /// Emulation, where the cores do other things too.
    const BUSY: Duration = Duration::from_secs(120);

    /// Emulation always works: the probe sees it.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_kernel_that_speaks_is_heard() {
        let kernel = Store::open().ok().and_then(|store| kernel(&store));
        let Some(kernel) = kernel else { return eprintln!("no kernel to try; nothing was tested") };
        if qemu_version().is_ok() {
            assert_eq!(
                try_out(Accel::Emulated, &kernel, BUSY).await.expect("it starts"),
                Kvm::Works
            );
        }
    }

    /// As Linux has it on a KVM that is none: BIOS runs and jumps into a kernel whose first
    /// instruction never ends.
    ///
    /// Source: `Documentation/x86/boot.rst`, the real-mode header.
    fn kernel_that_hangs() -> Vec<u8> {
        const SECTORS: usize = 4;
        let mut kernel = vec![0; SECTORS * 512];
        kernel[0x1f1] = (SECTORS - 2) as u8;
        kernel[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
        // A jump to itself, where the jump over the header stands.
        kernel[0x200..0x202].copy_from_slice(&[0xeb, 0xfe]);
        kernel[0x202..0x206].copy_from_slice(b"HdrS");
        kernel[0x206..0x208].copy_from_slice(&0x0204_u16.to_le_bytes());
        // Loaded high.
        kernel[0x211] = 1;
        kernel
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_kernel_that_never_speaks_hangs_and_the_probe_does_not() {
        const LIMIT: Duration = Duration::from_secs(3);
        let root = tempfile::tempdir().expect("a temporary folder");
        let kernel = root.path().join("vmlinuz");
        fs::write(&kernel, kernel_that_hangs()).expect("written");
        let asked = std::time::Instant::now();
        match try_out(Accel::Emulated, &kernel, LIMIT).await {
            Err(VmError::ProgramMissing { .. }) => {}
            tried => assert_eq!(tried.expect("it starts"), Kvm::Hangs),
        }
        assert!(asked.elapsed() < LIMIT * 3, "{:?}", asked.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_machine_that_ends_fails_with_its_last_words() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let no_kernel = root.path().join("vmlinuz");
        fs::write(&no_kernel, "no kernel").expect("written");
        let tried = try_out(Accel::Emulated, &no_kernel, BUSY).await;
        match tried {
            Err(VmError::ProgramMissing { .. }) => {}
            tried => assert!(
                matches!(&tried, Ok(Kvm::Fails { said }) if said.contains("kernel")),
                "{tried:?}"
            ),
        }
    }
}
