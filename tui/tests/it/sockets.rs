//! Clients of a server at a socket, among them some that mean no good.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use deskbound_testbed::wait_until;
use serde_json::{Value, json};

use crate::serve::{START_LIMIT, Served};

/// A server at a socket; ended with the test.
pub(crate) struct Server(Child);

impl Server {
    pub(crate) fn start(mut command: Command, socket: &Path) -> Self {
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let server = Self(command.spawn().expect("the server starts"));
        wait_until("the socket", START_LIMIT, || socket.exists()).expect("it listens");
        server
    }

    fn memory_kb(&self) -> u64 {
        let mut status = String::new();
        let mut file = fs::File::open(format!("/proc/{}/status", self.0.id())).expect("it runs");
        file.read_to_string(&mut status).expect("text");
        let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("it has memory");
        line.split_whitespace().nth(1).and_then(|it| it.parse().ok()).expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends in order when it is asked to; a script before it is the program by now.
        let id = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

/// One on a private desktop.
struct Listening {
    server: Server,
    socket: PathBuf,
    _served: Served,
}

impl Listening {
    fn start() -> Self {
        let served = Served::start();
        let socket = served.folder.path().join("run/mcp");
        let mut command = Command::new(served.program());
        command.arg("serve").arg("--socket").arg(&socket).env("HOME", served.folder.path());
        Self { server: Server::start(command, &socket), socket, _served: served }
    }

    fn connect(&self) -> Line {
        Line::to(&self.socket)
    }
}

/// A client of the socket that says what it likes.
pub(crate) struct Line {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Line {
    pub(crate) fn to(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket).expect("it listens");
        stream.set_read_timeout(Some(START_LIMIT)).expect("a limit");
        Self { reader: BufReader::new(stream.try_clone().expect("a descriptor")), stream, next: 1 }
    }

    pub(crate) fn say(&mut self, bytes: &[u8]) -> bool {
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

    pub(crate) fn hello(&mut self) -> Value {
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
    let listening = Listening::start();
    let mode = fs::metadata(&listening.socket).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let named = b"{\"deskbound\":{\"session\":\"desk\",\"lease-s\":600,\"tools\":\"full\"}}\n";
    let mut one = listening.connect();
    one.say(named);
    assert_eq!(one.hello()["result"]["serverInfo"]["name"], "deskbound");
    one.call("move", &json!({ "target": { "x": 12, "y": 34 } }));
    let status = one.call("status", &json!({}));
    assert!(status.contains("record: /"), "{status}");

    // The user's own desktop is there once.
    let mut second = listening.connect();
    let refused = second.hello_refused();
    assert!(refused.contains("1 sessions are open"), "{refused}");
    drop(one);

    let mut again = listening.connect();
    again.say(named);
    again.hello();
    let record = |status: &str| status.split("record: ").nth(1).map(str::to_owned);
    let found = again.call("status", &json!({}));
    let folder =
        |status: &str| record(status).and_then(|it| it.split(';').next().map(str::to_owned));
    assert_eq!(folder(&found), folder(&status), "it is another session");

    let mut wrong = listening.connect();
    wrong.say(b"{\"deskbound\":{\"session\":\"../desk\"}}\n");
    let said = wrong.heard().expect("it says why");
    assert!(said["error"]["message"].to_string().contains("no name of a session"), "{said}");
}

/// The server is confined; what it opens is the user's own.
#[test]
fn a_file_is_opened_with_what_the_users_session_has_for_it() {
    let listening = Listening::start();
    let mut client = listening.connect();
    client.say(b"{\"deskbound\":{\"tools\":\"full\"}}\n");
    client.hello();
    client.call("write_file", &json!({ "path": "leaf.txt", "text": "red and brown" }));
    let opened = client.call("open", &json!({ "target": "leaf.txt" }));
    let seen = client.call("wait", &json!({ "text": "red and brown", "seconds": 60 }));
    assert!(seen.starts_with("it can be seen"), "{seen} {opened}");
    let none = client.call("open", &json!({ "target": "file:///nowhere" }));
    assert!(none.contains("there is no file /nowhere"), "{none}");
}

#[test]
fn a_client_can_do_with_less_than_it_is_given() {
    let listening = Listening::start();
    let mut client = listening.connect();
    client.say(b"{\"deskbound\":{\"max-steps\":1}}\n");
    client.hello();
    let mut moved = |x: u32| client.call("move", &json!({ "target": { "x": x, "y": 5 } }));
    let (first, second) = (moved(5), moved(6));
    assert!(!first.contains("no actions left"), "{first}");
    assert!(second.contains("no actions left"), "{second}");
}

#[test]
fn a_client_that_dies_frees_its_desktop() {
    let listening = Listening::start();
    let mut one = listening.connect();
    one.hello();
    drop(one);
    // There is but one place, so the next client has it as soon as it is free.
    wait_until("the desktop is free", START_LIMIT, || {
        let mut next = listening.connect();
        next.try_hello().is_some_and(|welcome| welcome["result"].is_object())
    })
    .expect("it is freed");
}

#[test]
fn hostile_clients_cost_little_and_are_told_why() {
    let listening = Listening::start();
    // Nonsense before a word of the protocol: no desktop is made for it.
    let mut junk = listening.connect();
    junk.say(&b"\xff\x00{[\n".repeat(500));
    let mut told = 0;
    while let Some(message) = junk.heard() {
        assert!(message["error"]["code"].is_i64(), "{message}");
        told += 1;
    }
    assert!((1..=200).contains(&told), "{told} answers to nonsense");

    let mut client = loop {
        let mut client = listening.connect();
        if client.try_hello().is_some_and(|welcome| welcome["result"].is_object()) {
            break client;
        }
    };
    // A string without an end: it is read away, and nothing of it is kept.
    let before = listening.server.memory_kb();
    client.say(b"{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"");
    let piece = vec![b'x'; 1 << 20];
    for _ in 0..LONG_MB {
        assert!(client.say(&piece), "it is read");
    }
    client.say(b"\"}\n");
    let said = client.heard().expect("it says why");
    assert!(said["error"]["message"].to_string().contains("at most"), "{said}");
    let grown = listening.server.memory_kb().saturating_sub(before);
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

/// Connections of the long fuzzing, and lines of each.
const FUZZED: u64 = 150;
const FUZZED_LINES: u64 = 60;

/// What a client may well say; none of it changes anything, or lasts.
const SAID: [&str; 12] = [
    r#"{"jsonrpc":"2.0","id":5,"method":"tools/list"}"#,
    r#"{"jsonrpc":"2.0","id":"6","method":"tools/call","params":{"name":"look","arguments":{"picture":false}}}"#,
    r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"look","arguments":{"region":{"x":0,"y":0,"width":9,"height":9}},"_meta":{"progressToken":1}}}"#,
    r#"{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"find","arguments":{"selector":"button \"Save\" !checked"}}}"#,
    r#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"a.txt"}}}"#,
    r#"{"jsonrpc":"2.0","id":10,"method":"tools/call","params":{"name":"move","arguments":{"target":{"x":5,"y":6}}}}"#,
    r#"{"jsonrpc":"2.0","id":11,"method":"resources/read","params":{"uri":"deskbound://record/journal.jsonl"}}"#,
    r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"x"}}"#,
    r#"{"jsonrpc":"2.0","id":12,"method":"ping"}"#,
    r#"{"jsonrpc":"2.0","id":13,"result":{"action":"accept"}}"#,
    r#"{"jsonrpc":"2.0","id":14,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
    r#"{"deskbound":{"session":"again"}}"#,
];

/// What makes a line wrong, or two of it.
const ODD: &[u8] = b"{}[],:\"\\0-e\n\xf0";

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }

