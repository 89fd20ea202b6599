//! An answer on its way into the database: begun, written piece by piece, finished in one transaction.
//!
//! What the model thinks before it answers is written beside the answer, to a row of its own that belongs to it. Both
//! take the same road, and both are finished in the same transaction.

use lethe_filters::FilteredText;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::pieces::OpenRow;
use super::row::{MessageState, Stats};
use super::stored::said;
use super::{ConversationId, ConversationSummary, History, Message, MessageId, UserText};
use crate::base::clock::now;
use crate::base::error::{Code, Error, Result};
use crate::base::title::{self, shorten};
use crate::chat::receipt::{Receipt, SweptFacts};

/// An answer that is being written. What was not finished when the program ends is `interrupted` at the next start.
pub struct OpenAnswer {
    history: History,
    conversation: ConversationId,
    answer: OpenRow,
    thinking: Option<OpenRow>,
    /// Whether pieces were replaced, so that the old ones may still be in the journal.
    rewritten: bool,
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

/// An answer as it is stored.
pub struct Ended {
    pub message: Message,
    /// Its conversation; none when that was deleted meanwhile.
    pub conversation: Option<ConversationSummary>,
    /// The text of the answer.
    pub text: FilteredText,
    /// What the model thought before it.
    pub thinking: FilteredText,
    /// How it came about, with what was removed at its end; none where the answer had none.
    pub receipt: Option<Receipt>,
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
        let (mut transaction, state) = self.lists.writing().await?;
        let conversation = match conversation {
            Some(id) => id,
            None => {
                let title = shorten(text.as_str());
                let title = title::filtered(&state.filter_for([title.as_str()]), &title);
                new_conversation(&mut transaction, &title).await?
            }
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
        OpenAnswer {
            history: self.clone(),
            conversation,
            answer: OpenRow::new(answer),
            thinking: None,
            rewritten: false,
        }
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
                Ok(_) => recovered += 1,
                Err(error) => tracing::error!(%error, message, "an interrupted answer can't be closed"),
            }
        }
        Ok(recovered)
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
        let mut connection = self.history.store.pieces().acquire().await?;
        self.answer.append(&mut connection, text).await
    }

    /// Writes the next piece of what the model thinks.
    ///
    /// # Errors
    /// `Store`; the pieces before are safe.
    pub async fn append_thinking(&mut self, text: &FilteredText) -> Result<()> {
        let mut connection = self.history.store.pieces().acquire().await?;
        let row = self.thinking_row(&mut connection).await?;
        row.append(&mut connection, text).await
    }

    /// The row of what the model thinks, which is made when it thinks something.
    async fn thinking_row(&mut self, connection: &mut SqliteConnection) -> Result<&mut OpenRow> {
        let row = match self.thinking.take() {
            Some(row) => row,
            None => {
                let row = sqlx::query(
                    "INSERT INTO message (conversation, role, text, state, shown, thinking_of, created_at)
                     VALUES (?, 'assistant', '', 'streaming', 0, ?, ?)",
                )
                .bind(self.conversation.0)
                .bind(self.answer.message.0)
                .bind(now())
                .execute(connection)
                .await?;
                OpenRow::new(row.last_insert_rowid())
            }
        };
        Ok(self.thinking.insert(row))
    }

    /// Puts other text in the place of all pieces so far, since lists have changed. Only when this has returned may it
    /// be shown.
    ///
    /// # Errors
    /// `Store`; the pieces are then as they were.
    pub async fn replace(&mut self, text: &FilteredText, thinking: &FilteredText) -> Result<()> {
        let mut transaction = self.history.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        self.answer.replace(&mut transaction, text).await?;
        if self.thinking.is_some() || !thinking.is_empty() {
            self.thinking_row(&mut transaction).await?.replace(&mut transaction, thinking).await?;
        }
        transaction.commit().await?;
        self.rewritten = true;
        // Where another program reads just now, the end of the answer is the next occasion.
        if let Err(error) = self.history.store.checkpoint().await {
            tracing::warn!(%error, "the journal of the history can't be emptied yet");
        }
        Ok(())
    }

    /// Joins the pieces into the message, in one transaction, by what is in force then.
    ///
    /// # Errors
    /// `Store`; then the answer is still open, and the next start closes it. `NotFound` when its conversation was
    /// deleted for good.
    pub async fn finish(&self, end: End) -> Result<Ended> {
        let (text, thinking, receipt) = self.close(end).await?;
        let message = self.history.message(self.answer.message).await?;
        let conversation = match self.history.summary(self.conversation).await {
            Ok(conversation) => Some(conversation),
            Err(error) if error.code == Code::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Ended { message, conversation, text, thinking, receipt })
    }

    /// Joins the pieces, also where nobody sees the message any more. Gives answer and thoughts back.
    async fn close(&self, end: End) -> Result<(FilteredText, FilteredText, Option<Receipt>)> {
        // A sweep leaves open answers out. Whoever changes lists waits for this transaction and sweeps afterwards, or
        // was first, and then this is done by the lists of then.
        let (mut transaction, state) = self.history.lists.writing().await?;
        let said = if state.echo { said(&mut transaction, self.conversation.0).await? } else { Vec::new() };
        let filter = state.filter_for(said.iter().map(String::as_str));
        let (text, mut changed) = self.answer.join(&mut transaction, end.state, &filter).await?;
        let mut thinking = FilteredText::default();
        if let Some(row) = &self.thinking {
            let joined = row.join(&mut transaction, end.state, &filter).await?;
            changed |= joined.1;
            thinking = joined.0;
        }
        let mut receipt = end.receipt;
        if let Some(receipt) = &mut receipt {
            receipt.filtered_by(&state, &text, &thinking);
        }
        sqlx::query("UPDATE message SET note = ?, stats = ?, receipt = ? WHERE id = ?")
            .bind(end.note)
            .bind(end.stats.and_then(|stats| serde_json::to_string(&stats).ok()))
            .bind(receipt.as_ref().and_then(|receipt| serde_json::to_string(receipt).ok()))
            .bind(self.answer.message.0)
            .execute(&mut *transaction)
            .await?;
        self.note_digest(&mut transaction, &state.digest).await?;
        transaction.commit().await?;
        if changed || self.rewritten {
            // The pieces had what was removed just now.
            if let Err(error) = self.history.store.checkpoint().await {
                tracing::warn!(%error, "the journal of the history can't be emptied: a sweep will do it");
                let mut transaction = self.history.store.pool().begin_with("BEGIN IMMEDIATE").await?;
                self.note_digest(&mut transaction, "").await?;
                transaction.commit().await?;
            }
        }
        Ok((text, thinking, receipt))
    }

    /// Writes down by what the answer was filtered last: a sweep is due where that is not what is in force.
    async fn note_digest(&self, transaction: &mut Transaction<'_, Sqlite>, digest: &str) -> Result<()> {
        sqlx::query("UPDATE message SET digest = ?1 WHERE id = ?2 OR thinking_of = ?2")
            .bind(digest)
            .bind(self.answer.message.0)
            .execute(&mut **transaction)
            .await?;
        Ok(())
    }
}
