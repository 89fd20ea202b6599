//! What was stored before a list asked for it is cleaned too.
//!
//! A sweep filters every stored answer and every title by what is in force now, and writes back what has changed. The
//! search index follows by triggers and is made anew at the end, since its deletion leaves words behind; deleted bytes are
//! overwritten (`secure_delete`) and the journal is emptied, so that nothing of what was removed is left in the files. A sweep is written down with where it
//! stands: after a kill the next start goes on there, and nothing is swept twice for the same lists.
//!
//! What users typed stays as it is (`docs/adr/0001-user-words-are-kept-as-typed.md`), except where it became a title.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lethe_filters::Filter;
use serde::Serialize;
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::paths::Paths;
use crate::base::store::{Lock, Store};
use crate::base::title;
use crate::chat::backup::Backups;
use crate::chat::history::{Stored, filters_for, sweep_open};
use crate::lists::filter::{Filters, State};
use crate::lists::library::Lists;

/// How often a sweep that waits for one of another program looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(500);

/// Messages that are read and written in one go.
const BATCH: i64 = 64;

/// Where a sweep stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SweepState {
    /// There was none yet.
    #[default]
    Idle,
    /// It is under way.
    Running,
    /// It is through.
    Done,
    /// The user ended it; the next one goes on there.
    Cancelled,
    /// Something went wrong; the next one goes on there.
    Failed,
}

/// A sweep of stored answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct Sweep {
    pub state: SweepState,
    /// Answers that were looked at.
    pub done: u32,
    /// Answers there are.
    pub total: u32,
    /// Answers and titles that were changed.
    pub changed: u32,
    /// Pieces that were taken out of them.
    pub removed: u32,
    /// When it ended, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub at: Option<i64>,
    pub failure: Option<String>,
}

/// Sweeps one data folder, one sweep at a time.
#[derive(Clone)]
pub struct Sweeper {
    store: Arc<Store>,
    filters: Arc<Filters>,
    lists: Lists,
    progress: Arc<watch::Sender<Sweep>>,
    /// For good: no sweep begins any more.
    closing: CancellationToken,
    /// Ends the sweep that is under way.
    current: Arc<std::sync::Mutex<CancellationToken>>,
    sweeping: Arc<Mutex<()>>,
    lock_file: PathBuf,
    backups: Backups,
}

#[derive(sqlx::FromRow)]
struct SweepRow {
    id: i64,
    state: String,
    ended_at: Option<i64>,
    next: i64,
    done: u32,
    total: u32,
    changed: u32,
    removed: u32,
    failure: Option<String>,
}

impl Sweeper {
    /// On an open database.
    ///
    /// # Errors
    /// `Store`.
    pub async fn open(store: Arc<Store>, filters: Arc<Filters>, lists: Lists, paths: &Paths) -> Result<Self> {
        let last: Option<SweepRow> =
            sqlx::query_as("SELECT * FROM sweep ORDER BY id DESC LIMIT 1").fetch_optional(store.pool()).await?;
        let progress = Arc::new(watch::Sender::new(last.map(SweepRow::view).unwrap_or_default()));
        let backups = Backups::new(store.clone(), paths.clone());
        Ok(Self {
            backups,
            store,
            filters,
            lists,
            progress,
            closing: CancellationToken::new(),
            current: Arc::default(),
            sweeping: Arc::default(),
            lock_file: paths.sweep_lock(),
        })
    }

    /// Where the last sweep stands, and what becomes of it.
    pub fn watch(&self) -> watch::Receiver<Sweep> {
        self.progress.subscribe()
    }

    /// Where the last sweep stands.
    pub fn last(&self) -> Sweep {
        self.progress.borrow().clone()
    }

