//! A model behind a socket: our own server, and a role that is asked there.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use deskbound_testbed::Testbed;
use serde_json::{Value, json};

use crate::program::{Environment, finish_within};
use crate::serve::{POLICY, TASK_LIMIT};
use crate::sockets::Server;

/// A model of random weights: nonsense, but of its form.
fn tiny() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/parity/qwen3");
    format!("{}@qwen", folder.canonicalize().expect("it is there").display())
}

#[test]
fn a_model_is_served_and_plays_a_role_elsewhere() {
    let environment = Environment::new();
    let socket = environment.home().join("run/chat");
    let path = socket.to_str().expect("UTF-8");
    let command = environment.command(&["models", "serve", &tiny(), "--socket", path]);
    let _server = Server::start(command, &socket);
    let stream = json!({
        "stream": true, "max_tokens": 6,
        "messages": [{ "role": "user", "content": "Say something." }],
    });
    let events = posted(&socket, &stream);
    assert!(
        events.contains("text/event-stream") && events.contains("chat.completion.chunk"),
        "{events}"
    );
    assert!(events.trim_end().ends_with("data: [DONE]"), "{events}");

    // On its own desktop the run sees what the model elsewhere says, which is nonsense.
    let bed = Testbed::start().expect("a private desktop starts");
    let policy = bed.home().join("policy.toml");
    fs::write(&policy, POLICY).expect("written");
    let model = format!("action=unix:{path}");
    let words = ["run", "Open the calculator", "--desktop", "x11", "--json", "--max-time", "60"];
    let mut run = environment.command(&words);
    run.args(["--model", &model, "--policy"]).arg(&policy).envs(bed.env());
    let ended = finish_within(run, TASK_LIMIT);
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
