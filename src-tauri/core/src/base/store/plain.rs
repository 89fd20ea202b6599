//! Histories that are not encrypted, because somebody wanted it so: `LETHE_KEY=none` when they were made.
//!
//! A file that is not encrypted, where an encrypted one should be, is never written to: what is said from then on would
//! be on the disk in clear. So such a file is opened only with `LETHE_KEY=none`, or beside the mark that it was made
//! with; and never where there is a key.

use crate::base::error::{Code, Error, Result};
use crate::base::key::{self, KeyWish, Keychain};
use crate::base::paths::Paths;

/// Whether a plain database is what its user wanted.
///
/// # Errors
/// `Store` when it is not.
pub(super) fn is_meant(paths: &Paths, wish: KeyWish, keychain: &Keychain) -> Result<()> {
    let refused = |why: &str, advice: &str| {
        let database = paths.database();
        let text = format!("{} is not encrypted, but {why}: {advice}", database.display());
        Err(Error::new(Code::Store, text))
    };
    if key::in_file(paths)?.is_some() {
        let file = paths.key_file();
        return refused(
            &format!("the history of this folder was: its key is in {}", file.display()),
            "put the encrypted lethe.db back, or restore a backup",
        );
    }
    if wish == KeyWish::None {
        return mark(paths);
    }
    if key::in_keychain(paths, keychain)?.is_some() {
        return refused(
            "the history of this folder was: its key is in the system's keychain",
            "put the encrypted lethe.db back, or restore a backup; LETHE_KEY=none opens it all the same",
        );
    }
    if !paths.plain_mark().is_file() {
        return refused("nothing says that it was meant to be", "LETHE_KEY=none opens it all the same");
    }
    Ok(())
}

/// Marks the history of a folder as one that is not encrypted.
///
/// # Errors
/// `Store` when the folder can't be written.
pub(crate) fn mark(paths: &Paths) -> Result<()> {
    let mark = paths.plain_mark();
    match super::private().write(true).create_new(true).open(&mark) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::unwritable(&mark, &error)),
    }
}

/// Why an encrypted database without a key can't be opened.
pub(super) fn no_key(paths: &Paths) -> Error {
    if paths.plain_mark().is_file() {
        let text = format!(
            "{} is damaged, or is not the one of this folder, whose history is not encrypted: put it back, or restore a backup",
            paths.database().display()
        );
        return Error::new(Code::Damaged, text);
    }
    Error::new(
        Code::Store,
        "the key of the history is not at hand: unlock the system's keychain and try again, or put store.key back into the data folder",
    )
}
