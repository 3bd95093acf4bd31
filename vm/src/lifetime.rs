//! How long a clone may run. Standing still does not count.
//!
//! ```text
//!   Endless ──limit──▶ Running{ends} ◀──pause, resume──▶ Paused{left}
//! ```

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, time::Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Span {
    Endless,
    Running { ends: Instant },
    Paused { left: Duration },
    EndlessPaused,
}

/// The lifetime of one clone, seen from as many places as one likes.
#[derive(Clone, Debug)]
pub struct Lifetime(Arc<watch::Sender<Span>>);

/// What there is to say of a lifetime, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ends after so much more running.
    Soon {
        left: Duration,
    },
    Now,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Span::Endless)))
    }
}

impl Lifetime {
    /// So much running from now on; whatever was said before.
    pub fn limit(&self, to: Duration) {
        self.0.send_modify(|span| {
            *span = match span {
                Span::Endless | Span::Running { .. } => Span::Running { ends: Instant::now() + to },
                Span::EndlessPaused | Span::Paused { .. } => Span::Paused { left: to },
            };
        });
    }

    /// Running that is left; `None` without a limit.
    pub fn left(&self) -> Option<Duration> {
        match *self.0.borrow() {
            Span::Endless | Span::EndlessPaused => None,
            Span::Running { ends } => Some(ends.saturating_duration_since(Instant::now())),
            Span::Paused { left } => Some(left),
        }
    }

    pub(crate) fn pause(&self) {
        self.0.send_modify(|span| {
            *span = match *span {
                Span::Endless => Span::EndlessPaused,
                Span::Running { ends } => {
                    Span::Paused { left: ends.saturating_duration_since(Instant::now()) }
                }
                paused => paused,
            };
        });
    }

    pub(crate) fn resume(&self) {
        self.0.send_modify(|span| {
            *span = match *span {
                Span::EndlessPaused => Span::Endless,
                Span::Paused { left } => Span::Running { ends: Instant::now() + left },
                running => running,
            };
        });
    }

    /// Comes back when no more than `warning` is left, with `Duration::ZERO` at the end; never
    /// where there is no limit.
    pub async fn ending(&self, warning: Duration) -> Ending {
        let mut changes = self.0.subscribe();
        loop {
            let span = *changes.borrow_and_update();
            let changed = changes.changed();
            match span {
                // The sender lives as long as this borrow of it.
                Span::Endless | Span::EndlessPaused | Span::Paused { .. } => drop(changed.await),
                Span::Running { ends } => tokio::select! {
                    _ = changed => {}
                    () = tokio::time::sleep_until(ends.checked_sub(warning).unwrap_or(ends)) => {
                        let left = ends.saturating_duration_since(Instant::now());
                        return if left.is_zero() { Ending::Now } else { Ending::Soon { left } };
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn it_warns_and_ends_and_a_pause_costs_nothing() {
        let lifetime = Lifetime::default();
        assert_eq!(lifetime.left(), None);
        lifetime.limit(HOUR);
        tokio::time::advance(30 * MINUTE).await;
        lifetime.pause();
        tokio::time::advance(1000 * HOUR).await;
        assert_eq!(lifetime.left(), Some(30 * MINUTE));
        let waiting = tokio::time::timeout(1000 * HOUR, lifetime.ending(MINUTE)).await;
        assert!(waiting.is_err(), "nothing ends while it stands still");
        lifetime.resume();
        let resumed = Instant::now();
        assert_eq!(lifetime.ending(MINUTE).await, Ending::Soon { left: MINUTE });
        assert_eq!(resumed.elapsed(), 29 * MINUTE);
        assert_eq!(lifetime.ending(Duration::ZERO).await, Ending::Now);
        assert_eq!(resumed.elapsed(), 30 * MINUTE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_said_last_holds() {
        let lifetime = Lifetime::default();
        lifetime.pause();
        lifetime.limit(MINUTE);
        assert_eq!(lifetime.left(), Some(MINUTE));
        lifetime.resume();
        lifetime.limit(HOUR);
        let other = lifetime.clone();
        let waiting = tokio::spawn(async move { other.ending(Duration::ZERO).await });
        tokio::time::advance(30 * MINUTE).await;
        lifetime.limit(MINUTE);
        let started = Instant::now();
        assert_eq!(waiting.await.expect("it ends"), Ending::Now);
        assert_eq!(started.elapsed(), MINUTE);
    }
}
