//! Desktops with a session on each: recorded, open to whoever watches, ended in order.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex as Lock, PoisonError};
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
use crate::verb::run::{Where, network, own, reached, vm_name};

#[derive(Clone)]
pub(super) struct Desks {
    desktop: Where,
    /// One that runs already.
    vm: Option<String>,
    recipe: String,
    allow_forward: Vec<String>,
    launcher: Option<Launcher>,
    runs: PathBuf,
    policy: Policy,
    lease: Option<Duration>,
    max_steps: Option<u32>,
    max_time: Option<Duration>,
    stop: Stop,
    /// Names of desktops that sessions have joined.
    joined: Arc<Lock<HashSet<String>>>,
    /// Sessions that go on.
    kept: Arc<Mutex<JoinSet<()>>>,
}

/// A desktop that a session has joined. It has one pointer, so nobody else joins it meanwhile.
struct Joined {
    name: String,
    all: Arc<Lock<HashSet<String>>>,
}

impl Joined {
    fn only(name: &str, all: &Arc<Lock<HashSet<String>>>) -> Result<Self, Failure> {
        let is_first = all.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        let taken = || Failure::missing(format!("another session has joined the desktop `{name}`"));
        is_first.then(|| Self { name: name.to_owned(), all: Arc::clone(all) }).ok_or_else(taken)
    }
}

impl Drop for Joined {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

/// A desktop on its way to a session.
struct Desk<D> {
    desktop: D,
    name: String,
    joined: Option<Joined>,
}

impl Desks {
    pub(super) fn new(serve: &Serve, setting: &Setting, stop: Stop) -> Result<Self, Failure> {
        Ok(Self {
            desktop: serve.desktop,
            vm: serve.vm.clone(),
            recipe: serve.recipe.clone(),
            allow_forward: serve.allow_forward.clone(),
            launcher: setting.launcher.clone(),
            runs: setting.folders.runs(),
            policy: setting.policy(serve.policy.as_deref(), serve.desktop.surface())?,
            lease: Some(serve.lease()),
            max_steps: serve.max_steps,
            max_time: serve.max_time.map(Duration::from_secs),
            stop,
            joined: Arc::default(),
            kept: Arc::default(),
        })
    }

    pub(super) fn without_lease(&self) -> Self {
        Self { lease: None, ..self.clone() }
    }

    /// Returns when all sessions have ended.
    pub(super) async fn finish(&self) {
        let mut kept = self.kept.lock().await;
        while kept.join_next().await.is_some() {}
    }

    /// Opens what is wished for, or else what the server is for.
    pub(super) async fn open(&self, wish: &Wish) -> Result<Handle, Failure> {
        match self.desktop {
            Where::Vm => {
                let desk = self.virtual_desktop(wish).await?;
                self.seat(desk, wish).await
            }
            Where::X11 if wish.recipe.is_some() || wish.desktop.is_some() => {
                Err(Failure::usage("this is the desktop of a person; there is no other one here"))
            }
            Where::X11 => {
                let desktop = own::desktop(self.launcher.clone()).await?;
                self.seat(Desk { desktop, name: "x11".to_owned(), joined: None }, wish).await
            }
        }
    }

    /// One that runs already where one is named, else a fresh one.
    async fn virtual_desktop(&self, wish: &Wish) -> Result<Desk<VmDesktop>, Failure> {
        let ours = self.vm.as_ref().filter(|_| wish.recipe.is_none());
        if let Some(name) = wish.desktop.as_ref().or(ours) {
            let joined = Some(Joined::only(name, &self.joined)?);
            let desktop = VmDesktop::join(name).await.map_err(|error| {
                Failure::from(error).hint("`deskbound vm list` says which desktops run")
            })?;
            let network = reached(name, desktop.label().network, &self.allow_forward)?;
            let name = vm_name(name, desktop.accel(), &network);
            return Ok(Desk { desktop, name, joined });
        }
        let recipe = wish.recipe.as_ref().unwrap_or(&self.recipe);
        let network = network(recipe, &self.allow_forward)?;
        let desktop = VmDesktop::start(recipe).await.map_err(|error| {
            Failure::from(error).hint(format!(
                "`deskbound vm build --recipe {recipe}` builds a desktop, `deskbound doctor` says \
                 what is missing"
            ))
        })?;
        let name = vm_name(recipe, desktop.accel(), &network);
        Ok(Desk { desktop, name, joined: None })
    }

    async fn seat<D: Desktop + 'static>(
        &self,
        desk: Desk<D>,
        wish: &Wish,
    ) -> Result<Handle, Failure> {
        let Desk { desktop, name, joined } = desk;
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
            drop((door, joined));
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
        self.open(wish).await.map_err(|failure| failure.reason())
    }
}
