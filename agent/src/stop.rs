//! Asking a run to stop, from anywhere, at any time.

use std::sync::Arc;

use tokio::sync::watch;

/// Shared by whoever may stop a run and the run itself. Asking twice is asking once.
#[derive(Clone, Debug)]
pub struct Stop {
    asked: Arc<watch::Sender<bool>>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { asked: Arc::new(watch::Sender::new(false)) }
    }
}

impl Stop {
    pub fn ask(&self) {
        self.asked.send_replace(true);
    }

    pub fn is_asked(&self) -> bool {
        *self.asked.borrow()
    }

    /// Returns when somebody has asked.
    pub async fn asked(&self) {
        // `self` holds the sender, so the channel cannot close while this waits.
        let _ = self.asked.subscribe().wait_for(|asked| *asked).await;
    }
}
