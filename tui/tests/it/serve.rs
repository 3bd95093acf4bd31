//! Clients that are not ours at `deskbound serve`: the official ones, and the examples of the README.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use deskbound_host::{Purpose, install, missing};
use deskbound_testbed::Testbed;

use crate::desktop::built;
use crate::program::{Environment, finish_within};

/// The releases that are installed from PyPI and from npm.
const PYTHON: &str = "mcp==2.3.0";
const NODE: &str = "@modelcontextprotocol/sdk@1.32.2";
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
/// An emulated desktop, a dozen calls.
pub(crate) const TASK_LIMIT: Duration = Duration::from_secs(10 * 60);
pub(crate) const START_LIMIT: Duration = Duration::from_secs(60);

/// All is allowed, on a desktop that is nobody's.
pub(crate) const POLICY: &str = r#"
[[rule]]
name = "work"
decision = "allow"
"#;

/// A private X desktop, and a `deskbound` that serves it: clients pass no environment on.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    bed: Testbed,
}

impl Served {
    pub(crate) fn start() -> Self {
        let bed = Testbed::start().expect("a private desktop starts");
        let folder = tempfile::tempdir().expect("a folder");
        let policy = folder.path().join("policy.toml");
        fs::write(&policy, POLICY).expect("written");
        let own = bed.env().into_iter().map(|(name, value)| format!("export {name}='{value}'\n"));
        let script = format!(
            "#!/bin/sh\n{}export XDG_STATE_HOME='{}'\nexec '{}' \"$@\" --desktop x11 --policy '{}'\n",
            own.collect::<String>(),
            folder.path().join("state").display(),
            env!("CARGO_BIN_EXE_deskbound"),
            policy.display(),
        );
        let program = folder.path().join("deskbound");
        fs::write(&program, script).expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("its mode");
        Self { folder, bed }
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.path().join("deskbound")
    }

    /// With our `deskbound` before all others.
    fn client(&self, mut command: Command) -> (Option<i32>, String, String) {
        let path = format!("{}:/usr/bin:/bin", self.folder.path().display());
        command.env("PATH", path).env("HOME", self.folder.path());
        let ended = finish_within(command, TASK_LIMIT);
        (ended.code, ended.stdout, ended.stderr)
    }
}

/// A Python that has the client.
fn python() -> PathBuf {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp");
    let python = venv.join("bin/python");
    if !python.exists() {
        install(&missing(Purpose::Long), &mut |_| {}).expect("Debian's packages can be had");
        let mut make = Command::new("/usr/bin/python3");
        make.args(["-m", "venv"]).arg(&venv);
        assert_eq!(finish_within(make, INSTALL_LIMIT).code, Some(0), "no virtual environment");
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", PYTHON]);
    let installed = finish_within(pip, INSTALL_LIMIT);
    assert_eq!(installed.code, Some(0), "{}", installed.stderr);
    python
}

/// A folder whose scripts have the client.
fn node() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-node");
    if !Path::new("/usr/bin/npm").exists() {
        let mut apt = Command::new("apt-get");
        apt.args(["install", "--yes", "--no-install-recommends", "nodejs", "npm"]);
        let installed = finish_within(apt, INSTALL_LIMIT);
        assert_eq!(installed.code, Some(0), "`apt-get install nodejs npm`: {}", installed.stderr);
    }
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("package.json"), "{\"private\": true, \"type\": \"module\"}")
        .expect("written");
    let mut npm = Command::new("npm");
    npm.current_dir(&folder).args(["install", "--no-audit", "--no-fund", NODE]);
    let installed = finish_within(npm, INSTALL_LIMIT);
    assert_eq!(installed.code, Some(0), "{}", installed.stderr);
    folder
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(name)
}

/// The code of this language in the README's part on clients.
fn example(language: &str) -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).expect("there is one");
    let (_, code) = readme.split_once(&format!("```{language}\n")).expect("there is an example");
    code.split_once("```").expect("it ends").0.to_owned()
}

#[test]
fn the_example_in_rust_is_the_one_that_is_compiled_and_works() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/client.rs");
    let source = fs::read_to_string(source).expect("there is one");
    assert!(source.ends_with(&example("rust")), "the README and the example differ");
    let served = Served::start();
    let built = Path::new(env!("CARGO_BIN_EXE_deskbound")).with_file_name("examples/client");
    let (code, out, err) = served.client(Command::new(built));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("it can be seen"), "{out}{err}");
}

#[test]
#[ignore = "long: installs the official client from PyPI"]
fn long_the_example_in_python_works() {
    let (served, mut python) = (Served::start(), Command::new(python()));
    python.args(["-c", &example("python")]);
    let (code, out, err) = served.client(python);
    assert!(code == Some(0) && out.contains("it can be seen"), "{out}{err}");
}

#[test]
#[ignore = "long: installs the official client from npm"]
fn long_the_example_in_typescript_works() {
    let (served, folder) = (Served::start(), node());
    fs::write(folder.join("example.js"), example("typescript")).expect("written");
    let mut node = Command::new("node");
    node.arg(folder.join("example.js"));
    let (code, out, err) = served.client(node);
    assert!(code == Some(0) && out.contains("it can be seen"), "{out}{err}");
}

#[test]
#[ignore = "long: installs the official client from npm, and does a whole task with it"]
fn long_the_official_client_for_typescript_does_a_task() {
    let (served, folder) = (Served::start(), node());
    fs::copy(script("mcp_client.mjs"), folder.join("task.mjs")).expect("copied");
    let mut node = Command::new("node");
    node.arg(folder.join("task.mjs")).arg(served.program());
    let (code, out, err) = served.client(node);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(out.trim_end(), "written by a client – 文", "{err}");
    let file = fs::read_to_string(served.bed.home().join("client.txt"));
    assert_eq!(file.expect("it was written").trim_end(), "written by a client – 文");
}

#[test]
#[ignore = "long: installs the official client from PyPI, and drives an emulated desktop with it"]
fn long_the_official_client_for_python_does_a_task() {
    built(&Environment::new());
    let mut task = Command::new(python());
    task.arg(script("mcp_client.py")).arg(env!("CARGO_BIN_EXE_deskbound"));
    let ended = finish_within(task, TASK_LIMIT);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout.trim_end(), "written by a client – 文");
}

#[test]
fn dialects_are_listed_and_say_what_was_not_tried() {
    let environment = Environment::new();
    let ended = environment.run(&["serve", "--list-dialects"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for name in ["anthropic-20251124", "openai", "e2b", "osworld-pyautogui", "ui-tars-1.5"] {
        let line = ended.stdout.lines().find(|line| line.starts_with(name));
        assert!(line.is_some_and(|line| line.ends_with("(unverified)")), "{}", ended.stdout);
    }
    let ended = environment.run(&["serve", "--dialect", "klingon"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("there is no dialect `klingon`"), "{}", ended.stderr);
}
