//! Putting a backup back.
//!
//! Conversations come from the backup. Lists, settings, models, keys of servers and the ledger stay as they are, as far
//! as the history that is replaced can be read; so what comes back is filtered by the lists of now, and swept by them.
//! The history that is replaced is kept: as a backup where it can be read, else as it lies. Nothing happens while
//! another program has the folder open.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use sqlx::SqlitePool;
use ts_rs::TS;

use super::{BackupFile, BackupName, BackupReason, Passphrase, carried, folders, key_of, keys};
use crate::base::error::{Code, Error, Result};
use crate::base::key::{self, Key, KeyPlace, KeyWish, Keychain};
use crate::base::paths::Paths;
use crate::base::store::{
    Lock, MIGRATIONS, ask_for_room, check, is_plain, keep, mark_plain, migrate, partial, private_folder,
    remove_database, single, snapshot,
};
use crate::lists::library::adopt_files;

/// Tables that stay as they are now.
const OF_NOW: [&str; 10] =
    ["list", "in_force", "setting", "request", "secret", "remote", "model", "download", "terms", "watch_change"];

/// What was put back.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    pub from: PathBuf,
    pub conversations: u32,
    /// Where the history is now that was replaced; none where there was none.
    pub aside: Option<PathBuf>,
    /// Whether lists and settings are those of the backup, because those of now could not be read.
    pub settings_of_backup: bool,
}

/// Puts a backup in the place of the history: the one named, or the newest one that is good.
///
/// # Errors
/// `Busy` while another program has the folder open; `NotFound` without a good backup; `BadInput` for a wrong
/// passphrase; `Store`, `DiskFull`. Then the history is as it was.
pub async fn restore(
    paths: &Paths,
    wish: KeyWish,
    keychain: &Keychain,
    from: Option<&Path>,
    passphrase: Option<Passphrase>,
    now: i64,
) -> Result<Restored> {
    let busy = "another program has this history open: close Lethe everywhere and try again";
    let _opening = Lock::alone(paths.opening_lock(), Duration::from_secs(5), busy).await?;
    let _open = Lock::alone(paths.open_lock(), Duration::ZERO, busy).await?;
    // Versions before this one know this lock only.
    let _older = Lock::alone(paths.lock_file(), Duration::ZERO, busy).await?;
    let _backups = Lock::alone(paths.backups_lock(), Duration::from_secs(5), busy).await?;
    private_folder(&paths.backups()).map_err(|error| Error::unwritable(&paths.backups(), &error))?;

    let (part, of_backup, from) = match from {
        Some(path) => {
            let (part, key) = copy(paths, keychain, path, passphrase).await?;
            (part, key, path.to_owned())
        }
        None => copy_of_newest(paths, keychain).await?,
    };
    let key = key_of_folder(paths, wish, keychain).await?;
    let part = if of_backup == key { part } else { rekeyed(paths, &part, of_backup.as_ref(), key.as_ref()).await? };
    let pool = single(&part, key.as_ref()).await?;
    let prepared = prepare(&pool, paths, key.as_ref()).await;
    pool.close().await;
    let (conversations, settings_of_backup) = prepared?;
    check(&part, key.as_ref()).await?;

    let aside = set_aside(paths, key.as_ref(), now).await?;
    if key.is_none() {
        mark_plain(paths)?;
    }
    keep(part, &paths.database())?;
    // What is outdated may stay: the history is back.
    if let Err(error) = folders::rotate(&paths.backups(), now) {
        tracing::warn!(%error, "an outdated backup can't be deleted");
    }
    Ok(Restored { from, conversations, aside, settings_of_backup })
}

/// The newest backup that can be read whole.
///
/// # Errors
/// `Store` when the folder of backups can't be read.
pub async fn newest_good(paths: &Paths, keychain: &Keychain) -> Result<Option<BackupFile>> {
    for backup in folders::list(paths)? {
        match super::verify(paths, keychain, &backup.path).await {
            Ok(()) => return Ok(Some(backup)),
            Err(error) => tracing::warn!(%error, "a backup is passed over"),
        }
    }
    Ok(None)
}

