//! The unix socket below a connection: read in large pieces, written whole, bounded.
//!
//! zbus asks a socket for a header and a body apart, which is two system calls for each answer;
//! here one read serves all that has come, and a message without end costs time, not memory. And a caller that stops waiting while its message is
//! half written must not spoil those that come after it: what is left over goes out first, before
//! the next message.

use std::{
    io::{self, ErrorKind},
    os::{
        fd::{BorrowedFd, OwnedFd},
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixStream as StdUnixStream},
    },
    str::FromStr,
};

use tokio::net::{
    UnixStream,
    unix::{OwnedReadHalf, OwnedWriteHalf},
};
use zbus::{
    Address, Message,
    address::{Transport, transport::UnixSocket},
    connection::socket::{ReadHalf, Socket, Split, WriteHalf},
};

/// Bytes taken from the kernel at once.
const READ_BYTES: usize = 64 * 1024;
/// The longest answer that is read. A longer one is thrown away as it comes, and whoever asked is
/// told nothing: one application must not cut off all others. All items of an application of 20,000
/// objects with long names fit.
const MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct BoundedSocket(UnixStream);

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
                Ok(stream) => return Ok(Self(stream)),
                Err(error) => failed = error,
            }
        }
        Err(failed)
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
        let (read, write) = self.0.into_split();
        Split::new(
            Reading { socket: read, piece: vec![0; READ_BYTES], taken: 0, filled: 0, due: 0 },
            Writing { socket: write, left_over: Vec::new() },
        )
    }
}

#[derive(Debug)]
pub(crate) struct Reading {
    socket: OwnedReadHalf,
    piece: Vec<u8>,
    /// Up to here handed on.
    taken: usize,
    /// Up to here read.
    filled: usize,
    /// Bytes of the current message or line that are still to be handed on.
    due: usize,
}

/// What begins where nothing is due.
enum Next {
    /// A message of that many bytes.
    Message(usize),
    /// A line of the greeting, before there are messages.
    Line,
    /// Too little has come to tell.
    Unknown,
}

impl Reading {
    /// Waits for more bytes; none means the end.
    async fn fill(&mut self) -> io::Result<usize> {
        // The rest moves to the front, so that a header is never split for long.
        self.piece.copy_within(self.taken..self.filled, 0);
        (self.taken, self.filled) = (0, self.filled - self.taken);
        loop {
            self.socket.readable().await?;
            match self.socket.try_read(&mut self.piece[self.filled..]) {
                Ok(count) => {
                    self.filled += count;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn next(&self) -> io::Result<Next> {
        let come = &self.piece[self.taken..self.filled];
        Ok(match come.first() {
            None => Next::Unknown,
            Some(b'l' | b'B') if come.len() < PrimaryHeader::BYTES => Next::Unknown,
            Some(b'l' | b'B') => Next::Message(PrimaryHeader::message_bytes(come)?),
            Some(_) => Next::Line,
        })
    }

    /// Throws away a message that nobody can be asked to hold.
    async fn skip(&mut self, mut bytes: usize) -> io::Result<()> {
        loop {
            let count = bytes.min(self.filled - self.taken);
            self.taken += count;
            bytes -= count;
            if bytes == 0 {
                return Ok(());
            }
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// The fixed part of a message's header.
struct PrimaryHeader;

impl PrimaryHeader {
    const BYTES: usize = 16;

    /// Of the whole message, from its first bytes.
    fn message_bytes(bytes: &[u8]) -> io::Result<usize> {
        let word = |at: usize| {
            let word: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
            let big = bytes[0] == b'B';
            let word = if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
            usize::try_from(word).ok()
        };
        let (body, fields) = (word(4), word(12));
        let total = body.zip(fields).and_then(|(body, fields)| {
            Self::BYTES.checked_add(fields)?.checked_next_multiple_of(8)?.checked_add(body)
        });
        total.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "a header without sense"))
    }
}

#[async_trait::async_trait]
impl ReadHalf for Reading {
    async fn recvmsg(&mut self, wanted: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        while self.due == 0 {
            match self.next()? {
                Next::Message(bytes) if bytes > MESSAGE_BYTES_MAX => self.skip(bytes).await?,
                Next::Message(bytes) => self.due = bytes,
                Next::Line => {
                    let come = &self.piece[self.taken..self.filled];
                    let line = come.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
                    self.due = line.unwrap_or(come.len());
                }
                Next::Unknown => {
                    if self.fill().await? == 0 {
                        return Ok((0, Vec::new()));
                    }
                }
            }
        }
        if self.taken == self.filled && self.fill().await? == 0 {
            return Ok((0, Vec::new()));
        }
        let count = wanted.len().min(self.filled - self.taken).min(self.due);
        wanted[..count].copy_from_slice(&self.piece[self.taken..self.taken + count]);
        self.taken += count;
        self.due -= count;
        Ok((count, Vec::new()))
    }
}

#[derive(Debug)]
pub(crate) struct Writing {
    socket: OwnedWriteHalf,
    /// Of messages that were begun.
    left_over: Vec<u8>,
}

impl Writing {
    async fn flush(&mut self) -> io::Result<()> {
        while !self.left_over.is_empty() {
            self.socket.writable().await?;
            match self.socket.try_write(&self.left_over) {
                Ok(count) => drop(self.left_over.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl WriteHalf for Writing {
    async fn send_message(&mut self, message: &Message) -> zbus::Result<()> {
        self.flush().await?;
        self.left_over.extend_from_slice(message.data());
        Ok(self.flush().await?)
    }

    async fn sendmsg(&mut self, bytes: &[u8], _fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.left_over.extend_from_slice(bytes);
        self.flush().await?;
        Ok(bytes.len())
    }

    async fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}
