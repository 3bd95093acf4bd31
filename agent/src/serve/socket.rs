//! The socket: who comes in, and what for.
//!
//! ```text
//!   accept ─ this user's? ─▶ first line ─ {"deskbound": …}? ─▶ a wish
//!                 │ no           │             │ no
//!                 ▼              ▼ nonsense    ▼
//!              sent away      sent away     the usual session; the line is the protocol's
//! ```

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deskbound_vm::is_of_this_user;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::dialect::Dialect;
use super::house::{House, Maker, Wish};
use super::{Manner, serve};
use crate::causes::chain;
use crate::stop::Stop;

/// Connections at one time, whatever they are for; whoever comes then waits at the socket.
const CONNECTIONS_MAX: usize = 64;
/// For a client to say its first word.
const HELLO_LIMIT: Duration = Duration::from_secs(60);
/// Longest first line that may be a wish.
const HELLO_BYTES: u64 = 16 << 10;

/// Why a socket cannot be listened at, or connected to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    #[error("{} is not a folder of yours alone", path.display())]
    Folder { path: PathBuf },
    #[error("somebody listens at {} already", path.display())]
    Taken { path: PathBuf },
    #[error("the socket {} cannot be made", path.display())]
    Bind { path: PathBuf, source: io::Error },
    #[error("the socket {} cannot be reached", path.display())]
    Connect { path: PathBuf, source: io::Error },
    #[error("what goes through the socket has broken off")]
    Broken { source: io::Error },
}

/// The first line of a client that wants something of its own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hello {
    deskbound: Wish,
}

/// A socket in a folder that is the user's alone. One that nobody listens at any more is replaced.
pub fn bind(path: &Path) -> Result<UnixListener, SocketError> {
    let failed = |source| SocketError::Bind { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(source) => return Err(failed(source)),
    }
    let about = fs::metadata(folder).map_err(failed)?;
    let is_ours = about.uid() == rustix::process::geteuid().as_raw();
    if !about.is_dir() || !is_ours || about.mode() & 0o077 != 0 {
        return Err(SocketError::Folder { path: folder.to_owned() });
    }
    if path.exists() {
        if std::os::unix::net::UnixStream::connect(path).is_ok() {
            return Err(SocketError::Taken { path: path.to_owned() });
        }
        fs::remove_file(path).map_err(failed)?;
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    Ok(listener)
}

/// Lets clients in until it is asked to stop; then all sessions have ended.
pub async fn listen<M: Maker>(
    listener: UnixListener,
    house: Arc<House<M>>,
    manner: Manner,
    stop: &Stop,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut visits = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.asked() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, place)) = accepted else { continue };
        let (house, manner) = (Arc::clone(&house), manner.clone());
        visits.spawn(async move {
            // A client that breaks off, or speaks nonsense, is its own loss.
            let _ = visit(stream, &house, manner).await;
            drop(place);
        });
        while visits.try_join_next().is_some() {}
    }
    house.close().await;
    visits.shutdown().await;
}

async fn accept(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> Option<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    is_of_this_user(&stream).then_some((stream, place))
}

async fn visit<M: Maker>(
    stream: UnixStream,
    house: &House<M>,
    mut manner: Manner,
) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut first = Vec::new();
    let mut bounded = (&mut reader).take(HELLO_BYTES);
    let read = timeout(HELLO_LIMIT, bounded.read_until(b'\n', &mut first)).await;
    if read.map_err(|_| io::ErrorKind::TimedOut)?? == 0 {
        return Ok(());
    }
    let wish = match wish(&first) {
        Ok(Some(wish)) => {
            first.clear();
            wish
        }
        Ok(None) => Wish::default(),
        Err(reason) => return refuse(&mut writer, &reason).await,
    };
    if let Some(tools) = wish.tools {
        manner.toolbox = tools;
    }
    if let Some(name) = &wish.dialect {
        match Dialect::named(name) {
            Ok(dialect) => manner.dialect = Some(dialect),
            Err(error) => return refuse(&mut writer, &error.to_string()).await,
        }
    }
    let seat = match house.seat(&wish).await {
        Ok(seat) => seat,
        Err(error) => return refuse(&mut writer, &error.to_string()).await,
    };
    // However the visit ends, also by being dropped, a desktop without a name goes with it.
    let leaving = Leaving((!seat.is_named).then(|| seat.handle.clone()));
    let input = io::Cursor::new(first).chain(reader);
    let served = serve(&seat.handle, &manner, input, writer).await;
    drop(leaving);
    served.map_err(|error| io::Error::other(chain(&error)))
}

