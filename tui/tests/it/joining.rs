//! Desktops and sessions that are joined by their names.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use deskbound_testbed::wait_until;
use serde_json::{Value, json};

use crate::desktop::{built, data_home};
use crate::driving::Desk;
use crate::program::{Environment, finish_within};
use crate::serve::START_LIMIT;
use crate::sockets::{Line, Server};

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

#[test]
fn a_desktop_that_stands_is_joined_and_left_as_it_is() {
    let desk = Desk::start();
    let serve = |name: &str| {
        let mut command = desk.environment.command(&["serve", "--vm", name, "--tools", "full"]);
        command.env("XDG_DATA_HOME", data_home());
        command
    };
    let none = finish_within(serve("desk-0-0"), START_LIMIT);
    assert_eq!(none.code, Some(3), "{}", none.stderr);
    assert!(none.stderr.contains("deskbound vm list"), "{}", none.stderr);

    let mut client = serve(desk.name());
    let mut client =
        client.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut input = client.stdin.take().expect("it is piped");
    let mut output = BufReader::new(client.stdout.take().expect("it is piped"));
    let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let mut next = 0;
    let mut ask = |method: &str, params: Value| {
        next += 1;
        let asked = json!({ "jsonrpc": "2.0", "id": next, "method": method, "params": params });
        writeln!(input, "{asked}").expect("it is taken");
        if method == "initialize" {
            writeln!(input, "{begun}").expect("it is taken");
        }
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        let answer: Value = serde_json::from_str(&line).expect("a line is JSON");
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].clone()
    };
    let client_info = json!({ "name": "t", "version": "1" });
    let hello = json!({
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client_info,
    });
    ask("initialize", hello);
    let mut call = |name: &str, arguments: Value| {
        let result = ask("tools/call", json!({ "name": name, "arguments": arguments }));
        let told = result["content"][0]["text"].as_str().unwrap_or_default().to_owned();
        (told, result["isError"] == true)
    };
    let (status, _) = call("status", json!({}));
    assert!(status.starts_with(&format!("vm:{}", desk.name())), "{status}");
    // A home folder is the desktop's, and what one call gets wrong ends nothing.
    let (told, refused) = call("write_file", json!({ "path": "kept.txt", "text": "still here" }));
    assert!(!refused && told.contains("10 bytes"), "{told}");
    let (told, refused) = call("click", json!({ "target": { "x": 99_999, "y": 5 } }));
    assert!(refused && told.contains("not on the screen"), "{told}");
    let (told, refused) = call("hold", json!({ "keys": "shift", "pressed": "down" }));
    assert!(!refused, "{told}");
    call("launch", json!({ "application": "mousepad" }));
    let (told, refused) = call("wait", json!({ "text": "Untitled", "seconds": 60 }));
    assert!(!refused, "{told}");
    drop(input);
    assert!(client.wait().expect("it ends").success());

    // It stands as before, with nothing held.
    desk.done(&["type", desk.name(), "abc"]);
    let kept = desk.done(&["run", desk.name(), "--", "cat", "/home/desk/kept.txt"]);
    assert_eq!(kept, "still here");
    wait_until("the text", START_LIMIT, || {
        desk.done(&["tree", desk.name(), "--json"]).contains("abc")
    })
    .expect("it is typed in small letters");
}

#[test]
fn a_desktop_is_joined_by_one_session_and_others_have_their_own() {
    let desk = Desk::start();
    let socket = desk.environment.home().join("run/mcp");
    let path = socket.to_str().expect("UTF-8");
    let mut command = desk.environment.command(&["serve", "--socket", path, "--sessions", "2"]);
    command.env("XDG_DATA_HOME", data_home());
    let _server = Server::start(command, &socket);
    let wish = format!("{}\n", json!({ "deskbound": { "desktop": desk.name() } }));
    let mut one = Line::to(&socket);
    one.say(wish.as_bytes());
    assert_eq!(one.hello()["result"]["serverInfo"]["name"], "deskbound");
    let mut other = Line::to(&socket);
    other.say(wish.as_bytes());
    let refused = other.hello_refused();
    assert!(refused.contains("another session has joined"), "{refused}");
    let mut beside = Line::to(&socket);
    assert_eq!(beside.hello()["result"]["serverInfo"]["name"], "deskbound");
    let refused = Line::to(&socket).hello_refused();
    assert!(refused.contains("2 sessions are open"), "{refused}");
    drop((one, beside));
    wait_until("the desktop is free", START_LIMIT, || {
        let mut next = Line::to(&socket);
        next.say(wish.as_bytes());
        next.try_hello().is_some_and(|welcome| welcome["result"].is_object())
    })
    .expect("it is freed");
}
