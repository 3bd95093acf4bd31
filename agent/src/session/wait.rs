//! Waiting until something can be seen, or for a time.

use std::time::{Duration, Instant};

use super::{Answer, Caller, Failing, Session};
use crate::aim::shows;
use crate::desktop::Desktop;
use crate::record::StepSink;
use crate::tool::Wait;

/// Longest wait of one call.
const WAIT_LIMIT: Duration = Duration::from_secs(60);
/// Between two looks for a text.
const LOOK_AGAIN: Duration = Duration::from_millis(700);
const GIVEN_UP: &str = "the call was cancelled";

impl<D: Desktop, S: StepSink> Session<D, S> {
    pub(super) async fn wait(
        &mut self,
        wait: &Wait,
        caller: &Caller<'_>,
    ) -> Result<Answer, Failing> {
        let limit = Duration::from_secs(wait.seconds.into()).min(WAIT_LIMIT);
        let (begun, stop) = (Instant::now(), self.inbox.stop().clone());
        let Some(text) = &wait.text else {
            self.seen = None;
            return tokio::select! {
                () = tokio::time::sleep(limit) => {
                    Ok(Answer::said(format!("{} s have passed", limit.as_secs())))
                }
                () = caller.cancelled.asked() => Ok(Answer::refused(GIVEN_UP.to_owned())),
                () = stop.asked() => Err(Failing::Stopped),
            };
        };
        loop {
            self.seen = None;
            let observation = self.look().await?.observation.clone();
            if shows(&observation.tree, text) {
                let took = begun.elapsed().as_secs_f64();
                return Ok(Answer::said(format!("it can be seen, after {took:.1} s")));
            }
            if begun.elapsed() >= limit {
                return Ok(Answer::refused(format!("not seen within {} s", limit.as_secs())));
            }
            tokio::select! {
                changed = self.desktop.changed(&observation.frame, LOOK_AGAIN.min(limit)) => changed?,
                () = caller.cancelled.asked() => return Ok(Answer::refused(GIVEN_UP.to_owned())),
                () = stop.asked() => return Err(Failing::Stopped),
            }
        }
    }
}
