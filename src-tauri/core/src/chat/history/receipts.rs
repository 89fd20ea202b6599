//! Receipts that were written before all of them was known: the digest of a model takes as long as reading it.

use super::{History, MessageId};
use crate::base::error::Result;

/// A model on a server has no digest, ever.
const COMPLETE: &str = "UPDATE message SET receipt = json_set(receipt, '$.model.sha256', ?1)
     WHERE CASE WHEN json_valid(receipt)
     THEN json_extract(receipt, '$.remote') IS NULL AND json_extract(receipt, '$.model.sha256') IS NULL END";

impl History {
    /// Puts the digest of its model into a receipt that has none.
    pub(crate) async fn complete_receipt(&self, id: MessageId, sha256: &str) -> Result<()> {
        let update = format!("{COMPLETE} AND id = ?2");
        sqlx::query(sqlx::AssertSqlSafe(update)).bind(sha256).bind(id.0).execute(self.store.pool()).await?;
        Ok(())
    }

    /// The same for all receipts of a model's answers since a time, in milliseconds since 1970.
    pub(crate) async fn complete_receipts(&self, model: &str, since: i64, sha256: &str) -> Result<()> {
        let update = format!("{COMPLETE} AND model = ?2 AND created_at >= ?3");
        let update = sqlx::query(sqlx::AssertSqlSafe(update)).bind(sha256).bind(model).bind(since);
        update.execute(self.store.pool()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::key::KeyWish;
    use crate::base::paths::Paths;
    use crate::base::store::Store;
    use crate::chat::history::tests::without_lists;

    const NONE: &str = r#"{"model":{"name":"tiny","sha256":null},"remote":null,"seed":7}"#;

    async fn history(folder: &std::path::Path) -> History {
        let paths = Paths::new(folder, &folder.join("engine")).expect("a folder");
        let store = Store::open(&paths, KeyWish::None).await.expect("a fresh database");
        without_lists(&Arc::new(store))
    }

    /// Answers of a conversation, by model, time and receipt.
    async fn answers(history: &History, rows: &[(&str, i64, Option<&str>)]) {
        let pool = history.store.pool();
        let conversation = "INSERT INTO conversation (id, title, created_at, updated_at) VALUES (1, '', 0, 0)";
        sqlx::query(conversation).execute(pool).await.expect("it is kept");
        for (model, at, receipt) in rows {
            let answer = "INSERT INTO message (conversation, role, text, state, created_at, model, receipt)
                          VALUES (1, 'assistant', '', 'complete', ?, ?, ?)";
            sqlx::query(answer).bind(at).bind(model).bind(receipt).execute(pool).await.expect("it is kept");
        }
    }

    async fn digests(history: &History) -> Vec<Option<String>> {
        let digests = "SELECT CASE WHEN json_valid(receipt) THEN json_extract(receipt, '$.model.sha256') END
                       FROM message ORDER BY id";
        let rows: Vec<(Option<String>,)> =
            sqlx::query_as(digests).fetch_all(history.store.pool()).await.expect("they are readable");
        rows.into_iter().map(|(digest,)| digest).collect()
    }

    #[tokio::test]
    async fn only_receipts_of_the_file_that_was_read_get_its_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = history(folder.path()).await;
        let rows: [(&str, i64, Option<&str>, Option<&str>); 7] = [
            ("tiny", 10, Some(NONE), Some("new")),
            ("tiny", 9, Some(NONE), None),
            ("other", 11, Some(NONE), None),
            ("tiny", 11, Some(r#"{"model":{"name":"tiny","sha256":"old"}}"#), Some("old")),
            ("tiny", 11, Some(r#"{"model":{"sha256":null},"remote":{"host":"a.example"}}"#), None),
            ("tiny", 11, Some("no JSON"), None),
            ("tiny", 11, None, None),
        ];
        answers(&history, &rows.map(|(model, at, receipt, _)| (model, at, receipt))).await;
        history.complete_receipts("tiny", 10, "new").await.expect("they are completed");
        let expected: Vec<Option<String>> = rows.iter().map(|row| row.3.map(str::to_owned)).collect();
        assert_eq!(digests(&history).await, expected);
        let first = "SELECT receipt FROM message ORDER BY id LIMIT 1";
        let (first,): (String,) = sqlx::query_as(first).fetch_one(history.store.pool()).await.expect("it is there");
        assert_eq!(first, NONE.replacen("null", "\"new\"", 1), "nothing else of it changes");
    }

    #[tokio::test]
    async fn one_receipt_is_completed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = history(folder.path()).await;
        answers(&history, &[("tiny", 1, Some(NONE)), ("tiny", 1, Some(NONE))]).await;
        for sha256 in ["first", "second"] {
            history.complete_receipt(MessageId(2), sha256).await.expect("it is completed");
        }
        assert_eq!(digests(&history).await, [None, Some("first".to_owned())]);
    }
}
