//! The compliance report: which lists were in force when, what they removed, and what was cleaned afterwards.
//!
//! For a data-protection officer, as JSON and as a page to read. It names kinds, lists and entry ids, and never holds
//! removed text, text of users or of models, or titles.

mod page;

use crate::base::clock::{date, now};
use crate::base::store::Store;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::{Code, Error, Result};
use crate::lists::facts::ListFacts;
use crate::lists::library::{ListView, Lists};

/// The report. Times are milliseconds since 1970.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Version of Lethe.
    pub lethe: String,
    /// When it was made.
    pub made_at: i64,
    /// Answers that are stored.
    pub answers: u32,
    /// Answers from which something was removed.
    pub answers_with_removals: u32,
    /// All lists, as they are now.
    pub lists: Vec<ListView>,
    /// What was in force, the oldest first.
    pub in_force: Vec<InForce>,
    /// Removals of stored answers by kind, the most first.
    pub by_kind: Vec<KindCount>,
    /// Removals of stored answers by list and entry, the most first.
    pub by_entry: Vec<EntryCount>,
    /// Sweeps of stored answers, the oldest first.
    pub sweeps: Vec<SweepFacts>,
}

/// What was in force for a time.
#[derive(Debug, Clone, Serialize)]
pub struct InForce {
    pub from: i64,
    /// Until when; none for what is in force now.
    pub until: Option<i64>,
    pub lists: Vec<ListFacts>,
    pub detectors: Vec<String>,
}

/// How often a kind was removed.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct KindCount {
    pub kind: String,
    pub removals: u32,
}

/// How often an entry was removed.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct EntryCount {
    /// The list; none for detectors.
    pub list: Option<String>,
    /// The entry; none for detectors.
    pub entry: Option<String>,
    pub kind: String,
    pub removals: u32,
}

/// A sweep of stored answers.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct SweepFacts {
    pub started_at: i64,
    pub ended_at: Option<i64>,
    /// `running`, `done`, `cancelled` or `failed`.
    pub state: String,
    /// Answers that were looked at.
    pub answers: u32,
    /// Answers and titles that were changed.
    pub changed: u32,
    /// Pieces that were taken out.
    pub removed: u32,
    /// Backups that held something and were written anew.
    pub backups_rewritten: u32,
    /// Backups that were deleted, because they could not be written anew.
    pub backups_dropped: u32,
    /// Backups and folders of backups that could not be looked through.
    pub backups_unreached: u32,
}

#[derive(sqlx::FromRow)]
struct InForceRow {
    at: i64,
    lists: String,
    detectors: String,
}

impl Report {
    /// Makes the report of now.
    ///
    /// # Errors
    /// `Store`.
    pub async fn of(store: &Store, lists: &Lists) -> Result<Self> {
        let pool = store.pool();
        let (answers, answers_with_removals): (u32, u32) = sqlx::query_as(
            "SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM redaction WHERE message = id))
             FROM message WHERE role = 'assistant' AND thinking_of IS NULL",
        )
        .fetch_one(pool)
        .await?;
        let rows: Vec<InForceRow> =
            sqlx::query_as("SELECT at, lists, detectors FROM in_force ORDER BY id").fetch_all(pool).await?;
        let ends: Vec<Option<i64>> = rows.iter().skip(1).map(|row| Some(row.at)).chain([None]).collect();
        let unreadable =
            |_| Error::new(Code::Store, "what was in force can't be read: restore the history from a backup");
        let in_force = rows.into_iter().zip(ends).map(|(row, until)| {
            Ok(InForce {
                from: row.at,
                until,
                lists: serde_json::from_str(&row.lists).map_err(unreadable)?,
                detectors: serde_json::from_str(&row.detectors).map_err(unreadable)?,
            })
        });
        Ok(Self {
            lethe: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now(),
            answers,
            answers_with_removals,
            lists: lists.all().await?,
            in_force: in_force.collect::<Result<_>>()?,
            by_kind: sqlx::query_as(
                "SELECT kind, count(*) AS removals FROM redaction GROUP BY kind ORDER BY removals DESC, kind",
            )
            .fetch_all(pool)
            .await?,
            by_entry: sqlx::query_as(
                "SELECT list, entry, kind, count(*) AS removals FROM redaction
                 GROUP BY list, entry, kind ORDER BY removals DESC, list, entry, kind",
            )
            .fetch_all(pool)
            .await?,
            sweeps: sqlx::query_as(
                "SELECT started_at, ended_at, state, done AS answers, changed, removed, backups_rewritten,
                     backups_dropped, backups_unreached FROM sweep ORDER BY id",
            )
            .fetch_all(pool)
            .await?,
        })
    }

    /// Writes it as `lethe-report-DATE.json` and `.html` into a folder; gives back the page's path.
    ///
    /// # Errors
    /// `Store` when the folder can't be written.
    pub fn write(&self, folder: &Path) -> Result<PathBuf> {
        let stem = format!("lethe-report-{}", date(self.made_at));
        crate::chat::export::write_new(folder, &stem, "json", &(crate::chat::export::json(self)? + "\n"))?;
        crate::chat::export::write_new(folder, &stem, "html", &self.page())
    }

    /// The page, which needs nothing beside itself.
    pub fn page(&self) -> String {
        page::page(self)
    }
}
