//! A peer in a process of its own, written in Python, that answers one line with seconds.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) struct Peer {
    process: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Which peer.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    LlamaCpp,
    TorchTower,
}

impl Kind {
    fn script(self) -> &'static str {
        match self {
            Self::LlamaCpp => concat!(env!("CARGO_MANIFEST_DIR"), "/benches/figures/llama.py"),
            Self::TorchTower => {
                concat!(env!("CARGO_MANIFEST_DIR"), "/benches/figures/torch_tower.py")
            }
        }
    }

    /// What its Python must have.
    fn packages(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama-cpp-python",
            Self::TorchTower => "torch transformers",
        }
    }
}

impl Peer {
    /// # Errors
    ///
    /// In words, if there is no Python that has it.
    pub(crate) fn start(kind: Kind, model: &Path, numbers: &[usize]) -> Result<Self, String> {
        let python = std::env::var("DESKBOUND_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut process = Command::new(&python)
            .arg(kind.script())
            .arg(model)
            .args(numbers.iter().map(ToString::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{python}: {error}"))?;
        let asks = process.stdin.take().expect("it was piped");
        let answers = BufReader::new(process.stdout.take().expect("it was piped"));
        let mut peer = Self { process, asks, answers };
        match peer.line().as_str() {
            "ready" => Ok(peer),
            _ => {
                let packages = kind.packages();
                Err(format!(
                    "{python} cannot; `pip install {packages}`, and name it in DESKBOUND_PYTHON"
                ))
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let _ = self.answers.read_line(&mut line);
        line.trim().to_owned()
    }

    /// Seconds that it took.
    pub(crate) fn ask(&mut self, what: &str) -> f64 {
        writeln!(self.asks, "{what}").expect("the peer listens");
        self.line().parse().expect("the peer answers in seconds")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
