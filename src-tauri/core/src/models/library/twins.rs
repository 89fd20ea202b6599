//! Models that are the same file twice: files of one size are compared by their SHA-256.
//!
//! Most files have a size of their own, and are not read for this.

use super::{ModelFile, Models};
use crate::base::error::Result;

impl Models {
    /// Computes the digests of all files that have the size of another one; true when one was new.
    ///
    /// # Errors
    /// `Store`.
    pub async fn compare(&self) -> Result<bool> {
        let twins: Vec<(String, String)> = sqlx::query_as(
            "SELECT id, path FROM model WHERE bytes IN
             (SELECT bytes FROM model WHERE bytes > 0 GROUP BY bytes HAVING COUNT(*) > 1) ORDER BY id",
        )
        .fetch_all(self.store.pool())
        .await?;
        let mut is_new = false;
        for (id, path) in twins {
            let file = ModelFile::at(id, path);
            if self.known_sha256(&file).await?.is_none() {
                // One that can't be read now says so when it is used.
                is_new |= self.sha256(&file).await.is_ok();
            }
        }
        Ok(is_new)
    }

    /// Compares models at the start and whenever one has come, until the future is dropped. `told` hears when a digest
    /// is new.
    pub(crate) async fn keep_comparing(&self, told: impl Fn()) {
        loop {
            match self.compare().await {
                Ok(true) => told(),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "models are not compared"),
            }
            self.added.notified().await;
        }
    }
}
