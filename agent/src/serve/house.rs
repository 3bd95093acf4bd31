//! Sessions at one socket: how many, and which of them can be found again.
//!
//! A session without a name goes with its client, at once. One with a name waits for its client as
//! long as its lease says, or for another one who knows the name; stream, display and input are then
//! as they were, for nothing was touched.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

use super::Handle;
use crate::tool::Toolbox;

/// Sessions at one time, where nobody says otherwise.
pub const SESSIONS: u16 = 8;
/// Longest name of a session.
const NAME_CHARS_MAX: usize = 64;
/// Longest lease that a client can have.
const LEASE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// What a client wants, as it says in its first line. All of it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Wish {
    /// A name to be found again by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// How long it is waited for a client that stays away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_s: Option<u64>,
    /// A virtual desktop that runs already, by its name; it stays when the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desktop: Option<String>,
    /// What a virtual desktop is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipe: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Toolbox>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_time_s: Option<u64>,
}

impl Wish {
    pub fn lease(&self, usual: Duration) -> Duration {
        self.lease_s.map_or(usual, Duration::from_secs).min(LEASE_MAX)
    }
}

/// Whoever makes desktops, with a session on each.
pub trait Maker: Send + Sync + 'static {
    /// The error is for the client.
    fn make(&self, wish: &Wish) -> impl Future<Output = Result<Handle, String>> + Send;
}

/// Why a client got no session.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoSession {
    #[error("{most} sessions are open, and no more are allowed; end one, or try again later")]
    Full { most: usize },
    #[error("`{name}` is no name of a session: letters, digits, `.`, `_` and `-` are")]
    Name { name: String },
    #[error("{reason}")]
    Unmade { reason: String },
}

/// A session that was found, or made.
pub(super) struct Seat {
    pub(super) handle: Handle,
    pub(super) is_named: bool,
}

pub struct House<M> {
    maker: M,
    most: usize,
    places: Arc<Semaphore>,
    named: Arc<Mutex<HashMap<String, Handle>>>,
}

impl<M: Maker> House<M> {
    pub fn new(maker: M, most: usize) -> Self {
        Self { maker, most, places: Arc::new(Semaphore::new(most)), named: Arc::default() }
    }

    pub fn maker(&self) -> &M {
        &self.maker
    }

    pub(super) async fn seat(&self, wish: &Wish) -> Result<Seat, NoSession> {
        let Some(name) = &wish.session else {
            return Ok(Seat { handle: self.make(wish).await?, is_named: false });
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > NAME_CHARS_MAX || !name.chars().all(fits) {
            return Err(NoSession::Name { name: name.chars().take(NAME_CHARS_MAX).collect() });
        }
        // Held while it is made: two who come at once get one.
        let mut named = self.named.lock().await;
        named.retain(|_, handle| !handle.is_over());
        let handle = match named.get(name) {
            Some(handle) => handle.clone(),
            None => {
                let handle = self.make(wish).await?;
                named.insert(name.clone(), handle.clone());
                handle
            }
        };
        Ok(Seat { handle, is_named: true })
    }

    async fn make(&self, wish: &Wish) -> Result<Handle, NoSession> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| NoSession::Full { most: self.most })?;
        let made = self.maker.make(wish).await;
        let handle = made.map_err(|reason| NoSession::Unmade { reason })?;
        tokio::spawn(free(handle.clone(), place, Arc::downgrade(&self.named)));
        Ok(handle)
    }

    /// Ends all sessions.
    pub async fn close(&self) {
        self.places.close();
        for handle in self.named.lock().await.values() {
            handle.end();
        }
    }
}

/// A place is free again when its session has ended.
async fn free(
    handle: Handle,
    place: OwnedSemaphorePermit,
    named: std::sync::Weak<Mutex<HashMap<String, Handle>>>,
) {
    handle.over().await;
    drop(place);
    if let Some(named) = named.upgrade() {
        named.lock().await.retain(|_, handle| !handle.is_over());
    }
}
