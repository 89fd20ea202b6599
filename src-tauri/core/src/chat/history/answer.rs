//! An answer on its way into the database: begun, written piece by piece, finished in one transaction.
//!
//! What the model thinks before it answers is written beside the answer, to a row of its own that belongs to it. Both
//! take the same road, and both are finished in the same transaction.

use crate::base::clock::now;
use lethe_filters::{FilteredText, Redaction};
use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, Transaction};

use super::row::{self, MessageState, Removed, Stats};
use super::stored::said;
use super::{ConversationId, ConversationSummary, History, Message, MessageId, UserText, shorten};
use crate::base::error::{Error, Result};
use crate::chat::receipt::{Receipt, SweptFacts};

/// An answer that is being written. What was not finished when the program ends is `interrupted` at the next start.
pub struct OpenAnswer {
    history: History,
    conversation: ConversationId,
    answer: OpenRow,
    thinking: Option<OpenRow>,
}

/// A row that takes pieces.
struct OpenRow {
    message: MessageId,
    pieces: i64,
}

impl OpenRow {
    fn new(message: i64) -> Self {
        Self { message: MessageId(message), pieces: 0 }
    }
}

/// How an answer ended.
pub struct End {
    /// Never `Streaming`.
    pub state: MessageState,
    /// One sentence about what happened to it.
    pub note: Option<String>,
    /// What it took, as far as that is known.
    pub stats: Option<Stats>,
    /// How it came about.
    pub receipt: Option<Receipt>,
}

/// A redaction of a piece, as JSON.
#[derive(Serialize, Deserialize)]
struct Kept {
    start: i64,
    end: i64,
    kind: String,
    list: Option<String>,
    entry: Option<String>,
}

impl History {
    /// Stores what the user said and begins the answer to it. Without a conversation a new one is made, with the
    /// first words as its title.
    ///
    /// # Errors
    /// `NotFound`, `Store`; then nothing is stored.
    pub async fn begin(
        &self,
        conversation: Option<ConversationId>,
        text: &UserText,
        model: &str,
    ) -> Result<(MessageId, OpenAnswer)> {
        let mut transaction = self.store.pool().begin().await?;
        let conversation = match conversation {
            Some(id) => id,
            None => new_conversation(&mut transaction, &self.title(&shorten(text.as_str()))).await?,
        };
        touch(&mut transaction, conversation).await?;
        let user = sqlx::query(
            "INSERT INTO message (conversation, role, text, state, created_at) VALUES (?, 'user', ?, 'complete', ?)",
        )
        .bind(conversation.0)
        .bind(text.as_str())
        .bind(now())
        .execute(&mut *transaction)
        .await?
        .last_insert_rowid();
        let answer = self.insert_answer(&mut transaction, conversation, MessageId(user), model).await?;
        transaction.commit().await?;
        Ok((MessageId(user), answer))
    }

    /// Begins another answer to the last message of the user; the earlier answers stay as variants.
    ///
    /// # Errors
    /// `NotFound` when there is no message to answer, `Store`.
    pub async fn begin_again(&self, conversation: ConversationId, model: &str) -> Result<OpenAnswer> {
        let mut transaction = self.store.pool().begin().await?;
        touch(&mut transaction, conversation).await?;
        let last: Option<(i64,)> =
            sqlx::query_as("SELECT id FROM message WHERE conversation = ? AND role = 'user' ORDER BY id DESC LIMIT 1")
                .bind(conversation.0)
                .fetch_optional(&mut *transaction)
                .await?;
        let (user,) = last.ok_or_else(|| Error::not_found("message"))?;
        sqlx::query("UPDATE message SET shown = 0 WHERE answers = ?").bind(user).execute(&mut *transaction).await?;
        let answer = self.insert_answer(&mut transaction, conversation, MessageId(user), model).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    /// Begins a summary, which will stand in prompts for everything before it.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn begin_summary(&self, conversation: ConversationId, model: &str) -> Result<OpenAnswer> {
        let mut transaction = self.store.pool().begin().await?;
        touch(&mut transaction, conversation).await?;
        let summary = sqlx::query(
            "INSERT INTO message (conversation, role, text, state, summary, created_at, model)
             VALUES (?, 'assistant', '', 'streaming', 1, ?, ?)",
        )
        .bind(conversation.0)
        .bind(now())
        .bind(model)
        .execute(&mut *transaction)
        .await?
        .last_insert_rowid();
        transaction.commit().await?;
        Ok(self.open_answer(conversation, summary))
    }

    async fn insert_answer(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
        conversation: ConversationId,
        user: MessageId,
        model: &str,
    ) -> Result<OpenAnswer> {
        let answer = sqlx::query(
            "INSERT INTO message (conversation, role, text, state, answers, created_at, model)
             VALUES (?, 'assistant', '', 'streaming', ?, ?, ?)",
        )
        .bind(conversation.0)
        .bind(user.0)
        .bind(now())
        .bind(model)
        .execute(&mut **transaction)
        .await?
        .last_insert_rowid();
        Ok(self.open_answer(conversation, answer))
    }

