//! `vm view`: a desktop in a VNC viewer.

use std::io;
use std::process::Stdio;

use clap::Args;
use deskbound_vm::{Access, Store, View, Visit};
use serde_json::json;
use tokio::process::{Child, Command};

use super::form::{Form, told_of};
use crate::failure::{Exit, Failure};
use crate::terminal::note;

/// Viewers that take a unix socket.
const VIEWERS: [&str; 2] = ["xtigervncviewer", "vncviewer"];

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  deskbound vm view desk-12-1
  deskbound vm view desk-12-1 --read-only --no-viewer")]
pub(crate) struct Show {
    /// A desktop that runs.
    name: String,
    /// Show only: keys and pointer of the viewer are thrown away here.
    #[arg(long)]
    read_only: bool,
    /// Start no viewer; only name the socket, and serve it until an interrupt.
    #[arg(long)]
    no_viewer: bool,
}

impl Show {
    pub(super) async fn run(&self, form: Form) -> Result<Exit, Failure> {
        let store = Store::open()?;
        let visit = Visit::to(&store, &self.name).await?;
        let view = View::listen(&store, &self.name)?;
        let (path, read_only) = (view.path(), self.read_only);
        let about = visit.about();
        let told = told_of(about, json!({ "socket": path, "read_only": read_only }));
        form.tell(path.display(), &told);
        if form == Form::Text {
            note(format_args!("{}  {}", about.name, about.label));
        }
        let viewer = if self.no_viewer { None } else { started(&view)? };
        if viewer.is_none() {
            note("a VNC viewer that takes a unix socket shows it; interrupt to end");
        }
        let access = if self.read_only { Access::ReadOnly } else { Access::Full };
        tokio::select! {
            served = view.serve(&visit, &self.name, access) => served?,
            () = ended(viewer) => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(Exit::Done)
    }
}

/// The first viewer that is installed; `None` where none is.
fn started(view: &View) -> Result<Option<Child>, Failure> {
    for viewer in VIEWERS {
        let mut command = Command::new(viewer);
        command.arg(view.path()).stdin(Stdio::null()).stdout(Stdio::null());
        match command.stderr(Stdio::null()).kill_on_drop(true).spawn() {
            Ok(child) => return Ok(Some(child)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Failure::missing(format!("`{viewer}` does not start: {error}")));
            }
        }
    }
    Ok(None)
}

/// The end of the viewer; where there is none, never.
async fn ended(viewer: Option<Child>) {
    match viewer {
        Some(mut child) => drop(child.wait().await),
        None => std::future::pending().await,
    }
}
