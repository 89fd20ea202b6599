//! Which of the generations that wait or run are to stop.
//!
//! Requests are read by one thread and answered by another. A generation is known here from the moment when it is read
//! until it has been answered, so a stop finds it waiting or running, and a stop that comes too late finds nothing. The
//! flag that ends a computation is only touched together with the name of the generation that runs, under one lock: a
//! stop can't end the next one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use lethe_models::wire::Call;

use crate::llama::ABORT;

/// Those of this process.
pub static STOPS: LazyLock<Stops> = LazyLock::new(|| Stops::new(&ABORT));

/// The generations that wait or run.
pub struct Stops {
    open: Mutex<Open>,
    abort: &'static AtomicBool,
}

#[derive(Default)]
struct Open {
    /// Whether each is to stop.
    calls: HashMap<Call, bool>,
    running: Option<Call>,
}

impl Stops {
    /// None waits yet. `abort` ends the computation that runs.
    pub fn new(abort: &'static AtomicBool) -> Self {
        Self { open: Mutex::default(), abort }
    }

    /// A generation was read and waits.
    pub fn wait(&self, call: Call) {
        self.lock().calls.insert(call, false);
    }

    /// A generation is to stop, whether it waits or runs. One that is not known has ended.
    pub fn stop(&self, call: Call) {
        let mut open = self.lock();
        let Some(stopped) = open.calls.get_mut(&call) else { return };
        *stopped = true;
        if open.running == Some(call) {
            self.abort.store(true, Ordering::SeqCst);
        }
    }

    /// A generation begins to run.
    pub fn begin(&self, call: Call) {
        let mut open = self.lock();
        open.running = Some(call);
        let stopped = open.calls.get(&call).copied().unwrap_or(false);
        self.abort.store(stopped, Ordering::SeqCst);
    }

    /// Whether a generation is to stop.
    pub fn is_stopped(&self, call: Call) -> bool {
        self.lock().calls.get(&call).copied().unwrap_or(false)
    }

    /// A generation has ended, or will never begin.
    pub fn end(&self, call: Call) {
        let mut open = self.lock();
        open.calls.remove(&call);
        if open.running == Some(call) {
            open.running = None;
            self.abort.store(false, Ordering::SeqCst);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops() -> Stops {
        Stops::new(Box::leak(Box::new(AtomicBool::new(false))))
    }

    fn aborts(stops: &Stops) -> bool {
        stops.abort.load(Ordering::SeqCst)
    }

    #[test]
    fn of_several_that_wait_each_that_was_stopped_stops() {
        let stops = stops();
        let calls: Vec<Call> = (1..=5).map(Call).collect();
        calls.iter().for_each(|call| stops.wait(*call));
        stops.begin(calls[0]);
        for stopped in [3, 0, 1] {
            stops.stop(calls[stopped]);
        }
        for (call, stopped) in calls.iter().zip([true, true, false, true, false]) {
            stops.begin(*call);
            assert_eq!((stops.is_stopped(*call), aborts(&stops)), (stopped, stopped), "{call:?}");
            stops.end(*call);
            assert!(!aborts(&stops), "the computation after {call:?} would be ended");
        }
    }

    #[test]
    fn a_stop_that_comes_too_late_hits_nothing_and_is_not_kept() {
        let stops = stops();
        stops.wait(Call(1));
        stops.wait(Call(2));
        stops.begin(Call(1));
        stops.end(Call(1));
        // Between two, during the next, and for one that never was.
        stops.stop(Call(1));
        stops.begin(Call(2));
        stops.stop(Call(1));
        stops.stop(Call(9));
        assert!(!aborts(&stops) && !stops.is_stopped(Call(2)));
        stops.end(Call(2));
        assert!(stops.lock().calls.is_empty(), "the set grows with every stop");
    }

    #[test]
    fn a_stop_at_any_moment_ends_its_own_generation_and_no_other() {
        for _ in 0..200 {
            let stops = stops();
            stops.wait(Call(1));
            stops.wait(Call(2));
            std::thread::scope(|scope| {
                scope.spawn(|| stops.stop(Call(1)));
                stops.begin(Call(1));
                stops.end(Call(1));
                stops.begin(Call(2));
                assert!(!stops.is_stopped(Call(2)));
            });
            assert!(!aborts(&stops), "a stop of the first ended the second");
        }
    }
}
