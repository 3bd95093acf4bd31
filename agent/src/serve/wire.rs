//! Messages of one client, one a line, at a bounded cost.
//!
//! ```text
//!   bytes ─▶ line ≤ 4 MiB ─▶ message ─▶ at most 32 requests that wait for their answers
//!              │ longer        │ none       then nothing more is read
//!              ▼               ▼
//!            error           error; 64 in a row and the client is sent away
//! ```

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientNotification, ErrorData, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;

/// Longest message of a client.
pub(super) const MESSAGE_BYTES: usize = 4 << 20;
/// Requests of one client that wait for their answers.
pub(super) const CALLS_MAX: usize = 32;
/// Lines in a row that are no messages.
const JUNK_MAX: u32 = 64;
/// Messages that wait to be written.
const WAITING_MAX: usize = 64;
/// For a client to take one message.
const TAKE_LIMIT: Duration = Duration::from_secs(30);

type Sent = (Vec<u8>, oneshot::Sender<io::Result<()>>);

pub(super) struct Wire<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// The rest of a line that was too long.
    is_skipping: bool,
    junk: u32,
    /// What is to be said before anything else is read.
    reply: Option<Vec<u8>>,
    writer: mpsc::Sender<Sent>,
    waiting: Arc<Waiting>,
}

/// Requests that have no answer yet.
#[derive(Default)]
struct Waiting {
    ids: Mutex<HashSet<RequestId>>,
    fewer: Notify,
}

impl Waiting {
    fn ids(&self) -> std::sync::MutexGuard<'_, HashSet<RequestId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_answered(&self, id: &RequestId) {
        self.ids().remove(id);
        self.fewer.notify_one();
    }

    /// Returns when another request may come.
    async fn room(&self) {
        while self.ids().len() >= CALLS_MAX {
            self.fewer.notified().await;
        }
    }
}

/// What a line was.
enum Line {
    Whole,
    TooLong,
    End,
}

/// What is in a line.
enum Found {
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    /// Of a kind that later protocols may have.
    Unknown,
    Junk(ErrorData, Option<RequestId>),
}

impl<R: AsyncRead + Send + Unpin> Wire<R> {
    pub(super) fn new(reader: R, writer: impl AsyncWrite + Send + Unpin + 'static) -> Self {
        let (sender, queue) = mpsc::channel(WAITING_MAX);
        tokio::spawn(write(writer, queue));
        Self {
            reader: BufReader::new(reader),
            line: Vec::new(),
            is_skipping: false,
            junk: 0,
            reply: None,
            writer: sender,
            waiting: Arc::default(),
        }
    }

