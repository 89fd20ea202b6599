//! Downloads: the files of a model come to the disk, whole and right, or not at all.
//!
//! - A file has its final name only when its size and its checksum are right and it is safe on the disk. Until then it
//!   is `NAME.part`, with the journal `NAME.part.journal` beside it.
//! - What arrived is used again after a fault, a pause, the death of the process, or days; but only for the same
//!   version, path, size and checksum, and while the server gives the same strong tag.
//! - Several ranges come at once, over connections of their own. A server without ranges is taken as one stream.
//! - A fault is tried again, later each time, and not before the server wants; a new byte on the disk makes all
//!   patience new.
//! - When all bytes are there and the checksum is wrong, the file is fetched anew, once; one that is wrong again is
//!   removed.
//! - All requests go through the one client: switched off, it ends with that error.
//!
//! Deliberately not in it: where files are ([`Locate`] says it), which files make a model, a queue of downloads, and
//! what is done with the files.

mod connection;
mod control;
mod entry;
mod error;
mod follow;
mod journal;
mod part_file;
mod patience;
mod progress;
mod ranges;
mod throttle;
mod wanted;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use lethe_network::Client;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

pub use control::Control;
pub use error::{DiskTrouble, DownloadError, Flaw};
pub use patience::{Patience, Wait, retry_after};
pub use progress::{Progress, State};
pub use throttle::Throttle;
pub use wanted::{Checksum, Locate, Location, Unlocated, Wanted, leftovers};

use entry::{Entry, Job, Phase, joined};
use part_file::PartFile;
use progress::Meter;

/// Bytes that are written at once: enough to be quick, little to lose.
const LARGEST_WRITE: u64 = 1 << 20;
const SMALLEST_WRITE: u64 = 1 << 14;
/// How often progress is told while nothing happens.
const TICK: Duration = Duration::from_millis(500);

/// How often, and how long after each other, one looks whether a file is still being written by somebody else.
const BUSY_LOOKS: u32 = 5;
const BUSY_WAIT: Duration = Duration::from_millis(50);

/// How a download may use line and disk.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once: 4 by default.
    pub connections: u32,
    /// Bytes of the largest range that is asked for at once: 16 MiB by default.
    pub part: u64,
    /// The limit on the rate; give clones of one to all downloads.
    pub throttle: Throttle,
    /// How patient it is.
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4, part: 16 << 20, throttle: Throttle::new(None), patience: Patience::default() }
    }
}

/// What a download brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Where the files are, in the order of what was wanted.
    pub files: Vec<PathBuf>,
    /// Bytes that came from the network, repeated ones too.
    pub fetched: u64,
}

/// Downloads files to a folder. Those that are there, whole and right, are not fetched. Dropping the future ends the
/// download and keeps what arrived; only what was not written yet, at most a MiB a connection, is lost.
///
/// # Errors
/// See [`DownloadError`]. No file is left under its final name that is not whole; files that were finished stay.
pub async fn download<L: Locate>(
    client: &Client,
    files: &[Wanted],
    folder: &Path,
    locate: &L,
    limits: &Limits,
    control: &Control,
    progress: &watch::Sender<Progress>,
) -> Result<Downloaded, DownloadError> {
    let total = files.iter().map(Wanted::bytes).sum();
    let meter = Meter::new(progress, total);
    let prepared = prepare(files, folder, &meter).await?;
    let run = Run {
        client,
        locate,
        limits,
        control,
        meter,
        there: prepared.there,
        entries: prepared.entries,
        events: watch::Sender::new(()),
        holds: AtomicI64::new(0),
        most: AtomicU64::new(0),
        lost: AtomicU64::new(0),
    };
    run.stored();
    let outcome = tokio::select! {
        biased;
        () = control.cancelled() => Err(DownloadError::Cancelled),
        outcome = run.all() => outcome,
        () = run.tick() => unreachable!("it ticks for ever"),
    };
    let settled = run.settle(matches!(outcome, Err(DownloadError::Cancelled))).await;
    outcome?;
    settled?;
    run.meter.tell();
    let files = files.iter().map(|wanted| wanted.path(folder)).collect();
    Ok(Downloaded { files, fetched: run.meter.progress().fetched })
}

/// What is to be done, and how many bytes are not.
struct Prepared {
    entries: Vec<Entry>,
    there: u64,
}

/// Looks at what is there, and reserves the room for the rest.
async fn prepare(files: &[Wanted], folder: &Path, meter: &Meter<'_>) -> Result<Prepared, DownloadError> {
    let mut prepared = Prepared { entries: Vec::new(), there: 0 };
    for wanted in files {
        let mut looks = 0;
        let entry = loop {
            let (file, place) = (wanted.clone(), folder.to_owned());
            match joined(spawn_blocking(move || look(&file, &place)).await) {
                // A download that was dropped a moment ago may still be ending its last write.
                Err(DownloadError::Busy { .. }) if looks < BUSY_LOOKS => tokio::time::sleep(BUSY_WAIT).await,
                entry => break entry?,
            }
            looks += 1;
        };
        match entry {
            Some(entry) => prepared.entries.push(entry),
            None => prepared.there += wanted.bytes(),
        }
        meter.done(prepared.there);
    }
    let parts: Vec<(Arc<PartFile>, u64, u64)> = prepared
        .entries
        .iter()
        .map(|entry| (Arc::clone(&entry.part), entry.wanted.bytes(), entry.wanted.bytes() - entry.done()))
        .collect();
    let folder = folder.to_owned();
    let reserved = joined(spawn_blocking(move || reserve(&parts, &folder)).await);
    if reserved.is_err() {
        remove_empty(&prepared.entries).await;
    }
    reserved.map(|()| prepared)
}