    fn open_answer(&self, conversation: ConversationId, answer: i64) -> OpenAnswer {
        OpenAnswer { history: self.clone(), conversation, answer: OpenRow::new(answer), thinking: None }
    }

    /// Turns answers that a crash left open into interrupted ones, with every piece that was written. To be called
    /// only by the program that cleans up, see [`crate::base::store::Store::cleans_up`].
    ///
    /// # Errors
    /// `Store`.
    pub async fn recover(&self) -> Result<u32> {
        let open: Vec<(i64, i64, Option<i64>)> = sqlx::query_as(
            "SELECT id, conversation, (SELECT t.id FROM message t WHERE t.thinking_of = m.id)
             FROM message m WHERE state = 'streaming' AND thinking_of IS NULL",
        )
        .fetch_all(self.store.pool())
        .await?;
        let mut recovered = 0;
        for (message, conversation, thinking) in &open {
            let mut answer = self.open_answer(ConversationId(*conversation), *message);
            answer.thinking = thinking.map(OpenRow::new);
            let note = "Lethe was closed while this answer was being written: what had been shown by then is kept";
            let end = End { state: MessageState::Interrupted, note: Some(note.to_owned()), stats: None, receipt: None };
            // One that can't be closed stays open for the next start; it keeps nobody from the others.
            match answer.close(end).await {
                Ok(()) => recovered += 1,
                Err(error) => tracing::error!(%error, message, "an interrupted answer can't be closed"),
            }
        }
        Ok(recovered)
    }

    /// A message with its text and redactions.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn message(&self, conversation: ConversationId, id: MessageId) -> Result<Message> {
        let conversation = self.open(conversation).await?;
        let found = conversation.messages.into_iter().find(|message| message.id == id);
        found.ok_or_else(|| Error::not_found("message"))
    }

    /// The receipt of an answer with the sweeps since; none of an answer that was interrupted. What it says of
    /// redactions is as the answer stands now.
    ///
    /// # Errors
    /// `Store`.
    pub async fn receipt(&self, id: MessageId) -> Result<Option<Receipt>> {
        let row: Option<(Option<String>,)> = sqlx::query_as("SELECT receipt FROM message WHERE id = ?")
            .bind(id.0)
            .fetch_optional(self.store.pool())
            .await?;
        let receipt = row.and_then(|(receipt,)| receipt).and_then(|json| serde_json::from_str(&json).ok());
        let Some(receipt): Option<Receipt> = receipt else { return Ok(None) };
        let swept: Vec<SweptFacts> = sqlx::query_as(
            "SELECT max(at) AS at, sum(removed) AS removed FROM swept
             WHERE message = ?1 OR message IN (SELECT id FROM message WHERE thinking_of = ?1) GROUP BY sweep ORDER BY sweep",
        )
        .bind(id.0)
        .fetch_all(self.store.pool())
        .await?;
        if swept.is_empty() {
            return Ok(Some(receipt));
        }
        let now_removed =
            "SELECT kind, list, entry, place_start AS start, place_end AS \"end\" FROM redaction WHERE message";
        let redactions = format!("{now_removed} = ? ORDER BY place_start");
        let thinking = format!("{now_removed} IN (SELECT id FROM message WHERE thinking_of = ?) ORDER BY place_start");
        let redactions =
            sqlx::query_as(sqlx::AssertSqlSafe(redactions)).bind(id.0).fetch_all(self.store.pool()).await?;
        let thinking = sqlx::query_as(sqlx::AssertSqlSafe(thinking)).bind(id.0).fetch_all(self.store.pool()).await?;
        Ok(Some(Receipt { redactions, thinking, swept, ..receipt }))
    }
}

async fn new_conversation(transaction: &mut Transaction<'_, Sqlite>, title: &str) -> Result<ConversationId> {
    let made = sqlx::query("INSERT INTO conversation (title, created_at, updated_at) VALUES (?1, ?2, ?2)")
        .bind(title)
        .bind(now())
        .execute(&mut **transaction)
        .await?;
    Ok(ConversationId(made.last_insert_rowid()))
}

async fn touch(transaction: &mut Transaction<'_, Sqlite>, conversation: ConversationId) -> Result<()> {
    let done = sqlx::query("UPDATE conversation SET updated_at = ? WHERE id = ? AND deleted_at IS NULL")
        .bind(now())
        .bind(conversation.0)
        .execute(&mut **transaction)
        .await?;
    if done.rows_affected() == 0 {
        return Err(Error::not_found("conversation"));
    }
    Ok(())
}

impl OpenAnswer {
    /// The message that is being written.
    pub fn message(&self) -> MessageId {
        self.answer.message
    }

    /// The conversation it belongs to.
    pub fn conversation(&self) -> ConversationId {
        self.conversation
    }

    /// Writes the next piece of the answer. Only when this has returned may the piece be shown.
    ///
    /// # Errors
    /// `Store`; the pieces before are safe.
    pub async fn append(&mut self, text: &FilteredText) -> Result<()> {
        append(&self.history, &mut self.answer, text).await
    }

