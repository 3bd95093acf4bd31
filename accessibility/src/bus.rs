//! A connection to a bus or to one application, and the only place that has one.
//!
//! zbus opens it, says who we are, hears signals and answers those who call us. What this crate
//! asks goes beneath it, through the [`Exchange`]: a call through zbus costs 25 to 40 µs of our own
//! time, nearly all of it spent on handing one answer from task to task.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use zbus::{
    Connection, Message, MessageStream, connection::Builder, message::Sequence,
    zvariant::DynamicType,
};

use crate::{
    answers::Answer,
    call::{Call, Peer},
    exchange::{Exchange, Window},
    reply::{CallError, Reply},
    socket::BoundedSocket,
};

/// How long connecting and its handshake may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// How long a call is remembered that nobody answers, and that has no silence of its own.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(crate) struct Bus {
    connection: Connection,
    exchange: Arc<Exchange>,
}

impl Bus {
    pub(crate) async fn connect(address: &str) -> Result<Self, CallError> {
        let silent = CallError::Silent { limit: CONNECT_LIMIT };
        let building = Self::build(address, |builder| builder);
        timeout(CONNECT_LIMIT, building).await.unwrap_or(Err(silent))
    }

    /// To the socket of one application. A stopped one accepts and says nothing, so a limit
    /// belongs around this.
    pub(crate) async fn connect_peer(address: &str) -> Result<Self, CallError> {
        Self::build(address, Builder::p2p).await
    }

    async fn build(
        address: &str,
        kind: impl FnOnce(Builder<'static>) -> Builder<'static>,
    ) -> Result<Self, CallError> {
        let lost = |error: zbus::Error| CallError::Lost(error.to_string());
        let socket = BoundedSocket::connect(address).await.map_err(|error| lost(error.into()))?;
        let exchange = socket.exchange();
        let connection = kind(Builder::socket(socket)).build().await.map_err(lost)?;
        Ok(Self { connection, exchange })
    }

    /// Whatever comes in that is no answer.
    pub(crate) fn incoming(&self) -> MessageStream {
        MessageStream::from(&self.connection)
    }

    /// To a call that came in.
    pub(crate) async fn answer<B>(&self, call: &Message, body: &B) -> zbus::Result<()>
    where
        B: serde::Serialize + DynamicType,
    {
        self.connection.reply(&call.header(), body).await
    }

    /// To a call that came in and is not understood.
    pub(crate) async fn refuse(&self, call: &Message) -> zbus::Result<()> {
        let error = "org.freedesktop.DBus.Error.UnknownMethod";
        self.connection.reply_error(&call.header(), error, &"nobody answers this here").await
    }

    pub(crate) fn unique_name(&self) -> Option<&str> {
        self.connection.unique_name().map(|name| name.as_str())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.exchange.is_over() || self.connection.is_closed()
    }

    /// Sends and waits, for as long as the caller does: a limit belongs around this.
    pub(crate) async fn send(&self, to: Peer<'_>, call: Call<'_>) -> Result<Reply, CallError> {
        self.send_in(&Arc::new(Window::new(None, ANSWER_LIMIT)), to, call).await
    }

    /// Sends when there is a place in the window, and fails when all in it are met with silence.
    pub(crate) async fn send_in(
        &self,
        window: &Arc<Window>,
        to: Peer<'_>,
        call: Call<'_>,
    ) -> Result<Reply, CallError> {
        let answer = self.exchange.ask(window, [(to, call)].into_iter()).await.pop();
        answer.expect("there is an answer to each question")
    }

    /// [`Bus::send_in`], for several that are answered together, in the order of the questions.
    pub(crate) async fn send_all<'q>(
        &self,
        window: &Arc<Window>,
        questions: impl ExactSizeIterator<Item = (Peer<'q>, Call<'q>)>,
    ) -> Vec<Answer> {
        self.exchange.ask(window, questions).await
    }

    /// There and back through zbus itself, so that the answer has a place among the signals.
    pub(crate) async fn round_trip(&self) -> Result<Option<Sequence>, CallError> {
        let Some(ours) = self.connection.unique_name() else { return Ok(None) };
        let (interface, member) = Call::ProcessId(ours.as_str()).member();
        let Peer { bus_name, path } = Peer::DAEMON;
        let asking = self.connection.call_method(bus_name, path, Some(interface), member, ours);
        Ok(Some(asking.await?.recv_position()))
    }
}
