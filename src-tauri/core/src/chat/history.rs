//! Conversations and messages.
//!
//! What a model said comes in as [`FilteredText`] and is filtered again, by the lists of now, on its way out. What a
//! user said is a [`UserText`] and kept as typed (`docs/adr/0001-user-words-are-kept-as-typed.md`). An answer is
//! written piece by piece before the screen shows it; a piece that was written survives any crash.

mod answer;
mod receipts;
mod row;
mod search;
mod stored;

use crate::base::clock::now;
use crate::base::segment::segments;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use lethe_models::prompt::Deliberation;

use crate::base::error::{Error, Result};
use crate::base::store::Store;
use crate::base::title::shorten;
use crate::lists::filter::Filters;

pub(crate) use answer::interrupt;
pub use answer::{End, OpenAnswer};
pub use row::{Message, MessageState, Role, Stats};
pub use search::{SearchHit, SnippetPart};
pub(crate) use stored::{Stored, filters_for};

/// Seconds in which a deleted conversation can be brought back.
pub const UNDO_SECONDS: u32 = 10;

/// Names a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct ConversationId(#[ts(type = "number")] pub i64);

/// Names a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
pub struct MessageId(#[ts(type = "number")] pub i64);

/// What a user typed: never empty, and its `Debug` shows a length only.
#[derive(Clone, PartialEq, Eq)]
pub struct UserText(String);

impl UserText {
    /// Longest message in bytes; models end far below it.
    pub const LONGEST: usize = 4 << 20;

    /// Checks a message.
    ///
    /// # Errors
    /// `BadInput` when it is empty or too long.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_matches(['\n', '\r']).replace('\0', "");
        if text.trim().is_empty() {
            return Err(Error::bad_input("the message is empty: type something first"));
        }
        if text.len() > Self::LONGEST {
            return Err(Error::bad_input("the message is longer than 4 MiB: send it in parts"));
        }
        Ok(Self(text))
    }

    /// As typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UserText({} bytes)", self.0.len())
    }
}

/// A conversation in the list of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// Its name.
    pub id: ConversationId,
    /// The first words of it, or what the user called it.
    pub title: String,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub updated_at: i64,
    /// Number of messages that are shown.
    pub messages: u32,
}

/// A conversation with its messages.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// Its name.
    pub id: ConversationId,
    /// The first words of it, or what the user called it.
    pub title: String,
    /// The messages that are shown, oldest first.
    pub messages: Vec<Message>,
    /// Whether the model is asked to think before it answers.
    pub deliberation: bool,
    /// The first message that prompts still hold; none: all of them.
    pub prompt_from: Option<MessageId>,
}

/// The store of conversations.
#[derive(Clone)]
pub struct History {
    store: Arc<Store>,
    filters: Arc<Filters>,
}

impl History {
    /// On an open database; text that comes out passes `filters`.
    pub fn new(store: Arc<Store>, filters: Arc<Filters>) -> Self {
        Self { store, filters }
    }

