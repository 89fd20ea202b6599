//! Reading out of a damaged history what can be read.
//!
//! Conversations, messages and what was removed from them are read row by row into a new database, past the pages that
//! are damaged; the result is a backup like any other, and is put back like one. A history whose first page is damaged
//! can't be read at all: what decrypts all others is in it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column, Row, SqlitePool, TypeInfo, ValueRef};
use ts_rs::TS;

use super::{BackupName, BackupReason, key_of};
use crate::base::error::{Code, Error, Result};
use crate::base::key::{Key, Keychain};
use crate::base::paths::Paths;
use crate::base::store::{Lock, check, keep, migrate, partial, private_folder, single};

/// Tables with what is read out, and the column by which their rows are asked for; parents first.
const TABLES: [(&str, &str); 5] =
    [("conversation", "id"), ("message", "id"), ("piece", "message"), ("redaction", "message"), ("setting", "rowid")];

/// Rows of a damaged table that are asked for at most: without its end nobody knows how many there were.
const FURTHEST: i64 = 1 << 24;

/// What could be read.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Salvaged {
    /// A backup with it.
    pub path: PathBuf,
    pub conversations: u32,
    pub messages: u32,
    /// Whether some rows could not be read.
    pub incomplete: bool,
}

/// Reads what can be read of the history, or of `from`, into a new backup.
///
/// # Errors
/// `Store` when nothing can be read; `Busy` while another program has the folder open.
pub async fn salvage(paths: &Paths, keychain: &Keychain, from: Option<&Path>, now: i64) -> Result<Salvaged> {
    let busy = "another program has this history open: close Lethe everywhere and try again";
    let _opening = Lock::alone(paths.opening_lock(), Duration::from_secs(5), busy).await?;
    let _open = Lock::alone(paths.open_lock(), Duration::ZERO, busy).await?;
    let _backups = Lock::alone(paths.backups_lock(), Duration::from_secs(5), busy).await?;
    let folder = paths.backups();
    private_folder(&folder).map_err(|error| Error::unwritable(&folder, &error))?;
    let from = from.map_or_else(|| paths.database(), Path::to_owned);
    let key = key_of(paths, keychain, &from).await?;

    let part = partial(&folder)?;
    let target = single(&part, key.as_ref()).await?;
    let read = read_all(paths, &from, key.as_ref(), &target).await;
    target.close().await;
    let (conversations, messages, incomplete) = read?;
    if messages == 0 {
        return Err(Error::new(Code::Store, format!("no message can be read in {}", from.display())));
    }
    check(&part, key.as_ref()).await?;
    let mut name = BackupName { at: now, reason: BackupReason::Salvaged };
    while folder.join(name.to_string()).exists() {
        name.at += 1;
    }
    let path = folder.join(name.to_string());
    keep(part, &path)?;
    Ok(Salvaged { path, conversations, messages, incomplete })
}

async fn read_all(paths: &Paths, from: &Path, key: Option<&Key>, target: &SqlitePool) -> Result<(u32, u32, bool)> {
    migrate(target, paths).await?;
    let source = single(from, key).await?;
    let mut incomplete = false;
    for (table, by) in TABLES {
        incomplete |= read_table(&source, target, table, by).await?;
    }
    source.close().await;
    // A message without its conversation has one that says so; a removal without its message has nothing to say.
    sqlx::raw_sql(
        "INSERT INTO conversation (id, title, created_at, updated_at)
             SELECT conversation, 'Restored conversation', min(created_at), max(created_at) FROM message
             WHERE conversation NOT IN (SELECT id FROM conversation) GROUP BY conversation;
         UPDATE message SET answers = NULL WHERE answers NOT IN (SELECT id FROM message);
         UPDATE message SET shown = 1 WHERE answers IS NULL AND thinking_of IS NULL;
         DELETE FROM message WHERE thinking_of NOT IN (SELECT id FROM message);
         DELETE FROM redaction WHERE message NOT IN (SELECT id FROM message);
         DELETE FROM piece WHERE message NOT IN (SELECT id FROM message);
         INSERT INTO message_words (message_words) VALUES ('rebuild');",
    )
    .execute(target)
    .await?;
    let (conversations, messages): (u32, u32) =
        sqlx::query_as("SELECT (SELECT count(*) FROM conversation), (SELECT count(*) FROM message)")
            .fetch_one(target)
            .await?;
    Ok((conversations, messages, incomplete))
}

