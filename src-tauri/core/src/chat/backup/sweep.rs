//! What a list names is in no backup either.
//!
//! Each backup is opened with its key and looked through by the filter of now. One that holds something is copied, the
//! copy is cleaned as stored answers are, written anew without a byte of what was deleted, and put in its place at once.
//! One that is damaged is deleted: it could not be put back. One whose folder is not there, or whose key is another,
//! can't be reached; how many those are is told.

use crate::chat::history::filters_for;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use sqlx::SqlitePool;

use super::{BackupReason, Backups, folders};
use crate::base::error::{Code, Error, Result};
use crate::base::store::{ask_for_room, check, is_damage, is_not_a_database, partial, single};
use crate::base::title;
use crate::chat::history::{Stored, interrupt};

use crate::lists::filter::State;

/// Messages that are read in one go.
const BATCH: i64 = 64;

/// What a sweep did to backups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct SweptBackups {
    /// Backups that were looked through.
    pub checked: u32,
    /// Backups that held something and were written anew.
    pub rewritten: u32,
    /// Backups that could not be written anew, or were damaged, and were deleted.
    pub dropped: u32,
    /// Backups and folders of backups that could not be looked through.
    pub unreached: u32,
}

impl Backups {
    /// Cleans all backups by what is in force now; none when it was to end before the last.
    ///
    /// # Errors
    /// `Store` when the data folder's own backups can't be read or written.
    pub(crate) async fn sweep(
        &self,
        state: &Arc<State>,
        ends: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<SweptBackups>> {
        let _lock = self.lock().await?;
        let mut swept = SweptBackups { unreached: self.damaged_histories(), ..SweptBackups::default() };
        let mut files = folders::of(&self.paths.backups())?;
        folders::remove_leftovers(&self.paths.backups());
        for folder in folders::chosen(&self.paths)? {
            match folders::of(&folder) {
                Ok(found) if folder.is_dir() => {
                    // What a backup that was broken off has left is in no list of them.
                    folders::remove_leftovers(&folder);
                    files.extend(found);
                }
                _ => swept.unreached += 1,
            }
        }
        let mut through = true;
        for file in &files {
            if ends() {
                through = false;
                break;
            }
            let outcome = match self.sweep_one(&file.path, state).await {
                // One in another folder keeps nobody from those behind it.
                Err(error) if !file.path.starts_with(self.paths.backups()) => {
                    tracing::warn!(%error, "a backup in a chosen folder can't be swept");
                    Outcome::Unreached
                }
                swept => swept?,
            };
            match outcome {
                Outcome::Clean => swept.checked += 1,
                Outcome::Rewritten => (swept.checked, swept.rewritten) = (swept.checked + 1, swept.rewritten + 1),
                Outcome::Dropped => (swept.checked, swept.dropped) = (swept.checked + 1, swept.dropped + 1),
                Outcome::Unreached => swept.unreached += 1,
            }
        }
        if swept.dropped > 0 {
            let at = files.iter().map(|file| file.name.at).max().unwrap_or_default();
            // What was deleted is replaced by a backup of now.
            if let Err(error) = self.create_locked(BackupReason::Daily, at.max(crate::base::clock::now()), None).await {
                tracing::warn!(%error, "no backup in the place of those that were deleted");
            }
        }
        Ok(through.then_some(swept))
    }

    async fn sweep_one(&self, path: &Path, state: &Arc<State>) -> Result<Outcome> {
        let key = if crate::base::store::is_plain(path)? { None } else { self.store.key() };
        let looked = async {
            let pool = single(path, key).await?;
            let looked = holds_something(&pool, state).await;
            pool.close().await;
            looked
        };
        match looked.await {
            Ok(false) => return Ok(Outcome::Clean),
            Ok(true) => {}
            Err(error) if is_not_a_database(&error) => return Ok(Outcome::Unreached),
            Err(error) if is_damage(&error) => return drop_backup(path),
            // Its disk can't be read now.
            Err(error) => {
                let Error { message, .. } = error.into();
                tracing::warn!(message, "a backup can't be looked through");
                return Ok(Outcome::Unreached);
            }
        }
        let rewritten = async {
            let folder = path.parent().unwrap_or(Path::new("."));
            // The copy, and the one that is written from it.
            ask_for_room(folder, 2 * std::fs::metadata(path).map_or(0, |file| file.len()))?;
            let part = partial(folder)?;
            std::fs::copy(path, &part).map_err(|error| Error::unwritable(&part, &error))?;
            let pool = single(&part, key).await?;
            let cleaned = clean(&pool, state).await;
            pool.close().await;
            cleaned?;
            check(&part, key).await?;
            let synced = std::fs::File::options().write(true).open(&part).and_then(|file| file.sync_all());
            synced.map_err(|error| Error::unwritable(&part, &error))?;
            part.persist(path).map_err(|error| Error::unwritable(path, &error.error))?;
            crate::base::files::sync_folder(folder).map_err(|error| Error::unwritable(folder, &error))
        };
        match rewritten.await {
            Ok(()) => Ok(Outcome::Rewritten),
            Err(error) => {
                tracing::warn!(%error, "a backup that holds what a list names can't be written anew: it is deleted");
                drop_backup(path)
            }
        }
    }

    /// Damaged histories that were put aside: what is in them can't be looked through.
    fn damaged_histories(&self) -> u32 {
        let entries = std::fs::read_dir(self.paths.data()).into_iter().flatten().flatten();
        let is_one = |entry: &std::fs::DirEntry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("lethe.db.damaged-") && !name.ends_with("-wal") && !name.ends_with("-shm")
        };
        u32::try_from(entries.filter(is_one).count()).unwrap_or(u32::MAX)
    }
}

