//! A desktop for other people's models: by the Model Context Protocol, in the words that a model was
//! trained on, over standard streams or a unix socket of the user's own. There is no third way in.
//!
//! ```text
//!   client ─ bytes ─▶ wire ─ messages ─▶ mcp ─ Order ─▶ host ─▶ Session ─▶ Desktop
//!                   bounded       │    dialect             │ one task a desktop
//!                                 ▼                        ├── lease: ends what nobody uses
//!                              resources                   └── person: pause, hands, answers
//!
//!   socket ─▶ hello ─▶ house: named sessions, found again by their name; others go with their client
//! ```
//!
//! - [`host`](mod@host): the task that owns a session, its [`Handle`], its lease.
//! - `wire`: what a client may cost: length of a message, calls at once, nonsense in a row.
//! - `mcp`: tools, resources, progress, cancelling and questions of the protocol.
//! - [`dialect`]: other instruments for the same desktop, as tables.
//! - [`chat`]: our models for other programs, as OpenAI's protocol has it.
//! - [`house`]: sessions by name; [`socket`]: who comes in, and what for.

pub mod chat;
pub mod dialect;
pub mod host;
pub mod house;
mod mcp;
pub mod socket;
mod wire;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ServiceExt as _;
use rmcp::transport::io::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite};

pub use self::host::{About, Handle, Host, host};
use crate::serve::dialect::Dialect;
use crate::session::Failing;
use crate::tool::Toolbox;

/// How long a client of a session that is over is still answered.
const LINGER: Duration = Duration::from_secs(2);

/// Why serving has ended before its client did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    #[error("the client did not begin as the protocol wants it to")]
    Begin { source: Box<rmcp::service::ServerInitializeError> },
    #[error("serving has broken off")]
    Broken { source: io::Error },
    #[error("the session could not be ended in order")]
    End {
        #[from]
        source: Failing,
    },
}

/// What a client is offered.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    pub toolbox: Toolbox,
    /// In place of our own tools.
    pub dialect: Option<Arc<Dialect>>,
}

/// As [`serve`], over standard input and output.
pub async fn at_standard_streams(handle: &Handle, manner: &Manner) -> Result<(), ServeError> {
    let (input, output) = stdio_pipes();
    serve(handle, manner, input, output).await
}

/// Serves a session to one client, until the client goes or the session ends.
pub async fn serve(
    handle: &Handle,
    manner: &Manner,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), ServeError> {
    let presence = handle.attend();
    let server = mcp::Server::new(handle.clone(), manner.clone());
    let wire = wire::Wire::new(input, output);
    let serving = async {
        let running = server.serve(wire).await;
        let running = running.map_err(|source| ServeError::Begin { source: Box::new(source) })?;
        let ended = running.waiting().await;
        ended.map(drop).map_err(|error| ServeError::Broken { source: error.into() })
    };
    let over = async {
        handle.over().await;
        // Whoever calls meanwhile is told why.
        tokio::time::sleep(LINGER).await;
    };
    let served = tokio::select! {
        served = serving => served,
        () = over => Ok(()),
    };
    drop(presence);
    served
}
