//! What a user chose for one model.

use crate::base::error::Result;
use crate::base::store::Store;

/// Choices for one model, where they differ from what Lethe chooses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tuning {
    /// Context in tokens.
    pub context: Option<u32>,
    /// Layers on the graphics processor.
    pub layers: Option<u32>,
}

impl Tuning {
    /// These, and where they say nothing, those.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { context: self.context.or(other.context), layers: self.layers.or(other.layers) }
    }
}

/// What was chosen for a model.
pub(crate) async fn of(store: &Store, id: &str) -> Result<Tuning> {
    let row: Option<(Option<u32>, Option<u32>)> =
        sqlx::query_as("SELECT context, layers FROM model WHERE id = ?").bind(id).fetch_optional(store.pool()).await?;
    Ok(row.map(|(context, layers)| Tuning { context, layers }).unwrap_or_default())
}
