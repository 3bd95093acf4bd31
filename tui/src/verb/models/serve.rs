//! `deskbound models serve`: a model for other programs of this machine.

use std::path::PathBuf;

use clap::Args;
use deskbound_agent::serve::chat::ChatServer;
use deskbound_agent::serve::socket::bind;
use deskbound_agent::stop::Stop;

use crate::failure::{Exit, Failure};
use crate::models::{Room, Weights};
use crate::signal;
use crate::terminal::note;
use crate::verb::Setting;
use crate::verb::serve::folder_of;

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound models serve Qwen/Qwen3-4B --socket ~/.local/state/deskbound/chat/qwen
  curl --unix-socket ~/.local/state/deskbound/chat/qwen http://localhost/v1/models
  deskbound run 'Open the calculator' --model action=unix:$HOME/.local/state/deskbound/chat/qwen@qwen")]
pub(crate) struct Serve {
    /// The model: NAME or NAME@PROFILE.
    model: Weights,
    /// The socket. Its folder must be yours alone; it is made where there is none.
    #[arg(long, value_name = "FILE")]
    socket: PathBuf,
    #[command(flatten)]
    room: Room,
}

impl Serve {
    pub(super) fn writes(&self) -> Option<PathBuf> {
        Some(folder_of(&self.socket))
    }

    pub(super) async fn run(&self, setting: &Setting) -> Result<Exit, Failure> {
        let stop = Stop::default();
        signal::pass_on(&stop).map_err(Failure::missing)?;
        let loaded = self.model.load(&setting.folders.data, self.room)?;
        let listener = bind(&self.socket).map_err(|error| {
            Failure::missing(error).hint("only you may reach the folder of a socket: mode 0700")
        })?;
        note(format_args!("serving at {}; interrupt to end it", self.socket.display()));
        ChatServer::new(loaded, self.model.to_string()).listen(listener, &stop).await;
        let _ = std::fs::remove_file(&self.socket);
        Ok(Exit::Interrupted)
    }
}
