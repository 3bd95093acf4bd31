//! How much memory a model takes, told before it is loaded.

use candle_core::quantized::GgmlDType;

use super::cache::Cache;
use super::config::Config;
use super::weights::{Entry, Kind};

/// Bytes, by what they are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub weights: u64,
    /// Keys and values of the conversations.
    pub cache: u64,
    /// What one pass needs beside them, at most.
    pub work: u64,
}

/// Tokens of one pass through the decoder.
pub(crate) const PASS: usize = 512;

impl Memory {
    #[must_use]
    pub fn total(self) -> u64 {
        self.weights + self.cache + self.work
    }

    pub(super) fn of<'a>(
        config: &Config,
        entries: impl Iterator<Item = &'a Entry>,
        tokens: usize,
    ) -> Self {
        let weights = entries.map(|entry| match entry.kind {
            // All plain numbers are f32 when they are used.
            Kind::Plain(_) => 4 * entry.elements() as u64,
            // They are never used.
            Kind::Foreign(_) => 0,
            Kind::Blocks(blocks) => {
                entry.bytes() as u64 + laid_out(blocks, entry.elements() as u64)
            }
        });
        let text = &config.text;
        // The widest layer of a pass, several times over, and the scores of one block of queries.
        let widest = (2 * text.intermediate + 4 * text.hidden + text.vocabulary / PASS) * PASS;
        let scores = 2 * text.heads * PASS * tokens.min(text.context);
        Self {
            weights: weights.sum(),
            cache: Cache::token_bytes(text) * tokens as u64,
            work: 4 * (widest + scores) as u64,
        }
    }
}

/// Bytes of the second copy that candle lays out for the processor's vectors and keeps, at most:
/// older processors do without that of `Q8_0`, and a head that only ever sees one token without its.
fn laid_out(blocks: GgmlDType, elements: u64) -> u64 {
    match blocks {
        GgmlDType::Q4K => elements * 3 / 4,
        GgmlDType::Q6K => elements * 5 / 4,
        GgmlDType::Q8_0 => elements * 17 / 16,
        _ => 0,
    }
}

/// Memory that can be had without swapping, if the system says.
pub(crate) fn available() -> Option<u64> {
    let told = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = told.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
