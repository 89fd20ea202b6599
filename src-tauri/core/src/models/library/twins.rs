//! Models that are the same file twice: files of one size are compared by their SHA-256.
//!
//! Most files have a size of their own, and are not read for this.

use super::{ModelFile, Models};
use crate::base::error::Result;
use crate::lethe::Lethe;
use crate::view::AppEvent;

impl Models {
    /// Computes the digests of all files that have the size of another one; true when one was new.
    ///
    /// # Errors
    /// `Store`.
    pub async fn compare(&self) -> Result<bool> {
        let twins: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, path FROM model WHERE sha256 IS NULL AND bytes IN
             (SELECT bytes FROM model WHERE bytes > 0 GROUP BY bytes HAVING COUNT(*) > 1) ORDER BY id",
        )
        .fetch_all(self.store.pool())
        .await?;
        let mut is_new = false;
        for (id, path) in twins {
            // One that can't be read now says so when it is used.
            is_new |= self.sha256(&ModelFile::at(id, path)).await.is_ok();
        }
        Ok(is_new)
    }
}

impl Lethe {
    /// Compares models at the start and whenever one has come, until the future is dropped.
    pub(crate) async fn compare_models(&self, tell: impl Fn(AppEvent)) {
        loop {
            match self.models().compare().await {
                Ok(true) => tell(AppEvent::Models),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "models are not compared"),
            }
            self.models().added.notified().await;
        }
    }
}
