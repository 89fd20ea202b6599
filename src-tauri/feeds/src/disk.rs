//! Files that are there whole or not at all, and one writer at a time.
//!
//! A file is written beside its place, flushed to the disk and renamed, so that a kill or a full disk leaves the old
//! one. Deliberately not in it: flushing of folders; after a power cut the old file may be back, which is a good state.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// Replaces a file at once. Its folder exists.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = temporary();
    // Readers of a published repository are other users.
    #[cfg(unix)]
    temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = temporary.tempfile_in(folder).map_err(Error::disk(folder))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(Error::disk(path))?;
    file.persist(path).map_err(|error| Error::disk(path)(error.error))?;
    Ok(())
}

/// How the names of files and folders begin that are being written. One is left behind by a kill.
pub(crate) const TEMPORARY: &str = ".tmp-";

/// Makes files and folders that [`sweep`] knows.
pub(crate) fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    builder
}

/// Removes what a kill has left half written. Only for who holds the folder's [`Lock`].
pub(crate) fn sweep(folder: &Path) -> Result<()> {
    for name in names(folder)?.iter().filter(|name| name.starts_with(TEMPORARY)) {
        let path = folder.join(name);
        // Nothing depends on it: what can't be removed now is removed another time.
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
    Ok(())
}

/// Replaces a JSON file at once.
pub(crate) fn replace_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let bytes = serde_json::to_vec_pretty(value).map_err(|error| Error::disk(path)(error.into()))?;
    replace(path, &bytes)
}

/// A file's bytes, or nothing where there is no file.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::disk(path)(error)),
    }
}

/// A JSON file's value, or nothing where there is no file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|_| Error::StateDamaged { path: path.to_owned() })
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(Error::disk(path))
}

/// Removes a file; that it is gone already is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::disk(path)(error)),
        _ => Ok(()),
    }
}

/// The files of a folder by name, sorted. Names that are no text are left out: this crate writes none.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::disk(folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(Error::disk(folder))?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// The right to write in a folder, given back when dropped, also by a kill.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes it, or says [`Error::Busy`] at once.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        let path: PathBuf = folder.join("lock");
        let file = File::options().create(true).append(true).open(&path).map_err(Error::disk(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy),
            Err(TryLockError::Error(error)) => Err(Error::disk(&path)(error)),
        }
    }
}
