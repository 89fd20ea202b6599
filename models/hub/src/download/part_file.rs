//! The file that is being written, under a name that nobody takes for the whole.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use fs4::FileExt as _;
use lethe_network::Bytes;

use super::error::DownloadError;
use super::journal::{Journal, Notes};
use super::wanted::Wanted;

const READ_BYTES: usize = 1 << 18;

/// A part file and its journal; nobody else writes it while this lives.
#[derive(Debug)]
pub(super) struct PartFile {
    file: File,
    path: PathBuf,
    journal_path: PathBuf,
    final_path: PathBuf,
    journal: Mutex<Journal>,
}

impl PartFile {
    /// Opens what an earlier download of the same content left, or begins anew. Reserves no room yet.
    ///
    /// # Errors
    /// [`DownloadError::Busy`] and those of the disk.
    pub(super) fn open(wanted: &Wanted, folder: &Path) -> Result<(Self, Notes), DownloadError> {
        let disk = |error: &io::Error| DownloadError::disk(error, wanted.bytes());
        let (path, final_path) = (wanted.beside(folder, ".part"), wanted.path(folder));
        let journal_path = wanted.beside(folder, ".part.journal");
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| disk(&error))?;
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path).map_err(|e| disk(&e))?;
        // Where a file system knows no locks, there is nobody to tell.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(DownloadError::Busy { name: wanted.name().to_owned() });
        }
        // Who held the lock before may have given the file its final name meanwhile.
        if !is_at(&file, &path) {
            return Err(DownloadError::Busy { name: wanted.name().to_owned() });
        }
        let length = file.metadata().map_err(|error| disk(&error))?.len();
        let mut notes = Journal::read(&journal_path, &wanted.binding(), wanted.bytes());
        if length != wanted.bytes() || notes.have.is_empty() {
            notes = Notes::default();
            if length != 0 {
                file.set_len(0).map_err(|error| disk(&error))?;
            }
        }
        let journal = Journal::create(&journal_path, &wanted.binding(), &notes).map_err(|error| disk(&error))?;
        Ok((Self { file, path, journal_path, final_path, journal: Mutex::new(journal) }, notes))
    }

    /// How much of its room it has already, in bytes.
    pub(super) fn allocated(&self) -> u64 {
        self.file.allocated_size().unwrap_or(0)
    }

    /// Reserves room for all of it, where the file system can; elsewhere it gets its length only.
    pub(super) fn reserve(&self, bytes: u64) -> io::Result<()> {
        if self.file.metadata()?.len() == bytes {
            return Ok(());
        }
        match self.file.allocate(bytes) {
            Err(error) if !is_full(&error) => {}
            other => other?,
        }
        self.file.set_len(bytes)
    }

    /// Writes pieces one after the other and notes them then.
    pub(super) fn store(&self, start: u64, pieces: &[Bytes]) -> io::Result<()> {
        let end = self.write(start, pieces)?;
        self.journal().have(&(start..end))
    }

    /// Writes pieces one after the other; says where they end.
    fn write(&self, start: u64, pieces: &[Bytes]) -> io::Result<u64> {
        let mut at = start;
        for piece in pieces {
            write_all_at(&self.file, piece, at)?;
            at += piece.len() as u64;
        }
        Ok(at)
    }

    /// Goes on with a digest over a range.
    pub(super) fn digest(&self, mut context: digest::Context, range: Range<u64>) -> io::Result<digest::Context> {
        digest_range(&self.file, &mut context, range)?;
        Ok(context)
    }

    /// Forgets what arrived, but these notes.
    pub(super) fn restart(&self, notes: &Notes) -> io::Result<()> {
        self.journal().restart(notes)
    }

    /// Makes sure that what arrived outlives the machine.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()?;
        self.journal().sync()
    }

    /// Gives it its final name, for good.
    pub(super) fn finish(&self) -> io::Result<PathBuf> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.final_path)?;
        #[cfg(unix)]
        if let Some(parent) = self.final_path.parent() {
            File::open(parent)?.sync_all()?;
        }
        fs::remove_file(&self.journal_path)?;
        Ok(self.final_path.clone())
    }

    /// Removes it and its journal.
    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_file(&self.journal_path)?;
        fs::remove_file(&self.path)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the file is there under its final name, whole and right; then nothing of a download is left beside it.
pub(super) fn is_whole(wanted: &Wanted, folder: &Path) -> io::Result<bool> {
    let path = wanted.path(folder);
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() && metadata.len() == wanted.bytes() => {}
        _ => return Ok(false),
    }
    if let Some(checksum) = wanted.checksum() {
        let mut context = checksum.begin(wanted.bytes());
        digest_range(&File::open(&path)?, &mut context, 0..wanted.bytes())?;
        if !checksum.is(context) {
            return Ok(false);
        }
    }
    for suffix in [".part", ".part.journal"] {
        match fs::remove_file(wanted.beside(folder, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(true)
}

fn digest_range(file: &File, context: &mut digest::Context, range: Range<u64>) -> io::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    let mut at = range.start;
    while at < range.end {
        let length = usize::try_from(range.end - at).map_or(READ_BYTES, |left| left.min(READ_BYTES));
        let piece = &mut buffer[..length];
        read_exact_at(file, piece, at)?;
        context.update(piece);
        at += length as u64;
    }
    Ok(())
}

/// Whether an open file is the one that has this path now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

/// Whether an open file is the one that has this path now: here nobody renames what is open.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

fn is_full(error: &io::Error) -> bool {
    matches!(DownloadError::disk(error, 0), DownloadError::DiskFull { .. })
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        at += read as u64;
    }
    Ok(())
}
