//! Waiting for stillness: a desktop is looked at when nothing has moved on it for a moment, or when
//! the wait for that is over. What [blinks by itself](crate::blinkers) is not waited for.
//!
//! ```text
//!   still for a moment? ──▶ frame ── tree ── frame again ──▶ the same? ──▶ one moment
//!        ▲                                                      │ another
//!        └──────────────────────────────────────────────────────┘
//! ```

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deskbound_accessibility::{ScreenRect, Tree};
use image::RgbImage;

use crate::blinkers::{Blinkers, differ, difference};
use crate::desktop::{DesktopError, Observation, Pointer};
use crate::secrets::Covers;

/// Where looks come from.
pub(crate) trait Source: Send {
    /// The same picture as before where nothing has changed, if that is known.
    fn frame(&mut self) -> impl Future<Output = Result<Arc<RgbImage>, DesktopError>> + Send;
    /// Where the secrets are that must not be seen.
    fn covers(&self) -> &Covers;
    fn tree(&mut self) -> impl Future<Output = Result<Tree, DesktopError>> + Send;
    /// For how long nothing has moved, as far as that is known.
    fn still_for(&self) -> Duration;
    /// Waits until something moves that does not blink, at most so long; whether it has.
    fn stirred(
        &mut self,
        limit: Duration,
    ) -> impl Future<Output = Result<bool, DesktopError>> + Send;
    /// Where it blinks.
    fn blinking(&self) -> Vec<ScreenRect>;
    /// Where the pointer is, if the desktop says.
    fn pointer(&mut self) -> Result<Option<Pointer>, DesktopError> {
        Ok(None)
    }
}

/// Nothing has moved for so long: it stands still.
pub(crate) const STILLNESS: Duration = Duration::from_millis(50);
/// Between two frames that are compared, where a desktop does not tell of what moves.
const FRAME_INTERVAL: Duration = Duration::from_millis(25);
/// A desktop that never stands still is looked at as it is.
const STILLNESS_LIMIT: Duration = Duration::from_secs(3);

/// Equal frames on both sides of the tree that is taken between them: one moment.
pub(crate) async fn settled(source: &mut impl Source) -> Result<Observation, DesktopError> {
    let begun = Instant::now();
    let mut settle = Duration::ZERO;
    loop {
        let waited = Instant::now();
        while begun.elapsed() < STILLNESS_LIMIT {
            let left = STILLNESS.saturating_sub(source.still_for());
            if left.is_zero() || !source.stirred(left).await? {
                break;
            }
        }
        settle += waited.elapsed();
        let before = source.frame().await?;
        let mut tree = source.tree().await?;
        source.covers().look(&mut tree);
        let frame = source.frame().await?;
        let is_late = begun.elapsed() >= STILLNESS_LIMIT;
        if is_late || is_same(&before, &frame, source) {
            let (frame, tree) = (source.covers().cover(frame), Arc::new(tree));
            let pointer = source.pointer()?;
            return Ok(Observation { frame, tree, settle, pointer });
        }
    }
}

fn is_same(one: &Arc<RgbImage>, other: &Arc<RgbImage>, source: &impl Source) -> bool {
    Arc::ptr_eq(one, other) || !differ(one, other, &source.blinking())
}

/// Another frame than that one, or the end of the limit.
pub(crate) async fn changed(
    source: &mut impl Source,
    since: &RgbImage,
    limit: Duration,
) -> Result<(), DesktopError> {
    let begun = Instant::now();
    loop {
        let frame = source.frame().await?;
        let frame = source.covers().cover(frame);
        let left = limit.saturating_sub(begun.elapsed());
        if left.is_zero() || differ(&frame, since, &source.blinking()) {
            return Ok(());
        }
        if !source.stirred(left).await? {
            return Ok(());
        }
    }
}

/// The stirs of a desktop that tells of none: its frames are compared.
#[derive(Default)]
pub(crate) struct Polls {
    last: Option<Arc<RgbImage>>,
    blinkers: Blinkers,
}

impl Polls {
    /// Something is done.
    pub(crate) fn act(&mut self) {
        self.blinkers.act(Instant::now());
    }

    pub(crate) fn blinking(&self) -> Vec<ScreenRect> {
        self.blinkers.places(Instant::now())
    }

    /// Whether another frame than the last one is news.
    fn is_news(&mut self, frame: &Arc<RgbImage>) -> bool {
        let Some(last) = self.last.replace(Arc::clone(frame)) else { return false };
        if Arc::ptr_eq(&last, frame) {
            return false;
        }
        if last.dimensions() != frame.dimensions() {
            return true;
        }
        difference(&last, frame).is_some_and(|at| !self.blinkers.paint(at, Instant::now()))
    }
}