    /// Writes the next piece of what the model thinks.
    ///
    /// # Errors
    /// `Store`; the pieces before are safe.
    pub async fn append_thinking(&mut self, text: &FilteredText) -> Result<()> {
        if self.thinking.is_none() {
            let row = sqlx::query(
                "INSERT INTO message (conversation, role, text, state, shown, thinking_of, created_at)
                 VALUES (?, 'assistant', '', 'streaming', 0, ?, ?)",
            )
            .bind(self.conversation.0)
            .bind(self.answer.message.0)
            .bind(now())
            .execute(self.history.store.pool())
            .await?;
            self.thinking = Some(OpenRow::new(row.last_insert_rowid()));
        }
        match &mut self.thinking {
            Some(thinking) => append(&self.history, thinking, text).await,
            None => Ok(()),
        }
    }

    /// Joins the pieces into the message, in one transaction.
    ///
    /// # Errors
    /// `Store`; then the answer is still open, and the next start closes it.
    pub async fn finish(&self, end: End) -> Result<(Message, ConversationSummary)> {
        self.close(end).await?;
        let message = self.history.message(self.conversation, self.answer.message).await?;
        let summary = self.history.summary(self.conversation).await?;
        Ok((message, summary))
    }

    /// Joins the pieces, also where nobody sees the message any more.
    async fn close(&self, end: End) -> Result<()> {
        // Whoever sweeps at the same time waits, or has changed the filter before it is asked for here.
        let mut transaction = self.history.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        // Lists may have changed since the answer was begun, and a sweep leaves open answers out.
        let filters = &self.history.filters;
        let said = if filters.echoes() { said(&mut transaction, self.conversation.0).await? } else { Vec::new() };
        let filter = filters.current_for(said.iter().map(String::as_str));
        let mut changed = join(&mut transaction, &self.answer, end.state, &filter).await?;
        if let Some(thinking) = &self.thinking {
            changed |= join(&mut transaction, thinking, end.state, &filter).await?;
        }
        sqlx::query("UPDATE message SET note = ?, stats = ?, receipt = ? WHERE id = ?")
            .bind(end.note)
            .bind(end.stats.and_then(|stats| serde_json::to_string(&stats).ok()))
            .bind(end.receipt.and_then(|receipt| serde_json::to_string(&receipt).ok()))
            .bind(self.answer.message.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        if changed {
            // The pieces had what was removed just now.
            self.history.store.checkpoint().await?;
        }
        Ok(())
    }
}

async fn append(history: &History, row: &mut OpenRow, text: &FilteredText) -> Result<()> {
    let kept: Vec<Kept> = text.redactions().iter().map(Kept::new).collect();
    let redactions = serde_json::to_string(&kept).unwrap_or_else(|_| "[]".to_owned());
    sqlx::query("INSERT INTO piece (message, number, text, redactions) VALUES (?, ?, ?, ?)")
        .bind(row.message.0)
        .bind(row.pieces)
        .bind(text.as_str())
        .bind(redactions)
        .execute(history.store.pieces())
        .await?;
    row.pieces += 1;
    Ok(())
}

/// Closes a message that was being written, in a database that nobody writes to.
///
/// # Errors
/// `Store`.
pub(crate) async fn interrupt(
    transaction: &mut Transaction<'_, Sqlite>,
    message: i64,
    filter: &lethe_filters::Filter,
) -> Result<()> {
    join(transaction, &OpenRow::new(message), MessageState::Interrupted, filter).await?;
    Ok(())
}

/// Makes the pieces of a row its text. Whether the filter of now took something more out of it.
async fn join(
    transaction: &mut Transaction<'_, Sqlite>,
    row: &OpenRow,
    state: MessageState,
    filter: &lethe_filters::Filter,
) -> Result<bool> {
    let pieces: Vec<(String, String)> =
        sqlx::query_as("SELECT text, redactions FROM piece WHERE message = ? ORDER BY number")
            .bind(row.message.0)
            .fetch_all(&mut **transaction)
            .await?;
    let mut text = String::new();
    let mut removed = Vec::new();
    for (piece, redactions) in pieces {
        let shift = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let kept: Vec<Kept> = serde_json::from_str(&redactions).unwrap_or_default();
        removed.extend(kept.into_iter().map(|kept| kept.at(row.message, shift)));
        text.push_str(&piece);
    }
    let filtered = row::refilter(filter, &text, removed);
    for redaction in filtered.redactions() {
        Removed::of(row.message.0, redaction).insert(transaction).await?;
    }
    sqlx::query("UPDATE message SET text = ?, state = ? WHERE id = ?")
        .bind(filtered.as_str())
        .bind(state.name())
        .bind(row.message.0)
        .execute(&mut **transaction)
        .await?;
    sqlx::query("DELETE FROM piece WHERE message = ?").bind(row.message.0).execute(&mut **transaction).await?;
    Ok(filtered.as_str() != text)
}

impl Kept {
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
