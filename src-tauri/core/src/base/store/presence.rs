//! Whether a data folder holds a history, and of which sort; told from the files alone, before anything is written.
//!
//! Only a folder that certainly has none counts as new: a file that can't be looked at, a link that leads nowhere, a
//! journal or a backup without its database are a history that is somewhere, and a sentence that says so.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;

/// An unencrypted database begins with this, <https://www.sqlite.org/fileformat.html>.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// What a data folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// No history.
    Nothing,
    /// A history that is encrypted, or damaged so that it looks like that.
    Encrypted,
    /// A history that is not encrypted.
    Plain,
}

impl Presence {
    /// Looks.
    ///
    /// # Errors
    /// `Damaged` or `Store` with what is there in the place of a history.
    pub fn look(paths: &Paths) -> Result<Self> {
        let database = paths.database();
        if !exists(&database)? {
            return nothing(paths);
        }
        let file = match std::fs::metadata(&database) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(store(&database, "is a link that leads nowhere: mount its disk or mend the link"));
            }
            Err(error) => return Err(unreadable(&database, &error)),
        };
        if file.is_dir() {
            return Err(store(&database, "is a folder, where the history should be: move it away"));
        }
        if file.len() == 0 {
            return Err(damaged(
                &database,
                "is empty, so the history in it is lost: restore a backup, or delete it to begin anew",
            ));
        }
        let mut start = [0; 16];
        let mut read = File::open(&database).map_err(|error| unreadable(&database, &error))?;
        match read.read_exact(&mut start) {
            Ok(()) if &start == PLAIN => Ok(Self::Plain),
            Ok(()) => Ok(Self::Encrypted),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                Err(damaged(&database, "is cut off, so the history in it is lost: restore a backup"))
            }
            Err(error) => Err(unreadable(&database, &error)),
        }
    }
}

/// Whether a file is a database that is not encrypted.
///
/// # Errors
/// `Store` when it can't be read.
pub(crate) fn is_plain(path: &Path) -> Result<bool> {
    let mut start = [0; 16];
    match File::open(path).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) => Ok(&start == PLAIN),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// A folder without a database; unless there was one.
fn nothing(paths: &Paths) -> Result<Presence> {
    let database = paths.database();
    for end in ["-wal", "-journal"] {
        let mut journal = database.clone().into_os_string();
        journal.push(end);
        let journal = journal.into();
        // An empty one holds nothing.
        if exists(&journal)? && std::fs::metadata(&journal).map_or(true, |file| file.len() > 0) {
            return Err(damaged(&database, "is missing, but its journal is there: put it back, or restore a backup"));
        }
    }
    match std::fs::read_dir(paths.backups()) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Presence::Nothing),
        Err(error) => Err(unreadable(&paths.backups(), &error)),
        Ok(files) => {
            let mut names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
            if names.any(|name| name.ends_with(".backup")) {
                return Err(damaged(
                    &database,
                    "is missing, but there are backups of it: put it back, restore a backup, or move the folder backups away to begin anew",
                ));
            }
            Ok(Presence::Nothing)
        }
    }
}

/// Whether something is there, a link that leads nowhere included.
fn exists(path: &std::path::PathBuf) -> Result<bool> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    store(path, &format!("can't be read ({}): check its rights and its disk", error.kind()))
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::new(Code::Damaged, format!("{} {what}", path.display()))
}

fn store(path: &Path, what: &str) -> Error {
    Error::new(Code::Store, format!("{} {what}", path.display()))
}