    /// A line that is a little wrong, or right.
    fn line(&mut self) -> Vec<u8> {
        let mut line = SAID[self.below(SAID.len())].as_bytes().to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(line.len());
            match self.below(6) {
                0 => line[at] = self.below(256) as u8,
                1 => line.truncate(at),
                2 => line.insert(at, ODD[self.below(ODD.len())]),
                3 => drop(line.splice(at..at, b"[".repeat(self.below(3000)))),
                4 => drop(line.splice(at..at, SAID[self.below(SAID.len())].bytes())),
                _ => drop(line.splice(at..at, b"9".repeat(self.below(400)))),
            }
            if line.is_empty() {
                break;
            }
        }
        line.push(b'\n');
        line
    }
}

#[test]
#[ignore = "long: some ten thousand lines that are a little wrong"]
fn long_lines_that_are_a_little_wrong_end_no_session() {
    let listening = Listening::start();
    let named = b"{\"deskbound\":{\"session\":\"fuzz\",\"lease-s\":600}}\n";
    let mut first = listening.connect();
    first.say(named);
    first.hello();
    let before = listening.server.memory_kb();
    for round in 1..=FUZZED {
        let mut dice = Dice(round.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut client = listening.connect();
        client.say(named);
        client.try_hello();
        for _ in 0..FUZZED_LINES {
            if !client.say(&dice.line()) {
                break;
            }
        }
        let _ = client.stream.shutdown(std::net::Shutdown::Write);
        // `heard` holds that each line is JSON.
        while let Some(message) = client.heard() {
            let is_known = ["result", "error", "method"].iter().any(|it| message.get(it).is_some());
            assert!(is_known, "round {round}: {message}");
        }
    }
    let grown = listening.server.memory_kb().saturating_sub(before);
    assert!(grown < 128 << 10, "{grown} kB after {FUZZED} clients");
    // The session is the same, and serves as before.
    let told = first.call("wait", &json!({ "seconds": 0 }));
    assert!(told.contains("have passed"), "{told}");
}

/// Of a string without an end.
const LONG_MB: usize = 100;

impl Line {
    pub(crate) fn try_hello(&mut self) -> Option<Value> {
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

    pub(crate) fn hello_refused(&mut self) -> String {
        let said = self.try_hello().expect("it says why");
        said["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}