    /// Can be dropped between any two reads: what was read stays.
    async fn next_line(&mut self) -> io::Result<Line> {
        loop {
            let available = self.reader.fill_buf().await?;
            if available.is_empty() {
                return Ok(Line::End);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            let fits = !self.is_skipping && self.line.len() + taken <= MESSAGE_BYTES;
            if fits {
                self.line.extend_from_slice(&available[..taken]);
            }
            self.reader.consume(taken);
            match (fits, end) {
                (true, Some(_)) => return Ok(Line::Whole),
                (true, None) => {}
                (false, Some(_)) => {
                    self.is_skipping = false;
                    self.line = Vec::new();
                    return Ok(Line::TooLong);
                }
                (false, None) => {
                    self.is_skipping = true;
                    self.line = Vec::new();
                }
            }
        }
    }

    fn complain(&mut self, error: ErrorData, id: Option<RequestId>) {
        let message = TxJsonRpcMessage::<RoleServer>::error(error, id);
        self.reply = serde_json::to_vec(&message).ok();
    }

    /// The message of the line, where there is one that may be let in.
    fn admitted(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let found = read(&self.line);
        self.line.clear();
        let message = match found {
            Found::Message(message) => *message,
            Found::Unknown => return None,
            Found::Junk(error, id) => {
                self.junk += 1;
                self.complain(error, id);
                return None;
            }
        };
        self.junk = 0;
        match &message {
            JsonRpcMessage::Request(request) => {
                if !self.waiting.ids().insert(request.id.clone()) {
                    let error = ErrorData::invalid_request(
                        "a request with this id waits for its answer",
                        None,
                    );
                    // Without the id: with it, it would be the answer of the other one.
                    self.complain(error, None);
                    return None;
                }
            }
            JsonRpcMessage::Notification(notification) => {
                if let ClientNotification::CancelledNotification(cancelled) =
                    &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.waiting.is_answered(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        Some(message)
    }
}

/// A request, a notification or an answer.
fn read(line: &[u8]) -> Found {
    if let Ok(message) = serde_json::from_slice(line) {
        return Found::Message(Box::new(message));
    }
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(error) => {
            return Found::Junk(
                ErrorData::parse_error(format!("this is no JSON: {error}"), None),
                None,
            );
        }
    };
    let id = value.get("id").and_then(|id| serde_json::from_value(id.clone()).ok());
    if id.is_none() && value.get("method").is_some_and(Value::is_string) {
        return Found::Unknown;
    }
    Found::Junk(ErrorData::invalid_request("this is no message of the protocol", None), id)
}

/// Writes until nobody is left who says anything, or the client takes nothing any more.
async fn write(mut writer: impl AsyncWrite + Send + Unpin, mut queue: mpsc::Receiver<Sent>) {
    while let Some((mut bytes, done)) = queue.recv().await {
        bytes.push(b'\n');
        let written = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        let written = timeout(TAKE_LIMIT, written).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing"))
        });
        let has_failed = written.is_err();
        let _ = done.send(written);
        if has_failed {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

impl<R: AsyncRead + Send + Unpin + 'static> Transport<RoleServer> for Wire<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let (writer, waiting) = (self.writer.clone(), Arc::clone(&self.waiting));
        async move {
            let id = match &item {
                JsonRpcMessage::Response(response) => Some(response.id.clone()),
                JsonRpcMessage::Error(error) => error.id.clone(),
                JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
            };
            let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
            let bytes = serde_json::to_vec(&item).map_err(io::Error::other)?;
            let (done, is_done) = oneshot::channel();
            writer.send((bytes, done)).await.map_err(|_| gone())?;
            let sent = is_done.await.unwrap_or_else(|_| Err(gone()));
            // Only what has left makes room for more.
            if let Some(id) = id {
                waiting.is_answered(&id);
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if self.reply.is_some() {
                let place = self.writer.reserve().await.ok()?;
                let (done, _) = oneshot::channel();
                place.send((self.reply.take()?, done));
            }
            if self.junk >= JUNK_MAX {
                return None;
            }
            self.waiting.room().await;
            let writer = self.writer.clone();
            let line = tokio::select! {
                line = self.next_line() => line.ok()?,
                () = writer.closed() => return None,
            };
            match line {
                Line::End => return None,
                Line::TooLong => {
                    self.junk += 1;
                    let reason = format!("a message has at most {MESSAGE_BYTES} bytes");
                    self.complain(ErrorData::invalid_request(reason, None), None);
                }
                Line::Whole if self.line.trim_ascii().is_empty() => self.line.clear(),
                Line::Whole => match self.admitted() {
                    Some(message) => return Some(message),
                    None => continue,
                },
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use tokio::io::AsyncReadExt as _;

    use super::*;

    /// What comes out of a wire for these bytes: messages that were let in, and what was said.
    async fn pass(bytes: &[u8]) -> (usize, String) {
        let (mut theirs, ours) = tokio::io::duplex(1 << 16);
        let mut wire = Wire::new(std::io::Cursor::new(bytes.to_vec()), ours);
        let mut messages = 0;
        while wire.receive().await.is_some() {
            messages += 1;
            wire.waiting.ids().clear();
        }
        drop(wire);
        let mut said = String::new();
        theirs.read_to_string(&mut said).await.unwrap();
        (messages, said)
    }

    #[tokio::test]
    async fn nonsense_is_answered_and_ends_nothing() {
        let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let lines = format!("{{\n\n[1,2]\n{{\"id\": 7}}\n\u{0}\n{ping}\n");
        let (messages, said) = pass(lines.as_bytes()).await;
        assert_eq!(messages, 1, "{said}");
        let codes: Vec<i64> = said
            .lines()
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["error"]["code"].as_i64().unwrap()
            })
            .collect();
        assert_eq!(codes, [-32700, -32600, -32600, -32700], "{said}");
    }

    #[tokio::test]
    async fn too_much_is_skipped_and_said() {
        let mut bytes = vec![b'x'; MESSAGE_BYTES + 10];
        bytes.extend_from_slice(b"\n{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}\n");
        let (messages, said) = pass(&bytes).await;
        assert_eq!((messages, said.lines().count()), (1, 1));
        assert!(said.contains("at most"), "{said}");
    }

    #[tokio::test]
    async fn who_only_speaks_nonsense_is_sent_away() {
        let (messages, said) = pass("x\n".repeat(1000).as_bytes()).await;
        assert_eq!((messages, said.lines().count()), (0, JUNK_MAX as usize));
    }

    #[tokio::test]
    async fn a_flood_waits_outside() {
        let flood: String = (0..1000)
            .map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }).to_string() + "\n")
            .collect();
        let (_theirs, ours) = tokio::io::duplex(64);
        let mut wire = Wire::new(std::io::Cursor::new(flood.into_bytes()), ours);
        let mut let_in = 0;
        while timeout(Duration::from_millis(50), wire.receive()).await.is_ok() {
            let_in += 1;
        }
        assert_eq!(let_in, CALLS_MAX);
        wire.waiting.is_answered(&RequestId::Number(0));
        assert!(timeout(Duration::from_secs(5), wire.receive()).await.is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let (_, said) = runtime.block_on(pass(&bytes));
            for line in said.lines() {
                let message: Value = serde_json::from_str(line).unwrap();
                prop_assert!(message["error"]["code"].is_i64(), "{line}");
            }
        }

        #[test]
        fn any_json_comes_to_an_end(
            method in "[a-z/]{0,12}", id in any::<Option<i64>>(), text in any::<String>(),
        ) {
            let message = json!({
                "jsonrpc": "2.0", "id": id, "method": method, "params": { "name": text, "arguments": { "x": text } },
            });
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(pass(format!("{message}\n").as_bytes()));
        }
    }
}
