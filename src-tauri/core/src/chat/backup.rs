//! Backups of the history: made, kept, checked, swept, and put back.
//!
//! A backup is one file, encrypted with the key of the history, that was opened and read whole before it got its name.
//! They are made daily while Lethe is in use, before each change of the history's form, and when somebody asks; older
//! ones go (`backup/rotation.rs`). A sweep of stored answers reaches them too, so that what a list names is in none
//! (`backup/sweep.rs`). What is put back keeps what it replaces (`backup/restore.rs`).
//!
//! Deliberately not in them: lists, which stay as they are now, and models.

mod carried;
mod restore;
mod salvage;
mod sweep;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use ts_rs::TS;

use crate::base::error::{Code, Error, Result};
use crate::base::key::{self, Key, Keychain};
use crate::base::paths::Paths;
use crate::base::store::{Lock, Store, check, is_not_a_database, single, snapshot};

use crate::base::backup_files::{self as folders};
pub use crate::base::backup_files::{BackupFile, BackupName, BackupReason, list};
pub use carried::{Passphrase, is_carried};
pub use restore::{Restored, newest_good, restore};
pub use salvage::{Salvaged, salvage};
pub use sweep::SweptBackups;

/// How long a program that works on backups is waited for.
const WAIT: Duration = Duration::from_secs(120);

/// The backups of an open history.
#[derive(Clone)]
pub struct Backups {
    store: Arc<Store>,
    paths: Paths,
}

impl Backups {
    /// Of an open history.
    pub fn new(store: Arc<Store>, paths: Paths) -> Self {
        Self { store, paths }
    }

    /// Makes one now, in the data folder or in `to`, and deletes those that are outdated there. `now` is in
    /// milliseconds since 1970.
    ///
    /// # Errors
    /// `DiskFull`, `Store` when the folder can't be written, or the history is damaged.
    pub async fn create(&self, reason: BackupReason, now: i64, to: Option<&Path>) -> Result<BackupFile> {
        let _lock = self.lock().await?;
        self.create_locked(reason, now, to).await
    }

    /// Makes one if none was made for a day.
    ///
    /// # Errors
    /// As [`Backups::create`].
    pub async fn daily(&self, now: i64) -> Result<Option<BackupFile>> {
        let _lock = self.lock().await?;
        let names: Vec<BackupName> = folders::of(&self.paths.backups())?.into_iter().map(|file| file.name).collect();
        if !folders::is_due(&names, now) {
            return Ok(None);
        }
        self.create_locked(BackupReason::Daily, now, None).await.map(Some)
    }

    /// Writes one into a file to take along, which opens with a passphrase wherever it is.
    ///
    /// # Errors
    /// As [`Backups::create`]; `Store` when there is a file of that name.
    pub async fn carry(&self, file: &Path, passphrase: &Passphrase) -> Result<()> {
        let _lock = self.lock().await?;
        let folder = self.paths.backups();
        let part = snapshot(self.store.pool(), self.store.key(), &folder, ".carried").await?;
        let part = tempfile::TempPath::try_from_path(part).map_err(|error| Error::unwritable(&folder, &error))?;
        carried::write(&part, self.store.key().cloned(), file.to_owned(), passphrase.clone()).await
    }

    async fn create_locked(&self, reason: BackupReason, now: i64, to: Option<&Path>) -> Result<BackupFile> {
        let folder = match to {
            None => self.paths.backups(),
            Some(folder) => folders::remember(&self.paths, folder)?,
        };
        folders::remove_leftovers(&folder);
        // Two within a millisecond have names of their own.
        let mut name = BackupName { at: now, reason };
        while folder.join(name.to_string()).exists() {
            name.at += 1;
        }
        let path = snapshot(self.store.pool(), self.store.key(), &folder, &name.to_string()).await?;
        folders::rotate(&folder, now)?;
        let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
        Ok(BackupFile { name, path, bytes })
    }

    async fn lock(&self) -> Result<Lock> {
        let busy = "another program is working on the backups: wait for it and try again";
        Lock::alone(self.paths.backups_lock(), WAIT, busy).await
    }
}

/// A file that somebody chose to put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ChosenBackup {
    pub path: PathBuf,
    /// Whether it opens with a passphrase only.
    pub carried: bool,
}

/// Reads a backup whole, without an open history.
///
/// # Errors
/// `Store` when it is damaged, or no key at hand opens it.
pub async fn verify(paths: &Paths, keychain: &Keychain, backup: &Path) -> Result<()> {
    let key = key_of(paths, keychain, backup).await?;
    check(backup, key.as_ref()).await
}

/// The key that opens a backup; none where it is not encrypted.
async fn key_of(paths: &Paths, keychain: &Keychain, backup: &Path) -> Result<Option<Key>> {
    if crate::base::store::is_plain(backup)? {
        return Ok(None);
    }
    for key in keys(paths, keychain).await? {
        let pool = match single(backup, Some(&key)).await {
            Ok(pool) => pool,
            Err(error) if is_not_a_database(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        let read = sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&pool).await;
        pool.close().await;
        match read {
            Ok(_) => return Ok(Some(key)),
            Err(error) if is_not_a_database(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::new(
        Code::Store,
        format!("{} can't be opened: it is damaged, or its key is not at hand", backup.display()),
    ))
}

/// All keys of a data folder.
async fn keys(paths: &Paths, keychain: &Keychain) -> Result<Vec<Key>> {
    let (paths, keychain) = (paths.clone(), keychain.clone());
    let asked = tokio::task::spawn_blocking(move || {
        let in_file = key::in_file(&paths)?;
        let in_keychain = key::in_keychain(&paths, &keychain);
        // A keychain that is locked is no matter where the key is in a file.
        let in_keychain = if in_file.is_some() { in_keychain.unwrap_or(None) } else { in_keychain? };
        Ok([in_file, in_keychain].into_iter().flatten().collect())
    });
    asked.await.map_err(|_| Error::new(Code::Internal, "the keychain can't be asked: start Lethe again"))?
}

#[cfg(test)]
mod tests;
