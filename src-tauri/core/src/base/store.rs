//! The database: encrypted, crash-safe, migrated step by step, and never opened by a version that is too old for it.
//!
//! Programs that start at once on one data folder open it one after the other, so that one of them makes key and
//! database and all others find them. A database gets its name when it is whole, and nothing that lies in its place is
//! ever overwritten (`store/presence.rs`).

mod connect;
mod lock;
mod plain;
mod presence;
mod rights;
mod snapshot;

use crate::base::files::private;
use crate::base::files::sync_folder;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{Sqlite, SqlitePool, Transaction};

use crate::base::backup_files::{BackupName, BackupReason};
use crate::base::error::{Code, Error, Result};
use crate::base::key::{self, Key, KeyPlace, KeyWish, Keychain};
use crate::base::paths::Paths;

pub(crate) use crate::base::paths::make_private as private_folder;
pub(crate) use connect::{is_damage, is_not_a_database, single};
pub(crate) use lock::Lock;
pub(crate) use plain::mark as mark_plain;
pub(crate) use presence::{Presence, is_plain};
pub(crate) use rights::tighten;
pub(crate) use snapshot::{ask_for_room, check, keep, partial, snapshot};

/// How often the journal is tried to be emptied; each try waits as long as a query does.
const CHECKPOINT_TRIES: u32 = 3;

/// How long the start of another program is waited for, which may migrate a large history.
const OPENING: Duration = Duration::from_secs(120);

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// An open database.
pub struct Store {
    pool: SqlitePool,
    pieces: SqlitePool,
    key: Option<Key>,
    key_place: KeyPlace,
    keychain: Keychain,
    /// Held as long as this program may clean up what a crash left; `None` when another one does.
    lock: Mutex<Option<File>>,
    cleans_up: bool,
    /// Says that a program has the folder open.
    open: Mutex<Option<Lock>>,
}

impl Store {
    /// Opens or makes the database of a data folder and brings it to the newest form. `wish` is heard for a new one only.
    ///
    /// # Errors
    /// `Damaged`; `Store`: the key is not at hand, its disk is full, or a newer Lethe wrote it.
    pub async fn open(paths: &Paths, wish: KeyWish) -> Result<Self> {
        Self::open_with(paths, wish, Keychain::System).await
    }

