//! Search in what was said.

use serde::Serialize;
use ts_rs::TS;

use super::{ConversationId, History, MessageId};
use crate::base::error::Result;

/// Most hits that are given back.
const MOST_HITS: i64 = 100;

/// A part of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SnippetPart {
    /// Its text.
    pub text: String,
    /// Whether it is what was searched for.
    pub hit: bool,
}

/// A message that holds all words of a query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Where it is.
    pub conversation: ConversationId,
    /// Which it is.
    pub message: MessageId,
    /// The conversation's title.
    pub title: String,
    /// The words around the hit.
    pub snippet: Vec<SnippetPart>,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub created_at: i64,
}

/// Marks in snippets; private-use characters that FTS5 passes through.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

impl History {
    /// Messages that hold all words of the query, the last word perhaps unfinished; the best match first.
    ///
    /// # Errors
    /// `Store`.
    pub async fn search(&self, query: &str) -> Result<Vec<SearchHit>> {
        let Some(query) = fts_query(query) else { return Ok(Vec::new()) };
        let rows: Vec<(i64, i64, String, String, i64)> = sqlx::query_as(
            "SELECT m.conversation, m.id, c.title, snippet(message_words, 0, ?, ?, '…', 16), m.created_at
             FROM message_words w
             JOIN message m ON m.id = w.rowid
             JOIN conversation c ON c.id = m.conversation
             WHERE message_words MATCH ? AND m.shown AND c.deleted_at IS NULL
             ORDER BY rank LIMIT ?",
        )
        .bind(OPEN.to_string())
        .bind(CLOSE.to_string())
        .bind(query)
        .bind(MOST_HITS)
        .fetch_all(self.store.pool())
        .await?;
        let hit = |(conversation, message, title, snippet, created_at): (i64, i64, String, String, i64)| SearchHit {
            conversation: ConversationId(conversation),
            message: MessageId(message),
            title: self.title(&title),
            snippet: self.snippet(&snippet),
            created_at,
        };
        Ok(rows.into_iter().map(hit).collect())
    }

    /// The text of a snippet passes the filter of now. Where that removes something, the hits are not marked.
    fn snippet(&self, marked: &str) -> Vec<SnippetPart> {
        let plain: String = marked.chars().filter(|letter| ![OPEN, CLOSE].contains(letter)).collect();
        let filtered = self.filters.current().filter(&plain);
        if filtered.as_str() != plain {
            return vec![SnippetPart { text: filtered.as_str().to_owned(), hit: false }];
        }
        let mut parts = Vec::new();
        for (number, run) in marked.split([OPEN, CLOSE]).enumerate() {
            if !run.is_empty() {
                parts.push(SnippetPart { text: run.to_owned(), hit: number % 2 == 1 });
            }
        }
        parts
    }
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
