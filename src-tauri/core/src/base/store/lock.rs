//! Locks between the programs that have one data folder open. Where the file system knows no locks, programs are not
//! kept apart.

use crate::base::files::private;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::base::error::{Code, Error, Result};

/// How often a lock is tried that another program holds.
const PAUSE: Duration = Duration::from_millis(10);

/// A file that is locked until this is dropped.
pub(crate) struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// Alone; waits for whoever has it, this long at most.
    ///
    /// # Errors
    /// `Busy` with `what` the others are doing.
    pub async fn alone(path: PathBuf, wait: Duration, what: &'static str) -> Result<Self> {
        let locked = tokio::task::spawn_blocking(move || {
            let Some(file) = open(&path) else { return Ok(Self { _file: None }) };
            let begun = Instant::now();
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(Self { _file: Some(file) }),
                    Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
                    Err(TryLockError::WouldBlock) if begun.elapsed() < wait => std::thread::sleep(PAUSE),
                    Err(TryLockError::WouldBlock) => return Err(Error::new(Code::Busy, what)),
                }
            }
        });
        locked.await.map_err(|_| Error::new(Code::Internal, "the data folder can't be locked: start Lethe again"))?
    }

    /// Whether nobody has it.
    pub fn is_free(path: &Path) -> bool {
        open(path).is_none_or(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Together with others who take it so.
    pub fn shared(path: &Path) -> Self {
        let file = open(path).filter(|file| file.try_lock_shared().is_ok());
        Self { _file: file }
    }
}

/// The lock file, private and never followed through a link.
fn open(path: &Path) -> Option<File> {
    private().create(true).truncate(false).write(true).open(path).ok()
}
