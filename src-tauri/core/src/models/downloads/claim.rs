//! The right to work on a download, against other programs on the same folder: a file that is locked.
//!
//! The file is removed with the claim. A program that opened it just before would then lock a file that nobody else
//! finds any more, so it looks whether what it locked is still in its place.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use same_file::Handle;

use crate::base::error::{Code, Error, Result};

/// So often a file may vanish between its opening and its locking.
const TRIES: usize = 16;

/// The right to work on a download, until it is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    _file: File,
}

impl Claim {
    /// Claims a variant of what goes to a folder.
    ///
    /// # Errors
    /// `Busy` while another program has it, `Store` when the folder can't be written.
    pub fn take(folder: &Path, variant: &str) -> Result<Self> {
        let disk = |error: io::Error| {
            let why = format!("{} can't be written ({}): check the folder", folder.display(), error.kind());
            Error::new(Code::Store, why)
        };
        let name = variant.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let path = folder.join(format!(".{name}.claim"));
        for _ in 0..TRIES {
            let file = match open(&path) {
                // Whoever gave up its claim removed the folder as well.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened.map_err(disk)?,
            };
            match file.try_lock() {
                // Where the file system knows no locks, programs are not kept apart.
                Ok(()) | Err(TryLockError::Error(_)) if is_at(&file, &path) => return Ok(Self { path, _file: file }),
                Ok(()) | Err(TryLockError::Error(_)) => {}
                Err(TryLockError::WouldBlock) => break,
            }
        }
        Err(Error::new(
            Code::Busy,
            "another program of Lethe works on this download: wait for its end, or pause or cancel it there",
        ))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Whoever claims it next makes a new one.
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            // Only an empty one goes, and those of the repository and its owner with it.
            let _ = folder.ancestors().take(3).try_for_each(std::fs::remove_dir);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Whether an open file is the one that has this path now.
fn is_at(file: &File, path: &Path) -> bool {
    let open = file.try_clone().and_then(Handle::from_file);
    matches!((open, Handle::from_path(path)), (Ok(open), Ok(named)) if open == named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_claim_at_a_time_and_no_file_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("owner/model/commit");
        let claim = Claim::take(&place, "Q4_K_M").expect("nobody has it");
        assert_eq!(Claim::take(&place, "Q4_K_M").map_err(|error| error.code).err(), Some(Code::Busy));
        drop(Claim::take(&place, "Q8_0").expect("another variant is another claim"));
        assert!(place.exists(), "the first claim is still held");
        drop(claim);
        assert!(!folder.path().join("owner").exists(), "empty folders go with the claim");
        drop(Claim::take(&place, "Q4_K_M").expect("it is free again"));
    }

    #[test]
    fn a_lock_on_a_removed_file_is_no_claim() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".Q4.claim");
        let early = open(&path).expect("it is made");
        std::fs::remove_file(&path).expect("the claim before ended");
        early.try_lock().expect("nobody else can have it");
        assert!(!is_at(&early, &path), "there is no such file");
        let late = open(&path).expect("it is made anew");
        assert!(!is_at(&early, &path), "another file has its name");
        assert!(is_at(&late, &path), "this is the one that others find");
    }

    #[test]
    fn of_many_that_claim_at_once_never_two_have_it() {
        use std::sync::atomic::{AtomicU32, Ordering};

        let folder = tempfile::tempdir().expect("a folder");
        let (holders, claims) = (AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let Ok(claim) = Claim::take(&folder.path().join("owner/model/commit"), "Q4") else { continue };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold the claim");
                        claims.fetch_add(1, Ordering::SeqCst);
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(claim);
                    }
                });
            }
        });
        assert!(claims.into_inner() > 0, "somebody had it");
    }
}
