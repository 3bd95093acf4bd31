//! The task that owns one session, and the handles that reach it.
//!
//! ```text
//!              Order
//!   idle ────────────────▶ calling ──▶ idle        each call renews the lease
//!    │ │ a person                        
//!    │ └──────▶ in their hands ──▶ idle            their time is added to it
//!    ▼ lease over · stop · desktop gone
//!   over: calls are refused with the reason
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use deskbound_models::ToolCall;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::dialect::Dialect;
use crate::causes::chain;
use crate::control::{Control, Phase};
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::session::{Answer, Approver, Caller, Failing, Session};
use crate::stop::Stop;
use crate::tool::Tool;

/// Calls of all clients that wait for one session.
const ORDERS_MAX: usize = 64;
/// How long a client that stays away is waited for, where nobody says otherwise.
pub const LEASE: Duration = Duration::from_secs(15 * 60);

/// What is asked of a session.
pub(crate) enum Deed {
    Tool(Tool),
    /// In the words of a dialect.
    Said(Arc<Dialect>, ToolCall),
}

pub(crate) struct Order {
    pub(crate) deed: Deed,
    pub(crate) approver: Option<Box<dyn Approver>>,
    pub(crate) cancelled: Stop,
    pub(crate) reply: oneshot::Sender<Answer>,
}

/// Why an order was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    #[error("{ORDERS_MAX} calls wait already; call again when one has come back")]
    Full,
    #[error("this session is over: {reason}")]
    Over { reason: String },
}

/// What a session is to whoever asks.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Such as `vm:minimal`.
    pub desktop: String,
    /// The folder of its record.
    pub record: Option<PathBuf>,
}

/// A way to a session. It lives on without its clients until its lease is over.
#[derive(Clone)]
pub struct Handle {
    orders: mpsc::Sender<Order>,
    control: Control,
    lease: Arc<Lease>,
    over: watch::Receiver<Option<String>>,
    about: Arc<About>,
}

/// As long as one lives, a client is there.
pub struct Presence(Arc<Lease>);

impl Drop for Presence {
    fn drop(&mut self) {
        self.0.renew();
    }
}

/// How long a session goes on without a call.
#[derive(Debug)]
struct Lease {
    /// `None`: as long as its client does.
    length: Option<Duration>,
    until: watch::Sender<Instant>,
}

impl Lease {
    fn of(length: Option<Duration>) -> Self {
        Self { length, until: watch::Sender::new(Instant::now() + length.unwrap_or_default()) }
    }

    fn renew(&self) {
        if let Some(length) = self.length {
            self.until.send_replace(Instant::now() + length);
        }
    }

    fn prolong(&self, by: Duration) {
        self.until.send_modify(|until| *until += by);
    }

    fn left(&self) -> Option<Duration> {
        let until = *self.until.borrow();
        self.length.map(|_| until.saturating_duration_since(Instant::now()))
    }

    /// Returns when it is over.
    async fn over(&self) {
        if self.length.is_none() {
            return std::future::pending().await;
        }
        let mut until = self.until.subscribe();
        loop {
            let at = *until.borrow_and_update();
            tokio::select! {
                () = tokio::time::sleep_until(at) => return,
                _ = until.changed() => {}
            }
        }
    }
}

/// The side that owns the session.
pub struct Host<D, S> {
    session: Session<D, S>,
    orders: mpsc::Receiver<Order>,
    stop: Stop,
    lease: Arc<Lease>,
    over: watch::Sender<Option<String>>,
}

/// Both sides of a session that can be called; `control` is that of its inbox.
pub fn host<D: Desktop, S: StepSink>(
    session: Session<D, S>,
    control: Control,
    lease: Option<Duration>,
    about: About,
) -> (Handle, Host<D, S>) {
    let (orders, queue) = mpsc::channel(ORDERS_MAX);
    let (over, is_over) = watch::channel(None);
    let (lease, stop) = (Arc::new(Lease::of(lease)), control.stop().clone());
    let host = Host { session, orders: queue, stop, lease: Arc::clone(&lease), over };
    (Handle { orders, control, lease, over: is_over, about: Arc::new(about) }, host)
}

