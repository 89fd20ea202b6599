//! What else a machine was doing while something was measured on it.
//!
//! A measurement that is made once and remembered must not remember a busy minute. So a [`Meter`] runs along and says
//! how much of the processors the measurement was given; [`Conditions::were_busy`] decides, and whoever keeps the
//! result keeps that with it and measures again at a later start ([`Tries`]).

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sysinfo::System;

/// Threads of a computation that get less than this share of their processors were kept waiting by others. On an idle
/// machine they get more than nine tenths: while one thread waits for another it does not sleep.
const GRANTED: f64 = 0.85;

/// Others that use more than this share of all processors slow a computation down even where every thread runs: two
/// threads share a core, its cache and the memory.
const FOREIGN: f64 = 0.2;

/// What is said over a shorter time than this of the whole machine is chance.
const SHORTEST: Duration = Duration::from_millis(250);

/// A measurement under load is made again at so many later starts.
const MOST_TRIES: u32 = 5;

/// How much of the machine a measurement was given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Processor time that its threads got, as a share of what they asked for; 1 is all.
    pub granted: f64,
    /// Processor time of all other programs, as a share of all processors.
    pub foreign: f64,
}

impl Default for Conditions {
    /// Alone on the machine.
    fn default() -> Self {
        Self { granted: 1.0, foreign: 0.0 }
    }
}

impl Conditions {
    /// Whether other programs made the measurement slower than the machine is.
    pub fn were_busy(self) -> bool {
        self.granted < GRANTED || self.foreign > FOREIGN
    }

    /// The worse of both.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        Self { granted: self.granted.min(other.granted), foreign: self.foreign.max(other.foreign) }
    }
}

/// Runs along with a measurement in this process.
pub struct Meter {
    system: System,
    start: Instant,
    own: Duration,
}

impl Meter {
    /// Begins.
    pub fn start() -> Self {
        let mut system = System::new();
        system.refresh_cpu_usage();
        let own = own_time(&mut system);
        Self { system, start: Instant::now(), own }
    }

    /// Ends, after a measurement with so many threads that had always something to do.
    pub fn stop(mut self, threads: u32) -> Conditions {
        let wall = self.start.elapsed();
        let own = own_time(&mut self.system).saturating_sub(self.own).as_secs_f64() / wall.as_secs_f64().max(1e-9);
        self.system.refresh_cpu_usage();
        let processors = self.system.cpus().len().max(1) as f64;
        let used = f64::from(self.system.global_cpu_usage()) / 100.0;
        let foreign = if wall < SHORTEST { 0.0 } else { (used - own / processors).clamp(0.0, 1.0) };
        Conditions { granted: (own / f64::from(threads.max(1))).clamp(0.0, 1.0), foreign }
    }
}

/// Processor time that this process has had.
fn own_time(system: &mut System) -> Duration {
    #[cfg(unix)]
    {
        let _ = system;
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
    #[cfg(not(unix))]
    {
        use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate};
        let this = Pid::from_u32(std::process::id());
        system.refresh_processes_specifics(
            ProcessesToUpdate::Some(&[this]),
            false,
            ProcessRefreshKind::nothing().with_cpu(),
        );
        Duration::from_millis(system.process(this).map_or(0, sysinfo::Process::accumulated_cpu_time))
    }
}

/// How often something was measured and others kept the machine busy; 0 once it was measured in peace.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tries(u32);

impl Tries {
    /// After one more measurement.
    #[must_use]
    pub fn after(self, conditions: Conditions) -> Self {
        if conditions.were_busy() { Self(self.0.saturating_add(1)) } else { Self(0) }
    }

    /// Whether the last measurement was made on a busy machine.
    pub fn were_busy(self) -> bool {
        self.0 > 0
    }

    /// Whether what is remembered in `file` should be measured again now: it was measured on a busy machine, not too
    /// often, and not by this process. Says so once a process.
    pub fn again(self, file: &Path) -> bool {
        (1..=MOST_TRIES).contains(&self.0) && first_time(file)
    }

    /// Marks that this process has measured what is remembered in `file`.
    pub fn done(file: &Path) {
        first_time(file);
    }
}

fn first_time(file: &Path) -> bool {
    static TRIED: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    tried.get_or_insert_default().insert(file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_is_told_from_an_idle_one() {
        let rows = [
            (1.0, 0.0, false, "alone"),
            (0.95, 0.05, false, "a desktop at rest"),
            (0.88, 0.15, false, "a browser beside it"),
            (0.5, 0.5, true, "two threads and two burners on two processors"),
            (0.75, 0.25, true, "two threads and one burner on two processors"),
            (1.0, 0.5, true, "one thread and one burner on two processors: they share the memory"),
            (0.6, 0.0, true, "a virtual machine that is given less than it was promised"),
        ];
        for (granted, foreign, busy, name) in rows {
            assert_eq!(Conditions { granted, foreign }.were_busy(), busy, "{name}");
        }
    }

    #[test]
    fn what_was_measured_under_load_is_measured_again_and_not_for_ever() {
        let busy = Conditions { granted: 0.5, foreign: 0.5 };
        let mut tries = Tries::default();
        assert!(!tries.again(Path::new("never")), "nothing was busy");
        for start in 0..MOST_TRIES {
            tries = tries.after(busy);
            let file = PathBuf::from(format!("start-{start}"));
            assert!(tries.again(&file), "start {start}");
            assert!(!tries.again(&file), "once a process is enough");
        }
        assert!(!tries.after(busy).again(Path::new("too often")));
        assert_eq!(tries.after(Conditions::default()), Tries::default(), "a measurement in peace ends it");
    }
}
