//! Conversations and messages.
//!
//! What a model said comes in as [`FilteredText`] and is filtered again, by the lists of now, on its way out. What a
//! user said is a [`UserText`] and kept as typed (`docs/adr/0001-user-words-are-kept-as-typed.md`). An answer is
//! written piece by piece before the screen shows it; a piece that was written survives any crash.

mod answer;
mod messages;
mod pieces;
mod receipts;
mod row;
mod search;
mod stored;

use crate::base::clock::now;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, Transaction};
use ts_rs::TS;

use lethe_models::prompt::Deliberation;

use crate::base::error::{Code, Error, Result};
use crate::base::store::Store;
use crate::base::title::{self, shorten};
use crate::lists::filter::State;
use crate::lists::library::Lists;

use messages::Which;

pub use answer::{End, Ended, OpenAnswer};
pub(crate) use pieces::{interrupt, sweep_open};
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
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
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
#[derive(Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
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

impl fmt::Debug for ConversationSummary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, title) = (self.id, self.title.len());
        write!(formatter, "ConversationSummary({id:?}, {title} bytes of title, {} messages)", self.messages)
    }
}

impl fmt::Debug for Conversation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, title) = (self.id, self.title.len());
        write!(formatter, "Conversation({id:?}, {title} bytes of title, {:?})", self.messages)
    }
}

/// The store of conversations.
#[derive(Clone)]
pub struct History {
    store: Arc<Store>,
    lists: Lists,
}

impl History {
    /// On an open database; text that goes in or comes out passes what is in force then.
    pub fn new(store: Arc<Store>, lists: Lists) -> Self {
        Self { store, lists }
    }

    /// All conversations, the newest first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn list(&self) -> Result<Vec<ConversationSummary>> {
        let (mut transaction, state) = self.lists.reading().await?;
        let rows: Vec<SummaryRow> = sqlx::query_as(
            "SELECT c.id, c.title, c.updated_at,
                    (SELECT count(*) FROM message m WHERE m.conversation = c.id AND m.shown)
             FROM conversation c WHERE c.deleted_at IS NULL ORDER BY c.updated_at DESC, c.id DESC",
        )
        .fetch_all(&mut *transaction)
        .await?;
        Ok(rows.into_iter().map(|row| summary_of(&state, row)).collect())
    }

    /// One conversation in short.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn summary(&self, id: ConversationId) -> Result<ConversationSummary> {
        let (mut transaction, state) = self.lists.reading().await?;
        let (summary, deleted) = summary(&mut transaction, &state, id).await?;
        if deleted { Err(Error::not_found("conversation")) } else { Ok(summary) }
    }

    /// One conversation with its messages.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn open(&self, id: ConversationId) -> Result<Conversation> {
        let (mut transaction, state) = self.lists.reading().await?;
        let row: Option<(String, bool, Option<i64>)> = sqlx::query_as(
            "SELECT title, deliberation, prompt_from FROM conversation WHERE id = ? AND deleted_at IS NULL",
        )
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let (title, deliberation, from) = row.ok_or_else(|| Error::not_found("conversation"))?;
        let messages = messages::load(&mut transaction, &state, Which::Shown(id)).await?;
        let title = title::filtered(&state.filter, &title);
        Ok(Conversation { id, title, messages, deliberation, prompt_from: from.map(MessageId) })
    }

    /// A message with its text and redactions, shown or not.
    ///
    /// # Errors
    /// `NotFound`, `Store`.
    pub async fn message(&self, id: MessageId) -> Result<Message> {
        let (mut transaction, state) = self.lists.reading().await?;
        let message = messages::load(&mut transaction, &state, Which::One(id)).await?.pop();
        message.ok_or_else(|| Error::not_found("message"))
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

    /// Gives a conversation a name.
    ///
    /// # Errors
    /// `BadInput` for an empty one, `NotFound`, `Store`.
    pub async fn rename(&self, id: ConversationId, title: &str) -> Result<ConversationSummary> {
        let title = shorten(title);
        if title.is_empty() {
            return Err(Error::bad_input("a conversation needs a name: type one"));
        }
        let (mut transaction, state) = self.lists.writing().await?;
        sqlx::query("UPDATE conversation SET title = ? WHERE id = ?")
            .bind(title::filtered(&state.filter_for([title.as_str()]), &title))
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
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
    /// `Busy` while the conversation is being answered, `NotFound`, `Store`.
    pub async fn show_variant(&self, message: MessageId, variant: u32) -> Result<Conversation> {
        let mut transaction = self.store.pool().begin_with("BEGIN IMMEDIATE").await?;
        let siblings: Vec<(i64, i64)> = sqlx::query_as(
            "SELECT v.id, v.conversation FROM message v JOIN message m ON v.answers = m.answers WHERE m.id = ? ORDER BY v.id",
        )
        .bind(message.0)
        .fetch_all(&mut *transaction)
        .await?;
        let wanted = (variant as usize).checked_sub(1).and_then(|at| siblings.get(at));
        let &(wanted, conversation) = wanted.ok_or_else(|| Error::not_found("answer"))?;
        let (open,): (u32,) =
            sqlx::query_as("SELECT count(*) FROM message WHERE conversation = ? AND state = 'streaming'")
                .bind(conversation)
                .fetch_one(&mut *transaction)
                .await?;
        if open > 0 {
            return Err(Error::new(
                Code::Busy,
                "this conversation is being answered: wait for the end or stop it first",
            ));
        }
        sqlx::query("UPDATE message SET shown = (id = ?1) WHERE answers = (SELECT answers FROM message WHERE id = ?1)")
            .bind(wanted)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
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

/// Id, title, last change, messages that are shown.
type SummaryRow = (i64, String, i64, u32);

fn summary_of(state: &State, (id, title, updated_at, messages): SummaryRow) -> ConversationSummary {
    let title = title::filtered(&state.filter, &title);
    ConversationSummary { id: ConversationId(id), title, updated_at, messages }
}

/// A conversation in short, and whether it is deleted.
async fn summary(
    transaction: &mut Transaction<'_, Sqlite>,
    state: &State,
    id: ConversationId,
) -> Result<(ConversationSummary, bool)> {
    let row: Option<(i64, String, i64, u32, bool)> = sqlx::query_as(
        "SELECT c.id, c.title, c.updated_at,
                (SELECT count(*) FROM message m WHERE m.conversation = c.id AND m.shown),
                c.deleted_at IS NOT NULL
         FROM conversation c WHERE c.id = ?",
    )
    .bind(id.0)
    .fetch_optional(&mut **transaction)
    .await?;
    let (id, title, updated_at, messages, deleted) = row.ok_or_else(|| Error::not_found("conversation"))?;
    Ok((summary_of(state, (id, title, updated_at, messages)), deleted))
}

#[cfg(test)]
pub(crate) mod tests;