/// What comes first.
enum Next {
    Order(Order),
    Person,
    End(&'static str),
}

impl<D: Desktop, S: StepSink> Host<D, S> {
    /// Until the session ends: nobody is left who could call, its lease is over, it is asked to
    /// stop, or its desktop is gone.
    pub async fn keep(mut self) -> Result<S, Failing> {
        let failed = loop {
            let next = tokio::select! {
                biased;
                () = self.stop.asked() => Next::End("it was stopped"),
                order = self.orders.recv() => match order {
                    Some(order) => Next::Order(order),
                    None => Next::End("its client is gone"),
                },
                () = self.session.idle() => Next::Person,
                () = self.lease.over() => Next::End("its lease is over"),
            };
            let done = match next {
                Next::Order(order) => self.call(order).await,
                Next::Person => self.session.steer().await.map(|had| self.lease.prolong(had)),
                Next::End(reason) => {
                    self.over.send_replace(Some(reason.to_owned()));
                    break None;
                }
            };
            match done {
                Ok(()) => {}
                Err(Failing::Stopped) => {
                    self.over.send_replace(Some("it was stopped".to_owned()));
                    break None;
                }
                Err(failing) => {
                    self.over.send_replace(Some(chain(&failing)));
                    break Some(failing);
                }
            }
        };
        match failed {
            None => self.session.end().await,
            Some(failing) => Err(failing),
        }
    }

    async fn call(&mut self, order: Order) -> Result<(), Failing> {
        // Whoever made it has gone meanwhile.
        if order.reply.is_closed() || order.cancelled.is_asked() {
            return Ok(());
        }
        let approver = order.approver.as_deref();
        let caller = Caller { approver, cancelled: &order.cancelled };
        let answer = match &order.deed {
            Deed::Tool(tool) => self.session.call(tool, &caller).await,
            Deed::Said(dialect, call) => dialect.perform(&mut self.session, call, &caller).await,
        }?;
        self.lease.renew();
        // It may have given up by now.
        let _ = order.reply.send(answer);
        Ok(())
    }
}

impl Handle {
    pub(crate) fn order(&self, order: Order) -> Result<(), NotTaken> {
        self.lease.renew();
        self.orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(_) => self.not_taken(),
        })
    }

    pub(crate) fn not_taken(&self) -> NotTaken {
        let reason = self.over.borrow().clone();
        NotTaken::Over { reason: reason.unwrap_or_else(|| "its desktop has failed".to_owned()) }
    }

    /// Says that a client is there.
    pub fn attend(&self) -> Presence {
        self.lease.renew();
        Presence(Arc::clone(&self.lease))
    }

    pub fn control(&self) -> &Control {
        &self.control
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    pub fn phase(&self) -> Phase {
        *self.control.phase().borrow()
    }

    pub fn is_over(&self) -> bool {
        self.over.borrow().is_some() || self.orders.is_closed()
    }

    /// How long it goes on if nobody calls; `None` for as long as its client stays.
    pub fn left(&self) -> Option<Duration> {
        self.lease.left()
    }

    /// Returns when the session has ended.
    pub async fn over(&self) {
        let mut over = self.over.clone();
        // An error is the end of the task that owns it.
        let _ = over.wait_for(Option::is_some).await;
    }

    /// Ends the session, and frees its desktop.
    pub fn end(&self) {
        self.control.stop().ask();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_is_renewed_and_prolonged() {
        let lease = Lease::of(Some(Duration::from_secs(10)));
        let begun = Instant::now();
        tokio::time::advance(Duration::from_secs(6)).await;
        lease.renew();
        lease.prolong(Duration::from_secs(3600));
        lease.over().await;
        assert_eq!(begun.elapsed().as_secs(), 6 + 10 + 3600);
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_no_lease_is_never_over() {
        let lease = Lease::of(None);
        let over = tokio::time::timeout(Duration::from_secs(1 << 20), lease.over()).await;
        assert!(over.is_err() && lease.left().is_none());
    }
}
