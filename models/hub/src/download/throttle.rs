//! The limit on the rate of all downloads together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How much may come at once after a pause, as a time at the full rate.
const BURST: Duration = Duration::from_millis(100);

/// Limits the rate of everything that takes from it. Clones are one limit; it can be changed at any time.
#[derive(Debug, Clone)]
pub struct Throttle(Arc<watch::Sender<Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Bytes a second.
    rate: Option<u64>,
    /// Bytes that were asked for since the beginning.
    taken: u64,
    /// Bytes that were allowed since the beginning; at most a burst more than were asked for.
    allowed: f64,
    /// When `allowed` was computed.
    at: Instant,
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        let rate = self.rate.map_or(f64::INFINITY, |rate| rate.max(1) as f64);
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let most = self.taken as f64 + if rate.is_finite() { rate * BURST.as_secs_f64() } else { 0.0 };
        let grown = if rate.is_finite() { self.allowed + rate * passed } else { most };
        self.allowed = grown.min(most);
    }
}

impl Throttle {
    /// A limit in bytes a second, or none.
    pub fn new(rate: Option<u64>) -> Self {
        Self(Arc::new(watch::Sender::new(Bucket { rate, taken: 0, allowed: 0.0, at: Instant::now() })))
    }

    /// Another limit from now on, also for downloads that are under way.
    pub fn set(&self, rate: Option<u64>) {
        self.0.send_modify(|bucket| {
            bucket.fill(Instant::now());
            bucket.rate = rate;
        });
    }

    /// The limit in bytes a second.
    pub fn rate(&self) -> Option<u64> {
        self.0.borrow().rate
    }

    /// Waits until `bytes` more are within the limit; first come, first served.
    pub(crate) async fn take(&self, bytes: u64) {
        let mut ticket = 0;
        // Nobody who waits needs to hear of another one who takes.
        self.0.send_if_modified(|bucket| {
            bucket.fill(Instant::now());
            bucket.taken += bytes;
            ticket = bucket.taken;
            false
        });
        let mut changes = self.0.subscribe();
        loop {
            let mut bucket = *changes.borrow_and_update();
            bucket.fill(Instant::now());
            let Some(rate) = bucket.rate else { return };
            let lacking = ticket as f64 - bucket.allowed;
            if lacking < 1.0 {
                return;
            }
            // The sender lives as long as `self`; a millisecond more spares a second look.
            let wait = Duration::from_secs_f64(lacking / rate.max(1) as f64) + Duration::from_millis(1);
            let _ = tokio::time::timeout(wait, changes.changed()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_takers_together_stay_within_the_limit() {
        let throttle = Throttle::new(Some(1000));
        let begin = Instant::now();
        let takers = (0..10).map(|_| {
            let throttle = throttle.clone();
            tokio::spawn(async move {
                for _ in 0..10 {
                    throttle.take(100).await;
                }
            })
        });
        for taker in takers.collect::<Vec<_>>() {
            taker.await.expect("it takes");
        }
        let seconds = begin.elapsed().as_secs_f64();
        assert!((9.7..10.4).contains(&seconds), "10000 bytes at 1000 a second took {seconds} s");
    }

    #[tokio::test(start_paused = true)]
    async fn another_limit_holds_for_those_who_wait_already() {
        let throttle = Throttle::new(Some(1));
        let begin = Instant::now();
        let waiting = tokio::spawn({
            let throttle = throttle.clone();
            async move { throttle.take(1000).await }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        throttle.set(Some(1000));
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!waiting.is_finished(), "half of it is not there yet");
        throttle.set(None);
        waiting.await.expect("it takes");
        assert!(begin.elapsed() < Duration::from_millis(1600), "without a limit nobody waits");
        throttle.take(u64::from(u32::MAX)).await;
        throttle.set(Some(1000));
        let begin = Instant::now();
        throttle.take(1000).await;
        assert!(begin.elapsed() > Duration::from_millis(800), "what was free is not owed, and not saved up");
    }
}
