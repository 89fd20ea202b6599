//! One file of a download: what of it is on the disk, who fetches what, and what it still needs.

use std::ops::Range;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lethe_network::Bytes;
use tokio::sync::RwLock;
use tokio::task::spawn_blocking;

use super::error::DownloadError;
use super::journal::Notes;
use super::part_file::PartFile;
use super::ranges::Ranges;
use super::wanted::{Location, Wanted};

/// No job is smaller, unless the parts are: a request has its price.
const SMALLEST_JOB: u64 = 1 << 16;

/// How the content's server gives a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Not known yet: one request finds out.
    Unknown,
    /// In ranges.
    Ranges,
    /// As one stream from the beginning.
    Whole,
}

/// What a file needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Bytes.
    Fetching,
    /// Nobody may write; it is checked.
    Checking,
    /// Nothing.
    Done,
}

/// A range that one connection fetches.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) file: usize,
    pub(super) range: Range<u64>,
    pub(super) generation: u64,
}

/// A location, and whether it has been of use.
#[derive(Debug)]
pub(super) struct TriedLocation {
    pub(super) location: Location,
    pub(super) worked: AtomicBool,
}

/// What became of pieces that were to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// They are on the disk.
    Yes,
    /// They are of a content that is not wanted any longer.
    Outdated,
}

/// How a content's tag fits what is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is the same content, or its checksum will tell.
    Same,
    /// It is another content.
    Other,
    /// Nothing would tell another content: only one stream is sure to be of one.
    Untold,
    /// It answers a job from before the file was begun anew, so it says nothing.
    Outdated,
}

/// One file of a download.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) wanted: Wanted,
    pub(super) part: Arc<PartFile>,
    pub(super) source: tokio::sync::Mutex<Option<Arc<TriedLocation>>>,
    /// Shared by those who write, alone for who needs that nobody does.
    gate: Arc<RwLock<()>>,
    state: Mutex<EntryState>,
}

#[derive(Debug)]
pub(super) struct EntryState {
    pub(super) notes: Notes,
    pub(super) mode: Mode,
    pub(super) phase: Phase,
    /// Rises when the file is begun anew.
    pub(super) generation: u64,
    pub(super) active: u32,
    taken: Ranges,
}