enum Outcome {
    Clean,
    Rewritten,
    Dropped,
    Unreached,
}

fn drop_backup(path: &Path) -> Result<Outcome> {
    std::fs::remove_file(path).map_err(|error| Error::unwritable(path, &error))?;
    Ok(Outcome::Dropped)
}

/// Whether the filter of now takes something out of a backup.
async fn holds_something(pool: &SqlitePool, state: &Arc<State>) -> std::result::Result<bool, sqlx::Error> {
    let held = |error: Error| sqlx::Error::Protocol(error.message);
    let (open,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM message WHERE state = 'streaming'").fetch_one(pool).await?;
    if open > 0 {
        return Ok(true);
    }
    let titles: Vec<(String,)> = sqlx::query_as("SELECT title FROM conversation").fetch_all(pool).await?;
    if titles.iter().any(|(title,)| title::filtered(&state.filter_for([title.as_str()]), title) != *title) {
        return Ok(true);
    }
    let mut transaction = pool.begin().await?;
    let mut behind = 0;
    loop {
        let batch = Stored::rows(&mut transaction, behind, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(false) };
        behind = last.message;
        let filters = filters_for(&mut transaction, state, &batch).await.map_err(held)?;
        let found = tokio::task::spawn_blocking(move || {
            batch.iter().any(|stored| {
                let filter = filters.get(&stored.conversation);
                filter.is_none_or(|filter| stored.filtered_by(filter).as_str() != stored.text)
            })
        });
        if found.await.map_err(|_| sqlx::Error::WorkerCrashed)? {
            return Ok(true);
        }
    }
}

/// Takes out of a copy what the filter of now takes out. Its form stays that of its time.
async fn clean(pool: &SqlitePool, state: &Arc<State>) -> Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let open: Vec<(i64,)> =
        sqlx::query_as("SELECT id FROM message WHERE state = 'streaming'").fetch_all(&mut *transaction).await?;
    for (message,) in open {
        interrupt(&mut transaction, message, &state.filter).await?;
    }
    let titles: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, title FROM conversation").fetch_all(&mut *transaction).await?;
    for (id, title) in titles {
        let filtered = title::filtered(&state.filter_for([title.as_str()]), &title);
        if filtered != title {
            sqlx::query("UPDATE conversation SET title = ? WHERE id = ?")
                .bind(filtered)
                .bind(id)
                .execute(&mut *transaction)
                .await?;
        }
    }
    let mut behind = 0;
    loop {
        let batch = Stored::batch(&mut transaction, behind, BATCH).await?;
        let Some(last) = batch.last() else { break };
        behind = last.message;
        let filters = filters_for(&mut transaction, state, &batch).await?;
        let filtered = tokio::task::spawn_blocking(move || {
            let changed = batch.into_iter().filter_map(|stored| {
                let text = stored.filtered_by(filters.get(&stored.conversation)?);
                (text.as_str() != stored.text).then_some((stored, text))
            });
            changed.collect::<Vec<_>>()
        });
        let filtered =
            filtered.await.map_err(|_| Error::new(Code::Internal, "an answer of a backup can't be filtered"))?;
        for (stored, text) in filtered {
            stored.write(&mut transaction, &text).await?;
        }
    }
    transaction.commit().await?;
    // Deletion leaves words behind in the index.
    sqlx::query("INSERT INTO message_words (message_words) VALUES ('rebuild')").execute(pool).await?;
    sqlx::query("VACUUM").execute(pool).await?;
    Ok(())
}
