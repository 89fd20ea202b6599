//! What was stored before a list asked for it is cleaned too.
//!
//! A sweep filters every stored answer and every title by what is in force now, and writes back what has changed. The
//! search index follows by triggers; deleted bytes are overwritten (`secure_delete`, also in the index) and the journal
//! is emptied at the end, so that nothing of what was removed is left in the files. A sweep is written down with where it
//! stands: after a kill the next start goes on there, and nothing is swept twice for the same lists.
//!
//! What users typed stays as it is (`docs/adr/0001-user-words-are-kept-as-typed.md`), except where it became a title.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lethe_filters::Filter;
use serde::Serialize;
use tokio::sync::{Mutex, watch};
use ts_rs::TS;

use crate::error::{Error, Result};
use crate::filter::Filters;
use crate::history::{Stored, now, said};
use crate::lists::Lists;
use crate::store::Store;

/// Messages that are read and written in one go.
const BATCH: i64 = 256;

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
    /// Where it stands.
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
    /// Why it failed.
    pub failure: Option<String>,
}

/// Sweeps one data folder, one sweep at a time.
#[derive(Clone)]
pub struct Sweeper {
    store: Arc<Store>,
    filters: Arc<Filters>,
    lists: Lists,
    progress: Arc<watch::Sender<Sweep>>,
    cancelled: Arc<AtomicBool>,
    sweeping: Arc<Mutex<()>>,
}

#[derive(sqlx::FromRow)]
struct Row {
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
    pub async fn open(store: Arc<Store>, filters: Arc<Filters>, lists: Lists) -> Result<Self> {
        let last: Option<Row> =
            sqlx::query_as("SELECT * FROM sweep ORDER BY id DESC LIMIT 1").fetch_optional(store.pool()).await?;
        let progress = Arc::new(watch::Sender::new(last.map(Row::view).unwrap_or_default()));
        Ok(Self { store, filters, lists, progress, cancelled: Arc::default(), sweeping: Arc::default() })
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
        let digest = self.lists.digest().await?;
        let done: Option<(i64,)> = sqlx::query_as(
            "SELECT id FROM sweep WHERE state = 'done' AND digest = ? AND id = (SELECT max(id) FROM sweep)",
        )
        .bind(&digest)
        .fetch_optional(self.store.pool())
        .await?;
        Ok(done.is_none())
    }

    /// Ends the sweep that is under way. The next one goes on where it ended.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Sweeps now, or goes on with a sweep that was interrupted and that the same lists were in force for.
    ///
    /// # Errors
    /// `Store`; the sweep is noted as failed.
    pub async fn sweep(&self) -> Result<Sweep> {
        let _guard = self.sweeping.lock().await;
        self.cancelled.store(false, Ordering::Relaxed);
        let mut row = self.begin().await?;
        self.progress.send_replace(row.clone_view());
        let outcome = self.run(&mut row).await;
        let (state, failure) = match &outcome {
            Ok(true) => ("done", None),
            Ok(false) => ("cancelled", None),
            Err(error) => ("failed", Some(error.message.clone())),
        };
        row.state = state.to_owned();
        row.ended_at = Some(now());
        row.failure = failure;
        let noted = sqlx::query("UPDATE sweep SET state = ?, ended_at = ?, failure = ? WHERE id = ?")
            .bind(&row.state)
            .bind(row.ended_at)
            .bind(&row.failure)
            .bind(row.id)
            .execute(self.store.pool())
            .await;
        self.progress.send_replace(row.clone_view());
        outcome?;
        noted?;
        Ok(self.last())
    }

    /// The sweep that goes on, or a new one.
    async fn begin(&self) -> Result<Row> {
        let digest = self.lists.digest().await?;
        let open = "SELECT * FROM sweep WHERE id = (SELECT max(id) FROM sweep) AND state <> 'done' AND digest = ?";
        let open: Option<Row> = sqlx::query_as(open).bind(&digest).fetch_optional(self.store.pool()).await?;
        let id = match open {
            Some(row) => row.id,
            None => sqlx::query("INSERT INTO sweep (digest, state, started_at, total) VALUES (?, 'running', ?, 0)")
                .bind(&digest)
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

    /// True if it came to its end.
    async fn run(&self, row: &mut Row) -> Result<bool> {
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let batch = Stored::batch(&self.store, row.next, BATCH).await?;
            let Some(last) = batch.last().map(|stored| stored.message) else { break };
            let count = u32::try_from(batch.len()).unwrap_or(u32::MAX);
            let filters = self.filters_for(&batch).await?;
            let swept = tokio::task::spawn_blocking(move || swept(&filters, batch));
            let swept = swept.await.map_err(|_| {
                Error::new(crate::Code::Internal, "an answer can't be swept: start Lethe again and sweep anew")
            })?;
            let mut transaction = self.store.pool().begin().await?;
            for (stored, text, removed) in &swept {
                stored.replace(&mut transaction, text, row.id, *removed).await?;
                row.changed += 1;
                row.removed += removed;
            }
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
        self.sweep_titles(row).await?;
        self.store.checkpoint().await?;
        Ok(true)
    }

    /// The filter of each conversation: of those in which answers may repeat the user a filter of their own.
    async fn filters_for(&self, batch: &[Stored]) -> Result<HashMap<i64, Filter>> {
        let mut filters = HashMap::new();
        let plain = self.filters.current();
        for stored in batch {
            if !filters.contains_key(&stored.conversation) {
                let filter = match self.filters.echoes() {
                    true => plain.echoing(said(&self.store, stored.conversation).await?.iter().map(String::as_str)),
                    false => plain.clone(),
                };
                filters.insert(stored.conversation, filter);
            }
        }
        Ok(filters)
    }

    async fn sweep_titles(&self, row: &mut Row) -> Result<()> {
        let titles: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, title FROM conversation").fetch_all(self.store.pool()).await?;
        let filter = self.filters.current();
        let own = |title: &str| if self.filters.echoes() { filter.echoing([title]) } else { filter.clone() };
        let mut transaction = self.store.pool().begin().await?;
        for (id, title) in titles {
            let filtered = own(&title).filter(&title);
            if !filtered.redactions().is_empty() {
                sqlx::query("UPDATE conversation SET title = ? WHERE id = ?")
                    .bind(filtered.as_str())
                    .bind(id)
                    .execute(&mut *transaction)
                    .await?;
                row.changed += 1;
                row.removed += u32::try_from(filtered.redactions().len()).unwrap_or(u32::MAX);
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

impl Row {
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
            failure: self.failure.as_deref().map(crate::error::sentence),
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