struct Leaving(Option<super::Handle>);

impl Drop for Leaving {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.end();
        }
    }
}

/// What the line wishes for; `None` where it is the protocol's. The error is for the client: no
/// desktop is made for nonsense.
fn wish(line: &[u8]) -> Result<Option<Wish>, String> {
    let value: Option<serde_json::Value> = serde_json::from_slice(line).ok();
    let has = |name: &str| value.as_ref().is_some_and(|value| value.get(name).is_some());
    if has("deskbound") {
        let hello = serde_json::from_slice::<Hello>(line);
        return hello
            .map(|hello| Some(hello.deskbound))
            .map_err(|error| format!("this is no wish: {error}"));
    }
    if has("method") {
        return Ok(None);
    }
    Err("the first line is neither a wish nor a message of the protocol".to_owned())
}

/// As the protocol says errors.
async fn refuse(writer: &mut (impl AsyncWrite + Unpin), reason: &str) -> io::Result<()> {
    let error = json!({ "code": -32000, "message": reason });
    let line = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    writer.write_all(format!("{line}\n").as_bytes()).await?;
    writer.shutdown().await
}

/// Joins standard input and output to the session that is wished for, at somebody's socket.
pub async fn bridge(path: &Path, wish: Wish) -> Result<(), SocketError> {
    let stream = UnixStream::connect(path).await;
    let mut stream =
        stream.map_err(|source| SocketError::Connect { path: path.to_owned(), source })?;
    let broken = |source| SocketError::Broken { source };
    let hello = serde_json::to_string(&Hello { deskbound: wish }).expect("it has string keys");
    stream.write_all(format!("{hello}\n").as_bytes()).await.map_err(broken)?;
    let (mut input, mut output) = rmcp::transport::io::stdio_pipes();
    let (mut reader, mut writer) = stream.into_split();
    let there = async {
        tokio::io::copy(&mut input, &mut writer).await?;
        writer.shutdown().await
    };
    let back = async {
        tokio::io::copy(&mut reader, &mut output).await?;
        output.flush().await
    };
    tokio::pin!(back);
    // What was asked last is still answered.
    let joined = tokio::select! {
        done = there => match done {
            Ok(()) => back.await,
            Err(error) => Err(error),
        },
        done = &mut back => done,
    };
    joined.map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_a_wish_or_the_protocols() {
        let named = Wish { session: Some("a".to_owned()), ..Wish::default() };
        for (line, expected) in [
            (r#"{"deskbound":{"session":"a"}}"#, Ok(Some(named))),
            (r#"{"deskbound":{}}"#, Ok(Some(Wish::default()))),
            (r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, Ok(None)),
        ] {
            assert_eq!(wish(line.as_bytes()), expected, "{line}");
        }
        assert!(wish(br#"{"deskbound":{"sesion":"a"}}"#).unwrap_err().contains("sesion"));
        assert!(wish(br#"{"deskbound":{},"x":1}"#).is_err());
        for nonsense in [&b"nonsense"[..], b"", b"[1]", b"\xff", br#"{"id":1}"#] {
            assert!(wish(nonsense).is_err());
        }
    }

    #[tokio::test]
    async fn a_socket_lies_in_a_folder_of_ones_own() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run/mcp");
        let listener = bind(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o700, 0o700));
        assert!(matches!(bind(&path), Err(SocketError::Taken { .. })));
        drop(listener);
        assert!(bind(&path).is_ok(), "one that nobody listens at is replaced");
        fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
        assert!(matches!(bind(&path), Err(SocketError::Folder { .. })));
    }
}
