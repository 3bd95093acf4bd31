//! A client that speaks the protocol by hand, and sessions for it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deskbound_agent::control::control;
use deskbound_agent::policy::{Policy, Surface};
use deskbound_agent::record::Record;
use deskbound_agent::serve::{About, Handle, Host, Manner, ServeError, host, serve};
use deskbound_agent::session::{Session, Setup};
use deskbound_agent::x11::X11Desktop;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::task::JoinHandle;

use crate::bed::{Bed, Home, Kept, script};

/// Bytes on their way.
const PIPE_BYTES: usize = 64 << 10;

pub(crate) struct Client {
    reader: BufReader<tokio::io::ReadHalf<DuplexStream>>,
    writer: tokio::io::WriteHalf<DuplexStream>,
    next: u64,
    /// What the person here answers; `None` where questions are not understood.
    pub(crate) answers: Option<Value>,
    /// What was asked.
    pub(crate) asked: Vec<String>,
    pub(crate) notified: Vec<Value>,
    /// Answers that came before anybody waited for them.
    early: Vec<Value>,
}

impl Client {
    pub(crate) async fn begin(stream: DuplexStream, capabilities: Value) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        let mut client = Self {
            reader: BufReader::new(reader),
            writer,
            next: 1,
            answers: None,
            asked: Vec::new(),
            notified: Vec::new(),
            early: Vec::new(),
        };
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": capabilities,
            "clientInfo": { "name": "test", "version": "1" },
        });
        let welcome = client.ask("initialize", hello).await;
        assert_eq!(welcome["result"]["serverInfo"]["name"], "deskbound", "{welcome}");
        client.notify("notifications/initialized", json!({})).await;
        client
    }

    async fn send(&mut self, message: &Value) -> bool {
        self.writer.write_all(format!("{message}\n").as_bytes()).await.is_ok()
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params })).await;
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_ask(method, params).await.expect("the server is there")
    }

    /// `None` where the server has gone.
    pub(crate) async fn try_ask(&mut self, method: &str, params: Value) -> Option<Value> {
        let id = self.next;
        self.next += 1;
        let asked = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        if !self.send(&asked).await {
            return None;
        }
        self.heard(id).await
    }

    /// The answer to a call that was begun.
    pub(crate) async fn answer_to(&mut self, id: u64) -> Value {
        self.heard(id).await.expect("the server is there")
    }

    async fn heard(&mut self, id: u64) -> Option<Value> {
        if let Some(at) = self.early.iter().position(|answer| answer["id"] == id) {
            return Some(self.early.remove(at));
        }
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line).await.expect("lines are text") == 0 {
                return None;
            }
            let message: Value = serde_json::from_str(&line).expect("a line is JSON");
            if message["method"] == "elicitation/create" {
                let text = message["params"]["message"].as_str().unwrap_or_default();
                self.asked.push(text.to_owned());
                let result = self.answers.clone().expect("nobody said that it can be asked");
                let answer = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result });
                self.send(&answer).await;
            } else if message["method"].is_string() {
                self.notified.push(message);
            } else if message["id"] == id {
                return Some(message);
            } else {
                self.early.push(message);
            }
        }
    }

    /// Without waiting for its answer.
    pub(crate) async fn begin_call(&mut self, name: &str, arguments: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        let params = json!({ "name": name, "arguments": arguments });
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params });
        assert!(self.send(&call).await);
        id
    }

    /// The texts of an answer, and whether it is a refusal.
    pub(crate) async fn call(&mut self, name: &str, arguments: Value) -> (String, bool) {
        let answer = self.ask("tools/call", json!({ "name": name, "arguments": arguments })).await;
        let result = &answer["result"];
        let content = result["content"].as_array().unwrap_or_else(|| panic!("{answer}"));
        let texts = content.iter().filter_map(|part| part["text"].as_str());
        (texts.collect::<Vec<_>>().join("\n"), result["isError"] == true)
    }

    /// The picture of an answer.
    pub(crate) async fn picture(&mut self, name: &str, arguments: Value) -> image::RgbImage {
        let answer = self.ask("tools/call", json!({ "name": name, "arguments": arguments })).await;
        let content = answer["result"]["content"].as_array().cloned().unwrap_or_default();
        let image = content.iter().find(|part| part["type"] == "image");
        let data = image.and_then(|part| part["data"].as_str());
        let png = STANDARD.decode(data.unwrap_or_else(|| panic!("no picture in {answer}")));
        image::load_from_memory(&png.expect("base64")).expect("a picture").into_rgb8()
    }
}

/// The number of the listed element that contains this.
pub(crate) fn number(list: &str, part: &str) -> u64 {
    let line = list.lines().find(|line| line.contains(part));
    let line = line.unwrap_or_else(|| panic!("no {part} in\n{list}"));
    let number = line.trim_start_matches('[').split(']').next().and_then(|it| it.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {line}"))
}

/// A session on this desktop that waits for its clients.
pub(crate) fn seated(
    bed: Bed,
    surface: Surface,
    lease: Option<Duration>,
) -> (Handle, Host<X11Desktop, Kept>, Home) {
    let (desktop, home) = bed.into_parts();
    let setup = Setup::new(script(&[]).grounder, Policy::of(surface));
    let (control, inbox) = control();
    let session = Session::begin(desktop, setup, inbox, Kept::default());
    let session = session.expect("it is kept in memory");
    let about = About { desktop: "x11".to_owned(), record: None };
    let (handle, host) = host(session, control, lease, about);
    (handle, host, home)
}

/// A client at a session, and the task that serves it.
pub(crate) async fn served(
    handle: &Handle,
    manner: &Manner,
) -> (Client, JoinHandle<Result<(), ServeError>>) {
    served_to(handle, manner, json!({})).await
}

pub(crate) async fn served_to(
    handle: &Handle,
    manner: &Manner,
    capabilities: Value,
) -> (Client, JoinHandle<Result<(), ServeError>>) {
    let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
    let (input, output) = tokio::io::split(theirs);
    let (handle, manner) = (handle.clone(), manner.clone());
    let serving = tokio::spawn(async move { serve(&handle, &manner, input, output).await });
    (Client::begin(ours, capabilities).await, serving)
}

/// What a client does, and the records of the session it had. On a person's own desktop the client
/// says that it can ask them.
pub(crate) async fn with_client(
    bed: Bed,
    capabilities: (Surface, Value),
    client: impl AsyncFnOnce(Client, &Home),
) -> Vec<Record> {
    let (surface, capabilities) = capabilities;
    let (handle, host, home) = seated(bed, surface, None);
    let kept = tokio::spawn(host.keep());
    let (connected, serving) = served_to(&handle, &Manner::default(), capabilities).await;
    client(connected, &home).await;
    serving.await.expect("it ends with its client").expect("in order");
    handle.end();
    kept.await.expect("it ends").expect("it is served to its end").0
}
