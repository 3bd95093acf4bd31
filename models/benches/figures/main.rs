//! What the models cost: a decoder against llama.cpp on the same file with the same threads, in turn; a
//! tower against torch on the same weights.
//!
//! Weights are random and of the shapes of real models: speed does not depend on what they say. They
//! are made once and kept in the target folder. `DESKBOUND_PYTHON` names a Python with `llama-cpp-python`,
//! `torch` and `transformers`; without one the figures are told as missing.
//!
//! Words choose rows, each of which must have all of them in its name:
//!
//! ```text
//! cargo bench -p deskbound-models -- 0.6b decode     models.decode_q4 0.6B, models.decode_q8 0.6B
//! cargo bench -p deskbound-models -- tower           models.tower
//! cargo bench -p deskbound-models -- --all           those too that take minutes a row
//! ```

mod decoder;
mod file;
mod peer;
mod score;
mod tower;
mod vision;

use std::path::PathBuf;
use std::time::Instant;

use deskbound_figures::{Figure, Figures, Pair};
use deskbound_models::engine::set_threads;

/// Rounds of a row: as many as fit into so many seconds, within these bounds.
const ROW_SECONDS: f64 = 45.0;
const ROUNDS: usize = 7;
const ROUNDS_LEAST: usize = 3;

/// Which rows are to be measured.
pub(crate) struct Wanted {
    words: Vec<String>,
    slow: bool,
}

impl Wanted {
    fn of_args() -> Self {
        let args: Vec<String> = std::env::args().skip(1).collect();
        let slow = args.iter().any(|arg| arg == "--all");
        let words = args.into_iter().filter(|arg| !arg.starts_with('-'));
        Self { words: words.map(|word| word.to_lowercase()).collect(), slow }
    }

    /// By name and what it is measured on.
    pub(crate) fn has(&self, figure: &str, of: &str) -> bool {
        let row = format!("{figure} {of}").to_lowercase();
        self.words.iter().all(|word| row.contains(word))
    }

    /// One that takes minutes is measured only if all are, or it is chosen by name.
    pub(crate) fn has_slow(&self, figure: &str, of: &str) -> bool {
        self.has(figure, of) && (self.slow || self.words.len() > 1)
    }
}

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    set_threads(threads);
    let folder: PathBuf = [env!("CARGO_TARGET_TMPDIR"), "models"].iter().collect();
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    let mut figures = Figures::from_args();
    let wanted = Wanted::of_args();
    if wanted.has("starter", "") {
        vision::measure(&mut figures);
    }
    decoder::measure(&mut figures, &wanted, &folder, threads);
    tower::measure(&mut figures, &wanted, &folder, threads);
}

/// A row against a peer. The first round is not counted: it lays weights out anew, and tells how many
/// rounds fit.
pub(crate) fn against(
    figures: &mut Figures,
    figure: Figure,
    versus: &str,
    mut round: impl FnMut() -> Pair,
) {
    let begun = Instant::now();
    round();
    let rounds = (ROW_SECONDS / begun.elapsed().as_secs_f64()) as usize;
    figures.ratio(figure, rounds.clamp(ROUNDS_LEAST, ROUNDS), versus, round);
}