impl Entry {
    pub(super) fn new(wanted: &Wanted, part: PartFile, notes: Notes) -> Self {
        let state = EntryState {
            notes,
            mode: Mode::Unknown,
            phase: Phase::Fetching,
            generation: 0,
            active: 0,
            taken: Ranges::default(),
        };
        Self {
            wanted: wanted.clone(),
            part: Arc::new(part),
            source: tokio::sync::Mutex::default(),
            gate: Arc::default(),
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, EntryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that are on the disk.
    pub(super) fn done(&self) -> u64 {
        self.state().notes.have.total()
    }

    /// Ends when nobody writes, and nobody will while the guard lives.
    pub(super) async fn quiet(&self) -> impl Drop + Send + use<> {
        Arc::clone(&self.gate).write_owned().await
    }

    /// The next range to fetch, of at most `part` bytes; smaller towards the end, so that all connections have work
    /// until then.
    pub(super) fn next_job(&self, file: usize, part: u64, connections: u32) -> Option<Job> {
        let bytes = self.wanted.bytes();
        let mut state = self.state();
        if state.phase != Phase::Fetching {
            return None;
        }
        let covered = &state.notes.have;
        let gap = covered.first_gap(&state.taken, bytes)?;
        let range = match state.mode {
            Mode::Whole | Mode::Unknown if state.active > 0 => return None,
            Mode::Whole => 0..bytes,
            _ => {
                let open = bytes.saturating_sub(covered.total() + state.taken.total());
                let least = (part / 16).max(SMALLEST_JOB).min(part);
                let size = (open / (2 * u64::from(connections))).clamp(least, part);
                gap.start..gap.end.min(gap.start.saturating_add(size))
            }
        };
        state.taken.insert(range.clone());
        state.active += 1;
        Some(Job { file, range, generation: state.generation })
    }

    /// Makes a job that begins at the beginning the whole file, when no other is under way.
    pub(super) fn widen(&self, job: &mut Job) -> Fit {
        let mut state = self.state();
        if job.range.start > 0 || state.active > 1 || job.generation != state.generation {
            return Fit::Other;
        }
        job.range = 0..self.wanted.bytes();
        state.taken.insert(job.range.clone());
        Fit::Same
    }

    /// A job is over, however it ended.
    pub(super) fn give_back(&self, job: &Job) {
        let mut state = self.state();
        if job.generation == state.generation {
            state.taken.remove(job.range.clone());
            state.active -= 1;
        }
    }

    /// The tag that the content had at this address.
    pub(super) fn tag_at(&self, address: &str) -> Option<String> {
        self.state().notes.served.as_ref().filter(|(known, _)| known == address).map(|(_, tag)| tag.clone())
    }

    /// Compares the tag of an answer with what is on the disk, and keeps it when it fits.
    pub(super) fn fit(&self, job: &Job, address: &str, tag: Option<&str>) -> Result<Fit, DownloadError> {
        let mut state = self.state();
        if state.generation != job.generation {
            return Ok(Fit::Outdated);
        }
        // A tag speaks for its own address; between addresses only the checksum does.
        let told = self.wanted.checksum().is_some() || state.notes.have.is_empty();
        match (&state.notes.served, tag) {
            (Some((known, old)), Some(new)) if known == address => {
                return Ok(if old == new { Fit::Same } else { Fit::Other });
            }
            (Some(_), _) | (None, Some(_)) if !told => return Ok(Fit::Other),
            (_, None) => return Ok(if self.wanted.checksum().is_some() { Fit::Same } else { Fit::Untold }),
            (_, Some(new)) => state.notes.served = Some((address.to_owned(), new.to_owned())),
        }
        self.renote(&state)?;
        Ok(Fit::Same)
    }

    /// Compares the hub's tag with what is on the disk, and keeps it when it fits.
    pub(super) fn fit_located(&self, tag: Option<&str>) -> Result<Fit, DownloadError> {
        let mut state = self.state();
        match (&state.notes.located, tag) {
            (Some(old), Some(new)) if old != new => return Ok(Fit::Other),
            (None, Some(new)) => state.notes.located = Some(new.to_owned()),
            _ => return Ok(Fit::Same),
        }
        self.renote(&state)?;
        Ok(Fit::Same)
    }

    fn renote(&self, state: &EntryState) -> Result<(), DownloadError> {
        self.part.restart(&state.notes).map_err(|error| self.disk(state, &error))
    }

    /// Forgets what arrived, because it is of another content; `located` is the hub's tag of the new one.
    pub(super) async fn begin_anew(&self, located: Option<&str>) -> Result<(), DownloadError> {
        let quiet = self.quiet().await;
        let mut state = self.state();
        state.notes = Notes { located: located.map(str::to_owned), ..Notes::default() };
        state.generation += 1;
        state.phase = Phase::Fetching;
        state.taken = Ranges::default();
        state.active = 0;
        let noted = self.renote(&state);
        drop((state, quiet));
        noted
    }

    /// Writes what a job fetched.
    pub(super) async fn store(&self, job: &Job, at: u64, pieces: Vec<Bytes>) -> Result<Written, DownloadError> {
        let range = at..at + pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        let guard = Arc::clone(&self.gate).read_owned().await;
        {
            let state = self.state();
            if (state.generation, state.phase) != (job.generation, Phase::Fetching) {
                return Ok(Written::Outdated);
            }
            if state.notes.have.contains(&range) {
                return Ok(Written::Yes);
            }
        }
        let part = Arc::clone(&self.part);
        let written = spawn_blocking(move || (guard, part.store(at, &pieces)));
        let (guard, written) = joined(written.await);
        let mut state = self.state();
        written.map_err(|error| self.disk(&state, &error))?;
        state.notes.have.insert(range);
        drop((state, guard));
        Ok(Written::Yes)
    }

    /// What an error of the disk means for this file.
    pub(super) fn disk(&self, state: &EntryState, error: &std::io::Error) -> DownloadError {
        DownloadError::disk(error, self.wanted.bytes().saturating_sub(state.notes.have.total()))
    }
}

/// What a blocking task gave; one that panicked passes its panic on.
pub(super) fn joined<T>(result: Result<T, tokio::task::JoinError>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("a blocking task that began is not cancelled"),
        },
    }
}
