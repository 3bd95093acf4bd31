//! The ear: hears that something in an application is different, and remembers only that.
//!
//! Events say too little to keep a picture true by them, and toolkits send them in every order; so
//! one marks its application stale, and a stale application is read afresh. Moving rectangles are
//! not listened for: one pulsing bar sends 180 a second.
//!
//! The ear has a connection of its own. Its registrations live as long as that does, and as the
//! registry, which may be started again: then it is told anew, and everything is stale.
//! Applications keep their caches only while somebody has registered.

use std::{sync::Arc, time::Duration};

use futures_lite::StreamExt;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use zbus::{
    Message, MessageStream,
    message::{Sequence, Type},
};

use crate::{
    application::Applications,
    bus::Bus,
    call::{Call, Peer},
    event::Event,
    reply::CallError,
};

/// What applications are asked to tell.
const EVENTS: [&str; 13] = [
    "object:children-changed",
    "object:state-changed",
    "object:text-changed",
    "object:property-change",
    "object:selection-changed",
    "object:visible-data-changed",
    "object:model-changed",
    "object:active-descendant-changed",
    "window:create",
    "window:destroy",
    "window:activate",
    "window:deactivate",
    "document:load-complete",
];
/// What the daemon is asked to hand on, by interface and member.
const SIGNALS: [(&str, &str); 10] = [
    ("Object", "ChildrenChanged"),
    ("Object", "StateChanged"),
    ("Object", "TextChanged"),
    ("Object", "PropertyChange"),
    ("Object", "SelectionChanged"),
    ("Object", "VisibleDataChanged"),
    ("Object", "ModelChanged"),
    ("Object", "ActiveDescendantChanged"),
    ("Window", ""),
    ("Document", ""),
];

/// How the daemon tells that the registry has another owner.
const REGISTRY_RULE: &str = "type='signal',sender='org.freedesktop.DBus',\
    interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.a11y.atspi.Registry'";

#[derive(Debug)]
pub(crate) struct Ear {
    bus: Bus,
    heard: watch::Receiver<Heard>,
    listening: JoinHandle<()>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    /// Everything up to this message was understood.
    up_to: Option<Sequence>,
    changes: u64,
}

impl Ear {
    /// Listens until it is dropped.
    pub(crate) async fn open(
        address: &str,
        applications: &Arc<Applications>,
        limit: Duration,
    ) -> Result<Self, CallError> {
        let bus = Bus::connect(address).await?;
        let (saying, heard) = watch::channel(Heard::default());
        let listener =
            Listener { bus: bus.clone(), applications: Arc::clone(applications), saying, limit };
        let listening = tokio::spawn(listener.listen(bus.incoming()));
        let ear = Self { bus, heard, listening };
        let registering = async {
            // First of all, so that no registry comes and goes unheard. Where the first word to it
            // starts it, it is told everything twice, which it does not mind.
            ear.bus.send(Peer::DAEMON, Call::AddMatch(REGISTRY_RULE)).await?;
            for (interface, member) in SIGNALS {
                let mut rule =
                    format!("type='signal',interface='org.a11y.atspi.Event.{interface}'");
                if !member.is_empty() {
                    rule.push_str(&format!(",member='{member}'"));
                }
                ear.bus.send(Peer::DAEMON, Call::AddMatch(&rule)).await?;
            }
            register(&ear.bus).await
        };
        timeout(limit, registering).await.unwrap_or(Err(CallError::Silent { limit }))?;
        Ok(ear)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.bus.is_closed() || self.listening.is_finished()
    }

    /// Returns when everything that the daemon had for this ear is understood: a question goes
    /// there and back, and nothing overtakes on a connection.
    pub(crate) async fn catch_up(&self) -> Result<(), CallError> {
        let position = self.bus.round_trip().await?;
        let mut heard = self.heard.clone();
        let caught_up = heard.wait_for(|heard| heard.up_to >= position).await;
        caught_up.map(drop).map_err(|_| CallError::Lost("nobody listens any more".to_owned()))
    }

    /// A way to wait for changes from now on.
    pub(crate) fn changes(&self) -> Changes {
        let mut heard = self.heard.clone();
        let known = heard.borrow_and_update().changes;
        Changes { heard, known }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Waits for applications to say that something in them is different.
#[derive(Debug)]
pub struct Changes {
    heard: watch::Receiver<Heard>,
    known: u64,
}

impl Changes {
    /// The next change, or one that came since the last call; `false` where there will be none any
    /// more, because the bus is gone.
    pub async fn next(&mut self) -> bool {
        let known = self.known;
        let Ok(heard) = self.heard.wait_for(|heard| heard.changes > known).await else {
            return false;
        };
        self.known = heard.changes;
        true
    }
}

async fn register(bus: &Bus) -> Result<(), CallError> {
    for event in EVENTS {
        bus.send(Peer::REGISTRATION, Call::RegisterEvent(event)).await?;
    }
    Ok(())
}

/// What the listening task has.
struct Listener {
    bus: Bus,
    applications: Arc<Applications>,
    saying: watch::Sender<Heard>,
    /// For registering anew.
    limit: Duration,
}

impl Listener {
    async fn listen(self, mut incoming: MessageStream) {
        // Of which the last counts; they end with this task.
        let mut registering = JoinSet::new();
        while let Some(Ok(message)) = incoming.next().await {
            let changed = if is_new_registry(&message) {
                self.applications.mark_all_stale();
                registering.abort_all();
                registering.spawn(self.register_anew());
                true
            } else {
                self.is_change(&message)
            };
            self.saying.send_modify(|heard| {
                heard.up_to = Some(message.recv_position());
                heard.changes += u64::from(changed);
            });
        }
    }

    fn is_change(&self, message: &Message) -> bool {
        let header = message.header();
        let is_signal = message.message_type() == Type::Signal;
        header
            .sender()
            .filter(|_| is_signal)
            .is_some_and(|sender| self.applications.heard(sender.as_str(), Event::of(message)))
    }

    /// Not in the task that listens, which must go on while answers come.
    fn register_anew(&self) -> impl Future<Output = ()> + Send + use<> {
        let (bus, applications) = (self.bus.clone(), Arc::clone(&self.applications));
        let (saying, limit) = (self.saying.clone(), self.limit);
        async move {
            // Where that fails, the registry has gone again, and its next one is told.
            let _ = timeout(limit, register(&bus)).await;
            // What was not told in between is not known.
            applications.mark_all_stale();
            saying.send_modify(|heard| heard.changes += 1);
        }
    }
}

/// Only the daemon itself is believed.
fn is_new_registry(message: &Message) -> bool {
    let header = message.header();
    let is_daemon = header.sender().is_some_and(|sender| sender.as_str() == "org.freedesktop.DBus");
    let is_owner = header.member().is_some_and(|member| member.as_str() == "NameOwnerChanged");
    if !(is_daemon && is_owner) {
        return false;
    }
    let body = message.body();
    let owners = body.deserialize::<(&str, &str, &str)>();
    owners.is_ok_and(|(name, _, owner)| Peer::REGISTRY.bus_name == Some(name) && !owner.is_empty())
}
