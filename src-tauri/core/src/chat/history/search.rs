//! Search in what was said.
//!
//! A message is found by what is shown of it: where a list came into force after it was stored, it is filtered as a
//! whole, and only what is left of it is searched and cut into a snippet. So a listed word finds nothing, also before
//! a sweep has taken it out of the index.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use ts_rs::TS;

use super::row::{self, Removed};
use super::stored::said;
use super::{ConversationId, History, MessageId};
use crate::base::error::Result;
use crate::base::title;
use crate::lists::filter::State;

/// Most hits that are given back.
const MOST_HITS: usize = 100;

/// Messages that are read in one go.
const BATCH: i64 = 100;

/// A part of a snippet.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
pub struct SnippetPart {
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}

/// A message that holds all words of a query.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub title: String,
    /// The words around the hit.
    pub snippet: Vec<SnippetPart>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
}

impl fmt::Debug for SnippetPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SnippetPart({} bytes)", self.text.len())
    }
}

impl fmt::Debug for SearchHit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SearchHit({:?}, {:?}, {:?})", self.conversation, self.message, self.snippet)
    }
}

/// Marks in snippets; private-use characters that FTS5 passes through.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// What FTS5 finds in stored text.
#[derive(sqlx::FromRow)]
struct Found {
    id: i64,
    conversation: i64,
    title: String,
    text: String,
    snippet: String,
    created_at: i64,
}

impl History {
    /// Messages that hold all words of the query, the last word perhaps unfinished; the best match first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn search(&self, query: &str) -> Result<Vec<SearchHit>> {
        let Some(query) = fts_query(query) else { return Ok(Vec::new()) };
        let (mut transaction, state) = self.lists.reading().await?;
        let mut hits = Vec::new();
        for offset in (0..).step_by(usize::try_from(BATCH).unwrap_or(1)) {
            let rows: Vec<Found> = sqlx::query_as(
                "SELECT m.id, m.conversation, c.title, m.text, snippet(message_words, 0, ?, ?, '…', 16) AS snippet, m.created_at
                 FROM message_words w
                 JOIN message m ON m.id = w.rowid
                 JOIN conversation c ON c.id = m.conversation
                 WHERE message_words MATCH ? AND m.shown AND c.deleted_at IS NULL
                 ORDER BY rank, m.id LIMIT ? OFFSET ?",
            )
            .bind(OPEN.to_string())
            .bind(CLOSE.to_string())
            .bind(&query)
            .bind(BATCH)
            .bind(i64::from(offset))
            .fetch_all(&mut *transaction)
            .await?;
            let is_last = rows.len() < usize::try_from(BATCH).unwrap_or(0);
            let snippets = shown(&mut transaction, &state, &query, &rows).await?;
            for row in rows {
                let Some(snippet) = snippets.get(&row.id) else { continue };
                hits.push(SearchHit {
                    conversation: ConversationId(row.conversation),
                    message: MessageId(row.id),
                    title: title::filtered(&state.filter, &row.title),
                    snippet: parts(snippet),
                    created_at: row.created_at,
                });
            }
            if is_last || hits.len() >= MOST_HITS {
                break;
            }
        }
        hits.truncate(MOST_HITS);
        // Nothing of what it made in memory stays.
        transaction.rollback().await?;
        Ok(hits)
    }
}

/// The snippets of those rows that the query finds as they are shown, by message.
async fn shown(
    transaction: &mut Transaction<'_, Sqlite>,
    state: &State,
    query: &str,
    rows: &[Found],
) -> Result<HashMap<i64, String>> {
    let mut snippets = HashMap::new();
    let mut changed = false;
    for row in rows {
        let typed = if state.echo { said(transaction, row.conversation).await? } else { Vec::new() };
        let filter = state.filter_for(typed.iter().map(String::as_str));
        let text = row::refilter(&filter, &row.text, removed(transaction, row.id).await?);
        if text.as_str() == row.text {
            snippets.insert(row.id, row.snippet.clone());
            continue;
        }
        if !changed {
            // In memory, for this transaction only.
            sqlx::query(
                "CREATE VIRTUAL TABLE temp.shown_words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')",
            )
            .execute(&mut **transaction)
            .await?;
            changed = true;
        }
        sqlx::query("INSERT INTO temp.shown_words (rowid, text) VALUES (?, ?)")
            .bind(row.id)
            .bind(text.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    if changed {
        let found: Vec<(i64, String)> = sqlx::query_as(
            "SELECT rowid, snippet(shown_words, 0, ?, ?, '…', 16) FROM temp.shown_words WHERE shown_words MATCH ?",
        )
        .bind(OPEN.to_string())
        .bind(CLOSE.to_string())
        .bind(query)
        .fetch_all(&mut **transaction)
        .await?;
        snippets.extend(found);
        sqlx::query("DROP TABLE temp.shown_words").execute(&mut **transaction).await?;
    }
    Ok(snippets)
}

async fn removed(transaction: &mut Transaction<'_, Sqlite>, message: i64) -> Result<Vec<Removed>> {
    Ok(sqlx::query_as(
        "SELECT message, place_start, place_end, kind, list, entry FROM redaction WHERE message = ? ORDER BY place_start",
    )
    .bind(message)
    .fetch_all(&mut **transaction)
    .await?)
}

fn parts(marked: &str) -> Vec<SnippetPart> {
    let runs = marked.split([OPEN, CLOSE]).enumerate().filter(|(_, run)| !run.is_empty());
    runs.map(|(number, run)| SnippetPart { text: run.to_owned(), hit: number % 2 == 1 }).collect()
}
/// Each word in quotes, so that no character of it is an operator; the last one is a beginning.
fn fts_query(query: &str) -> Option<String> {
    let words: Vec<String> =
        query.split_whitespace().map(|word| format!("\"{}\"", word.replace(['"', '\0'], ""))).collect();
    let letters = |word: &String| word.chars().any(char::is_alphanumeric);
    let words: Vec<String> = words.into_iter().filter(letters).collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_query_is_an_error_for_the_database() {
        for (query, wanted) in [
            ("apple fall", Some("\"apple\" \"fall\"*")),
            ("a OR b", Some("\"a\" \"OR\" \"b\"*")),
            ("NEAR(\"x\"", Some("\"NEAR(x\"*")),
            ("  \" * - ", None),
            ("", None),
        ] {
            assert_eq!(fts_query(query).as_deref(), wanted, "{query}");
        }
    }
}