    /// The same with a keychain that is handed in.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(paths: &Paths, wish: KeyWish, keychain: Keychain) -> Result<Self> {
        let what = "another program is still opening this history: wait for it and try again";
        let _opening = Lock::alone(paths.opening_lock(), OPENING, what).await?;
        let is_alone = Lock::is_free(&paths.open_lock());
        let open = Lock::shared(&paths.open_lock());
        if Presence::look(paths)? == Presence::Nothing {
            let ask = ask(paths, &keychain, move |paths, keychain| key::for_new_history(&paths, wish, &keychain));
            let (key, _) = ask.await?;
            create(paths, key.as_ref()).await?;
        }
        let (pool, key, key_place) = match Presence::look(paths)? {
            Presence::Plain => {
                ask(paths, &keychain, move |paths, keychain| plain::is_meant(&paths, wish, &keychain)).await?;
                let pool = connect::pool(&paths.database(), None).await;
                (pool.map_err(|error| opening_error(error, paths))?, None, KeyPlace::None)
            }
            Presence::Encrypted | Presence::Nothing => unlock(paths, &keychain).await?,
        };
        let migrated = async {
            back_up_before_migration(&pool, key.as_ref(), paths).await?;
            migrate(&pool, paths).await
        };
        if let Err(error) = migrated.await {
            connect::close(&pool).await;
            return Err(error);
        }
        tighten(paths);
        // One that another program has open is not cleaned up, whoever opened it first.
        let lock = if is_alone { lock(paths) } else { None };
        let pieces = connect::pieces(&paths.database(), key.as_ref());
        Ok(Self {
            pool,
            pieces,
            key,
            key_place,
            keychain,
            cleans_up: lock.is_some(),
            lock: Mutex::new(lock),
            open: Mutex::new(Some(open)),
        })
    }

    /// The keychain of this data folder.
    pub(crate) fn keychain(&self) -> &Keychain {
        &self.keychain
    }

    /// The key, where there is one.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// For queries.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// For pieces of answers that are being written: what is written here survives a kill, and a loss of power may take
    /// the last of it.
    pub(crate) fn pieces(&self) -> &SqlitePool {
        &self.pieces
    }

    /// Where the key is.
    pub fn key_place(&self) -> KeyPlace {
        self.key_place
    }

    /// Whether this program is the one that cleans up after a crash: no other has this data folder open.
    pub fn cleans_up(&self) -> bool {
        self.cleans_up
    }

    /// Makes the search index anew. Its own deletion leaves words behind in the tree of its pages, even with
    /// `secure-delete`; a tenth of a second for ten thousand messages.
    ///
    /// # Errors
    /// `Store`.
    pub async fn forget_words(&self) -> Result<()> {
        let mut transaction = self.pool.begin().await?;
        Self::forget_words_in(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The same in a transaction.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn forget_words_in(transaction: &mut Transaction<'_, Sqlite>) -> Result<()> {
        sqlx::query("INSERT INTO message_words (message_words) VALUES ('rebuild')").execute(&mut **transaction).await?;
        Ok(())
    }

    /// Writes the journal into the database and empties it, so that deleted bytes are gone from both. Waits for those
    /// who read.
    ///
    /// # Errors
    /// `Store` when somebody goes on reading.
    pub async fn checkpoint(&self) -> Result<()> {
        for _ in 0..CHECKPOINT_TRIES {
            let (busy, _, _): (i64, i64, i64) =
                sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.pool).await?;
            if busy == 0 {
                return Ok(());
            }
        }
        Err(Error::new(
            Code::Store,
            "the journal of the history can't be emptied while another program reads it: close that program and sweep again",
        ))
    }

    /// Ends all connections; the journal is written into the database, and the folder is free for whoever restores a
    /// backup, even while something still holds this.
    pub async fn close(&self) {
        self.pieces.close().await;
        self.pool.close().await;
        self.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// Asks for keys, which block.
async fn ask<T: Send + 'static>(
    paths: &Paths,
    keychain: &Keychain,
    ask: impl FnOnce(Paths, Keychain) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (paths, keychain) = (paths.clone(), keychain.clone());
    let asked = tokio::task::spawn_blocking(move || ask(paths, keychain)).await;
    asked.map_err(|_| Error::new(Code::Internal, "the keychain can't be asked: start Lethe again"))?
}

/// Makes a database, which gets its name when it is whole.
async fn create(paths: &Paths, key: Option<&Key>) -> Result<()> {
    let new = paths.data().join("lethe.db.new");
    remove_database(&new);
    let unwritable = |error: std::io::Error| Error::unwritable(&new, &error);
    private().write(true).create_new(true).open(&new).map_err(unwritable)?;
    let pool = single(&new, key).await?;
    let migrated = migrate(&pool, paths).await;
    pool.close().await;
    migrated?;
    if key.is_none() {
        plain::mark(paths)?;
    }
    let whole = tempfile::TempPath::try_from_path(&new).map_err(unwritable)?;
    match whole.persist_noclobber(paths.database()) {
        Ok(()) => sync_folder(paths.data()).map_err(unwritable),
        // Where files can't be locked, another program may have made one meanwhile.
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(unwritable(error.error)),
    }
}

/// Opens an encrypted database with the key that fits.
async fn unlock(paths: &Paths, keychain: &Keychain) -> Result<(SqlitePool, Option<Key>, KeyPlace)> {
    let database = paths.database();
    let in_file = key::in_file(paths)?;
    if let Some(key) = &in_file {
        match connect::pool(&database, Some(key)).await {
            Ok(pool) => return Ok((pool, in_file, KeyPlace::File)),
            // The key in the file may be of another history that was here for a while.
            Err(error) if is_not_a_database(&error) => {}
            Err(error) => return Err(opening_error(error, paths)),
        }
    }
    let in_keychain = ask(paths, keychain, |paths, keychain| key::in_keychain(&paths, &keychain)).await;
    let in_keychain = if in_file.is_some() { in_keychain.unwrap_or(None) } else { in_keychain? };
    let Some(key) = in_keychain else {
        return Err(match &in_file {
            Some(key) => wrong_key(paths, &[key]).await,
            None => plain::no_key(paths),
        });
    };
    match connect::pool(&database, Some(&key)).await {
        Ok(pool) => Ok((pool, Some(key), KeyPlace::Keychain)),
        Err(error) if is_not_a_database(&error) => {
            let keys: Vec<&Key> = in_file.iter().chain([&key]).collect();
            Err(wrong_key(paths, &keys).await)
        }
        Err(error) => Err(opening_error(error, paths)),
    }
}

/// Why no key at hand opens the database. Where one of them opens a backup of it, the key is right and the file is not.
async fn wrong_key(paths: &Paths, keys: &[&Key]) -> Error {
    let database = paths.database();
    if opens_a_backup(paths, keys).await {
        let text = "is damaged at its beginning: the key of its backups does not open it; restore a backup";
        return Error::new(Code::Damaged, format!("{} {text}", database.display()));
    }
    Error::new(
        Code::Store,
        format!(
            "{} can't be opened with the key at hand: its beginning is damaged, or the key is of another history; put back the store.key or the keychain it was made with, or restore a backup",
            database.display()
        ),
    )
}

async fn opens_a_backup(paths: &Paths, keys: &[&Key]) -> bool {
    for backup in crate::base::backup_files::list(paths).unwrap_or_default() {
        for key in keys {
            let Ok(pool) = single(&backup.path, Some(key)).await else { continue };
            let read = sqlx::query("SELECT count(*) FROM _sqlx_migrations").execute(&pool).await;
            pool.close().await;
            // Without encryption any key opens it.
            if read.is_ok() && !is_plain(&backup.path).unwrap_or(true) {
                return true;
            }
        }
    }
    false
}

/// What opening a database came to.
fn opening_error(error: sqlx::Error, paths: &Paths) -> Error {
    if is_damage(&error) {
        let database = paths.database();
        return Error::new(Code::Damaged, format!("{} is damaged: restore a backup of it", database.display()));
    }
    error.into()
}

/// A history that is about to change its form is copied first.
async fn back_up_before_migration(pool: &SqlitePool, key: Option<&Key>, paths: &Paths) -> Result<()> {
    let table = "SELECT count(*) FROM sqlite_schema WHERE name = '_sqlx_migrations'";
    let (tables,): (i64,) = sqlx::query_as(table).fetch_one(pool).await?;
    if tables == 0 {
        return Ok(());
    }
    let versions: Vec<(i64,)> = sqlx::query_as("SELECT version FROM _sqlx_migrations").fetch_all(pool).await?;
    let is_there = |migration: &sqlx::migrate::Migration| versions.contains(&(migration.version,));
    let is_newer = versions.iter().any(|(version,)| !MIGRATIONS.version_exists(*version));
    if is_newer || MIGRATIONS.iter().all(is_there) {
        return Ok(());
    }
    let name = BackupName { at: jiff::Timestamp::now().as_millisecond(), reason: BackupReason::Migration };
    snapshot(pool, key, &paths.backups(), &name.to_string()).await?;
    Ok(())
}

pub(crate) async fn migrate(pool: &SqlitePool, paths: &Paths) -> Result<()> {
    MIGRATIONS.run(pool).await.map_err(|error| migration_error(error, paths))
}

/// Removes a database that nobody has open, with its journals.
pub(crate) fn remove_database(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(name);
    }
}

fn migration_error(error: MigrateError, paths: &Paths) -> Error {
    match error {
        MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Error::new(
            Code::Store,
            format!(
                "the history in {} was written by a newer Lethe: update Lethe, or choose another folder with --data-dir",
                paths.data().display()
            ),
        ),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => opening_error(error, paths),
        error => {
            tracing::error!(%error, "migration");
            Error::new(
                Code::Store,
                "the history can't be brought to the form of this version: restore it from a backup",
            )
        }
    }
}

fn lock(paths: &Paths) -> Option<File> {
    let file = private().create(true).truncate(false).write(true).open(paths.lock_file()).ok()?;
    file.try_lock().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests;
