//! Messages as they are read: of a conversation or one alone, in the transaction of the caller, so that a sweep changes
//! nothing between a text and the places of what was removed from it.

use std::collections::HashMap;

use sqlx::{Sqlite, Transaction};

use super::row::{self, MessageRow, Removed};
use super::stored::said;
use super::{ConversationId, Message, MessageId};
use crate::base::error::Result;
use crate::base::segment::segments;
use crate::lists::filter::State;

/// Which messages.
#[derive(Clone, Copy)]
pub(super) enum Which {
    /// Those of a conversation that are shown.
    Shown(ConversationId),
    /// One, shown or not.
    One(MessageId),
}

impl Which {
    fn number(self) -> i64 {
        match self {
            Self::Shown(conversation) => conversation.0,
            Self::One(message) => message.0,
        }
    }

    /// As a condition on `m`, and on the messages whose thoughts and redactions belong to them.
    fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Shown(_) => ("m.conversation = ? AND m.shown", "m.conversation = ?1"),
            Self::One(_) => ("m.id = ?", "(m.id = ?1 OR m.thinking_of = ?1)"),
        }
    }
}

/// Reads messages, oldest first, filtered by what is in force.
///
/// # Errors
/// `Store`.
pub(super) async fn load(
    transaction: &mut Transaction<'_, Sqlite>,
    state: &State,
    which: Which,
) -> Result<Vec<Message>> {
    let (messages, parts) = which.sql();
    let sql = format!(
        "SELECT m.id, m.conversation, m.role, m.text, m.state, m.answers, m.created_at, m.note, m.model, m.stats, m.summary,
                (SELECT count(*) FROM message v WHERE v.answers = m.answers) AS variants,
                (SELECT count(*) FROM message v WHERE v.answers = m.answers AND v.id <= m.id) AS variant
         FROM message m WHERE {messages} ORDER BY m.id"
    );
    let rows: Vec<MessageRow> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(which.number()).fetch_all(&mut **transaction).await?;
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let typed = if state.echo { said(transaction, first.conversation).await? } else { Vec::new() };
    let filter = state.filter_for(typed.iter().map(String::as_str));
    let sql = format!(
        "SELECT r.message, r.place_start, r.place_end, r.kind, r.list, r.entry
         FROM redaction r JOIN message m ON m.id = r.message WHERE {parts} ORDER BY r.message, r.place_start"
    );
    let removed: Vec<Removed> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(which.number()).fetch_all(&mut **transaction).await?;
    let mut redactions: HashMap<i64, Vec<Removed>> = HashMap::new();
    for row in removed {
        redactions.entry(row.message).or_default().push(row);
    }
    let sql = format!("SELECT m.thinking_of, m.id, m.text FROM message m WHERE {parts} AND m.thinking_of IS NOT NULL");
    let thoughts: Vec<(i64, i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(which.number()).fetch_all(&mut **transaction).await?;
    let mut thoughts: HashMap<i64, (i64, String)> =
        thoughts.into_iter().map(|(answer, thought, text)| (answer, (thought, text))).collect();
    let messages = rows.into_iter().map(|row| {
        let thinking = thoughts.remove(&row.id).map(|(thought, text)| {
            let found = redactions.remove(&thought).unwrap_or_default();
            segments(&row::refilter(&filter, &text, found))
        });
        let found = redactions.remove(&row.id).unwrap_or_default();
        row.into_message(found, thinking.unwrap_or_default(), &filter)
    });
    Ok(messages.collect())
}
