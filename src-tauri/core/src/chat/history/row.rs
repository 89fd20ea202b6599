//! From rows to what is shown, and the segments of a text.

use crate::base::segment::Segment;
use crate::base::segment::{segments, source};
use std::fmt;
use std::sync::Arc;

use lethe_filters::{Filter, FilteredText, Kind, Redaction, RedactionSource};
use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, Transaction};
use ts_rs::TS;

use super::MessageId;
use crate::base::error::Result;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It is being written.
    Streaming,
    Complete,
    /// The user ended it.
    Stopped,
    /// The token limit or the context ended it.
    Length,
    /// A crash, a kill or an error ended it.
    Interrupted,
}

impl MessageState {
    /// As the database has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::Complete => "complete",
            Self::Stopped => "stopped",
            Self::Length => "length",
            Self::Interrupted => "interrupted",
        }
    }

    fn parse(name: &str) -> Self {
        let all = [Self::Streaming, Self::Complete, Self::Stopped, Self::Length];
        all.into_iter().find(|state| state.name() == name).unwrap_or(Self::Interrupted)
    }
}

/// What an answer took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    pub prompt_tokens: u32,
    /// Tokens of it that were not read again.
    pub cached_tokens: u32,
    /// Tokens of the answer.
    pub completion_tokens: u32,
    /// Milliseconds from sending to the first token.
    pub ttft_ms: f64,
    /// Answer tokens a second.
    pub tokens_per_s: f64,
    /// Tokens in the context after the answer.
    pub context_used: u32,
    /// Tokens that fit into the context.
    pub context_size: u32,
}

/// A message as it is shown.
#[derive(Clone, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub id: MessageId,
    pub role: Role,
    pub segments: Vec<Segment>,
    /// What the model thought before it said that.
    pub thinking: Vec<Segment>,
    /// Whether this is no answer but a summary, which stands in prompts for everything before it.
    pub summary: bool,
    pub state: MessageState,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
    /// Which of several answers this is, from 1.
    pub variant: u32,
    /// How many answers there are.
    pub variants: u32,
    /// The model that wrote it.
    pub model: Option<String>,
    pub stats: Option<Stats>,
    /// One sentence about what happened to it.
    pub note: Option<String>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Message")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("state", &self.state)
            .field("segments", &self.segments)
            .field("thinking", &self.thinking)
            .finish_non_exhaustive()
    }
}

impl Message {
    /// What the user said, if this is what a user said.
    pub(crate) fn said(&self) -> Option<&str> {
        match (self.role, self.segments.first()) {
            (Role::User, Some(Segment::Text { text })) => Some(text),
            _ => None,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    pub id: i64,
    pub conversation: i64,
    role: String,
    text: String,
    state: String,
    answers: Option<i64>,
    created_at: i64,
    note: Option<String>,
    model: Option<String>,
    stats: Option<String>,
    summary: bool,
    variants: u32,
    variant: u32,
}

#[derive(Clone, sqlx::FromRow)]
pub(super) struct Removed {
    pub message: i64,
    pub place_start: i64,
    pub place_end: i64,
    pub kind: String,
    pub list: Option<String>,
    pub entry: Option<String>,
}

impl MessageRow {
    /// The message; `thinking` is what belongs to it, filtered already.
    pub(super) fn into_message(self, removed: Vec<Removed>, thinking: Vec<Segment>, filter: &Filter) -> Message {
        let role = if self.role == "user" { Role::User } else { Role::Assistant };
        let segments = match role {
            Role::User => vec![Segment::Text { text: self.text }],
            Role::Assistant => segments(&refilter(filter, &self.text, removed)),
        };
        let answered = self.answers.is_some();
        Message {
            id: MessageId(self.id),
            role,
            segments,
            thinking,
            summary: self.summary,
            state: MessageState::parse(&self.state),
            created_at: self.created_at,
            variant: if answered { self.variant } else { 1 },
            variants: if answered { self.variants } else { 1 },
            model: self.model,
            stats: self.stats.and_then(|stats| serde_json::from_str(&stats).ok()),
            note: self.note,
        }
    }
}

/// Stored text on its way out: what was removed stays removed, the rest passes the filter of now.
pub(super) fn refilter(filter: &Filter, text: &str, removed: Vec<Removed>) -> FilteredText {
    // What was removed is not stored, so each redaction counts as an empty place of the input.
    let mut removed_before = 0;
    let redactions = removed.into_iter().map(|removed| {
        let mut redaction = removed.redaction();
        let at = redaction.place.start.saturating_sub(removed_before);
        redaction.input = at..at;
        removed_before += redaction.place.len();
        redaction
    });
    let redactions = redactions.collect();
    // Places that don't fit the text mean a damaged row: the text is then shown as plain text, filtered as a whole.
    filter.restore(text, redactions).unwrap_or_else(|_| filter.filter(text))
}

impl Removed {
    pub(super) fn of(message: i64, redaction: &Redaction) -> Self {
        let place = |place: usize| i64::try_from(place).unwrap_or(i64::MAX);
        let (list, entry) = source(&redaction.source);
        Self {
            message,
            place_start: place(redaction.place.start),
            place_end: place(redaction.place.end),
            kind: redaction.kind.to_string(),
            list,
            entry,
        }
    }

    pub(super) async fn insert(self, transaction: &mut Transaction<'_, Sqlite>) -> Result<()> {
        sqlx::query(
            "INSERT INTO redaction (message, place_start, place_end, kind, list, entry) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(self.message)
        .bind(self.place_start)
        .bind(self.place_end)
        .bind(self.kind)
        .bind(self.list)
        .bind(self.entry)
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    fn redaction(self) -> Redaction {
        let place = |place: i64| usize::try_from(place).unwrap_or(usize::MAX);
        let source = match (self.list, self.entry) {
            (Some(list), entry) => {
                RedactionSource::List { list: Arc::from(list), entry: Arc::from(entry.unwrap_or_default()) }
            }
            (None, _) => RedactionSource::Detector,
        };
        Redaction {
            kind: self.kind.parse().unwrap_or(Kind::Text),
            source,
            input: 0..0,
            place: place(self.place_start)..place(self.place_end),
        }
    }
}
