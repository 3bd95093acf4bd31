//! Frames: four bytes of length, little-endian, then one postcard value.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt as _};

/// The longest frame: a tree of [`deskbound_accessibility::TreeLimits::nodes`] with long names.
pub const FRAME_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What a frame begins with.
const HEAD_BYTES: usize = 4;

/// Memory is taken for a frame as its bytes arrive, this much at first, never on its word.
const FRAME_BYTES_AT_FIRST: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the port ended")]
    Ended,
    #[error("a frame of {bytes} bytes is announced, the limit is {FRAME_BYTES_MAX}")]
    TooLong { bytes: usize },
    #[error("a frame of {bytes} bytes is no value of the protocol")]
    Malformed { bytes: usize, source: postcard::Error },
    #[error("the port cannot be read or written")]
    Io(#[from] io::Error),
}

/// One value as a frame, ready to be written.
pub fn encode(value: &impl Serialize) -> Result<Vec<u8>, WireError> {
    let mut frame = vec![0; HEAD_BYTES];
    frame = postcard::to_extend(value, frame)
        .map_err(|source| WireError::Malformed { bytes: 0, source })?;
    let bytes = frame.len() - HEAD_BYTES;
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= FRAME_BYTES_MAX);
    let length = length.ok_or(WireError::TooLong { bytes })?;
    frame[..HEAD_BYTES].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, WireError> {
    postcard::from_bytes(body).map_err(|source| WireError::Malformed { bytes: body.len(), source })
}

/// The length that four leading bytes announce, if it is within the limit.
pub fn announced(head: [u8; HEAD_BYTES]) -> Result<usize, WireError> {
    let bytes = u32::from_le_bytes(head) as usize;
    if bytes > FRAME_BYTES_MAX { Err(WireError::TooLong { bytes }) } else { Ok(bytes) }
}

pub fn write<T: Serialize>(port: &mut impl Write, value: &T) -> Result<(), WireError> {
    port.write_all(&encode(value)?)?;
    Ok(port.flush()?)
}

/// Blocks until a whole frame is there. [`WireError::Ended`] only between two frames.
pub fn read<T: DeserializeOwned>(port: &mut impl Read) -> Result<T, WireError> {
    decode(&read_frame(port)?[HEAD_BYTES..])
}

/// As [`read`], for somebody who only passes it on: the whole frame as it came.
pub fn read_frame(port: &mut impl Read) -> Result<Vec<u8>, WireError> {
    let mut head = [0; HEAD_BYTES];
    match port.read(&mut head)? {
        0 => return Err(WireError::Ended),
        n => port.read_exact(&mut head[n..])?,
    }
    let length = announced(head)?;
    let mut frame = Vec::with_capacity(HEAD_BYTES + length.min(FRAME_BYTES_AT_FIRST));
    frame.extend_from_slice(&head);
    let arrived = port.take(length as u64).read_to_end(&mut frame)?;
    if arrived < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    Ok(frame)
}

/// As [`read`], without blocking a thread.
pub async fn read_async<T: DeserializeOwned>(
    port: &mut (impl AsyncRead + Unpin),
) -> Result<T, WireError> {
    let mut head = [0; 4];
    match port.read(&mut head).await? {
        0 => return Err(WireError::Ended),
        n => port.read_exact(&mut head[n..]).await?,
    };
    let length = announced(head)?;
    let mut body = Vec::with_capacity(length.min(FRAME_BYTES_AT_FIRST));
    let arrived = port.take(length as u64).read_to_end(&mut body).await?;
    if arrived < length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
    }
    decode(&body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{Answer, Ask, Reply, Request, Stream};

    #[test]
    fn a_value_comes_back_as_it_went() {
        let request = Request { id: 7, ask: Ask::Read { path: "/etc/hostname".into() } };
        let reply =
            Reply { id: 7, answer: Answer::Output { stream: Stream::Stderr, bytes: vec![0; 9] } };
        let mut port = Vec::new();
        write(&mut port, &request).expect("a vector takes all");
        write(&mut port, &reply).expect("a vector takes all");
        let mut port = port.as_slice();
        assert_eq!(read::<Request>(&mut port).expect("whole"), request);
        let frame = read_frame(&mut port).expect("whole");
        assert_eq!(read::<Reply>(&mut frame.as_slice()).expect("as it came"), reply);
        assert!(matches!(read::<Reply>(&mut port), Err(WireError::Ended)));
    }

    #[test]
    fn a_length_over_the_limit_is_refused_unread() {
        let mut port: &[u8] = &[0xff, 0xff, 0xff, 0x7f, 1, 2, 3];
        assert!(matches!(read::<Reply>(&mut port), Err(WireError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let blocking = read::<Reply>(&mut bytes.as_slice()).map_err(|error| error.to_string());
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let waiting = runtime.block_on(read_async::<Reply>(&mut bytes.as_slice()));
            prop_assert_eq!(blocking, waiting.map_err(|error| error.to_string()));
            let _ = decode::<Request>(&bytes);
        }
    }
}
