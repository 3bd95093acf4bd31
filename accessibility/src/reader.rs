//! The reader: a connection to the accessibility bus, and pictures of the whole desktop.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    call::{Bus, Call, Peer},
    limits::TreeLimits,
    line::Line,
    reply::{CallError, ObjectRef, Reply},
    tree::{Tree, TreeBuilder},
    walk::{Picture, Walk},
};

/// How long the registry may take; it may have to be started first.
pub(crate) const REGISTRY_LIMIT: Duration = Duration::from_secs(5);
/// A rare event, listened for so that applications keep their objects and caches; the bus delivers
/// none of them here.
const KEEP_ALIVE_EVENT: &str = "window:activate";
/// Far above any desktop; applications beyond are left out.
const APPS_MAX: usize = 256;

/// Where the accessibility bus is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusAddress {
    /// The accessibility bus itself.
    Accessibility(String),
    /// The session bus, which knows the accessibility bus.
    Session(String),
}

/// Why there is no reader, or no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("there is no accessibility bus: {reason}")]
    NoBus { reason: String },
    #[error("the accessibility bus is broken: {reason}")]
    BusBroken { reason: String },
    #[error("the accessibility registry does not answer: {reason}")]
    RegistryHung { reason: String },
}

/// Reads and acts for as long as it lives. It changes no setting of the desktop.
#[derive(Clone, Debug)]
pub struct Reader {
    bus: Bus,
}

impl Reader {
    /// Connects and keeps one event registered, which ends with the connection.
    pub async fn connect(address: &BusAddress) -> Result<Self, ReadError> {
        let address = match address {
            BusAddress::Accessibility(address) => address.clone(),
            BusAddress::Session(address) => find_bus(address).await?,
        };
        let bus = Bus::connect(&address).await;
        let bus = bus.map_err(|error| ReadError::BusBroken { reason: error.to_string() })?;
        ask_registry(
            &bus,
            Peer::REGISTRATION,
            Call::RegisterEvent(KEEP_ALIVE_EVENT),
            REGISTRY_LIMIT,
        )
        .await?;
        Ok(Self { bus })
    }

    /// A picture of every application, all read at the same time. Returns inside the limits,
    /// whatever an application does; [`App::status`](crate::App::status) says how each fared.
    pub async fn snapshot(&self, limits: &TreeLimits) -> Result<Tree, ReadError> {
        let until = Instant::now() + limits.deadline;
        let roots = self.applications(limits.deadline).await?;
        let budget = Arc::new(AtomicU32::new(limits.nodes));
        let mut walks = JoinSet::new();
        for (place, root) in roots.into_iter().take(APPS_MAX).enumerate() {
            let walk = self.walk(&root.bus_name, limits, &budget, until);
            let bus = self.bus.clone();
            walks.spawn(async move { (place, walk.run(&bus).await) });
        }
        // Each walk ends by itself at its deadline.
        let mut pictures = walks.join_all().await;
        pictures.sort_by_key(|(place, _)| *place);
        let mut tree = TreeBuilder::default();
        for (_, picture) in pictures {
            picture.write(&mut tree);
        }
        Ok(tree.finish())
    }

    /// The roots of all applications, as the registry lists them.
    pub(crate) async fn applications(&self, limit: Duration) -> Result<Vec<ObjectRef>, ReadError> {
        let reply = ask_registry(&self.bus, Peer::REGISTRY, Call::Children, limit).await?;
        reply.objects().map_err(registry_hung)
    }

    /// A picture of one application.
    pub(crate) async fn picture(&self, bus_name: &str, limits: &TreeLimits) -> Tree {
        let until = Instant::now() + limits.deadline;
        let budget = Arc::new(AtomicU32::new(limits.nodes));
        let picture: Picture = self.walk(bus_name, limits, &budget, until).run(&self.bus).await;
        let mut tree = TreeBuilder::default();
        picture.write(&mut tree);
        tree.finish()
    }

    pub(crate) fn line(&self, bus_name: &str, silence: Duration) -> Line {
        Line::new(&self.bus, bus_name, silence)
    }

    fn walk(
        &self,
        bus_name: &str,
        limits: &TreeLimits,
        budget: &Arc<AtomicU32>,
        until: Instant,
    ) -> Walk {
        Walk {
            line: self.line(bus_name, limits.silence),
            limits: *limits,
            budget: Arc::clone(budget),
            until: until.min(Instant::now() + limits.app_deadline),
        }
    }
}

async fn find_bus(session: &str) -> Result<String, ReadError> {
    let no_bus = |error: CallError| ReadError::NoBus { reason: error.to_string() };
    let session = Bus::connect(session).await.map_err(no_bus)?;
    let asking = session.send(Peer::LAUNCHER, Call::BusAddress);
    let silent = CallError::Silent { limit: REGISTRY_LIMIT };
    let reply = timeout(REGISTRY_LIMIT, asking).await.unwrap_or(Err(silent));
    let address = reply.and_then(|reply| reply.text()).map_err(no_bus)?;
    if address.is_empty() {
        return Err(ReadError::NoBus { reason: "its address is empty".to_owned() });
    }
    Ok(address)
}

async fn ask_registry(
    bus: &Bus,
    to: Peer<'static>,
    call: Call<'_>,
    limit: Duration,
) -> Result<Reply, ReadError> {
    let silent = CallError::Silent { limit };
    let reply = timeout(limit, bus.send(to, call)).await.unwrap_or(Err(silent));
    reply.map_err(registry_hung)
}

fn registry_hung(error: CallError) -> ReadError {
    match error {
        CallError::BusLost(reason) => ReadError::BusBroken { reason },
        other => ReadError::RegistryHung { reason: other.to_string() },
    }
}
