//! One request over a unix socket, and its answer, at a bounded cost.
//!
//! Roles are asked from wherever a run happens to be, so the request has a thread and a small runtime
//! of its own; the caller waits.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use deskbound_models::Cancel;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::time::timeout;

/// For a server to be reached, and for a model to answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Between two looks at whether the answer is still wanted.
const GLANCE: Duration = Duration::from_millis(20);
/// The largest answer.
const ANSWER_BYTES: usize = 8 << 20;
/// Of what a server says of an error, so much is quoted.
const EXCERPT_CHARS: usize = 200;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    #[error("nobody answers at {}", socket.display())]
    Connect { socket: PathBuf, source: io::Error },
    #[error("no answer came within {limit:?}")]
    Late { limit: Duration },
    #[error("the answer is not wanted any more")]
    Cancelled,
    #[error("what came is no answer")]
    Broken { source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the server says {status}: {text}")]
    Status { status: StatusCode, text: String },
}

/// A connection that is given up is closed: the program at its other end sees that, and ends too.
pub(super) fn post(
    socket: &Path,
    path: &str,
    body: &Value,
    cancel: &Cancel,
) -> Result<Value, HttpError> {
    let body = body.to_string();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| HttpError::Broken { source: error.into() })?;
            runtime.block_on(async {
                tokio::select! {
                    answer = ask(socket, path, body) => answer,
                    () = cancelled(cancel) => Err(HttpError::Cancelled),
                }
            })
        });
        let broken = || HttpError::Broken { source: "the thread that asks has failed".into() };
        asking.join().map_err(|_| broken())?
    })
}

async fn ask(socket: &Path, path: &str, body: String) -> Result<Value, HttpError> {
    let stream = timeout(CONNECT_LIMIT, UnixStream::connect(socket)).await;
    let stream = stream.map_err(|_| HttpError::Late { limit: CONNECT_LIMIT })?;
    let stream =
        stream.map_err(|source| HttpError::Connect { socket: socket.to_owned(), source })?;
    let broken = |error: hyper::Error| HttpError::Broken { source: error.into() };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let request = Request::post(path)
        .header(HOST, "localhost")
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .body(Full::new(Bytes::from(body)))
        .expect("its path and headers are constants");
    let answering = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map_err(|source| HttpError::Broken { source })?.to_bytes();
        if !status.is_success() {
            let text = String::from_utf8_lossy(&body);
            let text = crate::sanitize::line(&text).chars().take(EXCERPT_CHARS).collect();
            return Err(HttpError::Status { status, text });
        }
        serde_json::from_slice(&body).map_err(|error| HttpError::Broken { source: error.into() })
    };
    // The connection is driven beside; what is wrong with it is seen in the answer.
    let driving = tokio::spawn(connection);
    let answer = timeout(ANSWER_LIMIT, answering).await;
    driving.abort();
    answer.map_err(|_| HttpError::Late { limit: ANSWER_LIMIT })?
}

/// Returns when nobody wants the answer any more.
async fn cancelled(cancel: &Cancel) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(GLANCE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::{UnixListener, UnixStream as Stream};

    use serde_json::json;

    use super::*;

    /// What comes of a request to a server that does this with its connection.
    fn check(server: impl FnOnce(Stream, &Cancel) + Send) -> Result<Value, HttpError> {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("chat");
        let listener = UnixListener::bind(&socket).unwrap();
        let cancel = Cancel::default();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (mut stream, _) = listener.accept().unwrap();
                // All of the request comes at once.
                assert_ne!(stream.read(&mut [0; 4096]).unwrap(), 0);
                server(stream, &cancel);
            });
            post(&socket, "/v1/chat/completions", &json!({ "messages": [] }), &cancel)
        })
    }

    fn answered(head: &str, body: &str) -> Result<Value, HttpError> {
        check(|mut stream, _| {
            write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
                .unwrap();
        })
    }

    #[test]
    fn an_answer_is_read_and_an_error_quoted() {
        assert_eq!(answered("200 OK", r#"{"a":1}"#).unwrap(), json!({ "a": 1 }));
        let error = answered("503 Busy", "no\u{1b}[1m room").unwrap_err().to_string();
        assert!(error.contains("503") && error.contains("room"), "{error}");
        assert!(!error.contains('\u{1b}'), "{error}");
        assert!(matches!(answered("200 OK", "{"), Err(HttpError::Broken { .. })));
        let gone = check(|stream, _| drop(stream));
        assert!(matches!(gone, Err(HttpError::Broken { .. })), "{gone:?}");
    }

    #[test]
    fn who_cancels_waits_no_longer_and_the_server_sees_it() {
        let given_up = check(|mut stream, cancel| {
            cancel.cancel();
            // Comes to its end only when the connection is closed.
            stream.read_to_end(&mut Vec::new()).unwrap();
        });
        assert!(matches!(given_up, Err(HttpError::Cancelled)), "{given_up:?}");
    }
}
