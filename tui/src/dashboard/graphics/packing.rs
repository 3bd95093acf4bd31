//! A raster as the bytes that a terminal takes it by.
//!
//! - kitty: <https://sw.kovidgoyal.net/kitty/graphics-protocol/>
//! - iTerm2: <https://iterm2.com/documentation-images.html>

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, ImageError};

use super::raster::Raster;
use super::sixel::sixel;
use super::{Between, Means, Protocol};

/// The most of one piece, as kitty's protocol demands.
const PIECE_BYTES: usize = 4096;
/// The one picture that there is, and its one place. Any number that nobody else uses.
const IMAGE: u32 = 0x00de_5c00;
/// Takes every picture of kitty's protocol away.
pub(crate) const KITTY_CLEAR: &str = "\u{1b}_Ga=d,d=A,q=2\u{1b}\\";

/// To be written where the cursor is; leaves the cursor where it was, or is followed by its return.
pub(crate) fn pack(raster: &Raster, means: Means) -> Result<Vec<u8>, ImageError> {
    let text = match means.protocol {
        Protocol::Kitty => kitty(&png(raster)?, raster),
        Protocol::Iterm2 => iterm2(&png(raster)?, raster),
        Protocol::Sixel => sixel(&raster.image),
    };
    Ok(through(means.between, text).into_bytes())
}

/// Through what lies between.
pub(super) fn through(between: Between, text: String) -> String {
    match between {
        Between::Nothing => text,
        Between::Tmux => {
            // Each sequence by itself: one that is too long would be dropped.
            let mut wrapped = String::with_capacity(text.len() * 2);
            for sequence in text.split_inclusive("\u{1b}\\") {
                wrapped += "\u{1b}Ptmux;";
                wrapped += &sequence.replace('\u{1b}', "\u{1b}\u{1b}");
                wrapped += "\u{1b}\\";
            }
            wrapped
        }
    }
}

fn png(raster: &Raster) -> Result<String, ImageError> {
    let mut bytes = Cursor::new(Vec::new());
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
    let (width, height) = raster.image.dimensions();
    encoder.write_image(raster.image.as_raw(), width, height, ExtendedColorType::Rgb8)?;
    Ok(STANDARD.encode(bytes.into_inner()))
}

/// In pieces; the first says what it is and over how many cells it goes.
fn kitty(payload: &str, raster: &Raster) -> String {
    let (columns, rows) = (raster.extent.columns, raster.extent.rows);
    let mut text = String::with_capacity(payload.len() + payload.len() / 200 + 100);
    let mut rest = payload;
    let mut head = format!("a=T,f=100,t=d,i={IMAGE},p=1,c={columns},r={rows},C=1,q=2,");
    loop {
        let (piece, after) = rest.split_at(rest.len().min(PIECE_BYTES));
        let more = u8::from(!after.is_empty());
        text += &format!("\u{1b}_G{head}m={more};{piece}\u{1b}\\");
        head.clear();
        rest = after;
        if rest.is_empty() {
            return text;
        }
    }
}

fn iterm2(payload: &str, raster: &Raster) -> String {
    let (columns, rows) = (raster.extent.columns, raster.extent.rows);
    let size = payload.len() / 4 * 3 - payload.bytes().rev().take_while(|b| *b == b'=').count();
    format!(
        "\u{1b}]1337;File=inline=1;size={size};width={columns};height={rows};\
         preserveAspectRatio=0;doNotMoveCursor=1:{payload}\u{7}"
    )
}
