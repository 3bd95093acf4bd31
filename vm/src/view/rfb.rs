//! What is spoken with a viewer: RFB 3.3 to 3.8 (RFC 6143), without a password, pixels as they are.

use std::io;

use deskbound_accessibility::ScreenPx;
use image::RgbImage;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::pointer::Pressed;

const VERSION: &[u8; 12] = b"RFB 003.008\n";

/// The security type without one: who may open the socket is the user.
const NO_SECURITY: u8 = 1;

/// Longest text of a viewer's clipboard that is read over.
const CUT_TEXT_BYTES_MAX: u32 = 1024 * 1024;

/// How a viewer wants its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PixelFormat {
    bytes: usize,
    is_big_endian: bool,
    /// The largest value of red, green and blue.
    max: [u16; 3],
    shift: [u8; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientMessage {
    Format(PixelFormat),
    Update {
        /// Only what has changed.
        incremental: bool,
    },
    Key {
        keysym: u32,
        pressed: Pressed,
    },
    Pointer {
        /// One bit a button, the left one first.
        buttons: u8,
        at: ScreenPx,
    },
    Other,
}

impl PixelFormat {
    /// What viewers are told first: four bytes, blue in the lowest.
    pub(super) const OURS: Self =
        Self { bytes: 4, is_big_endian: false, max: [255; 3], shift: [16, 8, 0] };

    fn to_wire(self) -> [u8; 16] {
        let mut wire = [0; 16];
        wire[0] = self.bytes as u8 * 8;
        wire[1] = 24;
        wire[2] = self.is_big_endian.into();
        wire[3] = 1;
        for (at, max) in self.max.iter().enumerate() {
            wire[4 + at * 2..6 + at * 2].copy_from_slice(&max.to_be_bytes());
        }
        wire[10..13].copy_from_slice(&self.shift);
        wire
    }

    fn of_wire(wire: [u8; 16]) -> io::Result<Self> {
        let [bits, _, is_big_endian, is_true_colour, ..] = wire;
        let max = [4, 6, 8].map(|at| u16::from_be_bytes([wire[at], wire[at + 1]]));
        let shift = [wire[10], wire[11], wire[12]];
        let is_known = matches!(bits, 8 | 16 | 32) && is_true_colour != 0;
        if !is_known || shift.iter().any(|shift| *shift >= bits) {
            return Err(broken("pixels of a kind that is not spoken here"));
        }
        let bytes = usize::from(bits / 8);
        Ok(Self { bytes, is_big_endian: is_big_endian != 0, max, shift })
    }

    fn push(&self, pixel: [u8; 3], to: &mut Vec<u8>) {
        let mut value = 0_u32;
        for ((part, max), shift) in pixel.into_iter().zip(self.max).zip(self.shift) {
            value |= (u32::from(part) * u32::from(max) / 255) << shift;
        }
        match self.is_big_endian {
            true => to.extend(&value.to_be_bytes()[4 - self.bytes..]),
            false => to.extend(&value.to_le_bytes()[..self.bytes]),
        }
    }
}

pub(super) async fn greet(
    reader: &mut (impl AsyncRead + Unpin),
    writer: &mut (impl AsyncWrite + Unpin),
    size: (u32, u32),
    name: &str,
) -> io::Result<()> {
    writer.write_all(VERSION).await?;
    let mut version = [0; 12];
    reader.read_exact(&mut version).await?;
    match &version {
        b"RFB 003.003\n" => writer.write_u32(NO_SECURITY.into()).await?,
        b"RFB 003.007\n" | VERSION => {
            writer.write_all(&[1, NO_SECURITY]).await?;
            if reader.read_u8().await? != NO_SECURITY {
                return Err(broken("a security type that was not offered"));
            }
            if &version == VERSION {
                // It went well.
                writer.write_u32(0).await?;
            }
        }
        _ => return Err(broken("another protocol")),
    }
    // Whether others may look too; they may not, for one is served at a time.
    reader.read_u8().await?;
    let mut init = Vec::new();
    for length in [size.0, size.1] {
        init.extend(u16::try_from(length).map_err(io::Error::other)?.to_be_bytes());
    }
    init.extend(PixelFormat::OURS.to_wire());
    init.extend(u32::try_from(name.len()).map_err(io::Error::other)?.to_be_bytes());
    init.extend(name.as_bytes());
    writer.write_all(&init).await
}

pub(super) async fn read(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<ClientMessage> {
    Ok(match reader.read_u8().await? {
        0 => {
            let mut body = [0; 19];
            reader.read_exact(&mut body).await?;
            let mut wire = [0; 16];
            wire.copy_from_slice(&body[3..]);
            ClientMessage::Format(PixelFormat::of_wire(wire)?)
        }
        2 => {
            reader.read_u8().await?;
            let count = reader.read_u16().await?;
            skip(reader, u64::from(count) * 4).await?;
            ClientMessage::Other
        }
        3 => {
            let incremental = reader.read_u8().await? != 0;
            skip(reader, 8).await?;
            ClientMessage::Update { incremental }
        }
        4 => {
            let is_down = reader.read_u8().await? != 0;
            skip(reader, 2).await?;
            let pressed = if is_down { Pressed::Down } else { Pressed::Up };
            ClientMessage::Key { keysym: reader.read_u32().await?, pressed }
        }
        5 => {
            let buttons = reader.read_u8().await?;
            let (x, y) = (reader.read_u16().await?, reader.read_u16().await?);
            ClientMessage::Pointer { buttons, at: ScreenPx { x: x.into(), y: y.into() } }
        }
        6 => {
            skip(reader, 3).await?;
            let length = reader.read_u32().await?;
            if length > CUT_TEXT_BYTES_MAX {
                return Err(broken("a clipboard of more than is read"));
            }
            skip(reader, length.into()).await?;
            ClientMessage::Other
        }
        _ => return Err(broken("a message that was not agreed on")),
    })
}

async fn skip(reader: &mut (impl AsyncRead + Unpin), bytes: u64) -> io::Result<()> {
    let skipped = tokio::io::copy(&mut reader.take(bytes), &mut tokio::io::sink()).await?;
    if skipped < bytes { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Whole rows of the picture, `to` not among them.
pub(super) fn update(image: &RgbImage, from: u32, to: u32, format: &PixelFormat) -> Vec<u8> {
    // The screen's size has gone through 16 bits before.
    let [width, from_row, rows] = [image.width(), from, to - from].map(|length| length as u16);
    // One rectangle, raw.
    let mut update = vec![0, 0, 0, 1, 0, 0];
    for number in [from_row, width, rows] {
        update.extend(number.to_be_bytes());
    }
    update.extend([0; 4]);
    let pixels = image.rows().skip(from as usize).take(usize::from(rows)).flatten();
    pixels.for_each(|pixel| format.push(pixel.0, &mut update));
    update
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the viewer speaks {what}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(future)
    }

    #[test]
    fn viewers_of_every_version_are_greeted() {
        for (said, expected) in [
            (&b"RFB 003.008\n\x01\x01"[..], &b"RFB 003.008\n\x01\x01\0\0\0\0"[..]),
            (b"RFB 003.007\n\x01\x01", b"RFB 003.008\n\x01\x01"),
            (b"RFB 003.003\n\x01", b"RFB 003.008\n\0\0\0\x01"),
        ] {
            let mut answer = Vec::new();
            block_on(greet(&mut &*said, &mut answer, (1280, 800), "desk")).expect("it is one");
            let init =
                b"\x05\0\x03\x20\x20\x18\0\x01\0\xff\0\xff\0\xff\x10\x08\0\0\0\0\0\0\0\x04desk";
            assert_eq!(answer, [expected, init].concat());
        }
        let said = &b"GET / HTTP/1.1\r\n\r\n"[..];
        let greeted = block_on(greet(&mut &*said, &mut Vec::new(), (1, 1), ""));
        assert!(greeted.is_err(), "no browser is let in");
    }

    #[test]
    fn pixels_are_sent_as_they_are_wanted() {
        let mut image = RgbImage::new(2, 3);
        image.put_pixel(1, 1, image::Rgb([255, 0, 128]));
        let sent = update(&image, 1, 2, &PixelFormat::OURS);
        let head = [0, 0, 0, 1, 0, 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 0];
        assert_eq!(sent, [&head[..], &[0; 4], &[128, 0, 255, 0]].concat());
        let small =
            PixelFormat { bytes: 2, is_big_endian: true, max: [31, 63, 31], shift: [11, 5, 0] };
        assert_eq!(update(&image, 1, 2, &small)[16..], [0, 0, 0b1111_1000, 0b0000_1111]);
        assert_eq!(PixelFormat::of_wire(PixelFormat::OURS.to_wire()).ok(), Some(PixelFormat::OURS));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(said in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut rest = said.as_slice();
            block_on(async { while read(&mut rest).await.is_ok() {} });
        }
    }
}