/// A copy of the newest backup that can be read whole.
async fn copy_of_newest(paths: &Paths, keychain: &Keychain) -> Result<(tempfile::TempPath, Option<Key>, PathBuf)> {
    for BackupFile { path, .. } in folders::list(paths)? {
        match copy(paths, keychain, &path, None).await {
            Ok((part, key)) => return Ok((part, key, path)),
            Err(error) if error.code == Code::DiskFull => return Err(error),
            Err(error) => tracing::warn!(%error, "a backup is passed over"),
        }
    }
    Err(Error::new(
        Code::NotFound,
        format!("there is no good backup in {}: name the file of one", paths.backups().display()),
    ))
}

/// A copy of a backup that was read whole, with the key that opens it.
async fn copy(
    paths: &Paths,
    keychain: &Keychain,
    path: &Path,
    passphrase: Option<Passphrase>,
) -> Result<(tempfile::TempPath, Option<Key>)> {
    let unreadable = |error: std::io::Error| {
        Error::bad_input(format!("{} can't be read ({}): check the path", path.display(), error.kind()))
    };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    ask_for_room(&paths.backups(), 2 * bytes)?;
    let (part, key) = if carried::is_carried(path) {
        let passphrase =
            passphrase.ok_or_else(|| Error::bad_input("this backup opens with its passphrase: give it"))?;
        carried::read(path, passphrase, &paths.backups()).await?
    } else {
        let key = key_of(paths, keychain, path).await?;
        let part = partial(&paths.backups())?;
        std::fs::copy(path, &part).map_err(unreadable)?;
        (part, key)
    };
    check(&part, key.as_ref()).await?;
    Ok((part, key))
}

/// The key that the restored history gets: the one of this folder.
async fn key_of_folder(paths: &Paths, wish: KeyWish, keychain: &Keychain) -> Result<Option<Key>> {
    if let Some(key) = keys(paths, keychain).await?.into_iter().next() {
        return Ok(Some(key));
    }
    if paths.plain_mark().is_file() || wish == KeyWish::None {
        return Ok(None);
    }
    let database = paths.database();
    if database.exists() && std::fs::metadata(&database).is_ok_and(|file| file.len() > 0) && !is_plain(&database)? {
        return Err(Error::new(
            Code::Store,
            "the key of this history is not at hand: unlock the system's keychain and try again, or move lethe.db away",
        ));
    }
    let (paths, keychain) = (paths.clone(), keychain.clone());
    let made = tokio::task::spawn_blocking(move || key::for_new_history(&paths, wish, &keychain)).await;
    let (key, place) =
        made.map_err(|_| Error::new(Code::Internal, "the keychain can't be asked: start Lethe again"))??;
    debug_assert_ne!(place, KeyPlace::None, "that was asked before");
    Ok(key)
}

/// The same database with another key.
async fn rekeyed(paths: &Paths, part: &Path, from: Option<&Key>, to: Option<&Key>) -> Result<tempfile::TempPath> {
    if to.is_none() {
        return Err(Error::new(
            Code::Store,
            "the backup is encrypted, and this history is not: restore it into another folder with --data-dir",
        ));
    }
    let target = partial(&paths.backups())?;
    let pool = single(part, from).await?;
    let exported = async {
        let mut connection = pool.acquire().await?;
        let spec = to.map(|key| key.spec().to_string()).unwrap_or_default();
        sqlx::query("ATTACH DATABASE ? AS target KEY ?")
            .bind(target.to_string_lossy().into_owned())
            .bind(spec)
            .execute(&mut *connection)
            .await?;
        sqlx::query("SELECT sqlcipher_export('target')").execute(&mut *connection).await?;
        sqlx::query("DETACH DATABASE target").execute(&mut *connection).await?;
        Ok::<_, sqlx::Error>(())
    }
    .await;
    pool.close().await;
    exported?;
    Ok(target)
}

