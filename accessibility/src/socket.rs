//! The unix socket below a connection: read in large pieces, written in batches, bounded.
//!
//! Whoever reads also writes, so that there is one driver: zbus's own reading task. It is woken
//! once for all answers that have come, and leaves them to gather where many are to come; those to
//! calls of ours go to the [`Exchange`] and never reach zbus, which is handed the rest, message by
//! message. A message without end costs time, not memory.

use std::{
    io::{self, ErrorKind},
    os::{
        fd::{BorrowedFd, OwnedFd},
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixStream as StdUnixStream},
    },
    pin::Pin,
    str::FromStr,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
    time::{Instant, Sleep, sleep_until},
};
use zbus::{
    Address,
    address::{Transport, transport::UnixSocket},
    connection::socket::{ReadHalf, Socket, Split, WriteHalf},
};

use crate::{
    exchange::Exchange,
    message::{self, HEAD_BYTES, Incoming},
};

/// Where many answers are to come, they are left to gather for so long before they are read: to be
/// woken for each costs more than all that is done with it.
const GATHERING: Duration = Duration::from_millis(1);
/// Bytes taken from the kernel at once, and kept for the next time.
const READ_BYTES: usize = 64 * 1024;
/// The longest answer that is read. A longer one is thrown away as it comes, and only whoever asked
/// for it is told: one application must not cut off all others. All items of an application of 20,000
/// objects with long names fit.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct BoundedSocket {
    stream: UnixStream,
    exchange: Arc<Exchange>,
}

