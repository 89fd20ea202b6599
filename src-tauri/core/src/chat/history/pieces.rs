//! The pieces of an answer that is being written: one row for each frame, joined into the message at its end.

use lethe_filters::{Filter, FilteredText, Redaction};
use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::MessageId;
use super::row::{self, MessageState, Removed};
use super::stored::said;
use crate::base::error::Result;
use crate::lists::filter::State;

/// A row that takes pieces.
pub(super) struct OpenRow {
    pub message: MessageId,
    /// Of the next one.
    number: i64,
}

/// A redaction of a piece, as JSON.
#[derive(Serialize, Deserialize)]
struct PieceRedaction {
    start: i64,
    end: i64,
    kind: String,
    list: Option<String>,
    entry: Option<String>,
}

impl OpenRow {
    pub fn new(message: i64) -> Self {
        Self { message: MessageId(message), number: 0 }
    }

    /// Writes the next piece.
    pub async fn append(&mut self, connection: &mut SqliteConnection, text: &FilteredText) -> Result<()> {
        insert(self.message, self.number, text).execute(connection).await?;
        self.number += 1;
        Ok(())
    }

    /// Writes one piece in the place of all.
    pub async fn replace(&mut self, transaction: &mut Transaction<'_, Sqlite>, text: &FilteredText) -> Result<()> {
        sqlx::query("DELETE FROM piece WHERE message = ?").bind(self.message.0).execute(&mut **transaction).await?;
        insert(self.message, self.number, text).execute(&mut **transaction).await?;
        self.number += 1;
        Ok(())
    }

    /// Makes the pieces the text of the message. Whether the filter took something more out of it.
    pub async fn join(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        state: MessageState,
        filter: &Filter,
    ) -> Result<(FilteredText, bool)> {
        let (filtered, changed) = self.read(transaction, filter).await?;
        for redaction in filtered.redactions() {
            Removed::of(self.message.0, redaction).insert(transaction).await?;
        }
        sqlx::query("UPDATE message SET text = ?, state = ? WHERE id = ?")
            .bind(filtered.as_str())
            .bind(state.name())
            .bind(self.message.0)
            .execute(&mut **transaction)
            .await?;
        sqlx::query("DELETE FROM piece WHERE message = ?").bind(self.message.0).execute(&mut **transaction).await?;
        Ok((filtered, changed))
    }

    /// The pieces as one text, and whether the filter took something more out of it.
    async fn read(&self, transaction: &mut Transaction<'_, Sqlite>, filter: &Filter) -> Result<(FilteredText, bool)> {
        let pieces: Vec<(String, String)> =
            sqlx::query_as("SELECT text, redactions FROM piece WHERE message = ? ORDER BY number")
                .bind(self.message.0)
                .fetch_all(&mut **transaction)
                .await?;
        let mut text = String::new();
        let mut removed = Vec::new();
        for (piece, redactions) in pieces {
            let shift = i64::try_from(text.len()).unwrap_or(i64::MAX);
            let redactions: Vec<PieceRedaction> = serde_json::from_str(&redactions).unwrap_or_default();
            removed.extend(redactions.into_iter().map(|redaction| redaction.at(self.message, shift)));
            text.push_str(&piece);
        }
        let filtered = row::refilter(filter, &text, removed);
        let changed = filtered.as_str() != text;
        Ok((filtered, changed))
    }
}

/// Closes a message that was being written, in a database that nobody writes to.
///
/// # Errors
/// `Store`.
pub(crate) async fn interrupt(transaction: &mut Transaction<'_, Sqlite>, message: i64, filter: &Filter) -> Result<()> {
    OpenRow::new(message).join(transaction, MessageState::Interrupted, filter).await?;
    Ok(())
}

/// Filters the pieces of all answers that are being written, also by a program that does not look any more. One that
/// does writes its pieces anew a second later. How many were changed, and how many pieces more were taken out.
///
/// # Errors
/// `Store`.
pub(crate) async fn sweep_open(transaction: &mut Transaction<'_, Sqlite>, state: &State) -> Result<(u32, u32)> {
    let open: Vec<(i64, i64)> = sqlx::query_as("SELECT id, conversation FROM message WHERE state = 'streaming'")
        .fetch_all(&mut **transaction)
        .await?;
    let (mut changed, mut removed) = (0, 0);
    for (message, conversation) in open {
        let typed = if state.echo { said(transaction, conversation).await? } else { Vec::new() };
        let filter = state.filter_for(typed.iter().map(String::as_str));
        let row = OpenRow::new(message);
        let before = count(transaction, message).await?;
        let (text, is_changed) = row.read(transaction, &filter).await?;
        if !is_changed {
            continue;
        }
        // The numbers of pieces that its writer will add are higher.
        sqlx::query("DELETE FROM piece WHERE message = ?").bind(message).execute(&mut **transaction).await?;
        insert(row.message, 0, &text).execute(&mut **transaction).await?;
        changed += 1;
        removed += u32::try_from(text.redactions().len()).unwrap_or(u32::MAX).saturating_sub(before);
    }
    Ok((changed, removed))
}

/// How many redactions the pieces of a message have.
async fn count(transaction: &mut Transaction<'_, Sqlite>, message: i64) -> Result<u32> {
    let (count,): (u32,) =
        sqlx::query_as("SELECT coalesce(sum(json_array_length(redactions)), 0) FROM piece WHERE message = ?")
            .bind(message)
            .fetch_one(&mut **transaction)
            .await?;
    Ok(count)
}

fn insert(
    message: MessageId,
    number: i64,
    text: &FilteredText,
) -> sqlx::query::Query<'_, Sqlite, sqlx::sqlite::SqliteArguments> {
    let redactions: Vec<PieceRedaction> = text.redactions().iter().map(PieceRedaction::new).collect();
    let redactions = serde_json::to_string(&redactions).unwrap_or_else(|_| "[]".to_owned());
    sqlx::query("INSERT INTO piece (message, number, text, redactions) VALUES (?, ?, ?, ?)")
        .bind(message.0)
        .bind(number)
        .bind(text.as_str())
        .bind(redactions)
}

impl PieceRedaction {
    fn new(redaction: &Redaction) -> Self {
        let place = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
        let (list, entry) = crate::base::segment::source(&redaction.source);
        Self {
            start: place(redaction.place.start),
            end: place(redaction.place.end),
            kind: redaction.kind.to_string(),
            list,
            entry,
        }
    }

    fn at(self, message: MessageId, shift: i64) -> Removed {
        Removed {
            message: message.0,
            place_start: self.start + shift,
            place_end: self.end + shift,
            kind: self.kind,
            list: self.list,
            entry: self.entry,
        }
    }
}