/// Reads the rows of one table. Whether some could not be read.
async fn read_table(source: &SqlitePool, target: &SqlitePool, table: &str, by: &str) -> Result<bool> {
    let mut incomplete = false;
    let mut from = 0;
    // How many rows at once: fewer where pages are damaged, until single ones are passed over.
    let mut step: i64 = 64;
    // How far the next jump goes where single rows can't be read one after the other: a damaged page near the top of a
    // table hides thousands. Behind a jump that found something again, what it passed over is tried row by row.
    let mut jump = 1;
    let mut tried_until = 0;
    while from < FURTHEST {
        let sql = format!("SELECT * FROM {table} WHERE {by} >= ? AND {by} < ?");
        let rows =
            sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from).bind(from.saturating_add(step)).fetch_all(source).await;
        match rows {
            Ok(_) if jump > 2 => {
                tried_until = from;
                from -= jump / 2 - 1;
                (jump, step) = (1, 1);
            }
            Ok(rows) => {
                jump = 1;
                for row in &rows {
                    // One that breaks a rule of the table is damaged too.
                    incomplete |= insert(target, table, row).await.is_err();
                }
                from += step;
                if rows.is_empty() {
                    match next(source, table, by, from).await {
                        Some(Some(next)) => from = next,
                        Some(None) => return Ok(incomplete),
                        // Nobody knows whether there is more: larger and larger steps end the search.
                        None => step = (step * 2).min(FURTHEST),
                    }
                } else {
                    step = (step * 2).min(64);
                }
            }
            Err(_) if step > 1 => step = (step / 2).max(1),
            Err(_) => {
                incomplete = true;
                if from < tried_until {
                    from += 1;
                } else {
                    (from, jump) = (from + jump, jump * 2);
                }
            }
        }
    }
    Ok(incomplete)
}

/// The number of the next row; none within if there is none, none at all if that can't be read.
async fn next(source: &SqlitePool, table: &str, by: &str, from: i64) -> Option<Option<i64>> {
    let sql = format!("SELECT min({by}) FROM {table} WHERE {by} >= ?");
    let row: (Option<i64>,) = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(from).fetch_one(source).await.ok()?;
    Some(row.0)
}

/// Writes a row of any table; columns that the other version does not have are left out.
async fn insert(target: &SqlitePool, table: &str, row: &SqliteRow) -> std::result::Result<(), sqlx::Error> {
    let columns: Vec<&str> = row.columns().iter().map(Column::name).collect();
    let names = columns.join(", ");
    let places = vec!["?"; columns.len()].join(", ");
    let sql = format!("INSERT OR REPLACE INTO {table} ({names}) VALUES ({places})");
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for at in 0..columns.len() {
        let value = row.try_get_raw(at)?;
        query = match value.type_info().name() {
            _ if value.is_null() => query.bind(None::<String>),
            "INTEGER" | "BOOLEAN" => query.bind(row.try_get_unchecked::<i64, _>(at)?),
            "REAL" => query.bind(row.try_get_unchecked::<f64, _>(at)?),
            "BLOB" => query.bind(row.try_get_unchecked::<Vec<u8>, _>(at)?),
            _ => query.bind(row.try_get_unchecked::<String, _>(at)?),
        };
    }
    // Rows may come before those that they refer to.
    let mut connection = target.acquire().await?;
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *connection).await?;
    query.execute(&mut *connection).await?;
    Ok(())
}
