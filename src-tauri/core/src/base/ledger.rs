//! The network ledger: every request that the product made, with time, host, proxy, purpose and bytes.
//!
//! A request is written down before it is sent and completed when it is over, so one that a crash cut off is there too.
//! One that can't be written down is not sent.
//! Paths are not kept: host, purpose and size say enough, and a path could name what somebody looked for.

use std::collections::HashMap;
use std::sync::Arc;

use lethe_network::{BoxFuture, Exchange, Purpose, Recorder, Refusal};
use serde::Serialize;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use ts_rs::TS;

use crate::base::clock::now;
use crate::base::error::Result;
use crate::base::store::Store;

/// So many requests are kept; a year of daily refreshes is less.
const KEPT: i64 = 20_000;
/// Entries of a page.
const PAGE: usize = 200;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    #[ts(type = "number")]
    pub id: i64,
    /// When, milliseconds since 1970.
    #[ts(type = "number")]
    pub at: i64,
    /// What for, in words.
    pub purpose: String,
    /// Whom, with the port where it is not the usual one.
    pub host: String,
    /// The proxy that it went through, without its password.
    pub proxy: Option<String>,
    /// The HTTP status; none where no answer came.
    pub status: Option<u16>,
    /// Bytes of its body.
    #[ts(type = "number")]
    pub sent_bytes: i64,
    /// Bytes of the answer's body.
    #[ts(type = "number")]
    pub received_bytes: i64,
    /// Whether it is over.
    pub over: bool,
}

/// What one host was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, sqlx::FromRow)]
#[serde(rename_all = "camelCase")]
pub struct LedgerTotal {
    pub host: String,
    #[ts(type = "number")]
    pub requests: i64,
    /// Bytes that went there.
    #[ts(type = "number")]
    pub sent_bytes: i64,
    /// Bytes that came from there.
    #[ts(type = "number")]
    pub received_bytes: i64,
}

/// A part of the ledger, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct LedgerPage {
    pub entries: Vec<LedgerEntry>,
    /// Whether there are older ones.
    pub more: bool,
    /// All hosts, the one with the most bytes first.
    pub totals: Vec<LedgerTotal>,
}

enum Note {
    /// A request that waits for its row; when it was to begin.
    Begins(Box<Exchange>, i64, oneshot::Sender<std::result::Result<(), Refusal>>),
    Over(Box<Exchange>),
    Clear(oneshot::Sender<sqlx::Result<()>>),
    Flush(oneshot::Sender<()>),
}

/// The ledger of a data folder.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<Store>,
    notes: UnboundedSender<Note>,
}

impl Ledger {
    /// On an open database. To be called within a runtime.
    pub fn new(store: Arc<Store>) -> Self {
        let (notes, incoming) = unbounded_channel();
        tokio::spawn(write(store.clone(), incoming));
        Self { store, notes }
    }

    /// Waits until everything that was heard is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.notes.send(Note::Flush(done)).is_ok() {
            // It fails only when the writer is gone, and then nothing waits.
            let _ = written.await;
        }
    }

    /// Requests before the one of this number, or the newest.
    ///
    /// # Errors
    /// `Store`.
    pub async fn page(&self, before: Option<i64>) -> Result<LedgerPage> {
        self.flush().await;
        type Row = (i64, i64, String, String, Option<String>, Option<i64>, i64, i64, bool);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, at, purpose, host, proxy, status, bytes_sent, bytes_received, over FROM request
             WHERE id < ? ORDER BY id DESC LIMIT ?",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(PAGE as i64 + 1)
        .fetch_all(self.store.pool())
        .await?;
        let more = rows.len() > PAGE;
        let entry = |(id, at, purpose, host, proxy, status, sent_bytes, received_bytes, over): Row| LedgerEntry {
            id,
            at,
            purpose,
            host,
            proxy,
            status: status.and_then(|status| u16::try_from(status).ok()),
            sent_bytes,
            received_bytes,
            over,
        };
        let entries = rows.into_iter().take(PAGE).map(entry).collect();
        let totals = sqlx::query_as(
            "SELECT host, COUNT(*) AS requests, SUM(bytes_sent) AS sent_bytes, SUM(bytes_received) AS received_bytes
             FROM request GROUP BY host ORDER BY received_bytes DESC, host",
        )
        .fetch_all(self.store.pool())
        .await?;
        Ok(LedgerPage { entries, more, totals })
    }

    /// Forgets all requests but those that this program is making, also those that a crash cut off.
    ///
    /// # Errors
    /// `Store`.
    pub async fn clear(&self) -> Result<()> {
        let (done, cleared) = oneshot::channel();
        // The writer ends only with the program.
        let _ = self.notes.send(Note::Clear(done));
        Ok(cleared.await.unwrap_or(Ok(()))?)
    }
}

