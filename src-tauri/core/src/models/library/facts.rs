//! What is known of a model file beside the file: where it came from, what was chosen for it, how fast it is.

use std::path::PathBuf;

use lethe_models::wire::Timings;

use super::Models;
use super::digest::{self, Stamp};
use crate::base::blocking::blocking;
use crate::base::error::{Error, Result};
use crate::models::model::ModelView;
use crate::models::tuning::{self, Tuning};

/// Prompts and answers of so few tokens tell no speed.
const LEAST_TOKENS: u32 = 16;

/// Where a downloaded file came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub repository: String,
    pub revision: String,
    /// In hexadecimal digits.
    pub sha256: Option<String>,
}

impl Models {
    /// The repositories that models came from, each with the model's key.
    pub(crate) async fn repositories(&self) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query_as("SELECT repository, id FROM model WHERE repository IS NOT NULL ORDER BY id");
        Ok(rows.fetch_all(self.store.pool()).await?)
    }

    /// Models that came from a repository, each with the SHA-256 of its file where that is known.
    pub(crate) async fn installed(&self, repository: &str) -> Result<Vec<(String, String)>> {
        type Row = (String, String, String, Option<String>);
        let rows = "SELECT id, path, sha256, sha256_of FROM model WHERE repository = ? AND sha256 IS NOT NULL";
        let rows: Vec<Row> = sqlx::query_as(rows).bind(repository).fetch_all(self.store.pool()).await?;
        blocking(move || {
            let known = |(id, path, sha256, sha256_of): Row| {
                digest::valid(&path, Some(&sha256), sha256_of.as_deref()).is_some().then_some((id, sha256))
            };
            Ok::<_, Error>(rows.into_iter().filter_map(known).collect())
        })
        .await
    }

    /// The files of models that came from one revision of a repository, each after the model's key.
    pub(crate) async fn of_revision(&self, repository: &str, revision: &str) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query_as("SELECT id, path FROM model WHERE repository = ? AND revision = ? ORDER BY id");
        Ok(rows.bind(repository).bind(revision).fetch_all(self.store.pool()).await?)
    }

    pub(crate) async fn set_origin(&self, model: &ModelView, origin: &Origin) -> Result<()> {
        let path = PathBuf::from(&model.path);
        let stamp = blocking(move || Ok::<_, Error>(Stamp::of(&path).ok())).await?;
        let sha256 = origin.sha256.as_ref().zip(stamp);
        sqlx::query(
            "UPDATE model SET repository = ?, revision = ?, sha256 = COALESCE(?, sha256),
             sha256_of = COALESCE(?, sha256_of) WHERE id = ?",
        )
        .bind(&origin.repository)
        .bind(&origin.revision)
        .bind(sha256.as_ref().map(|(sha256, _)| sha256))
        .bind(sha256.as_ref().map(|(_, stamp)| &stamp.text))
        .bind(&model.id)
        .execute(self.store.pool())
        .await?;
        Ok(())
    }

    /// What was chosen for a model.
    pub(crate) async fn tuning(&self, id: &str) -> Result<Tuning> {
        tuning::of(&self.store, id).await
    }

    pub(crate) async fn set_tuning(&self, id: &str, tuning: Tuning) -> Result<()> {
        sqlx::query("UPDATE model SET context = ?, layers = ? WHERE id = ?")
            .bind(tuning.context)
            .bind(tuning.layers)
            .bind(id)
            .execute(self.store.pool())
            .await?;
        Ok(())
    }

    /// Keeps how fast a model is on this machine and build, the first time that an answer is long enough to tell.
    /// True when it was new.
    pub(crate) async fn note_speed(&self, id: &str, timings: Timings, machine: &str) -> Result<bool> {
        let read = timings.prompt_tokens.saturating_sub(timings.cached_tokens);
        if read < LEAST_TOKENS || timings.answer_tokens < LEAST_TOKENS {
            return Ok(false);
        }
        let done = sqlx::query(
            "UPDATE model SET prompt_rate = ?2, answer_rate = ?3, measured_on = ?1
             WHERE id = ?4 AND measured_on IS NOT ?1",
        )
        .bind(machine)
        .bind(f64::from(read) / timings.prompt_seconds.max(f64::MIN_POSITIVE))
        .bind(f64::from(timings.answer_tokens) / timings.answer_seconds.max(f64::MIN_POSITIVE))
        .bind(id)
        .execute(self.store.pool())
        .await?;
        Ok(done.rows_affected() > 0)
    }
}
