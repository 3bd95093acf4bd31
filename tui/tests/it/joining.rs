//! Desktops and sessions that are joined by their names.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::desktop::{built, data_home};
use crate::program::Environment;
use crate::sockets::Server;

#[test]
#[ignore = "long: an emulated desktop at a socket, through `--attach`"]
fn long_a_virtual_desktop_is_joined_by_name() {
    let environment = Environment::new();
    built(&environment);
    let socket = environment.home().join("run/mcp");
    let path = socket.to_str().expect("UTF-8");
    let mut command = environment.command(&["serve", "--socket", path]);
    command.env("XDG_DATA_HOME", data_home());
    let _server = Server::start(command, &socket);
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
}
