//! How far a download is.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// The rate is that of about this time.
const SMOOTHING: f64 = 5.0;
/// Less time than this says little about a rate.
const SAMPLE: Duration = Duration::from_millis(200);

/// How far a download is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Bytes that are on the disk, of all files.
    pub done: u64,
    /// Bytes of all files.
    pub total: u64,
    /// Bytes that came from the network in this run, repeated ones too.
    pub fetched: u64,
    /// Bytes a second, smoothed over some seconds.
    pub rate: u64,
    /// How long it will take at this rate; nothing where there is none.
    pub left: Option<Duration>,
    /// What it does.
    pub state: State,
}

/// What a download does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// Looks at what is on the disk, or checks what arrived.
    #[default]
    Checking,
    /// Bytes come, or are waited for.
    Running,
    /// The next try comes after this time.
    Waiting(Duration),
    /// It was paused.
    Paused,
}

/// Measures a download and tells who listens.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    listener: &'a watch::Sender<Progress>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    progress: Progress,
    sample_begin: Instant,
    sample_bytes: u64,
    rate: f64,
    /// How much of the rate's time has been seen, from 0 to 1.
    weight: f64,
    transfers: u32,
    waits: BTreeMap<u32, Instant>,
    paused: bool,
}

impl<'a> Meter<'a> {
    pub(super) fn new(listener: &'a watch::Sender<Progress>, total: u64) -> Self {
        let inner = Inner {
            progress: Progress { total, ..Progress::default() },
            sample_begin: Instant::now(),
            sample_bytes: 0,
            rate: 0.0,
            weight: 0.0,
            transfers: 0,
            waits: BTreeMap::new(),
            paused: false,
        };
        let meter = Self { listener, inner: Mutex::new(inner) };
        meter.tell();
        meter
    }

    /// Bytes came from the network.
    pub(super) fn fetched(&self, bytes: u64) {
        let mut inner = self.inner();
        inner.progress.fetched += bytes;
        inner.sample_bytes += bytes;
    }

    /// So many bytes are on the disk.
    pub(super) fn done(&self, bytes: u64) {
        self.inner().progress.done = bytes;
        self.tell();
    }

    /// A request begins.
    pub(super) fn begins(&self) {
        self.inner().transfers += 1;
        self.tell();
    }

    /// A request is over.
    pub(super) fn over(&self) {
        self.inner().transfers -= 1;
        self.tell();
    }

    /// A connection waits for its next try, or does not any longer.
    pub(super) fn waits(&self, connection: u32, wait: Option<Duration>) {
        let mut inner = self.inner();
        match wait {
            Some(wait) => inner.waits.insert(connection, Instant::now() + wait),
            None => inner.waits.remove(&connection),
        };
        drop(inner);
        self.tell();
    }

    /// Whether it is paused.
    pub(super) fn paused(&self, paused: bool) {
        self.inner().paused = paused;
        self.tell();
    }

    pub(super) fn progress(&self) -> Progress {
        self.inner().progress
    }

    /// Computes the rate and tells who listens.
    pub(super) fn tell(&self) {
        let mut inner = self.inner();
        inner.compute(Instant::now());
        self.listener.send_replace(inner.progress);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn compute(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.sample_begin);
        if passed >= SAMPLE {
            let seconds = passed.as_secs_f64();
            let new = 1.0 - (-seconds / SMOOTHING).exp();
            self.rate += new * (self.sample_bytes as f64 / seconds - self.rate);
            self.weight += new * (1.0 - self.weight);
            (self.sample_begin, self.sample_bytes) = (now, 0);
        }
        // Divided by its weight, the first seconds are not dragged down by the zero at the beginning.
        let rate = if self.weight > 0.0 { self.rate / self.weight } else { 0.0 };
        let missing = self.progress.total.saturating_sub(self.progress.done);
        self.progress.rate = rate as u64;
        self.progress.left = Duration::try_from_secs_f64(missing as f64 / rate).ok().filter(|_| self.progress.rate > 0);
        let next = self.waits.values().min().map(|at| at.saturating_duration_since(now));
        self.progress.state = match next {
            _ if self.paused => State::Paused,
            Some(wait) if self.transfers == 0 => State::Waiting(wait),
            _ if missing == 0 || self.transfers == 0 => State::Checking,
            _ => State::Running,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_steady_rate_is_seen_at_once_and_a_stall_soon() {
        let listener = watch::Sender::new(Progress::default());
        let meter = Meter::new(&listener, 1_000_000);
        meter.begins();
        for step in 1..=10 {
            tokio::time::advance(Duration::from_millis(200)).await;
            meter.fetched(20_000);
            meter.done(step * 20_000);
            let progress = *listener.borrow();
            assert!((99_000..101_000).contains(&progress.rate), "step {step}: {progress:?}");
        }
        let progress = *listener.borrow();
        assert_eq!((progress.done, progress.fetched, progress.state), (200_000, 200_000, State::Running));
        assert_eq!(progress.left.map(|left| left.as_secs_f64().round()), Some(8.0));
        tokio::time::advance(Duration::from_secs(60)).await;
        meter.tell();
        assert!(listener.borrow().rate < 100, "nothing comes any more: {:?}", listener.borrow());
        meter.over();
        meter.waits(3, Some(Duration::from_secs(10)));
        tokio::time::advance(Duration::from_secs(4)).await;
        meter.tell();
        assert_eq!(listener.borrow().state, State::Waiting(Duration::from_secs(6)));
        meter.paused(true);
        assert_eq!(listener.borrow().state, State::Paused);
    }
}