impl BoundedSocket {
    /// To the first unix socket that `address`, in D-Bus's notation, names.
    pub(crate) async fn connect(address: &str) -> io::Result<Self> {
        let mut failed = io::Error::new(ErrorKind::Unsupported, "not the address of a unix socket");
        for one in address.split(';') {
            let Ok(address) = Address::from_str(one) else { continue };
            let Transport::Unix(unix) = address.transport() else { continue };
            let connected = match unix.path() {
                UnixSocket::File(path) => UnixStream::connect(path).await,
                UnixSocket::Abstract(name) => connect_abstract(name.as_encoded_bytes()),
                _ => continue,
            };
            match connected {
                Ok(stream) => return Ok(Self { stream, exchange: Arc::default() }),
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// For calls beneath zbus.
    pub(crate) fn exchange(&self) -> Arc<Exchange> {
        Arc::clone(&self.exchange)
    }
}

/// Connecting to a name in memory never waits for a disk, only for a full queue: that is an error
/// here.
fn connect_abstract(name: &[u8]) -> io::Result<UnixStream> {
    let stream = StdUnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

impl Socket for BoundedSocket {
    type ReadHalf = Reading;
    type WriteHalf = Writing;

    fn split(self) -> Split<Reading, Writing> {
        let writing = Writing { exchange: Arc::clone(&self.exchange) };
        let reading = Reading {
            stream: self.stream,
            exchange: self.exchange,
            piece: vec![0; READ_BYTES],
            taken: 0,
            filled: 0,
            due: 0,
            speaks: false,
            has_delivered: false,
            alarm: Box::pin(sleep_until(Instant::now())),
            gathering: None,
        };
        Split::new(reading, writing)
    }
}

/// Reads, and writes what is to be written.
#[derive(Debug)]
pub(crate) struct Reading {
    stream: UnixStream,
    exchange: Arc<Exchange>,
    piece: Vec<u8>,
    /// Up to here handed on.
    taken: usize,
    /// Up to here read.
    filled: usize,
    /// Bytes of the current message or line that are still to be handed to zbus.
    due: usize,
    /// Messages have begun; before, there is a greeting in lines.
    speaks: bool,
    /// Somebody was answered since the last reading, and has not had the time to ask on.
    has_delivered: bool,
    /// For silence.
    alarm: Pin<Box<Sleep>>,
    /// While answers gather.
    gathering: Option<Pin<Box<Sleep>>>,
}

/// What begins where nothing is due.
enum Next {
    /// A whole message, of that many bytes.
    Message(usize),
    /// Part of a message, of that many bytes in all.
    Part(usize),
    /// One that nobody can be asked to hold.
    TooLong(usize),
    /// A line of the greeting, of that many bytes.
    Line(usize),
}

impl Reading {
    fn next(&mut self) -> io::Result<Next> {
        let come = &self.piece[self.taken..self.filled];
        let is_message = matches!(come.first(), Some(b'l' | b'B'));
        if !(self.speaks || is_message || come.is_empty()) {
            let line = come.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
            return Ok(Next::Line(line.unwrap_or(come.len())));
        }
        self.speaks |= is_message;
        let Some(head) = come.first_chunk::<HEAD_BYTES>() else {
            return Ok(Next::Part(HEAD_BYTES));
        };
        let bytes = message::length(head).map_err(|_| nonsense())?;
        Ok(match bytes {
            bytes if bytes <= come.len() => Next::Message(bytes),
            bytes if bytes <= MESSAGE_BYTES_MAX => Next::Part(bytes),
            bytes => Next::TooLong(bytes),
        })
    }

    /// Until there is something for zbus; `false` at the end.
    async fn drive(&mut self) -> io::Result<bool> {
        let mut now = Instant::now();
        while self.due == 0 {
            match self.next()? {
                Next::Line(bytes) => self.due = bytes,
                Next::Message(bytes) => {
                    let message = &self.piece[self.taken..self.taken + bytes];
                    let answer = Incoming::of(message).map_err(|_| nonsense())?;
                    if answer.is_some_and(|answer| self.exchange.deliver(&answer, now)) {
                        self.taken += bytes;
                        self.has_delivered = true;
                    } else {
                        self.due = bytes;
                    }
                }
                Next::TooLong(bytes) => {
                    self.refuse(bytes).await?;
                    self.pass_over(bytes).await?;
                }
                Next::Part(bytes) => {
                    self.make_room(bytes);
                    if self.fill().await? == 0 {
                        return Ok(false);
                    }
                    now = Instant::now();
                    if bytes > READ_BYTES {
                        self.exchange.is_busy(now);
                    }
                }
            }
        }
        Ok(true)
    }

    /// For a message of that many bytes, of which a part has come.
    fn make_room(&mut self, bytes: usize) {
        self.piece.copy_within(self.taken..self.filled, 0);
        (self.taken, self.filled) = (0, self.filled - self.taken);
        let wanted = bytes.max(READ_BYTES);
        if self.piece.len() != wanted && self.filled <= wanted {
            self.piece.resize(wanted, 0);
            self.piece.shrink_to(wanted);
        }
    }

    /// Tells whoever has asked for a message of that many bytes, where its head says who that is.
    async fn refuse(&mut self, bytes: usize) -> io::Result<()> {
        let head = self.piece[self.taken..self.filled].first_chunk().ok_or_else(nonsense)?;
        let head = message::head_length(head).map_err(|_| nonsense())?;
        if head > READ_BYTES {
            return Ok(());
        }
        self.make_room(head);
        while self.filled < head {
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let answer = Incoming::of(&self.piece[..head]).map_err(|_| nonsense())?;
        if let Some(answer) = answer {
            self.exchange.deliver_too_long(&answer, bytes, Instant::now());
            self.has_delivered = true;
        }
        Ok(())
    }

    async fn pass_over(&mut self, mut bytes: usize) -> io::Result<()> {
        loop {
            let count = bytes.min(self.filled - self.taken);
            self.taken += count;
            bytes -= count;
            self.exchange.is_busy(Instant::now());
            if bytes == 0 {
                return Ok(());
            }
            self.make_room(READ_BYTES);
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Waits for more bytes, for which there is room; none means the end.
    async fn fill(&mut self) -> io::Result<usize> {
        std::future::poll_fn(|context| self.poll_fill(context)).await
    }

    fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if std::mem::take(&mut self.has_delivered) {
            // Whoever was answered asks on first, and all of it goes out at once.
            context.waker().wake_by_ref();
            let many = self.exchange.awaits_many();
            self.gathering = many.then(|| Box::pin(sleep_until(Instant::now() + GATHERING)));
            return Poll::Pending;
        }
        self.write(context)?;
        if let Some(gathering) = &mut self.gathering {
            ready!(gathering.as_mut().poll(context));
            self.gathering = None;
        }
        let mut room = ReadBuf::new(&mut self.piece[self.filled..]);
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, &mut room) else {
            // Only now: where we were late ourselves, an answer is no silence.
            self.watch(context);
            return Poll::Pending;
        };
        let count = room.filled().len();
        self.filled += count;
        Poll::Ready(read.map(|()| count))
    }

    fn write(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let mut stream = Pin::new(&mut self.stream);
        // Borrowed twice: once to be woken when there is more, once to be woken when there is room.
        let waker = context.waker().clone();
        let mut room = Context::from_waker(&waker);
        let written = self.exchange.drain(context, |bytes| {
            match stream.as_mut().poll_write(&mut room, bytes) {
                Poll::Ready(written) => written,
                Poll::Pending => Err(ErrorKind::WouldBlock.into()),
            }
        });
        match written {
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            written => written,
        }
    }

    /// For silence.
    fn watch(&mut self, context: &mut Context<'_>) {
        while let Some(at) = self.exchange.check_at() {
            if self.alarm.deadline() != at {
                self.alarm.as_mut().reset(at);
            }
            if self.alarm.as_mut().poll(context).is_pending() {
                return;
            }
            self.exchange.check_silence(Instant::now());
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.exchange.end("it was closed");
    }
}

fn nonsense() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "a message without sense")
}

#[async_trait::async_trait]
impl ReadHalf for Reading {
    async fn recvmsg(&mut self, wanted: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        match self.drive().await {
            Ok(true) => {}
            Ok(false) => {
                self.exchange.end("the other side has closed it");
                return Ok((0, Vec::new()));
            }
            Err(error) => {
                self.exchange.end(&error.to_string());
                return Err(error);
            }
        }
        // A message is here as a whole before any of it is handed on.
        let count = wanted.len().min(self.due);
        wanted[..count].copy_from_slice(&self.piece[self.taken..self.taken + count]);
        self.taken += count;
        self.due -= count;
        Ok((count, Vec::new()))
    }
}

/// Hands zbus's own messages to whoever writes.
#[derive(Debug)]
pub(crate) struct Writing {
    exchange: Arc<Exchange>,
}

#[async_trait::async_trait]
impl WriteHalf for Writing {
    async fn sendmsg(&mut self, bytes: &[u8], _fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        if self.exchange.is_over() {
            return Err(ErrorKind::BrokenPipe.into());
        }
        self.exchange.pass(bytes);
        Ok(bytes.len())
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}
