//! The key in a file: written once, whole or not at all, and never replaced.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::Key;
use crate::base::error::{Code, Error, Result};

/// The key in a file, if the file is there.
///
/// # Errors
/// `Store` when it is there and can't be read, or is damaged.
pub(super) fn read(path: &Path) -> Result<Option<Key>> {
    // A link that leads nowhere is a key that is missing, not a folder without one.
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
        Ok(_) => {}
    }
    let text = Zeroizing::new(std::fs::read(path).map_err(|error| unreadable(path, &error))?);
    let key = std::str::from_utf8(&text).ok().and_then(Key::parse);
    key.map(Some).ok_or_else(|| {
        Error::new(
            Code::Store,
            format!(
                "the key file {} is damaged: put back a copy of it, without it the history can't be opened",
                path.display()
            ),
        )
    })
}

/// Keeps a key in a new file. Gives back the one that another program has put there meanwhile, if one has.
///
/// # Errors
/// `Store` when the folder can't be written.
pub(super) fn keep_new(path: &Path, key: Key) -> Result<Key> {
    let written = (|| {
        let folder = path.parent().unwrap_or(Path::new("."));
        // Only its owner can read it, from the first byte on.
        let mut file = tempfile::Builder::new().prefix(".store.key-").tempfile_in(folder)?;
        writeln!(file, "{}", key.text())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        crate::base::files::sync_folder(folder)
    })();
    match written {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path)?.ok_or_else(|| unwritable(path, &error)),
        Err(error) => Err(unwritable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    let reason = match error.kind() {
        ErrorKind::NotFound => "it is a link that leads nowhere".to_owned(),
        kind => kind.to_string(),
    };
    Error::new(
        Code::Store,
        format!(
            "the key file {} can't be read ({reason}): make it readable for you, without it the history can't be opened",
            path.display()
        ),
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Code::Store,
        format!(
            "the key file {} can't be written ({}): free some space or check the rights of its folder",
            path.display(),
            error.kind()
        ),
    )
}
