//! Commands and shells inside.

use std::time::Duration;

use deskbound_guest::{
    Answer, Ask, CommandSpec, Stream, User,
    protocol::{CHUNK_BYTES_MAX, Mode, Signal, TerminalSize},
};
use tokio::{
    sync::mpsc::{self, Receiver},
    time::timeout,
};

use super::{ANSWER_LIMIT, Asked, Guest, done, unexpected};
use crate::error::VmError;

/// On top of a command's own time-out, for the guest to notice and tell.
const COMMAND_GRACE: Duration = Duration::from_secs(10);

/// No command is followed for longer, whatever time-out it has.
const COMMAND_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandEnd {
    /// A shell's convention: 128 + the signal where one ended the command.
    pub status: i32,
    pub timed_out: bool,
    /// Of one that lives on, inside the desktop.
    pub pid: Option<u32>,
}

/// What is passed on to a command that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandInput {
    Bytes(Vec<u8>),
    /// No more bytes follow.
    End,
    Resize(TerminalSize),
    Signal(Signal),
}

impl Guest {
    /// Runs a command; `output` sees its bytes as they come. Dropping the future kills it.
    pub async fn run(
        &self,
        spec: CommandSpec,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        let (_, no_input) = mpsc::channel(1);
        self.run_with(spec, no_input, output).await
    }

    /// An interactive shell of the desktop's user, on a terminal of its own.
    pub async fn shell(
        &self,
        size: TerminalSize,
        input: Receiver<CommandInput>,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        let spec = CommandSpec {
            argv: vec!["/bin/bash".into(), "-l".into()],
            cwd: None,
            env: Vec::new(),
            user: User::Session,
            timeout: None,
            mode: Mode::Terminal(size),
        };
        self.run_with(spec, input, output).await
    }

    /// As [`run`](Self::run), with what is to be passed on to the command while it runs.
    pub async fn run_with(
        &self,
        spec: CommandSpec,
        input: Receiver<CommandInput>,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<CommandEnd, VmError> {
        let limit = spec.timeout.unwrap_or(COMMAND_LIMIT).min(COMMAND_LIMIT) + COMMAND_GRACE;
        let mut asked = self.send(Ask::Run(spec)).await?;
        let id = asked.id();
        let running = async {
            tokio::select! {
                end = follow(&mut asked, output) => end,
                // Input that is not taken ends nothing: the command may have ended first.
                never = self.pass_on(id, input) => match never {},
            }
        };
        let ended = timeout(limit, running).await;
        ended.map_err(|_| VmError::TooLate { what: "the command's end".into(), limit })?
    }

    async fn pass_on(
        &self,
        id: u32,
        mut input: Receiver<CommandInput>,
    ) -> std::convert::Infallible {
        while let Some(input) = input.recv().await {
            let passed = match input {
                CommandInput::Bytes(bytes) => self.feed(id, bytes).await,
                CommandInput::End => self.feed_end(id).await,
                CommandInput::Resize(size) => self.command(Ask::Resize { id, size }).await,
                CommandInput::Signal(signal) => self.command(Ask::Signal { id, signal }).await,
            };
            if passed.is_err() {
                break;
            }
        }
        std::future::pending().await
    }

    async fn feed(&self, id: u32, bytes: Vec<u8>) -> Result<(), VmError> {
        for piece in bytes.chunks(CHUNK_BYTES_MAX) {
            self.fed(id, piece.to_vec()).await?;
        }
        Ok(())
    }

    async fn feed_end(&self, id: u32) -> Result<(), VmError> {
        self.fed(id, Vec::new()).await
    }

    /// However long the command takes to read it.
    async fn fed(&self, id: u32, bytes: Vec<u8>) -> Result<(), VmError> {
        done(self.send(Ask::Feed { id, bytes }).await?.next().await?)
    }

    async fn command(&self, ask: Ask) -> Result<(), VmError> {
        done(self.ask(ask, ANSWER_LIMIT).await?)
    }
}

async fn follow(
    asked: &mut Asked,
    output: &mut (dyn FnMut(Stream, &[u8]) + Send),
) -> Result<CommandEnd, VmError> {
    loop {
        match asked.next().await? {
            Answer::Output { stream, bytes } => output(stream, &bytes),
            Answer::Exited { status, timed_out } => {
                return Ok(CommandEnd { status, timed_out, pid: None });
            }
            Answer::Started { pid } => {
                return Ok(CommandEnd { status: 0, timed_out: false, pid: Some(pid) });
            }
            other => return Err(unexpected(&other)),
        }
    }
}
