//! The Debian package, built by its one command and installed below a folder of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use deskbound_testbed::Testbed;

fn done(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{errors}");
    said
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// One is built at a time, for there is one place that it is built to.
static BUILDING: Mutex<()> = Mutex::new(());

/// The package, installed below a folder of its own.
fn installed() -> tempfile::TempDir {
    let _one = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    assert!(rustix::process::geteuid().is_root(), "dpkg installs as root: `sudo`");
    let root = root();
    let built = done(Command::new(root.join(".ci/deb")).arg(env!("CARGO_BIN_EXE_deskbound")));
    let package = root.join(built.trim());
    let asked = ["--showformat", "${Recommends}", "--show"];
    let wanted = done(Command::new("dpkg-deb").args(asked).arg(&package));
    assert!(wanted.contains("qemu-system-x86"), "{wanted}");

    let place = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(place.path().join("var/lib/dpkg/updates")).expect("made");
    fs::create_dir_all(place.path().join("var/lib/dpkg/info")).expect("made");
    fs::write(place.path().join("var/lib/dpkg/status"), "").expect("written");
    let mut dpkg = Command::new("dpkg");
    dpkg.arg(format!("--root={}", place.path().display()));
    // In a place where nothing else is, nothing that it needs is either.
    dpkg.args(["--force-depends", "--force-script-chrootless", "--install"]).arg(&package);
    done(&mut dpkg);
    place
}

#[test]
fn the_package_is_built_and_installed() {
    let place = installed();
    let at = |path: &str| place.path().join(path);
    let help = done(Command::new(at("usr/bin/deskbound")).arg("--version"));
    assert!(help.starts_with("deskbound "), "{help}");
    for path in [
        "usr/share/bash-completion/completions/deskbound",
        "usr/share/zsh/vendor-completions/_deskbound",
        "usr/share/fish/vendor_completions.d/deskbound.fish",
        "usr/share/man/man1/deskbound.1.gz",
        "usr/share/man/man1/deskbound-run.1.gz",
        "usr/lib/systemd/user/deskbound.service",
        "usr/lib/systemd/user/deskbound-folders.service",
        "usr/share/doc/deskbound/copyright",
    ] {
        let about = fs::metadata(at(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(about.len() > 0, "{path} is empty");
        assert_eq!(about.permissions().mode() & 0o777, 0o644, "{path}");
    }
    let unit = fs::read_to_string(at("usr/lib/systemd/user/deskbound.service")).expect("read");
    assert!(unit.contains("RestrictAddressFamilies=AF_UNIX"), "{unit}");
}

const POLICY: &str = "[[rule]]\nname = \"work\"\ndecision = \"allow\"\n";

/// As `cargo install` or the package leave it: one file, and no repository anywhere.
fn works_alone(program: &Path) {
    let bed = Testbed::start().expect("a private desktop");
    let policy = bed.home().join("policy.toml");
    fs::write(&policy, POLICY).expect("written");
    let hidden = "mount -t tmpfs none \"$1\" && cd / && shift && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", hidden, "sh"]).arg(root());
    command.arg(program).args(["run", "--desktop", "x11"]);
    command.args(["--plain", "--models", "trained", "--policy"]).arg(&policy);
    command.args(["--", "Write \"all is well\" and save it as w.txt"]);
    let home = tempfile::tempdir().expect("a folder");
    command.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").envs(bed.env());
    let said = done(command.env("XDG_STATE_HOME", home.path()));
    assert!(said.contains("done after"), "{said}");
}

#[test]
fn the_installed_program_does_its_work_without_the_repository() {
    let place = installed();
    works_alone(&place.path().join("usr/bin/deskbound"));
}

#[test]
#[ignore = "long: a release of everything is built"]
fn long_what_cargo_installs_does_its_work_without_the_repository() {
    let place = tempfile::tempdir().expect("a folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["install", "--locked", "--offline", "--path", "tui", "--root"]).arg(place.path());
    done(cargo.current_dir(root()));
    works_alone(&place.path().join("bin/deskbound"));
}

/// A manager of a user, on whatever machine this is.
#[test]
fn the_unit_starts_and_stops() {
    let place = installed();
    let unit = place.path().join("usr/lib/systemd/user/deskbound.service");
    let mut judged = Command::new("systemd-analyze");
    judged.args(["security", "--offline=true", "--user", "--threshold=70"]).arg(&unit);
    done(judged.env("XDG_RUNTIME_DIR", place.path()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/unit.sh");
    let mut unshared = Command::new("unshare");
    unshared.args(["--mount", "sh"]).arg(script).arg(place.path());
    let said = done(unshared.env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"));
    for line in ["active", "folder 700", "NoNewPrivs:\t1", "Seccomp:\t2", "success"] {
        assert!(said.lines().any(|said| said == line), "no {line:?} in {said}");
    }
}
