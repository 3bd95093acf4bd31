//! Sixels, as the VT340 took them: six rows of pixels at a time, colour by colour.
//! <https://vt100.net/docs/vt3xx-gp/chapter14.html>

use std::fmt::Write as _;

use image::RgbImage;

/// Levels of each channel; 6 × 6 × 6 registers are fewer than any terminal has.
const LEVELS: u16 = 6;
const REGISTERS: usize = 216;
/// A run of fewer is written out.
const RUN_MIN: usize = 4;

/// Screens are flat colours and sharp text: the nearest of a fixed set is enough, without noise.
pub(super) fn sixel(image: &RgbImage) -> String {
    let (width, height) = image.dimensions();
    let registers: Vec<u8> = image.pixels().map(|pixel| register(pixel.0)).collect();
    let mut text = format!("\u{1b}P0;1;0q\"1;1;{width};{height}");
    let mut used = [false; REGISTERS];
    registers.iter().for_each(|register| used[usize::from(*register)] = true);
    for (index, _) in used.iter().enumerate().filter(|(_, used)| **used) {
        let share = |level: usize| level * 100 / usize::from(LEVELS - 1);
        let _ = write!(
            text,
            "#{index};2;{};{};{}",
            share(index / 36),
            share(index / 6 % 6),
            share(index % 6)
        );
    }
    let width = width as usize;
    for band in registers.chunks(width.max(1) * 6) {
        lines(band, width, &mut text);
        text.push('-');
    }
    text.push_str("\u{1b}\\");
    text
}

/// One band: a line for each colour in it, each over the other.
fn lines(band: &[u8], width: usize, text: &mut String) {
    let mut colours = band.to_vec();
    colours.sort_unstable();
    colours.dedup();
    let mut columns = vec![0u8; width];
    for (index, colour) in colours.iter().enumerate() {
        columns.fill(0);
        for (bit, row) in band.chunks(width.max(1)).enumerate() {
            for (column, pixel) in columns.iter_mut().zip(row) {
                *column |= u8::from(pixel == colour) << bit;
            }
        }
        if index > 0 {
            text.push('$');
        }
        let _ = write!(text, "#{colour}");
        runs(&columns, text);
    }
}

fn runs(columns: &[u8], text: &mut String) {
    let end = columns.iter().rposition(|bits| *bits != 0).map_or(0, |last| last + 1);
    for run in columns[..end].chunk_by(|one, other| one == other) {
        let sign = char::from(run[0] + b'?');
        if run.len() >= RUN_MIN {
            let _ = write!(text, "!{}{sign}", run.len());
        } else {
            text.extend(std::iter::repeat_n(sign, run.len()));
        }
    }
}

/// The nearest register.
fn register([r, g, b]: [u8; 3]) -> u8 {
    let level = |channel: u8| (u16::from(channel) * (LEVELS - 1) + 127) / 255;
    (level(r) * 36 + level(g) * 6 + level(b)) as u8
}
