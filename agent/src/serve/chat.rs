//! Loaded models as an OpenAI-compatible server, on a unix socket and nowhere else.
//!
//! ```text
//!   POST /v1/chat/completions ─ request ─▶ Speech, in a thread of its own ─ words ─▶ response
//!   GET  /v1/models                            │ at most four at a time           or server-sent
//!                                              ▼                                  events
//!                                     a conversation is kept: the next one that begins alike is
//!                                     read from where it differs
//! ```
//!
//! Images come in the request (`data:`), never by an address: nothing here fetches anything.

mod request;
mod response;
mod wanted;

use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deskbound_models::loaded::{Converse, Loaded, LoadedError, Said, Speech};
use deskbound_models::profile::Sampling;
use deskbound_vm::is_of_this_user;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use self::request::{Asked, BadRequest};
use self::response::{Answer, Piece};
use self::wanted::Wanted;
use crate::causes::chain;
use crate::stop::Stop;

/// Clients at one time; whoever comes then waits at the socket.
const CLIENTS_MAX: usize = 32;
/// Answers at one time; they share one model.
const ANSWERS_MAX: usize = 4;
/// The largest request: a few screens.
const REQUEST_BYTES: usize = 64 << 20;
/// For the head of a request to come.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// For its body.
const BODY_LIMIT: Duration = Duration::from_secs(60);
/// Pieces that wait for a client to take them.
const PIECES_MAX: usize = 256;

type Reply = Response<BoxBody<Bytes, Infallible>>;

/// One model, under the name that clients call it by.
pub struct ChatServer {
    loaded: Loaded,
    name: String,
    answers: Arc<Semaphore>,
    /// Conversations that nobody holds; what they have read is kept.
    speeches: Mutex<Vec<Speech>>,
}

impl ChatServer {
    pub fn new(loaded: Loaded, name: String) -> Arc<Self> {
        let answers = Arc::new(Semaphore::new(ANSWERS_MAX));
        Arc::new(Self { loaded, name, answers, speeches: Mutex::default() })
    }

