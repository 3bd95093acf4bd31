//! Answers as OpenAI writes them: whole, or as events.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use deskbound_models::engine::StopReason;
use deskbound_models::loaded::{Loaded, Said};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Frame};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::request::Asked;
use super::wanted::Waiting;
use super::{Reply, whole};
use crate::journal::new_id;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
/// Where a call of a tool begins, in models that write it into their text.
const CALL: &str = "<tool_call>";

pub(super) fn json(status: StatusCode, value: &Value) -> Reply {
    let reply = Response::builder().status(status).header(CONTENT_TYPE, JSON);
    reply.body(whole(value.to_string())).expect("its headers are constants")
}

pub(super) fn failure(kind: &str, message: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
}

pub(super) fn error(status: StatusCode, kind: &str, message: &str) -> Reply {
    json(status, &failure(kind, message))
}

pub(super) fn models(name: &str) -> Value {
    let model = json!({ "id": name, "object": "model", "created": 0, "owned_by": "deskbound" });
    json!({ "object": "list", "data": [model] })
}

/// What comes through a channel, as it comes.
pub(super) fn events(queue: mpsc::Receiver<Bytes>, waiting: Waiting) -> Reply {
    struct Queue {
        pieces: mpsc::Receiver<Bytes>,
        _waiting: Waiting,
    }
    impl hyper::body::Body for Queue {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            mut self: std::pin::Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            self.pieces.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
        }
    }
    let reply = Response::builder().header(CONTENT_TYPE, EVENTS).header(CACHE_CONTROL, "no-store");
    reply
        .body(Queue { pieces: queue, _waiting: waiting }.boxed())
        .expect("its headers are constants")
}

pub(super) fn event(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

/// What was answered, apart from how it is sent.
pub(super) struct Answer {
    name: String,
    text: String,
    calls: Vec<Value>,
    finish: &'static str,
    usage: Value,
}

impl Answer {
    pub(super) fn of(said: &Said, asked: &Asked, loaded: &Loaded, name: &str) -> Self {
        let (text, calls) = match asked.tools.is_empty() {
            true => (said.text.clone(), Vec::new()),
            false if asked.is_call => the_call(&said.text),
            false => calls(&said.text, loaded),
        };
        let finish = match said.stop {
            _ if !calls.is_empty() => "tool_calls",
            StopReason::Limit | StopReason::ContextFull => "length",
            _ => "stop",
        };
        let (prompt, completion) = (said.read.tokens, said.tokens);
        let usage = json!({
            "prompt_tokens": prompt, "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": said.read.reused },
        });
        Self { name: name.to_owned(), text, calls, finish, usage }
    }

    pub(super) fn whole(&self) -> Value {
        let content = if self.text.is_empty() && !self.calls.is_empty() {
            Value::Null
        } else {
            json!(self.text)
        };
        let mut message = json!({ "role": "assistant", "content": content });
        if !self.calls.is_empty() {
            message["tool_calls"] = json!(self.calls);
        }
        let choice = json!({
            "index": 0, "message": message, "finish_reason": self.finish, "logprobs": null,
        });
        json!({
            "id": id(), "object": "chat.completion", "created": now(), "model": self.name,
            "choices": [choice], "usage": self.usage,
        })
    }
}

/// The call that the client insisted on. One that was cut off is a text.
fn the_call(text: &str) -> (String, Vec<Value>) {
    match serde_json::from_str::<Value>(text) {
        Ok(call) => {
            let name = call["name"].as_str().unwrap_or_default();
            (String::new(), vec![written(0, name, &call["arguments"])])
        }
        Err(_) => (text.to_owned(), Vec::new()),
    }
}

fn written(index: usize, name: &str, arguments: &Value) -> Value {
    json!({
        "index": index, "id": format!("call_{index}_{}", new_id()), "type": "function",
        "function": { "name": name, "arguments": arguments.to_string() },
    })
}

/// Calls that the model wrote, and the text beside them.
fn calls(text: &str, loaded: &Loaded) -> (String, Vec<Value>) {
    let form = loaded.profile().action.as_ref().map(|action| &action.reply);
    let read = form.filter(|form| form.calls.is_empty()).map(|form| form.calls_of(text));
    let Some(Ok(found)) = read else { return (text.to_owned(), Vec::new()) };
    if found.is_empty() {
        return (text.to_owned(), Vec::new());
    }
    let call = |(index, call): (usize, deskbound_models::ToolCall)| {
        written(index, &call.tool, &Value::Object(call.arguments))
    };
    let before = text.split(CALL).next().unwrap_or_default().trim();
    let before = if before.len() == text.trim().len() { "" } else { before };
    (before.to_owned(), found.into_iter().enumerate().map(call).collect())
}

/// An answer in pieces.
pub(super) struct Piece {
    head: Value,
    /// Where tools were given, text may turn out to be a call: it is told at the end.
    waits: bool,
    counts: bool,
    is_begun: bool,
}

impl Piece {
    pub(super) fn new(name: &str, asked: &Asked) -> Self {
        let head = json!({
            "id": id(), "object": "chat.completion.chunk", "created": now(), "model": name,
        });
        let waits = !asked.tools.is_empty();
        Self { head, waits, counts: asked.counts, is_begun: false }
    }

    /// A piece of text as an event.
    pub(super) fn of(&mut self, text: &str) -> Option<Bytes> {
        if self.waits || text.is_empty() {
            return None;
        }
        Some(event(&self.chunk(json!({ "content": text }), Value::Null)))
    }

    pub(super) fn end(&mut self, answer: &Answer) -> Bytes {
        let mut events = Vec::new();
        if self.waits && !answer.text.is_empty() {
            events.push(self.chunk(json!({ "content": answer.text }), Value::Null));
        }
        if !answer.calls.is_empty() {
            events.push(self.chunk(json!({ "tool_calls": answer.calls }), Value::Null));
        }
        events.push(self.chunk(json!({}), json!(answer.finish)));
        if self.counts {
            let mut usage = self.head.clone();
            usage["choices"] = json!([]);
            usage["usage"] = answer.usage.clone();
            events.push(usage);
        }
        let mut bytes: Vec<u8> = events.iter().flat_map(event).collect();
        bytes.extend_from_slice(b"data: [DONE]\n\n");
        Bytes::from(bytes)
    }

    fn chunk(&mut self, mut delta: Value, finish: Value) -> Value {
        if !std::mem::replace(&mut self.is_begun, true) {
            delta["role"] = json!("assistant");
        }
        let mut chunk = self.head.clone();
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
        chunk
    }
}

fn id() -> String {
    format!("chatcmpl-{}", new_id())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