    /// All conversations, the newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list(&self) -> Result<Vec<ConversationSummary>> {
        let rows: Vec<(i64, String, i64, u32)> = sqlx::query_as(
            "SELECT c.id, c.title, c.updated_at,
                    (SELECT count(*) FROM message m WHERE m.conversation = c.id AND m.shown)
             FROM conversation c WHERE c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC",
        )
        .fetch_all(self.store.pool())
        .await?;
        Ok(rows.into_iter().map(|row| self.summary_of(row)).collect())
    }

    /// One conversation in short.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn summary(&self, id: ConversationId) -> Result<ConversationSummary> {
        let row: Option<(i64, String, i64, u32)> = sqlx::query_as(
            "SELECT c.id, c.title, c.updated_at,
                    (SELECT count(*) FROM message m WHERE m.conversation = c.id AND m.shown)
             FROM conversation c WHERE c.id = ? AND c.deleted_at IS NULL",
        )
        .bind(id.0)
        .fetch_optional(self.store.pool())
        .await?;
        row.map(|row| self.summary_of(row)).ok_or_else(|| Error::not_found("conversation"))
    }

    fn summary_of(&self, (id, title, updated_at, messages): (i64, String, i64, u32)) -> ConversationSummary {
        ConversationSummary { id: ConversationId(id), title: self.title(&title), updated_at, messages }
    }

    /// Titles pass the filter too: they are shown where their owner may not expect a name.
    fn title(&self, stored: &str) -> String {
        self.filters.current().filter(stored).as_str().to_owned()
    }

    /// One conversation with its messages.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn open(&self, id: ConversationId) -> Result<Conversation> {
        let summary = self.summary(id).await?;
        let rows: Vec<row::Row> = sqlx::query_as(
            "SELECT m.id, m.role, m.text, m.state, m.answers, m.created_at, m.note, m.model, m.stats, m.summary,
                    (SELECT count(*) FROM message v WHERE v.answers = m.answers) AS variants,
                    (SELECT count(*) FROM message v WHERE v.answers = m.answers AND v.id <= m.id) AS variant
             FROM message m WHERE m.conversation = ? AND m.shown ORDER BY m.id",
        )
        .bind(id.0)
        .fetch_all(self.store.pool())
        .await?;
        let mut redactions = self.redactions(id).await?;
        let mut thoughts = self.thoughts(id).await?;
        let filter = self.filters.current_for(rows.iter().filter_map(row::Row::said));
        let messages = rows.into_iter().map(|row| {
            let thinking = match thoughts.remove(&row.id) {
                Some((thought, text)) => {
                    let found = redactions.remove(&thought).unwrap_or_default();
                    segments(&row::refilter(&filter, &text, found))
                }
                None => Vec::new(),
            };
            let found = redactions.remove(&row.id).unwrap_or_default();
            row.into_message(found, thinking, &filter)
        });
        let messages = messages.collect();
        let (deliberation, from): (bool, Option<i64>) =
            sqlx::query_as("SELECT deliberation, prompt_from FROM conversation WHERE id = ?")
                .bind(id.0)
                .fetch_one(self.store.pool())
                .await?;
        Ok(Conversation { id, title: summary.title, messages, deliberation, prompt_from: from.map(MessageId) })
    }

    /// What was thought before answers: by the answer, its own message and its text.
    async fn thoughts(&self, id: ConversationId) -> Result<HashMap<i64, (i64, String)>> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT thinking_of, id, text FROM message WHERE conversation = ? AND thinking_of IS NOT NULL",
        )
        .bind(id.0)
        .fetch_all(self.store.pool())
        .await?;
        Ok(rows.into_iter().map(|(answer, thought, text)| (answer, (thought, text))).collect())
    }

    /// Asks the model to think before it answers in this conversation, or not to.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn deliberate(&self, id: ConversationId, deliberation: Deliberation) -> Result<()> {
        let done = sqlx::query("UPDATE conversation SET deliberation = ? WHERE id = ? AND deleted_at IS NULL")
            .bind(deliberation == Deliberation::On)
            .bind(id.0)
            .execute(self.store.pool())
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::not_found("conversation"));
        }
        Ok(())
    }

    async fn redactions(&self, id: ConversationId) -> Result<HashMap<i64, Vec<row::Removed>>> {
        let rows: Vec<row::Removed> = sqlx::query_as(
            "SELECT r.message, r.place_start, r.place_end, r.kind, r.list, r.entry
             FROM redaction r JOIN message m ON m.id = r.message
             WHERE m.conversation = ? ORDER BY r.message, r.place_start",
        )
        .bind(id.0)
        .fetch_all(self.store.pool())
        .await?;
        let mut found: HashMap<i64, Vec<row::Removed>> = HashMap::new();
        for row in rows {
            found.entry(row.message).or_default().push(row);
        }
        Ok(found)
    }

    /// Gives a conversation a name.
    ///
    /// # Errors
    /// `BadInput` for an empty one, `NotFound`, `Store`.
    pub async fn rename(&self, id: ConversationId, title: &str) -> Result<ConversationSummary> {
        let title = shorten(title);
        if title.is_empty() {
            return Err(Error::bad_input("a conversation needs a name: type one"));
        }
        sqlx::query("UPDATE conversation SET title = ? WHERE id = ?")
            .bind(self.title(&title))
            .bind(id.0)
            .execute(self.store.pool())
            .await?;
        self.summary(id).await
    }

    /// Hides a conversation; [`History::purge`] deletes it for good after [`UNDO_SECONDS`].
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn delete(&self, id: ConversationId) -> Result<()> {
        let done = sqlx::query("UPDATE conversation SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL")
            .bind(now())
            .bind(id.0)
            .execute(self.store.pool())
            .await?;
        if done.rows_affected() == 0 {
            return Err(Error::not_found("conversation"));
        }
        Ok(())
    }

    /// Brings a deleted conversation back, as long as it is not purged.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn restore(&self, id: ConversationId) -> Result<ConversationSummary> {
        sqlx::query("UPDATE conversation SET deleted_at = NULL WHERE id = ?")
            .bind(id.0)
            .execute(self.store.pool())
            .await?;
        self.summary(id).await
    }

    /// Deletes for good what was deleted at least `seconds` ago: its bytes leave the database, its index and its journal.
    ///
    /// # Errors
    /// `Store`.
    pub async fn purge(&self, seconds: u32) -> Result<u64> {
        let until = now() - i64::from(seconds) * 1000;
        // In one transaction: a kill between the two would leave the words in the index.
        let mut transaction = self.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        let done = sqlx::query("DELETE FROM conversation WHERE deleted_at <= ?")
            .bind(until)
            .execute(&mut *transaction)
            .await?;
        if done.rows_affected() > 0 {
            Store::forget_words_in(&mut transaction).await?;
        }
        transaction.commit().await?;
        if done.rows_affected() > 0 {
            self.store.checkpoint().await?;
        }
        Ok(done.rows_affected())
    }

    /// Shows another of several answers to one message.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn show_variant(&self, message: MessageId, variant: u32) -> Result<Conversation> {
        let siblings: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT v.id, v.conversation FROM message v JOIN message m ON v.answers = m.answers WHERE m.id = ? ORDER BY v.id",
        )
        .bind(message.0)
        .fetch_all(self.store.pool())
        .await?;
        let wanted = (variant as usize).checked_sub(1).and_then(|at| siblings.get(at));
        let &(wanted, conversation) = wanted.ok_or_else(|| Error::not_found("answer"))?;
        sqlx::query("UPDATE message SET shown = (id = ?1) WHERE answers = (SELECT answers FROM message WHERE id = ?1)")
            .bind(wanted)
            .execute(self.store.pool())
            .await?;
        self.open(ConversationId(conversation)).await
    }

    pub(crate) async fn set_prompt_from(&self, id: ConversationId, from: MessageId) -> Result<()> {
        sqlx::query("UPDATE conversation SET prompt_from = ? WHERE id = ?")
            .bind(from.0)
            .bind(id.0)
            .execute(self.store.pool())
            .await?;
        Ok(())
    }
}
