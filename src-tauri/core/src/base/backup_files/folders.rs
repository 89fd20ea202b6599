//! Folders with backups: the one of the data folder, and those that were chosen. The latter are written down, so that
//! sweeps find what is in them.

use std::path::{Path, PathBuf};

use super::{BackupFile, BackupName, rotation};
use crate::base::error::{Error, Result};
use crate::base::paths::Paths;

/// All backups that can be found, the newest first.
///
/// # Errors
/// `Store` when the data folder's own can't be read. A chosen folder that is not there now is passed over.
pub fn list(paths: &Paths) -> Result<Vec<BackupFile>> {
    let mut files = of(&paths.backups())?;
    // What is there is offered, also where the file that names the other folders is damaged.
    let chosen = chosen(paths).unwrap_or_else(|error| {
        tracing::warn!(%error, "backups in chosen folders are not listed");
        Vec::new()
    });
    files.extend(chosen.iter().filter_map(|folder| of(folder).ok()).flatten());
    files.sort_by_key(|file| std::cmp::Reverse(file.name));
    Ok(files)
}

/// The backups of one folder; none where there is no such folder.
pub(crate) fn of(folder: &Path) -> Result<Vec<BackupFile>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let file = |entry: std::fs::DirEntry| {
        let name: BackupName = entry.file_name().to_str()?.parse().ok()?;
        let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        Some(BackupFile { name, path: entry.path(), bytes })
    };
    Ok(entries.flatten().filter_map(file).collect())
}

/// Folders that somebody chose, whether or not they are there now.
///
/// # Errors
/// `Store` when they can't be read: they are not none then.
pub(crate) fn chosen(paths: &Paths) -> Result<Vec<PathBuf>> {
    let file = paths.backup_folders();
    let text = match std::fs::read(&file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(|error| unreadable(&file, &error))?,
    };
    serde_json::from_slice(&text).map_err(|_| {
        let why = format!("{} is damaged: delete it, and choose your folders for backups again", file.display());
        Error::new(crate::base::error::Code::Store, why)
    })
}

/// Writes down a folder that somebody chose; gives back its full path.
pub(crate) fn remember(paths: &Paths, folder: &Path) -> Result<PathBuf> {
    let unwritable = |error: std::io::Error| Error::unwritable(folder, &error);
    crate::base::paths::make_private(folder).map_err(unwritable)?;
    let folder = std::fs::canonicalize(folder).map_err(unwritable)?;
    let mut all = chosen(paths)?;
    if !all.contains(&folder) {
        all.push(folder.clone());
        let json = serde_json::to_vec(&all)
            .map_err(|_| Error::bad_input("the folder's name is not Unicode: choose another"))?;
        let written = (|| {
            let mut file = tempfile::Builder::new().prefix(".folders-").tempfile_in(paths.data())?;
            std::io::Write::write_all(&mut file, &json)?;
            file.as_file().sync_all()?;
            file.persist(paths.backup_folders()).map_err(|error| error.error)
        })();
        written.map_err(|error| Error::unwritable(&paths.backup_folders(), &error))?;
    }
    Ok(folder)
}

/// Deletes the backups of a folder that are outdated.
pub(crate) fn rotate(folder: &Path, now: i64) -> Result<()> {
    let names: Vec<BackupName> = of(folder)?.into_iter().map(|file| file.name).collect();
    for name in rotation::outdated(&names, now) {
        let path = folder.join(name.to_string());
        std::fs::remove_file(&path).map_err(|error| Error::unwritable(&path, &error))?;
    }
    Ok(())
}

/// Removes what a kill left unfinished. Call it with the backups locked.
pub(crate) fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_partial = name.starts_with(".backup-") && name.contains(".partial");
        if is_partial || name.starts_with(".carried") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(
        crate::base::error::Code::Store,
        format!("the folder {} can't be read ({}): check its rights and its disk", folder.display(), error.kind()),
    )
}
