//! Desktops with a session on each: recorded, open to whoever watches, ended in order.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskbound_agent::attach::{Announcing, Door};
use deskbound_agent::chain;
use deskbound_agent::control::control;
use deskbound_agent::desktop::Desktop;
use deskbound_agent::journal::Journal;
use deskbound_agent::launcher::Launcher;
use deskbound_agent::policy::Policy;
use deskbound_agent::serve::house::{Maker, Wish};
use deskbound_agent::serve::{About, Handle, Host, host};
use deskbound_agent::session::{Session, Setup};
use deskbound_agent::stop::Stop;
use deskbound_agent::vm::VmDesktop;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::Serve;
use crate::failure::Failure;
use crate::models::Models;
use crate::terminal::note;
use crate::verb::Setting;
use crate::verb::run::{Where, network, own};

#[derive(Clone)]
pub(super) struct Desks {
    desktop: Where,
    recipe: String,
    allow_forward: Vec<String>,
    launcher: Option<Launcher>,
    runs: PathBuf,
    policy: Policy,
    lease: Option<Duration>,
    max_steps: Option<u32>,
    max_time: Option<Duration>,
    stop: Stop,
    /// Sessions that go on.
    kept: Arc<Mutex<JoinSet<()>>>,
}

impl Desks {
    pub(super) fn new(serve: &Serve, setting: &Setting, stop: Stop) -> Result<Self, Failure> {
        Ok(Self {
            desktop: serve.desktop,
            recipe: serve.recipe.clone(),
            allow_forward: serve.allow_forward.clone(),
            launcher: setting.launcher.clone(),
            runs: setting.folders.runs(),
            policy: setting.policy(serve.policy.as_deref(), serve.desktop.surface())?,
            lease: Some(serve.lease()),
            max_steps: serve.max_steps,
            max_time: serve.max_time.map(Duration::from_secs),
            stop,
            kept: Arc::default(),
        })
    }

    pub(super) fn without_lease(&self) -> Self {
        Self { lease: None, ..self.clone() }
    }

    pub(super) fn hint(&self) -> String {
        match self.desktop {
            Where::Vm => format!(
                "`deskbound vm build --recipe {}` builds a desktop, `deskbound doctor` says what is missing",
                self.recipe
            ),
            Where::X11 => "`deskbound doctor` says what is missing".to_owned(),
        }
    }

    /// Returns when all sessions have ended.
    pub(super) async fn finish(&self) {
        let mut kept = self.kept.lock().await;
        while kept.join_next().await.is_some() {}
    }

    async fn seat<D: Desktop + 'static>(
        &self,
        desktop: D,
        name: String,
        wish: &Wish,
    ) -> Result<Handle, Failure> {
        let roles = Models::Trained.load().map_err(Failure::missing)?;
        let journal = Journal::create(&self.runs).map_err(Failure::missing)?;
        let folder = journal.folder().to_owned();
        note(format_args!("record: {}", folder.display()));
        let mut setup = Setup::new(roles.grounder, self.policy.clone());
        setup.viewer = roles.viewer;
        setup.desktop.clone_from(&name);
        // A client may have less than the server gives, never more.
        let steps = self.max_steps.into_iter().chain(wish.max_steps).min();
        setup.limits.steps = steps.unwrap_or(setup.limits.steps);
        let theirs = wish.max_time_s.map(Duration::from_secs);
        let time = self.max_time.into_iter().chain(theirs).min();
        setup.limits.time = time.unwrap_or(setup.limits.time);
        let (control, inbox) = control();
        let sink = Announcing::over(journal);
        let door = Door::open(&folder, control.clone(), sink.records(), desktop.eye());
        let door = door.map_err(|error| note(format_args!("note: nobody can attach: {error}")));
        let session = Session::begin(desktop, setup, inbox, sink).map_err(Failure::missing)?;
        let lease = self.lease.map(|usual| wish.lease(usual));
        let about = About { desktop: name, record: Some(folder) };
        let (handle, host) = host(session, control.clone(), lease, about);
        let stop = self.stop.clone();
        let mut kept = self.kept.lock().await;
        while kept.try_join_next().is_some() {}
        kept.spawn(async move {
            let asked = tokio::spawn(async move {
                stop.asked().await;
                control.stop().ask();
            });
            keep(host).await;
            asked.abort();
            drop(door);
        });
        Ok(handle)
    }
}

async fn keep<D: Desktop>(host: Host<D, Announcing<Journal>>) {
    let closed = match host.keep().await {
        Ok(sink) => sink.into_inner().close().map_err(|error| chain(&error)),
        Err(failing) => Err(chain(&failing)),
    };
    if let Err(reason) = closed {
        note(format_args!("a session has failed: {reason}"));
    }
}

impl Maker for Desks {
    async fn make(&self, wish: &Wish) -> Result<Handle, String> {
        let made = async {
            match self.desktop {
                Where::Vm => {
                    let recipe = wish.recipe.as_ref().unwrap_or(&self.recipe);
                    network(recipe, &self.allow_forward)?;
                    let desktop = VmDesktop::start(recipe).await?;
                    self.seat(desktop, format!("vm:{recipe}"), wish).await
                }
                Where::X11 => {
                    let desktop = own::desktop(self.launcher.clone()).await?;
                    self.seat(desktop, "x11".to_owned(), wish).await
                }
            }
        };
        made.await.map_err(|failure: Failure| failure.to_string())
    }
}
