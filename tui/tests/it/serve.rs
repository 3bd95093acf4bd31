//! Clients that are not ours at `deskbound serve`: the official ones, the examples of the README, and
//! some that mean no good.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use deskbound_host::{Purpose, install, missing};
use deskbound_testbed::{Testbed, wait_until};
use serde_json::{Value, json};

use crate::desktop::{built, data_home};
use crate::program::{Environment, finish_within};

/// The releases that are installed from PyPI and from npm.
const PYTHON: &str = "mcp==2.3.0";
const NODE: &str = "@modelcontextprotocol/sdk@1.32.2";
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
/// An emulated desktop, a dozen calls.
const TASK_LIMIT: Duration = Duration::from_secs(10 * 60);
const START_LIMIT: Duration = Duration::from_secs(60);

/// All is allowed, on a desktop that is nobody's.
const POLICY: &str = r#"
[[rule]]
name = "work"
decision = "allow"
"#;

/// A private X desktop, and a `deskbound` that serves it: clients pass no environment on.
struct Served {
    folder: tempfile::TempDir,
    bed: Testbed,
}

impl Served {
    fn start() -> Self {
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

    fn program(&self) -> PathBuf {
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

/// A server at a socket; ended with the test.
struct Listening {
    child: Child,
    socket: PathBuf,
    _served: Served,
}

impl Listening {
    fn start() -> Self {
        let served = Served::start();
        let socket = served.folder.path().join("run/mcp");
        let mut server = Command::new(served.program());
        server.arg("serve").arg("--socket").arg(&socket).stdin(Stdio::null());
        server.env("HOME", served.folder.path()).stderr(Stdio::null());
        let child = server.spawn().expect("the server starts");
        wait_until("the socket", START_LIMIT, || socket.exists()).expect("it listens");
        Self { child, socket, _served: served }
    }

    fn connect(&self) -> Line {
        let stream = UnixStream::connect(&self.socket).expect("it listens");
        stream.set_read_timeout(Some(START_LIMIT)).expect("a limit");
        Line { reader: BufReader::new(stream.try_clone().expect("a descriptor")), stream, next: 1 }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // The script is the program by now; it ends in order when it is asked to.
        let id = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}

/// A client of the socket that says what it likes.
struct Line {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Line {
    fn say(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    fn heard(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).unwrap_or(0);
        (read > 0).then(|| serde_json::from_str(&line).expect("a line is JSON"))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let asked = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        assert!(self.say(format!("{asked}\n").as_bytes()), "the server is gone");
        loop {
            let message = self.heard().expect("the server answers");
            if message["id"] == id {
                return message;
            }
        }
    }

    fn hello(&mut self) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let hello = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client,
        });
        let welcome = self.ask("initialize", &hello);
        let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.say(format!("{begun}\n").as_bytes());
        welcome
    }

    fn call(&mut self, name: &str, arguments: &Value) -> String {
        let answer = self.ask("tools/call", &json!({ "name": name, "arguments": arguments }));
        answer["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn sessions_at_a_socket_are_limited_found_again_and_freed() {
    let server = Listening::start();
    let mode = fs::metadata(&server.socket).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let named = b"{\"deskbound\":{\"session\":\"desk\",\"lease-s\":600,\"tools\":\"full\"}}\n";
    let mut one = server.connect();
    one.say(named);
    assert_eq!(one.hello()["result"]["serverInfo"]["name"], "deskbound");
    one.call("move", &json!({ "target": { "x": 12, "y": 34 } }));
    let status = one.call("status", &json!({}));
    assert!(status.contains("record: /"), "{status}");

    // The user's own desktop is there once.
    let mut second = server.connect();
    let refused = second.hello_refused();
    assert!(refused.contains("1 sessions are open"), "{refused}");
    drop(one);

    let mut again = server.connect();
    again.say(named);
    again.hello();
    let record = |status: &str| status.split("record: ").nth(1).map(str::to_owned);
    let found = again.call("status", &json!({}));
    let folder =
        |status: &str| record(status).and_then(|it| it.split(';').next().map(str::to_owned));
    assert_eq!(folder(&found), folder(&status), "it is another session");

    let mut wrong = server.connect();
    wrong.say(b"{\"deskbound\":{\"session\":\"../desk\"}}\n");
    let said = wrong.heard().expect("it says why");
    assert!(said["error"]["message"].to_string().contains("no name of a session"), "{said}");
}

#[test]
fn a_client_that_dies_frees_its_desktop() {
    let server = Listening::start();
    let mut one = server.connect();
    one.hello();
    drop(one);
    // There is but one place, so the next client has it as soon as it is free.
    wait_until("the desktop is free", START_LIMIT, || {
        let mut next = server.connect();
        next.try_hello().is_some_and(|welcome| welcome["result"].is_object())
    })
    .expect("it is freed");
}

#[test]
fn hostile_clients_cost_little_and_are_told_why() {
    let server = Listening::start();
    // Nonsense before a word of the protocol: no desktop is made for it.
    let mut junk = server.connect();
    junk.say(&b"\xff\x00{[\n".repeat(500));
    let mut told = 0;
    while let Some(message) = junk.heard() {
        assert!(message["error"]["code"].is_i64(), "{message}");
        told += 1;
    }
    assert!((1..=200).contains(&told), "{told} answers to nonsense");

    let mut client = loop {
        let mut client = server.connect();
        if client.try_hello().is_some_and(|welcome| welcome["result"].is_object()) {
            break client;
        }
    };
    // A string without an end: it is read away, and nothing of it is kept.
    let before = memory_kb(server.child.id());
    client.say(b"{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..LONG_MB {
        assert!(client.say(&piece), "it is read");
    }
    client.say(b"\"}\n");
    let said = client.heard().expect("it says why");
    assert!(said["error"]["message"].to_string().contains("at most"), "{said}");
    let grown = memory_kb(server.child.id()).saturating_sub(before);
    assert!(grown < 64 << 10, "{grown} kB for {LONG_MB} MB");

    // A flood: each call has its answer, and no more wait at once than may.
    let flood: String = (1000..3000)
        .map(|id| {
            let params = json!({ "name": "dance", "arguments": {} });
            json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
                .to_string()
                + "\n"
        })
        .collect();
    let mut writer = client.stream.try_clone().expect("a descriptor");
    let writing = std::thread::spawn(move || writer.write_all(flood.as_bytes()));
    for _ in 0..2000 {
        let answer = client.heard().expect("each has its answer");
        let text = answer["result"]["content"][0]["text"].to_string();
        assert!(text.contains("no tool"), "{answer}");
    }
    writing.join().expect("it ends").expect("all of it is read");
    assert!(client.ask("ping", &json!({}))["result"].is_object());
}

/// Of a string without an end.
const LONG_MB: usize = 100;

fn memory_kb(process: u32) -> u64 {
    let mut status = String::new();
    let mut file = fs::File::open(format!("/proc/{process}/status")).expect("it runs");
    file.read_to_string(&mut status).expect("text");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it has memory");
    line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).expect("a number")
}

impl Line {
    fn try_hello(&mut self) -> Option<Value> {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client,
        });
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        self.say(format!("{hello}\n").as_bytes());
        let welcome = self.heard()?;
        let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        self.say(format!("{begun}\n").as_bytes());
        Some(welcome)
    }

    fn hello_refused(&mut self) -> String {
        let said = self.try_hello().expect("it says why");
        said["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// A model of random weights: nonsense, but of its form.
fn tiny() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/parity/qwen3");
    format!("{}@qwen", folder.canonicalize().expect("it is there").display())
}

#[test]
fn a_model_is_served_and_plays_a_role_elsewhere() {
    let environment = Environment::new();
    let socket = environment.home().join("run/chat");
    let mut server = environment.command(&[
        "models",
        "serve",
        &tiny(),
        "--socket",
        socket.to_str().expect("UTF-8"),
    ]);
    let mut server = server.stderr(Stdio::null()).spawn().expect("it starts");
    let listening = wait_until("the socket", START_LIMIT, || socket.exists());
    let said = listening.map(|()| {
        let stream = json!({
            "stream": true, "max_tokens": 6,
            "messages": [{ "role": "user", "content": "Say something." }],
        });
        let events = posted(&socket, &stream);
        // On its own desktop the run sees what the model elsewhere says, which is nonsense.
        let bed = Testbed::start().expect("a private desktop starts");
        let policy = bed.home().join("policy.toml");
        fs::write(&policy, POLICY).expect("written");
        let model = format!("action=unix:{}", socket.display());
        let words =
            ["run", "Open the calculator", "--desktop", "x11", "--json", "--max-time", "60"];
        let mut run = environment.command(&words);
        run.args(["--model", &model, "--policy"]).arg(&policy).envs(bed.env());
        (events, finish_within(run, TASK_LIMIT))
    });
    server.kill().expect("it runs");
    server.wait().expect("it ends");
    let (events, ended) = said.expect("it listens");
    assert!(
        events.contains("text/event-stream") && events.contains("chat.completion.chunk"),
        "{events}"
    );
    assert!(events.trim_end().ends_with("data: [DONE]"), "{events}");
    let decided = ended.stdout.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let decided: Vec<Value> = decided.filter(|record| record["record"] == "decided").collect();
    assert!(!decided.is_empty(), "{}{}", ended.stdout, ended.stderr);
    assert!(decided[0]["decision"]["said"].is_string(), "{}", decided[0]);
}

fn posted(socket: &Path, body: &Value) -> String {
    let mut stream = UnixStream::connect(socket).expect("it listens");
    let body = body.to_string();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).expect("it is taken");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
#[ignore = "long: an emulated desktop at a socket, through `--attach`"]
fn long_a_virtual_desktop_is_joined_by_name() {
    let environment = Environment::new();
    built(&environment);
    let socket = environment.home().join("run/mcp");
    let path = socket.to_str().expect("UTF-8");
    let mut server = environment.command(&["serve", "--socket", path]);
    server.env("XDG_DATA_HOME", data_home());
    let mut server = server.stderr(Stdio::null()).spawn().expect("it starts");
    wait_until("the socket", START_LIMIT, || socket.exists()).expect("it listens");
    let joined = |lines: &str| {
        let mut client =
            environment.command(&["serve", "--socket", path, "--attach", "a", "--tools", "full"]);
        client.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut client = client.spawn().expect("it starts");
        let mut input = client.stdin.take().expect("it is piped");
        input.write_all(lines.as_bytes()).expect("it is taken");
        let mut answers = BufReader::new(client.stdout.take().expect("it is piped")).lines();
        let last = answers.by_ref().map_while(Result::ok).find(|line| line.contains("\"id\":2"));
        drop(input);
        client.wait().expect("it ends");
        last.expect("it answers")
    };
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" },
    } });
    let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let ask = |name: &str, arguments: Value| {
        let params = json!({ "name": name, "arguments": arguments });
        let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params });
        format!("{hello}\n{begun}\n{call}\n")
    };
    let wrote = joined(&ask("write_file", json!({ "path": "kept.txt", "text": "still here" })));
    assert!(wrote.contains("10 bytes"), "{wrote}");
    let read = joined(&ask("read_file", json!({ "path": "kept.txt" })));
    assert!(read.contains("still here"), "{read}");
    server.kill().expect("it runs");
    server.wait().expect("it ends");
}