/// Room on the disk of a folder, in bytes.
///
/// # Errors
/// When the system does not say.
pub fn available(folder: &Path) -> std::io::Result<u64> {
    fs4::available_space(folder)
}

/// What is to be done for one file; nothing when it is there.
fn look(wanted: &Wanted, folder: &Path) -> Result<Option<Entry>, DownloadError> {
    if part_file::is_whole(wanted, folder).map_err(|error| DownloadError::disk(&error, wanted.bytes()))? {
        return Ok(None);
    }
    PartFile::open(wanted, folder).map(|(part, notes)| Some(Entry::new(wanted, part, notes)))
}

/// Reserves room for parts, each with its size and what of it is missing.
fn reserve(parts: &[(Arc<PartFile>, u64, u64)], folder: &Path) -> Result<(), DownloadError> {
    let missing = parts.iter().map(|(_, _, missing)| missing).sum();
    let disk = |error: &std::io::Error| DownloadError::disk(error, missing);
    let needed: u64 = parts.iter().map(|(part, bytes, _)| bytes.saturating_sub(part.allocated())).sum();
    if needed > 0 && available(folder).map_err(|error| disk(&error))? < needed {
        return Err(DownloadError::DiskFull { bytes: missing });
    }
    parts.iter().try_for_each(|(part, bytes, _)| part.reserve(*bytes).map_err(|error| disk(&error)))
}

/// Part files that hold nothing are of no use to the next try, but take room.
async fn remove_empty(entries: &[Entry]) {
    for entry in entries.iter().filter(|entry| entry.state().phase != Phase::Done && entry.done() == 0) {
        let part = Arc::clone(&entry.part);
        // There is an error to tell already.
        let _ = joined(spawn_blocking(move || part.remove()).await);
    }
}

/// A download that is under way.
struct Run<'a, L> {
    client: &'a Client,
    locate: &'a L,
    limits: &'a Limits,
    control: &'a Control,
    meter: Meter<'a>,
    /// Bytes of files that were there before.
    there: u64,
    entries: Vec<Entry>,
    /// Something changed that others may wait for.
    events: watch::Sender<()>,
    /// Servers that all connections wait for.
    holds: AtomicI64,
    /// The most bytes that were on the disk at once, in this run.
    most: AtomicU64,
    /// Bytes that came and were wrong.
    lost: AtomicU64,
}

impl<L: Locate> Run<'_, L> {
    /// Fetches and follows all files.
    async fn all(&self) -> Result<(), DownloadError> {
        let fetch = try_join_all((0..self.limits.connections.max(1)).map(|number| self.connection(number)));
        let follow = try_join_all(self.entries.iter().map(|entry| self.follow(entry)));
        tokio::try_join!(fetch, follow).map(|_| ())
    }

    /// The next range to fetch; waits while there is none, and while the download is paused. Nothing when all files
    /// are done.
    async fn next_job(&self) -> Option<Job> {
        let mut events = self.events.subscribe();
        loop {
            self.control.running().await;
            events.borrow_and_update();
            if self.entries.iter().all(|entry| entry.state().phase == Phase::Done) {
                return None;
            }
            if self.holds.load(Ordering::SeqCst) == 0 {
                let mut entries = self.entries.iter().enumerate();
                let (part, connections) = (self.limits.part.max(1), self.limits.connections.max(1));
                if let Some(job) = entries.find_map(|(file, entry)| entry.next_job(file, part, connections)) {
                    return Some(job);
                }
            }
            // The sender lives as long as `self`.
            let _ = events.changed().await;
        }
    }

    fn tell(&self) {
        self.events.send_replace(());
    }

    /// All connections wait while the number of holds is above zero.
    fn hold(&self, held: bool, more: i64) {
        if held {
            self.holds.fetch_add(more, Ordering::SeqCst);
            self.tell();
        }
    }

    /// Bytes are on the disk.
    fn stored(&self) {
        let done = self.there + self.entries.iter().map(Entry::done).sum::<u64>();
        self.most.fetch_max(done, Ordering::Relaxed);
        self.meter.done(done);
        self.tell();
    }

    /// Rises with each byte that brings the download further.
    fn gained(&self) -> u64 {
        self.most.load(Ordering::Relaxed) + self.lost.load(Ordering::Relaxed)
    }

    /// A file of that size was wrong and is begun anew: its bytes count once more.
    fn lose(&self, bytes: u64) {
        self.lost.fetch_add(bytes, Ordering::Relaxed);
        self.most.fetch_sub(bytes, Ordering::Relaxed);
        self.stored();
    }

    /// Tells progress while nothing happens.
    async fn tick(&self) {
        loop {
            let paused = self.control.is_paused();
            self.meter.paused(paused);
            let change = async { if paused { self.control.running().await } else { self.control.interrupted().await } };
            let _ = tokio::time::timeout(TICK, change).await;
        }
    }

    /// Leaves the disk as the next try wants it, when nobody writes any more.
    async fn settle(&self, cancelled: bool) -> Result<(), DownloadError> {
        for entry in &self.entries {
            let quiet = entry.quiet().await;
            if entry.state().phase == Phase::Done {
                continue;
            }
            let empty = cancelled || entry.done() == 0;
            let part = Arc::clone(&entry.part);
            let settled = joined(spawn_blocking(move || if empty { part.remove() } else { part.sync() }).await);
            drop(quiet);
            settled.map_err(|error| entry.disk(&entry.state(), &error))?;
        }
        Ok(())
    }
}