    /// Answers whoever comes, until it is asked to stop.
    pub async fn listen(self: Arc<Self>, listener: UnixListener, stop: &Stop) {
        let places = Arc::new(Semaphore::new(CLIENTS_MAX));
        let mut clients = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.asked() => break,
                accepted = accept(&listener, &places) => accepted,
            };
            let Some((stream, place)) = accepted else { continue };
            let server = Arc::clone(&self);
            clients.spawn(async move {
                server.serve(stream).await;
                drop(place);
            });
            while clients.try_join_next().is_some() {}
        }
        clients.shutdown().await;
    }

    async fn serve(self: Arc<Self>, stream: UnixStream) {
        let answer = service_fn(|request| {
            let server = Arc::clone(&self);
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .serve_connection(TokioIo::new(stream), answer);
        // A client that breaks off, or speaks nonsense, is its own loss.
        let _ = served.await;
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Reply {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/health") => response::json(StatusCode::OK, &serde_json::json!({})),
            (&Method::GET, "/v1/models") => {
                response::json(StatusCode::OK, &response::models(&self.name))
            }
            (&Method::POST, "/v1/chat/completions") => match self.chat(request).await {
                Ok(reply) => reply,
                Err(error) => error.reply(),
            },
            (_, path) => {
                let message = format!("there is no {path}; there is /v1/chat/completions");
                response::error(StatusCode::NOT_FOUND, "not_found", &message)
            }
        }
    }

    async fn chat(self: Arc<Self>, request: Request<Incoming>) -> Result<Reply, Failed> {
        let body = Limited::new(request.into_body(), REQUEST_BYTES).collect();
        let body = tokio::time::timeout(BODY_LIMIT, body).await.map_err(|_| Failed::Late)?;
        let body = body.map_err(|_| Failed::TooLong)?.to_bytes();
        let asked = Asked::read(&body)?;
        let place = Arc::clone(&self.answers).acquire_owned().await;
        let place = place.map_err(|_| Failed::Late)?;
        if asked.is_streamed {
            Ok(self.stream(asked, place))
        } else {
            self.whole(asked, place).await
        }
    }

    async fn whole(
        self: Arc<Self>,
        asked: Asked,
        place: OwnedSemaphorePermit,
    ) -> Result<Reply, Failed> {
        // A client that goes drops this future, and `waiting` with it.
        let (wanted, waiting) = Wanted::new();
        let answer = tokio::task::spawn_blocking(move || {
            let each = &mut |_: &str| match wanted.is_given_up() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            };
            let said = self.say(&asked, &wanted, each);
            drop(place);
            said.map(|said| Answer::of(&said, &asked, &self.loaded, &self.name))
        });
        let answer = answer.await.map_err(|_| Failed::Broken)?;
        drop(waiting);
        Ok(response::json(StatusCode::OK, &answer.map_err(Failed::Model)?.whole()))
    }

    fn stream(self: Arc<Self>, asked: Asked, place: OwnedSemaphorePermit) -> Reply {
        let (pieces, queue) = mpsc::channel::<Bytes>(PIECES_MAX);
        let (wanted, waiting) = Wanted::new();
        tokio::task::spawn_blocking(move || {
            let mut piece = Piece::new(&self.name, &asked);
            let said = self.say(&asked, &wanted, &mut |text| {
                let sent = piece.of(text).map(|event| pieces.blocking_send(event));
                match sent {
                    Some(Err(_)) => ControlFlow::Break(()),
                    Some(Ok(())) | None => ControlFlow::Continue(()),
                }
            });
            drop(place);
            let end = match said {
                Ok(said) => piece.end(&Answer::of(&said, &asked, &self.loaded, &self.name)),
                Err(error) => response::event(&response::failure("server_error", &chain(&error))),
            };
            // Whoever has gone needs no end.
            let _ = pieces.blocking_send(end);
        });
        response::events(queue, waiting)
    }

    /// In this thread, for as long as it takes.
    fn say(
        &self,
        asked: &Asked,
        wanted: &Wanted,
        each: &mut dyn FnMut(&str) -> ControlFlow<()>,
    ) -> Result<Said, LoadedError> {
        let free = self.speeches.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut speech = free.unwrap_or_else(|| self.loaded.speech());
        let sampling = Sampling {
            temperature: asked.temperature,
            max_tokens: asked.max_tokens,
            stop: asked.stop.clone(),
        };
        let turn = Converse {
            messages: &asked.messages,
            images: &asked.images,
            tools: &asked.tools,
            sampling: &sampling,
            schema: asked.schema.as_ref(),
        };
        let cancel = speech.cancel();
        let said = wanted.while_wanted(cancel, || speech.converse(&turn, each));
        self.speeches.lock().unwrap_or_else(PoisonError::into_inner).push(speech);
        said
    }
}

async fn accept(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> Option<(UnixStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = listener.accept().await.ok()?;
    is_of_this_user(&stream).then_some((stream, place))
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("the request did not come in time")]
    Late,
    #[error("a request has at most {REQUEST_BYTES} bytes")]
    TooLong,
    #[error(transparent)]
    Bad(#[from] BadRequest),
    #[error("the model could not answer")]
    Model(#[source] LoadedError),
    #[error("the model broke off")]
    Broken,
}

impl Failed {
    fn reply(&self) -> Reply {
        let (status, kind) = match self {
            Self::Late => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error"),
            Self::Bad(_) => (StatusCode::BAD_REQUEST, "invalid_request_error"),
            // Too long for the model, mostly.
            Self::Model(_) => (StatusCode::UNPROCESSABLE_ENTITY, "model_error"),
            Self::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        };
        response::error(status, kind, &chain(self))
    }
}

fn whole(bytes: impl Into<Bytes>) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes.into()).boxed()
}
