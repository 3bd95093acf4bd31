//! Where trees come from: the session this is started in, or a virtual desktop.

use std::path::PathBuf;
use std::time::Duration;

use deskbound_accessibility::{BusAddress, Diagnosis, ReadError, Reader, Tree, TreeLimits};
use deskbound_vm::{Accel, Store, Visit};

use super::remedy;
use crate::failure::Failure;

/// Between two looks where nobody tells of changes.
const POLL: Duration = Duration::from_millis(300);

pub(super) enum Source {
    Session(Reader),
    Desktop(Visit),
}

impl Source {
    pub(super) async fn session() -> Result<Self, Failure> {
        Ok(Self::Session(Reader::connect(&session_bus()?).await.map_err(unread)?))
    }

    pub(super) async fn desktop(name: &str) -> Result<Self, Failure> {
        Ok(Self::Desktop(Visit::to(&Store::open()?, name).await?))
    }

    pub(super) async fn changes(&self) -> Changes {
        match self {
            Self::Session(reader) => Changes::Told(reader.changes().await),
            Self::Desktop(_) => Changes::Untold(POLL),
        }
    }

    pub(super) async fn tree(&self) -> Result<Tree, Failure> {
        match self {
            Self::Session(reader) => reader.snapshot(&TreeLimits::default()).await.map_err(unread),
            Self::Desktop(visit) => Ok(visit.tree(&Accel::Emulated.tree_limits()).await?),
        }
    }
}

/// When it is worth looking again.
pub(super) enum Changes {
    Told(deskbound_accessibility::Changes),
    /// Nobody tells: looked for so often.
    Untold(Duration),
}

impl Changes {
    pub(super) async fn next(&mut self) {
        let every = match self {
            Self::Told(changes) => {
                if changes.next().await {
                    return;
                }
                // The next look says what has become of the bus.
                POLL
            }
            Self::Untold(every) => *every,
        };
        tokio::time::sleep(every).await;
    }
}

/// What the desktop of this user has told this process, or the place where it would be.
pub(super) fn session_bus() -> Result<BusAddress, Failure> {
    let told = std::env::var("DBUS_SESSION_BUS_ADDRESS").ok().filter(|told| !told.is_empty());
    let usual = || {
        let socket = PathBuf::from(std::env::var_os("XDG_RUNTIME_DIR")?).join("bus");
        socket.exists().then(|| format!("unix:path={}", socket.display()))
    };
    told.or_else(usual).map(BusAddress::Session).ok_or_else(|| {
        let error = "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is \
                     no `bus` in XDG_RUNTIME_DIR";
        let hint = "start this inside a desktop session; from elsewhere, set \
                    DBUS_SESSION_BUS_ADDRESS to the session's (often unix:path=/run/user/UID/bus); \
                    `--vm NAME` looks into a virtual desktop";
        Failure::missing(error).hint(hint)
    })
}

fn unread(error: ReadError) -> Failure {
    let remedy = remedy::of(&Diagnosis::from(error.clone()));
    let failure = Failure::missing(error);
    match remedy.and_then(|remedy| remedy.cure) {
        Some(cure) => failure.hint(cure),
        None => failure.hint("`deskbound a11y doctor` says more"),
    }
}
