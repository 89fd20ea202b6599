//! Answers as they are stored, to be filtered anew and written back.

use crate::base::clock::now;
use crate::lists::filter::State;
use lethe_filters::{Filter, FilteredText};
use sqlx::{Sqlite, Transaction};
use std::collections::hash_map::{Entry, HashMap};

use super::row::{self, Removed};
use crate::base::error::Result;

/// An answer that is not being written.
pub(crate) struct Stored {
    pub message: i64,
    pub conversation: i64,
    pub text: String,
    redactions: Vec<Removed>,
}

/// What the user said in a conversation.
///
/// # Errors
/// `Store`.
pub(crate) async fn said(transaction: &mut Transaction<'_, Sqlite>, conversation: i64) -> Result<Vec<String>> {
    let rows: Vec<(String,)> =
        sqlx::query_as("SELECT text FROM message WHERE conversation = ? AND role = 'user' ORDER BY id")
            .bind(conversation)
            .fetch_all(&mut **transaction)
            .await?;
    Ok(rows.into_iter().map(|(text,)| text).collect())
}

impl Stored {
    /// The next answers behind a message, in the order of their numbers; of all conversations, deleted ones too.
    ///
    /// # Errors
    /// `Store`.
    pub async fn batch(transaction: &mut Transaction<'_, Sqlite>, behind: i64, most: i64) -> Result<Vec<Self>> {
        Ok(Self::rows(transaction, behind, most).await?)
    }

    /// The same, where the caller asks what is wrong with the database.
    pub async fn rows(
        transaction: &mut Transaction<'_, Sqlite>,
        behind: i64,
        most: i64,
    ) -> std::result::Result<Vec<Self>, sqlx::Error> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT id, conversation, text FROM message WHERE id > ? AND role = 'assistant' AND state <> 'streaming' ORDER BY id LIMIT ?",
        )
        .bind(behind)
        .bind(most)
        .fetch_all(&mut **transaction)
        .await?;
        let Some((last, ..)) = rows.last() else { return Ok(Vec::new()) };
        let redactions: Vec<Removed> = sqlx::query_as(
            "SELECT message, place_start, place_end, kind, list, entry FROM redaction
             WHERE message > ? AND message <= ? ORDER BY message, place_start",
        )
        .bind(behind)
        .bind(last)
        .fetch_all(&mut **transaction)
        .await?;
        let mut redactions = redactions.into_iter().peekable();
        let mut answers = Vec::with_capacity(rows.len());
        for (message, conversation, text) in rows {
            while redactions.next_if(|removed| removed.message < message).is_some() {}
            let mut its = Vec::new();
            while let Some(removed) = redactions.next_if(|removed| removed.message == message) {
                its.push(removed);
            }
            answers.push(Self { message, conversation, text, redactions: its });
        }
        Ok(answers)
    }

    /// How many pieces were taken out of it so far.
    pub fn removed(&self) -> usize {
        self.redactions.len()
    }

    /// What a filter leaves of it.
    pub fn filtered_by(&self, filter: &Filter) -> FilteredText {
        row::refilter(filter, &self.text, self.redactions.clone())
    }

    /// Puts another text in its place; the search index follows.
    ///
    /// # Errors
    /// `Store`.
    pub async fn write(&self, transaction: &mut Transaction<'_, Sqlite>, text: &FilteredText) -> Result<()> {
        sqlx::query("UPDATE message SET text = ? WHERE id = ?")
            .bind(text.as_str())
            .bind(self.message)
            .execute(&mut **transaction)
            .await?;
        sqlx::query("DELETE FROM redaction WHERE message = ?").bind(self.message).execute(&mut **transaction).await?;
        for redaction in text.redactions() {
            Removed::of(self.message, redaction).insert(transaction).await?;
        }
        Ok(())
    }

    /// The same, and notes the sweep for its receipt.
    ///
    /// # Errors
    /// `Store`.
    pub async fn replace(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        text: &FilteredText,
        sweep: i64,
        removed: u32,
    ) -> Result<()> {
        self.write(transaction, text).await?;
        sqlx::query("INSERT OR REPLACE INTO swept (message, sweep, at, removed) VALUES (?, ?, ?, ?)")
            .bind(self.message)
            .bind(sweep)
            .bind(now())
            .bind(removed)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}

/// The filter of each conversation: of those in which answers may repeat the user a filter of their own.
pub(crate) async fn filters_for(
    transaction: &mut Transaction<'_, Sqlite>,
    state: &State,
    batch: &[Stored],
) -> Result<HashMap<i64, Filter>> {
    let mut filters = HashMap::new();
    for stored in batch {
        if let Entry::Vacant(entry) = filters.entry(stored.conversation) {
            let said = if state.echo { said(transaction, stored.conversation).await? } else { Vec::new() };
            entry.insert(state.filter_for(said.iter().map(String::as_str)));
        }
    }
    Ok(filters)
}
