//! The unix socket below a connection: read in large pieces, written whole, bounded.
//!
//! zbus asks a socket for a header and a body apart, which is two system calls for each answer;
//! here one read serves all that has come. And a caller that stops waiting while its message is
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
/// The longest answer that is read; whoever sends more is cut off. All items of an application of
/// 20,000 objects with long names fit.
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
            Reading { socket: read, piece: vec![0; READ_BYTES], taken: 0, filled: 0 },
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
}

#[async_trait::async_trait]
impl ReadHalf for Reading {
    async fn recvmsg(&mut self, wanted: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
        // What is wanted is what is missing of a message, whose length its sender told.
        if wanted.len() > MESSAGE_BYTES_MAX {
            return Err(io::Error::new(ErrorKind::InvalidData, "a message without end"));
        }
        while self.taken == self.filled {
            self.socket.readable().await?;
            match self.socket.try_read(&mut self.piece) {
                Ok(0) => return Ok((0, Vec::new())),
                Ok(count) => (self.taken, self.filled) = (0, count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        let count = wanted.len().min(self.filled - self.taken);
        wanted[..count].copy_from_slice(&self.piece[self.taken..self.taken + count]);
        self.taken += count;
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
