//! Connections to a database, each with all that has to hold on it.

use std::path::Path;
use std::time::Duration;

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqlitePool};

use crate::base::key::Key;

/// <https://www.sqlite.org/rescode.html#corrupt>
const CORRUPT: i32 = 11;
/// <https://www.sqlite.org/rescode.html#notadb>
const NOT_A_DATABASE: i32 = 26;

/// A connection for pieces of answers. Loss of power may take what it wrote last: a sync for every piece would keep a
/// disk busy all the time. What other connections commit is on the disk, and all before it.
pub(super) fn pieces(path: &Path, key: Option<&Key>) -> SqlitePool {
    let options = options(path, key).synchronous(SqliteSynchronous::Normal);
    connections(1).connect_lazy_with(options)
}

/// Connections to the database of a data folder.
pub(super) async fn pool(path: &Path, key: Option<&Key>) -> Result<SqlitePool, sqlx::Error> {
    let options = options(path, key).journal_mode(SqliteJournalMode::Wal);
    let pool = connections(4).connect_with(options).await?;
    // Without a key that fits, nothing can be read.
    match sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&pool).await {
        Ok(_) => Ok(pool),
        Err(error) => {
            close(&pool).await;
            Err(error)
        }
    }
}

/// Ends all connections. Whoever gives a database up waits for that: SQLCipher frees what it has when a program ends, and a
/// connection that is being closed just then, on a thread of its own, takes the program down.
pub(crate) async fn close(pool: &SqlitePool) {
    pool.close().await;
}

/// One connection to a database that nobody else has open.
pub(crate) async fn single(path: &Path, key: Option<&Key>) -> Result<SqlitePool, sqlx::Error> {
    connections(1).connect_with(options(path, key)).await
}

/// SQLite gives up a transaction by itself when the disk is full. The connection then still counts one as open, and
/// could begin no other: it is closed instead of being used again.
fn connections(most: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(most).before_acquire(|connection, _| {
        let usable = !connection.is_in_transaction();
        Box::pin(async move { Ok(usable) })
    })
}

fn options(path: &Path, key: Option<&Key>) -> SqliteConnectOptions {
    // Begun by SQLCipher itself, OpenSSL frees what it has when a program ends, under the hands of connections that are
    // still being closed on threads of their own: the program would die of that.
    openssl_sys::init();
    let mut options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
    if let Some(key) = key {
        // SQLCipher writes its own lines to standard error as soon as it has a key, so that this has to follow at once.
        // The options put other pragmas before it.
        options = options.pragma("key", format!("{}; PRAGMA cipher_log_level = NONE", key.pragma().as_str()));
    }
    options
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging()
}

/// Whether a database can't be opened because the key is not its own, or its first page is damaged.
pub(crate) fn is_not_a_database(error: &sqlx::Error) -> bool {
    code(error) == Some(NOT_A_DATABASE)
}

/// Whether pages of a database are damaged.
pub(crate) fn is_damage(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(CORRUPT | NOT_A_DATABASE))
}

/// The primary result code of SQLite.
fn code(error: &sqlx::Error) -> Option<i32> {
    let sqlx::Error::Database(error) = error else { return None };
    error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}
