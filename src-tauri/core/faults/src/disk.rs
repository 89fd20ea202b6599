//! A folder whose databases fail as they are told to.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lethe_seed::Random;

use crate::unsynced::{Unsynced, identity};

/// What happens to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed: what was written is there.
    Kill,
    /// The machine loses power: what was not synced may be missing, in any part.
    PowerLoss,
    /// The disk is full, for databases that would grow, until [`Disk::free`].
    Full,
}

static DISKS: Mutex<Vec<Disk>> = Mutex::new(Vec::new());

/// A folder whose databases fail as they are told to. Clones are one disk.
#[derive(Clone)]
pub struct Disk {
    folder: PathBuf,
    state: Arc<Mutex<State>>,
}

/// Why a step is not done.
pub(crate) enum Verdict {
    /// Nothing, since the process is no more.
    Dead,
    /// Nothing, since there is no room.
    NoRoom,
}

/// What a database is about to do to a file.
pub(crate) enum Step<'a> {
    Open,
    Write { offset: u64, bytes: &'a [u8] },
    Cut { at: u64 },
    Sync,
    Delete,
}

#[derive(Default)]
struct State {
    steps: u64,
    armed: Option<Armed>,
    /// The fault that has happened.
    happened: Option<Fault>,
    unsynced: HashMap<PathBuf, Unsynced>,
}

struct Armed {
    fault: Fault,
    at: u64,
    random: Random,
    /// Where the folder is copied to, as the fault leaves it.
    image: PathBuf,
}

impl Disk {
    /// Watches the databases below a folder, until [`Disk::remove`].
    pub fn below(folder: &Path) -> Self {
        let disk = Self { folder: folder.to_owned(), state: Arc::default() };
        disks().push(disk.clone());
        disk
    }

    /// Ends the watch.
    pub fn remove(&self) {
        disks().retain(|disk| !Arc::ptr_eq(&disk.state, &self.state));
    }

    /// How many steps there were so far.
    pub fn steps(&self) -> u64 {
        self.state().steps
    }

    /// Has a fault happen so many steps from now. A kill and a loss of power leave a copy of the folder in `image`, as
    /// the disk is after them; from then on nothing that this process does reaches the folder's databases.
    pub fn arm(&self, fault: Fault, steps: u64, random: Random, image: &Path) {
        let mut state = self.state();
        state.armed = Some(Armed { fault, at: state.steps + steps, random, image: image.to_owned() });
    }

    /// The fault that has happened, if one has.
    pub fn happened(&self) -> Option<Fault> {
        self.state().happened
    }

    /// Has the fault happen now, unless it has already or none was to come.
    pub fn fail_now(&self) {
        let mut state = self.state();
        if let Some(armed) = state.armed.take() {
            state.fail(armed, &self.folder);
        }
    }

    /// Makes room again on a full disk, and takes a fault back that has not happened.
    pub fn free(&self) {
        let mut state = self.state();
        state.armed = None;
        state.happened = None;
    }

    /// A disk that was put in the place of this one, after a kill or a loss of power.
    pub fn revive(&self) {
        *self.state() = State::default();
    }

    /// The disk that a file is on.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        disks().iter().find(|disk| path.starts_with(&disk.folder)).cloned()
    }

    /// Takes a step: `work` does it, where it is to be done.
    pub(crate) fn step(&self, path: &Path, step: &Step<'_>, work: impl FnOnce() -> i32) -> Result<i32, Verdict> {
        let mut state = self.state();
        state.steps += 1;
        if state.armed.as_ref().is_some_and(|armed| armed.at <= state.steps)
            && let Some(armed) = state.armed.take()
        {
            // A kill in the middle of a write: its first half is there.
            if let (Step::Write { offset, bytes }, Fault::Kill) = (step, armed.fault)
                && armed.at % 3 == 0
            {
                half(path, *offset, bytes);
            }
            state.fail(armed, &self.folder);
        }
        match (state.happened, step) {
            (Some(Fault::Kill | Fault::PowerLoss), _) => return Err(Verdict::Dead),
            (Some(Fault::Full), Step::Write { offset, bytes })
                if fs::metadata(path).map_or(0, |file| file.len()) < offset + bytes.len() as u64 =>
            {
                return Err(Verdict::NoRoom);
            }
            _ => {}
        }
        state.note(path, step);
        Ok(work())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn note(&mut self, path: &Path, step: &Step<'_>) {
        match step {
            Step::Open => {
                let is_other = |known: &Unsynced| known.identity != identity(path);
                if self.unsynced.get(path).is_some_and(is_other) {
                    self.unsynced.remove(path);
                }
            }
            Step::Write { offset, bytes } => self.unsynced_of(path).write(path, *offset, bytes),
            Step::Cut { at } => self.unsynced_of(path).cut(path, *at),
            Step::Sync | Step::Delete => {
                self.unsynced.remove(path);
            }
        }
    }

    fn unsynced_of(&mut self, path: &Path) -> &mut Unsynced {
        self.unsynced.entry(path.to_owned()).or_insert_with(|| Unsynced::of(path))
    }

    fn fail(&mut self, armed: Armed, folder: &Path) {
        self.happened = Some(armed.fault);
        if armed.fault == Fault::Full {
            return;
        }
        copy(folder, &armed.image).expect("a folder of a test can be copied");
        if armed.fault == Fault::PowerLoss {
            let mut random = armed.random;
            let mut files: Vec<_> = self.unsynced.iter().collect();
            files.sort_by_key(|(path, _)| path.as_path());
            for (path, unsynced) in files {
                let copied = path.strip_prefix(folder).map(|inner| armed.image.join(inner));
                if let Ok(copied) = copied
                    && copied.is_file()
                    && unsynced.identity == identity(path)
                {
                    unsynced.lose(&copied, &mut random).expect("a file of a test can be written");
                }
            }
        }
    }
}

/// Writes the first half of what was to be written.
fn half(path: &Path, offset: u64, bytes: &[u8]) {
    use std::io::{Seek, SeekFrom, Write};
    let written = fs::File::options().write(true).open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(&bytes[..bytes.len() / 2])
    });
    // A file that is deleted already has no name to be opened by; nobody reads it again.
    let _ = written;
}

/// Copies a folder, but the memory that programs share while they are alive.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn disks() -> MutexGuard<'static, Vec<Disk>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}