impl Recorder for Ledger {
    fn begins(&self, exchange: Exchange) -> BoxFuture<'static, std::result::Result<(), Refusal>> {
        let (written, is_written) = oneshot::channel();
        // The writer ends only with the program.
        let _ = self.notes.send(Note::Begins(Box::new(exchange), now(), written));
        Box::pin(async { is_written.await.unwrap_or(Err(Refusal::NotRecorded)) })
    }

    fn over(&self, exchange: Exchange) {
        let Exchange { purpose, ref host, bytes_received, status, .. } = exchange;
        tracing::info!(?purpose, host, bytes_received, status, "request");
        let _ = self.notes.send(Note::Over(Box::new(exchange)));
    }
}

/// Writes what comes in until nobody is left who could send.
async fn write(store: Arc<Store>, mut incoming: UnboundedReceiver<Note>) {
    let mut open: HashMap<u64, i64> = HashMap::new();
    while let Some(note) = incoming.recv().await {
        let written = match note {
            Note::Begins(exchange, at, written) => {
                let row = allowed(&store, &exchange, at).await;
                // Nobody may wait any more: then the request is not made.
                let _ = written.send(row.as_ref().map(|_| ()).map_err(|(refusal, _)| *refusal));
                match row {
                    Ok(id) => {
                        open.insert(exchange.number, id);
                        Ok(())
                    }
                    Err((_, error)) => error.map_or(Ok(()), Err),
                }
            }
            Note::Over(exchange) => match open.remove(&exchange.number) {
                Some(id) => end(&store, &exchange, id).await,
                None => Ok(()),
            },
            Note::Clear(done) => {
                let _ = done.send(clear(&store, open.values()).await);
                Ok(())
            }
            Note::Flush(done) => {
                let _ = done.send(());
                Ok(())
            }
        };
        if let Err(error) = written {
            tracing::warn!(%error, "a request is not in the ledger");
        }
    }
}

/// Writes a request down, unless requests were forbidden meanwhile in another program on the same data.
async fn allowed(
    store: &Store,
    exchange: &Exchange,
    at: i64,
) -> std::result::Result<i64, (Refusal, Option<sqlx::Error>)> {
    let unwritten = |error| (Refusal::NotRecorded, Some(error));
    match is_forbidden(store).await {
        Ok(true) => Err((Refusal::Forbidden, None)),
        Ok(false) => begin(store, exchange, at).await.map_err(unwritten),
        Err(error) => Err(unwritten(error)),
    }
}

async fn is_forbidden(store: &Store) -> sqlx::Result<bool> {
    let row: Option<(Option<bool>,)> =
        sqlx::query_as("SELECT json_extract(value, '$.offline') FROM setting WHERE name = 'settings'")
            .fetch_optional(store.pool())
            .await?;
    Ok(row.and_then(|(offline,)| offline).unwrap_or_default())
}

async fn begin(store: &Store, exchange: &Exchange, at: i64) -> sqlx::Result<i64> {
    let row = sqlx::query(
        "INSERT INTO request (at, purpose, host, proxy, bytes_sent, bytes_received) VALUES (?, ?, ?, ?, ?, 0)",
    )
    .bind(at)
    .bind(words(exchange.purpose))
    .bind(&exchange.host)
    .bind(&exchange.proxy)
    .bind(exchange.bytes_sent.cast_signed())
    .execute(store.pool())
    .await?;
    let id = row.last_insert_rowid();
    sqlx::query("DELETE FROM request WHERE id <= ?").bind(id - KEPT).execute(store.pool()).await?;
    Ok(id)
}

async fn clear(store: &Store, open: impl Iterator<Item = &i64>) -> sqlx::Result<()> {
    let kept = serde_json::Value::from_iter(open.copied()).to_string();
    sqlx::query("DELETE FROM request WHERE id NOT IN (SELECT value FROM json_each(?))")
        .bind(kept)
        .execute(store.pool())
        .await?;
    Ok(())
}

async fn end(store: &Store, exchange: &Exchange, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE request SET status = ?, bytes_received = ?, over = 1 WHERE id = ?")
        .bind(exchange.status)
        .bind(exchange.bytes_received.cast_signed())
        .bind(id)
        .execute(store.pool())
        .await?;
    Ok(())
}

/// A purpose in words, as the ledger shows it.
fn words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Metadata => "what is new in a list",
        Purpose::Segment => "a part of a list",
        Purpose::PlainFile => "a list",
        Purpose::ModelCard => "a model's card",
        Purpose::ModelList => "whether there are new models",
        Purpose::ModelSearch => "a search for models",
        Purpose::ModelFiles => "the files of a model",
        Purpose::ModelFile => "a model",
        Purpose::RemoteModels => "the models of your server",
        Purpose::RemoteChat => "a conversation with your server",
    }
}