/// [`Source::stirred`], by looking again and again. `polls` finds the source's own.
pub(crate) async fn polled<S: Source>(
    source: &mut S,
    polls: fn(&mut S) -> &mut Polls,
    limit: Duration,
) -> Result<bool, DesktopError> {
    let begun = Instant::now();
    loop {
        let frame = source.frame().await?;
        if polls(source).is_news(&frame) {
            return Ok(true);
        }
        let left = limit.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Ok(false);
        }
        tokio::time::sleep(FRAME_INTERVAL.min(left)).await;
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// Shows what the clock says: each place is painted at its period, from the beginning on.
    struct Painted {
        begun: Instant,
        covers: Covers,
        polls: Polls,
        last: Arc<RgbImage>,
        paint: fn(u128, &mut RgbImage),
    }

    impl Painted {
        fn new(paint: fn(u128, &mut RgbImage)) -> Self {
            let (covers, polls) = (Covers::default(), Polls::default());
            let last = Arc::new(RgbImage::new(64, 32));
            Self { begun: Instant::now(), covers, polls, last, paint }
        }
    }

    impl Source for Painted {
        async fn frame(&mut self) -> Result<Arc<RgbImage>, DesktopError> {
            let mut frame = RgbImage::new(64, 32);
            (self.paint)(self.begun.elapsed().as_millis(), &mut frame);
            if *self.last != frame {
                self.last = Arc::new(frame);
            }
            Ok(Arc::clone(&self.last))
        }

        fn covers(&self) -> &Covers {
            &self.covers
        }

        async fn tree(&mut self) -> Result<Tree, DesktopError> {
            Ok(Tree::default())
        }

        fn still_for(&self) -> Duration {
            Duration::ZERO
        }

        async fn stirred(&mut self, limit: Duration) -> Result<bool, DesktopError> {
            polled(self, |source| &mut source.polls, limit).await
        }

        fn blinking(&self) -> Vec<ScreenRect> {
            self.polls.blinking()
        }
    }

    fn shade(at_ms: u128) -> Rgb<u8> {
        Rgb([(at_ms % 251) as u8, (at_ms / 251 % 251) as u8, 1])
    }

    #[tokio::test]
    async fn what_moves_is_waited_for_until_it_stands_still() {
        let mut moving = Painted::new(|at_ms, frame| {
            frame.put_pixel(3, 3, shade(at_ms.min(300)));
        });
        let seen = settled(&mut moving).await.unwrap();
        assert!(seen.settle >= Duration::from_millis(280), "{:?}", seen.settle);
        assert_eq!(seen.frame.get_pixel(3, 3), &shade(300));
        let again = settled(&mut moving).await.unwrap();
        assert!(Arc::ptr_eq(&seen.frame, &again.frame));
        assert!(again.settle < Duration::from_secs(1), "{:?}", again.settle);
    }

    #[tokio::test]
    async fn a_spinner_is_not_waited_for_once_it_is_known() {
        let mut spinning = Painted::new(|at_ms, frame| frame.put_pixel(9, 9, shade(at_ms / 20)));
        let first = settled(&mut spinning).await.unwrap().settle;
        assert!(first < STILLNESS_LIMIT, "{first:?}");
        let second = settled(&mut spinning).await.unwrap().settle;
        assert!(second < Duration::from_millis(800), "{second:?}");
        // It is no change either.
        let seen = spinning.frame().await.unwrap();
        let begun = Instant::now();
        changed(&mut spinning, &seen, Duration::from_millis(300)).await.unwrap();
        assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn what_never_stands_still_is_looked_at_in_the_end() {
        // Somewhere else each time.
        let mut wild = Painted::new(|at_ms, frame| {
            frame.put_pixel((at_ms / 7 % 64) as u32, (at_ms % 31) as u32, shade(at_ms));
        });
        let begun = Instant::now();
        settled(&mut wild).await.unwrap();
        let took = begun.elapsed();
        assert!(took >= STILLNESS_LIMIT && took < STILLNESS_LIMIT * 2, "{took:?}");
    }

    #[tokio::test]
    async fn a_change_ends_the_wait_for_one() {
        let mut source = Painted::new(|at_ms, frame| {
            frame.put_pixel(1, 1, shade(if at_ms < 200 { 0 } else { 1 }));
        });
        let since = source.frame().await.unwrap();
        changed(&mut source, &since, Duration::from_secs(30)).await.unwrap();
        assert!(source.begun.elapsed() < Duration::from_secs(20));
        assert_ne!(*source.frame().await.unwrap(), *since);
    }
}
