//! One request over a unix socket, and its answer, at a bounded cost.
//!
//! Roles are asked from wherever a run happens to be, so the request has a thread and a small runtime
//! of its own; the caller waits.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    #[error("what came is no answer")]
    Broken { source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the server says {status}: {text}")]
    Status { status: StatusCode, text: String },
}

pub(super) fn post(socket: &Path, path: &str, body: &Value) -> Result<Value, HttpError> {
    let body = body.to_string();
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| HttpError::Broken { source: error.into() })?;
            runtime.block_on(ask(socket, path, body))
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