/// Brings a copy to the form of now, with the lists and settings of now. Says how many conversations there are, and
/// whether lists and settings are the backup's.
async fn prepare(pool: &SqlitePool, paths: &Paths, key: Option<&Key>) -> Result<(u32, bool)> {
    migrate(pool, paths).await?;
    let taken = take_over(pool, paths, key).await;
    let of_backup = taken.is_err();
    if let Err(error) = taken {
        tracing::warn!(%error, "lists and settings are those of the backup");
    }
    adopt_files(pool, paths).await?;
    sqlx::query("INSERT INTO message_words (message_words) VALUES ('rebuild')").execute(pool).await?;
    let (conversations,): (u32,) =
        sqlx::query_as("SELECT count(*) FROM conversation WHERE deleted_at IS NULL").fetch_one(pool).await?;
    Ok((conversations, of_backup))
}

/// Takes lists and settings over from the history that is replaced.
async fn take_over(pool: &SqlitePool, paths: &Paths, key: Option<&Key>) -> std::result::Result<(), sqlx::Error> {
    let database = paths.database();
    if std::fs::metadata(&database).map_or(true, |file| file.len() == 0) {
        return Err(sqlx::Error::RowNotFound);
    }
    let mut connection = pool.acquire().await?;
    sqlx::query("ATTACH DATABASE ? AS replaced KEY ?")
        .bind(database.to_string_lossy().into_owned())
        .bind(key.map(|key| key.spec().to_string()).unwrap_or_default())
        .execute(&mut *connection)
        .await?;
    let copied = async {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let (version,): (Option<i64>,) =
            sqlx::query_as("SELECT max(version) FROM replaced._sqlx_migrations").fetch_one(&mut *connection).await?;
        if version != newest {
            return Err(sqlx::Error::RowNotFound);
        }
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
        for table in OF_NOW {
            let sql = format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM replaced.{table}");
            if let Err(error) = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await {
                sqlx::query("ROLLBACK").execute(&mut *connection).await?;
                return Err(error);
            }
        }
        sqlx::query("COMMIT").execute(&mut *connection).await?;
        Ok(())
    }
    .await;
    let detached = sqlx::query("DETACH DATABASE replaced").execute(&mut *connection).await;
    copied.and(detached.map(|_| ()))
}

/// Puts the history that is replaced aside: as a backup where it can be read whole, else as it lies.
async fn set_aside(paths: &Paths, key: Option<&Key>, now: i64) -> Result<Option<PathBuf>> {
    let database = paths.database();
    if std::fs::symlink_metadata(&database).is_ok_and(|file| file.is_file() && file.len() > 0) {
        let mut name = BackupName { at: now, reason: BackupReason::Replaced };
        while paths.backups().join(name.to_string()).exists() {
            name.at += 1;
        }
        let copied = async {
            let pool = single(&database, key).await?;
            let copied = snapshot(&pool, key, &paths.backups(), &name.to_string()).await;
            pool.close().await;
            copied
        };
        match copied.await {
            Ok(path) => {
                remove_database(&database);
                return Ok(Some(path));
            }
            Err(error) if error.code == Code::DiskFull => return Err(error),
            Err(error) => tracing::warn!(%error, "the history that is replaced is kept as it lies"),
        }
    }
    let mut at = now;
    let aside = |at: i64| paths.data().join(format!("lethe.db.damaged-{at}"));
    while std::fs::symlink_metadata(aside(at)).is_ok() {
        at += 1;
    }
    let aside = aside(at);
    let mut moved = None;
    for end in ["", "-wal", "-shm", "-journal"] {
        let named = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        };
        match std::fs::rename(named(&database), named(&aside)) {
            Ok(()) => moved = Some(aside.clone()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::unwritable(&named(&aside), &error)),
        }
    }
    Ok(moved)
}
