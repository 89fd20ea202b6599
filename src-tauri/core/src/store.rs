//! The database: encrypted, crash-safe, migrated step by step, and never opened by a version that is too old for it.

use std::fs::File;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::{Code, Error, Result};
use crate::key::{self, KeyPlace, KeyWish};
use crate::paths::Paths;

/// How often the journal is tried to be emptied; each try waits as long as a query does.
const CHECKPOINT_TRIES: u32 = 3;

/// An open database.
pub struct Store {
    pool: SqlitePool,
    key_place: KeyPlace,
    /// Held as long as this program may clean up what a crash left; `None` when another one does.
    _lock: Option<File>,
    cleans_up: bool,
}

impl Store {
    /// Opens or makes the database of a data folder and brings it to the newest form. `wish` is heard for a new one only.
    ///
    /// # Errors
    /// `Store`: the key is not at hand, the file is damaged, its disk is full, or a newer Lethe wrote it.
    pub async fn open(paths: &Paths, wish: KeyWish) -> Result<Self> {
        let folders = paths.clone();
        // Keychains answer by blocking calls.
        let found = tokio::task::spawn_blocking(move || key::find_or_make(&folders, wish)).await;
        let (key, key_place) =
            found.map_err(|_| Error::new(Code::Internal, "the keychain can't be asked: start Lethe again"))??;
        let mut options = SqliteConnectOptions::new().filename(paths.database()).create_if_missing(true);
        if let Some(key) = &key {
            options = options.pragma("key", key.pragma());
        }
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        sqlx::migrate!("./migrations").run(&pool).await.map_err(|error| migration_error(error, paths))?;
        make_private(paths);
        let lock = lock(paths);
        Ok(Self { pool, key_place, cleans_up: lock.is_some(), _lock: lock })
    }

    /// For queries.
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
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
        sqlx::query("INSERT INTO message_words (message_words) VALUES ('rebuild')").execute(&self.pool).await?;
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

    /// Ends all connections; the journal is written into the database.
    pub async fn close(&self) {
        self.pool.close().await;
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
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        error => {
            tracing::error!(%error, "migration");
            Error::new(
                Code::Store,
                "the history can't be brought to the form of this version: restore it from a backup",
            )
        }
    }
}

fn make_private(paths: &Paths) {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        // On file systems without rights there is nothing to set.
        let _ = std::fs::set_permissions(paths.database(), mode);
    }
    #[cfg(not(unix))]
    let _ = paths;
}

fn lock(paths: &Paths) -> Option<File> {
    let file = File::options().create(true).truncate(false).write(true).open(paths.lock_file()).ok()?;
    file.try_lock().ok()?;
    Some(file)
}