    /// Whether stored answers were not swept by what is in force now.
    ///
    /// # Errors
    /// `Store`.
    pub async fn is_due(&self) -> Result<bool> {
        self.lists.reload_if_changed().await?;
        let digest = self.filters.state().digest.clone();
        let done: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM sweep WHERE state = 'done' AND digest = ? AND id = (SELECT max(id) FROM sweep)",
        )
        .bind(&digest)
        .fetch_optional(self.store.pool())
        .await?;
        if done.is_none() {
            return Ok(true);
        }
        // One that was being written while the sweep went by, and ended by an older list.
        let (passed,): (bool,) =
            sqlx::query_as("SELECT EXISTS (SELECT 1 FROM message WHERE digest IS NOT NULL AND digest <> ?)")
                .bind(&digest)
                .fetch_one(self.store.pool())
                .await?;
        Ok(passed)
    }

    /// Ends the sweep that is under way. The next one goes on where it ended.
    pub fn cancel(&self) {
        self.current().cancel();
    }

    /// Ends the sweep that is under way, waits until it has, and lets none begin any more.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        drop(self.sweeping.lock().await);
    }

    /// Sweeps now, or goes on with a sweep that was interrupted and that the same lists were in force for. Waits for a
    /// sweep of another program on the same folder.
    ///
    /// # Errors
    /// `Store`; the sweep is noted as failed.
    pub async fn sweep(&self) -> Result<Sweep> {
        let _guard = self.sweeping.lock().await;
        let _lock = self.lock().await;
        *self.current() = self.closing.child_token();
        if self.closing.is_cancelled() {
            return Ok(self.last());
        }
        loop {
            self.lists.reload_if_changed().await?;
            let state = self.filters.state();
            let mut row = self.begin(&state.digest).await?;
            self.progress.send_replace(row.clone_view());
            let outcome = self.run(&mut row, &state).await;
            let name = match &outcome {
                Ok(Outcome::Through) => "done",
                Ok(Outcome::Cancelled | Outcome::Overtaken) => "cancelled",
                Err(_) => "failed",
            };
            row.state = name.to_owned();
            row.ended_at = Some(now());
            row.failure = outcome.as_ref().err().map(|error| error.message.clone());
            let noted = sqlx::query("UPDATE sweep SET state = ?, ended_at = ?, failure = ? WHERE id = ?")
                .bind(&row.state)
                .bind(row.ended_at)
                .bind(&row.failure)
                .bind(row.id)
                .execute(self.store.pool())
                .await;
            self.progress.send_replace(row.clone_view());
            let outcome = outcome?;
            noted?;
            // Lists changed while it swept: what was done was done by the old ones.
            if outcome != Outcome::Overtaken {
                return Ok(self.last());
            }
        }
    }

    /// Held while this program sweeps. Where files can't be locked, programs are not kept apart.
    async fn lock(&self) -> Option<Lock> {
        while !self.closing.is_cancelled() {
            match Lock::alone(self.lock_file.clone(), PATIENCE, "another program sweeps").await {
                Err(error) if error.code == Code::Busy => {}
                locked => return locked.ok(),
            }
        }
        None
    }

    fn current(&self) -> std::sync::MutexGuard<'_, CancellationToken> {
        self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn is_to_end(&self) -> bool {
        self.current().is_cancelled()
    }

    /// The sweep that goes on, or a new one.
    async fn begin(&self, digest: &str) -> Result<SweepRow> {
        let open = "SELECT * FROM sweep WHERE id = (SELECT max(id) FROM sweep) AND state <> 'done' AND digest = ?";
        let open: Option<SweepRow> = sqlx::query_as(open).bind(digest).fetch_optional(self.store.pool()).await?;
        let id = match open {
            Some(row) => row.id,
            None => sqlx::query("INSERT INTO sweep (digest, state, started_at, total) VALUES (?, 'running', ?, 0)")
                .bind(digest)
                .bind(now())
                .execute(self.store.pool())
                .await?
                .last_insert_rowid(),
        };
        sqlx::query(
            "UPDATE sweep SET state = 'running', ended_at = NULL, failure = NULL,
                 total = done + (SELECT count(*) FROM message WHERE role = 'assistant' AND state <> 'streaming' AND id > next)
             WHERE id = ?",
        )
        .bind(id)
        .execute(self.store.pool())
        .await?;
        Ok(sqlx::query_as("SELECT * FROM sweep WHERE id = ?").bind(id).fetch_one(self.store.pool()).await?)
    }

    async fn run(&self, row: &mut SweepRow, state: &Arc<State>) -> Result<Outcome> {
        loop {
            if self.is_to_end() {
                return Ok(Outcome::Cancelled);
            }
            self.lists.reload_if_changed().await?;
            if self.filters.state().digest != state.digest {
                return Ok(Outcome::Overtaken);
            }
            // Nobody else writes between reading and writing back.
            let mut transaction = self.store.pool().begin_with("BEGIN IMMEDIATE").await?;
            let batch = Stored::batch(&mut transaction, row.next, BATCH).await?;
            let Some(last) = batch.last().map(|stored| stored.message) else {
                transaction.rollback().await?;
                break;
            };
            let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
            let filters = filters_for(&mut transaction, state, &batch).await?;
            let swept = tokio::task::spawn_blocking(move || swept(&filters, batch));
            let swept = swept.await.map_err(|_| {
                Error::new(Code::Internal, "an answer can't be swept: start Lethe again and sweep anew")
            })?;
            for (stored, text, removed) in &swept {
                stored.replace(&mut transaction, text, row.id, *removed).await?;
                row.changed += 1;
                row.removed += removed;
            }
            sqlx::query(
                "UPDATE message SET digest = NULL WHERE digest IS NOT NULL AND id > ? AND id <= ? AND state <> 'streaming'",
            )
            .bind(row.next)
            .bind(last)
            .execute(&mut *transaction)
            .await?;
            (row.next, row.done) = (last, row.done + count);
            sqlx::query("UPDATE sweep SET next = ?, done = ?, changed = ?, removed = ? WHERE id = ?")
                .bind(row.next)
                .bind(row.done)
                .bind(row.changed)
                .bind(row.removed)
                .bind(row.id)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            self.progress.send_replace(row.clone_view());
        }
        self.sweep_titles(row, state).await?;
        let mut transaction = self.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        let (changed, removed) = sweep_open(&mut transaction, state).await?;
        (row.changed, row.removed) = (row.changed + changed, row.removed + removed);
        transaction.commit().await?;
        if row.changed > 0 {
            self.store.forget_words().await?;
        }
        self.store.checkpoint().await?;
        let ends = || self.is_to_end();
        let Some(backups) = self.backups.sweep(state, &ends).await? else { return Ok(Outcome::Cancelled) };
        sqlx::query("UPDATE sweep SET backups_rewritten = ?, backups_dropped = ?, backups_unreached = ? WHERE id = ?")
            .bind(backups.rewritten)
            .bind(backups.dropped)
            .bind(backups.unreached)
            .bind(row.id)
            .execute(self.store.pool())
            .await?;
        Ok(Outcome::Through)
    }

    async fn sweep_titles(&self, row: &mut SweepRow, state: &Arc<State>) -> Result<()> {
        let titles: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, title FROM conversation").fetch_all(self.store.pool()).await?;
        let state = state.clone();
        let changed = tokio::task::spawn_blocking(move || {
            let filtered = titles.into_iter().map(|(id, title)| {
                let filtered = title::filtered(&state.filter_for([title.as_str()]), &title);
                let removed = state.filter.filter(&title).redactions().len().max(1);
                (id, title, filtered, u32::try_from(removed).unwrap_or(u32::MAX))
            });
            filtered.filter(|(_, title, filtered, _)| filtered != title).collect::<Vec<_>>()
        });
        let changed = changed
            .await
            .map_err(|_| Error::new(Code::Internal, "a title can't be swept: start Lethe again and sweep anew"))?;
        let mut transaction = self.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        for (id, title, filtered, removed) in changed {
            // One that was renamed meanwhile passes the filter at the next sweep, and on its way out.
            let done = sqlx::query("UPDATE conversation SET title = ? WHERE id = ? AND title = ?")
                .bind(filtered)
                .bind(id)
                .bind(title)
                .execute(&mut *transaction)
                .await?;
            if done.rows_affected() > 0 {
                row.changed += 1;
                row.removed += removed;
            }
        }
        sqlx::query("UPDATE sweep SET changed = ?, removed = ? WHERE id = ?")
            .bind(row.changed)
            .bind(row.removed)
            .bind(row.id)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// How a sweep ended.
#[derive(PartialEq, Eq)]
enum Outcome {
    Through,
    /// The user ended it.
    Cancelled,
    /// What is in force has changed.
    Overtaken,
}

/// The answers that the filter of now changes, and how many pieces more it takes out of each.
fn swept(filters: &HashMap<i64, Filter>, batch: Vec<Stored>) -> Vec<(Stored, lethe_filters::FilteredText, u32)> {
    let changed = batch.into_iter().filter_map(|stored| {
        let before = stored.removed();
        let text = stored.filtered_by(filters.get(&stored.conversation)?);
        let removed = text.redactions().len().saturating_sub(before);
        (text.as_str() != stored.text).then(|| (stored, text, u32::try_from(removed).unwrap_or(u32::MAX)))
    });
    changed.collect()
}

impl SweepRow {
    fn clone_view(&self) -> Sweep {
        let state = match self.state.as_str() {
            "running" => SweepState::Running,
            "done" => SweepState::Done,
            "cancelled" => SweepState::Cancelled,
            _ => SweepState::Failed,
        };
        Sweep {
            state,
            done: self.done,
            total: self.total.max(self.done),
            changed: self.changed,
            removed: self.removed,
            at: self.ended_at,
            failure: self.failure.as_deref().map(crate::base::error::sentence),
        }
    }

    /// As it was left: one that was running when the program ended was interrupted.
    fn view(self) -> Sweep {
        let sweep = self.clone_view();
        match sweep.state {
            SweepState::Running => Sweep { state: SweepState::Cancelled, ..sweep },
            _ => sweep,
        }
    }
}
